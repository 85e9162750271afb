/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/plan_run.h>

static enum ovnha_result run_one(const struct ovnha_step *step, ovnha_step_run *run,
                                 ovnha_step_done *done, void *aux, struct ovnha_err *err)
{
    const enum ovnha_result result = run(step, aux, err);

    done(step, result, err, aux);
    return step->tolerated ? OVNHA_OK : result;
}

static void run_failure_steps(const struct ovnha_plan *plan, ovnha_step_run *run,
                              ovnha_step_done *done, void *aux)
{
    for (size_t i = 0; i < plan->n_failure_steps; i++) {
        struct ovnha_err err = {""};
        const enum ovnha_result result = run(&plan->failure_step[i], aux, &err);

        done(&plan->failure_step[i], result, &err, aux);
    }
}

enum ovnha_result ovnha_plan_run(const struct ovnha_plan *plan, ovnha_step_run *run,
                                 ovnha_step_done *done, void *aux, struct ovnha_err *err)
{
    enum ovnha_result first = OVNHA_OK;

    for (size_t i = 0; i < plan->n_steps && (first == OVNHA_OK || plan->run_all); i++) {
        struct ovnha_err this = {""};
        const enum ovnha_result result = run_one(&plan->step[i], run, done, aux, &this);

        if (first == OVNHA_OK && result != OVNHA_OK) {
            first = result;
            *err = this;
        }
    }
    if (first != OVNHA_OK) {
        run_failure_steps(plan, run, done, aux);
    }
    return first;
}
