/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong, and what to do about it.
 *
 * Critical: clients are not served, or will not be much longer.  A warning: they are, but
 * somebody should look before the next failure.  Not known: nobody could be asked. */

#include "overview.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/progress.h>
#include <ovnha/text.h>

int ovnha_severity_code(enum ovnha_severity severity)
{
    switch (severity) {
    case OVNHA_FINE:
        return 0;
    case OVNHA_WARNING:
        return 1;
    case OVNHA_CRITICAL:
        return 2;
    case OVNHA_NOT_KNOWN:
        return 3;
    }
    return 3;
}

const char *ovnha_severity_to_str(enum ovnha_severity severity)
{
    switch (severity) {
    case OVNHA_FINE:
        return "OK";
    case OVNHA_WARNING:
        return "WARNING";
    case OVNHA_CRITICAL:
        return "CRITICAL";
    case OVNHA_NOT_KNOWN:
        return "UNKNOWN";
    }
    return "?";
}

const char *ovnha_heard_to_str(enum ovnha_heard heard)
{
    switch (heard) {
    case OVNHA_HEARD_NOTHING:
        return "not asked";
    case OVNHA_HEARD_ABSENT:
        return "no helper";
    case OVNHA_HEARD_OLDER:
        return "older helper";
    case OVNHA_HEARD_SILENT:
        return "does not answer";
    case OVNHA_HEARD_ALL:
        return "answered";
    }
    return "?";
}

/*
 * Findings.
 */

/* What does not fit any more is no worse than what is there: a clusterful of trouble. */
static struct ovnha_overview_finding *find(struct ovnha_overview_findings *findings,
                                           enum ovnha_severity severity, const char *code,
                                           const char *node, const char *format, ...)
    OVNHA_PRINTF(5, 6);

static struct ovnha_overview_finding *find(struct ovnha_overview_findings *findings,
                                           enum ovnha_severity severity, const char *code,
                                           const char *node, const char *format, ...)
{
    struct ovnha_overview_finding *finding =
        &findings->finding[findings->n < OVNHA_OVERVIEW_FINDINGS_MAX
                               ? findings->n++
                               : OVNHA_OVERVIEW_FINDINGS_MAX - 1];
    va_list args;

    memset(finding, 0, sizeof *finding);
    finding->severity = severity;
    finding->code = code;
    ovnha_text_copy(finding->node, sizeof finding->node, node);
    va_start(args, format);
    vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
    if (severity > findings->worst) {
        findings->worst = severity;
    }
    return finding;
}

static void advise(struct ovnha_overview_finding *finding, const char *format, ...)
    OVNHA_PRINTF(2, 3);

static void advise(struct ovnha_overview_finding *finding, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(finding->next, sizeof finding->next, format, args);
    va_end(args);
}

/*
 * Who serves.
 */

static void advise_to_wait(const struct ovnha_overview *o,
                           struct ovnha_overview_finding *finding)
{
    size_t length = 0;

    for (size_t i = 0; i < o->n_awaited && length < sizeof finding->next; i++) {
        length += (size_t)snprintf(finding->next + length, sizeof finding->next - length,
                                   "%s %s", i ? "," : "start", o->awaited[i]);
    }
    if (o->n_awaited > 0 && length < sizeof finding->next) {
        snprintf(finding->next + length, sizeof finding->next - length,
                 "; if %s lost for good, see: ovnha accept-loss",
                 o->n_awaited > 1 ? "they are" : "it is");
    }
}

static bool someone_is_changing(const struct ovnha_overview *o)
{
    for (size_t i = 0; i < o->n_nodes; i++) {
        if (o->node[i].pending_op[0]) {
            return true;
        }
    }
    return false;
}

/* A start or a promotion that has failed, or NULL. */
static const struct ovnha_overview_failure *failure_of(const struct ovnha_overview *o)
{
    for (size_t i = 0; i < o->n_failures; i++) {
        const struct ovnha_overview_failure *failure = &o->failure[i];

        if (strcmp(failure->resource, o->resource) == 0 &&
            (strcmp(failure->task, "start") == 0 ||
             strcmp(failure->task, "promote") == 0)) {
            return failure;
        }
    }
    return NULL;
}

/* What is known of the cause is in the same sentence. */
static void say_nobody(const struct ovnha_overview *o,
                       struct ovnha_overview_findings *findings)
{
    static const char code[] = "nobody-promoted";
    const struct ovnha_overview_failure *failure = failure_of(o);
    struct ovnha_overview_finding *finding;

    if (o->reason[0]) {
        finding = find(findings, OVNHA_CRITICAL, code, "", "nobody is promoted: %s %s",
                       o->self, o->reason);
    } else if (failure) {
        finding = find(findings, OVNHA_CRITICAL, code, "",
                       "nobody is promoted: %s failed on %s: %s", failure->task,
                       failure->node, failure->reason);
    } else {
        finding = find(findings, OVNHA_CRITICAL, code, "", "nobody is promoted");
    }
    if (failure) {
        advise(finding, "mend what has failed; then: pcs resource cleanup %s",
               o->resource);
    } else {
        advise(finding, "see: crm_mon -1 -Arf");
    }
    advise_to_wait(o, finding);
}

static size_t count_promoted(const struct ovnha_overview *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->n_nodes; i++) {
        n += o->node[i].role == OVNHA_CLI_PROMOTED;
    }
    return n;
}

static bool all_in_sync_are_banned(const struct ovnha_overview *o)
{
    size_t in_sync = 0, banned = 0;

    for (size_t i = 0; i < o->n_nodes; i++) {
        in_sync += o->node[i].in_sync;
        banned += o->node[i].in_sync && o->node[i].banned[0];
    }
    return in_sync > 0 && banned == in_sync;
}

static void judge_roles(const struct ovnha_overview *o,
                        struct ovnha_overview_findings *findings)
{
    const size_t n = count_promoted(o);

    if (n > 1) {
        advise(find(findings, OVNHA_CRITICAL, "several-promoted", "",
                    "%zu nodes are promoted", n),
               "see crm_mon -1 on each of them: does fencing work?");
    } else if (n == 0 && someone_is_changing(o)) {
        find(findings, OVNHA_CRITICAL, "role-moves", "",
             "nobody is promoted yet: Pacemaker is at it");
    } else if (n == 0 && (!all_in_sync_are_banned(o) || o->n_awaited > 0)) {
        say_nobody(o, findings);
    }
}

static void judge_quorum(const struct ovnha_overview *o,
                         struct ovnha_overview_findings *findings)
{
    if (!o->quorate) {
        advise(find(findings, OVNHA_CRITICAL, "no-quorum", "",
                    "the nodes that see each other here are no quorum: nobody serves, or "
                    "somebody does elsewhere"),
               "bring the others back; see corosync-quorumtool -s");
    }
    if (!o->dc[0]) {
        find(findings, OVNHA_WARNING, "no-dc", "",
             "Pacemaker has no coordinator at the moment");
    }
}

static void judge_vip(const struct ovnha_overview *o,
                      struct ovnha_overview_findings *findings)
{
    const struct ovnha_overview_node *promoted = ovnha_overview_promoted(o);

    if (!o->vip[0] || !promoted) {
        return;
    }
    if (!o->vip_node[0]) {
        advise(find(findings, OVNHA_CRITICAL, "vip-down", "",
                    "the virtual address %s is nowhere", o->vip_address),
               "see why resource %s does not run: crm_mon -1 -rf", o->vip);
    } else if (strcmp(o->vip_node, promoted->name) != 0) {
        advise(find(findings, OVNHA_CRITICAL, "vip-elsewhere", o->vip_node,
                    "the virtual address %s is on %s, and %s is promoted", o->vip_address,
                    o->vip_node, promoted->name),
               "colocate %s with the promoted role of %s", o->vip, o->resource);
    }
}

static void judge_maintenance(const struct ovnha_overview *o,
                              struct ovnha_overview_findings *findings)
{
    if (o->maintenance_mode) {
        advise(find(findings, OVNHA_WARNING, "maintenance-mode", "",
                    "the cluster is in maintenance: nothing is repaired, and nobody "
                    "promoted"),
               "when the work is done: pcs property set maintenance-mode=false");
    }
}

static void judge_failures(const struct ovnha_overview *o,
                           struct ovnha_overview_findings *findings)
{
    for (size_t i = 0; i < o->n_failures; i++) {
        const struct ovnha_overview_failure *failure = &o->failure[i];

        advise(find(findings, OVNHA_WARNING, "failed-action", failure->node,
                    "%s of %s failed on %s (%s): %s", failure->task, failure->resource,
                    failure->node, failure->when, failure->reason),
               "when its cause is gone: pcs resource cleanup %s", failure->resource);
    }
}

/*
 * The record.
 */

/* What pcs and crm_resource leave, they take away again. */
static bool is_left_of_a_move(const struct ovnha_overview_node *node)
{
    return strncmp(node->banned, "cli-", 4) == 0;
}

/* One that is gone is enough. */
static void advise_to_lift(const struct ovnha_overview *o,
                           struct ovnha_overview_finding *finding)
{
    const char *own = "";

    for (size_t i = 0; i < o->n_nodes; i++) {
        if (o->node[i].in_sync && is_left_of_a_move(&o->node[i])) {
            advise(finding, "pcs resource clear %s", o->top[0] ? o->top : o->resource);
            return;
        }
        own = o->node[i].in_sync && !own[0] ? o->node[i].banned : own;
    }
    advise(finding, "remove a constraint, as: pcs constraint delete %s", own);
}

/* Where nobody is promoted, it is why. */
static void judge_bans(const struct ovnha_overview *o,
                       struct ovnha_overview_findings *findings)
{
    for (size_t i = 0; i < o->n_nodes; i++) {
        if (o->node[i].banned[0]) {
            find(findings, OVNHA_FINE, "banned", o->node[i].name, "constraint %s bars %s",
                 o->node[i].banned, o->node[i].name);
        }
    }
    if (o->record_known && all_in_sync_are_banned(o)) {
        advise_to_lift(
            o, find(findings,
                    o->cluster_known && count_promoted(o) == 0 ? OVNHA_CRITICAL
                                                               : OVNHA_WARNING,
                    "all-banned", "",
                    "nobody in sync may be promoted: constraints bar all of them"));
    }
}

static void judge_record(const struct ovnha_overview *o,
                         struct ovnha_overview_findings *findings)
{
    const struct ovnha_record *record = &o->record;

    if (!o->record_known) {
        return;
    }
    if (!ovnha_record_exists(record)) {
        find(findings, OVNHA_WARNING, "no-generation", "",
             "nobody has ever been promoted");
    } else if (record->in_sync.n == 0) {
        find(findings, OVNHA_CRITICAL, "none-in-sync", "", "no copy is in sync");
    } else if (record->in_sync.n == 1) {
        advise(find(findings, OVNHA_WARNING, "one-in-sync", "",
                    "only %s has all of the data: if it is lost, nobody may take over",
                    record->in_sync.member[0].node),
               "see below what keeps the others from following");
    }
}

/*
 * One node.
 */

/* What the doctor says at more length: a word at most, or it would be all that monitoring
 * sees of a cluster that goes without it knowingly. */
static void judge_fencing(const struct ovnha_overview *o,
                          struct ovnha_overview_findings *findings)
{
    if (o->fencing != OVNHA_CLI_FENCED) {
        advise(
            find(findings, OVNHA_FINE, "no-fencing", "", "%s",
                 o->fencing == OVNHA_CLI_FENCING_OFF
                     ? "fencing is switched off: nodes that lose each other may both "
                       "take writes"
                     : "there is no fencing device: after the loss of a node nobody is "
                       "promoted until a person confirms it"),
            "ovnha doctor");
    }
}

/* For seconds, where fencing works.  Pacemaker has it in its role until then. */
static void judge_unclean(const struct ovnha_overview *o,
                          const struct ovnha_overview_node *node,
                          struct ovnha_overview_findings *findings)
{
    const char *name = node->name;
    struct ovnha_overview_finding *finding =
        find(findings, node->role == OVNHA_CLI_PROMOTED ? OVNHA_CRITICAL : OVNHA_WARNING,
             "unclean", name, "%s is %s, and is %s", name,
             node->online ? "not to be trusted any more" : "lost",
             !o->quorate                      ? "not fenced: that takes quorum"
             : o->fencing == OVNHA_CLI_FENCED ? "being fenced"
                                              : "not fenced: there is no device");

    if (o->quorate) {
        ovnha_cli_advise_on_unclean(o->fencing, name, finding->next,
                                    sizeof finding->next);
    }
}

static void judge_presence(const struct ovnha_overview *o,
                           const struct ovnha_overview_node *node,
                           struct ovnha_overview_findings *findings)
{
    const char *name = node->name;

    if (node->unclean) {
        judge_unclean(o, node, findings);
    } else if (node->pending) {
        advise(find(findings, OVNHA_WARNING, "joining", name, "%s is joining the cluster",
                    name),
               "wait; if it stays so: crm_mon -1");
    } else if (!node->online) {
        advise(find(findings, OVNHA_WARNING, "offline", name, "%s is offline", name),
               "start it, and the cluster on it: pcs cluster start %s", name);
    } else if (node->standby) {
        advise(find(findings, OVNHA_WARNING, "standby", name, "%s is in standby", name),
               "when the work is done: pcs node unstandby %s", name);
    } else if (node->maintenance) {
        advise(find(findings, OVNHA_WARNING, "maintenance", name, "%s is in maintenance",
                    name),
               "when the work is done: pcs node unmaintenance %s", name);
    }
}

/* By Pacemaker's INFINITY: a start that has failed is not tried again. */
static bool is_given_up(const struct ovnha_overview_node *node)
{
    return node->failcount >= 1000000;
}

/* Neither is where it is not to run: by a constraint, or since others do already. */
static bool is_missing(const struct ovnha_overview *o,
                       const struct ovnha_overview_node *node)
{
    size_t running = 0;

    for (size_t i = 0; i < o->n_nodes; i++) {
        running += o->node[i].role == OVNHA_CLI_PROMOTED ||
                   o->node[i].role == OVNHA_CLI_UNPROMOTED;
    }
    return node->online && !node->pending && !node->standby && !node->unclean &&
           !is_given_up(node) && !node->pending_op[0] && !node->excluded &&
           (o->wanted < 0 || (int64_t)running < o->wanted) &&
           (node->role == OVNHA_CLI_STOPPED || node->role == OVNHA_CLI_NOTHING);
}

static void judge_instance(const struct ovnha_overview *o,
                           const struct ovnha_overview_node *node,
                           struct ovnha_overview_findings *findings)
{
    const char *name = node->name;

    if (node->blocked) {
        advise(find(findings, OVNHA_CRITICAL, "blocked", name,
                    "Pacemaker has given up on %s: a stop failed, and nobody fences it",
                    name),
               "end what runs there, then: pcs resource cleanup %s", o->resource);
    } else if (is_given_up(node)) {
        advise(find(findings, OVNHA_WARNING, "failcount", name,
                    "%s may not run on %s until it is cleaned up: it has failed there",
                    o->resource, name),
               "when the cause is gone: pcs resource cleanup %s", o->resource);
    } else if (node->failcount > 0) {
        advise(find(findings, OVNHA_WARNING, "failcount", name,
                    "%s has failed %lld times on %s", o->resource,
                    (long long)node->failcount, name),
               "when the cause is gone: pcs resource cleanup %s", o->resource);
    }
    if (node->online && !node->managed && !node->maintenance && !o->maintenance_mode) {
        advise(find(findings, OVNHA_WARNING, "unmanaged", name,
                    "%s is not managed on %s: nothing is repaired there", o->resource,
                    name),
               "pcs resource manage %s", o->resource);
    }
    if (is_missing(o, node)) {
        advise(find(findings, OVNHA_WARNING, "stopped", name, "%s does not run on %s",
                    o->resource, name),
               "see why: crm_mon -1 -rf");
    }
}

static bool is_active(const struct ovnha_overview *o,
                      const struct ovnha_overview_node *node)
{
    return o->cluster_known ? node->role == OVNHA_CLI_PROMOTED : node->serving;
}

static bool runs(const struct ovnha_overview *o, const struct ovnha_overview_node *node)
{
    return o->cluster_known
               ? node->role == OVNHA_CLI_PROMOTED || node->role == OVNHA_CLI_UNPROMOTED
               : node->heard == OVNHA_HEARD_ALL;
}

/* What a server is to do. */
enum duty { TO_SERVE, TO_FOLLOW, TO_WAIT };

static enum duty duty_of(const struct ovnha_overview *o,
                         const struct ovnha_overview_node *node)
{
    if (is_active(o, node)) {
        return TO_SERVE;
    }
    return o->cluster_known && !ovnha_overview_promoted(o) ? TO_WAIT : TO_FOLLOW;
}

static void judge_server(const struct ovnha_overview_node *node,
                         const struct ovnha_overview_db *db, enum duty duty,
                         struct ovnha_overview_findings *findings)
{
    const bool active = duty == TO_SERVE;
    const enum ovnha_severity severity = active ? OVNHA_CRITICAL : OVNHA_WARNING;
    const bool busy = strcmp(db->stalled, "busy") == 0;

    if (strcmp(db->presence, "running") != 0) {
        find(findings, severity, "server-absent", node->name, "the %s server on %s is %s",
             db->name, node->name, db->presence);
    } else if (!db->answered) {
        find(findings, busy ? OVNHA_WARNING : severity,
             busy ? "server-busy" : "server-silent", node->name, "the %s server on %s %s",
             db->name, node->name,
             busy                               ? "is busy, and does not answer yet"
             : strcmp(db->stalled, "hung") == 0 ? "hangs"
                                                : "does not answer");
    } else if (active && strcmp(db->state, "active") != 0) {
        find(findings, OVNHA_CRITICAL, "not-active", node->name,
             "%s is promoted, and its %s server is %s", node->name, db->name, db->state);
    } else if (active && !db->clients[0]) {
        find(findings, OVNHA_CRITICAL, "not-listening", node->name,
             "the %s server on %s, which is promoted, does not listen to clients",
             db->name, node->name);
    } else if (!active && strcmp(db->state, "backup") != 0) {
        find(findings, OVNHA_WARNING, "not-backup", node->name,
             "%s is not promoted, and its %s server is %s", node->name, db->name,
             db->state);
    } else if (duty == TO_FOLLOW && strcmp(db->link, "replicating") != 0) {
        find(findings, OVNHA_WARNING, "not-replicating", node->name,
             "the %s server on %s has no session with %s", db->name, node->name,
             db->source[0] ? db->source : "anybody");
    }
}

static void judge_db(const struct ovnha_overview_node *node,
                     const struct ovnha_overview_db *db, enum duty duty,
                     struct ovnha_overview_findings *findings)
{
    judge_server(node, db, duty, findings);
    if (db->lag_ms >= OVNHA_PROGRESS_LIMIT_MS) {
        find(findings, OVNHA_WARNING, "lag", node->name,
             "the %s server on %s has lacked what it was sent for %lld s", db->name,
             node->name, (long long)db->lag_ms / 1000);
    }
    if (db->file_trouble[0]) {
        advise(find(findings, OVNHA_WARNING, "file", node->name, "the %s file on %s: %s",
                    db->name, node->name, db->file_trouble),
               "see the log of %s, and whether its disk is full", node->name);
    }
}

/* One that computes does not say what it is, and is not in trouble. */
static void judge_northd(const char *resource, const struct ovnha_overview_node *node,
                         bool active, struct ovnha_overview_findings *findings)
{
    if (active && node->manages_northd &&
        (strcmp(node->northd, "absent") == 0 || strcmp(node->northd, "paused") == 0)) {
        struct ovnha_overview_finding *finding =
            find(findings, OVNHA_CRITICAL, "northd", node->name,
                 "ovn-northd is %s on %s, which is promoted: no change takes effect",
                 node->northd, node->name);

        if (node->managed) {
            advise(finding,
                   "it is started again within seconds; if not, see its log on %s",
                   node->name);
        } else {
            advise(finding, "nothing is started while %s is not managed on %s", resource,
                   node->name);
        }
    }
}

static void judge_heard(const struct ovnha_overview *o,
                        const struct ovnha_overview_node *node,
                        struct ovnha_overview_findings *findings)
{
    const char *name = node->name;

    switch (node->heard) {
    case OVNHA_HEARD_NOTHING:
    case OVNHA_HEARD_ALL:
        break;
    case OVNHA_HEARD_ABSENT:
        if (runs(o, node)) {
            advise(find(findings, OVNHA_WARNING, "no-helper", name,
                        "no resident helper is heard from %s", name),
                   "a monitor starts it again; if not, see the log of %s", name);
        }
        break;
    case OVNHA_HEARD_OLDER:
        find(findings, OVNHA_FINE, "older-helper", name,
             "the helper on %s is of another version: what it knows is not shown", name);
        break;
    case OVNHA_HEARD_SILENT:
        advise(find(findings, OVNHA_WARNING, "silent-helper", name,
                    "the helper on %s does not answer", name),
               "look again: while a node is being lost, nobody can; if it stays so, see "
               "whether %s is overloaded, or its disk hangs",
               name);
        break;
    }
}

static void judge_copy(const struct ovnha_overview *o,
                       const struct ovnha_overview_node *node,
                       struct ovnha_overview_findings *findings)
{
    for (size_t i = 0; i < node->n_dbs && runs(o, node) && !node->pending_op[0]; i++) {
        judge_db(node, &node->db[i], duty_of(o, node), findings);
    }
    if (node->heard == OVNHA_HEARD_ALL && !node->pending_op[0]) {
        judge_northd(o->resource, node, is_active(o, node), findings);
    }
    if (o->record_known && ovnha_record_exists(&o->record) && runs(o, node) &&
        !node->in_sync) {
        find(findings, OVNHA_WARNING, "not-in-sync", node->name,
             "%s has not all of the data%s%s", node->name, node->reason[0] ? ": it " : "",
             node->reason);
    }
    if (node->set_aside > 0) {
        advise(find(findings, OVNHA_WARNING, "set-aside", node->name,
                    "%lld copies with rows that nobody salvaged are set aside on %s",
                    (long long)node->set_aside, node->name),
               "on %s: ovnha salvage", node->name);
    }
}

static void judge_node(const struct ovnha_overview *o,
                       const struct ovnha_overview_node *node,
                       struct ovnha_overview_findings *findings)
{
    if (node->in_cluster) {
        judge_presence(o, node, findings);
        judge_instance(o, node, findings);
    }
    if (!node->unclean) { /* of that one, it is all that is to be known */
        judge_heard(o, node, findings);
        judge_copy(o, node, findings);
    }
}

/*
 * All of it.
 */

/* Where more is seen. */
static const struct ovnha_overview_node *whom_to_ask(const struct ovnha_overview *o)
{
    for (size_t i = 0; i < o->n_nodes; i++) {
        if (o->node[i].online && is_active(o, &o->node[i])) {
            return &o->node[i];
        }
    }
    for (size_t i = 0; i < o->n_nodes; i++) {
        if (o->node[i].online && runs(o, &o->node[i])) {
            return &o->node[i];
        }
    }
    return NULL;
}

static void say_that_it_runs_elsewhere(const struct ovnha_overview *o,
                                       struct ovnha_overview_findings *findings)
{
    const struct ovnha_overview_node *other = whom_to_ask(o);
    struct ovnha_overview_finding *finding =
        find(findings, OVNHA_FINE, "not-asked", "",
             "%s does not run on this node, so only what Pacemaker knows is shown",
             o->resource);

    if (other) {
        advise(finding, "ask on %s%s: ovnha status", other->name,
               is_active(o, other) ? ", the active" : "");
    }
}

/* Less is seen then, which is wrong only where more should be. */
static void judge_sources(const struct ovnha_overview *o,
                          struct ovnha_overview_findings *findings)
{
    const struct ovnha_overview_node *self = ovnha_overview_node(o, o->self);

    if (!o->cluster_known) {
        find(findings, OVNHA_NOT_KNOWN, "no-cluster", "", "Pacemaker cannot be asked: %s",
             o->cluster_trouble);
    }
    if (o->helper_known) {
        return;
    }
    if (!o->cluster_known) {
        find(findings, OVNHA_NOT_KNOWN, "not-asked", "", "%s", o->helper_trouble);
    } else if (!o->guarded) {
        find(findings, OVNHA_FINE, "not-guarded", "",
             "there are no resident helpers (guard=no): only Pacemaker can be asked");
    } else if (o->helper_older || (self && runs(o, self) && o->may_ask)) {
        find(findings, OVNHA_WARNING, "not-asked", o->self, "%s", o->helper_trouble);
    } else if (o->may_ask) {
        say_that_it_runs_elsewhere(o, findings);
    } else {
        find(findings, OVNHA_FINE, "not-asked", "",
             "only what Pacemaker knows is shown: %s", o->helper_trouble);
    }
}

/* Of those that are as bad, the order stays. */
static void put_worst_first(struct ovnha_overview_findings *findings)
{
    struct ovnha_overview_finding *list = findings->finding;

    for (size_t i = 1; i < findings->n; i++) {
        const struct ovnha_overview_finding one = list[i];
        size_t at = i;

        for (; at > 0 && list[at - 1].severity < one.severity; at--) {
            list[at] = list[at - 1];
        }
        list[at] = one;
    }
}

void ovnha_overview_judge(const struct ovnha_overview *o,
                          struct ovnha_overview_findings *findings)
{
    memset(findings, 0, sizeof *findings);
    judge_sources(o, findings);
    if (o->cluster_known) {
        judge_quorum(o, findings);
        judge_fencing(o, findings);
    }
    judge_bans(o, findings);
    if (o->cluster_known) {
        judge_roles(o, findings);
        judge_vip(o, findings);
        judge_maintenance(o, findings);
    }
    judge_record(o, findings);
    for (size_t i = 0; i < o->n_nodes; i++) {
        judge_node(o, &o->node[i], findings);
    }
    if (o->cluster_known) {
        judge_failures(o, findings);
    }
    put_worst_first(findings);
}
