/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/plan_run.h>

#include <string.h>

struct runner {
    ovnha_steps_run *run;
    ovnha_step_done *done;
    void *aux;
};

/* How many of the steps are the first one's kind, each for another database, and may be
 * done at once. */
static size_t count_at_once(const struct ovnha_step *steps, size_t n)
{
    size_t count = 1;

    while (count < n && count < OVNHA_DB_MAX &&
           ovnha_step_runs_at_once(steps[count].kind) &&
           steps[count].kind == steps[0].kind && steps[count].db > steps[count - 1].db) {
        count++;
    }
    return count;
}

/* The first failure that counts, or OVNHA_OK. */
static enum ovnha_result run_at_once(const struct runner *runner,
                                     const struct ovnha_step *steps, size_t n,
                                     struct ovnha_err *err)
{
    struct ovnha_step_outcome outcomes[OVNHA_DB_MAX];
    enum ovnha_result first = OVNHA_OK;

    memset(outcomes, 0, sizeof outcomes);
    runner->run(steps, n, runner->aux, outcomes);
    for (size_t i = 0; i < n; i++) {
        runner->done(&steps[i], outcomes[i].result, &outcomes[i].err, runner->aux);
        if (first == OVNHA_OK && outcomes[i].result != OVNHA_OK && !steps[i].tolerated) {
            first = outcomes[i].result;
            *err = outcomes[i].err;
        }
    }
    return first;
}

static enum ovnha_result run_steps(const struct runner *runner,
                                   const struct ovnha_step *steps, size_t n, bool all,
                                   struct ovnha_err *err)
{
    enum ovnha_result first = OVNHA_OK;
    size_t at_once;

    for (size_t i = 0; i < n && (first == OVNHA_OK || all); i += at_once) {
        struct ovnha_err this = {""};

        at_once = count_at_once(steps + i, n - i);
        const enum ovnha_result result = run_at_once(runner, steps + i, at_once, &this);

        if (first == OVNHA_OK && result != OVNHA_OK) {
            first = result;
            *err = this;
        }
    }
    return first;
}

enum ovnha_result ovnha_plan_run(const struct ovnha_plan *plan, ovnha_steps_run *run,
                                 ovnha_step_done *done, void *aux, struct ovnha_err *err)
{
    const struct runner runner = {run, done, aux};
    const enum ovnha_result result =
        run_steps(&runner, plan->step, plan->n_steps, plan->run_all, err);
    struct ovnha_err later; /* the first failure is the one to tell */

    if (result != OVNHA_OK) {
        run_steps(&runner, plan->failure_step, plan->n_failure_steps, true, &later);
    }
    return result;
}
