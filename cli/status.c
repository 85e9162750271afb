/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha status: how all nodes are, what is wrong, and what to do about it. */

#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "json_answer.h"
#include "overview.h"
#include "overview_gather.h"
#include "watch.h"

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

static void print_text(FILE *out, const struct ovnha_overview *overview,
                       const struct ovnha_overview_findings *findings)
{
    if (overview->cluster_known || overview->helper_known) {
        ovnha_overview_print(out, overview, findings, wants_colour());
    } else {
        fprintf(out == stdout ? stderr : out, "ovnha: %s\novnha: %s\n",
                overview->helper_trouble, overview->cluster_trouble);
    }
}

static int print(FILE *out, void *aux)
{
    const struct ovnha_cli *cli = aux;
    struct ovnha_overview *overview = ovnha_overview_gather(cli->resource);
    struct ovnha_overview_findings findings;

    ovnha_overview_judge(overview, &findings);
    if (cli->json) {
        ovnha_cli_json_print(out, ovnha_overview_to_json(overview, &findings));
    } else {
        print_text(out, overview, &findings);
    }
    free(overview);
    return ovnha_severity_code(findings.worst);
}

int ovnha_cli_status(const struct ovnha_cli *cli)
{
    if (!ovnha_cli_no_operands(cli, "status")) {
        return EXIT_UNKNOWN;
    }
    if (cli->watch) {
        const int code = ovnha_cli_watch(print, (void *)cli);

        return code < 0 ? EXIT_UNKNOWN : code;
    }
    return print(stdout, (void *)cli);
}
