/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/eligibility.h>
#include <ovnha/plan.h>

static const struct ovnha_settings settings = {
    .n_dbs = 2,
    .db = {{.database = &ovnha_databases[0]}, {.database = &ovnha_databases[1]}}};

/* Every kind of step as logs and cases show it. */
static const struct {
    struct ovnha_step step;
    const char *text;
} cases[] = {
    {{.kind = OVNHA_STEP_START_SERVER}, "start-server nb"},
    {{.kind = OVNHA_STEP_STOP_SERVER, .db = 1}, "stop-server sb"},
    {{.kind = OVNHA_STEP_START_NORTHD}, "start-northd"},
    {{.kind = OVNHA_STEP_STOP_NORTHD, .tolerated = true}, "try stop-northd"},
    {{.kind = OVNHA_STEP_AWAIT_NORTHD}, "await-northd"},
    {{.kind = OVNHA_STEP_MAKE_WRITABLE}, "make-writable nb"},
    {{.kind = OVNHA_STEP_FOLLOW, .db = 1, .text = "tcp:192.0.2.1:6644"},
     "follow sb tcp:192.0.2.1:6644"},
    {{.kind = OVNHA_STEP_SET_PROBE, .number = 60000}, "set-probe nb 60000"},
    {{.kind = OVNHA_STEP_SET_PROBE, .number = 0, .tolerated = true},
     "try set-probe nb 0"},
    {{.kind = OVNHA_STEP_WRITE_ROWS, .text = "ptcp:6643:192.0.2.1"},
     "write-rows nb ptcp:6643:192.0.2.1"},
    {{.kind = OVNHA_STEP_WRITE_ROWS}, "write-rows nb"},
    {{.kind = OVNHA_STEP_OPEN_REPLICAS, .db = 1, .text = "ptcp:6644:[2001:db8::1]"},
     "open-replicas sb ptcp:6644:[2001:db8::1]"},
    {{.kind = OVNHA_STEP_CLOSE_REPLICAS}, "close-replicas nb"},
    {{.kind = OVNHA_STEP_OPEN_CLIENTS}, "open-clients nb"},
    {{.kind = OVNHA_STEP_CLOSE_CLIENTS, .db = 1, .tolerated = true},
     "try close-clients sb"},
    {{.kind = OVNHA_STEP_PUBLISH_SCORE, .number = 50}, "publish-score 50"},
    {{.kind = OVNHA_STEP_PUBLISH_SCORE, .number = OVNHA_SCORE_NEVER, .tolerated = true},
     "try publish-score -INFINITY"},
    {{.kind = OVNHA_STEP_REMEMBER, .role = OVNHA_ROLE_BACKUP}, "remember backup"},
    {{.kind = OVNHA_STEP_REMEMBER, .role = OVNHA_ROLE_ACTIVE, .text = "node1"},
     "remember active node1"},
    /* A database that the settings do not have. */
    {{.kind = OVNHA_STEP_MAKE_WRITABLE, .db = 3}, "make-writable ?"},
};

static void test_texts(void **state)
{
    char text[OVNHA_STEP_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ovnha_step_format(&cases[i].step, &settings, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_building(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    memset(&plan, 0xff, sizeof plan);
    ovnha_plan_init(&plan);
    assert_int_equal(plan.n_steps, 0);
    assert_int_equal(plan.outcome, OVNHA_OUTCOME_SUCCESS);
    ovnha_plan_add(&plan, OVNHA_STEP_FOLLOW, 1)->tolerated = true;
    ovnha_plan_add_failure(&plan, OVNHA_STEP_CLOSE_CLIENTS, 1);
    assert_int_equal(plan.n_steps, 1);
    assert_int_equal(plan.n_failure_steps, 1);
    assert_int_equal(plan.step[0].kind, OVNHA_STEP_FOLLOW);
    assert_int_equal(plan.step[0].db, 1);
    assert_string_equal(plan.step[0].text, "");
    assert_int_equal(plan.failure_step[0].kind, OVNHA_STEP_CLOSE_CLIENTS);
    assert_false(plan.failure_step[0].tolerated);
}

static void test_a_plan_may_be_full(void **state)
{
    static struct ovnha_plan plan;

    (void)state;
    ovnha_plan_init(&plan);
    for (int i = 0; i < OVNHA_PLAN_STEPS_MAX; i++) {
        ovnha_plan_add(&plan, OVNHA_STEP_FOLLOW, 0);
    }
    assert_int_equal(plan.n_steps, OVNHA_PLAN_STEPS_MAX);
}

/* All else is quick, or waits for more than the database's own server. */
static void test_what_runs_at_once(void **state)
{
    static const enum ovnha_step_kind kinds[] = {
        OVNHA_STEP_START_SERVER, OVNHA_STEP_STOP_SERVER, OVNHA_STEP_FOLLOW,
        OVNHA_STEP_FOLLOW_OR_HOLD};
    size_t n = 0;

    (void)state;
    for (int kind = 0; kind <= OVNHA_STEP_REMEMBER; kind++) {
        n += ovnha_step_runs_at_once((enum ovnha_step_kind)kind);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_true(ovnha_step_runs_at_once(kinds[i]));
    }
    assert_int_equal(n, sizeof kinds / sizeof kinds[0]);
}

static void test_end(void **state)
{
    static struct ovnha_plan plan;
    char longer[OVNHA_ERR_SIZE * 2];

    (void)state;
    ovnha_plan_init(&plan);
    ovnha_plan_end(&plan, OVNHA_OUTCOME_FAILED, "%s is %d", "nb", 7);
    assert_int_equal(plan.outcome, OVNHA_OUTCOME_FAILED);
    assert_string_equal(plan.reason, "nb is 7");
    snprintf(longer, sizeof longer, "%0*d", OVNHA_ERR_SIZE + 9, 0);
    ovnha_plan_end(&plan, OVNHA_OUTCOME_FAILED, "%s", longer);
    assert_int_equal(strlen(plan.reason), OVNHA_ERR_SIZE - 1);
}

static void test_outcomes(void **state)
{
    static const char *const names[] = {
        [OVNHA_OUTCOME_SUCCESS] = "success",
        [OVNHA_OUTCOME_PROMOTED] = "promoted",
        [OVNHA_OUTCOME_STOPPED] = "stopped",
        [OVNHA_OUTCOME_FAILED] = "failed",
        [OVNHA_OUTCOME_FAILED_PROMOTED] = "failed-promoted",
        [OVNHA_OUTCOME_DEGRADED] = "degraded",
        [OVNHA_OUTCOME_DEGRADED_PROMOTED] = "degraded-promoted",
        [OVNHA_OUTCOME_DECIDE_AGAIN] = "decide-again",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(ovnha_outcome_to_str((enum ovnha_outcome)i), names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_building),
        cmocka_unit_test(test_a_plan_may_be_full),
        cmocka_unit_test(test_what_runs_at_once),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_outcomes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
