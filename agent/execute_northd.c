/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include "run_northd.h"

/* Of what is left: waiting for it must not cost the databases their promotion. */
#define NORTHD_PERCENT 60

/*
 * ovn-northd.
 */

enum ovnha_result ovnha_step_start_northd(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    (void)step;
    x->memory.northd = true; /* also when nobody can tell whether it started */
    x->memory.northd_paused = false;
    return ovnha_run_northd_start(x->context, x->deadline, err);
}

enum ovnha_result ovnha_step_start_northd_paused(struct execution *x,
                                                 const struct ovnha_step *step,
                                                 struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_run_northd_start_paused(x->context, x->deadline, err);

    (void)step;
    x->memory.northd = result != OVNHA_ERR_REFUSED;
    x->memory.northd_paused = x->memory.northd;
    return result;
}

enum ovnha_result ovnha_step_pause_northd(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    const enum ovnha_result result = ovnha_run_northd_pause(x->context, x->deadline, err);

    (void)step;
    x->memory.northd = result == OVNHA_OK;
    x->memory.northd_paused = x->memory.northd;
    return result;
}

enum ovnha_result ovnha_step_resume_northd(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    (void)step;
    x->memory.northd = true;
    x->memory.northd_paused = false;
    return ovnha_run_northd_resume(x->context, x->deadline, err);
}

enum ovnha_result ovnha_step_stop_northd(struct execution *x,
                                         const struct ovnha_step *step,
                                         struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_run_northd_stop(x->context, x->context->deadline, err);

    (void)step;
    if (result == OVNHA_OK) {
        x->memory.northd = false;
        x->memory.northd_paused = false;
    }
    return result;
}

enum ovnha_result ovnha_step_await_northd(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    (void)step;
    return ovnha_run_northd_await(x->context, ovnha_execute_part(x, NORTHD_PERCENT), err);
}

enum ovnha_result ovnha_step_forget_cost(struct execution *x,
                                         const struct ovnha_step *step,
                                         struct ovnha_err *err)
{
    (void)step;
    return ovnha_run_northd_forget_costly(x->context, err);
}
