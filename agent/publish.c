/* SPDX-License-Identifier: Apache-2.0 */
#include "publish.h"

#include <stdio.h>

#include <ovnha/eligibility.h>
#include <ovnha/spawn.h>

static enum ovnha_result update(const struct ovnha_context *context, const char *name,
                                const char *value, ovnha_msec deadline,
                                struct ovnha_err *err)
{
    const char *node = context->invocation->attribute_node;
    const char *const argv[] = {"attrd_updater", "-n", name, "-U",
                                value,           "-N", node, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result output;

    return ovnha_spawn_run(&spawn, &output, deadline, err);
}

enum ovnha_result ovnha_publish_score(const struct ovnha_context *context, int score,
                                      ovnha_msec deadline, struct ovnha_err *err)
{
    char name[OVNHA_NODE_SIZE + 16], text[16];

    snprintf(name, sizeof name, "master-%s", context->invocation->resource);
    ovnha_score_format(score, text);
    return update(context, name, text, deadline, err);
}

enum ovnha_result ovnha_publish_attribute(const struct ovnha_context *context,
                                          const char *what, const char *value,
                                          ovnha_msec deadline, struct ovnha_err *err)
{
    char name[OVNHA_NODE_SIZE + 32];

    snprintf(name, sizeof name, "ovnha-%s-%s", context->invocation->resource, what);
    return update(context, name, value, deadline, err);
}
