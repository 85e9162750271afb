/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

/* The page is made by a child, so that neither a slow look nor a slow client holds up
 * anybody else: all who ask while it is made get it when it is there.
 *
 * A connection is first read from, then it waits for the page, then it is written to, and
 * then it is over.  Each has its own time for reading and writing; for the page there is
 * one for all.  When all places are taken, the one that has been silent for the longest
 * time goes. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qb/qbloop.h>
#include <qb/qbutil.h>

#include <ovnha/deadline.h>
#include <ovnha/text.h>

#include "agent/child.h"

#define REQUEST_SIZE    4096
#define CONNECTIONS_MAX 8
#define PATIENCE_MS     5000 /* with one that says nothing, or takes nothing */
#define FRESH_MS        1000
#define MAKING_MS       45000 /* more than all that is waited for in a look */
#define PAGE_LIMIT      ((size_t)16 * 1024 * 1024)

struct connection;

struct server {
    qb_loop_t *loop;
    int fd;
    size_t n_connections;
    struct connection *connections; /* the newest first */
    const char *path, *type;
    char *(*make)(void *aux);
    void *aux;
    char *page;
    ovnha_msec made_at;
    struct ovnha_child maker;
    qb_loop_timer_handle timer; /* of the maker */
    char *draft;                /* what it has said of the page */
    size_t n_draft;
};

enum stage { READING, WAITING, WRITING };

struct connection {
    struct server *server;
    struct connection *next;
    int fd;
    enum stage stage;
    qb_loop_timer_handle timer;
    size_t n_in, n_out, sent;
    char in[REQUEST_SIZE];
    char *out;
};

/*
 * What is said.
 */

static bool ends_path(char c)
{
    return c == ' ' || c == '?';
}

enum ovnha_http_asks ovnha_http_asks(const char *request, const char *path)
{
    const char *line = strstr(request, "\r\n"), *target = strchr(request, ' ');
    const size_t length = strlen(path);

    if (!strstr(request, "\r\n\r\n")) {
        return OVNHA_HTTP_MORE;
    }
    if (!target || target > line || target[1] != '/') {
        return OVNHA_HTTP_NONSENSE;
    }
    const char *version = strchr(target + 1, ' ');

    if (!version || version > line || strncmp(version, " HTTP/1.", 8) != 0) {
        return OVNHA_HTTP_NONSENSE;
    }
    if (strncmp(request, "GET ", 4) != 0) {
        return OVNHA_HTTP_NOT_ALLOWED;
    }
    return strncmp(target + 1, path, length) == 0 && ends_path(target[1 + length])
               ? OVNHA_HTTP_PAGE
               : OVNHA_HTTP_NOT_FOUND;
}

static bool is_of_this_host(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == 127;
    }
    return inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool is_address(const char *address)
{
    struct in6_addr any;

    return inet_pton(AF_INET, address, &any) == 1 ||
           inet_pton(AF_INET6, address, &any) == 1;
}

/* "[::1]" without its brackets. */
static bool split(const char *text, char address[OVNHA_ADDR_SIZE], const char **port)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;

    *port = colon ? colon + 1 : text;
    if (!colon) {
        return ovnha_text_copy(address, OVNHA_ADDR_SIZE, "127.0.0.1");
    }
    if (length > 2 && text[0] == '[' && colon[-1] == ']') {
        text++;
        length -= 2;
    }
    return snprintf(address, OVNHA_ADDR_SIZE, "%.*s", (int)length, text) <
           OVNHA_ADDR_SIZE;
}

enum ovnha_result ovnha_http_address(const char *text, bool wanted,
                                     char address[OVNHA_ADDR_SIZE], uint16_t *port,
                                     struct ovnha_err *err)
{
    const char *digits;
    char *rest;
    const bool ok = split(text, address, &digits) && is_address(address);
    const long number = strtol(digits, &rest, 10);

    if (!ok || !*digits || *rest || number < 0 || number > UINT16_MAX) {
        return ovnha_fail(err, OVNHA_ERR_INVALID,
                          "cannot listen on '%s': say [ADDRESS:]PORT, as 9176 or "
                          "[::1]:9176",
                          text);
    }
    *port = (uint16_t)number;
    if (!wanted && !is_of_this_host(address)) {
        return ovnha_fail(err, OVNHA_ERR_INVALID,
                          "others reach %s, and anybody of them could read this: if that "
                          "is wanted, say --public",
                          address);
    }
    return OVNHA_OK;
}

/*
 * Connections.
 */

static void unlink_connection(struct connection *connection)
{
    struct connection **link = &connection->server->connections;

    while (*link != connection) {
        link = &(*link)->next;
    }
    *link = connection->next;
}

static void drop(struct connection *connection)
{
    struct server *server = connection->server;

    unlink_connection(connection);
    qb_loop_timer_del(server->loop, connection->timer);
    if (connection->stage != WAITING) {
        qb_loop_poll_del(server->loop, connection->fd);
    }
    close(connection->fd);
    free(connection->out);
    free(connection);
    server->n_connections--;
}

static void out_of_patience(void *aux)
{
    drop(aux);
}

static void begin_patience(struct connection *connection)
{
    qb_loop_timer_add(connection->server->loop, QB_LOOP_MED,
                      (uint64_t)PATIENCE_MS * QB_TIME_NS_IN_MSEC, connection,
                      out_of_patience, &connection->timer);
}

/* Nothing is read from it any more: what it says, or that it is gone, is learnt later. */
static void stop_reading(struct connection *connection)
{
    qb_loop_timer_del(connection->server->loop, connection->timer);
    qb_loop_poll_del(connection->server->loop, connection->fd);
    connection->stage = WAITING;
}

static int32_t writable(int32_t fd, int32_t events, void *aux)
{
    struct connection *connection = aux;
    const ssize_t n =
        send(fd, connection->out + connection->sent, connection->n_out - connection->sent,
             MSG_NOSIGNAL | MSG_DONTWAIT);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    connection->sent += n > 0 ? (size_t)n : 0;
    if (n <= 0 || connection->sent == connection->n_out) {
        drop(connection);
    }
    return 0;
}

/* Of one that waits. */
static void answer(struct connection *connection, const char *status, const char *body)
{
    const struct server *server = connection->server;
    const int n = asprintf(&connection->out,
                           "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                           "Connection: close\r\n\r\n%s",
                           status, server->type, strlen(body), body);

    if (n < 0) {
        connection->out = NULL;
        drop(connection);
        return;
    }
    connection->n_out = (size_t)n;
    connection->stage = WRITING;
    begin_patience(connection);
    qb_loop_poll_add(server->loop, QB_LOOP_MED, connection->fd, POLLOUT, connection,
                     writable);
}

/*
 * The page.
 */

static void answer_all(struct server *server, const char *status, const char *body)
{
    for (struct connection *one = server->connections, *next; one; one = next) {
        next = one->next;
        if (one->stage == WAITING) {
            answer(one, status, body);
        }
    }
}

/* It is over with the maker, however. */
static void release_maker(struct server *server)
{
    qb_loop_timer_del(server->loop, server->timer);
    qb_loop_poll_del(server->loop, server->maker.fd);
    if (server->maker.pid > 0) {
        kill(server->maker.pid, SIGKILL);
    }
    ovnha_child_end(&server->maker);
    free(server->draft);
    server->draft = NULL;
    server->n_draft = 0;
}

static void making_takes_too_long(void *aux)
{
    struct server *server = aux;

    release_maker(server);
    answer_all(server, "503 Service Unavailable", "it takes too long to look\n");
}

/* The draft is complete when its end is there: a NUL. */
static void take_draft(struct server *server)
{
    const bool complete = server->n_draft > 0 && !server->draft[server->n_draft - 1];

    if (!complete) {
        release_maker(server);
        answer_all(server, "500 Internal Server Error", "nobody can look\n");
        return;
    }
    free(server->page);
    server->page = server->draft;
    server->draft = NULL;
    server->made_at = ovnha_now();
    release_maker(server);
    answer_all(server, "200 OK", server->page);
}

static int32_t drafted(int32_t fd, int32_t events, void *aux)
{
    struct server *server = aux;
    char *longer = realloc(server->draft, server->n_draft + BUFSIZ);
    ssize_t n = -1;

    (void)events;
    if (longer) {
        server->draft = longer;
        n = recv(fd, longer + server->n_draft, BUFSIZ, MSG_DONTWAIT);
    }
    if (longer && n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    server->n_draft += n > 0 ? (size_t)n : 0;
    if (n <= 0 || server->n_draft > PAGE_LIMIT) {
        take_draft(server);
    }
    return 0;
}

/* In the child. */
static void draw_up(int fd, void *aux)
{
    const struct server *server = aux;
    char *page = server->make(server->aux);
    const size_t size = page ? strlen(page) + 1 : 0;

    for (size_t sent = 0; sent < size;) {
        const ssize_t n = write(fd, page + sent, size - sent);

        if (n < 0) {
            break;
        }
        sent += (size_t)n;
    }
    free(page);
}

static bool start_maker(struct server *server)
{
    if (ovnha_child_start(&server->maker, "ovnha-look", draw_up, server, NULL) !=
        OVNHA_OK) {
        return false;
    }
    qb_loop_poll_add(server->loop, QB_LOOP_MED, server->maker.fd, POLLIN, server,
                     drafted);
    qb_loop_timer_add(server->loop, QB_LOOP_MED, (uint64_t)MAKING_MS * QB_TIME_NS_IN_MSEC,
                      server, making_takes_too_long, &server->timer);
    return true;
}

/*
 * Requests.
 */

static void answer_page(struct connection *connection)
{
    struct server *server = connection->server;

    if (server->page && !ovnha_deadline_passed(server->made_at + FRESH_MS, ovnha_now())) {
        answer(connection, "200 OK", server->page);
    } else if (server->maker.fd < 0 && !start_maker(server)) {
        answer(connection, "500 Internal Server Error", "nobody can look\n");
    }
}

static void refuse(struct connection *connection, const char *status, const char *why)
{
    stop_reading(connection);
    answer(connection, status, why);
}

static void take_request(struct connection *connection)
{
    switch (ovnha_http_asks(connection->in, connection->server->path)) {
    case OVNHA_HTTP_MORE:
        if (connection->n_in == REQUEST_SIZE - 1) {
            refuse(connection, "400 Bad Request", "too long\n");
        }
        break;
    case OVNHA_HTTP_PAGE:
        stop_reading(connection);
        answer_page(connection);
        break;
    case OVNHA_HTTP_NOT_FOUND:
        refuse(connection, "404 Not Found", "there is only /metrics\n");
        break;
    case OVNHA_HTTP_NOT_ALLOWED:
        refuse(connection, "405 Method Not Allowed", "there is only GET\n");
        break;
    case OVNHA_HTTP_NONSENSE:
        refuse(connection, "400 Bad Request", "that is no HTTP/1\n");
        break;
    }
}

static int32_t readable(int32_t fd, int32_t events, void *aux)
{
    struct connection *connection = aux;
    const ssize_t n = recv(fd, connection->in + connection->n_in,
                           REQUEST_SIZE - 1 - connection->n_in, MSG_DONTWAIT);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (n <= 0) {
        drop(connection);
        return 0;
    }
    connection->n_in += (size_t)n;
    take_request(connection);
    return 0;
}

/* Whether there is a place now. */
static bool make_room(struct server *server)
{
    struct connection *silent = NULL;

    for (struct connection *one = server->connections; one; one = one->next) {
        if (one->stage == READING) {
            silent = one;
        }
    }
    if (server->n_connections == CONNECTIONS_MAX && silent) {
        drop(silent);
    }
    return server->n_connections < CONNECTIONS_MAX;
}

static int32_t acceptable(int32_t fd, int32_t events, void *aux)
{
    struct server *server = aux;
    const int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct connection *connection =
        client >= 0 && make_room(server) ? calloc(1, sizeof *connection) : NULL;

    (void)events;
    if (!connection) {
        if (client >= 0) {
            close(client);
        }
        return 0;
    }
    connection->server = server;
    connection->fd = client;
    connection->next = server->connections;
    server->connections = connection;
    server->n_connections++;
    begin_patience(connection);
    qb_loop_poll_add(server->loop, QB_LOOP_MED, client, POLLIN, connection, readable);
    return 0;
}

/*
 * The server.
 */

union any_address {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t make_address(const char *text, uint16_t port, union any_address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof address->v4;
    }
    inet_pton(AF_INET6, text, &address->v6.sin6_addr);
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    return sizeof address->v6;
}

/* A descriptor, or -1 with errno. */
static int listen_on(const char *text, uint16_t port)
{
    union any_address address;
    socklen_t size = make_address(text, port, &address);
    const int one = 1;
    const int fd =
        socket(address.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, &address.sa, size) != 0 || listen(fd, CONNECTIONS_MAX) != 0 ||
        getsockname(fd, &address.sa, &size) != 0) {
        const int errnum = errno;

        close(fd);
        errno = errnum;
        return -1;
    }
    const bool ipv6 = address.sa.sa_family == AF_INET6;

    fprintf(stderr, "ovnha: listening on http://%s%s%s:%u\n", ipv6 ? "[" : "", text,
            ipv6 ? "]" : "", ntohs(ipv6 ? address.v6.sin6_port : address.v4.sin_port));
    return fd;
}

static int32_t end(int32_t signal, void *aux)
{
    struct server *server = aux;

    (void)signal;
    qb_loop_stop(server->loop);
    return 0;
}

enum ovnha_result ovnha_http_serve(const char *address, uint16_t port, const char *path,
                                   const char *type, char *(*make)(void *aux), void *aux,
                                   struct ovnha_err *err)
{
    struct server server = {.loop = qb_loop_create(),
                            .path = path,
                            .type = type,
                            .make = make,
                            .aux = aux,
                            .maker = {.fd = -1}};

    server.fd = server.loop ? listen_on(address, port) : -1;
    if (server.fd < 0) {
        return ovnha_fail_errno(err, server.loop ? errno : ENOMEM,
                                "cannot listen on %s, port %u", address, port);
    }
    qb_loop_signal_add(server.loop, QB_LOOP_HIGH, SIGTERM, &server, end, NULL);
    qb_loop_signal_add(server.loop, QB_LOOP_HIGH, SIGINT, &server, end, NULL);
    qb_loop_poll_add(server.loop, QB_LOOP_MED, server.fd, POLLIN, &server, acceptable);
    qb_loop_run(server.loop);
    if (server.maker.fd >= 0) {
        release_maker(&server);
    }
    while (server.connections) {
        drop(server.connections);
    }
    close(server.fd);
    free(server.page);
    qb_loop_destroy(server.loop);
    return OVNHA_OK;
}
