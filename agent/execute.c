/* SPDX-License-Identifier: Apache-2.0 */
/* Plan steps against the real servers: the order, time and memory of them.
 *
 * A step looks whether it has worked, by the same gathering that facts come from;
 * "the command was accepted" counts for nothing.  What was done is noted in memory
 * at once, so that a plan that breaks off leaves a true one behind. */

#include "execute.h"

#include <string.h>

#include <ovnha/log_line.h>
#include <ovnha/plan_run.h>

#include "execute_at_once.h"
#include "execute_steps.h"
#include "log.h"
#include "memory.h"
#include "run_northd.h"

/* Of what is left, for a step that others follow whatever becomes of it: a server that
 * hangs takes no more time from them. */
#define TRY_PERCENT 30

/* The helper is done with northd by then. */
#define LOCK_MS 6000

static step_function *const functions[] = {
    [OVNHA_STEP_NOTE_DOUBT] = ovnha_step_note_doubt,
    [OVNHA_STEP_START_SERVER] = ovnha_step_start_server,
    [OVNHA_STEP_STOP_SERVER] = ovnha_step_stop_server,
    [OVNHA_STEP_START_NORTHD] = ovnha_step_start_northd,
    [OVNHA_STEP_STOP_NORTHD] = ovnha_step_stop_northd,
    [OVNHA_STEP_START_NORTHD_PAUSED] = ovnha_step_start_northd_paused,
    [OVNHA_STEP_PAUSE_NORTHD] = ovnha_step_pause_northd,
    [OVNHA_STEP_RESUME_NORTHD] = ovnha_step_resume_northd,
    [OVNHA_STEP_AWAIT_NORTHD] = ovnha_step_await_northd,
    [OVNHA_STEP_MAKE_WRITABLE] = ovnha_step_make_writable,
    [OVNHA_STEP_FOLLOW] = ovnha_step_follow,
    [OVNHA_STEP_FOLLOW_OR_HOLD] = ovnha_step_follow_or_hold,
    [OVNHA_STEP_SET_PROBE] = ovnha_step_set_probe,
    [OVNHA_STEP_WRITE_ROWS] = ovnha_step_write_rows,
    [OVNHA_STEP_OPEN_REPLICAS] = ovnha_step_open_replicas,
    [OVNHA_STEP_CLOSE_REPLICAS] = ovnha_step_close_replicas,
    [OVNHA_STEP_OPEN_CLIENTS] = ovnha_step_open_clients,
    [OVNHA_STEP_CLOSE_CLIENTS] = ovnha_step_close_clients,
    [OVNHA_STEP_START_HELPER] = ovnha_step_start_helper,
    [OVNHA_STEP_STOP_HELPER] = ovnha_step_stop_helper,
    [OVNHA_STEP_TELL_HELPER] = ovnha_step_tell_helper,
    [OVNHA_STEP_AWAIT_RECOVERY] = ovnha_step_await_recovery,
    [OVNHA_STEP_RECORD_ATTEMPT] = ovnha_step_record_attempt,
    [OVNHA_STEP_WRITE_MARKER] = ovnha_step_write_marker,
    [OVNHA_STEP_AWAIT_BARRIER] = ovnha_step_await_barrier,
    [OVNHA_STEP_RECORD_HANDOVER] = ovnha_step_record_handover,
    [OVNHA_STEP_RECORD_OPEN] = ovnha_step_record_open,
    [OVNHA_STEP_ADOPT] = ovnha_step_adopt,
    [OVNHA_STEP_SETTLE_COPIES] = ovnha_step_settle_copies,
    [OVNHA_STEP_PUBLISH_SCORE] = ovnha_step_publish_score,
    [OVNHA_STEP_FORGET_COST] = ovnha_step_forget_cost,
    [OVNHA_STEP_NOTE_STALL] = ovnha_step_note_stall,
    [OVNHA_STEP_REMEMBER] = ovnha_step_remember,
};

/* What the helper does with northd between operations changes nothing that is remembered,
 * and it has the lock already. */
static bool needs_northd_lock(const struct execution *x, const struct ovnha_step *step)
{
    return x->facts->action != OVNHA_KEEP_NORTHD &&
           (step->kind == OVNHA_STEP_START_NORTHD ||
            step->kind == OVNHA_STEP_START_NORTHD_PAUSED ||
            step->kind == OVNHA_STEP_STOP_NORTHD ||
            step->kind == OVNHA_STEP_PAUSE_NORTHD ||
            step->kind == OVNHA_STEP_RESUME_NORTHD);
}

static bool follows(const struct ovnha_step *step)
{
    return step->kind == OVNHA_STEP_FOLLOW || step->kind == OVNHA_STEP_FOLLOW_OR_HOLD;
}

/* Whether more is to come whatever becomes of the step; northd alone has all the time. */
static bool leaves_time(const struct execution *x, const struct ovnha_step *step)
{
    return x->facts->action != OVNHA_KEEP_NORTHD && (step->tolerated || x->run_all);
}

/* A stop with little time left has other things to do with it, too. */
static ovnha_msec lock_deadline(const struct execution *x)
{
    const ovnha_msec patience = ovnha_deadline_after(ovnha_now(), LOCK_MS);
    const ovnha_msec part = ovnha_execute_part(x, TRY_PERCENT);

    return part < patience ? part : patience;
}

static void save_memory(const struct execution *x)
{
    struct ovnha_err not_saved; /* the step has worked all the same */

    if (x->facts->action != OVNHA_KEEP_NORTHD &&
        ovnha_memory_save(x->context, &x->memory, &not_saved) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "%s", not_saved.text);
    }
}

/* What was done to northd is remembered before the helper may look. */
static void run_steps(const struct ovnha_step *steps, size_t n, void *aux,
                      struct ovnha_step_outcome *outcomes)
{
    struct execution *x = aux;
    const struct ovnha_memory before = x->memory;
    const int lock = needs_northd_lock(x, steps)
                         ? ovnha_run_northd_lock(x->context, lock_deadline(x))
                         : -1;

    x->deadline =
        leaves_time(x, steps) ? ovnha_execute_part(x, TRY_PERCENT) : x->context->deadline;
    for (size_t i = 0; i < n && follows(&steps[i]); i++) {
        ovnha_execute_before_following(x, &steps[i]);
    }
    ovnha_execute_at_once(x, functions[steps->kind], steps, n, outcomes);
    if (memcmp(&before, &x->memory, sizeof before) != 0) {
        save_memory(x);
    }
    ovnha_run_northd_unlock(lock);
}

static void log_step(const struct ovnha_step *step, enum ovnha_result result,
                     const struct ovnha_err *err, void *aux)
{
    const struct execution *x = aux;
    char text[OVNHA_STEP_TEXT_SIZE];

    ovnha_step_format(step, &x->facts->settings, text);
    if (result == OVNHA_OK) {
        ovnha_log(LOG_INFO, OVNHA_LINE_STEP_DONE, ovnha_action_to_str(x->facts->action),
                  text);
    } else {
        ovnha_log(LOG_WARNING, OVNHA_LINE_STEP_FAILED,
                  ovnha_action_to_str(x->facts->action), text,
                  ovnha_result_to_str(result), err->text);
    }
}

enum ovnha_result ovnha_execute(const struct ovnha_context *context,
                                const struct ovnha_facts *facts,
                                const struct ovnha_plan *plan, struct ovnha_err *err)
{
    struct execution x = {.context = context,
                          .facts = facts,
                          .run_all = plan->run_all,
                          .memory = facts->memory};

    return ovnha_plan_run(plan, run_steps, log_step, &x, err);
}
