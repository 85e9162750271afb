/* SPDX-License-Identifier: Apache-2.0 */
#include "gather.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <ovnha/ovsdb.h>
#include <ovnha/rows.h>
#include <ovnha/source.h>
#include <ovnha/spawn.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "database_file.h"
#include "file_notes.h"
#include "helper_client.h"
#include "log.h"
#include "memory.h"
#include "nodes.h"
#include "run_northd.h"
#include "schema_check.h"
#include "set_aside.h"

/* Looking may take this much of an operation's time, so that something is left to
 * act in; a server that does not answer by then is silent. */
#define GATHER_PERCENT 50

/* Where more would be an outage. */
#define NORTHD_ANSWERS_MS 1000

/* For what is left of a dying server to be gone; --monitor may also start it again. */
#define DEATH_MS      1000
#define LOOK_AGAIN_MS 10

/* Of what is left to ask the cluster in: a crm_mon that hangs is ended in the rest. */
#define CRM_MON_PERCENT 80

/*
 * One server.
 */

static void read_remote(const struct ovnha_db_settings *db, const char *remote,
                        struct ovnha_server_facts *server)
{
    char clients[OVNHA_METHOD_SIZE];

    snprintf(clients, sizeof clients, "db:%s,%s,%s", db->database->schema,
             db->database->root_table, db->database->connections);
    if (strcmp(remote, clients) == 0) {
        server->clients_open = true;
    } else if (strncmp(remote, "ptcp:", 5) == 0 || strncmp(remote, "pssl:", 5) == 0) {
        /* Two of them are one too many, whichever is ours: a name that fits none
         * has both closed and the right one opened. */
        ovnha_text_copy(server->replicas_open, sizeof server->replicas_open,
                        server->replicas_open[0] ? "several" : remote);
    }
}

static void read_remotes(const struct ovnha_db_settings *db, char *list,
                         struct ovnha_server_facts *server)
{
    char *rest = list;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        read_remote(db, line, server);
    }
}

/* By the connection by which it was found, which ends here; there is none when its
 * backlog was full then. */
static enum ovnha_result ask_server(const char *control, struct ovnha_unixctl *ctl,
                                    ovnha_msec deadline, char *replies[2],
                                    struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command commands[] = {
        {.method = "ovsdb-server/sync-status"},
        {.method = "ovsdb-server/list-remotes"},
    };
    enum ovnha_result result =
        ctl ? OVNHA_OK : ovnha_unixctl_open(control, deadline, &ctl, err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, commands, 2, replies, deadline, err);
    }
    ovnha_unixctl_close(ctl);
    return result;
}

/* Of one whose time cannot be read, it stands still. */
static uint64_t cpu_time_of(pid_t pid)
{
    uint64_t ticks;
    struct ovnha_err err;

    if (ovnha_stall_cpu_time(pid, &ticks, &err) != OVNHA_OK) {
        ovnha_log(LOG_DEBUG, "%s", err.text);
    }
    return ticks;
}

/* While it was asked it did not answer; did it do anything? */
static void look_at_silent(struct ovnha_server_facts *server, uint64_t cpu,
                           ovnha_msec asked_at)
{
    if (server->presence == OVNHA_PRESENCE_RUNNING && server->pid > 0) {
        (void)ovnha_stall_step(&server->stall, server->pid, cpu, asked_at);
        server->stalled = ovnha_stall_step(&server->stall, server->pid,
                                           cpu_time_of(server->pid), ovnha_now());
    }
}

void ovnha_gather_server(const struct ovnha_context *context, size_t i,
                         ovnha_msec deadline, struct ovnha_server_facts *server)
{
    const struct ovnha_daemon_paths paths = ovnha_context_server(context, i);
    struct ovnha_daemon daemon;
    struct ovnha_unixctl *ctl;
    struct ovnha_err err = {""};
    char *replies[2] = {NULL, NULL};
    enum ovnha_result result = ovnha_daemon_look_and_stay(&paths, &daemon, &ctl, &err);
    const uint64_t cpu = daemon.pid > 0 ? cpu_time_of(daemon.pid) : 0;
    const ovnha_msec asked_at = ovnha_now();

    memset(server, 0, sizeof *server);
    server->presence = daemon.presence;
    server->pid = daemon.pid;
    server->stale_pidfile = daemon.stale_pidfile;
    server->restarting = daemon.restarting;
    if (result == OVNHA_OK && daemon.presence == OVNHA_PRESENCE_RUNNING) {
        result = ask_server(paths.control, ctl, deadline, replies, &err);
        if (result == OVNHA_OK) {
            result = ovnha_sync_status_parse(replies[0], &server->sync, &err);
        }
        if (result == OVNHA_OK) {
            read_remotes(&context->params.settings.db[i], replies[1], server);
            server->answered = true;
        }
    }
    if (result != OVNHA_OK) {
        ovnha_text_copy(server->trouble, sizeof server->trouble, err.text);
    }
    if (!server->answered) {
        server->hung_up = result == OVNHA_ERR_LOST || result == OVNHA_ERR_UNAVAILABLE;
        look_at_silent(server, cpu, asked_at);
    }
    free(replies[0]);
    free(replies[1]);
}

/* Each of the servers still to be asked gets its share of what time is left. */
static void gather_servers(const struct ovnha_context *context, ovnha_msec deadline,
                           struct ovnha_facts *facts)
{
    const size_t n = facts->settings.n_dbs;

    for (size_t i = 0; i < n; i++) {
        const int percent = (int)(100 / (n - i));

        ovnha_gather_server(context, i,
                            ovnha_deadline_part(deadline, ovnha_now(), percent),
                            &facts->server[i]);
    }
}

/* One that dies while it is looked at hangs up, and looks like somebody else's when only
 * its file is left to be let go; then its --monitor is there for some milliseconds more.
 */
static bool may_be_dying(const struct ovnha_server_facts *server)
{
    return server->restarting || server->hung_up ||
           server->presence == OVNHA_PRESENCE_FOREIGN;
}

/* What is dead in a moment is dead, not silent or somebody else's: of these nobody would
 * be started again in place.  A stop ends them all. */
static void await_deaths(const struct ovnha_context *context, ovnha_msec deadline,
                         struct ovnha_facts *facts)
{
    const ovnha_msec patience = ovnha_deadline_after(ovnha_now(), DEATH_MS);

    for (size_t i = 0; i < facts->settings.n_dbs && facts->action != OVNHA_STOP; i++) {
        while (may_be_dying(&facts->server[i]) &&
               !ovnha_deadline_passed(patience, ovnha_now())) {
            poll(NULL, 0, LOOK_AGAIN_MS);
            ovnha_gather_server(context, i, deadline, &facts->server[i]);
        }
    }
}

/*
 * Our rows in an active server's data.
 */

static enum ovnha_result compare_rows(const struct ovnha_context *context,
                                      const struct ovnha_facts *facts, size_t i,
                                      ovnha_msec deadline, enum ovnha_tristate *in_place,
                                      struct ovnha_err *err)
{
    const struct ovnha_database *database = facts->settings.db[i].database;
    struct ovnha_row_wanted wanted[OVNHA_ROWS_N];
    char listener[OVNHA_METHOD_SIZE];
    json_t *query = ovnha_rows_query(database), *results = NULL, *todo = NULL;
    struct ovnha_ovsdb *db = NULL;
    enum ovnha_result result =
        ovnha_ovsdb_open(context->paths.socket[i], deadline, &db, err);

    ovnha_source_replicas_listener(facts, i, listener);
    ovnha_rows_wanted(facts, i, listener, wanted);
    if (result == OVNHA_OK) {
        result =
            ovnha_ovsdb_transact(db, database->schema, query, &results, deadline, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_rows_compare(database, wanted, OVNHA_ROWS_N, results, &todo, err);
    }
    if (result == OVNHA_OK) {
        *in_place = todo ? OVNHA_NO : OVNHA_YES;
    }
    ovnha_ovsdb_close(db);
    json_decref(query);
    json_decref(results);
    json_decref(todo);
    return result;
}

static void gather_rows(const struct ovnha_context *context, ovnha_msec deadline,
                        struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        struct ovnha_server_facts *server = &facts->server[i];
        struct ovnha_err err = {""};

        if (server->answered && server->sync.state == OVNHA_SYNC_ACTIVE &&
            compare_rows(context, facts, i, deadline, &server->rows_in_place, &err) !=
                OVNHA_OK) {
            ovnha_text_copy(server->trouble, sizeof server->trouble, err.text);
        }
    }
}

/*
 * Nodes and the cluster.
 */

/* That there is no corosync here is an answer; that it, or what asks it, gave none is a
 * doubt. */
static void ask_for_nodes(struct ovnha_facts *facts)
{
    struct ovnha_err err;
    const enum ovnha_result result = ovnha_nodes_read(facts->node, &facts->n_nodes, &err);

    if (result == OVNHA_OK) {
        facts->nodes_known = true;
        return;
    }
    facts->n_nodes = 0; /* it may have begun with some */
    if (result != OVNHA_ERR_UNAVAILABLE) {
        ovnha_text_copy(facts->nodes_trouble, sizeof facts->nodes_trouble, err.text);
    }
    ovnha_log(result == OVNHA_ERR_UNAVAILABLE ? LOG_DEBUG : LOG_WARNING, "%s", err.text);
}

static void gather_nodes(const struct ovnha_context *context, struct ovnha_facts *facts)
{
    const struct ovnha_node_list *list = &context->params.node_addresses;

    if (list->n > 0) {
        memcpy(facts->node, list->node, list->n * sizeof list->node[0]);
        facts->n_nodes = list->n;
        facts->nodes_known = true;
    } else {
        ask_for_nodes(facts);
    }
}

static enum ovnha_result
read_cluster(const char *text, struct ovnha_cluster_facts *cluster, struct ovnha_err *err)
{
    json_t *json = json_loads(text, 0, NULL);
    const char *promoted = NULL;
    int managed;

    if (!json ||
        json_unpack(json, "{s:b,s:s}", "managed", &managed, "promoted", &promoted)) {
        json_decref(json);
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL, "cannot read what the helper says: %s",
                          text);
    }
    cluster->managed = managed ? OVNHA_YES : OVNHA_NO;
    cluster->promoted_known = OVNHA_YES;
    ovnha_text_copy(cluster->promoted, sizeof cluster->promoted, promoted);
    json_decref(json);
    return OVNHA_OK;
}

static void gather_cluster(const struct ovnha_context *context, ovnha_msec deadline,
                           struct ovnha_facts *facts)
{
    const ovnha_msec now = ovnha_now();
    char ms[16];
    const char *const argv[] = {context->invocation->helper,
                                "cluster-facts",
                                context->invocation->resource,
                                facts->self,
                                ms,
                                NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_err err;
    char *output = NULL;

    snprintf(
        ms, sizeof ms, "%d",
        ovnha_deadline_left(ovnha_deadline_part(deadline, now, CRM_MON_PERCENT), now));
    enum ovnha_result result = ovnha_spawn_capture(&spawn, &output, 4096, deadline, &err);

    facts->cluster.asked = true;
    if (result == OVNHA_OK) {
        result = read_cluster(output, &facts->cluster, &err);
    }
    if (result != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "cannot ask the cluster: %s", err.text);
    }
    free(output);
}

static void gather_lineage(const struct ovnha_context *context, ovnha_msec deadline,
                           struct ovnha_facts *facts)
{
    struct ovnha_err err;

    if (ovnha_helper_judge(context, &facts->lineage, deadline, &err) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "cannot ask the resident helper: %s", err.text);
    }
}

static void gather_wanted(const struct ovnha_context *context, ovnha_msec deadline,
                          struct ovnha_facts *facts)
{
    /* With wrong parameters there is nothing right to repair by. */
    unsigned wanted = context->misconfigured ? 0 : ovnha_facts_wanted(facts);

    if (wanted & OVNHA_WANT_NODES) {
        gather_nodes(context, facts);
        wanted |= ovnha_facts_wanted(facts);
    }
    if (wanted & OVNHA_WANT_CLUSTER) {
        gather_cluster(context, deadline, facts);
    }
    if (wanted & OVNHA_WANT_LINEAGE) {
        gather_lineage(context, deadline, facts);
    }
}

/* Of the servers that are to be told whom to replicate from. */
static void gather_schemas(const struct ovnha_context *context, ovnha_msec deadline,
                           struct ovnha_facts *facts)
{
    char method[OVNHA_METHOD_SIZE];
    struct ovnha_err err;

    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (ovnha_facts_wants_schema(facts, i, method) &&
            ovnha_schema_check(context, i, method, deadline, &err) == OVNHA_ERR_REFUSED) {
            ovnha_text_copy(facts->server[i].unfit, sizeof facts->server[i].unfit,
                            err.text);
        }
    }
}

/* Of the servers that are to be started again in place: nothing looks at their files once
 * more, as a helper does that begins. */
static void gather_files(const struct ovnha_context *context, struct ovnha_facts *facts)
{
    struct ovnha_file_note notes[OVNHA_DB_MAX] = {{.date = 0}};
    const char *names[OVNHA_DB_MAX] = {NULL};
    struct ovnha_err err;

    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        names[i] = facts->settings.db[i].database->name;
    }
    const bool known = ovnha_file_notes_read(context->paths.files, names, notes,
                                             facts->settings.n_dbs, &err) == OVNHA_OK;

    if (!known) {
        ovnha_log(LOG_ERR, "%s", err.text);
    }
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        facts->server[i].replaced = facts->server[i].presence == OVNHA_PRESENCE_ABSENT &&
                                    (!known || ovnha_database_file_was_replaced(
                                                   context->paths.file[i], &notes[i]));
    }
}

/*
 * All of it.
 */

/* A promotion that is over tells everyone whom to follow; so do, to a node that
 * starts, the promoted ones that are not on their way out. */
static const char *promoted_by_notification(const struct ovnha_invocation *invocation,
                                            enum ovnha_action action)
{
    const struct ovnha_notification *notify = &invocation->notify;

    if (action == OVNHA_POST_PROMOTE && notify->promote.n > 0) {
        return notify->promote.name[0];
    }
    if (action == OVNHA_START) {
        for (size_t i = 0; i < notify->promoted.n; i++) {
            if (!ovnha_names_contain(&notify->demote, notify->promoted.name[i])) {
                return notify->promoted.name[i];
            }
        }
    }
    return "";
}

void ovnha_gather_local(const struct ovnha_context *context, enum ovnha_action action,
                        struct ovnha_facts *facts)
{
    const struct ovnha_invocation *invocation = context->invocation;
    const ovnha_msec deadline =
        ovnha_deadline_part(context->deadline, ovnha_now(), GATHER_PERCENT);

    memset(facts, 0, sizeof *facts);
    facts->action = action;
    facts->unnotified = invocation->unnotified;
    facts->probe = invocation->is_probe;
    facts->expected = invocation->expected;
    facts->settings = context->params.settings;
    ovnha_text_copy(facts->self, sizeof facts->self, invocation->node);
    ovnha_text_copy(facts->promoting, sizeof facts->promoting,
                    promoted_by_notification(invocation, action));
    ovnha_memory_load(context, &facts->memory);
    gather_servers(context, deadline, facts);
    /* A stop forgets what another setting left, too. */
    facts->northd_costly = (facts->settings.manage_northd || action == OVNHA_STOP) &&
                           ovnha_run_northd_is_costly(context);
}

/* One with other parameters is a monitor's business: in a demote it knows the others, and
 * one that is started then does not yet. */
static void ask_helper(const struct ovnha_context *context, enum ovnha_action action,
                       ovnha_msec deadline, struct ovnha_facts *facts)
{
    char parameters[OVNHA_PARAMS_TEXT_SIZE] = "";

    if (action == OVNHA_MONITOR) {
        ovnha_params_format(ovnha_env_parameter, NULL, parameters);
    }
    facts->helper_runs =
        ovnha_helper_runs(context, parameters, facts->recorded_active, deadline);
}

/* One that computes does not answer.  That of a monitor is its own time; a role change
 * must not wait for it. */
void ovnha_gather_northd(const struct ovnha_context *context, ovnha_msec deadline,
                         struct ovnha_facts *facts)
{
    const ovnha_msec soon = ovnha_deadline_after(ovnha_now(), NORTHD_ANSWERS_MS);

    if (facts->settings.manage_northd || facts->memory.northd) {
        facts->northd = ovnha_run_northd_look(
            context, facts->action != OVNHA_MONITOR && soon < deadline ? soon : deadline,
            NULL);
    }
}

void ovnha_gather(const struct ovnha_context *context, enum ovnha_action action,
                  struct ovnha_facts *facts)
{
    const ovnha_msec deadline =
        ovnha_deadline_part(context->deadline, ovnha_now(), GATHER_PERCENT);

    ovnha_gather_local(context, action, facts);
    await_deaths(context, deadline, facts);
    ovnha_facts_resume_stalls(facts, facts->memory.stall, ovnha_now());
    ovnha_gather_northd(context, deadline, facts);
    if ((action == OVNHA_MONITOR || action == OVNHA_DEMOTE) &&
        ovnha_facts_guarded(facts) && !facts->probe) {
        ask_helper(context, action, deadline, facts);
    }
    if (action != OVNHA_MONITOR) {
        gather_wanted(context, deadline, facts);
    }
    gather_rows(context, deadline, facts);
    if (action == OVNHA_MONITOR) {
        gather_wanted(context, deadline, facts);
        if (facts->nodes_known) {
            gather_rows(context, deadline, facts); /* one is of this node's address */
        }
    }
    gather_schemas(context, deadline, facts);
    if (action == OVNHA_RESTART) {
        gather_files(context, facts);
    }
    facts->aside_pending =
        ovnha_facts_wants_aside(facts) && ovnha_set_aside_is_pending(context);
}
