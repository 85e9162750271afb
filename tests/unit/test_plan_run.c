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

/* A runner that writes down what it was given; steps with a db of 9 fail. */
struct log {
    char text[256];
};

#define BAD 9

static enum ovnha_result run_step(const struct ovnha_step *step, void *aux,
                                  struct ovnha_err *err)
{
    struct log *log = aux;
    const size_t used = strlen(log->text);

    snprintf(log->text + used, sizeof log->text - used, "%d", step->number);
    return step->db == BAD ? ovnha_fail(err, OVNHA_ERR_REFUSED, "number %d", step->number)
                           : OVNHA_OK;
}

static void step_done(const struct ovnha_step *step, enum ovnha_result result,
                      const struct ovnha_err *err, void *aux)
{
    struct log *log = aux;
    const size_t used = strlen(log->text);

    assert_int_equal(result, step->db == BAD ? OVNHA_ERR_REFUSED : OVNHA_OK);
    assert_int_equal(err->text[0] != '\0', result != OVNHA_OK);
    snprintf(log->text + used, sizeof log->text - used, "%s ",
             result == OVNHA_OK ? "+" : "-");
}

static void add(struct ovnha_plan *plan, int number, size_t db, bool tolerated)
{
    struct ovnha_step *step = ovnha_plan_add(plan, OVNHA_STEP_FOLLOW, db);

    step->number = number;
    step->tolerated = tolerated;
}

static void assert_run(const struct ovnha_plan *plan, enum ovnha_result result,
                       const char *err_text, const char *text)
{
    struct log log = {""};
    struct ovnha_err err = {""};

    assert_int_equal(ovnha_plan_run(plan, run_step, step_done, &log, &err), result);
    assert_string_equal(err.text, err_text);
    assert_string_equal(log.text, text);
}

static void add_failure_steps(struct ovnha_plan *plan)
{
    ovnha_plan_add_failure(plan, OVNHA_STEP_CLOSE_CLIENTS, BAD)->number = 7;
    ovnha_plan_add_failure(plan, OVNHA_STEP_CLOSE_CLIENTS, 0)->number = 8;
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
    add(&plan, 1, 0, false);
    add(&plan, 2, 0, true);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_OK, "", "1+ 2+ ");
}

/* Failure steps all run, whatever becomes of them; the first failure counts. */
static void test_stops_at_the_first_failure(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add(&plan, 1, 0, false);
    add(&plan, 2, BAD, false);
    add(&plan, 3, 0, false);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_ERR_REFUSED, "number 2", "1+ 2- 7- 8+ ");
}

static void test_a_tolerated_failure_is_none(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    add(&plan, 1, BAD, true);
    add(&plan, 2, 0, false);
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
    add(&plan, 4, 0, false);
    add_failure_steps(&plan);
    assert_run(&plan, OVNHA_ERR_REFUSED, "number 2", "1- 2- 3- 4+ 7- 8+ ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_stops_at_the_first_failure),
        cmocka_unit_test(test_a_tolerated_failure_is_none),
        cmocka_unit_test(test_runs_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
