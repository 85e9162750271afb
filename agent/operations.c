/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <stdio.h>
#include <string.h>

#include <ovnha/decide.h>

#include "context.h"
#include "execute.h"
#include "gather.h"
#include "log.h"
#include "units.h"

static enum ovnha_ocf report(const struct ovnha_invocation *invocation,
                             enum ovnha_ocf code, const char *reason)
{
    if (reason[0]) {
        ovnha_ocf_print_reason(stderr, invocation->exit_reason_prefix, reason);
        qb_log(LOG_WARNING, "%s: %s: %s", invocation->action, ovnha_ocf_to_str(code),
               reason);
    }
    return code;
}

/* The one way of every action: facts, plan, execution, code. */
static enum ovnha_ocf run(const struct ovnha_context *context, enum ovnha_action action)
{
    struct ovnha_facts facts;
    struct ovnha_plan plan;
    struct ovnha_err err = {""};

    ovnha_gather(context, action, &facts);
    ovnha_decide(&facts, &plan);
    const enum ovnha_result result = ovnha_execute(context, &facts, &plan, &err);
    if (result != OVNHA_OK) {
        return report(context->invocation, ovnha_ocf_from_result(result), err.text);
    }
    return report(context->invocation, ovnha_ocf_from_outcome(plan.outcome), plan.reason);
}

/* What brings something up is strict about parameters ... */
static enum ovnha_ocf run_strictly(const struct ovnha_invocation *invocation,
                                   enum ovnha_action action)
{
    struct ovnha_context context;
    struct ovnha_err err = {""};
    const enum ovnha_result result = ovnha_context_init(&context, invocation, &err);

    if (result != OVNHA_OK) {
        return report(invocation, ovnha_ocf_from_result(result), err.text);
    }
    enum ovnha_ocf code = ovnha_params_check_host(&context.params, &err);
    if (code == OVNHA_OCF_SUCCESS && action == OVNHA_START) {
        code = ovnha_units_check(context.deadline, &err);
    }
    if (code != OVNHA_OCF_SUCCESS) {
        return report(invocation, code, err.text);
    }
    return run(&context, action);
}

/* ... what looks or takes down does its work whatever was configured. */
static enum ovnha_ocf run_leniently(const struct ovnha_invocation *invocation,
                                    enum ovnha_action action)
{
    struct ovnha_context context;

    ovnha_context_init_leniently(&context, invocation);
    return run(&context, action);
}

enum ovnha_ocf ovnha_operation_start(const struct ovnha_invocation *invocation)
{
    return run_strictly(invocation, OVNHA_START);
}

enum ovnha_ocf ovnha_operation_stop(const struct ovnha_invocation *invocation)
{
    return run_leniently(invocation, OVNHA_STOP);
}

enum ovnha_ocf ovnha_operation_monitor(const struct ovnha_invocation *invocation)
{
    return run_leniently(invocation, OVNHA_MONITOR);
}

enum ovnha_ocf ovnha_operation_promote(const struct ovnha_invocation *invocation)
{
    return run_strictly(invocation, OVNHA_PROMOTE);
}

enum ovnha_ocf ovnha_operation_demote(const struct ovnha_invocation *invocation)
{
    return run_leniently(invocation, OVNHA_DEMOTE);
}

enum ovnha_ocf ovnha_operation_reload(const struct ovnha_invocation *invocation)
{
    return run_strictly(invocation, OVNHA_RELOAD);
}

/* Pacemaker ignores what a notification returns; so nothing but 0. */
enum ovnha_ocf ovnha_operation_notify(const struct ovnha_invocation *invocation)
{
    const struct ovnha_notification *notify = &invocation->notify;

    if (notify->type == OVNHA_NOTIFY_POST && strcmp(notify->operation, "promote") == 0) {
        (void)run_leniently(invocation, OVNHA_POST_PROMOTE);
    }
    return OVNHA_OCF_SUCCESS;
}
