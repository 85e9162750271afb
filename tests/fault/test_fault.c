/* SPDX-License-Identifier: Apache-2.0 */

/* Every action, from every state the servers may be in, with every step of its
 * plan failing in turn, in four ways, and a second step after it.  The servers are a
 * model (model.h); what has to hold afterwards is the list of invariants below.  One that
 * breaks is printed with the state it began in and the plan. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/decide.h>
#include <ovnha/eligibility.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

#include "model.h"

#define N(array)       (sizeof(array) / sizeof((array)[0]))
#define COMPLAINTS_MAX 5
#define HOLD           "unix:/held"

/*
 * Where a run begins.
 */

static const struct start {
    const char *name;
    struct model_server server;
} starts[] = {
    {"absent", {.process = GONE}},
    {"absent with a stale pidfile", {.process = GONE, .stale_pidfile = true}},
    {"held", {.process = UP, .source = HOLD}},
    {"following", {.process = UP, .linked = true, .source = "tcp:10.77.0.2:664x"}},
    {"astray and open",
     {.process = UP,
      .source = "tcp:10.77.0.9:6643",
      .clients = true,
      .replicas = "ptcp:6649:10.77.0.1"}},
    {"active and closed", {.process = UP, .active = true}},
    {"active without rows",
     {.process = UP, .active = true, .clients = true, .replicas = "ptcp:664x:10.77.0.1"}},
    {"active and complete",
     {.process = UP,
      .active = true,
      .rows = true,
      .clients = true,
      .replicas = "ptcp:664x:10.77.0.1"}},
    {"hung active",
     {.process = HUNG,
      .active = true,
      .rows = true,
      .clients = true,
      .replicas = "ptcp:664x:10.77.0.1"}},
    {"foreign", {.process = FOREIGN}},
};

static const enum ovnha_northd_status northds[] = {
    OVNHA_NORTHD_ABSENT, OVNHA_NORTHD_ACTIVE, OVNHA_NORTHD_STANDBY, OVNHA_NORTHD_SILENT,
    OVNHA_NORTHD_PAUSED};

static const enum ovnha_role roles[] = {OVNHA_ROLE_UNKNOWN, OVNHA_ROLE_STOPPED,
                                        OVNHA_ROLE_BACKUP, OVNHA_ROLE_ACTIVE};

static const struct kind {
    const char *name;
    enum ovnha_action action;
    bool probe;
    enum ovnha_tristate managed;
    const char *promoting;
    bool guard;
    enum ovnha_northd_standby standby;
    bool blind; /* the node list cannot be read */
} kinds[] = {
    {"start", OVNHA_START, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD, false},
    {"start, told of a promoted node", OVNHA_START, false, OVNHA_YES, "node2", false,
     OVNHA_STANDBY_COLD, false},
    {"stop", OVNHA_STOP, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD, false},
    {"promote", OVNHA_PROMOTE, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD, false},
    {"demote", OVNHA_DEMOTE, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD, false},
    {"demote, guarded", OVNHA_DEMOTE, false, OVNHA_YES, "", true, OVNHA_STANDBY_COLD,
     false},
    {"post-promote", OVNHA_POST_PROMOTE, false, OVNHA_YES, "node2", false,
     OVNHA_STANDBY_COLD, false},
    {"reload-agent", OVNHA_RELOAD, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD,
     false},
    {"monitor", OVNHA_MONITOR, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD, false},
    {"monitor, unmanaged", OVNHA_MONITOR, false, OVNHA_NO, "", false, OVNHA_STANDBY_COLD,
     false},
    {"monitor, cluster silent", OVNHA_MONITOR, false, OVNHA_UNKNOWN, "", false,
     OVNHA_STANDBY_COLD, false},
    {"monitor, guarded", OVNHA_MONITOR, false, OVNHA_YES, "", true, OVNHA_STANDBY_COLD,
     false},
    {"probe", OVNHA_MONITOR, true, OVNHA_YES, "", false, OVNHA_STANDBY_COLD, false},
    {"keep-northd", OVNHA_KEEP_NORTHD, false, OVNHA_YES, "", false, OVNHA_STANDBY_COLD,
     false},
    {"hot: start, told of a promoted node", OVNHA_START, false, OVNHA_YES, "node2", false,
     OVNHA_STANDBY_HOT, false},
    {"hot: stop", OVNHA_STOP, false, OVNHA_YES, "", false, OVNHA_STANDBY_HOT, false},
    {"hot: promote", OVNHA_PROMOTE, false, OVNHA_YES, "", false, OVNHA_STANDBY_HOT,
     false},
    {"hot: demote", OVNHA_DEMOTE, false, OVNHA_YES, "", false, OVNHA_STANDBY_HOT, false},
    {"hot: demote, guarded", OVNHA_DEMOTE, false, OVNHA_YES, "", true, OVNHA_STANDBY_HOT,
     false},
    {"hot: post-promote", OVNHA_POST_PROMOTE, false, OVNHA_YES, "node2", false,
     OVNHA_STANDBY_HOT, false},
    {"hot: monitor", OVNHA_MONITOR, false, OVNHA_YES, "", false, OVNHA_STANDBY_HOT,
     false},
    {"hot: monitor, unmanaged", OVNHA_MONITOR, false, OVNHA_NO, "", false,
     OVNHA_STANDBY_HOT, false},
    {"hot: keep-northd", OVNHA_KEEP_NORTHD, false, OVNHA_YES, "", false,
     OVNHA_STANDBY_HOT, false},
    {"restart", OVNHA_RESTART, false, OVNHA_YES, "", true, OVNHA_STANDBY_COLD, false},
    {"hot: restart", OVNHA_RESTART, false, OVNHA_YES, "", true, OVNHA_STANDBY_HOT, false},
    {"blind: start, told of a promoted node", OVNHA_START, false, OVNHA_YES, "node2",
     true, OVNHA_STANDBY_COLD, true},
    {"blind: promote", OVNHA_PROMOTE, false, OVNHA_YES, "", true, OVNHA_STANDBY_COLD,
     true},
    {"blind: post-promote", OVNHA_POST_PROMOTE, false, OVNHA_YES, "node2", true,
     OVNHA_STANDBY_COLD, true},
    {"blind: reload-agent", OVNHA_RELOAD, false, OVNHA_YES, "", true, OVNHA_STANDBY_COLD,
     true},
    {"blind: monitor", OVNHA_MONITOR, false, OVNHA_YES, "", true, OVNHA_STANDBY_COLD,
     true},
};

/* "664x" is the replication port of the database. */
static void fill_port(char *text, size_t i)
{
    char *port = strstr(text, "664x");

    if (port) {
        port[3] = i == 0 ? '3' : '4';
    }
}

static void begin(struct world *world, size_t nb, size_t sb, size_t northd, size_t role)
{
    memset(world, 0, sizeof *world);
    world->server[0] = starts[nb].server;
    world->server[1] = starts[sb].server;
    world->northd = northds[northd];
    world->promoted = roles[role] == OVNHA_ROLE_ACTIVE ? "node1" : "node2";
    world->memory.role = roles[role];
    world->memory.probe_ms = 60000;
    for (size_t i = 0; i < 2; i++) {
        struct model_server *server = &world->server[i];

        fill_port(server->source, i);
        fill_port(server->replicas, i);
        ovnha_text_copy(world->memory.remote[i], OVNHA_METHOD_SIZE,
                        server->active ? server->replicas : server->source);
    }
}

static void init_facts(struct ovnha_facts *facts, const struct kind *kind)
{
    struct ovnha_settings *settings = &facts->settings;

    memset(facts, 0, sizeof *facts);
    facts->action = kind->action;
    facts->probe = kind->probe;
    facts->helper_runs = OVNHA_YES;
    facts->lineage.known = kind->guard;
    facts->lineage.candidacy = OVNHA_MAY;
    ovnha_text_copy(facts->self, sizeof facts->self, "node1");
    ovnha_text_copy(facts->promoting, sizeof facts->promoting, kind->promoting);
    *settings = (struct ovnha_settings){.resource = "ovndb",
                                        .n_dbs = 2,
                                        .master_ip = "10.77.0.100",
                                        .listen_on_master_ip_only = true,
                                        .manage_northd = true,
                                        .guard = kind->guard,
                                        .northd_standby = kind->standby,
                                        .client_probe_ms = 5000,
                                        .replica_probe_ms = 60000,
                                        .hold = HOLD};
    for (size_t i = 0; i < settings->n_dbs; i++) {
        settings->db[i].database = &ovnha_databases[i];
        settings->db[i].port = ovnha_databases[i].client_port;
        settings->db[i].replication_port = ovnha_databases[i].replication_port;
    }
}

/*
 * A run.
 */

struct attempt {
    const struct kind *kind;
    size_t nb, sb, northd, role;
    bool awaited; /* the second of two plans: the helper was let restart what had died */
    struct world before, after;
    struct ovnha_facts facts;
    struct ovnha_plan plan;
    struct run run;
    enum ovnha_result result;
    struct ovnha_err err;
};

static bool succeeded(const struct attempt *a)
{
    return a->result == OVNHA_OK && a->plan.outcome != OVNHA_OUTCOME_FAILED &&
           a->plan.outcome != OVNHA_OUTCOME_FAILED_PROMOTED &&
           a->plan.outcome != OVNHA_OUTCOME_DECIDE_AGAIN;
}

static void decide(struct attempt *a)
{
    init_facts(&a->facts, a->kind);
    a->facts.recovery_awaited = a->awaited;
    model_gather(&a->before, a->kind->managed, a->kind->blind, &a->facts);
    ovnha_decide(&a->facts, &a->plan);
}

static void perform(struct attempt *a, int fail_at, enum fault fault, int fail_also)
{
    a->after = a->before;
    a->run.world = &a->after;
    a->run.facts = &a->facts;
    a->run.fail_at = fail_at;
    a->run.fault = fault;
    a->run.fail_also = fail_also;
    a->run.handed_over = false;
    a->run.n = 0;
    a->err.text[0] = '\0';
    a->result = ovnha_plan_run(&a->plan, model_steps, model_step_done, &a->run, &a->err);
}

/* The first of two plans, whose only step works or does not; then the second one. */
static void decide_again(struct attempt *a, bool recovers)
{
    perform(a, recovers ? -1 : 0, FAULT_WITHOUT_EFFECT, -1);
    a->before = a->after;
    a->awaited = true;
    decide(a);
}

static bool is_to_be_decided_again(const struct attempt *a)
{
    return a->plan.outcome == OVNHA_OUTCOME_DECIDE_AGAIN;
}

/* Another action after it, with no fault; nobody restarts anything. */
static bool go_on(struct attempt *next, const struct kind *kind, const struct world *from)
{
    next->kind = kind;
    next->before = *from;
    next->awaited = false;
    decide(next);
    if (is_to_be_decided_again(next)) {
        decide_again(next, false);
    }
    perform(next, -1, FAULT_WITHOUT_EFFECT, -1);
    return succeeded(next);
}

static const struct kind *kind_of(enum ovnha_action action)
{
    for (size_t i = 0; i < N(kinds); i++) {
        if (kinds[i].action == action) {
            return &kinds[i];
        }
    }
    abort();
}

static const struct kind *sighted(const struct kind *kind)
{
    return kind->blind ? kind_of(kind->action) : kind;
}

/*
 * What can be said of a world.
 */

static bool runs(const struct model_server *server)
{
    return server->process == UP || server->process == HUNG;
}

static bool is_open(const struct model_server *server)
{
    return server->clients || server->replicas[0];
}

static bool all_writable(const struct world *world)
{
    for (size_t i = 0; i < 2; i++) {
        if (world->server[i].process != UP || !world->server[i].active) {
            return false;
        }
    }
    return true;
}

static bool same_servers(const struct world *a, const struct world *b)
{
    return memcmp(a->server, b->server, sizeof a->server) == 0 && a->northd == b->northd;
}

/* Whether a step of this kind was tried on the server and failed. */
static bool step_failed(const struct run *run, enum ovnha_step_kind kind, size_t db)
{
    for (int i = 0; i < run->n; i++) {
        if (run->step[i].kind == kind && run->step[i].db == db &&
            run->result[i] != OVNHA_OK) {
            return true;
        }
    }
    return false;
}

static bool somewhere(const struct world *world, enum process process)
{
    return world->server[0].process == process || world->server[1].process == process;
}

/*
 * The invariants.  Each is false where it is broken.
 */

typedef bool invariant(const struct attempt *a);

static bool closed_unless_closing_failed(const struct attempt *a, size_t i)
{
    const struct model_server *server = &a->after.server[i];

    return server->process != UP ||
           ((!server->clients || step_failed(&a->run, OVNHA_STEP_CLOSE_CLIENTS, i)) &&
            (!server->replicas[0] || step_failed(&a->run, OVNHA_STEP_CLOSE_REPLICAS, i)));
}

/* A refusal leaves all as it was; Pacemaker's demote and stop follow. */
static bool failed_promote_is_closed(const struct attempt *a)
{
    if (a->kind->action != OVNHA_PROMOTE || succeeded(a) || all_writable(&a->after)) {
        return true;
    }
    if (a->plan.outcome != OVNHA_OUTCOME_SUCCESS) {
        return same_servers(&a->before, &a->after);
    }
    return closed_unless_closing_failed(a, 0) && closed_unless_closing_failed(a, 1);
}

static bool failed_promote_has_no_score(const struct attempt *a)
{
    return a->kind->action != OVNHA_PROMOTE || succeeded(a) ||
           a->after.score == OVNHA_SCORE_NEVER ||
           step_failed(&a->run, OVNHA_STEP_PUBLISH_SCORE, 0);
}

static bool promoted_is_whole(const struct attempt *a)
{
    char listener[OVNHA_METHOD_SIZE];

    if (a->kind->action != OVNHA_PROMOTE || !succeeded(a)) {
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct model_server *server = &a->after.server[i];

        ovnha_source_replicas_listener(&a->facts, i, listener);
        if (!server->rows || !server->clients ||
            strcmp(server->replicas, listener) != 0) {
            return false;
        }
    }
    return all_writable(&a->after);
}

static bool demoted_is_read_only_and_closed(const struct attempt *a)
{
    for (size_t i = 0; i < 2; i++) {
        const struct model_server *server = &a->after.server[i];

        if (a->kind->action == OVNHA_DEMOTE && succeeded(a) && runs(server) &&
            (server->active || is_open(server))) {
            return false;
        }
    }
    return true;
}

/* Clients could write until then to some server of what was promoted, and none had died.
 */
static bool demoted_has_handed_over(const struct attempt *a)
{
    const struct model_server *before = a->before.server;
    const bool wrote = runs(&before[0]) && runs(&before[1]) &&
                       (before[0].active || before[1].active) &&
                       a->before.memory.role == OVNHA_ROLE_ACTIVE;

    return a->kind->action != OVNHA_DEMOTE || !a->kind->guard || !succeeded(a) ||
           !wrote || a->run.handed_over ||
           step_failed(&a->run, OVNHA_STEP_RECORD_HANDOVER, 0);
}

static bool started_is_a_closed_backup(const struct attempt *a)
{
    for (size_t i = 0; i < 2; i++) {
        const struct model_server *server = &a->after.server[i];

        if (a->kind->action == OVNHA_START && succeeded(a) &&
            (server->process != UP || server->active || is_open(server))) {
            return false;
        }
    }
    return true;
}

static bool stopped_is_gone(const struct attempt *a)
{
    return a->kind->action != OVNHA_STOP || !succeeded(a) ||
           (!runs(&a->after.server[0]) && !runs(&a->after.server[1]));
}

static bool stopped_has_no_score(const struct attempt *a)
{
    return a->kind->action != OVNHA_STOP || a->after.score == OVNHA_SCORE_NEVER ||
           step_failed(&a->run, OVNHA_STEP_PUBLISH_SCORE, 0);
}

/* One that hangs lets nobody close it. */
static bool stop_leaves_no_clients(const struct attempt *a)
{
    for (size_t i = 0; i < 2; i++) {
        const struct model_server *server = &a->after.server[i];

        if (a->kind->action == OVNHA_STOP && server->process == UP && server->clients &&
            !step_failed(&a->run, OVNHA_STEP_CLOSE_CLIENTS, i)) {
            return false;
        }
    }
    return true;
}

static bool stop_runs_on(const struct attempt *a)
{
    return a->kind->action != OVNHA_STOP ||
           a->run.n ==
               (int)(a->plan.n_steps + (succeeded(a) ? 0 : a->plan.n_failure_steps));
}

static bool first_failure_is_reported(const struct attempt *a)
{
    char text[32] = "";

    for (int i = 0; i < (int)a->plan.n_steps && i < a->run.n; i++) {
        if (a->run.result[i] != OVNHA_OK && !a->run.step[i].tolerated) {
            snprintf(text, sizeof text, "step %d", i);
            break;
        }
    }
    return strcmp(text, a->err.text) == 0 && (text[0] != '\0') == (a->result != OVNHA_OK);
}

/* What was closed, or read-only, is so afterwards. */
static bool only_promotion_opens(const struct attempt *a)
{
    const enum ovnha_action action = a->kind->action;
    const bool may = action == OVNHA_PROMOTE || action == OVNHA_RELOAD ||
                     action == OVNHA_RESTART ||
                     (action == OVNHA_MONITOR && a->kind->managed == OVNHA_YES);

    for (size_t i = 0; i < 2; i++) {
        const struct model_server *before = &a->before.server[i];
        const struct model_server *after = &a->after.server[i];

        if ((after->active && !before->active && action != OVNHA_PROMOTE &&
             action != OVNHA_RESTART) ||
            (is_open(after) && !is_open(before) && !may) ||
            (is_open(after) && !is_open(before) && !after->active)) {
            return false;
        }
    }
    return true;
}

static bool brings_northd_up(enum ovnha_step_kind kind)
{
    return kind == OVNHA_STEP_START_NORTHD || kind == OVNHA_STEP_START_NORTHD_PAUSED ||
           kind == OVNHA_STEP_PAUSE_NORTHD || kind == OVNHA_STEP_RESUME_NORTHD ||
           kind == OVNHA_STEP_AWAIT_NORTHD;
}

/* The databases serve without it. */
static bool northd_costs_nothing(const struct attempt *a)
{
    for (int i = 0; i < a->run.n; i++) {
        if (a->run.result[i] != OVNHA_OK && !brings_northd_up(a->run.step[i].kind)) {
            return true;
        }
    }
    return a->result == OVNHA_OK;
}

/* Where nothing may be written it waits, paused, or does not run. */
static bool northd_works_where_it_may(const struct attempt *a)
{
    const enum ovnha_action action = a->kind->action;
    const bool is_retired = action == OVNHA_DEMOTE || action == OVNHA_START;

    if (!succeeded(a) || a->run.fail_at >= 0) {
        return true;
    }
    if (action == OVNHA_STOP) {
        return a->after.northd == OVNHA_NORTHD_ABSENT;
    }
    return action == OVNHA_PROMOTE
               ? a->after.northd == OVNHA_NORTHD_ACTIVE
               : !is_retired || a->after.northd == OVNHA_NORTHD_ABSENT ||
                     (a->after.northd == OVNHA_NORTHD_PAUSED &&
                      a->kind->standby == OVNHA_STANDBY_HOT);
}

static bool hands_are_kept_off(const struct attempt *a)
{
    const bool off = a->kind->action == OVNHA_MONITOR &&
                     (a->kind->probe || a->kind->managed != OVNHA_YES);

    return !off || same_servers(&a->before, &a->after);
}

static bool was_dead(const struct attempt *a, size_t i)
{
    return a->before.server[i].process == GONE;
}

static bool restarted_is_whole(const struct attempt *a)
{
    if (a->kind->action != OVNHA_RESTART || !succeeded(a)) {
        return true;
    }
    for (size_t i = 0; i < 2; i++) {
        const struct model_server *server = &a->after.server[i];

        if (was_dead(a, i) &&
            (!server->rows || !server->clients || !server->replicas[0])) {
            return false;
        }
    }
    return all_writable(&a->after);
}

/* Whether it can be stopped is the supervisor's concern (agent/restart.c). */
static bool failed_restart_leaves_dead_what_was(const struct attempt *a)
{
    for (size_t i = 0; i < 2; i++) {
        if (a->kind->action == OVNHA_RESTART && !succeeded(a) && was_dead(a, i) &&
            a->after.server[i].process != GONE &&
            !step_failed(&a->run, OVNHA_STEP_STOP_SERVER, i)) {
            return false;
        }
    }
    return true;
}

static bool restart_touches_only_the_dead(const struct attempt *a)
{
    for (size_t i = 0; i < 2; i++) {
        const bool by_fault = a->run.fail_at >= 0 &&
                              a->run.step[a->run.fail_at].db == i &&
                              a->run.fault != FAULT_WITHOUT_EFFECT;

        if (a->kind->action == OVNHA_RESTART && !was_dead(a, i) && !by_fault &&
            memcmp(&a->before.server[i], &a->after.server[i],
                   sizeof a->before.server[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* The index of the first step of this kind that worked, or -1. */
static int worked_at(const struct run *run, enum ovnha_step_kind kind)
{
    for (int i = 0; i < run->n; i++) {
        if (run->step[i].kind == kind && run->result[i] == OVNHA_OK) {
            return i;
        }
    }
    return -1;
}

static bool comes_after(const struct run *run, enum ovnha_step_kind kind,
                        enum ovnha_step_kind record)
{
    const int at = worked_at(run, kind), recorded = worked_at(run, record);

    return at < 0 || (recorded >= 0 && recorded < at);
}

static bool restart_is_recorded(const struct attempt *a)
{
    return a->kind->action != OVNHA_RESTART ||
           (comes_after(&a->run, OVNHA_STEP_MAKE_WRITABLE, OVNHA_STEP_RECORD_ATTEMPT) &&
            comes_after(&a->run, OVNHA_STEP_OPEN_REPLICAS, OVNHA_STEP_RECORD_OPEN) &&
            comes_after(&a->run, OVNHA_STEP_OPEN_CLIENTS, OVNHA_STEP_RECORD_OPEN));
}

/* Where the nodes are is not known. */
static bool nothing_is_guessed(const struct attempt *a)
{
    for (size_t i = 0; i < 2 && a->kind->blind; i++) {
        const struct model_server *before = &a->before.server[i];
        const struct model_server *after = &a->after.server[i];
        const bool kept = !before->replicas[0] || after->replicas[0];

        if (strstr(after->source, a->facts.settings.master_ip) ||
            (a->kind->action == OVNHA_PROMOTE && succeeded(a) && !after->replicas[0]) ||
            (a->kind->action == OVNHA_MONITOR && after->active && !kept)) {
            return false;
        }
    }
    return true;
}

/* As Pacemaker does with a failed promote: demote, stop, start, promote. */
static bool recovers(struct attempt *next, const struct world *from)
{
    static const enum ovnha_action way[] = {OVNHA_DEMOTE, OVNHA_STOP, OVNHA_START,
                                            OVNHA_PROMOTE};
    struct world world = *from;

    for (size_t i = 0; i < N(way); i++) {
        if (!go_on(next, kind_of(way[i]), &world)) {
            return false;
        }
        world = next->after;
    }
    return true;
}

/* What a fault leaves behind is not in the way of the next attempt, which finds the node
 * list again.  A copy that is broken is not reloaded, and a monitor says so. */
static bool converges(const struct attempt *a)
{
    static struct attempt next;
    struct world cleared = a->after;

    if (succeeded(a) || somewhere(&a->before, FOREIGN) ||
        a->kind->action == OVNHA_RELOAD || a->kind->action == OVNHA_RESTART ||
        a->kind->action == OVNHA_MONITOR) {
        return true;
    }
    model_clear(&cleared);
    return a->kind->action == OVNHA_PROMOTE ? recovers(&next, &cleared)
                                            : go_on(&next, sighted(a->kind), &cleared);
}

/* A monitor's score follows what its repairs did, so its second run is the first
 * that may find nothing to do. */
static bool is_idempotent(const struct attempt *a)
{
    static struct attempt second, third;

    if (!succeeded(a) || a->run.fail_at >= 0 || a->kind->action == OVNHA_RESTART) {
        return true;
    }
    if (!go_on(&second, a->kind, &a->after)) {
        return false;
    }
    if (a->kind->action != OVNHA_MONITOR) {
        return memcmp(&a->after, &second.after, sizeof a->after) == 0;
    }
    return go_on(&third, a->kind, &second.after) &&
           memcmp(&second.after, &third.after, sizeof second.after) == 0;
}

static bool ends_with_an_outcome(const struct attempt *a)
{
    return !is_to_be_decided_again(a);
}

static bool recovery_was_awaited(const struct attempt *a)
{
    const enum ovnha_action action = a->kind->action;
    const bool comes_first =
        a->kind->guard && (action == OVNHA_DEMOTE || action == OVNHA_MONITOR) &&
        a->before.memory.role == OVNHA_ROLE_ACTIVE && somewhere(&a->before, GONE) &&
        !somewhere(&a->before, FOREIGN) && !somewhere(&a->before, HUNG);

    return !comes_first || a->awaited;
}

static const struct {
    const char *text;
    invariant *holds;
} invariants[] = {
    {"after a failed promote nobody can connect to a copy that is not whole",
     failed_promote_is_closed},
    {"after a failed promote the score is -INFINITY", failed_promote_has_no_score},
    {"a promote that succeeds leaves all writable, complete and open", promoted_is_whole},
    {"a demote that succeeds leaves nothing writable and nothing open",
     demoted_is_read_only_and_closed},
    {"a guarded demote that succeeds has recorded who holds everything, or has tried",
     demoted_has_handed_over},
    {"a start that succeeds leaves closed backups", started_is_a_closed_backup},
    {"a stop that succeeds leaves no process", stopped_is_gone},
    {"a stop leaves -INFINITY", stopped_has_no_score},
    {"a stop leaves no client listener on a server that still runs",
     stop_leaves_no_clients},
    {"a stop runs on past failures", stop_runs_on},
    {"the first failure is the one that is reported", first_failure_is_reported},
    {"only promotion makes writable, only the active is opened", only_promotion_opens},
    {"a probe, and a monitor of what is not managed, change no server",
     hands_are_kept_off},
    {"no northd that cannot be brought up fails an action", northd_costs_nothing},
    {"northd works on the active only, and waits where it is to",
     northd_works_where_it_may},
    {"a restart that succeeds leaves all writable, complete and open",
     restarted_is_whole},
    {"a restart that fails leaves dead what was", failed_restart_leaves_dead_what_was},
    {"a restart touches only what was dead", restart_touches_only_the_dead},
    {"a restart writes only after its attempt is recorded, and opens only after that is",
     restart_is_recorded},
    {"nobody is followed, and none promoted, by a guess of where nodes are",
     nothing_is_guessed},
    {"after the fault the action succeeds", converges},
    {"an action that succeeded changes nothing when it is run again", is_idempotent},
    {"an operation decides twice at most, and ends with an outcome",
     ends_with_an_outcome},
    {"a demote of a guarded active, and its monitor, let the dead be restarted first",
     recovery_was_awaited},
};

/*
 * Reports.
 */

static int complaints, runs_done;

static void print_plan(const struct attempt *a)
{
    char text[OVNHA_STEP_TEXT_SIZE];

    for (int i = 0; i < a->run.n; i++) {
        ovnha_step_format(&a->run.step[i], &a->facts.settings, text);
        printf("#   %s%s%s\n", text, a->run.result[i] == OVNHA_OK ? "" : " <- fails",
               i == a->run.fail_at || i == a->run.fail_also ? ", on purpose" : "");
    }
    printf("#   outcome: %s %s\n", ovnha_outcome_to_str(a->plan.outcome), a->plan.reason);
}

static void print_server(const char *name, const struct model_server *server)
{
    static const char *const processes[] = {"gone", "up", "hung", "foreign"};

    printf("#   %s: %s, %s, source '%s', replicas '%s', clients %s\n", name,
           processes[server->process], server->active ? "active" : "backup",
           server->source, server->replicas, server->clients ? "open" : "closed");
}

static void report(const struct attempt *a, const char *invariant_text)
{
    static const char *const faults[] = {"without effect", "after its effect",
                                         "by a hang", "by the server's death"};

    if (++complaints > COMPLAINTS_MAX) {
        return;
    }
    printf("# broken: %s\n", invariant_text);
    printf("# %s; nb %s, sb %s, northd %s, memory %s; the step fails %s\n", a->kind->name,
           starts[a->nb].name, starts[a->sb].name,
           ovnha_northd_status_to_str(northds[a->northd]),
           ovnha_role_to_str(roles[a->role]), faults[a->run.fault]);
    print_plan(a);
    print_server("nb after", &a->after.server[0]);
    print_server("sb after", &a->after.server[1]);
    printf("#   score after: %d\n", a->after.score);
}

static void check(const struct attempt *a)
{
    runs_done++;
    for (size_t i = 0; i < N(invariants); i++) {
        if (!invariants[i].holds(a)) {
            report(a, invariants[i].text);
        }
    }
}

/*
 * All of it.
 */

/* The step fails, alone and together with each that may run after it. */
static void run_with_fault(struct attempt *a, int fail_at, enum fault fault)
{
    const int all = (int)(a->plan.n_steps + a->plan.n_failure_steps);

    perform(a, fail_at, fault, -1);
    check(a);
    for (int also = fail_at + 1; also < all; also++) {
        perform(a, fail_at, fault, also);
        check(a);
    }
}

static void run_plan(struct attempt *a)
{
    perform(a, -1, FAULT_WITHOUT_EFFECT, -1);
    check(a);
    for (int i = 0; i < (int)a->plan.n_steps; i++) {
        for (int fault = 0; fault < FAULTS_N; fault++) {
            run_with_fault(a, i, (enum fault)fault);
        }
    }
}

static void run_from(struct attempt *a, bool recovers)
{
    begin(&a->before, a->nb, a->sb, a->northd, a->role);
    a->awaited = false;
    decide(a);
    if (is_to_be_decided_again(a)) {
        decide_again(a, recovers);
    }
    run_plan(a);
}

static void run_kind(const struct kind *kind)
{
    static struct attempt a;

    a.kind = kind;
    for (a.nb = 0; a.nb < N(starts); a.nb++) {
        for (a.sb = 0; a.sb < N(starts); a.sb++) {
            for (a.northd = 0; a.northd < N(northds); a.northd++) {
                for (a.role = 0; a.role < N(roles); a.role++) {
                    run_from(&a, true);
                    if (a.awaited) {
                        run_from(&a, false);
                    }
                }
            }
        }
    }
}

int main(void)
{
    int failed = 0;

    printf("1..%zu\n", N(kinds));
    for (size_t i = 0; i < N(kinds); i++) {
        complaints = runs_done = 0;
        run_kind(&kinds[i]);
        if (complaints) {
            failed++;
            printf("# %d broken in %d runs\n", complaints, runs_done);
        }
        printf("%sok %zu - %s: %d runs\n", complaints ? "not " : "", i + 1, kinds[i].name,
               runs_done);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
