/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <ovnha/spawn.h>

#include "helper_client.h"
#include "log.h"

/* Of what is left: a hung helper must leave time for what comes after it, publishing and
 * remembering. */
#define HELPER_PERCENT 50

/* A replica that does not catch up by then is left out, not waited for. */
#define BARRIER_PERCENT 50

/* For copies that were overwritten: what is not finished is begun again by the next
 * monitor. */
#define COPIES_PERCENT 50

/* On a remote node, in a bundle, by hand: nothing can be guarded there.  Where there is a
 * record, or at any time but the start, corosync is down, and comes back. */
static bool is_beyond_guard(const struct execution *x)
{
    return x->facts->action == OVNHA_START &&
           access(x->context->paths.record, F_OK) != 0 && errno == ENOENT;
}

/* Without corosync that is remembered, and the scores say what replication says. */
enum ovnha_result ovnha_step_start_helper(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_helper_start(x->context, x->context->deadline, err);

    (void)step;
    if (result == OVNHA_ERR_UNAVAILABLE && is_beyond_guard(x)) {
        ovnha_log(LOG_WARNING, "promotions are not guarded by a record here: %s", err->text);
        x->memory.guarded = OVNHA_NO;
        return OVNHA_OK;
    }
    if (result == OVNHA_OK) {
        x->memory.guarded = OVNHA_YES;
    }
    return result;
}

enum ovnha_result ovnha_step_stop_helper(struct execution *x,
                                         const struct ovnha_step *step,
                                         struct ovnha_err *err)
{
    (void)step;
    x->memory.guarded = OVNHA_UNKNOWN;
    return ovnha_helper_stop(x->context, ovnha_execute_part(x, HELPER_PERCENT), err);
}

enum ovnha_result ovnha_step_tell_helper(struct execution *x,
                                         const struct ovnha_step *step,
                                         struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_tell(x->context, ovnha_execute_part(x, HELPER_PERCENT), err);
}

/* It knows of the death as soon as we do, and answers at once if there is nothing that it
 * does about it. */
enum ovnha_result ovnha_step_await_recovery(struct execution *x,
                                            const struct ovnha_step *step,
                                            struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/recover", NULL, x->context->deadline, err);
}

enum ovnha_result ovnha_step_record_attempt(struct execution *x,
                                            const struct ovnha_step *step,
                                            struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_attempt(x->context, x->generation, x->parent,
                                ovnha_execute_part(x, HELPER_PERCENT), err);
}

enum ovnha_result ovnha_step_await_barrier(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/barrier", NULL,
                            ovnha_execute_part(x, BARRIER_PERCENT), err);
}

enum ovnha_result ovnha_step_record_handover(struct execution *x,
                                             const struct ovnha_step *step,
                                             struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/handover", NULL, x->context->deadline,
                            err);
}

enum ovnha_result ovnha_step_record_open(struct execution *x,
                                         const struct ovnha_step *step,
                                         struct ovnha_err *err)
{
    (void)step;
    return ovnha_helper_ask(x->context, "ovnha/open", NULL, x->context->deadline, err);
}

/* Nothing was promoted, so both records are made of a copy that is open all the time. */
enum ovnha_result ovnha_step_adopt(struct execution *x, const struct ovnha_step *step,
                                   struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_helper_ask(x->context, "ovnha/renew", NULL, x->deadline, err);

    (void)step;
    return result == OVNHA_OK
               ? ovnha_helper_ask(x->context, "ovnha/renew-open", NULL, x->deadline, err)
               : result;
}

/* By a process of its own, so that a monitor's time does not run out in it. */
enum ovnha_result ovnha_step_settle_copies(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    const ovnha_msec now = ovnha_now();
    const ovnha_msec deadline =
        ovnha_deadline_part(x->context->deadline, now, COPIES_PERCENT);
    char milliseconds[16];
    const char *const argv[] = {x->context->invocation->helper, "set-aside", milliseconds,
                                NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    (void)step;
    snprintf(milliseconds, sizeof milliseconds, "%d", ovnha_deadline_left(deadline, now));
    return ovnha_spawn_run(&spawn, &result, x->context->deadline, err);
}
