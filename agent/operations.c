/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <stdio.h>
#include <string.h>

#include <ovnha/decide.h>

#include "context.h"
#include "execute.h"
#include "gather.h"
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

/*
 * The way of an operation.
 */

/* What a restart has in hand is not looked at. */
static void gather_in_turn(const struct ovnha_context *context, enum ovnha_action action,
                           ovnha_msec deadline, struct ovnha_turn *turn,
                           struct ovnha_facts *facts)
{
    if (take_turn(context, action, deadline, turn)) {
        ovnha_gather(context, action, facts);
    } else {
        memset(facts, 0, sizeof *facts);
        facts->action = action;
        facts->restart_under_way = true;
    }
}

/* The turn is somebody else's while a plan runs that lets him act first.  Whether he did
 * so, or could not be asked, is seen in what there is then. */
static enum ovnha_result decide_again(const struct ovnha_context *context,
                                      struct ovnha_turn *turn, struct ovnha_facts *facts,
                                      struct ovnha_plan *plan, struct ovnha_err *err)
{
    struct ovnha_context sooner = *context;

    sooner.deadline = patience(context, facts->action);
    ovnha_turn_end(turn);
    const enum ovnha_result result = ovnha_execute(&sooner, facts, plan, err);

    gather_in_turn(context, facts->action, sooner.deadline, turn, facts);
    facts->recovery_awaited = true;
    ovnha_decide(facts, plan);
    return result;
}

/* The one way of every action: facts, plan, execution, code. */
static enum ovnha_ocf run(const struct ovnha_context *context, enum ovnha_action action)
{
    struct ovnha_facts facts;
    struct ovnha_plan plan;
    struct ovnha_turn turn;
    struct ovnha_err err = {""};
    enum ovnha_result result = OVNHA_OK;

    gather_in_turn(context, action, patience(context, action), &turn, &facts);
    ovnha_decide(&facts, &plan);
    if (plan.outcome == OVNHA_OUTCOME_DECIDE_AGAIN) {
        result = decide_again(context, &turn, &facts, &plan, &err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_execute(context, &facts, &plan, &err);
    }
    ovnha_turn_end(&turn);
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
