/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha switchover: a planned move of the role, and of nothing else. */

#include <stdio.h>
#include <string.h>

#include "mover.h"

static void introduce(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                      const struct ovnha_cli_preflight *preflight)
{
    const char *from = preflight->from[0] ? preflight->from : "nobody";
    const char *to = preflight->to[0] ? preflight->to : "nobody";

    if (work->json) {
        json_object_set_new(work->json, "resource", json_string(view->cluster.db->id));
        json_object_set_new(work->json, "from", json_string(preflight->from));
        json_object_set_new(work->json, "to", json_string(preflight->to));
    } else {
        printf("%s: from %s to %s\n", view->cluster.db->id, from, to);
    }
}

static int go(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
              const char *wanted)
{
    struct ovnha_cli_preflight preflight;

    ovnha_cli_preflight(&view->situation, wanted, &preflight);
    introduce(work, view, &preflight);
    ovnha_cli_tell_findings(work, &preflight.findings);
    if (work->cli->dry_run) {
        return ovnha_cli_findings_code(&preflight.findings);
    }
    if (preflight.to[0] && strcmp(preflight.from, preflight.to) == 0) {
        ovnha_cli_tell(work, "%s is the active already", preflight.to);
        return EXIT_OK;
    }
    if (!ovnha_cli_accepts(work, &preflight.findings)) {
        return EXIT_CRITICAL;
    }
    return ovnha_cli_move(work, view, preflight.to);
}

int ovnha_cli_switchover(const struct ovnha_cli *cli)
{
    struct ovnha_cli_work work;
    struct ovnha_cli_view view;
    int code = EXIT_UNKNOWN;

    if (cli->n_operands > 1) {
        fprintf(stderr, "ovnha: switchover takes one node, not '%s', too\n",
                cli->operand[1]);
        return EXIT_UNKNOWN;
    }
    ovnha_cli_work_begin(&work, cli, "switchover");
    if (ovnha_cli_view_take(&work, &view)) {
        code = go(&work, &view, cli->n_operands ? cli->operand[0] : NULL);
    }
    ovnha_cli_view_free(&view);
    return ovnha_cli_work_end(&work, code);
}
