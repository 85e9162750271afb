/* SPDX-License-Identifier: Apache-2.0 */
#include "control_server.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <ovnha/json_stream.h>
#include <ovnha/text.h>

/* A request outlives its connection when the caller hung up before the answer:
 * the connection is then closed (fd < 0) and freed with its last request. */
struct connection {
    struct ovnha_control_server *server;
    int fd;
    size_t n_requests;
    struct ovnha_json_stream *stream;
    struct connection *next;
};

struct ovnha_request {
    struct connection *connection;
    json_t *id;
};

struct ovnha_control_server {
    qb_loop_t *loop;
    int fd;
    char *path;
    dev_t device; /* of our socket */
    ino_t inode;
    ovnha_control_command *command;
    void *aux;
    struct connection *connections;
};

static void unlink_connection(struct connection *connection)
{
    struct connection **link = &connection->server->connections;

    while (*link && *link != connection) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = connection->next;
    }
}

static void free_if_done(struct connection *connection)
{
    if (connection->fd < 0 && connection->n_requests == 0) {
        ovnha_json_stream_free(connection->stream);
        free(connection);
    }
}

static void hang_up(struct connection *connection)
{
    if (connection->fd >= 0) {
        qb_loop_poll_del(connection->server->loop, connection->fd);
        close(connection->fd);
        connection->fd = -1;
        unlink_connection(connection);
    }
}

/* The longest reply is that to `ovnha/status`, some kilobytes for each node; the socket's
 * buffer takes two hundred.  What does not fit is for a client that leaves its replies
 * unread. */
static bool send_whole(int fd, const char *text)
{
    const size_t size = strlen(text);

    return send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static void answer(struct ovnha_request *request, json_t *result, json_t *error)
{
    struct connection *connection = request->connection;
    json_t *reply =
        json_pack("{s:o,s:o,s:o}", "id", request->id, "result", result, "error", error);
    char *text = json_dumps(reply, JSON_COMPACT);

    /* It learns of it by the hangup. */
    if (connection->fd >= 0 && !(text && send_whole(connection->fd, text))) {
        hang_up(connection);
    }
    free(text);
    json_decref(reply);
    connection->n_requests--;
    free_if_done(connection);
    free(request);
}

void ovnha_request_reply(struct ovnha_request *request, const char *text)
{
    answer(request, json_string(text), json_null());
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    answer(request, json_null(), json_string(text));
}

bool ovnha_request_is_awaited(const struct ovnha_request *request)
{
    return request->connection->fd >= 0;
}

static void run_request(struct connection *connection, json_t *json)
{
    struct ovnha_control_server *server = connection->server;
    struct ovnha_request *request = calloc(1, sizeof *request);
    const char *method = json_string_value(json_object_get(json, "method"));
    const char *argument =
        json_string_value(json_array_get(json_object_get(json, "params"), 0));

    if (!request) {
        hang_up(connection);
        return;
    }
    request->connection = connection;
    request->id = json_incref(json_object_get(json, "id"));
    if (!request->id) {
        request->id = json_null();
    }
    connection->n_requests++;
    server->command(request, method ? method : "", argument ? argument : "", server->aux);
}

static bool run_requests(struct connection *connection, const char *bytes, size_t size)
{
    json_t *json = NULL;

    if (ovnha_json_stream_feed(connection->stream, bytes, size, NULL) != OVNHA_OK) {
        return false;
    }
    while (ovnha_json_stream_get(connection->stream, &json, NULL) == OVNHA_OK && json) {
        run_request(connection, json);
        json_decref(json);
    }
    return true;
}

static int32_t readable(int32_t fd, int32_t events, void *data)
{
    struct connection *connection = data;
    char bytes[4096];
    const ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    connection->n_requests++; /* it must not go while it is being read from */
    if (n <= 0 || !run_requests(connection, bytes, (size_t)n)) {
        hang_up(connection);
    }
    connection->n_requests--;
    free_if_done(connection);
    return 0;
}

static struct connection *new_connection(struct ovnha_control_server *server, int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);

    if (!connection) {
        return NULL;
    }
    connection->server = server;
    connection->fd = fd;
    connection->stream = ovnha_json_stream_new();
    if (!connection->stream || qb_loop_poll_add(server->loop, QB_LOOP_MED, fd, POLLIN,
                                                connection, readable) != 0) {
        ovnha_json_stream_free(connection->stream);
        free(connection);
        return NULL;
    }
    return connection;
}

static void add_connection(struct ovnha_control_server *server, int fd)
{
    struct connection *connection = new_connection(server, fd);

    if (!connection) {
        close(fd);
        return;
    }
    connection->next = server->connections;
    server->connections = connection;
}

static int32_t acceptable(int32_t fd, int32_t events, void *data)
{
    const int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (client >= 0) {
        add_connection(data, client);
    }
    return 0;
}

/* A descriptor, or -1 with errno. */
static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask;
    int rc;

    if (fd < 0) {
        return -1;
    }
    if (!ovnha_text_copy(address.sun_path, sizeof address.sun_path, path)) {
        close(fd);
        errno = ENAMETOOLONG;
        return -1;
    }
    unlink(path);
    mask = umask(0077);
    rc = bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (rc != 0 || listen(fd, 16) != 0) {
        const int errnum = errno;

        close(fd);
        errno = errnum;
        return -1;
    }
    return fd;
}

static void note_socket(struct ovnha_control_server *server)
{
    struct stat st;

    if (lstat(server->path, &st) == 0) {
        server->device = st.st_dev;
        server->inode = st.st_ino;
    }
}

/* Another helper may listen there by now.  While we listen our inode is nobody else's. */
bool ovnha_control_server_is_found(const struct ovnha_control_server *server)
{
    struct stat st;

    return lstat(server->path, &st) == 0 && st.st_dev == server->device &&
           st.st_ino == server->inode;
}

static void unlink_socket(const struct ovnha_control_server *server)
{
    if (ovnha_control_server_is_found(server)) {
        unlink(server->path);
    }
}

/* errno's value, 0 for success. */
static int set_up(struct ovnha_control_server *server)
{
    int rc;

    server->fd = listen_on(server->path);
    if (server->fd < 0) {
        return errno;
    }
    note_socket(server);
    rc = qb_loop_poll_add(server->loop, QB_LOOP_MED, server->fd, POLLIN, server,
                          acceptable);
    if (rc != 0) {
        unlink_socket(server);
        close(server->fd);
    }
    return -rc;
}

enum ovnha_result ovnha_control_server_open(const char *path, qb_loop_t *loop,
                                            ovnha_control_command *command, void *aux,
                                            struct ovnha_control_server **server,
                                            struct ovnha_err *err)
{
    struct ovnha_control_server *fresh = calloc(1, sizeof *fresh);
    int errnum;

    *server = NULL;
    if (!fresh) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    fresh->loop = loop;
    fresh->command = command;
    fresh->aux = aux;
    fresh->path = strdup(path);
    errnum = fresh->path ? set_up(fresh) : ENOMEM;
    if (errnum != 0) {
        free(fresh->path);
        free(fresh);
        return ovnha_fail_errno(err, errnum, "cannot listen on %s", path);
    }
    *server = fresh;
    return OVNHA_OK;
}

void ovnha_control_server_close(struct ovnha_control_server *server)
{
    if (!server) {
        return;
    }
    while (server->connections) {
        struct connection *connection = server->connections;

        hang_up(connection);
        free_if_done(connection);
    }
    qb_loop_poll_del(server->loop, server->fd);
    unlink_socket(server);
    close(server->fd);
    free(server->path);
    free(server);
}
