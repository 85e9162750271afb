/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <stdio.h>
#include <string.h>

#include <ovnha/decide.h>
#include <ovnha/recovery.h>

#include "context.h"
#include "execute.h"
#include "gather.h"
#include "helper_client.h"
#include "log.h"
#include "turn.h"
#include "units.h"

static enum ovnha_ocf report(const struct ovnha_invocation *invocation,
                             enum ovnha_ocf code, const char *reason)
{
    if (reason[0]) {
        ovnha_ocf_print_reason(stderr, invocation->exit_reason_prefix, reason);
        ovnha_log(LOG_WARNING, OVNHA_LINE_RESULT, invocation->action,
                  ovnha_ocf_to_str(code), reason);
    }
    return code;
}

/*
 * A restart in place beside us.
 */

/* How long one that is under way is waited for.  A stop waits for nothing, and ends it;
 * what changes the role otherwise does so when half of its time is gone.  A monitor only
 * looks: it needs but a moment for that. */
#define CHANGE_PERCENT  50
#define MONITOR_PERCENT 80

static ovnha_msec patience(const struct ovnha_context *context, enum ovnha_action action)
{
    const ovnha_msec now = ovnha_now();

    switch (action) {
    case OVNHA_STOP:
    case OVNHA_RESTART: /* this and the next are not operations */
    case OVNHA_KEEP_NORTHD:
        return now;
    case OVNHA_MONITOR:
    case OVNHA_POST_PROMOTE:
        return ovnha_deadline_part(context->deadline, now, MONITOR_PERCENT);
    case OVNHA_START:
    case OVNHA_PROMOTE:
    case OVNHA_DEMOTE:
    case OVNHA_RELOAD:
        return ovnha_deadline_part(context->deadline, now, CHANGE_PERCENT);
    }
    return now;
}

/* False: it is the turn of a restart, still. */
static bool take_turn(const struct ovnha_context *context, enum ovnha_action action,
                      ovnha_msec deadline, struct ovnha_turn *turn)
{
    if (action == OVNHA_MONITOR || action == OVNHA_POST_PROMOTE) {
        return ovnha_turn_await(turn, context, deadline);
    }
    ovnha_turn_take(turn, context, deadline);
    return true;
}

/* A monitor that finds a server of the active dead, or a demote, lets the resident helper
 * deal with it first, which knows of it as soon: what was acknowledged is in the dead
 * one's file, and can be handed over once it runs again.  False: that is not over yet,
 * and a monitor does not end it. */
static bool let_recover(const struct ovnha_context *context, struct ovnha_facts *facts,
                        struct ovnha_turn *turn)
{
    const bool asks = facts->action == OVNHA_MONITOR || facts->action == OVNHA_DEMOTE;
    const ovnha_msec deadline = patience(context, facts->action);

    if (!asks || !ovnha_facts_guarded(facts) || !ovnha_recovery_is_due(facts)) {
        return true;
    }
    ovnha_turn_end(turn);
    const enum ovnha_result result =
        ovnha_helper_ask(context, "ovnha/recover", NULL, deadline, NULL);

    if (facts->action == OVNHA_MONITOR && result == OVNHA_ERR_TIMEOUT) {
        return false;
    }
    if (!take_turn(context, facts->action, deadline, turn)) {
        return false;
    }
    ovnha_gather(context, facts->action, facts);
    return true;
}

static enum ovnha_ocf report_restart(const struct ovnha_invocation *invocation)
{
    return report(invocation, ovnha_ocf_from_outcome(OVNHA_OUTCOME_DEGRADED_PROMOTED),
                  "a server that has died is being started again in place");
}

/* The one way of every action: facts, plan, execution, code. */
static enum ovnha_ocf run_in_turn(const struct ovnha_context *context,
                                  enum ovnha_action action, struct ovnha_turn *turn)
{
    struct ovnha_facts facts;
    struct ovnha_plan plan;
    struct ovnha_err err = {""};

    ovnha_gather(context, action, &facts);
    if (!let_recover(context, &facts, turn)) {
        return report_restart(context->invocation);
    }
    ovnha_decide(&facts, &plan);
    const enum ovnha_result result = ovnha_execute(context, &facts, &plan, &err);
    if (result != OVNHA_OK) {
        return report(context->invocation, ovnha_ocf_from_result(result), err.text);
    }
    return report(context->invocation, ovnha_ocf_from_outcome(plan.outcome), plan.reason);
}

static enum ovnha_ocf run(const struct ovnha_context *context, enum ovnha_action action)
{
    struct ovnha_turn turn;
    enum ovnha_ocf code;

    if (!take_turn(context, action, patience(context, action), &turn)) {
        return report_restart(context->invocation);
    }
    code = run_in_turn(context, action, &turn);
    ovnha_turn_end(&turn);
    return code;
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
