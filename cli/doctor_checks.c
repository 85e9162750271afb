/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of `ovnha doctor`, one function each, and their table. */

#include "doctor.h"
#include "move.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ovnha/aside.h>
#include <ovnha/endpoint.h>
#include <ovnha/role.h>

#include "agent/params.h"
#include "vip.h"

/*
 * What checks say.
 */

const char *ovnha_doctor_severity_to_str(enum ovnha_doctor_severity severity)
{
    switch (severity) {
    case OVNHA_DOCTOR_WARNING:
        return "warning";
    case OVNHA_DOCTOR_CRITICAL:
        return "critical";
    }
    return "?";
}

__attribute__((format(printf, 3, 4))) static void
found(struct ovnha_doctor_findings *findings, enum ovnha_doctor_severity severity,
      const char *meaning, ...)
{
    va_list args;

    if (findings->n == OVNHA_DOCTOR_FINDINGS_MAX) {
        findings->n--; /* what is said of it next is said of the last one */
    }
    struct ovnha_doctor_finding *finding = &findings->finding[findings->n++];

    memset(finding, 0, sizeof *finding);
    finding->check = findings->check;
    finding->severity = severity;
    va_start(args, meaning);
    vsnprintf(finding->meaning, sizeof finding->meaning, meaning, args);
    va_end(args);
}

static struct ovnha_doctor_finding *last(struct ovnha_doctor_findings *findings)
{
    return &findings->finding[findings->n - 1];
}

/* How the last finding is mended. */
__attribute__((format(printf, 2, 3))) static void
pcs(struct ovnha_doctor_findings *findings, const char *command, ...)
{
    va_list args;

    va_start(args, command);
    vsnprintf(last(findings)->pcs, OVNHA_DOCTOR_TEXT, command, args);
    va_end(args);
}

__attribute__((format(printf, 2, 3))) static void
crm(struct ovnha_doctor_findings *findings, const char *command, ...)
{
    va_list args;

    va_start(args, command);
    vsnprintf(last(findings)->crm, OVNHA_DOCTOR_TEXT, command, args);
    va_end(args);
}

/* By neither: what a person does on the node. */
__attribute__((format(printf, 2, 3))) static void
by_hand(struct ovnha_doctor_findings *findings, const char *what, ...)
{
    va_list args;

    va_start(args, what);
    vsnprintf(last(findings)->pcs, OVNHA_DOCTOR_TEXT, what, args);
    va_end(args);
    memcpy(last(findings)->crm, last(findings)->pcs, OVNHA_DOCTOR_TEXT);
}

#define WARNING  OVNHA_DOCTOR_WARNING
#define CRITICAL OVNHA_DOCTOR_CRITICAL

typedef void check(const struct ovnha_doctor_facts *facts,
                   struct ovnha_doctor_findings *findings);

/*
 * Questions to the configuration.
 */

const char *ovnha_doctor_parameter(const struct ovnha_cli_resource *resource,
                                   const char *name)
{
    const char *value = ovnha_cli_pairs_get(&resource->params, name);

    return value && *value ? value : ovnha_params_fallback(name);
}

static const char *parameter(const struct ovnha_doctor_facts *facts, const char *name)
{
    return ovnha_doctor_parameter(facts->cluster->db, name);
}

static bool is(const char *text, const char *word)
{
    return text && strcasecmp(text, word) == 0;
}

static bool is_yes(const char *text)
{
    return text && ovnha_cli_is_true(text);
}

/* What commands that are about the clone name. */
static const char *clone_of(const struct ovnha_cli_resource *resource)
{
    return resource->top[0] ? resource->top : resource->id;
}

/* Of the clone; of what is in it where that says nothing. */
static const char *meta(const struct ovnha_doctor_facts *facts, const char *name)
{
    const struct ovnha_cli_resource *db = facts->cluster->db;
    const char *value = ovnha_cli_pairs_get(&db->top_meta, name);

    return value ? value : ovnha_cli_pairs_get(&db->meta, name);
}

static bool is_named(const struct ovnha_cli_resource *resource, const char *name)
{
    return name[0] && (is(resource->id, name) || is(resource->top, name) ||
                       is(resource->group, name));
}

/*
 * The cluster.
 */

static check fencing;
static void fencing(const struct ovnha_doctor_facts *facts,
                    struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_cluster *cluster = facts->cluster;
    const enum ovnha_cli_fencing state = ovnha_cli_cluster_fencing(cluster);
    const char *name =
        ovnha_cli_name_in_force(cluster, "fencing-enabled", "stonith-enabled");

    if (state == OVNHA_CLI_FENCING_OFF) {
        found(findings, CRITICAL,
              "fencing is switched off: when nodes do not see each other, two copies may "
              "take writes, and those of one are lost");
        pcs(findings, "pcs stonith create ...; pcs property set %s=true", name);
        crm(findings,
            "crm configure primitive ... stonith:...; crm configure property %s=true",
            name);
    } else if (state == OVNHA_CLI_WITHOUT_DEVICE) {
        found(findings, CRITICAL,
              "fencing is switched on, but there is no device: after the loss of a node "
              "nobody is promoted until a person confirms it");
        pcs(findings, "pcs stonith create ... (pcs stonith list)");
        crm(findings, "crm configure primitive ... stonith:... (crm ra list stonith)");
    }
}

static check quorum_policy;
static void quorum_policy(const struct ovnha_doctor_facts *facts,
                          struct ovnha_doctor_findings *findings)
{
    const char *policy =
        ovnha_cli_cluster_property(facts->cluster, "no-quorum-policy", "stop");

    if (is(policy, "ignore")) {
        found(
            findings, CRITICAL,
            "no-quorum-policy is ignore: every part of a cut cluster promotes a copy of "
            "its own, as far as the record lets it");
    } else if (is(policy, "freeze")) {
        found(findings, WARNING,
              "no-quorum-policy is freeze: an active without quorum keeps the role and "
              "the virtual address though it is read-only, and clients stay with it");
    } else {
        return;
    }
    pcs(findings, "pcs property set no-quorum-policy=stop");
    crm(findings, "crm configure property no-quorum-policy=stop");
}

static check maintenance;
static void maintenance(const struct ovnha_doctor_facts *facts,
                        struct ovnha_doctor_findings *findings)
{
    if (is_yes(ovnha_cli_cluster_property(facts->cluster, "maintenance-mode", "false"))) {
        found(findings, WARNING,
              "the cluster is in maintenance mode: nothing is monitored or failed over");
        pcs(findings, "pcs property set maintenance-mode=false");
        crm(findings, "crm configure property maintenance-mode=false");
    } else if (meta(facts, "is-managed") && !is_yes(meta(facts, "is-managed"))) {
        found(findings, WARNING, "%s is not managed: nothing is failed over",
              facts->cluster->db->id);
        pcs(findings, "pcs resource manage %s", clone_of(facts->cluster->db));
        crm(findings, "crm resource manage %s", clone_of(facts->cluster->db));
    }
}

static check pacemaker_versions;
static void pacemaker_versions(const struct ovnha_doctor_facts *facts,
                               struct ovnha_doctor_findings *findings)
{
    if (facts->cluster->mixed_version) {
        found(
            findings, WARNING,
            "the nodes run different versions of Pacemaker: an upgrade is not over, and "
            "one that leaves may not come back");
        by_hand(findings, "finish the upgrade on all nodes (crm_mon -1 shows the DC's)");
    }
}

/*
 * The clone.
 */

static check promotable;
static void promotable(const struct ovnha_doctor_facts *facts,
                       struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_resource *db = facts->cluster->db;

    if (is(db->top_kind, "master") || is(db->top_kind, "bundle") ||
        is_yes(meta(facts, "promotable"))) {
        return;
    }
    found(findings, CRITICAL,
          "%s is not promotable: no copy is ever made active, and nobody can write",
          db->id);
    if (is(db->top_kind, "clone")) {
        pcs(findings, "pcs resource meta %s promotable=true", db->top);
        crm(findings, "crm resource meta %s set promotable true", db->top);
    } else {
        pcs(findings, "pcs resource promotable %s notify=true", db->id);
        crm(findings, "crm configure clone %s-clone %s meta promotable=true notify=true",
            db->id, db->id);
    }
}

static check notify;
static void notify(const struct ovnha_doctor_facts *facts,
                   struct ovnha_doctor_findings *findings)
{
    const char *clone = clone_of(facts->cluster->db);

    if (is_yes(meta(facts, "notify"))) {
        return;
    }
    found(
        findings, WARNING,
        "notify is off: replicas learn of a promotion from their next monitor only, and "
        "a move does not know the next active beforehand");
    pcs(findings, "pcs resource meta %s notify=true", clone);
    crm(findings, "crm resource meta %s set notify true", clone);
}

static void expect_number(const struct ovnha_doctor_facts *facts, const char *name,
                          const char *older, const char *why,
                          struct ovnha_doctor_findings *findings)
{
    const char *clone = clone_of(facts->cluster->db);
    const char *set = meta(facts, name) ? name : older;
    const char *value = set ? meta(facts, set) : NULL;

    if (value && strcmp(value, "1") != 0) {
        found(findings, CRITICAL, "%s is %s: %s", set, value, why);
        pcs(findings, "pcs resource meta %s %s=1", clone, set);
        crm(findings, "crm resource meta %s set %s 1", clone, set);
    }
}

static check instances;
static void instances(const struct ovnha_doctor_facts *facts,
                      struct ovnha_doctor_findings *findings)
{
    const char *clone = clone_of(facts->cluster->db);

    expect_number(facts, "promoted-max", "master-max", "two copies would take writes",
                  findings);
    expect_number(facts, "clone-node-max", NULL,
                  "two instances on a node would share its sockets and files", findings);
    if (is_yes(meta(facts, "globally-unique"))) {
        found(findings, CRITICAL,
              "globally-unique is true: instances on different nodes are not alike for "
              "Pacemaker, and it may start two of them on one");
        pcs(findings, "pcs resource meta %s globally-unique=false", clone);
        crm(findings, "crm resource meta %s set globally-unique false", clone);
    }
}

/*
 * Operations.
 */

static const struct ovnha_cli_op *find_monitor(const struct ovnha_cli_resource *resource,
                                               bool promoted)
{
    for (size_t i = 0; i < resource->n_ops; i++) {
        const struct ovnha_cli_op *op = &resource->op[i];

        if (is(op->name, "monitor") && op->interval_ms > 0 &&
            (!op->enabled[0] || is_yes(op->enabled)) &&
            is(op->role, OVNHA_WORD_PROMOTED) == promoted) {
            return op;
        }
    }
    return NULL;
}

static void add_monitor(const char *id, const char *role, const char *interval,
                        struct ovnha_doctor_findings *findings)
{
    pcs(findings, "pcs resource op add %s monitor interval=%s timeout=20s role=%s", id,
        interval, role);
    crm(findings, "crm configure monitor %s:%s %s:20s", id, role, interval);
}

static check monitors;
static void monitors(const struct ovnha_doctor_facts *facts,
                     struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_resource *db = facts->cluster->db;

    if (!find_monitor(db, true)) {
        found(findings, CRITICAL,
              "there is no monitor of the promoted role: a dead or hung active is not "
              "noticed by Pacemaker");
        add_monitor(db->id, OVNHA_WORD_PROMOTED, "10s", findings);
    }
    if (!find_monitor(db, false)) {
        found(
            findings, WARNING,
            "there is no monitor of the unpromoted role: a dead replica is not noticed, "
            "and the next failover finds no copy");
        add_monitor(db->id, OVNHA_WORD_UNPROMOTED, "30s", findings);
    }
}

static check monitor_intervals;
static void monitor_intervals(const struct ovnha_doctor_facts *facts,
                              struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_resource *db = facts->cluster->db;
    const struct ovnha_cli_op *promoted = find_monitor(db, true);
    const struct ovnha_cli_op *other = find_monitor(db, false);

    if (!promoted || !other || promoted->interval_ms != other->interval_ms) {
        return;
    }
    found(
        findings, CRITICAL,
        "the monitors of both roles have the interval %s: Pacemaker tells them apart by "
        "it, and runs only one of them",
        promoted->interval);
    pcs(findings,
        "pcs resource op delete %s; pcs resource op add %s monitor "
        "interval=%llds timeout=20s role=%s",
        other->id, db->id, 3 * other->interval_ms / 1000 + 1,
        other->role[0] ? other->role : OVNHA_WORD_UNPROMOTED);
    crm(findings, "crm configure edit %s (give the monitor of role %s interval=%llds)",
        db->id, other->role[0] ? other->role : OVNHA_WORD_UNPROMOTED,
        3 * other->interval_ms / 1000 + 1);
}

static check on_fail;
static void on_fail(const struct ovnha_doctor_facts *facts,
                    struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_resource *db = facts->cluster->db;

    for (size_t i = 0; i < db->n_ops; i++) {
        const struct ovnha_cli_op *op = &db->op[i];

        if (is(op->on_fail, "ignore") || is(op->on_fail, "block")) {
            found(findings, CRITICAL, "on-fail of %s is %s: its failure leads to nothing",
                  op->name, op->on_fail);
            pcs(findings, "pcs resource update %s op %s interval=%s on-fail=%s", db->id,
                op->name, op->interval[0] ? op->interval : "0s",
                is(op->name, "stop") ? "fence" : "restart");
            crm(findings, "crm configure edit %s (take on-fail=%s away)", db->id,
                op->on_fail);
        }
    }
}

/* Loading costs 60 ms of CPU for each MB; on a busy machine three times that in time. */
#define LOAD_MS_PER_MB 180

static const struct {
    const char *name;
    int floor_ms; /* below that a busy machine fails healthy operations */
    bool loads;   /* it may have to wait for a server that loads its database */
} timeouts[] = {
    {"start", 20000, true},   {"stop", 20000, false},    {"promote", 20000, true},
    {"demote", 20000, false}, {"monitor", 20000, false},
};

static long long timeout_of(const struct ovnha_doctor_facts *facts,
                            const struct ovnha_cli_op *op)
{
    const char *general = ovnha_cli_pairs_get(&facts->cluster->op_defaults, "timeout");

    if (op && op->timeout[0]) {
        return op->timeout_ms;
    }
    return general ? ovnha_cli_msec(general) : 20000;
}

/* crmsh finds a monitor by the name that it gives to those that it makes. */
static void set_timeout_by_crm(const char *id, const struct ovnha_cli_op *op,
                               const char *name, long long seconds,
                               struct ovnha_doctor_findings *findings)
{
    char own[300];

    snprintf(own, sizeof own, "%s-%s-%s", id, name, op ? op->interval : "");
    if (!op) {
        crm(findings, "crm configure op_defaults timeout=%llds", seconds);
    } else if (!is(name, "monitor")) {
        crm(findings, "crm configure set %s.%s.timeout %llds", id, name, seconds);
    } else if (is(op->id, own)) {
        crm(findings, "crm configure set %s.monitor.%s.timeout %llds", id, op->interval,
            seconds);
    } else {
        crm(findings,
            "cibadmin -M -A \"//op[@id='%s']\" -X '<op id=\"%s\" timeout=\"%llds\"/>'",
            op->id, op->id, seconds);
    }
}

static void judge_timeout(const struct ovnha_doctor_facts *facts, size_t which,
                          const struct ovnha_cli_op *op,
                          struct ovnha_doctor_findings *findings)
{
    const char *id = facts->cluster->db->id, *name = timeouts[which].name;
    const long long bytes = facts->host.database_bytes;
    const long long load =
        timeouts[which].loads && bytes > 0 ? bytes / 1000000 * LOAD_MS_PER_MB : 0;
    const long long needed = timeouts[which].floor_ms + load;
    const long long has = timeout_of(facts, op);
    char interval[64] = "";

    if (has < 0 || has >= needed) {
        return;
    }
    if (is(name, "monitor")) {
        snprintf(interval, sizeof interval, " interval=%s", op->interval);
    }
    found(findings, load > 0 ? CRITICAL : WARNING,
          "the timeout of %s is %lld s, and %lld s may be needed%s: a busy node is taken "
          "for a failed one",
          name, has / 1000, (needed + 999) / 1000,
          load > 0 ? " to load databases of this size" : "");
    pcs(findings, "pcs resource update %s op %s%s%s%s timeout=%llds", id, name, interval,
        op && op->role[0] ? " role=" : "", op && op->role[0] ? op->role : "",
        (needed + 9999) / 10000 * 10);
    set_timeout_by_crm(id, op, name, (needed + 9999) / 10000 * 10, findings);
}

static check operation_timeouts;
static void operation_timeouts(const struct ovnha_doctor_facts *facts,
                               struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_resource *db = facts->cluster->db;

    for (size_t t = 0; t < sizeof timeouts / sizeof timeouts[0]; t++) {
        bool configured = false;

        for (size_t i = 0; i < db->n_ops; i++) {
            if (is(db->op[i].name, timeouts[t].name)) {
                configured = true;
                judge_timeout(facts, t, &db->op[i], findings);
            }
        }
        if (!configured && !is(timeouts[t].name, "monitor")) {
            judge_timeout(facts, t, NULL, findings);
        }
    }
}

/*
 * The virtual address.
 */

/* One that is no address is refused, and brought up by nothing. */
static bool wants_vip(const struct ovnha_doctor_facts *facts)
{
    char address[OVNHA_ADDR_SIZE];
    enum ovnha_family family;

    return is_yes(parameter(facts, "listen_on_master_ip_only")) &&
           ovnha_addr_parse(parameter(facts, "master_ip"), address, &family, NULL) ==
               OVNHA_OK;
}

static check vip;
static void vip(const struct ovnha_doctor_facts *facts,
                struct ovnha_doctor_findings *findings)
{
    const char *address = parameter(facts, "master_ip"), *db = facts->cluster->db->id;
    const struct ovnha_cli_resource *there = ovnha_cli_vip(facts->cluster);

    if (!wants_vip(facts) || (there && ovnha_cli_has_master_ip(facts->cluster, there))) {
        return;
    }
    found(findings, WARNING,
          "no resource brings up %s, the address that clients are to connect to: unless "
          "something else does, they reach nobody",
          address);
    pcs(findings,
        "pcs resource create %s-vip ocf:heartbeat:IPaddr2 ip=%s op monitor interval=10s",
        db, address);
    crm(findings,
        "crm configure primitive %s-vip ocf:heartbeat:IPaddr2 params ip=%s op monitor "
        "interval=10s",
        db, address);
}

static check vip_colocation;
static void vip_colocation(const struct ovnha_doctor_facts *facts,
                           struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_resource *address = ovnha_cli_vip(facts->cluster);
    const char *clone = clone_of(facts->cluster->db);

    if (!address || address->with_promoted) {
        return;
    }
    found(findings, CRITICAL,
          "%s does not follow the promoted role: it may be on a node that is read-only, "
          "or where nothing listens",
          address->id);
    pcs(findings, "pcs constraint colocation add %s with Promoted %s score=INFINITY",
        clone_of(address), clone);
    crm(findings, "crm configure colocation %s-with-promoted inf: %s %s:Promoted",
        address->id, clone_of(address), clone);
}

static check vip_colocation_score;
static void vip_colocation_score(const struct ovnha_doctor_facts *facts,
                                 struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_cluster *cluster = facts->cluster;
    const struct ovnha_cli_resource *address = ovnha_cli_vip(facts->cluster);

    for (size_t i = 0; address && i < cluster->n_colocations; i++) {
        const struct ovnha_cli_colocation *c = &cluster->colocation[i];

        if (is_named(address, c->resource) && is_named(cluster->db, c->with) &&
            is(c->with_role, OVNHA_WORD_PROMOTED) && c->score[0] &&
            !strstr(c->score, "INFINITY")) {
            found(findings, WARNING,
                  "the colocation %s of %s with the promoted role has the score %s, not "
                  "INFINITY: it may stay behind when the role moves",
                  c->id, address->id, c->score);
            pcs(findings,
                "pcs constraint delete %s; pcs constraint colocation add %s with Promoted "
                "%s score=INFINITY",
                c->id, clone_of(address), clone_of(cluster->db));
            crm(findings, "crm configure edit %s (score inf:)", c->id);
        }
    }
}

/* None is needed: only a promoted copy listens. */
static void propose_no_order(const char *order, struct ovnha_doctor_findings *findings)
{
    pcs(findings, "pcs constraint delete %s", order);
    crm(findings, "crm configure delete %s", order);
}

static check vip_order;
static void vip_order(const struct ovnha_doctor_facts *facts,
                      struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_cluster *cluster = facts->cluster;
    const struct ovnha_cli_resource *address = ovnha_cli_vip(facts->cluster);

    for (size_t i = 0; address && i < cluster->n_orders; i++) {
        const struct ovnha_cli_order *order = &cluster->order[i];

        if (is_named(address, order->first) && is_named(cluster->db, order->then)) {
            found(findings, WARNING,
                  "%s: %s is up before the promotion and during the demotion, so clients "
                  "meet a copy that is read-only",
                  order->id, address->id);
            propose_no_order(order->id, findings);
        }
    }
}

static check order_action;
static void order_action(const struct ovnha_doctor_facts *facts,
                         struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_cluster *cluster = facts->cluster;
    const struct ovnha_cli_resource *address = ovnha_cli_vip(facts->cluster);

    for (size_t i = 0; address && i < cluster->n_orders; i++) {
        const struct ovnha_cli_order *order = &cluster->order[i];

        if (is_named(cluster->db, order->first) && is_named(address, order->then) &&
            !is(order->first_action, "promote")) {
            found(
                findings, WARNING,
                "%s waits for the start of %s, not for its promotion: %s may be up while "
                "the copy is read-only",
                order->id, cluster->db->id, address->id);
            propose_no_order(order->id, findings);
        }
    }
}

/*
 * Parameters.
 */

static const char *get_parameter(const char *name, void *aux)
{
    const struct ovnha_cli_resource *resource = aux;

    return ovnha_cli_pairs_get(&resource->params, name);
}

static check parameters;
static void parameters(const struct ovnha_doctor_facts *facts,
                       struct ovnha_doctor_findings *findings)
{
    struct ovnha_cli_resource db = *facts->cluster->db;
    struct ovnha_params params;
    struct ovnha_err err;

    if (ovnha_params_parse(get_parameter, &db, &params, &err) != OVNHA_OK) {
        found(findings, CRITICAL, "%s: start and promote refuse that", err.text);
        pcs(findings, "pcs resource update %s NAME=VALUE", db.id);
        crm(findings, "crm resource param %s set NAME VALUE", db.id);
    }
}

/* A replica gets everything in one piece: a probe that is shorter than that takes begins
 * it anew, for ever. */
#define LEAST_REPLICATION_PROBE 10000
#define LEAST_CLIENT_PROBE      5000

static void judge_probe(const struct ovnha_doctor_facts *facts, const char *name,
                        long least, const char *too_short, const char *proposed,
                        struct ovnha_doctor_findings *findings)
{
    const char *value = parameter(facts, name), *id = facts->cluster->db->id;
    const long ms = strtol(value, NULL, 10);

    if (ms == 0) {
        found(findings, WARNING,
              "%s is 0: a connection whose other end has vanished is never ended, nor a "
              "lock that it holds",
              name);
    } else if (ms < least) {
        found(findings, WARNING, "%s is %s ms: %s", name, value, too_short);
    } else {
        return;
    }
    pcs(findings, "pcs resource update %s %s=%s", id, name, proposed);
    crm(findings, "crm resource param %s set %s %s", id, name, proposed);
}

static check probes;
static void probes(const struct ovnha_doctor_facts *facts,
                   struct ovnha_doctor_findings *findings)
{
    judge_probe(facts, "inactive_probe_interval", LEAST_CLIENT_PROBE,
                "clients of a busy server are cut off", "60000", findings);
    judge_probe(facts, "inactive_probe_interval_to_master", LEAST_REPLICATION_PROBE,
                "a replica that loads everything is cut off, and begins anew", "60000",
                findings);
}

static bool is_of_kind(const struct ovnha_cli_resource *resource)
{
    return is(resource->type, "ovndb-servers");
}

/* Names of what both have, or "". */
static const char *shared_with(const struct ovnha_cli_resource *a,
                               const struct ovnha_cli_resource *b)
{
    static const char *const alone[] = {"ovn_rundir", "ovn_dbdir"};
    static const char *const ports[] = {"nb_master_port", "sb_master_port",
                                        "nb_replication_port", "sb_replication_port"};

    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        if (is(ovnha_doctor_parameter(a, alone[i]),
               ovnha_doctor_parameter(b, alone[i]))) {
            return alone[i];
        }
    }
    for (size_t i = 2; i < sizeof ports / sizeof ports[0]; i++) {
        if (is(ovnha_doctor_parameter(a, ports[i]),
               ovnha_doctor_parameter(b, ports[i]))) {
            return ports[i];
        }
    }
    return "";
}

static check clashes;
static void clashes(const struct ovnha_doctor_facts *facts,
                    struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_cluster *cluster = facts->cluster;

    for (size_t i = 0; i < cluster->n_resources; i++) {
        const struct ovnha_cli_resource *other = &cluster->resource[i];
        const char *shared;

        if (other == cluster->db || !is_of_kind(other)) {
            continue;
        }
        shared = shared_with(cluster->db, other);
        if (shared[0]) {
            found(findings, CRITICAL,
                  "%s and %s have the same %s: they take each other's servers and files "
                  "for their own",
                  cluster->db->id, other->id, shared);
            pcs(findings, "pcs resource delete %s, or pcs resource update %s %s=...",
                clone_of(other), other->id, shared);
            crm(findings, "crm configure delete %s, or crm resource param %s set %s ...",
                clone_of(other), other->id, shared);
        }
    }
}

/*
 * Placement.
 */

static check left_constraints;
static void left_constraints(const struct ovnha_doctor_facts *facts,
                             struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_cluster *cluster = facts->cluster;
    const char *clone = clone_of(cluster->db);

    for (size_t i = 0; i < cluster->n_locations; i++) {
        const struct ovnha_cli_location *location = &cluster->location[i];

        if (strncmp(location->id, "cli-", 4) == 0 &&
            is_named(cluster->db, location->resource)) {
            found(findings, WARNING,
                  "%s is left of a move: it keeps the role away from nodes, or on one",
                  location->id);
            pcs(findings, "pcs resource clear %s", clone);
            crm(findings, "crm resource clear %s", clone);
        }
    }
}

static check cut_off_move;
static void cut_off_move(const struct ovnha_doctor_facts *facts,
                         struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_location *move = ovnha_cli_move_of(facts->cluster);

    if (!move) {
        return;
    }
    found(
        findings, WARNING,
        "%s draws the role to %s until %s: ovnha is moving it now, or was cut off while "
        "it did, and no other move is begun before",
        move->id, move->node, move->expires);
    pcs(findings, "pcs constraint delete %s (unless it is moving now)", move->id);
    crm(findings, "crm configure delete %s (unless it is moving now)", move->id);
}

static check migration_threshold;
static void migration_threshold(const struct ovnha_doctor_facts *facts,
                                struct ovnha_doctor_findings *findings)
{
    const struct ovnha_cli_pairs *defaults = &facts->cluster->rsc_defaults;
    const char *clone = clone_of(facts->cluster->db);
    const char *threshold = meta(facts, "migration-threshold");
    const char *forgotten = meta(facts, "failure-timeout");

    threshold =
        threshold ? threshold : ovnha_cli_pairs_get(defaults, "migration-threshold");
    forgotten = forgotten ? forgotten : ovnha_cli_pairs_get(defaults, "failure-timeout");
    if (!threshold || is(threshold, "0") || is(threshold, "INFINITY") ||
        (forgotten && ovnha_cli_msec(forgotten) > 0)) {
        return;
    }
    found(
        findings, WARNING,
        "migration-threshold is %s without a failure-timeout: a node that has failed as "
        "often stays without a copy until a person cleans up",
        threshold);
    pcs(findings, "pcs resource meta %s failure-timeout=10min", clone);
    crm(findings, "crm resource meta %s set failure-timeout 10min", clone);
}

static check stickiness;
static void stickiness(const struct ovnha_doctor_facts *facts,
                       struct ovnha_doctor_findings *findings)
{
    const char *set = meta(facts, "resource-stickiness");
    const char *general =
        ovnha_cli_pairs_get(&facts->cluster->rsc_defaults, "resource-stickiness");
    const char *clone = clone_of(facts->cluster->db);

    if (!is(set ? set : general, "INFINITY") && !is(set ? set : general, "1000000")) {
        return;
    }
    found(findings, WARNING,
          "resource-stickiness is INFINITY: it outweighs what a person asks for with a "
          "location constraint, and instances do not go back to a node");
    if (set) {
        pcs(findings, "pcs resource meta %s resource-stickiness=1", clone);
        crm(findings, "crm resource meta %s set resource-stickiness 1", clone);
    } else {
        pcs(findings, "pcs resource defaults update resource-stickiness=1");
        crm(findings, "crm configure rsc_defaults resource-stickiness=1");
    }
}

/*
 * This node.
 */

static check host_files;
static void host_files(const struct ovnha_doctor_facts *facts,
                       struct ovnha_doctor_findings *findings)
{
    const char *id = facts->cluster->db->id;

    if (facts->host.host_trouble[0]) {
        found(findings, CRITICAL, "%s: start and promote are refused on this node",
              facts->host.host_trouble);
        pcs(findings, "put the file there, or pcs resource update %s NAME=PATH", id);
        crm(findings, "put the file there, or crm resource param %s set NAME PATH", id);
    }
}

static check units;
static void units(const struct ovnha_doctor_facts *facts,
                  struct ovnha_doctor_findings *findings)
{
    if (facts->host.unit_trouble[0]) {
        found(findings, CRITICAL, "%s", facts->host.unit_trouble);
        by_hand(findings, "systemctl mask --now ovn-central ovn-ovsdb-server-nb "
                          "ovn-ovsdb-server-sb ovn-northd (those that there are)");
    }
}

static check server_version;
static void server_version(const struct ovnha_doctor_facts *facts,
                           struct ovnha_doctor_findings *findings)
{
    const struct ovnha_doctor_host *host = &facts->host;
    const char *clone = clone_of(facts->cluster->db);

    if (!host->installed[0] || !host->running[0] ||
        strcmp(host->installed, host->running) == 0) {
        return;
    }
    found(findings, WARNING,
          "ovsdb-server %s runs here and %s is installed: a restart brings another "
          "version, perhaps another schema, at a time that nobody has chosen",
          host->running, host->installed);
    pcs(findings, "pcs resource ban %s %s; pcs resource clear %s (doc/upgrade.md)", clone,
        host->node, clone);
    crm(findings, "crm resource ban %s %s; crm resource clear %s (doc/upgrade.md)", clone,
        host->node, clone);
}

static check clock_sync;
static void clock_sync(const struct ovnha_doctor_facts *facts,
                       struct ovnha_doctor_findings *findings)
{
    if (facts->host.clock_synced == OVNHA_NO) {
        found(findings, WARNING,
              "the kernel's clock is not synchronised: logs of the nodes do not fit "
              "together, and certificates may be taken for invalid");
        by_hand(findings, "systemctl enable --now chronyd (or systemd-timesyncd)");
    }
}

static check reachability;
static void reachability(const struct ovnha_doctor_facts *facts,
                         struct ovnha_doctor_findings *findings)
{
    for (size_t i = 0; i < facts->host.n_ports; i++) {
        const struct ovnha_doctor_port *port = &facts->host.port[i];

        if (!port->reached) {
            found(findings, port->replicas ? CRITICAL : WARNING,
                  "%s cannot be reached from this node (%s): %s", port->url, port->why,
                  port->replicas ? "it cannot replicate" : "neither may clients");
            by_hand(findings, "open TCP port %s for the %s in the firewall of every node",
                    strrchr(port->url, ':') + 1,
                    port->replicas ? "other nodes" : "clients");
        }
    }
}

static check corosync_token;
static void corosync_token(const struct ovnha_doctor_facts *facts,
                           struct ovnha_doctor_findings *findings)
{
    const long long token = facts->host.token_ms;

    if (token > 10000) {
        found(findings, WARNING,
              "corosync's token timeout is %lld ms: for so long nobody knows that a node "
              "was lost",
              token);
    } else if (token > 0 && token < 300) {
        found(findings, WARNING,
              "corosync's token timeout is %lld ms, shorter than what was tested under "
              "load: a busy node may be taken for lost",
              token);
    } else {
        return;
    }
    pcs(findings, "pcs cluster config update totem token=3000");
    crm(findings,
        "crm corosync set totem.token 3000; crm cluster run 'corosync-cfgtool -R'");
}

/* Half of 300 ms was too short, half of 1000 ms was not: doc/fast-profile.md. */
#define PING_TIMEOUT_MIN_MS 250

static check corosync_links;
static void corosync_links(const struct ovnha_doctor_facts *facts,
                           struct ovnha_doctor_findings *findings)
{
    const long long timeout = facts->host.ping_timeout_ms;

    if (timeout <= 0 || timeout >= PING_TIMEOUT_MIN_MS) {
        return;
    }
    found(
        findings, WARNING,
        "corosync takes a link for down that answers nothing for %lld ms (half the token "
        "timeout, unless set): when one host is lost, the others lose each other, too, "
        "every few seconds",
        timeout);
    pcs(findings,
        "pcs cluster stop --all; pcs cluster link update 0 options ping_interval=200 "
        "ping_timeout=1000; pcs cluster start --all");
    crm(findings,
        "crm corosync edit (knet_ping_interval: 200 and knet_ping_timeout: 1000 in "
        "totem's interface); crm cluster restart --all");
}

static check two_nodes;
static void two_nodes(const struct ovnha_doctor_facts *facts,
                      struct ovnha_doctor_findings *findings)
{
    const struct ovnha_doctor_host *host = &facts->host;

    if (host->n_nodes != 2 || host->qdevice == OVNHA_YES) {
        return;
    }
    if (host->wait_for_all == OVNHA_NO) {
        found(findings, WARNING,
              "two nodes without wait_for_all and without a quorum device: a node that "
              "boots has quorum alone, and fences or contradicts the other one");
        pcs(findings, "pcs quorum update wait_for_all=1 (with the cluster stopped)");
        crm(findings,
            "crm corosync set quorum.wait_for_all 1 (with the cluster stopped)");
    }
    if (host->two_node == OVNHA_NO) {
        found(findings, CRITICAL,
              "two nodes without two_node: 1 and without a quorum device: when one is "
              "lost, the other one has no quorum and stops");
        pcs(findings, "pcs quorum device add model net host=... algorithm=ffsplit, or "
                      "two_node: 1 in corosync.conf");
        crm(findings,
            "crm cluster init qdevice --qnetd-hostname=..., or crm corosync set "
            "quorum.two_node 1");
    }
}

#define MB 1000000LL

static check disk;
static void disk(const struct ovnha_doctor_facts *facts,
                 struct ovnha_doctor_findings *findings)
{
    const struct ovnha_doctor_host *host = &facts->host;
    const long long needed = 2 * host->database_bytes + 100 * MB;

    if (host->free_bytes >= 0 && host->database_bytes >= 0 && host->free_bytes < needed) {
        found(findings, CRITICAL,
              "the disk of the databases has %lld MB free, and %lld MB may be needed to "
              "compact them or to load them anew: a server whose disk is full does not "
              "write any more",
              host->free_bytes / MB, needed / MB);
        by_hand(findings, "make room on the disk of %s", parameter(facts, "ovn_dbdir"));
    }
    if (host->aside_free_bytes >= 0 && host->database_bytes >= 0 &&
        host->aside_free_bytes < host->database_bytes + 100 * MB) {
        found(findings, WARNING,
              "the disk of copies that are set aside has %lld MB free, and %lld MB are "
              "set aside already: without room a copy is not overwritten, so it does not "
              "follow",
              host->aside_free_bytes / MB, host->aside_bytes / MB);
        by_hand(findings, "ovnha salvage (and ovnha salvage --done NAME), or make room");
    }
}

/* A move or two more, and there is no room for another copy. */
#define MANY_COPIES (OVNHA_ASIDE_MAX / 2)

static check set_aside;
static void set_aside(const struct ovnha_doctor_facts *facts,
                      struct ovnha_doctor_findings *findings)
{
    if (facts->host.aside_copies < MANY_COPIES) {
        return;
    }
    found(findings, WARNING,
          "%zu copies are set aside here that nobody has salvaged: with %d of one "
          "database, the next copy is not overwritten, so it does not follow",
          facts->host.aside_copies, OVNHA_ASIDE_MAX);
    by_hand(findings, "ovnha salvage, and for what is done: ovnha salvage --done NAME");
}

static check northd_standby;
static void northd_standby(const struct ovnha_doctor_facts *facts,
                           struct ovnha_doctor_findings *findings)
{
    const char *id = facts->cluster->db->id;

    if (!facts->host.northd_costly) {
        return;
    }
    found(
        findings, WARNING,
        "ovn-northd of this version costs too much while it waits, so here it is started "
        "at a promotion only: new flows come about a second later");
    pcs(findings, "upgrade OVN, or pcs resource update %s northd_standby=cold", id);
    crm(findings, "upgrade OVN, or crm resource param %s set northd_standby cold", id);
}

/*
 * What nodes have in common.
 */

typedef const char *version_of(const struct ovnha_doctor_node *node);

static const char *helper_of(const struct ovnha_doctor_node *node)
{
    return node->helper;
}

static const char *server_of(const struct ovnha_doctor_node *node)
{
    return node->server;
}

static const char *northd_of(const struct ovnha_doctor_node *node)
{
    return node->northd;
}

static void compare_versions(const struct ovnha_doctor_host *host, const char *program,
                             version_of *version, struct ovnha_doctor_findings *findings)
{
    const char *first = NULL;
    char list[400] = "";
    bool differ = false;

    for (size_t i = 0; i < host->report.n; i++) {
        const char *own = version(&host->report.node[i]);
        const size_t length = strlen(list);

        if (own[0]) {
            snprintf(list + length, sizeof list - length, "%s%s on %s",
                     length ? ", " : "", own, host->report.node[i].name);
            differ = differ || (first && strcmp(first, own) != 0);
            first = own;
        }
    }
    if (differ) {
        found(findings, WARNING,
              "%s is not the same everywhere: %s: an upgrade is not over, and what was "
              "tested together may not be what a failover meets",
              program, list);
        by_hand(findings,
                "finish the upgrade, one node after the other (doc/upgrade.md)");
    }
}

static check node_versions;
static void node_versions(const struct ovnha_doctor_facts *facts,
                          struct ovnha_doctor_findings *findings)
{
    compare_versions(&facts->host, "ovnha-helper", helper_of, findings);
    compare_versions(&facts->host, "ovsdb-server", server_of, findings);
    compare_versions(&facts->host, "ovn-northd", northd_of, findings);
}

/* A second is what people see in logs. */
#define SKEW_MS 1000

static check clock_skew;
static void clock_skew(const struct ovnha_doctor_facts *facts,
                       struct ovnha_doctor_findings *findings)
{
    const struct ovnha_doctor_node *early = NULL, *late = NULL;

    for (size_t i = 0; i < facts->host.report.n; i++) {
        const struct ovnha_doctor_node *node = &facts->host.report.node[i];

        if (node->time_ms >= 0) {
            early = early && early->time_ms <= node->time_ms ? early : node;
            late = late && late->time_ms >= node->time_ms ? late : node;
        }
    }
    const long long apart =
        early ? late->time_ms - early->time_ms - OVNHA_DOCTOR_ANSWERS_MS : 0;

    if (apart >= SKEW_MS) {
        found(findings, WARNING,
              "the clock of %s is at least %lld s behind that of %s: logs do not fit "
              "together, and what Pacemaker does until some time ends too early or late",
              early->name, apart / 1000, late->name);
        by_hand(findings, "on both: chronyc makestep, or whatever sets the clock there");
    }
}

/*
 * The table.
 */

#define CLUSTER OVNHA_ABOUT_CLUSTER
#define NODE    OVNHA_ABOUT_NODE
#define NODES   OVNHA_ABOUT_NODES

const struct ovnha_check ovnha_checks[] = {
    {"fencing", "nodes can be fenced", CLUSTER, fencing},
    {"quorum-policy", "what is done without quorum", CLUSTER, quorum_policy},
    {"maintenance", "Pacemaker may act", CLUSTER, maintenance},
    {"pacemaker-versions", "all nodes run the same Pacemaker", CLUSTER,
     pacemaker_versions},
    {"promotable", "the resource is a promotable clone", CLUSTER, promotable},
    {"notify", "replicas are told of promotions", CLUSTER, notify},
    {"instances", "one instance on a node, one of them promoted", CLUSTER, instances},
    {"monitors", "both roles are monitored", CLUSTER, monitors},
    {"monitor-intervals", "at intervals that differ", CLUSTER, monitor_intervals},
    {"on-fail", "failures lead to something", CLUSTER, on_fail},
    {"timeouts", "operations have the time that databases of this size need", CLUSTER,
     operation_timeouts},
    {"vip", "something brings up the address of clients", CLUSTER, vip},
    {"vip-colocation", "it follows the promoted role", CLUSTER, vip_colocation},
    {"vip-colocation-score", "whatever happens", CLUSTER, vip_colocation_score},
    {"vip-order", "no order has it up before the promotion, and gone after the demotion",
     CLUSTER, vip_order},
    {"order-action", "after the promotion, not after the start", CLUSTER, order_action},
    {"parameters", "values that the agent accepts", CLUSTER, parameters},
    {"probes", "probe intervals that fit", CLUSTER, probes},
    {"clashes", "no other resource has the same directories or ports", CLUSTER, clashes},
    {"constraints", "nothing is left of earlier moves", CLUSTER, left_constraints},
    {"cut-off-move", "no switchover was cut off", CLUSTER, cut_off_move},
    {"migration-threshold", "failures are forgotten", CLUSTER, migration_threshold},
    {"stickiness", "instances can be moved", CLUSTER, stickiness},
    {"files", "ovn-ctl and the keys are there", NODE, host_files},
    {"units", "no unit of the distribution starts servers of its own", NODE, units},
    {"server-version", "what runs is what is installed", NODE, server_version},
    {"clock", "the clock is synchronised", NODE, clock_sync},
    {"reachability", "the ports of the active can be reached", NODE, reachability},
    {"token", "corosync's token timeout", NODE, corosync_token},
    {"links", "how soon corosync takes a link for down", NODE, corosync_links},
    {"two-nodes", "two nodes know what to do when one is lost", NODE, two_nodes},
    {"disk", "room for the databases and for copies that are set aside", NODE, disk},
    {"set-aside", "not too many of these copies", NODE, set_aside},
    {"northd-standby", "ovn-northd waits without costing much", NODE, northd_standby},
    {"node-versions", "nodes run the same versions", NODES, node_versions},
    {"clock-skew", "their clocks show the same time", NODES, clock_skew},
};

const size_t ovnha_n_checks = sizeof ovnha_checks / sizeof ovnha_checks[0];

void ovnha_doctor_examine(const struct ovnha_doctor_facts *facts,
                          struct ovnha_doctor_findings *findings)
{
    findings->n = 0;
    for (size_t i = 0; i < ovnha_n_checks; i++) {
        const struct ovnha_check *one = &ovnha_checks[i];

        if (facts->host.looked || one->about == OVNHA_ABOUT_CLUSTER) {
            findings->check = one->name;
            one->run(facts, findings);
        }
    }
}
