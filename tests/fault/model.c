/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/text.h>

/* Comparing worlds as bytes needs every byte behind the text to be the same. */
static void set_text(char *to, size_t size, const char *from)
{
    memset(to, 0, size);
    ovnha_text_copy(to, size, from);
}

/*
 * Looking.
 */

static enum ovnha_presence presence_of(enum process process)
{
    switch (process) {
    case GONE:
        return OVNHA_PRESENCE_ABSENT;
    case UP:
    case HUNG:
        return OVNHA_PRESENCE_RUNNING;
    case FOREIGN:
        return OVNHA_PRESENCE_FOREIGN;
    }
    abort();
}

static void look_at(const struct model_server *server, struct ovnha_server_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    facts->presence = presence_of(server->process);
    facts->stale_pidfile = server->stale_pidfile;
    facts->answered = server->process == UP;
    if (!facts->answered) {
        return;
    }
    facts->sync.state = server->active ? OVNHA_SYNC_ACTIVE : OVNHA_SYNC_BACKUP;
    if (server->active) {
        facts->rows_in_place = server->rows ? OVNHA_YES : OVNHA_NO;
    } else {
        facts->sync.link =
            server->linked ? OVNHA_LINK_REPLICATING : OVNHA_LINK_CONNECTING;
        set_text(facts->sync.source, sizeof facts->sync.source, server->source);
    }
    facts->clients_open = server->clients;
    set_text(facts->replicas_open, sizeof facts->replicas_open, server->replicas);
}

static void know_nodes(bool blind, struct ovnha_facts *facts)
{
    static const struct ovnha_node nodes[] = {{"node1", "10.77.0.1"},
                                              {"node2", "10.77.0.2"}};

    if (blind) {
        set_text(facts->nodes_trouble, sizeof facts->nodes_trouble, "no node list");
        return;
    }
    facts->nodes_known = true;
    facts->n_nodes = 2;
    memcpy(facts->node, nodes, sizeof nodes);
}

static void know_cluster(const struct world *world, enum ovnha_tristate managed,
                         struct ovnha_facts *facts)
{
    facts->cluster.asked = true;
    facts->cluster.managed = managed;
    facts->cluster.promoted_known = OVNHA_YES;
    ovnha_text_copy(facts->cluster.promoted, OVNHA_NODE_SIZE, world->promoted);
}

void model_gather(const struct world *world, enum ovnha_tristate managed, bool blind,
                  struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        look_at(&world->server[i], &facts->server[i]);
    }
    facts->northd = world->northd;
    facts->memory = world->memory;
    facts->nodes_known = false;
    facts->n_nodes = 0;
    memset(&facts->cluster, 0, sizeof facts->cluster);
    unsigned wanted = ovnha_facts_wanted(facts);

    if (wanted & OVNHA_WANT_NODES) {
        know_nodes(blind, facts);
        wanted |= ovnha_facts_wanted(facts);
    }
    if (wanted & OVNHA_WANT_CLUSTER) {
        know_cluster(world, managed, facts);
    }
}

/*
 * Doing.  False is a step that cannot be done.
 */

static void be_gone(struct model_server *server, bool stale_pidfile)
{
    memset(server, 0, sizeof *server);
    server->process = GONE;
    server->stale_pidfile = stale_pidfile;
}

static bool start_server(struct run *run, const struct ovnha_step *step)
{
    struct model_server *server = &run->world->server[step->db];
    const char *hold = run->facts->settings.hold;

    if (server->process != GONE) {
        return server->process == UP && !server->active;
    }
    be_gone(server, false);
    server->process = UP;
    set_text(server->source, OVNHA_METHOD_SIZE, hold);
    set_text(run->world->memory.remote[step->db], OVNHA_METHOD_SIZE, hold);
    return true;
}

static bool stop_server(struct run *run, const struct ovnha_step *step)
{
    struct model_server *server = &run->world->server[step->db];

    if (server->process != FOREIGN) {
        be_gone(server, false);
    }
    return true;
}

static bool follow(struct run *run, const struct ovnha_step *step)
{
    struct model_server *server = &run->world->server[step->db];
    struct ovnha_memory *memory = &run->world->memory;

    server->active = false;
    server->rows = false;
    server->linked = strcmp(step->text, run->facts->settings.hold) != 0;
    set_text(server->source, OVNHA_METHOD_SIZE, step->text);
    set_text(memory->remote[step->db], OVNHA_METHOD_SIZE, step->text);
    memory->probe_ms = run->facts->settings.replica_probe_ms;
    return true;
}

static bool make_writable(struct run *run, const struct ovnha_step *step)
{
    struct model_server *server = &run->world->server[step->db];

    server->active = true;
    server->linked = false;
    set_text(server->source, OVNHA_METHOD_SIZE, "");
    set_text(run->world->memory.remote[step->db], OVNHA_METHOD_SIZE, "");
    return true;
}

static bool open_replicas(struct run *run, const struct ovnha_step *step)
{
    set_text(run->world->server[step->db].replicas, OVNHA_METHOD_SIZE, step->text);
    set_text(run->world->memory.remote[step->db], OVNHA_METHOD_SIZE, step->text);
    return true;
}

static bool on_server(struct run *run, const struct ovnha_step *step)
{
    struct model_server *server = &run->world->server[step->db];

    if (server->process != UP) {
        return false;
    }
    if (step->kind == OVNHA_STEP_MAKE_WRITABLE) {
        return make_writable(run, step);
    } else if (step->kind == OVNHA_STEP_FOLLOW ||
               step->kind == OVNHA_STEP_FOLLOW_OR_HOLD) {
        return follow(run, step);
    } else if (step->kind == OVNHA_STEP_SET_PROBE) {
        run->world->memory.probe_ms = step->number;
    } else if (step->kind == OVNHA_STEP_WRITE_ROWS) {
        server->rows = server->active;
        return server->active; /* a backup refuses every write */
    } else if (step->kind == OVNHA_STEP_OPEN_REPLICAS) {
        return open_replicas(run, step);
    } else if (step->kind == OVNHA_STEP_CLOSE_REPLICAS) {
        set_text(server->replicas, OVNHA_METHOD_SIZE, "");
    } else {
        server->clients = step->kind == OVNHA_STEP_OPEN_CLIENTS;
    }
    return true;
}

/* northd takes its lock only where it may write. */
static bool start_northd(struct world *world)
{
    bool writable = true;

    for (size_t i = 0; i < 2; i++) {
        writable = writable && world->server[i].process == UP && world->server[i].active;
    }
    world->northd = writable ? OVNHA_NORTHD_ACTIVE : OVNHA_NORTHD_STANDBY;
    world->memory.northd = true;
    world->memory.northd_paused = false;
    return true;
}

static bool start_northd_paused(struct world *world)
{
    if (world->northd == OVNHA_NORTHD_ABSENT) {
        world->northd = OVNHA_NORTHD_PAUSED;
    }
    world->memory.northd = true;
    world->memory.northd_paused = true;
    return world->northd == OVNHA_NORTHD_PAUSED;
}

static bool stop_northd(struct world *world)
{
    world->northd = OVNHA_NORTHD_ABSENT;
    world->memory.northd = false;
    world->memory.northd_paused = false;
    return true;
}

static bool pause_northd(struct world *world)
{
    if (world->northd != OVNHA_NORTHD_ACTIVE) {
        return stop_northd(world) && false;
    }
    world->northd = OVNHA_NORTHD_PAUSED;
    world->memory.northd = true;
    world->memory.northd_paused = true;
    return true;
}

static bool publish(struct world *world, int score)
{
    world->score = score;
    world->memory.score = score;
    world->memory.score_known = true;
    return true;
}

static bool remember(struct world *world, const struct ovnha_step *step)
{
    world->memory.role = step->role;
    set_text(world->memory.promoted, OVNHA_NODE_SIZE, step->text);
    return true;
}

/* The helper refuses it to a copy that is not read-only. */
static bool record_handover(struct run *run)
{
    for (size_t i = 0; i < 2; i++) {
        const struct model_server *server = &run->world->server[i];

        if (server->process != UP || server->active) {
            return false;
        }
    }
    run->handed_over = true;
    return true;
}

/* The helper starts again in place what it can: all is as it was before the death. */
static bool recover(struct run *run)
{
    for (size_t i = 0; i < 2; i++) {
        struct model_server *server = &run->world->server[i];

        if (server->process == GONE) {
            be_gone(server, false);
            server->process = UP;
            server->active = server->rows = server->clients = true;
            snprintf(server->replicas, OVNHA_METHOD_SIZE, "ptcp:664%zu:10.77.0.1", 3 + i);
            set_text(run->world->memory.remote[i], OVNHA_METHOD_SIZE, server->replicas);
        }
    }
    return true;
}

static bool do_step(struct run *run, const struct ovnha_step *step)
{
    switch (step->kind) {
    case OVNHA_STEP_START_SERVER:
        return start_server(run, step);
    case OVNHA_STEP_STOP_SERVER:
        return stop_server(run, step);
    case OVNHA_STEP_START_NORTHD:
        return start_northd(run->world);
    case OVNHA_STEP_STOP_NORTHD:
        return stop_northd(run->world);
    case OVNHA_STEP_START_NORTHD_PAUSED:
        return start_northd_paused(run->world);
    case OVNHA_STEP_PAUSE_NORTHD:
        return pause_northd(run->world);
    case OVNHA_STEP_RESUME_NORTHD:
        return start_northd(run->world) && run->world->northd == OVNHA_NORTHD_ACTIVE;
    case OVNHA_STEP_AWAIT_NORTHD:
        return run->world->northd == OVNHA_NORTHD_ACTIVE;
    case OVNHA_STEP_MAKE_WRITABLE:
    case OVNHA_STEP_FOLLOW:
    case OVNHA_STEP_FOLLOW_OR_HOLD:
    case OVNHA_STEP_SET_PROBE:
    case OVNHA_STEP_WRITE_ROWS:
    case OVNHA_STEP_OPEN_REPLICAS:
    case OVNHA_STEP_CLOSE_REPLICAS:
    case OVNHA_STEP_OPEN_CLIENTS:
    case OVNHA_STEP_CLOSE_CLIENTS:
        return on_server(run, step);
    case OVNHA_STEP_WRITE_MARKER:
        return run->world->server[step->db].active;
    case OVNHA_STEP_START_HELPER:
    case OVNHA_STEP_STOP_HELPER:
    case OVNHA_STEP_TELL_HELPER:
    case OVNHA_STEP_RECORD_ATTEMPT:
    case OVNHA_STEP_RECORD_OPEN:
    case OVNHA_STEP_ADOPT:
    case OVNHA_STEP_NOTE_DOUBT:
    case OVNHA_STEP_SETTLE_COPIES:
    case OVNHA_STEP_AWAIT_BARRIER:
        return true;
    case OVNHA_STEP_AWAIT_RECOVERY:
        return recover(run);
    case OVNHA_STEP_RECORD_HANDOVER:
        return record_handover(run);
    case OVNHA_STEP_PUBLISH_SCORE:
        return publish(run->world, step->number);
    case OVNHA_STEP_FORGET_COST:
    case OVNHA_STEP_NOTE_STALL:
        return true;
    case OVNHA_STEP_REMEMBER:
        return remember(run->world, step);
    }
    abort();
}

/*
 * Failing.
 */

static bool is_about_a_server(const struct ovnha_step *step)
{
    switch (step->kind) {
    case OVNHA_STEP_START_SERVER:
    case OVNHA_STEP_STOP_SERVER:
    case OVNHA_STEP_MAKE_WRITABLE:
    case OVNHA_STEP_FOLLOW:
    case OVNHA_STEP_FOLLOW_OR_HOLD:
    case OVNHA_STEP_SET_PROBE:
    case OVNHA_STEP_WRITE_ROWS:
    case OVNHA_STEP_WRITE_MARKER:
    case OVNHA_STEP_OPEN_REPLICAS:
    case OVNHA_STEP_CLOSE_REPLICAS:
    case OVNHA_STEP_OPEN_CLIENTS:
    case OVNHA_STEP_CLOSE_CLIENTS:
        return true;
    case OVNHA_STEP_START_NORTHD:
    case OVNHA_STEP_STOP_NORTHD:
    case OVNHA_STEP_START_NORTHD_PAUSED:
    case OVNHA_STEP_PAUSE_NORTHD:
    case OVNHA_STEP_RESUME_NORTHD:
    case OVNHA_STEP_AWAIT_NORTHD:
    case OVNHA_STEP_START_HELPER:
    case OVNHA_STEP_STOP_HELPER:
    case OVNHA_STEP_TELL_HELPER:
    case OVNHA_STEP_RECORD_ATTEMPT:
    case OVNHA_STEP_RECORD_OPEN:
    case OVNHA_STEP_ADOPT:
    case OVNHA_STEP_NOTE_DOUBT:
    case OVNHA_STEP_SETTLE_COPIES:
    case OVNHA_STEP_AWAIT_BARRIER:
    case OVNHA_STEP_AWAIT_RECOVERY:
    case OVNHA_STEP_RECORD_HANDOVER:
    case OVNHA_STEP_PUBLISH_SCORE:
    case OVNHA_STEP_FORGET_COST:
    case OVNHA_STEP_NOTE_STALL:
    case OVNHA_STEP_REMEMBER:
        return false;
    }
    abort();
}

/* What fails is not noted as done, whatever it did. */
static void fail_after_effect(struct run *run, const struct ovnha_step *step)
{
    const struct ovnha_memory before = run->world->memory;

    (void)do_step(run, step);
    run->world->memory = before;
}

static void inflict(struct run *run, const struct ovnha_step *step)
{
    struct model_server *server = &run->world->server[step->db];

    switch (run->fault) {
    case FAULT_WITHOUT_EFFECT:
    case FAULTS_N:
        return;
    case FAULT_AFTER_EFFECT:
        fail_after_effect(run, step);
        return;
    case FAULT_HANG:
        if (is_about_a_server(step) && server->process == UP) {
            server->process = HUNG;
        }
        return;
    case FAULT_DIE:
        if (is_about_a_server(step) && server->process != FOREIGN) {
            be_gone(server, true);
        }
        return;
    }
}

/* The `n`th of the run. */
static enum ovnha_result model_step(struct run *run, int n, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    if (n == run->fail_at) {
        inflict(run, step);
        return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "step %d", n);
    }
    if (n == run->fail_also || !do_step(run, step)) {
        return ovnha_fail(err, OVNHA_ERR_UNAVAILABLE, "step %d", n);
    }
    return OVNHA_OK;
}

/* What is done at once is done in any order: here in the other one. */
void model_steps(const struct ovnha_step *steps, size_t n, void *aux,
                 struct ovnha_step_outcome *outcomes)
{
    struct run *run = aux;

    for (size_t i = n; i-- > 0;) {
        outcomes[i].result =
            model_step(run, run->n + (int)i, &steps[i], &outcomes[i].err);
    }
}

void model_step_done(const struct ovnha_step *step, enum ovnha_result result,
                     const struct ovnha_err *err, void *aux)
{
    struct run *run = aux;

    (void)err;
    if (run->n == RUN_STEPS_MAX) {
        abort();
    }
    run->step[run->n] = *step;
    run->result[run->n++] = result;
}

void model_clear(struct world *world)
{
    for (size_t i = 0; i < 2; i++) {
        if (world->server[i].process == HUNG) {
            world->server[i].process = UP;
        }
    }
}
