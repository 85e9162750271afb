/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/facts.h>

#include <string.h>

#include <ovnha/condition.h>
#include <ovnha/convert.h>
#include <ovnha/northd.h>
#include <ovnha/source.h>

/* A replica that nobody told of a promotion, since its node was in maintenance then,
 * still looks well: a server says "replicating" long after its source has gone.  The
 * record has got there, though. */
static bool missed_a_promotion(const struct ovnha_facts *facts)
{
    return facts->recorded_active[0] &&
           strcmp(facts->recorded_active, facts->memory.promoted) != 0;
}

/* It serves, and nobody has a record of it, as far as this node knows. */
static bool has_no_record(const struct ovnha_facts *facts)
{
    return ovnha_facts_guarded(facts) && facts->helper_runs == OVNHA_YES &&
           !facts->recorded_active[0];
}

/* Nothing else finds out that a promotion did without an address, or that its listener
 * was closed and forgotten.  Where there is no corosync, it has none to open. */
static bool may_lack_listener(const struct ovnha_facts *facts)
{
    if (facts->nodes_known || facts->memory.guarded == OVNHA_NO) {
        return false;
    }
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (!facts->server[i].replicas_open[0]) {
            return true;
        }
    }
    return false;
}

static unsigned active_wants(const struct ovnha_facts *facts)
{
    struct ovnha_plan repairs;

    if (has_no_record(facts)) {
        return OVNHA_WANT_CLUSTER | OVNHA_WANT_NODES | OVNHA_WANT_LINEAGE;
    }
    ovnha_plan_init(&repairs);
    ovnha_convert_complete_active(facts, &repairs);
    if (repairs.n_steps > 0) {
        return OVNHA_WANT_CLUSTER | OVNHA_WANT_NODES;
    }
    return may_lack_listener(facts) ? OVNHA_WANT_NODES : 0;
}

/* A recurring monitor asks for nothing while the copy is as it was left; asking
 * the cluster costs more than all the rest of a monitor together.  Without
 * notifications nothing else tells a copy that is not guarded of a promotion. */
static unsigned monitor_wants(const struct ovnha_facts *facts)
{
    if (facts->probe) {
        return 0;
    }
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_BACKUP:
        return ovnha_source_in_order(facts) && !facts->unnotified &&
                       !missed_a_promotion(facts) && !ovnha_facts_listens(facts) &&
                       ovnha_northd_stands_by(facts)
                   ? 0
                   : OVNHA_WANT_CLUSTER | OVNHA_WANT_NODES;
    case OVNHA_COPY_ACTIVE:
        return active_wants(facts);
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_MIXED:
    case OVNHA_COPY_SELF_PROMOTED:
        return 0;
    }
    return 0;
}

bool ovnha_facts_guarded(const struct ovnha_facts *facts)
{
    return facts->settings.guard && facts->memory.guarded != OVNHA_NO;
}

/* Only the resident helper finds out what it costs. */
bool ovnha_facts_northd_waits_hot(const struct ovnha_facts *facts)
{
    if (!facts->settings.manage_northd) {
        return false;
    }
    switch (facts->settings.northd_standby) {
    case OVNHA_STANDBY_AUTO:
        return facts->settings.guard && facts->memory.guarded == OVNHA_YES &&
               !facts->northd_costly;
    case OVNHA_STANDBY_HOT:
        return true;
    case OVNHA_STANDBY_COLD:
        return false;
    }
    return false;
}

unsigned ovnha_facts_wanted(const struct ovnha_facts *facts)
{
    switch (facts->action) {
    case OVNHA_START:
        return OVNHA_WANT_NODES | (facts->promoting[0] ? 0 : OVNHA_WANT_CLUSTER);
    case OVNHA_RELOAD:
        return OVNHA_WANT_NODES | OVNHA_WANT_CLUSTER;
    case OVNHA_PROMOTE:
        return OVNHA_WANT_NODES | (ovnha_facts_guarded(facts) ? OVNHA_WANT_LINEAGE : 0);
    case OVNHA_POST_PROMOTE:
    case OVNHA_RESTART:
        return OVNHA_WANT_NODES;
    case OVNHA_MONITOR:
        return monitor_wants(facts);
    case OVNHA_STOP:
    case OVNHA_DEMOTE:
    case OVNHA_KEEP_NORTHD:
        return 0;
    }
    return 0;
}

void ovnha_facts_resume_stalls(struct ovnha_facts *facts,
                               const struct ovnha_stall *before, ovnha_msec now)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        struct ovnha_server_facts *server = &facts->server[i];

        server->stalled = ovnha_stall_resume(&server->stall, &before[i], now);
    }
}

bool ovnha_facts_listens(const struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (facts->server[i].clients_open || facts->server[i].replicas_open[0]) {
            return true;
        }
    }
    return false;
}

/* Whether the action tells a copy whom to follow, when it is a backup. */
static bool may_follow(const struct ovnha_facts *facts)
{
    switch (facts->action) {
    case OVNHA_MONITOR:
        return !facts->probe && facts->cluster.promoted_known == OVNHA_YES;
    case OVNHA_POST_PROMOTE:
    case OVNHA_RELOAD:
        return true;
    case OVNHA_START: /* its servers do not run yet */
    case OVNHA_RESTART:
    case OVNHA_STOP:
    case OVNHA_PROMOTE:
    case OVNHA_DEMOTE:
    case OVNHA_KEEP_NORTHD:
        return false;
    }
    return false;
}

/* Once it replicates, the server has compared them itself. */
bool ovnha_facts_wants_schema(const struct ovnha_facts *facts, size_t i,
                              char method[OVNHA_METHOD_SIZE])
{
    const struct ovnha_sync_status *sync = &facts->server[i].sync;
    const char *node = ovnha_source_node(facts);

    method[0] = '\0';
    if (!may_follow(facts) || ovnha_condition(facts) != OVNHA_COPY_BACKUP || !node[0]) {
        return false;
    }
    ovnha_source_method(facts, i, node, method);
    return method[0] &&
           (sync->link != OVNHA_LINK_REPLICATING || strcmp(sync->source, method) != 0);
}

bool ovnha_facts_wants_aside(const struct ovnha_facts *facts)
{
    return facts->action == OVNHA_MONITOR && !facts->probe && !ovnha_facts_guarded(facts);
}

const char *ovnha_role_to_str(enum ovnha_role role)
{
    switch (role) {
    case OVNHA_ROLE_UNKNOWN:
        return "unknown";
    case OVNHA_ROLE_STOPPED:
        return "stopped";
    case OVNHA_ROLE_BACKUP:
        return "backup";
    case OVNHA_ROLE_ACTIVE:
        return "active";
    }
    return "?";
}

const char *ovnha_action_to_str(enum ovnha_action action)
{
    switch (action) {
    case OVNHA_START:
        return "start";
    case OVNHA_STOP:
        return "stop";
    case OVNHA_MONITOR:
        return "monitor";
    case OVNHA_PROMOTE:
        return "promote";
    case OVNHA_DEMOTE:
        return "demote";
    case OVNHA_POST_PROMOTE:
        return "post-promote";
    case OVNHA_RELOAD:
        return "reload-agent";
    case OVNHA_KEEP_NORTHD:
        return "keep-northd";
    case OVNHA_RESTART:
        return "restart";
    }
    return "?";
}

const char *ovnha_northd_status_to_str(enum ovnha_northd_status status)
{
    switch (status) {
    case OVNHA_NORTHD_UNKNOWN:
        return "unknown";
    case OVNHA_NORTHD_ABSENT:
        return "absent";
    case OVNHA_NORTHD_SILENT:
        return "silent";
    case OVNHA_NORTHD_ACTIVE:
        return "active";
    case OVNHA_NORTHD_STANDBY:
        return "standby";
    case OVNHA_NORTHD_PAUSED:
        return "paused";
    }
    return "?";
}

const char *ovnha_northd_standby_to_str(enum ovnha_northd_standby standby)
{
    switch (standby) {
    case OVNHA_STANDBY_AUTO:
        return "auto";
    case OVNHA_STANDBY_HOT:
        return "hot";
    case OVNHA_STANDBY_COLD:
        return "cold";
    }
    return "?";
}

const char *ovnha_on_crash_to_str(enum ovnha_on_crash on_crash)
{
    switch (on_crash) {
    case OVNHA_ON_CRASH_AUTO:
        return "auto";
    case OVNHA_ON_CRASH_MOVE:
        return "move";
    case OVNHA_ON_CRASH_RESTART:
        return "restart";
    }
    return "?";
}

const char *ovnha_tristate_to_str(enum ovnha_tristate value)
{
    switch (value) {
    case OVNHA_UNKNOWN:
        return "unknown";
    case OVNHA_NO:
        return "no";
    case OVNHA_YES:
        return "yes";
    }
    return "?";
}
