/* SPDX-License-Identifier: Apache-2.0 */
#include "publish.h"

#include <stdio.h>

#include <ovnha/eligibility.h>
#include <ovnha/spawn.h>

enum ovnha_result ovnha_publish_score(const struct ovnha_context *context, int score,
                                      ovnha_msec deadline, struct ovnha_err *err)
{
    const struct ovnha_invocation *invocation = context->invocation;
    char name[OVNHA_NODE_SIZE + 16], text[16];
    const char *const argv[] = {
        "attrd_updater", "-n", name, "-U", text, "-N", invocation->attribute_node, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result output;

    snprintf(name, sizeof name, "master-%s", invocation->resource);
    ovnha_score_format(score, text);
    return ovnha_spawn_run(&spawn, &output, deadline, err);
}
