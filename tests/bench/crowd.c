/* SPDX-License-Identifier: Apache-2.0 */
/* crowd - many clients of one Southbound database, each as ovn-controller is one.
 *
 *   crowd [-n CLIENTS] [-p PROBE-MS] [-d FILE] ADDRESS PORT LOG
 *
 * CLIENTS (1000) connections at once.  Each says what the IDL says: it asks for the
 * schema of _Server, monitors _Server's row of OVN_Southbound, then with
 * monitor_cond_since the tables that ovn-controller monitors (all columns, also _version,
 * which the IDL leaves out), and answers and sends probes.  A relay that says that it has
 * lost its source is left, as the IDL leaves it. After a disconnect it waits as
 * lib/reconnect.c does: 1 s, doubled up to 8 s while no connection lasts.
 *
 * FILE has lines "datapath UUID" and "group UUID", rows of Datapath_Binding and of
 * Logical_DP_Group.  The clients take turns at the datapaths: each has one on its
 * chassis, and monitors port bindings, flows and so on of that one and of all the groups.
 *
 * LOG gets lines "MONOTONIC-NS CLIENT WHAT BYTES":
 *   served   all it monitors has come, in so many bytes since it connected
 *   update   news
 *   lost     it was served, and no longer is
 *   failed   another attempt has come to nothing
 * It ends on SIGTERM or SIGINT with 0, and with 2 for wrong usage. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/deadline.h>
#include <ovnha/json_stream.h>

#define DATABASE "OVN_Southbound"

/* lib/reconnect.h: RECONNECT_DEFAULT_MIN_BACKOFF and _MAX_BACKOFF; an attempt to connect
 * gets as long as the last wait, at least a second. */
#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 8000
#define CONNECT_MS     1000
/* ovn-controller's, unless ovn-remote-probe-interval says otherwise. */
#define PROBE_MS 5000

#define TICK_MS   10
#define EVENTS    256
#define READ_SIZE 65536
#define UUID_SIZE 37
/* Ids of requests. */
#define SCHEMA_REQUEST 1
#define SERVER_MONITOR 2
#define DATA_MONITOR   3

enum phase { WAITING, CONNECTING, ASKED_SCHEMA, ASKED_SERVER, ASKED_DATA, SERVED };

struct client {
    int number, fd;
    enum phase phase;
    struct ovnha_json_stream *stream;
    char *out; /* what is still to be sent, from `sent` on */
    size_t out_size, sent, received;
    ovnha_msec
        due; /* the end of the phase, or of what the peer may take to say something */
    ovnha_msec backoff, connected, heard;
    bool probed, relayed;
    char last_id[UUID_SIZE];
};

struct rows {
    char (*uuid)[UUID_SIZE];
    size_t n;
};

static struct {
    struct client *client;
    int n, epoll;
    struct sockaddr_in server;
    ovnha_msec probe;
    struct rows datapaths, groups;
    FILE *log;
} crowd = {.n = 1000, .probe = PROBE_MS};

static volatile sig_atomic_t stopped;

static void stop(int signum)
{
    (void)signum;
    stopped = 1;
}

static void note(struct client *client, const char *what)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    fprintf(crowd.log, "%lld %d %s %zu\n", now.tv_sec * 1000000000LL + now.tv_nsec,
            client->number, what, client->received);
    client->received = 0;
}

/* --- connections
 * ------------------------------------------------------------------------ */

static void watch(const struct client *client, int operation)
{
    const bool sends = client->phase == CONNECTING || client->sent < client->out_size;
    struct epoll_event event = {.events = EPOLLIN | (sends ? (unsigned)EPOLLOUT : 0),
                                .data.ptr = (void *)client};

    if (epoll_ctl(crowd.epoll, operation, client->fd, &event) != 0) {
        perror("crowd: epoll_ctl");
        exit(1);
    }
}

static void hang_up(struct client *client)
{
    close(client->fd);
    client->fd = -1;
    free(client->out);
    client->out = NULL;
    client->out_size = client->sent = 0;
    ovnha_json_stream_free(client->stream);
    client->stream = NULL;
}

/* As reconnect_disconnected() has it. */
static ovnha_msec next_backoff(const struct client *client, bool left)
{
    const bool lasted = client->phase > CONNECTING && !left &&
                        client->heard - client->connected >= client->backoff;

    if (lasted || client->backoff < BACKOFF_MIN_MS) {
        return BACKOFF_MIN_MS;
    }
    return client->backoff < BACKOFF_MAX_MS / 2 ? 2 * client->backoff : BACKOFF_MAX_MS;
}

/* LEFT: it is the client who goes. */
static void disconnect(struct client *client, bool left)
{
    note(client, client->phase == SERVED ? "lost" : "failed");
    client->backoff = next_backoff(client, left);
    client->due = ovnha_now() + client->backoff;
    hang_up(client);
    client->phase = WAITING;
}

static void begin_to_connect(struct client *client)
{
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    client->stream = ovnha_json_stream_new();
    if (client->fd < 0 || !client->stream) {
        perror("crowd: a socket");
        exit(1);
    }
    client->phase = CONNECTING;
    client->received = 0;
    client->due =
        ovnha_now() + (client->backoff > CONNECT_MS ? client->backoff : CONNECT_MS);
    if (connect(client->fd, (const struct sockaddr *)&crowd.server,
                sizeof crowd.server) != 0 &&
        errno != EINPROGRESS) {
        disconnect(client, false);
    } else {
        watch(client, EPOLL_CTL_ADD);
    }
}

static bool send_what_is_left(struct client *client)
{
    const ssize_t sent = send(client->fd, client->out + client->sent,
                              client->out_size - client->sent, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN) {
        return false;
    }
    client->sent += sent > 0 ? (size_t)sent : 0;
    if (client->sent == client->out_size) {
        client->out_size = client->sent = 0;
    }
    watch(client, EPOLL_CTL_MOD);
    return true;
}

/* What cannot be sent is noticed when nothing is heard. */
static void say(struct client *client, json_t *message)
{
    const size_t size = json_dumpb(message, NULL, 0, JSON_COMPACT);
    char *out = realloc(client->out, client->out_size + size);

    if (!out || size == 0) {
        fputs("crowd: out of memory, or a request is no JSON\n", stderr);
        exit(1);
    }
    json_dumpb(message, out + client->out_size, size, JSON_COMPACT);
    client->out = out;
    client->out_size += size;
    json_decref(message);
    (void)send_what_is_left(client);
}

/* --- what is asked
 * ---------------------------------------------------------------------- */

static void ask_schema(struct client *client)
{
    say(client, json_pack("{si, ss, s[s]}", "id", SCHEMA_REQUEST, "method", "get_schema",
                          "params", "_Server"));
    client->phase = ASKED_SCHEMA;
}

static void ask_server(struct client *client)
{
    say(client, json_pack("{si, ss, s[s[ss]{s[{s[sssssss]}]}]}", "id", SERVER_MONITOR,
                          "method", "monitor_cond", "params", "_Server", "monid",
                          "_Server", "Database", "columns", "cid", "connected", "index",
                          "leader", "model", "name", "schema"));
    client->phase = ASKED_SERVER;
}

static json_t *clause(const char *column, const char *function, const char *uuid)
{
    return json_pack("[ss[ss]]", column, function, "uuid", uuid);
}

static void add_table(json_t *tables, const char *table, json_t *where)
{
    json_t *request = json_object();

    if (where) {
        json_object_set_new(request, "where", where);
    }
    json_object_set_new(tables, table, json_pack("[o]", request));
}

static json_t *port_bindings(const char *datapath)
{
    return json_pack("[[sss][sss][sss]o]", "type", "==", "patch", "type",
                     "==", "chassisredirect", "type", "==", "external",
                     clause("datapath", "==", datapath));
}

static json_t *flows(const char *datapath)
{
    json_t *where = json_pack("[o]", clause("logical_datapath", "==", datapath));

    for (size_t i = 0; i < crowd.groups.n; i++) {
        json_array_append_new(where,
                              clause("logical_dp_group", "==", crowd.groups.uuid[i]));
    }
    return where;
}

/* Of one datapath, or, where none is known, whatever there is. */
static void add_conditional_tables(json_t *tables, const char *datapath)
{
    static const struct {
        const char *table, *column, *function;
    } of_datapath[] = {
        {"Logical_DP_Group", "datapaths", "includes"},
        {"MAC_Binding", "datapath", "=="},
        {"Multicast_Group", "datapath", "=="},
        {"DNS", "datapaths", "includes"},
        {"IP_Multicast", "datapath", "=="},
    };

    for (size_t i = 0; i < sizeof of_datapath / sizeof of_datapath[0]; i++) {
        add_table(tables, of_datapath[i].table,
                  datapath ? json_pack("[o]", clause(of_datapath[i].column,
                                                     of_datapath[i].function, datapath))
                           : NULL);
    }
    add_table(tables, "Port_Binding", datapath ? port_bindings(datapath) : NULL);
    add_table(tables, "Logical_Flow", datapath ? flows(datapath) : NULL);
}

static json_t *monitored_tables(const struct client *client)
{
    static const char *const whole[] = {
        "SB_Global",       "Chassis",
        "Encap",           "Address_Set",
        "Port_Group",      "Datapath_Binding",
        "DHCP_Options",    "DHCPv6_Options",
        "HA_Chassis",      "HA_Chassis_Group",
        "Gateway_Chassis", "Meter",
        "Meter_Band",      "BFD",
        "Load_Balancer",   "FDB",
        "Service_Monitor", "Static_MAC_Binding",
        "Mirror",          "Chassis_Template_Var",
    };
    const size_t n = crowd.datapaths.n;
    json_t *tables = json_object();

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        add_table(tables, whole[i], NULL);
    }
    add_conditional_tables(tables,
                           n ? crowd.datapaths.uuid[(size_t)client->number % n] : NULL);
    add_table(
        tables, "Chassis_Private",
        json_pack("[[sso]]", "name", "==", json_sprintf("chassis-%d", client->number)));
    /* Of this chassis, which has none. */
    add_table(tables, "Controller_Event", json_pack("[b]", 0));
    add_table(tables, "IGMP_Group", json_pack("[b]", 0));
    return tables;
}

static void ask_data(struct client *client)
{
    say(client, json_pack("{si, ss, s[s[ss]os]}", "id", DATA_MONITOR, "method",
                          "monitor_cond_since", "params", DATABASE, "monid", DATABASE,
                          monitored_tables(client), client->last_id));
    client->phase = ASKED_DATA;
}

/* --- what is answered
 * ------------------------------------------------------------------- */

static bool take_last_id(struct client *client, const json_t *id)
{
    if (!json_is_string(id) || json_string_length(id) != UUID_SIZE - 1) {
        return false;
    }
    memcpy(client->last_id, json_string_value(id), UUID_SIZE);
    return true;
}

/* Of a row of _Server's, as far as it is said: of a change, only what has changed. */
static bool is_usable(struct client *client, const json_t *row)
{
    const char *model = json_string_value(json_object_get(row, "model"));

    if (model) {
        client->relayed = !strcmp(model, "relay");
    }
    return !client->relayed || !json_is_false(json_object_get(row, "connected"));
}

/* _Server's rows have distinct names; a change does not say which one, but only a relay's
 * matters, and it serves one database. */
static bool is_server_usable(struct client *client, json_t *updates)
{
    json_t *rows = json_object_get(updates, "Database"), *update, *row;
    const char *uuid, *kind;

    json_object_foreach(rows, uuid, update)
    {
        json_object_foreach(update, kind, row)
        {
            const char *name = json_string_value(json_object_get(row, "name"));

            if ((!name || !strcmp(name, DATABASE)) && !is_usable(client, row)) {
                return false;
            }
        }
    }
    return true;
}

static bool take_reply(struct client *client, json_t *message)
{
    json_t *result = json_object_get(message, "result");
    static bool said;

    if (!result || json_is_null(result)) {
        if (!said) {
            fputs("crowd: refused: ", stderr);
            json_dumpf(message, stderr, JSON_COMPACT);
            fputc('\n', stderr);
        }
        said = true;
        return false;
    }
    switch (json_integer_value(json_object_get(message, "id"))) {
    case SCHEMA_REQUEST:
        ask_server(client);
        return true;
    case SERVER_MONITOR:
        if (!is_server_usable(client, result)) {
            return false;
        }
        ask_data(client);
        return true;
    case DATA_MONITOR:
        if (!take_last_id(client, json_array_get(result, 1))) {
            return false;
        }
        client->phase = SERVED;
        note(client, "served");
        return true;
    default:
        return true; /* to a probe */
    }
}

static bool take_notice(struct client *client, const char *method, json_t *params)
{
    if (!strcmp(method, "update2")) {
        return is_server_usable(client, json_array_get(params, 1));
    }
    if (!strcmp(method, "update3")) {
        note(client, "update");
        return take_last_id(client, json_array_get(params, 1));
    }
    return true;
}

static bool take(struct client *client, json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));

    if (!method) {
        return take_reply(client, message);
    }
    if (!strcmp(method, "echo")) {
        say(client, json_pack("{sO, sO, sn}", "id", json_object_get(message, "id"),
                              "result", json_object_get(message, "params"), "error"));
        return true;
    }
    return take_notice(client, method, json_object_get(message, "params"));
}

/* --- the loop
 * --------------------------------------------------------------------------- */

static void expect_something(struct client *client)
{
    client->probed = false;
    client->heard = ovnha_now();
    client->due = crowd.probe ? client->heard + crowd.probe : INT64_MAX;
}

static void finish_connecting(struct client *client)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error) {
        disconnect(client, false);
        return;
    }
    client->connected = ovnha_now();
    expect_something(client);
    ask_schema(client);
}

static void receive(struct client *client)
{
    static char bytes[READ_SIZE];
    const ssize_t got = recv(client->fd, bytes, sizeof bytes, 0);
    struct ovnha_err err;
    json_t *message = NULL;
    bool good = got > 0 && ovnha_json_stream_feed(client->stream, bytes, (size_t)got,
                                                  &err) == OVNHA_OK;

    if (got < 0 && errno == EAGAIN) {
        return;
    }
    client->received += got > 0 ? (size_t)got : 0;
    while (good) {
        good = ovnha_json_stream_get(client->stream, &message, &err) == OVNHA_OK;
        if (!message) {
            break;
        }
        good = take(client, message);
        json_decref(message);
    }
    if (good) {
        expect_something(client);
    } else {
        disconnect(client, got > 0);
    }
}

static void handle(struct client *client, unsigned events)
{
    if (client->phase == CONNECTING) {
        finish_connecting(client);
    } else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        receive(client);
    } else if (!send_what_is_left(client)) {
        disconnect(client, false);
    }
}

static void time_has_come(struct client *client)
{
    switch (client->phase) {
    case WAITING:
        begin_to_connect(client);
        return;
    case CONNECTING:
        disconnect(client, false);
        return;
    case ASKED_SCHEMA:
    case ASKED_SERVER:
    case ASKED_DATA:
    case SERVED:
        break;
    }
    if (client->probed) {
        disconnect(client, false);
    } else {
        client->probed = true;
        client->due = ovnha_now() + crowd.probe;
        say(client, json_pack("{ss, ss, s[]}", "id", "echo", "method", "echo", "params"));
    }
}

static void look_at_the_clock(void)
{
    const ovnha_msec now = ovnha_now();

    for (int i = 0; i < crowd.n; i++) {
        if (crowd.client[i].due <= now) {
            time_has_come(&crowd.client[i]);
        }
    }
}

static void run(void)
{
    ovnha_msec tick = 0;
    struct epoll_event events[EVENTS];

    while (!stopped) {
        const int n = epoll_wait(crowd.epoll, events, EVENTS, TICK_MS);

        for (int i = 0; i < n; i++) {
            handle(events[i].data.ptr, events[i].events);
        }
        if (ovnha_now() >= tick) {
            look_at_the_clock();
            fflush(crowd.log);
            tick = ovnha_now() + TICK_MS;
        }
    }
}

/* --- usage
 * ------------------------------------------------------------------------------ */

static bool add_row(struct rows *rows, const char *uuid)
{
    char(*longer)[UUID_SIZE] = realloc(rows->uuid, (rows->n + 1) * sizeof *longer);

    if (!longer) {
        return false;
    }
    rows->uuid = longer;
    memcpy(rows->uuid[rows->n++], uuid, UUID_SIZE);
    return true;
}

static bool read_rows(const char *path)
{
    FILE *file = fopen(path, "r");
    char kind[16], uuid[UUID_SIZE];
    bool good = file != NULL;

    while (good && fscanf(file, "%15s %36s", kind, uuid) == 2) {
        const bool datapath = !strcmp(kind, "datapath");

        good = strlen(uuid) == UUID_SIZE - 1 && (datapath || !strcmp(kind, "group")) &&
               add_row(datapath ? &crowd.datapaths : &crowd.groups, uuid);
    }
    if (file) {
        fclose(file);
    }
    return good;
}

static bool read_number(const char *text, long max, long *number)
{
    char *end;

    *number = strtol(text, &end, 10);
    return *text && !*end && *number >= 0 && *number <= max;
}

static bool read_option(int option, long *number)
{
    switch (option) {
    case 'n':
        crowd.n = read_number(optarg, 100000, number) ? (int)*number : 0;
        return crowd.n > 0;
    case 'p':
        crowd.probe = read_number(optarg, 3600000, number) ? *number : 0;
        return *number >= 0;
    case 'd':
        return read_rows(optarg);
    default:
        return false;
    }
}

static bool read_arguments(int argc, char *argv[])
{
    long number = 0;
    int option;

    while ((option = getopt(argc, argv, "n:p:d:")) != -1) {
        if (!read_option(option, &number)) {
            return false;
        }
    }
    if (argc - optind != 3 || !read_number(argv[optind + 1], 65535, &number)) {
        return false;
    }
    crowd.server.sin_family = AF_INET;
    crowd.server.sin_port = htons((uint16_t)number);
    return inet_pton(AF_INET, argv[optind], &crowd.server.sin_addr) == 1;
}

static bool gather_crowd(const char *log)
{
    crowd.log = fopen(log, "w");
    crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd.client = calloc((size_t)crowd.n, sizeof *crowd.client);
    if (!crowd.log || crowd.epoll < 0 || !crowd.client) {
        return false;
    }
    for (int i = 0; i < crowd.n; i++) {
        crowd.client[i] = (struct client){.number = i, .fd = -1};
        strcpy(crowd.client[i].last_id, "00000000-0000-0000-0000-000000000000");
    }
    return true;
}

static void send_home(void)
{
    for (int i = 0; i < crowd.n; i++) {
        if (crowd.client[i].fd >= 0) {
            hang_up(&crowd.client[i]);
        }
    }
    free(crowd.client);
    free(crowd.datapaths.uuid);
    free(crowd.groups.uuid);
    fclose(crowd.log);
}

int main(int argc, char *argv[])
{
    const struct sigaction action = {.sa_handler = stop};

    if (!read_arguments(argc, argv)) {
        fputs("usage: crowd [-n CLIENTS] [-p PROBE-MS] [-d FILE] ADDRESS PORT LOG\n",
              stderr);
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    if (!gather_crowd(argv[optind + 2])) {
        perror(argv[optind + 2]);
        return 2;
    }
    run();
    send_home();
    return 0;
}
