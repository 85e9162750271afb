/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/plan_run.h>

/* A runner that writes down what it was given; steps with a text fail. */
struct log {
    char text[256];
};

static bool is_bad(const struct ovnha_step *step)
{
    return step->text[0];
}

static void run_steps(const struct ovnha_step *steps, size_t n, void *aux,
                      struct ovnha_step_outcome *outcomes)
{
    struct log *log = aux;

    for (size_t i = 0; i < n; i++) {
        const size_t used = strlen(log->text);

        assert_int_equal(outcomes[i].result, OVNHA_OK);
        assert_string_equal(outcomes[i].err.text, "");
        snprintf(log->text + used, sizeof log->text - used, "%d%s", steps[i].number,
                 i + 1 < n ? "&" : "");
        if (is_bad(&steps[i])) {
            outcomes[i].result = ovnha_fail(&outcomes[i].err, OVNHA_ERR_REFUSED,
                                            "number %d", steps[i].number);
        }
    }
}

static void step_done(const struct ovnha_step *step, enum ovnha_result result,
                      const struct ovnha_err *err, void *aux)
{
    struct log *log = aux;
    const size_t used = strlen(log->text);

    assert_int_equal(result, is_bad(step) ? OVNHA_ERR_REFUSED : OVNHA_OK);
    assert_int_equal(err->text[0] != '\0', result != OVNHA_OK);
    snprintf(log->text + used, sizeof log->text - used, "%s ",
             result == OVNHA_OK ? "+" : "-");
}

enum quality { GOOD, BAD };

static void fill_in(struct ovnha_step *step, int number, enum quality quality)
{
    step->number = number;
    snprintf(step->text, sizeof step->text, "%s", quality == BAD ? "bad" : "");
}

static void add(struct ovnha_plan *plan, int number, enum quality quality, bool tolerated)
{
    struct ovnha_step *step = ovnha_plan_add(plan, OVNHA_STEP_ADOPT, 0);

    fill_in(step, number, quality);
    step->tolerated = tolerated;
}

/* One of those that may run at once. */
static void add_start(struct ovnha_plan *plan, int number, size_t db,
                      enum quality quality)
{
    fill_in(ovnha_plan_add(plan, OVNHA_STEP_START_SERVER, db), number, quality);
}

static void assert_run(const struct ovnha_plan *plan, enum ovnha_result result,
                       const char *err_text, const char *text)
{
    struct log log = {""};
    struct ovnha_err err = {""};

    assert_int_equal(ovnha_plan_run(plan, run_steps, step_done, &log, &err), result);
    assert_string_equal(err.text, err_text);
    assert_string_equal(log.text, text);
}

static void add_failure_steps(struct ovnha_plan *plan)
{
    fill_in(ovnha_plan_add_failure(plan, OVNHA_STEP_CLOSE_CLIENTS, 0), 7, BAD);
    fill_in(ovnha_plan_add_failure(plan, OVNHA_STEP_CLOSE_CLIENTS, 1), 8, GOOD);
}

static void test_nothing_to_do(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_OK, "", "");
}

static void test_in_order(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add(&plan, 1, GOOD, false);
    add(&plan, 2, GOOD, true);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_OK, "", "1+ 2+ ");
}

/* Failure steps all run, whatever becomes of them; the first failure counts. */
static void test_stops_at_the_first_failure(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add(&plan, 1, GOOD, false);
    add(&plan, 2, BAD, false);
    add(&plan, 3, GOOD, false);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_ERR_REFUSED, "number 2", "1+ 2- 7- 8+ ");
}

static void test_a_tolerated_failure_is_none(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add(&plan, 1, BAD, true);
    add(&plan, 2, GOOD, false);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_OK, "", "1- 2+ ");
}

static void test_runs_all(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    plan.run_all = true;
    add(&plan, 1, BAD, true);
    add(&plan, 2, BAD, false);
    add(&plan, 3, BAD, false);
    add(&plan, 4, GOOD, false);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_ERR_REFUSED, "number 2", "1- 2- 3- 4+ 7- 8+ ");
}

static void test_databases_at_once(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add_start(&plan, 1, 0, GOOD);
    add_start(&plan, 2, 1, GOOD);
    add(&plan, 3, GOOD, false);
    add(&plan, 4, GOOD, false);
    assert_run(&plan, OVNHA_OK, "", "1&2+ + 3+ 4+ ");
}

/* The one does not keep the other from being done; what comes after both does not come.
 */
static void test_one_of_two_fails(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add_start(&plan, 1, 0, BAD);
    add_start(&plan, 2, 1, GOOD);
    add(&plan, 3, GOOD, false);
    ovnha_plan_add_failure(&plan, OVNHA_STEP_STOP_SERVER, 0)->number = 7;
    ovnha_plan_add_failure(&plan, OVNHA_STEP_STOP_SERVER, 1)->number = 8;
    assert_run(&plan, OVNHA_ERR_REFUSED, "number 1", "1&2- + 7&8+ + ");
}

static void test_the_first_of_two_failures_is_told(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add_start(&plan, 1, 0, BAD);
    add_start(&plan, 2, 1, BAD);
    assert_run(&plan, OVNHA_ERR_REFUSED, "number 1", "1&2- - ");
}

/* Steps for one database are not, nor are those of another kind. */
static void test_what_is_not_done_at_once(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add_start(&plan, 1, 0, GOOD);
    add_start(&plan, 2, 0, GOOD);
    fill_in(ovnha_plan_add(&plan, OVNHA_STEP_STOP_SERVER, 1), 3, GOOD);
    add_start(&plan, 4, 2, GOOD);
    assert_run(&plan, OVNHA_OK, "", "1+ 2+ 3+ 4+ ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_stops_at_the_first_failure),
        cmocka_unit_test(test_a_tolerated_failure_is_none),
        cmocka_unit_test(test_runs_all),
        cmocka_unit_test(test_databases_at_once),
        cmocka_unit_test(test_one_of_two_fails),
        cmocka_unit_test(test_the_first_of_two_failures_is_told),
        cmocka_unit_test(test_what_is_not_done_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
