/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/execute_at_once.h"

/* Generous: what is waited for comes at once. */
#define SOON 20000

/* Two databases, and what their steps tell each other. */
static struct ovnha_context context;
static struct ovnha_facts facts;
static struct execution x;
static struct ovnha_step steps[2];
static struct ovnha_step_outcome outcomes[2];
static int meeting[2][2];

static int set_up(void **state)
{
    (void)state;
    memset(&context, 0, sizeof context);
    memset(&facts, 0, sizeof facts);
    memset(&x, 0, sizeof x);
    memset(steps, 0, sizeof steps);
    memset(outcomes, 0, sizeof outcomes);
    context.deadline = ovnha_deadline_after(ovnha_now(), SOON);
    facts.settings.n_dbs = 2;
    x.context = &context;
    x.facts = &facts;
    x.memory.probe_ms = 5;
    x.memory.aside_full = 2;
    for (size_t i = 0; i < 2; i++) {
        facts.settings.db[i].database = &ovnha_databases[i];
        steps[i].db = i;
        snprintf(x.memory.remote[i], OVNHA_METHOD_SIZE, "before");
        if (pipe(meeting[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        close(meeting[i][0]);
        close(meeting[i][1]);
    }
    return 0;
}

/* Each goes on when the other has begun, too. */
static bool meet(size_t db)
{
    struct pollfd other = {.fd = meeting[1 - db][0], .events = POLLIN};

    return write(meeting[db][1], "x", 1) == 1 && poll(&other, 1, SOON) == 1;
}

static enum ovnha_result meets(struct execution *execution, const struct ovnha_step *step,
                               struct ovnha_err *err)
{
    if (!meet(step->db)) {
        return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "it is alone");
    }
    snprintf(execution->memory.remote[step->db], OVNHA_METHOD_SIZE, "remote %zu",
             step->db);
    execution->memory.aside_full ^= 1u << step->db;
    execution->memory.probe_ms = 7;
    return OVNHA_OK;
}

static void test_both_at_once(void **state)
{
    (void)state;
    ovnha_execute_at_once(&x, meets, steps, 2, outcomes);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(outcomes[i].err.text, "");
        assert_int_equal(outcomes[i].result, OVNHA_OK);
    }
    assert_string_equal(x.memory.remote[0], "remote 0");
    assert_string_equal(x.memory.remote[1], "remote 1");
    assert_int_equal(x.memory.aside_full, 1);
    assert_int_equal(x.memory.probe_ms, 7);
}

static enum ovnha_result fails_in_text(struct execution *execution,
                                       const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    if (step->text[0]) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s", step->text);
    }
    snprintf(execution->memory.remote[step->db], OVNHA_METHOD_SIZE, "done");
    return OVNHA_OK;
}

static void assert_other_is_done(size_t bad)
{
    snprintf(steps[bad].text, sizeof steps[bad].text, "number %zu", bad);
    ovnha_execute_at_once(&x, fails_in_text, steps, 2, outcomes);
    assert_int_equal(outcomes[bad].result, OVNHA_ERR_REFUSED);
    assert_string_equal(outcomes[bad].err.text, steps[bad].text);
    assert_string_equal(x.memory.remote[bad], "before");
    assert_int_equal(outcomes[1 - bad].result, OVNHA_OK);
    assert_string_equal(x.memory.remote[1 - bad], "done");
    assert_int_equal(x.memory.aside_full, 2);
    assert_int_equal(x.memory.probe_ms, 5);
}

static void test_the_first_fails(void **state)
{
    (void)state;
    assert_other_is_done(0);
}

static void test_the_second_fails(void **state)
{
    (void)state;
    assert_other_is_done(1);
}

static enum ovnha_result ends_itself(struct execution *execution,
                                     const struct ovnha_step *step, struct ovnha_err *err)
{
    (void)execution;
    (void)err;
    if (step->db == 0) {
        raise(SIGKILL);
    }
    return OVNHA_OK;
}

static void test_one_has_ended(void **state)
{
    (void)state;
    ovnha_execute_at_once(&x, ends_itself, steps, 2, outcomes);
    assert_int_equal(outcomes[0].result, OVNHA_ERR_SYSTEM);
    assert_non_null(strstr(outcomes[0].err.text, "nb: "));
    assert_string_equal(x.memory.remote[0], "before");
    assert_int_equal(outcomes[1].result, OVNHA_OK);
}

static enum ovnha_result hangs(struct execution *execution, const struct ovnha_step *step,
                               struct ovnha_err *err)
{
    (void)execution;
    (void)err;
    while (step->db == 0) {
        pause();
    }
    return OVNHA_OK;
}

static void test_one_hangs(void **state)
{
    (void)state;
    context.deadline = ovnha_now();
    ovnha_execute_at_once(&x, hangs, steps, 2, outcomes);
    assert_int_equal(outcomes[0].result, OVNHA_ERR_SYSTEM);
    assert_int_equal(outcomes[1].result, OVNHA_OK);
}

/* What is alone is done by the operation itself. */
static enum ovnha_result is_at_home(struct execution *execution,
                                    const struct ovnha_step *step, struct ovnha_err *err)
{
    (void)step;
    execution->memory.northd = true;
    return execution == &x ? OVNHA_OK : ovnha_fail(err, OVNHA_ERR_SYSTEM, "elsewhere");
}

static void test_one_alone(void **state)
{
    (void)state;
    ovnha_execute_at_once(&x, is_at_home, steps, 1, outcomes);
    assert_int_equal(outcomes[0].result, OVNHA_OK);
    assert_true(x.memory.northd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_both_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_first_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_second_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_has_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_hangs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_alone, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
