/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha promote and ovnha demote: by hand, through Pacemaker.
 *
 * demote bars a node from the role, as `crm_resource --ban --promoted` does, and that
 * lasts until promote: whoever else may takes over, or nobody.  promote lifts such bans
 * and forgets failures; where nobody is the active, it waits until somebody is.  Neither
 * moves the role to a node of choice while another has it: that is a switchover. */

#include <stdio.h>
#include <string.h>

#include "mover.h"

#define LOOK_MS 300

static const char *top_of(const struct ovnha_cli_view *view)
{
    const struct ovnha_cli_resource *db = view->cluster.db;

    return db->top[0] ? db->top : db->id;
}

/* An exit code. */
static int tell_pacemaker(struct ovnha_cli_work *work, const char *const *argv)
{
    struct ovnha_err err = {""};
    const enum ovnha_result result = ovnha_cli_pacemaker(work, argv, &err);

    return result == OVNHA_OK ? EXIT_OK : ovnha_cli_not_done(work, result, &err);
}

/* Until Pacemaker has settled with somebody promoted, or with anyone but `not_this`; its
 * name in `active`, "" for nobody. */
static bool await_role(struct ovnha_cli_work *work, const char *not_this,
                       char active[OVNHA_NODE_SIZE])
{
    bool done = false;

    do {
        struct ovnha_cli_view now;

        if (ovnha_cli_view_take(work, &now)) {
            const struct ovnha_cli_node *promoted =
                ovnha_cli_cluster_promoted(&now.cluster);

            snprintf(active, OVNHA_NODE_SIZE, "%s", promoted ? promoted->name : "");
            done = strcmp(now.situation.state, "S_IDLE") == 0 &&
                   (not_this ? strcmp(active, not_this) != 0 : active[0] != '\0');
        }
        ovnha_cli_view_free(&now);
    } while (!done && ovnha_cli_pause(work, LOOK_MS));
    return done;
}

/*
 * demote
 */

static bool confirm_demote(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                           const char *node)
{
    struct ovnha_cli_findings findings;
    char question[400];

    ovnha_cli_preflight_leave(&view->situation, node, &findings);
    const bool served = ovnha_cli_tell_findings(work, &findings);

    if (!served && !work->cli->force) {
        ovnha_cli_complain(work, "not done: see what is refused above, or --force");
        return false;
    }
    snprintf(question, sizeof question,
             "%s loses the role until 'ovnha promote %s', and %s.  Go on?", node, node,
             served ? "another node takes over" : "NOBODY may take over");
    return ovnha_cli_confirm(work, question);
}

static int demote(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                  const char *wanted)
{
    const struct ovnha_cli_node *node = ovnha_cli_cluster_promoted(&view->cluster);
    char active[OVNHA_NODE_SIZE] = "";

    if (!node || (wanted && strcmp(node->name, wanted) != 0)) {
        ovnha_cli_complain(work, "not done: %s is not the active, %s is",
                           wanted ? wanted : "this", node ? node->name : "nobody");
        return EXIT_CRITICAL;
    }
    const char *const argv[] = {"crm_resource", "--ban",  "--promoted", "--resource",
                                top_of(view),   "--node", node->name,   NULL};

    if (!confirm_demote(work, view, node->name)) {
        return EXIT_CRITICAL;
    }
    const int told = tell_pacemaker(work, argv);

    if (told != EXIT_OK) {
        return told;
    }
    ovnha_cli_tell(work, "%s is barred from the role until: ovnha promote %s", node->name,
                   node->name);
    if (!await_role(work, node->name, active)) {
        ovnha_cli_complain(work, "Pacemaker has not settled (crm_mon -1)");
        return ovnha_cli_interrupted() ? EXIT_UNKNOWN : EXIT_WARNING;
    }
    ovnha_cli_tell(work, "%s is the active", active[0] ? active : "nobody");
    return active[0] ? EXIT_OK : EXIT_WARNING;
}

/*
 * promote
 */

/* An exit code. */
static int lift(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                const char *node)
{
    const char *const bans[] = {
        "crm_resource",         "--clear", "--resource", top_of(view),
        node ? "--node" : NULL, node,      NULL};
    const char *const failures[] = {
        "crm_resource",         "--cleanup", "--resource", view->cluster.db->id,
        node ? "--node" : NULL, node,        NULL};

    int told = tell_pacemaker(work, bans);

    if (told == EXIT_OK) {
        told = tell_pacemaker(work, failures);
    }
    if (told == EXIT_OK) {
        ovnha_cli_tell(work, "bans are lifted and failures forgotten, of %s",
                       node ? node : "all nodes");
    }
    return told;
}

/* Of nodes that could all be promoted, this one is to be. */
static int promote_node(struct ovnha_cli_work *work, const char *name)
{
    struct ovnha_cli_view view;
    int code = EXIT_UNKNOWN;

    if (ovnha_cli_view_take(work, &view)) {
        const struct ovnha_cli_node *node = ovnha_cli_cluster_node(&view.cluster, name);
        struct ovnha_cli_findings findings;

        code = EXIT_CRITICAL;
        if (node && node->role == OVNHA_CLI_PROMOTED) {
            ovnha_cli_tell(work, "%s is the active", name);
            code = EXIT_OK;
        } else if (node && ovnha_cli_cluster_promoted(&view.cluster)) {
            ovnha_cli_tell(work,
                           "%s is the active: to move the role: ovnha switchover %s",
                           ovnha_cli_cluster_promoted(&view.cluster)->name, name);
            code = EXIT_OK;
        } else if (node) {
            ovnha_cli_preflight_target(&view.situation, node, &findings);
            ovnha_cli_tell_findings(work, &findings);
            code = ovnha_cli_accepts(work, &findings) ? ovnha_cli_move(work, &view, name)
                                                      : EXIT_CRITICAL;
        }
    }
    ovnha_cli_view_free(&view);
    return code;
}

static int promote_anyone(struct ovnha_cli_work *work)
{
    char active[OVNHA_NODE_SIZE] = "";

    if (await_role(work, NULL, active)) {
        ovnha_cli_tell(work, "%s is the active", active);
        return EXIT_OK;
    }
    ovnha_cli_complain(work, "nobody is promoted; see whom it waits for: ovnha status");
    return ovnha_cli_interrupted() ? EXIT_UNKNOWN : EXIT_CRITICAL;
}

static int promote(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                   const char *wanted)
{
    if (wanted && !ovnha_cli_cluster_node(&view->cluster, wanted)) {
        ovnha_cli_complain(work, "the cluster has no node '%s' (crm_mon -1)", wanted);
        return EXIT_CRITICAL;
    }
    const int lifted = lift(work, view, wanted);

    if (lifted != EXIT_OK) {
        return lifted;
    }
    return wanted ? promote_node(work, wanted) : promote_anyone(work);
}

static int run(const struct ovnha_cli *cli, const char *command,
               int (*change)(struct ovnha_cli_work *, const struct ovnha_cli_view *,
                             const char *))
{
    struct ovnha_cli_work work;
    struct ovnha_cli_view view;
    int code = EXIT_UNKNOWN;

    if (cli->n_operands > 1) {
        fprintf(stderr, "ovnha: %s takes one node, not '%s', too\n", command,
                cli->operand[1]);
        return EXIT_UNKNOWN;
    }
    ovnha_cli_work_begin(&work, cli, command);
    if (ovnha_cli_view_take(&work, &view)) {
        code = change(&work, &view, cli->n_operands ? cli->operand[0] : NULL);
    }
    ovnha_cli_view_free(&view);
    return ovnha_cli_work_end(&work, code);
}

int ovnha_cli_promote(const struct ovnha_cli *cli)
{
    return run(cli, "promote", promote);
}

int ovnha_cli_demote(const struct ovnha_cli *cli)
{
    return run(cli, "demote", demote);
}
