/* SPDX-License-Identifier: Apache-2.0 */
/* Plan steps against the real servers.
 *
 * A step looks whether it has worked, by the same gathering that facts come from;
 * "the command was accepted" counts for nothing.  What was done is noted in memory
 * at once, so that a plan that breaks off leaves a true one behind. */

#include "execute.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <qb/qblog.h>

#include <ovnha/eligibility.h>
#include <ovnha/marks.h>
#include <ovnha/ovsdb.h>
#include <ovnha/plan_run.h>
#include <ovnha/rows.h>
#include <ovnha/spawn.h>
#include <ovnha/log_line.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "conversion.h"
#include "daemons.h"
#include "gather.h"
#include "helper_client.h"
#include "memory.h"
#include "ovn_ctl.h"
#include "publish.h"
#include "run_northd.h"
#include "schema_check.h"
#include "set_aside.h"

/* Between two looks at a server that is about to change. */
#define LOOK_AGAIN_MS 10

/* Of what is left: waiting for northd must not cost the databases their promotion, a
 * hung ovn-ctl must leave time for TERM and KILL, and a hung helper for what comes after
 * it: publishing and remembering. */
#define NORTHD_PERCENT       60
#define HELPER_PERCENT       50
#define OVN_CTL_STOP_PERCENT 40

/* For copies that were overwritten: what is not finished is begun again by the next
 * monitor. */
#define COPIES_PERCENT 50

/* A step that others follow whatever becomes of it: a server that hangs takes no more
 * time from them. */
#define TRY_PERCENT 30

/* The helper is done with northd by then. */
#define LOCK_MS 6000

/* A replica that does not catch up by then is left out, not waited for. */
#define BARRIER_PERCENT 50

struct execution {
    const struct ovnha_context *context;
    const struct ovnha_facts *facts;
    bool run_all;        /* the plan's */
    ovnha_msec deadline; /* of the step, as far as it talks to a server */
    struct ovnha_memory memory;
    char generation[OVNHA_UUID_SIZE]; /* of the attempt that was recorded */
    char parent[OVNHA_UUID_SIZE];     /* its parent's */
    bool overwrites;                  /* some copy was to be overwritten ... */
    enum ovnha_tristate populated;    /* ... and what there was before it was */
};

static ovnha_msec part_of(const struct execution *x, int percent)
{
    return ovnha_deadline_part(x->context->deadline, ovnha_now(), percent);
}

/* False when there is no time left to look again. */
static bool may_look_again(ovnha_msec deadline)
{
    if (ovnha_deadline_passed(deadline, ovnha_now())) {
        return false;
    }
    poll(NULL, 0, LOOK_AGAIN_MS);
    return true;
}

static const struct ovnha_db_settings *settings_of(const struct execution *x,
                                                   const struct ovnha_step *step)
{
    return &x->facts->settings.db[step->db];
}

/*
 * Control commands and their verification.
 */

static enum ovnha_result control(const struct execution *x, size_t db,
                                 const struct ovnha_unixctl_command *commands, size_t n,
                                 struct ovnha_err *err)
{
    struct ovnha_unixctl *ctl;
    char *replies[8] = {NULL};
    enum ovnha_result result =
        ovnha_unixctl_open(x->context->paths.control[db], x->deadline, &ctl, err);

    if (result != OVNHA_OK) {
        return result;
    }
    result = ovnha_unixctl_run(ctl, commands, n, replies, x->deadline, err);
    for (size_t i = 0; i < n; i++) {
        free(replies[i]);
    }
    ovnha_unixctl_close(ctl);
    return result;
}

typedef bool is_done(const struct ovnha_server_facts *server,
                     const struct ovnha_step *step);

static enum ovnha_result verify(const struct execution *x, const struct ovnha_step *step,
                                is_done *done, struct ovnha_err *err)
{
    struct ovnha_server_facts server;

    do {
        ovnha_gather_server(x->context, step->db, x->deadline, &server);
        if (server.answered && done(&server, step)) {
            return OVNHA_OK;
        }
    } while (may_look_again(x->deadline));
    return ovnha_fail(
        err, OVNHA_ERR_TIMEOUT,
        "%s: not done in time: the server is %s, %s, source '%s', replicas at '%s', clients %s%s%s",
        settings_of(x, step)->database->name, ovnha_presence_to_str(server.presence),
        ovnha_sync_state_to_str(server.sync.state), server.sync.source,
        server.replicas_open, server.clients_open ? "open" : "closed",
        server.trouble[0] ? ": " : "", server.trouble);
}

/* Commands that may be refused because it is so already: only the look counts. */
static enum ovnha_result control_and_verify(const struct execution *x,
                                            const struct ovnha_step *step,
                                            const struct ovnha_unixctl_command *commands,
                                            size_t n, is_done *done,
                                            struct ovnha_err *err)
{
    const enum ovnha_result result = control(x, step->db, commands, n, err);

    if (result != OVNHA_OK && result != OVNHA_ERR_REFUSED) {
        return result;
    }
    return verify(x, step, done, err);
}

/*
 * Roles.
 */

static bool is_active(const struct ovnha_server_facts *server,
                      const struct ovnha_step *step)
{
    (void)step;
    return server->sync.state == OVNHA_SYNC_ACTIVE;
}

static enum ovnha_result make_writable(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command disconnect = {
        .method = "ovsdb-server/disconnect-active-ovsdb-server"};

    const enum ovnha_result result =
        control_and_verify(x, step, &disconnect, 1, is_active, err);
    if (result == OVNHA_OK) {
        /* A source left there would be taken for a listener of the active. */
        x->memory.remote[step->db][0] = '\0';
    }
    return result;
}

static bool is_following(const struct ovnha_server_facts *server,
                         const struct ovnha_step *step)
{
    return server->sync.state == OVNHA_SYNC_BACKUP &&
           strcmp(server->sync.source, step->text) == 0;
}

/* One buffer: the server takes no write between the three last commands.  From OVS
 * 3.3 on a backup ignores connect-active, so it is disconnected first. */
static enum ovnha_result connect_to(struct execution *x, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    char probe[16];
    const struct ovnha_unixctl_command commands[] = {
        {"ovsdb-server/set-active-ovsdb-server-probe-interval", {probe}},
        {"ovsdb-server/disconnect-active-ovsdb-server", {NULL}},
        {"ovsdb-server/set-active-ovsdb-server", {step->text}},
        {"ovsdb-server/connect-active-ovsdb-server", {NULL}},
    };

    snprintf(probe, sizeof probe, "%d", x->facts->settings.replica_probe_ms);
    const enum ovnha_result result =
        control_and_verify(x, step, commands, 4, is_following, err);
    if (result == OVNHA_OK) {
        ovnha_text_copy(x->memory.remote[step->db], OVNHA_METHOD_SIZE, step->text);
        x->memory.probe_ms = x->facts->settings.replica_probe_ms;
    }
    return result;
}

static enum ovnha_result hold(struct execution *x, const struct ovnha_step *step,
                              struct ovnha_err *err)
{
    struct ovnha_step held = *step;

    ovnha_text_copy(held.text, sizeof held.text, x->facts->settings.hold);
    return connect_to(x, &held, err);
}

/* Whatever this copy holds must be found again after the source has overwritten it.  What
 * that is can be told only here, once it is held: until then it may grow, or a server
 * that this plan has started did not run yet. */
static enum ovnha_result set_aside(struct execution *x, const struct ovnha_step *step,
                                   struct ovnha_err *err)
{
    struct ovnha_aside_mark mark;
    enum ovnha_result result;

    if (!x->overwrites) {
        x->overwrites = true;
        x->populated = ovnha_set_aside_populated(x->context);
    }
    result = hold(x, step, err);
    if (result == OVNHA_OK &&
        ovnha_set_aside_is_needed(x->context, x->facts, x->populated, step->db,
                                  step->text, &mark)) {
        result = ovnha_set_aside_mark(x->context, step->db, &mark, err);
    }
    x->memory.aside_full &= ~(1u << step->db);
    x->memory.aside_full |= (unsigned)(result == OVNHA_ERR_REFUSED) << step->db;
    return result;
}

static enum ovnha_result follow(struct execution *x, const struct ovnha_step *step,
                                struct ovnha_err *err)
{
    enum ovnha_result result;

    if (strcmp(step->text, x->facts->settings.hold) == 0) {
        return connect_to(x, step, err);
    }
    result = set_aside(x, step, err);
    if (result == OVNHA_OK) {
        result = connect_to(x, step, err);
    }
    if (result == OVNHA_OK) {
        ovnha_set_aside_trust(x->context, step->db);
    }
    return result;
}

/* A server whose schema does not fit its source's would make itself active, and say
 * nothing.  Held, it is a backup all the same, and the next monitor says why.  A source
 * that cannot be asked now is tried; such a server is found out then. */
static enum ovnha_result
follow_or_hold(struct execution *x, const struct ovnha_step *step, struct ovnha_err *err)
{
    enum ovnha_result result =
        ovnha_schema_check(x->context, step->db, step->text, x->context->deadline, err);

    if (result != OVNHA_ERR_REFUSED) {
        result = follow(x, step, err);
    }
    if (result != OVNHA_ERR_REFUSED) {
        return result;
    }
    qb_log(LOG_WARNING, "%s does not follow %s: %s", settings_of(x, step)->database->name,
           step->text, err->text);
    return hold(x, step, err);
}

static enum ovnha_result note_doubt(struct execution *x, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    return ovnha_set_aside_doubt(x->context, step->db, err);
}

static enum ovnha_result set_probe(struct execution *x, const struct ovnha_step *step,
                                   struct ovnha_err *err)
{
    char probe[16];
    const struct ovnha_unixctl_command command = {
        "ovsdb-server/set-active-ovsdb-server-probe-interval", {probe}};

    snprintf(probe, sizeof probe, "%d", step->number);
    const enum ovnha_result result = control(x, step->db, &command, 1, err);
    if (result == OVNHA_OK) {
        x->memory.probe_ms = step->number;
    }
    return result;
}

/*
 * Remotes.
 */

static bool replicas_are_open(const struct ovnha_server_facts *server,
                              const struct ovnha_step *step)
{
    return strcmp(server->replicas_open, step->text) == 0;
}

static enum ovnha_result open_replicas(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    const struct ovnha_unixctl_command add = {"ovsdb-server/add-remote", {step->text}};
    const enum ovnha_result result =
        control_and_verify(x, step, &add, 1, replicas_are_open, err);

    if (result == OVNHA_OK) {
        ovnha_text_copy(x->memory.remote[step->db], OVNHA_METHOD_SIZE, step->text);
    }
    return result;
}

static bool replicas_are_closed(const struct ovnha_server_facts *server,
                                const struct ovnha_step *step)
{
    (void)step;
    return !server->replicas_open[0];
}

/* The TCP remotes that the server itself lists; there may be some that we never
 * opened. */
static enum ovnha_result remove_tcp_remotes(const struct execution *x, size_t db,
                                            char *list, struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;
    char *rest = list;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        const struct ovnha_unixctl_command remove = {"ovsdb-server/remove-remote",
                                                     {line}};

        if (strncmp(line, "ptcp:", 5) == 0 || strncmp(line, "pssl:", 5) == 0) {
            result = control(x, db, &remove, 1, err);
        }
    }
    return result;
}

static enum ovnha_result
close_replicas(struct execution *x, const struct ovnha_step *step, struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command list = {.method =
                                                          "ovsdb-server/list-remotes"};
    struct ovnha_unixctl *ctl;
    char *reply = NULL;
    enum ovnha_result result =
        ovnha_unixctl_open(x->context->paths.control[step->db], x->deadline, &ctl, err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, &list, 1, &reply, x->deadline, err);
        ovnha_unixctl_close(ctl);
    }
    if (result == OVNHA_OK) {
        result = remove_tcp_remotes(x, step->db, reply, err);
    }
    free(reply);
    return result == OVNHA_OK ? verify(x, step, replicas_are_closed, err) : result;
}

static bool clients_are_open(const struct ovnha_server_facts *server,
                             const struct ovnha_step *step)
{
    (void)step;
    return server->clients_open;
}

static bool clients_are_closed(const struct ovnha_server_facts *server,
                               const struct ovnha_step *step)
{
    (void)step;
    return !server->clients_open;
}

static enum ovnha_result change_clients(const struct execution *x,
                                        const struct ovnha_step *step, const char *method,
                                        is_done *done, struct ovnha_err *err)
{
    const struct ovnha_database *database = settings_of(x, step)->database;
    char remote[OVNHA_METHOD_SIZE];
    const struct ovnha_unixctl_command command = {method, {remote}};

    snprintf(remote, sizeof remote, "db:%s,%s,%s", database->schema, database->root_table,
             database->connections);
    return control_and_verify(x, step, &command, 1, done, err);
}

static enum ovnha_result open_clients(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    return change_clients(x, step, "ovsdb-server/add-remote", clients_are_open, err);
}

static enum ovnha_result close_clients(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    return change_clients(x, step, "ovsdb-server/remove-remote", clients_are_closed, err);
}

/*
 * Rows.
 */

/* One round: read, compare, write what differs.  *written says whether there was
 * anything to write. */
static enum ovnha_result write_differing_rows(const struct execution *x, size_t i,
                                              const struct ovnha_row_wanted *wanted,
                                              struct ovnha_ovsdb *db, bool *written,
                                              struct ovnha_err *err)
{
    const struct ovnha_database *database = x->facts->settings.db[i].database;
    const ovnha_msec deadline = x->context->deadline;
    json_t *query = ovnha_rows_query(database), *results = NULL, *todo = NULL,
           *done = NULL;
    enum ovnha_result result =
        ovnha_ovsdb_transact(db, database->schema, query, &results, deadline, err);

    if (result == OVNHA_OK) {
        result = ovnha_rows_compare(database, wanted, OVNHA_ROWS_N, results, &todo, err);
    }
    *written = todo != NULL;
    if (result == OVNHA_OK && todo) {
        result = ovnha_ovsdb_transact(db, database->schema, todo, &done, deadline, err);
    }
    json_decref(query);
    json_decref(results);
    json_decref(todo);
    json_decref(done);
    return result;
}

/* The round after the one that wrote finds nothing to do, or someone else is at it:
 * three are enough to tell. */
static enum ovnha_result write_rows(struct execution *x, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    struct ovnha_row_wanted wanted[OVNHA_ROWS_N];
    struct ovnha_ovsdb *db;
    bool written = true;
    enum ovnha_result result = ovnha_ovsdb_open(x->context->paths.socket[step->db],
                                                x->context->deadline, &db, err);

    if (result != OVNHA_OK) {
        return result;
    }
    ovnha_rows_wanted(x->facts, step->db, step->text, wanted);
    for (int round = 0; round < 3 && written && result == OVNHA_OK; round++) {
        result = write_differing_rows(x, step->db, wanted, db, &written, err);
    }
    ovnha_ovsdb_close(db);
    if (result == OVNHA_OK && written) {
        return ovnha_fail(err, OVNHA_ERR_CONFLICT,
                          "%s: our Connection rows were written three times and do not "
                          "stay: find the client that changes them, and stop it",
                          settings_of(x, step)->database->name);
    }
    return result;
}

/*
 * Daemons.
 */

static bool is_held(const struct ovnha_server_facts *server,
                    const struct ovnha_step *step)
{
    (void)step;
    return server->sync.state == OVNHA_SYNC_BACKUP && !server->clients_open &&
           !server->replicas_open[0];
}

static enum ovnha_result start_server(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_server(x->context, step->db);
    struct ovnha_daemon daemon;
    enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(x->context, &paths, &daemon, err);

    if (result == OVNHA_OK) {
        result = ovnha_conversion_begin(x->context, step->db, err);
    }
    if (result == OVNHA_OK) {
        result =
            ovnha_ovn_ctl_start_server(x->context, step->db, x->context->deadline, err);
        ovnha_conversion_end(x->context, step->db);
    }
    if (result != OVNHA_OK) {
        return result;
    }
    ovnha_text_copy(x->memory.remote[step->db], OVNHA_METHOD_SIZE,
                    x->facts->settings.hold);
    return verify(x, step, is_held, err);
}

static enum ovnha_result stop_server(struct execution *x, const struct ovnha_step *step,
                                     struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_server(x->context, step->db);
    const char *name = settings_of(x, step)->database->name;
    struct ovnha_daemon daemon;
    struct ovnha_err first;

    ovnha_daemons_ask_to_exit(paths.control, name, x->context->deadline);
    const enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(x->context, &paths, &daemon, err);

    if (result != OVNHA_OK || daemon.presence == OVNHA_PRESENCE_ABSENT) {
        return result;
    }
    if (ovnha_ovn_ctl_stop_server(x->context, step->db, part_of(x, OVN_CTL_STOP_PERCENT),
                                  &first) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s: %s", name, first.text);
    }
    return ovnha_daemons_end(x->context, &paths, name, err);
}

/*
 * ovn-northd.
 */

static enum ovnha_result start_northd(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    (void)step;
    x->memory.northd = true; /* also when nobody can tell whether it started */
    x->memory.northd_paused = false;
    return ovnha_run_northd_start(x->context, x->deadline, err);
}

static enum ovnha_result start_northd_paused(struct execution *x,
                                             const struct ovnha_step *step,
                                             struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_run_northd_start_paused(x->context, x->deadline, err);

    (void)step;
    x->memory.northd = result != OVNHA_ERR_REFUSED;
    x->memory.northd_paused = x->memory.northd;
    return result;
}

static enum ovnha_result pause_northd(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    const enum ovnha_result result = ovnha_run_northd_pause(x->context, x->deadline, err);

    (void)step;
    x->memory.northd = result == OVNHA_OK;
    x->memory.northd_paused = x->memory.northd;
    return result;
}

static enum ovnha_result resume_northd(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    (void)step;
    x->memory.northd = true;
    x->memory.northd_paused = false;
    return ovnha_run_northd_resume(x->context, x->deadline, err);
}

static enum ovnha_result stop_northd(struct execution *x, const struct ovnha_step *step,
                                     struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_run_northd_stop(x->context, x->context->deadline, err);

    (void)step;
    if (result == OVNHA_OK) {
        x->memory.northd = false;
        x->memory.northd_paused = false;
    }
    return result;
}

static enum ovnha_result await_northd(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    (void)step;
    return ovnha_run_northd_await(x->context, part_of(x, NORTHD_PERCENT), err);
}

/*
 * The helper and its record.
 */

/* Without corosync (a remote node, a bundle, a call by hand) nothing can be
 * guarded; that is remembered, and the scores say what replication says. */
static enum ovnha_result start_helper(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_helper_start(x->context, x->context->deadline, err);

    (void)step;
    if (result == OVNHA_ERR_UNAVAILABLE) {
        qb_log(LOG_WARNING, "promotions are not guarded by a record here: %s", err->text);
        x->memory.guarded = OVNHA_NO;
        return OVNHA_OK;
    }
    if (result == OVNHA_OK) {
        x->memory.guarded = OVNHA_YES;
    }
    return result;
}

static enum ovnha_result stop_helper(struct execution *x, const struct ovnha_step *step,
                                     struct ovnha_err *err)
{
    (void)step;
    x->memory.guarded = OVNHA_UNKNOWN;
    return ovnha_helper_stop(x->context, part_of(x, HELPER_PERCENT), err);
}

static enum ovnha_result tell_helper(struct execution *x, const struct ovnha_step *step,
                                     struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_tell(x->context, part_of(x, HELPER_PERCENT), err);
}

static enum ovnha_result
record_attempt(struct execution *x, const struct ovnha_step *step, struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_attempt(x->context, x->generation, x->parent,
                                part_of(x, HELPER_PERCENT), err);
}

static enum ovnha_result write_marker(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    const struct ovnha_database *database = settings_of(x, step)->database;
    json_t *operations = ovnha_marks_set_generation(database, x->facts->settings.resource,
                                                    x->generation, x->parent);
    json_t *results = NULL;
    struct ovnha_ovsdb *db = NULL;
    enum ovnha_result result = ovnha_ovsdb_open(x->context->paths.socket[step->db],
                                                x->context->deadline, &db, err);

    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_transact(db, database->schema, operations, &results,
                                      x->context->deadline, err);
    }
    ovnha_ovsdb_close(db);
    json_decref(operations);
    json_decref(results);
    return result;
}

static enum ovnha_result await_barrier(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/barrier", NULL,
                            part_of(x, BARRIER_PERCENT), err);
}

static enum ovnha_result
record_handover(struct execution *x, const struct ovnha_step *step, struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/handover", NULL, x->context->deadline,
                            err);
}

static enum ovnha_result record_open(struct execution *x, const struct ovnha_step *step,
                                     struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/open", NULL, x->context->deadline, err);
}

/* Nothing was promoted, so both records are made of a copy that is open all the time. */
static enum ovnha_result adopt(struct execution *x, const struct ovnha_step *step,
                               struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_helper_ask(x->context, "ovnha/renew", NULL, x->deadline, err);

    (void)step;
    return result == OVNHA_OK
               ? ovnha_helper_ask(x->context, "ovnha/renew-open", NULL, x->deadline, err)
               : result;
}

/* By a process of its own, so that a monitor's time does not run out in it. */
static enum ovnha_result settle_copies(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    const ovnha_msec now = ovnha_now();
    const ovnha_msec deadline =
        ovnha_deadline_part(x->context->deadline, now, COPIES_PERCENT);
    char milliseconds[16];
    const char *const argv[] = {x->context->invocation->helper, "set-aside", milliseconds,
                                NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    (void)step;
    snprintf(milliseconds, sizeof milliseconds, "%d", ovnha_deadline_left(deadline, now));
    return ovnha_spawn_run(&spawn, &result, x->context->deadline, err);
}

/*
 * What others see, and what we remember.
 */

static enum ovnha_result publish_score(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_publish_score(x->context, step->number, x->context->deadline, err);

    if (result == OVNHA_OK) {
        x->memory.score_known = true;
        x->memory.score = step->number;
    }
    return result;
}

static enum ovnha_result remember(struct execution *x, const struct ovnha_step *step,
                                  struct ovnha_err *err)
{
    (void)err;
    x->memory.role = step->role;
    if (step->role == OVNHA_ROLE_STOPPED) {
        ovnha_run_northd_forget_costly(x->context);
    }
    ovnha_text_copy(x->memory.promoted, sizeof x->memory.promoted, step->text);
    return OVNHA_OK;
}

static enum ovnha_result note_stall(struct execution *x, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    (void)step;
    (void)err;
    for (size_t i = 0; i < x->facts->settings.n_dbs; i++) {
        x->memory.stall[i] = x->facts->server[i].stall;
    }
    return OVNHA_OK;
}

typedef enum ovnha_result
step_function(struct execution *x, const struct ovnha_step *step, struct ovnha_err *err);

static step_function *const functions[] = {
    [OVNHA_STEP_NOTE_DOUBT] = note_doubt,
    [OVNHA_STEP_START_SERVER] = start_server,
    [OVNHA_STEP_STOP_SERVER] = stop_server,
    [OVNHA_STEP_START_NORTHD] = start_northd,
    [OVNHA_STEP_STOP_NORTHD] = stop_northd,
    [OVNHA_STEP_START_NORTHD_PAUSED] = start_northd_paused,
    [OVNHA_STEP_PAUSE_NORTHD] = pause_northd,
    [OVNHA_STEP_RESUME_NORTHD] = resume_northd,
    [OVNHA_STEP_AWAIT_NORTHD] = await_northd,
    [OVNHA_STEP_MAKE_WRITABLE] = make_writable,
    [OVNHA_STEP_FOLLOW] = follow,
    [OVNHA_STEP_FOLLOW_OR_HOLD] = follow_or_hold,
    [OVNHA_STEP_SET_PROBE] = set_probe,
    [OVNHA_STEP_WRITE_ROWS] = write_rows,
    [OVNHA_STEP_OPEN_REPLICAS] = open_replicas,
    [OVNHA_STEP_CLOSE_REPLICAS] = close_replicas,
    [OVNHA_STEP_OPEN_CLIENTS] = open_clients,
    [OVNHA_STEP_CLOSE_CLIENTS] = close_clients,
    [OVNHA_STEP_START_HELPER] = start_helper,
    [OVNHA_STEP_STOP_HELPER] = stop_helper,
    [OVNHA_STEP_TELL_HELPER] = tell_helper,
    [OVNHA_STEP_RECORD_ATTEMPT] = record_attempt,
    [OVNHA_STEP_WRITE_MARKER] = write_marker,
    [OVNHA_STEP_AWAIT_BARRIER] = await_barrier,
    [OVNHA_STEP_RECORD_HANDOVER] = record_handover,
    [OVNHA_STEP_RECORD_OPEN] = record_open,
    [OVNHA_STEP_ADOPT] = adopt,
    [OVNHA_STEP_SETTLE_COPIES] = settle_copies,
    [OVNHA_STEP_PUBLISH_SCORE] = publish_score,
    [OVNHA_STEP_NOTE_STALL] = note_stall,
    [OVNHA_STEP_REMEMBER] = remember,
};

/* What the helper does with northd between operations changes nothing that is remembered,
 * and it has the lock already. */
static bool needs_northd_lock(const struct execution *x, const struct ovnha_step *step)
{
    return x->facts->action != OVNHA_KEEP_NORTHD &&
           (step->kind == OVNHA_STEP_START_NORTHD ||
            step->kind == OVNHA_STEP_START_NORTHD_PAUSED ||
            step->kind == OVNHA_STEP_STOP_NORTHD ||
            step->kind == OVNHA_STEP_PAUSE_NORTHD ||
            step->kind == OVNHA_STEP_RESUME_NORTHD);
}

/* Whether more is to come whatever becomes of the step; northd alone has all the time. */
static bool leaves_time(const struct execution *x, const struct ovnha_step *step)
{
    return x->facts->action != OVNHA_KEEP_NORTHD && (step->tolerated || x->run_all);
}

/* A stop with little time left has other things to do with it, too. */
static ovnha_msec lock_deadline(const struct execution *x)
{
    const ovnha_msec patience = ovnha_deadline_after(ovnha_now(), LOCK_MS);
    const ovnha_msec part = part_of(x, TRY_PERCENT);

    return part < patience ? part : patience;
}

static void save_memory(const struct execution *x)
{
    struct ovnha_err not_saved; /* the step has worked all the same */

    if (x->facts->action != OVNHA_KEEP_NORTHD &&
        ovnha_memory_save(x->context, &x->memory, &not_saved) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", not_saved.text);
    }
}

/* What was done to northd is remembered before the helper may look. */
static enum ovnha_result run_step(const struct ovnha_step *step, void *aux,
                                  struct ovnha_err *err)
{
    struct execution *x = aux;
    struct ovnha_memory before = x->memory;

    const int lock = needs_northd_lock(x, step)
                         ? ovnha_run_northd_lock(x->context, lock_deadline(x))
                         : -1;

    x->deadline = leaves_time(x, step) ? part_of(x, TRY_PERCENT) : x->context->deadline;
    const enum ovnha_result result = functions[step->kind](x, step, err);
    if (memcmp(&before, &x->memory, sizeof before) != 0) {
        save_memory(x);
    }
    ovnha_run_northd_unlock(lock);
    return result;
}

static void log_step(const struct ovnha_step *step, enum ovnha_result result,
                     const struct ovnha_err *err, void *aux)
{
    const struct execution *x = aux;
    char text[OVNHA_STEP_TEXT_SIZE];

    ovnha_step_format(step, &x->facts->settings, text);
    if (result == OVNHA_OK) {
        qb_log(LOG_INFO, OVNHA_LINE_STEP_DONE, ovnha_action_to_str(x->facts->action), text);
    } else {
        qb_log(LOG_WARNING, OVNHA_LINE_STEP_FAILED, ovnha_action_to_str(x->facts->action), text,
               ovnha_result_to_str(result), err->text);
    }
}

enum ovnha_result ovnha_execute(const struct ovnha_context *context,
                                const struct ovnha_facts *facts,
                                const struct ovnha_plan *plan, struct ovnha_err *err)
{
    struct execution x = {.context = context,
                          .facts = facts,
                          .run_all = plan->run_all,
                          .memory = facts->memory};

    return ovnha_plan_run(plan, run_step, log_step, &x, err);
}
