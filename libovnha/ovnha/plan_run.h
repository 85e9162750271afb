/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_PLAN_RUN_H
#define OVNHA_PLAN_RUN_H

#include <ovnha/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Run a plan: the order of steps, what a failure means, and nothing else.  How a
 * step is done is the caller's, so that the same loop runs real servers and the
 * fault tests' model of them. */

struct ovnha_step_outcome {
    enum ovnha_result result;
    struct ovnha_err err; /* set unless `result` is OVNHA_OK */
};

/* Do steps and see to it that they are done.  Mostly it is one; several are of one kind,
 * which may run at once (ovnha_step_runs_at_once()), each for another database: all of
 * them are done, whatever becomes of the others.  `outcomes` come as zeros. */
typedef void ovnha_steps_run(const struct ovnha_step *steps, size_t n, void *aux,
                             struct ovnha_step_outcome *outcomes);

/* Told of every step after it ran; `result` OVNHA_OK or why it failed. */
typedef void ovnha_step_done(const struct ovnha_step *step, enum ovnha_result result,
                             const struct ovnha_err *err, void *aux);

/* OVNHA_OK when every step that counts succeeded; otherwise the first failure,
 * after the failure steps have run. */
enum ovnha_result ovnha_plan_run(const struct ovnha_plan *plan, ovnha_steps_run *run,
                                 ovnha_step_done *done, void *aux,
                                 struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
