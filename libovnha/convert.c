/* SPDX-License-Identifier: Apache-2.0 */
/* Every role change, in the order that keeps data safe.
 *
 * Towards active, a copy is closed to everyone, then writable in every database,
 * then complete, and only then open: first to replicas, then to clients.  Towards
 * backup it turns read-only first, for sessions that are open, too; it is closed when
 * replicas have heard the last writes.  A backup listens on no address at all, so
 * nothing that reconnects by itself can reach one. */

#include <ovnha/convert.h>

#include <stdio.h>
#include <string.h>

#include <ovnha/condition.h>
#include <ovnha/eligibility.h>
#include <ovnha/northd.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

static bool runs(const struct ovnha_server_facts *server)
{
    return server->presence == OVNHA_PRESENCE_RUNNING ||
           server->presence == OVNHA_PRESENCE_UNKNOWN;
}

static void add_text(struct ovnha_plan *plan, enum ovnha_step_kind kind, size_t db,
                     const char *text)
{
    struct ovnha_step *step = ovnha_plan_add(plan, kind, db);

    ovnha_text_copy(step->text, sizeof step->text, text);
}

void ovnha_convert_close(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (facts->server[i].clients_open) {
            ovnha_plan_add(plan, OVNHA_STEP_CLOSE_CLIENTS, i);
        }
        if (facts->server[i].replicas_open[0]) {
            ovnha_plan_add(plan, OVNHA_STEP_CLOSE_REPLICAS, i);
        }
    }
}

/* What is there of it then stays as it is: it may be right. */
static bool is_in_doubt(const struct ovnha_facts *facts, const char *listener)
{
    return !listener[0] && ovnha_source_is_doubtful(facts);
}

static void complete_rows(const struct ovnha_facts *facts, struct ovnha_plan *plan,
                          size_t i)
{
    char listener[OVNHA_METHOD_SIZE];

    ovnha_source_replicas_listener(facts, i, listener);
    if (facts->server[i].rows_in_place != OVNHA_YES && !is_in_doubt(facts, listener)) {
        add_text(plan, OVNHA_STEP_WRITE_ROWS, i, listener);
    }
}

static void complete_replicas(const struct ovnha_facts *facts, struct ovnha_plan *plan,
                              size_t i, bool closed)
{
    const char *open = closed ? "" : facts->server[i].replicas_open;
    char listener[OVNHA_METHOD_SIZE];

    ovnha_source_replicas_listener(facts, i, listener);
    if (strcmp(open, listener) == 0 || is_in_doubt(facts, listener)) {
        return;
    }
    if (open[0]) {
        ovnha_plan_add(plan, OVNHA_STEP_CLOSE_REPLICAS, i);
    }
    if (listener[0]) {
        add_text(plan, OVNHA_STEP_OPEN_REPLICAS, i, listener);
    }
}

void ovnha_convert_complete_active(const struct ovnha_facts *facts,
                                   struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        complete_rows(facts, plan, i);
        complete_replicas(facts, plan, i, false);
        if (!facts->server[i].clients_open) {
            ovnha_plan_add(plan, OVNHA_STEP_OPEN_CLIENTS, i);
        }
    }
    ovnha_northd_activate(facts, plan);
}

void ovnha_convert_close_on_failure(const struct ovnha_facts *facts,
                                    struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        ovnha_plan_add_failure(plan, OVNHA_STEP_CLOSE_CLIENTS, i);
        ovnha_plan_add_failure(plan, OVNHA_STEP_CLOSE_REPLICAS, i);
    }
    ovnha_plan_add_failure(plan, OVNHA_STEP_PUBLISH_SCORE, 0)->number = OVNHA_SCORE_NEVER;
}

static void for_all(const struct ovnha_facts *facts, struct ovnha_plan *plan,
                    enum ovnha_step_kind kind)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        ovnha_plan_add(plan, kind, i);
    }
}

/* Cut from its source the copy changes no more: what the record is asked about it
 * is still true when it turns writable. */
static void cut_and_record_attempt(const struct ovnha_facts *facts,
                                   struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        add_text(plan, OVNHA_STEP_FOLLOW, i, facts->settings.hold);
    }
    ovnha_plan_add(plan, OVNHA_STEP_RECORD_ATTEMPT, 0);
}

static void mark_and_record_open(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    for_all(facts, plan, OVNHA_STEP_WRITE_MARKER);
    ovnha_plan_add(plan, OVNHA_STEP_RECORD_OPEN, 0);
}

void ovnha_convert_to_active(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const size_t n = facts->settings.n_dbs;
    const bool guarded = ovnha_facts_guarded(facts);

    ovnha_convert_close(facts, plan);
    if (guarded) {
        cut_and_record_attempt(facts, plan);
    }
    for_all(facts, plan, OVNHA_STEP_MAKE_WRITABLE);
    for (size_t i = 0; i < n; i++) {
        complete_rows(facts, plan, i);
    }
    if (guarded) {
        mark_and_record_open(facts, plan);
    }
    for (size_t i = 0; i < n; i++) {
        complete_replicas(facts, plan, i, true);
    }
    for_all(facts, plan, OVNHA_STEP_OPEN_CLIENTS);
    ovnha_northd_activate(facts, plan);
    ovnha_convert_close_on_failure(facts, plan);
}

static bool is_absent(const struct ovnha_facts *facts, size_t i)
{
    return facts->server[i].presence == OVNHA_PRESENCE_ABSENT;
}

static void for_absent(const struct ovnha_facts *facts, struct ovnha_plan *plan,
                       enum ovnha_step_kind kind)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (is_absent(facts, i)) {
            ovnha_plan_add(plan, kind, i);
        }
    }
}

/* The longest step, and the one that fails if any does, comes first: until the attempt is
 * recorded, others may be promoted. */
void ovnha_convert_to_restarted(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const size_t n = facts->settings.n_dbs;

    for_absent(facts, plan, OVNHA_STEP_START_SERVER);
    ovnha_plan_add(plan, OVNHA_STEP_RECORD_ATTEMPT, 0);
    for_absent(facts, plan, OVNHA_STEP_MAKE_WRITABLE);
    for (size_t i = 0; i < n; i++) {
        if (is_absent(facts, i)) {
            complete_rows(facts, plan, i);
        }
    }
    mark_and_record_open(facts, plan);
    for (size_t i = 0; i < n; i++) {
        if (is_absent(facts, i)) {
            complete_replicas(facts, plan, i, true);
        }
    }
    for_absent(facts, plan, OVNHA_STEP_OPEN_CLIENTS);
    ovnha_northd_activate(facts, plan);
    for (size_t i = 0; i < n; i++) {
        if (is_absent(facts, i)) {
            ovnha_plan_add_failure(plan, OVNHA_STEP_STOP_SERVER, i);
        }
    }
}

static void add_if(bool wanted, struct ovnha_plan *plan, enum ovnha_step_kind kind)
{
    if (wanted) {
        ovnha_plan_add(plan, kind, 0)->tolerated = true;
    }
}

static void follow_nobody(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        const struct ovnha_server_facts *server = &facts->server[i];

        if (runs(server) && server->sync.state != OVNHA_SYNC_BACKUP) {
            add_text(plan, OVNHA_STEP_FOLLOW, i, facts->settings.hold);
        }
    }
}

/* What a server that does not answer has open is not known. */
static void close_remotes(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        const struct ovnha_server_facts *server = &facts->server[i];

        if (runs(server) && (server->clients_open || !server->answered)) {
            ovnha_plan_add(plan, OVNHA_STEP_CLOSE_CLIENTS, i);
        }
        if (runs(server) && (server->replicas_open[0] || !server->answered)) {
            ovnha_plan_add(plan, OVNHA_STEP_CLOSE_REPLICAS, i);
        }
    }
}

/* Whether clients may have been writing here until now.  One that does not answer is
 * busy, maybe, and writes again before it turns; one that surely hangs is not waited for,
 * and the record stays as it is, for it never turns read-only here. */
static bool hands_over(const struct ovnha_facts *facts)
{
    if (!ovnha_facts_guarded(facts)) {
        return false;
    }
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_ACTIVE:
        return true;
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_MIXED:
        return facts->memory.role == OVNHA_ROLE_ACTIVE && !ovnha_condition_hangs(facts);
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_SELF_PROMOTED:
    case OVNHA_COPY_BACKUP:
        return false;
    }
    return false;
}

/* What is read-only already takes no barrier. */
static bool takes_barrier(const struct ovnha_facts *facts)
{
    return hands_over(facts) && ovnha_condition(facts) != OVNHA_COPY_MIXED;
}

/* A planned move loses nothing: the replicas are waited for before no client can write
 * any more, so that little is left to wait for afterwards.  Sessions outlive the turn to
 * read-only, those of the replicas, too: what was written up to it still gets through.
 * Closing the clients' remote would cut replicas off, from OVS 3.3 on: it changes the
 * options of the remote that is theirs. */
void ovnha_convert_to_backup(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const bool over = hands_over(facts);

    ovnha_northd_retire(facts, plan);
    /* Without it nobody would record who lacks something. */
    add_if(over && facts->helper_runs != OVNHA_YES, plan, OVNHA_STEP_START_HELPER);
    add_if(takes_barrier(facts), plan, OVNHA_STEP_AWAIT_BARRIER);
    follow_nobody(facts, plan);
    add_if(over, plan, OVNHA_STEP_RECORD_HANDOVER);
    close_remotes(facts, plan);
}

/* Clients are acknowledged until every database has turned: northd that does not end, or
 * one server that hangs, must not hold up another. */
void ovnha_convert_to_backup_at_once(const struct ovnha_facts *facts,
                                     struct ovnha_plan *plan)
{
    plan->run_all = true;
    follow_nobody(facts, plan);
    close_remotes(facts, plan);
    ovnha_northd_stop(facts, plan);
}

/* The source of every database, or false when one is not known. */
static bool sources(const struct ovnha_facts *facts, const char *node,
                    char method[OVNHA_DB_MAX][OVNHA_METHOD_SIZE])
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        ovnha_source_method(facts, i, node, method[i]);
        if (!method[i][0]) {
            return false;
        }
    }
    return true;
}

/* Of a server that start has yet to start, nothing is known of what it holds, so the step
 * itself has to look whether it may follow. */
static void follow_source(const struct ovnha_facts *facts, struct ovnha_plan *plan,
                          size_t i, const char *method)
{
    const char *hold = facts->settings.hold;

    if (facts->action == OVNHA_START) {
        add_text(plan, OVNHA_STEP_FOLLOW_OR_HOLD, i, method);
    } else if (!facts->server[i].unfit[0]) {
        add_text(plan, OVNHA_STEP_FOLLOW, i, method);
    } else if (strcmp(facts->server[i].sync.source, hold) != 0) {
        add_text(plan, OVNHA_STEP_FOLLOW, i, hold);
    }
}

static void follow_one(const struct ovnha_facts *facts, struct ovnha_plan *plan, size_t i,
                       const char *method)
{
    const struct ovnha_sync_status *sync = &facts->server[i].sync;

    if (sync->link != OVNHA_LINK_REPLICATING || strcmp(sync->source, method) != 0) {
        follow_source(facts, plan, i, method);
    } else if (facts->memory.probe_ms != facts->settings.replica_probe_ms) {
        ovnha_plan_add(plan, OVNHA_STEP_SET_PROBE, i)->number =
            facts->settings.replica_probe_ms;
    }
}

bool ovnha_convert_to_follower(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const char *node = ovnha_source_node(facts);
    char method[OVNHA_DB_MAX][OVNHA_METHOD_SIZE];

    if (!node[0] || ovnha_source_is_doubtful(facts) || !sources(facts, node, method)) {
        return false;
    }
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        follow_one(facts, plan, i, method[i]);
    }
    return true;
}

void ovnha_convert_to_stopped(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const struct ovnha_settings *settings = &facts->settings;

    plan->run_all = true;
    for (size_t i = 0; i < settings->n_dbs; i++) {
        if (facts->server[i].clients_open) {
            ovnha_plan_add(plan, OVNHA_STEP_CLOSE_CLIENTS, i)->tolerated = true;
        }
    }
    ovnha_northd_stop(facts, plan);
    for (size_t i = 0; i < settings->n_dbs; i++) {
        if (runs(&facts->server[i]) || facts->server[i].stale_pidfile) {
            ovnha_plan_add(plan, OVNHA_STEP_STOP_SERVER, i);
        }
    }
}
