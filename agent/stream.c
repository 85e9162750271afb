/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TCP_IS_ESTABLISHED 1 /* TCP_ESTABLISHED of the kernel's net/tcp_states.h */

/* The kernel answers at once; this only bounds what must not happen. */
#define ANSWER_MS 500

/* Several messages of a dump come in one datagram. */
#define ANSWER_SIZE 32768

#define FAMILIES 2
static const unsigned char families[FAMILIES] = {AF_INET, AF_INET6};

struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
};

static void ask_for(struct question *question, unsigned char family, unsigned flags)
{
    memset(question, 0, sizeof *question);
    question->header.nlmsg_len = sizeof *question;
    question->header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question->header.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
    question->request.sdiag_family = family;
    question->request.sdiag_protocol = IPPROTO_TCP;
    question->request.idiag_states = 1u << TCP_IS_ESTABLISHED;
    question->request.idiag_ext =
        1u << (INET_DIAG_INFO - 1) | 1u << (INET_DIAG_SKMEMINFO - 1);
    question->request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    question->request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

static enum ovnha_result open_diag(int *fd, struct ovnha_err *err)
{
    const struct timeval limit = {.tv_usec = ANSWER_MS * 1000L};

    *fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (*fd < 0) {
        return ovnha_fail_errno(err, errno, "cannot ask the kernel about connections");
    }
    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return OVNHA_OK;
}

/* Called for each connection; true to go on. */
typedef bool take_answer(const struct inet_diag_msg *message, size_t size, void *aux);

/* One datagram.  *more says whether another one is to come. */
static int take_datagram(struct nlmsghdr *header, int size, take_answer *take, void *aux,
                         bool *more)
{
    for (; NLMSG_OK(header, (unsigned)size); header = NLMSG_NEXT(header, size)) {
        if (header->nlmsg_type == NLMSG_ERROR) {
            *more = false;
            return -((const struct nlmsgerr *)NLMSG_DATA(header))->error;
        }
        *more = (header->nlmsg_flags & NLM_F_MULTI) && header->nlmsg_type != NLMSG_DONE;
        if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
            !take(NLMSG_DATA(header), NLMSG_PAYLOAD(header, 0), aux)) {
            *more = false;
            return 0;
        }
    }
    return 0;
}

/* errno, 0 when all was answered. */
static int put_question(int fd, const struct question *question, take_answer *take,
                        void *aux)
{
    bool more = true;
    int errnum = 0;
    char *answer = malloc(ANSWER_SIZE);

    if (!answer || send(fd, question, sizeof *question, 0) < 0) {
        errnum = answer ? errno : ENOMEM;
        more = false;
    }
    while (more && !errnum) {
        const ssize_t size = recv(fd, answer, ANSWER_SIZE, 0);

        if (size < 0) {
            errnum = errno;
        } else {
            errnum = take_datagram((void *)answer, (int)size, take, aux, &more);
        }
    }
    free(answer);
    return errnum;
}

/*
 * Which connection it is.
 */

struct search {
    pid_t pid;
    char *stream;
};

static bool holds_socket(pid_t pid, uint32_t inode)
{
    char path[64], wanted[64], found[64];
    bool holds = false;

    snprintf(wanted, sizeof wanted, "socket:[%u]", inode);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && !holds;
         entry = readdir(dir)) {
        const ssize_t size =
            readlinkat(dirfd(dir), entry->d_name, found, sizeof found - 1);

        found[size > 0 ? size : 0] = '\0';
        holds = strcmp(found, wanted) == 0;
    }
    if (dir) {
        closedir(dir);
    }
    return holds;
}

static bool take_own(const struct inet_diag_msg *message, size_t size, void *aux)
{
    const struct search *search = aux;
    char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];

    if (size < sizeof *message || !holds_socket(search->pid, message->idiag_inode) ||
        !inet_ntop(message->idiag_family, message->id.idiag_src, local, sizeof local) ||
        !inet_ntop(message->idiag_family, message->id.idiag_dst, remote, sizeof remote)) {
        return true;
    }
    snprintf(search->stream, OVNHA_STREAM_SIZE, "%s %u %s %u", local,
             ntohs(message->id.idiag_sport), remote, ntohs(message->id.idiag_dport));
    return false;
}

enum ovnha_result ovnha_stream_find(pid_t pid, uint16_t remote_port,
                                    char stream[OVNHA_STREAM_SIZE], struct ovnha_err *err)
{
    struct search search = {pid, stream};
    int fd, errnum = 0;
    enum ovnha_result result = open_diag(&fd, err);

    stream[0] = '\0';
    if (result != OVNHA_OK) {
        return result;
    }
    for (size_t i = 0; i < FAMILIES && !errnum && !stream[0]; i++) {
        struct question question;

        ask_for(&question, families[i], NLM_F_DUMP);
        question.request.id.idiag_dport = htons(remote_port);
        errnum = put_question(fd, &question, take_own, &search);
    }
    close(fd);
    return errnum ? ovnha_fail_errno(err, errnum, "cannot list connections to port %u",
                                     remote_port)
                  : OVNHA_OK;
}

/*
 * How far it is.
 */

struct attributes {
    const struct tcp_info *tcp;
    const uint32_t *memory; /* SK_MEMINFO_* of linux/sock_diag.h */
};

static struct attributes read_attributes(const struct inet_diag_msg *message, size_t size)
{
    struct attributes found = {NULL, NULL};
    int left = (int)(size - NLMSG_ALIGN(sizeof *message));
    const char *at = (const char *)message + NLMSG_ALIGN(sizeof *message);

    for (const struct rtattr *one = (const void *)at; RTA_OK(one, left);
         one = RTA_NEXT(one, left)) {
        const size_t payload = RTA_PAYLOAD(one);

        if (one->rta_type == INET_DIAG_INFO &&
            payload >= offsetof(struct tcp_info, tcpi_segs_out)) {
            found.tcp = RTA_DATA(one);
        } else if (one->rta_type == INET_DIAG_SKMEMINFO &&
                   payload > SK_MEMINFO_WMEM_QUEUED * sizeof(uint32_t)) {
            found.memory = RTA_DATA(one);
        }
    }
    return found;
}

/* A program that could not write is told to go on at two thirds of the buffer
 * (sk_stream_is_writeable() in the kernel's net/sock.h): below half of it, nothing waits
 * in the program. */
static bool take_position(const struct inet_diag_msg *message, size_t size, void *aux)
{
    struct ovnha_stream_position *position = aux;

    if (size < sizeof *message || message->idiag_state != TCP_IS_ESTABLISHED) {
        return true;
    }
    const struct attributes found = read_attributes(message, size);

    if (found.tcp && found.memory) {
        position->found = true;
        position->sent = found.tcp->tcpi_bytes_acked + message->idiag_wqueue;
        position->read = found.tcp->tcpi_bytes_received - message->idiag_rqueue;
        position->backlogged =
            found.memory[SK_MEMINFO_WMEM_QUEUED] >= found.memory[SK_MEMINFO_SNDBUF] / 2;
    }
    return true;
}

struct end {
    char addr[64];
    unsigned port;
};

static bool read_stream(const char *stream, bool other_end, struct question *question)
{
    struct end local, remote;
    struct inet_diag_sockid *id = &question->request.id;

    if (sscanf(stream, "%63s %u %63s %u", local.addr, &local.port, remote.addr,
               &remote.port) != 4 ||
        local.port > UINT16_MAX || remote.port > UINT16_MAX) {
        return false;
    }
    const struct end *src = other_end ? &remote : &local;
    const struct end *dst = other_end ? &local : &remote;
    const unsigned char family = strchr(src->addr, ':') ? AF_INET6 : AF_INET;

    ask_for(question, family, 0);
    id->idiag_sport = htons((uint16_t)src->port);
    id->idiag_dport = htons((uint16_t)dst->port);
    return inet_pton(family, src->addr, id->idiag_src) == 1 &&
           inet_pton(family, dst->addr, id->idiag_dst) == 1;
}

/* One connection is asked for several times a second, and has one answer: nothing is left
 * in the socket, unless that failed. */
static int kept = -1;

enum ovnha_result ovnha_stream_look(const char *stream, bool other_end,
                                    struct ovnha_stream_position *position,
                                    struct ovnha_err *err)
{
    struct question question;
    enum ovnha_result result;

    memset(position, 0, sizeof *position);
    if (!read_stream(stream, other_end, &question)) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "\"%s\" names no connection", stream);
    }
    result = kept >= 0 ? OVNHA_OK : open_diag(&kept, err);
    if (result != OVNHA_OK) {
        return result;
    }
    const int errnum = put_question(kept, &question, take_position, position);

    if (errnum != 0 && errnum != ENOENT) {
        close(kept);
        kept = -1;
    }
    /* Nobody has such a connection. */
    return errnum == 0 || errnum == ENOENT
               ? OVNHA_OK
               : ovnha_fail_errno(err, errnum, "cannot look at connection %s", stream);
}
