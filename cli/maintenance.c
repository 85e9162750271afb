/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha maintenance: take a node out of service, and back.
 *
 * Out of service is standby: Pacemaker stops or moves all that runs there, and the host
 * may be upgraded or switched off.  (Pacemaker's own "maintenance" is the opposite:
 * everything goes on running, and nobody looks after it.) */

#include <stdio.h>
#include <string.h>

#include "mover.h"

#define LOOK_MS 300

/* An exit code. */
static int set_standby(struct ovnha_cli_work *work, const char *node, bool on)
{
    const char *const argv[] = {
        "crm_attribute",  "--node",     node,      "--name",
        "standby",        "--lifetime", "forever", on ? "--update" : "--delete",
        on ? "on" : NULL, NULL};
    const char *const until_reboot[] = {"crm_attribute", "--node",   node,
                                        "--name",        "standby",  "--lifetime",
                                        "reboot",        "--delete", NULL};
    struct ovnha_err err = {""};
    enum ovnha_result result = ovnha_cli_pacemaker(work, argv, &err);

    if (result == OVNHA_OK && !on) {
        result = ovnha_cli_pacemaker(work, until_reboot, &err);
    }
    return result == OVNHA_OK ? EXIT_OK : ovnha_cli_not_done(work, result, &err);
}

static bool nothing_runs_there(const struct ovnha_cli_cluster *now, const char *node)
{
    for (size_t i = 0; i < now->n_resources; i++) {
        for (size_t on = 0; on < now->resource[i].n_on; on++) {
            if (strcmp(now->resource[i].on[on], node) == 0) {
                return false;
            }
        }
    }
    return true;
}

/* Until nothing of Pacemaker's runs on the node. */
static bool await_stop(struct ovnha_cli_work *work, const char *node)
{
    bool done = false;

    do {
        struct ovnha_cli_cluster now = {0};

        done = ovnha_cli_cluster_read(work->cli->resource, ovnha_cli_work_limit(work),
                                      &now, NULL) == OVNHA_OK &&
               nothing_runs_there(&now, node);
        ovnha_cli_cluster_free(&now);
    } while (!done && ovnha_cli_pause(work, LOOK_MS));
    return done;
}

static int leave(struct ovnha_cli_work *work, const char *node, int code)
{
    const int set = set_standby(work, node, true);

    if (set != EXIT_OK) {
        return set;
    }
    ovnha_cli_tell(work, "%s is in standby: Pacemaker stops what runs there", node);
    if (!await_stop(work, node)) {
        ovnha_cli_complain(work,
                           "%s is in standby, but something still runs there (crm_mon "
                           "-1); to go back: ovnha maintenance off %s",
                           node, node);
        return ovnha_cli_interrupted() ? EXIT_UNKNOWN : EXIT_WARNING;
    }
    ovnha_cli_tell(work,
                   "nothing of Pacemaker's runs on %s any more; to bring it back: ovnha "
                   "maintenance off %s",
                   node, node);
    return code;
}

/* The active hands over first, as in a switchover. */
static int hand_over(struct ovnha_cli_work *work, const struct ovnha_cli_view *view)
{
    struct ovnha_cli_preflight preflight;

    ovnha_cli_preflight(&view->situation, NULL, &preflight);
    if (preflight.to[0]) {
        return ovnha_cli_move(work, view, preflight.to);
    }
    ovnha_cli_tell(work, "nobody takes the role over (--force)");
    return EXIT_WARNING;
}

static int turn_on(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                   const struct ovnha_cli_node *node)
{
    struct ovnha_cli_findings findings;
    int code = EXIT_OK;

    if (node->standby) {
        ovnha_cli_tell(work, "%s is in standby already", node->name);
        return EXIT_OK;
    }
    ovnha_cli_preflight_leave(&view->situation, node->name, &findings);
    const bool fine = ovnha_cli_tell_findings(work, &findings);

    if (work->cli->dry_run) {
        return ovnha_cli_findings_code(&findings);
    }
    if (!(fine ? ovnha_cli_accepts(work, &findings) : work->cli->force)) {
        if (!fine) {
            ovnha_cli_complain(work, "not done: see what is refused above, or --force");
        }
        return EXIT_CRITICAL;
    }
    if (node->role == OVNHA_CLI_PROMOTED) {
        code = hand_over(work, view);
    }
    if (ovnha_cli_interrupted()) {
        ovnha_cli_tell(work, "%s was not put into standby", node->name);
        return EXIT_UNKNOWN;
    }
    return code == EXIT_OK || code == EXIT_WARNING ? leave(work, node->name, code) : code;
}

static int turn_off(struct ovnha_cli_work *work, const struct ovnha_cli_node *node)
{
    const char *const nodes[] = {node->name};
    char why[300];

    if (work->cli->dry_run) {
        ovnha_cli_tell(work, "%s is %s", node->name,
                       node->standby ? "in standby, and would come back"
                                     : "not in standby");
        return EXIT_OK;
    }
    const int set = set_standby(work, node->name, false);

    if (set != EXIT_OK) {
        return set;
    }
    ovnha_cli_tell(work, "%s is not in standby any more", node->name);
    if (!node->online) {
        ovnha_cli_complain(work, "%s is not in the cluster: start it", node->name);
        return EXIT_WARNING;
    }
    if (!ovnha_cli_await_sync(work, NULL, nodes, 1, why)) {
        ovnha_cli_complain(work, "%s (ovnha status, on %s)", why, node->name);
        return ovnha_cli_interrupted() ? EXIT_UNKNOWN : EXIT_WARNING;
    }
    ovnha_cli_tell(work, "%s is in sync", node->name);
    return EXIT_OK;
}

static int turn(struct ovnha_cli_work *work, const struct ovnha_cli_view *view, bool on,
                const char *name)
{
    const struct ovnha_cli_node *node = ovnha_cli_cluster_node(&view->cluster, name);

    if (!node) {
        ovnha_cli_complain(work, "the cluster has no node '%s' (crm_mon -1)", name);
        return EXIT_CRITICAL;
    }
    return on ? turn_on(work, view, node) : turn_off(work, node);
}

int ovnha_cli_maintenance(const struct ovnha_cli *cli)
{
    struct ovnha_cli_work work;
    struct ovnha_cli_view view;
    int code = EXIT_UNKNOWN;
    const bool on = cli->n_operands == 2 && strcmp(cli->operand[0], "on") == 0;

    if (!on && (cli->n_operands != 2 || strcmp(cli->operand[0], "off") != 0)) {
        fprintf(stderr, "usage: ovnha maintenance on|off NODE\n");
        return EXIT_UNKNOWN;
    }
    ovnha_cli_work_begin(&work, cli, "maintenance");
    if (ovnha_cli_view_take(&work, &view)) {
        code = turn(&work, &view, on, cli->operand[1]);
    }
    ovnha_cli_view_free(&view);
    return ovnha_cli_work_end(&work, code);
}
