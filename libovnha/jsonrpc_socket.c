/* SPDX-License-Identifier: Apache-2.0 */
#include "jsonrpc_socket.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ovnha/json_stream.h>
#include <ovnha/unix_connect.h>

#include "wait.h"

/* Every descriptor is non-blocking and all waiting is in wait.c.  A quirk of AF_UNIX
 * shapes the connecting: a listener whose backlog is full answers EAGAIN, not
 * EINPROGRESS, and poll(2) does not tell when there is room again, so it is tried anew
 * every few milliseconds.  A stopped or very busy server looks like that. */

#define BACKLOG_RETRY_MS 10
#define READ_SIZE        65536 /* a pipeful; bigger replies take several turns */

struct jsonrpc_socket {
    int fd;
    struct ovnha_json_stream *stream;
    char peer[128];
};

static struct jsonrpc_socket *new_socket(int family, const char *peer)
{
    struct jsonrpc_socket *sock = calloc(1, sizeof *sock);

    if (!sock) {
        return NULL;
    }
    snprintf(sock->peer, sizeof sock->peer, "%.*s", (int)sizeof sock->peer - 1, peer);
    sock->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sock->stream = sock->fd < 0 ? NULL : ovnha_json_stream_new();
    if (!sock->stream) {
        int errnum = errno;

        jsonrpc_close(sock);
        errno = errnum;
        return NULL;
    }
    return sock;
}

void jsonrpc_close(struct jsonrpc_socket *sock)
{
    if (!sock) {
        return;
    }
    if (sock->fd >= 0) {
        close(sock->fd);
    }
    ovnha_json_stream_free(sock->stream);
    free(sock);
}

const char *jsonrpc_peer_name(const struct jsonrpc_socket *sock)
{
    return sock->peer;
}

pid_t jsonrpc_peer_pid(const struct jsonrpc_socket *sock)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;

    return getsockopt(sock->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid
                                                                            : 0;
}

static enum ovnha_result connect_failure(const char *peer, int errnum,
                                         struct ovnha_err *err)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return ovnha_fail(err, OVNHA_ERR_UNAVAILABLE, "nobody listens on %s: %s", peer,
                          strerror(errnum));
    case ETIMEDOUT:
        return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "no answer from %s", peer);
    default:
        return ovnha_fail_errno(err, errnum, "cannot connect to %s", peer);
    }
}

/* errno's value, 0 for success, EAGAIN when the backlog stayed full. */
static int connect_local(int fd, const char *path, ovnha_msec deadline)
{
    while (ovnha_unix_connect(fd, path) < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            return errno;
        }
        if (errno == EAGAIN) {
            ovnha_msec now = ovnha_now();
            int left = ovnha_deadline_left(deadline, now);

            if (left == 0) {
                return EAGAIN;
            }
            (void)poll(NULL, 0, left < BACKLOG_RETRY_MS ? left : BACKLOG_RETRY_MS);
        }
    }
    return 0;
}

enum ovnha_result jsonrpc_connect_unix(const char *path, ovnha_msec deadline,
                                       struct jsonrpc_socket **sock,
                                       struct ovnha_err *err)
{
    struct jsonrpc_socket *new_one = new_socket(AF_UNIX, path);
    const int errnum = new_one ? connect_local(new_one->fd, path, deadline) : errno;

    *sock = NULL;
    if (new_one && errnum == 0) {
        *sock = new_one;
        return OVNHA_OK;
    }
    jsonrpc_close(new_one);
    return connect_failure(path, errnum == EAGAIN ? ETIMEDOUT : errnum, err);
}

/* errno's value, 0 for success. */
static int connect_remote(int fd, const struct addrinfo *to, ovnha_msec deadline)
{
    socklen_t size = sizeof(int);
    int errnum = 0;
    int ready;

    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS && errno != EINTR) {
        return errno;
    }
    ready = wait_for_fd(fd, POLLOUT, deadline);
    if (ready <= 0) {
        return ready < 0 ? errno : ETIMEDOUT;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &size) < 0 ? errno : errnum;
}

enum ovnha_result jsonrpc_connect_tcp(const char *addr, const char *port,
                                      ovnha_msec deadline, struct jsonrpc_socket **sock,
                                      struct ovnha_err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *to = NULL;
    struct jsonrpc_socket *new_one;
    char peer[128];
    int errnum;

    *sock = NULL;
    snprintf(peer, sizeof peer, "%s port %s", addr, port);
    if (getaddrinfo(addr, port, &hints, &to) != 0) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "%s is no address to connect to", peer);
    }
    new_one = new_socket(to->ai_family, peer);
    errnum = new_one ? connect_remote(new_one->fd, to, deadline) : errno;
    freeaddrinfo(to);
    if (new_one && errnum == 0) {
        *sock = new_one;
        return OVNHA_OK;
    }
    jsonrpc_close(new_one);
    return connect_failure(peer, errnum, err);
}

enum ovnha_result jsonrpc_append(char **text, json_t *value, struct ovnha_err *err)
{
    char *message = value ? json_dumps(value, JSON_COMPACT) : NULL;
    size_t have = *text ? strlen(*text) : 0;
    size_t more = message ? strlen(message) + 1 : 0;
    char *longer = message ? realloc(*text, have + more) : NULL;

    if (longer) {
        memcpy(longer + have, message, more);
        *text = longer;
    }
    free(message);
    json_decref(value);
    if (!longer) {
        /* jansson does not tell which of the two it was */
        return ovnha_fail(
            err, OVNHA_ERR_INVALID,
            "cannot write the request as JSON: an argument is not UTF-8, or "
            "out of memory");
    }
    return OVNHA_OK;
}

static enum ovnha_result lost(const struct jsonrpc_socket *sock, struct ovnha_err *err)
{
    return ovnha_fail(err, OVNHA_ERR_LOST, "%s closed the connection", sock->peer);
}

static enum ovnha_result not_ready(const struct jsonrpc_socket *sock, int ready,
                                   const char *doing, struct ovnha_err *err)
{
    if (ready < 0) {
        return ovnha_fail_errno(err, errno, "cannot wait for %s", sock->peer);
    }
    return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "%s %s in time", sock->peer, doing);
}

/* What errno says of a send or receive that failed. */
static enum ovnha_result io_failure(const struct jsonrpc_socket *sock, const char *doing,
                                    struct ovnha_err *err)
{
    if (errno == EPIPE || errno == ECONNRESET) {
        return lost(sock, err);
    }
    return ovnha_fail_errno(err, errno, "cannot %s %s", doing, sock->peer);
}

static enum ovnha_result send_all(struct jsonrpc_socket *sock, const char *text,
                                  ovnha_msec deadline, struct ovnha_err *err)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t sent = send(sock->fd, text, left, MSG_NOSIGNAL);

        if (sent >= 0) {
            text += sent;
            left -= (size_t)sent;
        } else if (errno == EAGAIN) {
            int ready = wait_for_fd(sock->fd, POLLOUT, deadline);

            if (ready <= 0) {
                return not_ready(sock, ready, "did not take the request", err);
            }
        } else if (errno != EINTR) {
            return io_failure(sock, "send to", err);
        }
    }
    return OVNHA_OK;
}

enum ovnha_result jsonrpc_send(struct jsonrpc_socket *sock, const char *text,
                               ovnha_msec deadline, struct ovnha_err *err)
{
    enum ovnha_result result = send_all(sock, text, deadline, err);

    if (result) {
        (void)shutdown(sock->fd, SHUT_RDWR);
    }
    return result;
}

/* Move what is there from the socket into the stream. */
static enum ovnha_result read_some(struct jsonrpc_socket *sock, struct ovnha_err *err)
{
    char bytes[READ_SIZE];
    ssize_t got = recv(sock->fd, bytes, sizeof bytes, 0);

    if (got == 0) {
        return lost(sock, err);
    }
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR ? OVNHA_OK
                                                 : io_failure(sock, "read from", err);
    }
    return ovnha_json_stream_feed(sock->stream, bytes, (size_t)got, err);
}

enum ovnha_result jsonrpc_receive(struct jsonrpc_socket *sock, json_t **value,
                                  ovnha_msec deadline, struct ovnha_err *err)
{
    for (;;) {
        enum ovnha_result result = ovnha_json_stream_get(sock->stream, value, err);
        int ready;

        if (result) {
            ovnha_err_wrap(err, "%s", sock->peer);
            return result;
        }
        if (*value) {
            return OVNHA_OK;
        }
        ready = wait_for_fd(sock->fd, POLLIN, deadline);
        if (ready <= 0) {
            return not_ready(sock, ready, "did not answer", err);
        }
        result = read_some(sock, err);
        if (result) {
            return result;
        }
    }
}
