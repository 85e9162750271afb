/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha accept-loss: choose this node's copy where no rule can. */

#include "common.h"

#include <stdio.h>
#include <stdlib.h>

/* What there is to lose, and how to go on; unless there is nothing to accept. */
static int explain(const struct ovnha_cli *cli, const char *resource)
{
    struct ovnha_err err;
    char *objection = NULL;
    int code;

    if (ovnha_cli_ask(resource, "ovnha/object-to-loss", &objection, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        return EXIT_UNKNOWN;
    }
    if (objection[0]) {
        fprintf(stderr, "ovnha: not now: %s\n", objection);
        free(objection);
        return EXIT_CRITICAL;
    }
    free(objection);
    code = ovnha_cli_status(cli);
    printf("\nThis chooses the copy of THIS node.  Whatever only other copies hold is "
           "lost to the\ncluster: wait for the nodes named above if they can come "
           "back.  To go on:\n    ovnha accept-loss --yes\n");
    return code == EXIT_UNKNOWN ? code : EXIT_WARNING;
}

/* After a timeout or a hangup the helper may have done it, or be about to.  Whoever took
 * that for a no would go on to another node, and choose two copies. */
static int failure(enum ovnha_result result, const struct ovnha_err *err)
{
    if (result == OVNHA_ERR_TIMEOUT || result == OVNHA_ERR_LOST) {
        fprintf(stderr,
                "ovnha: not known whether it is done: %s\n"
                "Choose no other copy before 'ovnha status' has answered on this node.\n",
                err->text);
        return EXIT_UNKNOWN;
    }
    fprintf(stderr, "ovnha: not done: %s\n", err->text);
    return EXIT_CRITICAL;
}

int ovnha_cli_accept_loss(const struct ovnha_cli *cli)
{
    char resource[OVNHA_NODE_SIZE];
    struct ovnha_err err;
    char *reply = NULL;

    if (!ovnha_cli_no_operands(cli, "accept-loss") ||
        !ovnha_cli_choose_resource(cli, resource)) {
        return EXIT_UNKNOWN;
    }
    if (!cli->yes) {
        return explain(cli, resource);
    }
    const enum ovnha_result result =
        ovnha_cli_ask(resource, "ovnha/accept-loss", &reply, &err);

    if (result != OVNHA_OK) {
        return failure(result, &err);
    }
    printf("%s\n", reply);
    free(reply);
    return EXIT_OK;
}
