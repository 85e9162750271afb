/* SPDX-License-Identifier: Apache-2.0 */
#include "move.h"

#include <stdio.h>
#include <string.h>

#include <ovnha/role.h>

/*
 * The constraint.
 */

/* Of names that need no quoting in XML; Pacemaker's ids have no others. */
static bool is_plain(const char *text)
{
    return text[0] && !strpbrk(text, "<>&'\" \t\n");
}

static const char *moved_resource(const struct ovnha_cli_cluster *cluster)
{
    return cluster->db->top[0] ? cluster->db->top : cluster->db->id;
}

static bool make_id(const struct ovnha_cli_cluster *cluster,
                    char id[OVNHA_CLI_MOVE_ID_SIZE])
{
    const char *resource = moved_resource(cluster);

    return is_plain(resource) && snprintf(id, OVNHA_CLI_MOVE_ID_SIZE, "ovnha-move-%s",
                                          resource) < OVNHA_CLI_MOVE_ID_SIZE;
}

bool ovnha_cli_move_ids(const struct ovnha_cli_cluster *cluster, const char *who,
                        struct ovnha_cli_move_ids *ids)
{
    return make_id(cluster, ids->constraint) && is_plain(who) &&
           snprintf(ids->rule, sizeof ids->rule, "%s-by-%s", ids->constraint, who) <
               (int)sizeof ids->rule;
}

const struct ovnha_cli_location *
ovnha_cli_move_of(const struct ovnha_cli_cluster *cluster)
{
    char id[OVNHA_CLI_MOVE_ID_SIZE];

    for (size_t i = 0; i < cluster->n_locations && make_id(cluster, id); i++) {
        if (strcmp(cluster->location[i].id, id) == 0) {
            return &cluster->location[i];
        }
    }
    return NULL;
}

/* Schemas before 3.7 know the older word only. */
static const char *promoted_role(const struct ovnha_cli_cluster *cluster)
{
    int major = 0, minor = 0;

    if (sscanf(cluster->schema, "pacemaker-%d.%d", &major, &minor) != 2) {
        return OVNHA_WORD_PROMOTED;
    }
    return major < 3 || (major == 3 && minor < 7) ? OVNHA_WORD_MASTER
                                                  : OVNHA_WORD_PROMOTED;
}

bool ovnha_cli_move_xml(const struct ovnha_cli_cluster *cluster,
                        const struct ovnha_cli_move_ids *ids, const char *node,
                        const char *until, char xml[OVNHA_CLI_MOVE_XML_SIZE])
{
    const char *id = ids->constraint;

    if (!is_plain(node)) {
        return false;
    }
    return snprintf(xml, OVNHA_CLI_MOVE_XML_SIZE,
                    "<rsc_location id=\"%s\" rsc=\"%s\" role=\"%s\">"
                    "<rule id=\"%s\" score=\"INFINITY\" boolean-op=\"and\">"
                    "<expression id=\"%s-node\" attribute=\"#uname\" operation=\"eq\" "
                    "value=\"%s\" type=\"string\"/>"
                    "<date_expression id=\"%s-until\" operation=\"lt\" end=\"%s\"/>"
                    "</rule></rsc_location>",
                    id, moved_resource(cluster), promoted_role(cluster), ids->rule, id,
                    node, id, until) < OVNHA_CLI_MOVE_XML_SIZE;
}

void ovnha_cli_move_xpath(const char *constraint, const char *rule,
                          char xpath[OVNHA_CLI_MOVE_XPATH_SIZE])
{
    snprintf(xpath, OVNHA_CLI_MOVE_XPATH_SIZE,
             "//rsc_location[@id='%s' and rule/@id='%s']", constraint, rule);
}

/*
 * How far it is.
 */

static bool runs_only_on(const struct ovnha_cli_resource *resource, const char *node)
{
    return resource->n_on == 1 && strcmp(resource->on[0], node) == 0;
}

static bool followers_are_there(const struct ovnha_cli_cluster *before,
                                const struct ovnha_cli_cluster *now, const char *to,
                                char why[300])
{
    for (size_t i = 0; i < now->n_resources; i++) {
        const struct ovnha_cli_resource *resource = &now->resource[i];

        for (size_t b = 0; b < before->n_resources && resource->with_promoted; b++) {
            if (strcmp(before->resource[b].id, resource->id) == 0 &&
                before->resource[b].n_on > 0 && !runs_only_on(resource, to)) {
                snprintf(why, 300, "%s is not on %s yet", resource->id, to);
                return false;
            }
        }
    }
    return true;
}

static bool is_up(enum ovnha_cli_role role)
{
    return role == OVNHA_CLI_PROMOTED || role == OVNHA_CLI_UNPROMOTED;
}

static bool servers_are_up(const struct ovnha_cli_cluster *before,
                           const struct ovnha_cli_cluster *now, char why[300])
{
    for (size_t i = 0; i < before->n_nodes; i++) {
        const struct ovnha_cli_node *node =
            ovnha_cli_cluster_node(now, before->node[i].name);

        if (!is_up(before->node[i].role) || !node || !node->online || node->standby) {
            continue;
        }
        if (!is_up(node->role) || node->pending_op[0]) {
            snprintf(why, 300, "the databases on %s are %s", node->name,
                     node->pending_op[0] ? node->pending_op : "stopped");
            return false;
        }
    }
    return true;
}

/* A promoted node's score is published a moment after its promote has ended.  Until then
 * nothing but the constraint keeps the role from one that has a higher score still. */
static bool would_stay(const struct ovnha_cli_cluster *now, const char *to, char why[300])
{
    const struct ovnha_cli_node *target = ovnha_cli_cluster_node(now, to);

    for (size_t i = 0; i < now->n_nodes; i++) {
        const struct ovnha_cli_node *node = &now->node[i];

        if (is_up(node->role) &&
            ovnha_cli_score(node->score) > ovnha_cli_score(target->score)) {
            snprintf(why, 300, "%s has the score %s still, and %s %s", node->name,
                     node->score, to, target->score[0] ? target->score : "none");
            return false;
        }
    }
    return true;
}

/* A failure of the databases on that node that was not there before. */
static const struct ovnha_cli_failure *new_failure(const struct ovnha_cli_cluster *before,
                                                   const struct ovnha_cli_cluster *now,
                                                   const char *node)
{
    for (size_t i = 0; i < now->n_failures; i++) {
        const struct ovnha_cli_failure *f = &now->failure[i];
        bool known = false;

        for (size_t b = 0; b < before->n_failures; b++) {
            const struct ovnha_cli_failure *old = &before->failure[b];

            known = known ||
                    (strcmp(old->node, f->node) == 0 &&
                     strcmp(old->resource, f->resource) == 0 &&
                     strcmp(old->task, f->task) == 0 && strcmp(old->when, f->when) == 0);
        }
        if (!known && strcmp(f->node, node) == 0 && f->resource[0] &&
            strcmp(f->resource, now->db->id) == 0) {
            return f;
        }
    }
    return NULL;
}

static bool has_strayed(const struct ovnha_cli_cluster *before,
                        const struct ovnha_cli_cluster *now, const char *to,
                        char why[300])
{
    const struct ovnha_cli_node *promoted = ovnha_cli_cluster_promoted(now);
    const struct ovnha_cli_node *former = ovnha_cli_cluster_promoted(before);
    const struct ovnha_cli_node *target = ovnha_cli_cluster_node(now, to);
    const struct ovnha_cli_failure *failure = new_failure(before, now, to);

    if (!target || !target->online) {
        snprintf(why, 300, "%s has left the cluster", to);
    } else if (failure) {
        snprintf(why, 300, "%s on %s failed: %s", failure->task, to,
                 failure->reason[0] ? failure->reason : failure->exit);
    } else if (!now->quorate) {
        snprintf(why, 300, "the cluster has lost quorum");
    } else if (promoted && promoted != target &&
               (!former || strcmp(promoted->name, former->name) != 0)) {
        snprintf(why, 300, "Pacemaker has promoted %s instead", promoted->name);
    } else {
        return false;
    }
    return true;
}

enum ovnha_cli_move_state ovnha_cli_move_judge(const struct ovnha_cli_cluster *before,
                                               const struct ovnha_cli_cluster *now,
                                               const char *to, char why[300])
{
    const struct ovnha_cli_node *promoted = ovnha_cli_cluster_promoted(now);

    why[0] = '\0';
    if (has_strayed(before, now, to, why)) {
        return OVNHA_CLI_STRAYED;
    }
    if (!promoted || strcmp(promoted->name, to) != 0) {
        snprintf(why, 300, "%s is not promoted yet", to);
        return OVNHA_CLI_MOVING;
    }
    return followers_are_there(before, now, to, why) &&
                   servers_are_up(before, now, why) && would_stay(now, to, why)
               ? OVNHA_CLI_MOVED
               : OVNHA_CLI_MOVING;
}

/*
 * What happens.
 */

static const char *role_name(enum ovnha_cli_role role)
{
    switch (role) {
    case OVNHA_CLI_NOTHING:
        return "off";
    case OVNHA_CLI_STOPPED:
        return "stopped";
    case OVNHA_CLI_STARTED:
        return "started";
    case OVNHA_CLI_UNPROMOTED:
        return "a backup";
    case OVNHA_CLI_PROMOTED:
        return "the active";
    }
    return "?";
}

struct listener {
    void (*say)(void *cookie, const char *line);
    void *cookie;
};

static void node_events(const struct ovnha_cli_node *earlier,
                        const struct ovnha_cli_node *now, const struct listener *to)
{
    char line[400];

    if (earlier->online != now->online) {
        snprintf(line, sizeof line, "%s %s the cluster", now->name,
                 now->online ? "has joined" : "has left");
        to->say(to->cookie, line);
    }
    if (earlier->standby != now->standby) {
        snprintf(line, sizeof line, "%s is %s", now->name,
                 now->standby ? "in standby" : "out of standby");
        to->say(to->cookie, line);
    }
    if (now->pending_op[0] && strcmp(earlier->pending_op, now->pending_op) != 0) {
        snprintf(line, sizeof line, "%s: %s", now->name, now->pending_op);
        to->say(to->cookie, line);
    }
    /* While an operation is under way Pacemaker may not know the role, and says stopped.
     */
    if (earlier->role != now->role && now->role != OVNHA_CLI_NOTHING &&
        (now->role != OVNHA_CLI_STOPPED || now->standby)) {
        snprintf(line, sizeof line, "%s is %s", now->name, role_name(now->role));
        to->say(to->cookie, line);
    }
}

static void follower_events(const struct ovnha_cli_resource *earlier,
                            const struct ovnha_cli_resource *now,
                            const struct listener *to)
{
    const char *was = earlier->n_on ? earlier->on[0] : "";
    const char *is = now->n_on ? now->on[0] : "";
    char line[400];

    if (strcmp(was, is) != 0) {
        snprintf(line, sizeof line, is[0] ? "%s is on %s" : "%s is stopped", now->id, is);
        to->say(to->cookie, line);
    }
}

void ovnha_cli_move_events(const struct ovnha_cli_cluster *earlier,
                           const struct ovnha_cli_cluster *now,
                           void (*say)(void *cookie, const char *line), void *cookie)
{
    const struct listener to = {say, cookie};

    for (size_t i = 0; i < now->n_nodes; i++) {
        const struct ovnha_cli_node *node =
            ovnha_cli_cluster_node(earlier, now->node[i].name);

        if (node) {
            node_events(node, &now->node[i], &to);
        }
    }
    for (size_t i = 0; i < now->n_resources; i++) {
        for (size_t e = 0; e < earlier->n_resources; e++) {
            if (now->resource[i].with_promoted &&
                strcmp(now->resource[i].id, earlier->resource[e].id) == 0) {
                follower_events(&earlier->resource[e], &now->resource[i], &to);
            }
        }
    }
}
