/* SPDX-License-Identifier: Apache-2.0 */
#include "outage.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/deadline.h>
#include <ovnha/endpoint.h>
#include <ovnha/ovsdb.h>
#include <ovnha/spawn.h>

#include "vip.h"

#define ATTEMPT_MS 300
#define TLS_MS     1000 /* a program's start, and the handshake */
#define PAUSE_MS   10
#define NOBODY     "00000000-0000-0000-0000-000000000000"

/*
 * Where.
 */

static const char *parameter(const struct ovnha_cli_cluster *cluster, const char *prefix,
                             const struct ovnha_database *database, const char *suffix,
                             const char *otherwise)
{
    char name[64];

    snprintf(name, sizeof name, "%s%s%s", prefix, database->name, suffix);
    const char *value = ovnha_cli_pairs_get(&cluster->db->params, name);

    return value && value[0] ? value : otherwise;
}

bool ovnha_cli_client_method(const struct ovnha_cli_cluster *cluster,
                             const struct ovnha_database *database, char method[300])
{
    const char *port = parameter(cluster, "", database, "_master_port", "");
    const char *protocol = parameter(cluster, "", database, "_master_protocol", "tcp");
    const char *address = ovnha_cli_vip_address(cluster);
    enum ovnha_protocol which;
    enum ovnha_family family;
    char canonical[OVNHA_ADDR_SIZE], text[OVNHA_METHOD_SIZE];

    if (ovnha_protocol_parse(protocol, &which, NULL) != OVNHA_OK ||
        ovnha_addr_parse(address, canonical, &family, NULL) != OVNHA_OK) {
        return false;
    }
    ovnha_method_active(text, which, canonical,
                        port[0] ? (uint16_t)strtoul(port, NULL, 10)
                                : database->client_port);
    snprintf(method, 300, "%s", text);
    return true;
}

/*
 * The client, a process of its own.
 */

struct client {
    const struct ovnha_cli_outage *outage;
    struct ovnha_ovsdb *db;
    char tls[3][4096]; /* options of ovsdb-client */
    char *transaction; /* as text, for it */
    json_t *operations;
    ovnha_msec last; /* success; 0: none yet */
    struct ovnha_cli_outage_result result;
};

static bool attempt_tcp(struct client *c)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), ATTEMPT_MS);
    json_t *results = NULL;
    enum ovnha_result result = OVNHA_OK;

    if (!c->db) {
        result = ovnha_ovsdb_open(c->outage->method, deadline, &c->db, NULL);
    }
    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_transact(c->db, c->outage->database->schema, c->operations,
                                      &results, deadline, NULL);
    }
    json_decref(results);
    if (result != OVNHA_OK && c->db) {
        ovnha_ovsdb_close(c->db);
        c->db = NULL;
    }
    return result == OVNHA_OK;
}

static bool attempt_tls(struct client *c)
{
    const char *const argv[] = {"ovsdb-client",    "--timeout=1",  c->tls[0],
                                c->tls[1],         c->tls[2],      "transact",
                                c->outage->method, c->transaction, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    char *text = NULL;
    const bool ok = ovnha_spawn_capture(&spawn, &text, 65536,
                                        ovnha_deadline_after(ovnha_now(), TLS_MS),
                                        NULL) == OVNHA_OK &&
                    strstr(text, "\"count\"") && !strstr(text, "\"error\"");

    free(text);
    return ok;
}

static void attempt(struct client *c)
{
    const bool tls = strncmp(c->outage->method, "ssl:", 4) == 0;
    const bool ok = tls ? attempt_tls(c) : attempt_tcp(c);
    const ovnha_msec now = ovnha_now();

    c->result.at_last = ok;
    if (!ok) {
        return;
    }
    c->result.successes++;
    if (c->last > 0 && now - c->last > c->result.longest_ms) {
        c->result.longest_ms = (long)(now - c->last);
    }
    c->last = now;
}

static void prepare(struct client *c, const struct ovnha_cli_cluster *cluster)
{
    static const char *const options[] = {
        "--private-key=", "--certificate=", "--ca-cert="};
    static const char *const names[] = {"_db_privkey", "_db_cert", "_db_cacert"};
    const struct ovnha_database *database = c->outage->database;
    json_t *whole;

    for (size_t i = 0; i < 3; i++) {
        snprintf(c->tls[i], sizeof c->tls[i], "%s%s", options[i],
                 parameter(cluster, "ovn_", database, names[i], ""));
    }
    c->operations =
        json_pack("[{s:s,s:s,s:[[s,s,[s,s]]],s:{}}]", "op", "update", "table",
                  database->root_table, "where", "_uuid", "==", "uuid", NOBODY, "row");
    whole = json_pack("[s]", database->schema);
    json_array_extend(whole, c->operations);
    c->transaction = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    c->result.longest_ms = -1;
}

/* Until the other end of `orders` says how long to wait for a last success, or is gone.
 */
static void serve(struct client *c, int orders, int report)
{
    ovnha_msec until = 0;

    for (;;) {
        struct pollfd order = {.fd = until ? -1 : orders, .events = POLLIN};
        int patience;

        attempt(c);
        if (poll(&order, 1, PAUSE_MS) > 0) {
            if (read(orders, &patience, sizeof patience) != sizeof patience) {
                return;
            }
            until = ovnha_deadline_after(ovnha_now(), patience);
        } else if (until &&
                   (c->result.at_last || ovnha_deadline_passed(until, ovnha_now()))) {
            break;
        }
    }
    if (write(report, &c->result, sizeof c->result) != sizeof c->result) {
        return; /* nobody wants to know */
    }
}

static _Noreturn void run(const struct ovnha_cli_cluster *cluster,
                          const struct ovnha_cli_outage *outage, pid_t parent, int orders,
                          int report)
{
    static struct client client;

    client.outage = outage;
    signal(SIGINT, SIG_IGN); /* of the terminal: the parent says when it is over */
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) {
        prepare(&client, cluster);
        serve(&client, orders, report);
    }
    _exit(0);
}

/*
 * What the command does with it.
 */

bool ovnha_cli_outage_begin(const struct ovnha_cli_cluster *cluster,
                            const struct ovnha_database *database,
                            struct ovnha_cli_outage *outage)
{
    const pid_t self = getpid();
    int orders[2], report[2];

    *outage = (struct ovnha_cli_outage){.database = database};
    if (!ovnha_cli_client_method(cluster, database, outage->method) ||
        pipe2(orders, O_CLOEXEC) != 0) {
        return false;
    }
    if (pipe2(report, O_CLOEXEC) != 0) {
        close(orders[0]);
        close(orders[1]);
        return false;
    }
    fflush(NULL);
    outage->pid = fork();
    if (outage->pid == 0) {
        close(orders[1]);
        close(report[0]);
        run(cluster, outage, self, orders[0], report[1]);
    }
    close(orders[0]);
    close(report[1]);
    outage->to = orders[1];
    outage->from = report[0];
    return outage->pid > 0;
}

void ovnha_cli_outage_end(struct ovnha_cli_outage *outage, int patience_ms, int stop_fd,
                          struct ovnha_cli_outage_result *result)
{
    struct pollfd fds[] = {{.fd = outage->from, .events = POLLIN},
                           {.fd = stop_fd > 0 ? stop_fd : -1, .events = POLLIN}};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), patience_ms + 5000);

    *result = (struct ovnha_cli_outage_result){.longest_ms = -1};
    if (write(outage->to, &patience_ms, sizeof patience_ms) == sizeof patience_ms) {
        while (poll(fds, 2, ovnha_deadline_left(deadline, ovnha_now())) < 0) {
            /* By a signal that has nothing to say, or stop_fd says it. */
        }
        if (!(fds[0].revents & POLLIN) ||
            read(outage->from, result, sizeof *result) != sizeof *result) {
            *result = (struct ovnha_cli_outage_result){
                .longest_ms = -1, .stopped = (fds[1].revents & POLLIN) != 0};
        }
    }
    close(outage->to);
    close(outage->from);
    kill(outage->pid, SIGKILL);
    waitpid(outage->pid, NULL, 0);
}
