/* SPDX-License-Identifier: Apache-2.0 */

/* ocf:ovnha:ovndb-servers: the action's name leads to its handler, the handler's
 * code to the exit. */

#include <stdio.h>
#include <string.h>

#include "cluster_module.h"
#include "env.h"
#include "metadata.h"
#include "ocf.h"
#include "operations.h"
#include "params.h"
#include "units.h"

typedef enum ovnha_ocf handler(const struct ovnha_invocation *invocation);

static handler meta_data, validate_all, usage;

static const struct {
    const char *name;
    handler *run;
} actions[] = {
    {"start", ovnha_operation_start},
    {"stop", ovnha_operation_stop},
    {"monitor", ovnha_operation_monitor},
    {"status", ovnha_operation_monitor},
    {"promote", ovnha_operation_promote},
    {"demote", ovnha_operation_demote},
    {"notify", ovnha_operation_notify},
    {"reload-agent", ovnha_operation_reload},
    {"meta-data", meta_data},
    {"validate-all", validate_all},
    {"usage", usage},
    {"help", usage},
};

#define N_ACTIONS (sizeof actions / sizeof actions[0])

static void print_usage(FILE *out)
{
    fputs("usage: ovndb-servers", out);
    for (size_t i = 0; i < N_ACTIONS; i++) {
        fprintf(out, "%c%s", i ? '|' : ' ', actions[i].name);
    }
    fputs("\n\nA resource agent: Pacemaker calls it, with parameters in the environment "
          "as of OCF 1.1.\n",
          out);
}

static enum ovnha_ocf usage(const struct ovnha_invocation *invocation)
{
    (void)invocation;
    print_usage(stdout);
    return OVNHA_OCF_SUCCESS;
}

static enum ovnha_ocf meta_data(const struct ovnha_invocation *invocation)
{
    (void)invocation;
    ovnha_metadata_print(stdout);
    return OVNHA_OCF_SUCCESS;
}

/* Level 0 looks at nothing but the parameters. */
static enum ovnha_ocf validate_all(const struct ovnha_invocation *invocation)
{
    struct ovnha_params params;
    struct ovnha_err err;
    enum ovnha_ocf code = ovnha_ocf_from_result(
        ovnha_params_parse(ovnha_env_parameter, NULL, &params, &err));

    if (code == OVNHA_OCF_SUCCESS && invocation->check_level >= 10) {
        code = ovnha_params_check_host(&params, &err);
    }
    if (code == OVNHA_OCF_SUCCESS && invocation->check_level >= 10) {
        code = ovnha_units_check(
            ovnha_deadline_after(ovnha_now(), invocation->timeout_ms), &err);
    }
    if (code != OVNHA_OCF_SUCCESS) {
        ovnha_ocf_print_reason(stderr, invocation->exit_reason_prefix, err.text);
    }
    return code;
}

static enum ovnha_ocf run(const struct ovnha_invocation *invocation)
{
    for (size_t i = 0; i < N_ACTIONS; i++) {
        if (!strcmp(actions[i].name, invocation->action)) {
            return actions[i].run(invocation);
        }
    }
    print_usage(stderr);
    return OVNHA_OCF_ERR_UNIMPLEMENTED;
}

int main(int argc, char *argv[])
{
    struct ovnha_invocation invocation;
    enum ovnha_ocf code;

    ovnha_invocation_read(argc, argv, ovnha_env_variable, NULL, &invocation);
    ovnha_cluster_module_use(&invocation);
    code = run(&invocation);
    ovnha_cluster_module_end();
    ovnha_invocation_clear(&invocation);
    return (int)code;
}
