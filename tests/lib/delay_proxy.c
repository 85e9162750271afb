/* SPDX-License-Identifier: Apache-2.0 */

/* delay_proxy - a network that takes its time, for kernels without netem.
 *
 *   delay_proxy [-d MIN-MAX] ROUTE...
 *
 * A ROUTE is LISTEN=TARGET, both IPv4 ADDRESS:PORT: who connects to the one talks to
 * the other.  Each piece that the target sends is held back for a random MIN to MAX
 * milliseconds (default 0-0), in order; so is the end.  What is said to the target is
 * not held back.  It ends with a signal, and everything in it is lost, as in a cable
 * that is cut; stopped (SIGSTOP), it keeps connections and moves nothing. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ovnha/deadline.h>

#define ROUTES_MAX 32
#define LINKS_MAX  64
#define PIECE_MAX  65536

/* More is not taken in before something went out: the sender's window does the rest. */
#define HELD_MAX (8 * 1024 * 1024)

struct piece {
    struct piece *next;
    ovnha_msec due;
    size_t size, sent; /* size 0: the end */
    char data[];
};

/* One direction of a connection. */
struct flow {
    int from, to;
    bool delayed, ended;
    size_t held;
    struct piece *first, *last;
};

struct link {
    bool used;
    struct flow flow[2]; /* to the target, and back */
};

struct route {
    int listener;
    struct sockaddr_in target;
};

static struct route route[ROUTES_MAX];
static size_t n_routes;
static struct link links[LINKS_MAX];
static long min_ms, max_ms;

static bool parse_address(const char *text, struct sockaddr_in *address)
{
    char host[64];
    unsigned port;

    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    if (sscanf(text, "%63[0-9.]:%u", host, &port) != 2 || port > 65535) {
        return false;
    }
    address->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &address->sin_addr) == 1;
}

static int listen_on(const struct sockaddr_in *address)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
        listen(fd, 64) != 0) {
        return -1;
    }
    return fd;
}

static bool add_route(char *text)
{
    char *target = strchr(text, '=');
    struct sockaddr_in listener;

    if (!target || n_routes == ROUTES_MAX) {
        return false;
    }
    *target++ = '\0';
    if (!parse_address(text, &listener) ||
        !parse_address(target, &route[n_routes].target)) {
        return false;
    }
    route[n_routes].listener = listen_on(&listener);
    if (route[n_routes].listener < 0) {
        perror(text);
        return false;
    }
    n_routes++;
    return true;
}

static void drop(struct link *link)
{
    for (int i = 0; i < 2; i++) {
        struct flow *flow = &link->flow[i];

        while (flow->first) {
            struct piece *next = flow->first->next;

            free(flow->first);
            flow->first = next;
        }
    }
    close(link->flow[0].from);
    close(link->flow[0].to);
    link->used = false;
}

static struct link *free_link(void)
{
    for (size_t i = 0; i < LINKS_MAX; i++) {
        if (!links[i].used) {
            return &links[i];
        }
    }
    return NULL;
}

/* Until the target has answered, nothing can be written to it, and poll says so. */
static int connect_to(const struct sockaddr_in *target)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)target, sizeof *target) != 0 &&
        errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

static void accept_from(const struct route *from)
{
    const int client = accept(from->listener, NULL, NULL);
    struct link *link = free_link();
    const int target = client >= 0 && link ? connect_to(&from->target) : -1;

    if (target < 0) {
        if (client >= 0) {
            close(client);
        }
        return;
    }
    fcntl(client, F_SETFL, O_NONBLOCK);
    *link = (struct link){.used = true,
                          .flow = {{.from = client, .to = target},
                                   {.from = target, .to = client, .delayed = true}}};
}

static void hold(struct flow *flow, const char *data, size_t size)
{
    struct piece *piece = malloc(sizeof *piece + size);
    ovnha_msec due = ovnha_now();

    if (!piece) {
        abort();
    }
    if (flow->delayed) {
        due += min_ms + random() % (max_ms - min_ms + 1);
    }
    *piece = (struct piece){.due = due, .size = size};
    memcpy(piece->data, data, size);
    flow->held += size;
    *(flow->first ? &flow->last->next : &flow->first) = piece;
    flow->last = piece;
}

/* False: the connection is broken. */
static bool take_in(struct flow *flow)
{
    static char data[PIECE_MAX];
    const ssize_t n = read(flow->from, data, sizeof data);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    flow->ended = n == 0;
    hold(flow, data, (size_t)n);
    return true;
}

static bool is_due(const struct flow *flow, ovnha_msec now)
{
    return flow->first && ovnha_deadline_passed(flow->first->due, now);
}

static void forget_first(struct flow *flow)
{
    struct piece *piece = flow->first;

    flow->held -= piece->size;
    flow->first = piece->next;
    free(piece);
}

static bool let_out(struct flow *flow)
{
    struct piece *piece = flow->first;

    if (piece->size == 0) {
        forget_first(flow);
        return shutdown(flow->to, SHUT_WR) == 0;
    }
    const ssize_t n =
        write(flow->to, piece->data + piece->sent, piece->size - piece->sent);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    piece->sent += (size_t)n;
    if (piece->sent == piece->size) {
        forget_first(flow);
    }
    return true;
}

static bool is_over(const struct link *link)
{
    return link->flow[0].ended && link->flow[1].ended && !link->flow[0].first &&
           !link->flow[1].first;
}

/* The next two agree on the order of descriptors: listeners, then of every link in use
 * the client's and the target's. */
static size_t list(struct pollfd *fds, ovnha_msec now, int *timeout)
{
    size_t n = 0;

    *timeout = -1;
    for (size_t i = 0; i < n_routes; i++) {
        fds[n++] = (struct pollfd){.fd = route[i].listener, .events = POLLIN};
    }
    for (size_t i = 0; i < LINKS_MAX; i++) {
        for (int d = 0; d < 2 && links[i].used; d++) {
            const struct flow *in = &links[i].flow[d], *out = &links[i].flow[!d];
            const bool reads = !in->ended && in->held < HELD_MAX;
            const bool is_done = in->ended && !out->first;

            fds[n++] =
                (struct pollfd){.fd = is_done ? -1 : in->from,
                                .events = (short)((reads ? POLLIN : 0) |
                                                  (is_due(out, now) ? POLLOUT : 0))};
            if (in->first && in->first->due > now &&
                (*timeout < 0 || in->first->due - now < *timeout)) {
                *timeout = (int)(in->first->due - now);
            }
        }
    }
    return n;
}

static void serve(struct link *link, const struct pollfd fds[2])
{
    const ovnha_msec now = ovnha_now();
    bool ok = true;

    for (int d = 0; d < 2 && ok; d++) {
        struct flow *in = &link->flow[d], *out = &link->flow[!d];
        const short events = fds[d].revents;

        if (events & (POLLERR | POLLNVAL)) {
            ok = false;
        } else if (events & (POLLIN | POLLHUP) && !in->ended) {
            ok = take_in(in);
        } else if (events & POLLHUP && !is_due(out, now)) {
            ok = false;
        }
        ok = ok && (!(events & POLLOUT) || !is_due(out, now) || let_out(out));
    }
    if (!ok || is_over(link)) {
        drop(link);
    }
}

static void run(void)
{
    struct pollfd fds[ROUTES_MAX + 2 * LINKS_MAX];

    for (;;) {
        bool was_used[LINKS_MAX];
        int timeout;
        const size_t n = list(fds, ovnha_now(), &timeout);
        const struct pollfd *of_link = fds + n_routes;

        if (poll(fds, n, timeout) < 0) {
            continue;
        }
        for (size_t i = 0; i < LINKS_MAX; i++) {
            was_used[i] = links[i].used;
        }
        for (size_t i = 0; i < LINKS_MAX; i++) {
            if (was_used[i]) {
                serve(&links[i], of_link);
                of_link += 2;
            }
        }
        for (size_t i = 0; i < n_routes; i++) {
            if (fds[i].revents & POLLIN) {
                accept_from(&route[i]);
            }
        }
    }
}

static int usage(void)
{
    fputs("usage: delay_proxy [-d MIN-MAX] ADDRESS:PORT=ADDRESS:PORT...\n", stderr);
    return 2;
}

int main(int argc, char *argv[])
{
    int option;

    while ((option = getopt(argc, argv, "d:")) != -1) {
        if (option != 'd' || sscanf(optarg, "%ld-%ld", &min_ms, &max_ms) != 2 ||
            min_ms < 0 || max_ms < min_ms || max_ms > 60000) {
            return usage();
        }
    }
    if (optind == argc) {
        return usage();
    }
    for (int i = optind; i < argc; i++) {
        if (!add_route(argv[i])) {
            return usage();
        }
    }
    srandom((unsigned)getpid());
    signal(SIGPIPE, SIG_IGN);
    run();
}
