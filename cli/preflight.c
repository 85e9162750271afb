/* SPDX-License-Identifier: Apache-2.0 */
#include "preflight.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/role.h>

#include "move.h"

/* Of a node that has just lost the role and follows: the agent's score. */
#define FORMER_SCORE 60
#define ACTIVE_SCORE 100
#define INFINITE     OVNHA_CLI_INFINITE

typedef struct ovnha_cli_finding finding;

const char *ovnha_cli_level_to_str(enum ovnha_cli_level level)
{
    switch (level) {
    case OVNHA_CLI_FINE:
        return "fine";
    case OVNHA_CLI_DOUBT:
        return "doubt";
    case OVNHA_CLI_REFUSE:
        return "refused";
    }
    return "?";
}

enum ovnha_cli_level ovnha_cli_findings_level(const struct ovnha_cli_findings *findings)
{
    enum ovnha_cli_level level = OVNHA_CLI_FINE;

    for (size_t i = 0; i < findings->n; i++) {
        if (findings->finding[i].level > level) {
            level = findings->finding[i].level;
        }
    }
    return level;
}

/* The newest finding, for its next step; past the end, the last place is used again, and
 * a refusal that is there stays one. */
OVNHA_PRINTF(3, 4)
static finding *say(struct ovnha_cli_findings *findings, enum ovnha_cli_level level,
                    const char *format, ...)
{
    const bool full = findings->n == OVNHA_CLI_FINDINGS_MAX;
    finding *one = &findings->finding[full ? findings->n - 1 : findings->n++];
    va_list args;

    one->level = full && one->level > level ? one->level : level;
    one->next[0] = '\0';
    va_start(args, format);
    vsnprintf(one->text, sizeof one->text, format, args);
    va_end(args);
    return one;
}

OVNHA_PRINTF(2, 3)
static void next(finding *one, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(one->next, sizeof one->next, format, args);
    va_end(args);
}

static bool is_the_resource(const struct ovnha_cli_resource *resource, const char *name)
{
    return name[0] &&
           (strcmp(name, resource->id) == 0 || strcmp(name, resource->top) == 0 ||
            strcmp(name, resource->group) == 0);
}

static bool is_in_sync(const struct ovnha_cli_situation *s, const char *node)
{
    return ovnha_members_find(&s->record->in_sync, node) != NULL;
}

/*
 * The cluster.
 */

static void check_quorum(const struct ovnha_cli_situation *s,
                         struct ovnha_cli_findings *findings)
{
    if (s->cluster->quorate) {
        say(findings, OVNHA_CLI_FINE, "the cluster has quorum");
        return;
    }
    next(say(findings, OVNHA_CLI_REFUSE,
             "the cluster has no quorum: Pacemaker moves nothing"),
         "start the nodes that are missing (crm_mon -1)");
}

static void check_managed(const struct ovnha_cli_situation *s,
                          struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_cluster *c = s->cluster;

    if (c->maintenance_mode) {
        next(say(findings, OVNHA_CLI_REFUSE,
                 "the cluster is in maintenance mode: Pacemaker moves nothing"),
             "crm_attribute --name maintenance-mode --delete");
    } else if (!c->db->managed) {
        for (size_t i = 0; i < c->n_nodes; i++) {
            if (c->node[i].maintenance) {
                next(say(findings, OVNHA_CLI_DOUBT,
                         "%s is in maintenance: it would learn of a move only afterwards",
                         c->node[i].name),
                     "crm_attribute --node %s --name maintenance --delete",
                     c->node[i].name);
            }
        }
    }
}

static void check_idle(const struct ovnha_cli_situation *s,
                       struct ovnha_cli_findings *findings)
{
    if (strcmp(s->state, "S_IDLE") == 0) {
        say(findings, OVNHA_CLI_FINE, "Pacemaker is idle");
    } else if (!s->state[0]) {
        next(say(findings, OVNHA_CLI_DOUBT, "not known whether Pacemaker is idle"),
             "crmadmin -S %s", s->cluster->dc);
    } else {
        next(say(findings, OVNHA_CLI_REFUSE, "Pacemaker is at work (%s)", s->state),
             "wait for it: crm_resource --wait");
    }
}

static void check_nodes(const struct ovnha_cli_situation *s,
                        struct ovnha_cli_findings *findings)
{
    for (size_t i = 0; i < s->cluster->n_nodes; i++) {
        const struct ovnha_cli_node *node = &s->cluster->node[i];

        if (node->unclean) {
            char advice[OVNHA_ERR_SIZE];

            ovnha_cli_advise_on_unclean(ovnha_cli_cluster_fencing(s->cluster), node->name,
                                        advice, sizeof advice);
            next(say(findings, OVNHA_CLI_REFUSE,
                     "%s is unclean: Pacemaker waits until it is fenced", node->name),
                 "%s", advice);
        }
    }
    if (s->cluster->mixed_version) {
        next(say(findings, OVNHA_CLI_DOUBT,
                 "the nodes run different versions of Pacemaker"),
             "finish the upgrade first, or go on knowingly");
    }
}

/* Two at once would each take the other's constraint for a reason to give up. */
static void check_other_move(const struct ovnha_cli_situation *s,
                             struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_location *other = ovnha_cli_move_of(s->cluster);

    if (other && !ovnha_cli_has_expired(other, s->now)) {
        next(say(findings, OVNHA_CLI_REFUSE,
                 "another move, to %s, is under way, or was cut off: constraint %s, "
                 "until %s",
                 other->node, other->id, other->expires),
             "wait for it; if nobody moves anything: pcs constraint delete %s, or: crm "
             "configure delete %s",
             other->id, other->id);
    }
}

static void check_cluster(const struct ovnha_cli_situation *s,
                          struct ovnha_cli_findings *findings)
{
    check_other_move(s, findings);
    check_quorum(s, findings);
    check_managed(s, findings);
    check_idle(s, findings);
    check_nodes(s, findings);
}

/*
 * A node that is to have the role.
 */

/* False when there is no use in asking for more. */
static bool check_presence(const struct ovnha_cli_node *node,
                           struct ovnha_cli_findings *findings)
{
    if (!node->online) {
        next(say(findings, OVNHA_CLI_REFUSE, "%s is not in the cluster", node->name),
             "start it");
    } else if (node->standby) {
        next(say(findings, OVNHA_CLI_REFUSE, "%s is in standby", node->name),
             "ovnha maintenance off %s", node->name);
    } else if (node->standby_onfail) {
        next(say(findings, OVNHA_CLI_REFUSE, "%s is in standby, for a failure on it",
                 node->name),
             "see what failed (crm_mon -1), then: crm_resource --cleanup --node %s",
             node->name);
    } else if (node->maintenance || !node->managed) {
        next(say(findings, OVNHA_CLI_REFUSE,
                 "%s is not managed: Pacemaker promotes nothing there", node->name),
             node->maintenance
                 ? "crm_attribute --node %s --name maintenance --delete"
                 : "let Pacemaker manage the resource again; it is not managed on %s",
             node->name);
    } else if (node->pending || node->shutdown || node->unclean) {
        next(say(findings, OVNHA_CLI_REFUSE, "%s is %s", node->name,
                 node->unclean    ? "unclean"
                 : node->shutdown ? "leaving the cluster"
                                  : "still joining the cluster"),
             "wait (crm_mon -1)");
    } else {
        return true;
    }
    return false;
}

static void check_instance(const struct ovnha_cli_node *node,
                           struct ovnha_cli_findings *findings)
{
    if (node->role == OVNHA_CLI_STOPPED || node->role == OVNHA_CLI_NOTHING) {
        next(
            say(findings, OVNHA_CLI_REFUSE, "the databases do not run on %s", node->name),
            "see why: crm_mon -1");
    } else if (node->blocked || node->failed) {
        next(say(findings, OVNHA_CLI_REFUSE, "the databases on %s have failed%s",
                 node->name, node->blocked ? ", and Pacemaker leaves them alone" : ""),
             "see what failed (crm_mon -1), then: crm_resource --cleanup --node %s",
             node->name);
    } else if (node->role == OVNHA_CLI_STARTED) {
        next(say(findings, OVNHA_CLI_REFUSE, "the resource has no promoted role"),
             "set promotable=true at its clone (see: ovnha doctor)");
    }
}

static void check_copy(const struct ovnha_cli_situation *s,
                       const struct ovnha_cli_node *node,
                       struct ovnha_cli_findings *findings)
{
    if (!ovnha_record_exists(s->record)) {
        next(say(findings, OVNHA_CLI_DOUBT,
                 "there is no record (guard=no): not known whether %s has everything",
                 node->name),
             "see whether it follows: ovnha status, on %s", node->name);
    } else if (!is_in_sync(s, node->name)) {
        next(say(findings, OVNHA_CLI_REFUSE, "%s is not in sync, by the record",
                 node->name),
             "see what it waits for: ovnha status, on %s", node->name);
    } else {
        say(findings, OVNHA_CLI_FINE, "%s is in sync (generation %.8s, number %llu)",
            node->name, s->record->generation.uuid,
            (unsigned long long)s->record->generation.counter);
    }
    if (ovnha_cli_score(node->score) <= 0) {
        next(say(findings, OVNHA_CLI_REFUSE, "%s must not be promoted: its score is %s",
                 node->name, node->score[0] ? node->score : "not set"),
             "see why: ovnha status, on %s", node->name);
    }
}

static void check_failures(const struct ovnha_cli_situation *s,
                           const struct ovnha_cli_node *node,
                           struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_resource *db = s->cluster->db;
    const char *threshold = ovnha_cli_pairs_get(&db->meta, "migration-threshold");
    finding *one;

    threshold =
        threshold ? threshold : ovnha_cli_pairs_get(&db->top_meta, "migration-threshold");
    const long limit = threshold ? ovnha_cli_score(threshold) : INFINITE;

    if (node->failcount == 0) {
        say(findings, OVNHA_CLI_FINE, "no failure is counted on %s", node->name);
        return;
    }
    if (node->failcount >= INFINITE) {
        one = say(findings, OVNHA_CLI_REFUSE,
                  "Pacemaker has given up the databases on %s, after a failure",
                  node->name);
    } else {
        one = say(findings,
                  limit > 0 && node->failcount >= limit ? OVNHA_CLI_REFUSE
                                                        : OVNHA_CLI_DOUBT,
                  "%lld failures of the databases are counted on %s, the last: %s",
                  node->failcount, node->name, node->last_failure);
    }
    next(one, "see what failed (crm_mon -1), then: crm_resource --cleanup -r %s -N %s",
         db->id, node->name);
}

static void check_bans_of(const struct ovnha_cli_situation *s,
                          const struct ovnha_cli_resource *resource,
                          const struct ovnha_cli_node *node,
                          struct ovnha_cli_findings *findings)
{
    for (size_t i = 0; i < s->cluster->n_bans; i++) {
        const struct ovnha_cli_ban *ban = &s->cluster->ban[i];

        if (strcmp(ban->node, node->name) == 0 &&
            is_the_resource(resource, ban->resource)) {
            next(say(findings, ban->never ? OVNHA_CLI_REFUSE : OVNHA_CLI_DOUBT,
                     "constraint %s keeps %s %s %s%s", ban->constraint, resource->id,
                     ban->never ? "from" : "rather from", node->name,
                     ban->promoted_only ? ", as the active" : ""),
                 "pcs constraint delete %s, or: crm configure delete %s", ban->constraint,
                 ban->constraint);
        }
    }
}

static void check_bans(const struct ovnha_cli_situation *s,
                       const struct ovnha_cli_node *node,
                       struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_cluster *c = s->cluster;

    check_bans_of(s, c->db, node, findings);
    for (size_t i = 0; i < c->n_resources; i++) {
        if (c->resource[i].with_promoted) {
            check_bans_of(s, &c->resource[i], node, findings);
        }
    }
}

/* What follows the role, on a node where it has failed, does so only by luck. */
static void check_followers(const struct ovnha_cli_situation *s,
                            const struct ovnha_cli_node *node,
                            struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_cluster *c = s->cluster;

    for (size_t i = 0; i < c->n_resources; i++) {
        if (c->resource[i].with_promoted && !c->resource[i].managed) {
            next(say(findings, OVNHA_CLI_REFUSE,
                     "%s is not managed: it would not follow the role",
                     c->resource[i].id),
                 "crm_resource --resource %s --meta --set-parameter is-managed "
                 "--parameter-value true",
                 c->resource[i].id);
        }
        for (size_t f = 0; f < c->n_failures && c->resource[i].with_promoted; f++) {
            if (strcmp(c->failure[f].resource, c->resource[i].id) == 0 &&
                strcmp(c->failure[f].node, node->name) == 0) {
                next(say(findings, OVNHA_CLI_DOUBT, "%s of %s has failed on %s",
                         c->failure[f].task, c->resource[i].id, node->name),
                     "crm_resource --cleanup -r %s -N %s", c->resource[i].id, node->name);
            }
        }
    }
}

static bool concerns_the_role(const struct ovnha_cli_situation *s,
                              const struct ovnha_cli_location *location)
{
    return is_the_resource(s->cluster->db, location->resource) &&
           strcmp(location->role, OVNHA_WORD_UNPROMOTED) != 0 &&
           !ovnha_cli_has_expired(location, s->now);
}

static long preference(const struct ovnha_cli_situation *s, const char *node)
{
    long sum = 0;

    for (size_t i = 0; i < s->cluster->n_locations; i++) {
        const struct ovnha_cli_location *location = &s->cluster->location[i];

        if (strcmp(location->node, node) == 0 && !location->conditional &&
            concerns_the_role(s, location)) {
            sum += ovnha_cli_score(location->score);
        }
    }
    return sum;
}

/* A role that is drawn elsewhere by more than what being the active weighs goes back as
 * soon as nothing holds it. */
static void check_preferences(const struct ovnha_cli_situation *s,
                              const struct ovnha_cli_node *node,
                              struct ovnha_cli_findings *findings)
{
    const long here = ACTIVE_SCORE + preference(s, node->name);

    for (size_t i = 0; i < s->cluster->n_locations; i++) {
        const struct ovnha_cli_location *location = &s->cluster->location[i];

        if (location->node[0] && strcmp(location->node, node->name) != 0 &&
            concerns_the_role(s, location) && ovnha_cli_score(location->score) > 0 &&
            FORMER_SCORE + preference(s, location->node) > here) {
            next(say(findings, OVNHA_CLI_REFUSE,
                     "constraint %s draws the role to %s: it would not stay on %s",
                     location->id, location->node, node->name),
                 "pcs constraint delete %s, or: crm configure delete %s", location->id,
                 location->id);
        }
    }
}

void ovnha_cli_preflight_target(const struct ovnha_cli_situation *situation,
                                const struct ovnha_cli_node *node,
                                struct ovnha_cli_findings *findings)
{
    findings->n = 0;
    if (!check_presence(node, findings)) {
        return;
    }
    check_instance(node, findings);
    check_copy(situation, node, findings);
    check_failures(situation, node, findings);
    check_bans(situation, node, findings);
    check_followers(situation, node, findings);
    check_preferences(situation, node, findings);
}

/*
 * Which one.
 */

static bool is_better(const struct ovnha_cli_node *node,
                      const struct ovnha_cli_findings *findings,
                      const struct ovnha_cli_node *best,
                      const struct ovnha_cli_findings *of_best)
{
    const enum ovnha_cli_level level = ovnha_cli_findings_level(findings);

    if (level == OVNHA_CLI_REFUSE || !best) {
        return level != OVNHA_CLI_REFUSE;
    }
    const enum ovnha_cli_level other = ovnha_cli_findings_level(of_best);

    return level < other || (level == other &&
                             ovnha_cli_score(node->score) > ovnha_cli_score(best->score));
}

static void append(struct ovnha_cli_findings *to, const struct ovnha_cli_findings *from,
                   bool refusals_only)
{
    for (size_t i = 0; i < from->n; i++) {
        if (!refusals_only || from->finding[i].level == OVNHA_CLI_REFUSE) {
            finding *one = say(to, from->finding[i].level, "%s", from->finding[i].text);

            next(one, "%s", from->finding[i].next);
        }
    }
}

/* The best of all but `not_this`; what speaks against each goes to `why`. */
static const struct ovnha_cli_node *choose(const struct ovnha_cli_situation *s,
                                           const char *not_this,
                                           struct ovnha_cli_findings *of_best,
                                           struct ovnha_cli_findings *why)
{
    const struct ovnha_cli_node *best = NULL;

    why->n = 0;
    for (size_t i = 0; i < s->cluster->n_nodes; i++) {
        const struct ovnha_cli_node *node = &s->cluster->node[i];
        struct ovnha_cli_findings findings;

        if (strcmp(node->name, not_this) == 0) {
            continue;
        }
        ovnha_cli_preflight_target(s, node, &findings);
        append(why, &findings, true);
        if (is_better(node, &findings, best, of_best)) {
            best = node;
            *of_best = findings;
        }
    }
    return best;
}

static const struct ovnha_cli_node *find_wanted(const struct ovnha_cli_situation *s,
                                                const char *wanted,
                                                struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_node *node = ovnha_cli_cluster_node(s->cluster, wanted);
    finding *one;
    size_t length = 0;

    if (node) {
        return node;
    }
    one = say(findings, OVNHA_CLI_REFUSE, "the cluster has no node '%s'", wanted);
    next(one, "one of:");
    for (size_t i = 0; i < s->cluster->n_nodes; i++) {
        length = strlen(one->next);
        snprintf(one->next + length, sizeof one->next - length, " %s",
                 s->cluster->node[i].name);
    }
    return NULL;
}

static const struct ovnha_cli_node *find_active(const struct ovnha_cli_situation *s,
                                                struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_node *active = ovnha_cli_cluster_promoted(s->cluster);
    size_t n = 0;

    for (size_t i = 0; i < s->cluster->n_nodes; i++) {
        n += s->cluster->node[i].role == OVNHA_CLI_PROMOTED;
    }
    if (n == 0) {
        next(say(findings, OVNHA_CLI_REFUSE,
                 "nobody is promoted: there is nothing to "
                 "move"),
             "see why: ovnha status; to let Pacemaker promote: ovnha promote");
    } else if (n > 1) {
        next(say(findings, OVNHA_CLI_REFUSE, "%zu nodes are promoted", n),
             "see: ovnha doctor");
    } else if (!active->managed) {
        next(say(findings, OVNHA_CLI_REFUSE,
                 "%s is not managed: Pacemaker does not demote it", active->name),
             "let Pacemaker manage it again (crm_mon -1 says what is not managed)");
    }
    return active;
}

static void choose_best(const struct ovnha_cli_situation *s,
                        struct ovnha_cli_preflight *preflight)
{
    struct ovnha_cli_findings of_best, why;
    const struct ovnha_cli_node *best = choose(s, preflight->from, &of_best, &why);

    if (best) {
        preflight->to = best->name;
        append(&preflight->findings, &of_best, false);
        return;
    }
    say(&preflight->findings, OVNHA_CLI_REFUSE, "no other node can take the role:");
    append(&preflight->findings, &why, true);
}

void ovnha_cli_preflight(const struct ovnha_cli_situation *situation, const char *wanted,
                         struct ovnha_cli_preflight *preflight)
{
    struct ovnha_cli_findings *findings = &preflight->findings;
    struct ovnha_cli_findings of_target;

    preflight->from = preflight->to = "";
    findings->n = 0;
    const struct ovnha_cli_node *target =
        wanted ? find_wanted(situation, wanted, findings) : NULL;
    const struct ovnha_cli_node *active = find_active(situation, findings);

    check_cluster(situation, findings);
    preflight->from = active ? active->name : "";
    if (target) {
        preflight->to = target->name;
        if (target == active) {
            return;
        }
        ovnha_cli_preflight_target(situation, target, &of_target);
        append(findings, &of_target, false);
    } else if (!wanted && active) {
        choose_best(situation, preflight);
    }
}

static bool is_promoted(const struct ovnha_cli_situation *s, const char *name)
{
    const struct ovnha_cli_node *node = ovnha_cli_cluster_node(s->cluster, name);

    return node && node->role == OVNHA_CLI_PROMOTED;
}

/* Who serves already, or could: then with all that is to be said of that, and of the node
 * that hands over. */
static const char *other_server(const struct ovnha_cli_situation *s, const char *node,
                                struct ovnha_cli_findings *findings)
{
    const struct ovnha_cli_node *active = ovnha_cli_cluster_promoted(s->cluster);
    struct ovnha_cli_findings of_best, why;

    if (active && strcmp(active->name, node) != 0) {
        return active->name;
    }
    if (is_promoted(s, node)) {
        (void)find_active(s, findings);
    }
    const struct ovnha_cli_node *best = choose(s, node, &of_best, &why);

    if (best) {
        append(findings, &of_best, false);
        return best->name;
    }
    say(findings, OVNHA_CLI_REFUSE, "without %s nobody could serve:", node);
    append(findings, &why, true);
    return NULL;
}

void ovnha_cli_preflight_leave(const struct ovnha_cli_situation *situation,
                               const char *node, struct ovnha_cli_findings *findings)
{
    size_t left = 0;

    findings->n = 0;
    check_cluster(situation, findings);
    const char *server = other_server(situation, node, findings);

    if (!server) {
        return;
    }
    for (size_t i = 0; i < situation->cluster->n_nodes; i++) {
        const struct ovnha_cli_node *other = &situation->cluster->node[i];

        left += strcmp(other->name, node) != 0 && other->online &&
                is_in_sync(situation, other->name);
    }
    say(findings, OVNHA_CLI_FINE,
        "%s can serve without %s; copies in sync without it: %zu", server, node, left);
}
