/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/decide.h>

#include "say.h"

/* Of copies that are guarded: their scores are the helper's business.  All else that is
 * decided is in tests/policy. */

static struct ovnha_facts facts;

static int set_up(void **state)
{
    (void)state;
    facts_text_init(&facts);
    facts.settings.guard = true;
    facts.memory.guarded = OVNHA_YES;
    facts.helper_runs = OVNHA_YES;
    return 0;
}

static bool has_step(enum ovnha_action action, enum ovnha_step_kind kind)
{
    struct ovnha_plan plan;
    bool found = false;

    facts.action = action;
    ovnha_decide(&facts, &plan);
    for (size_t i = 0; i < plan.n_steps; i++) {
        found = found || plan.step[i].kind == kind;
    }
    return found;
}

static void test_a_promotion_does_not_wait_for_attrd(void **state)
{
    (void)state;
    say(&facts, "server all: backup following=unix:/held");
    facts.lineage.known = true;
    facts.lineage.candidacy = OVNHA_MAY;
    assert_true(has_step(OVNHA_PROMOTE, OVNHA_STEP_RECORD_OPEN));
    assert_false(has_step(OVNHA_PROMOTE, OVNHA_STEP_PUBLISH_SCORE));
    assert_true(has_step(OVNHA_PROMOTE, OVNHA_STEP_TELL_HELPER));
}

static void test_one_that_must_not_be_promoted_is_barred_at_once(void **state)
{
    (void)state;
    say(&facts, "server all: backup following=unix:/held");
    assert_true(has_step(OVNHA_PROMOTE, OVNHA_STEP_PUBLISH_SCORE));
}

static void test_a_monitor_of_the_active_publishes_in_the_helpers_place(void **state)
{
    (void)state;
    say(&facts, "server all: active clients-open");
    facts.memory.role = OVNHA_ROLE_ACTIVE;
    assert_false(has_step(OVNHA_MONITOR, OVNHA_STEP_PUBLISH_SCORE));
    facts.helper_runs = OVNHA_NO;
    assert_true(has_step(OVNHA_MONITOR, OVNHA_STEP_PUBLISH_SCORE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_promotion_does_not_wait_for_attrd, set_up),
        cmocka_unit_test_setup(test_one_that_must_not_be_promoted_is_barred_at_once,
                               set_up),
        cmocka_unit_test_setup(
            test_a_monitor_of_the_active_publishes_in_the_helpers_place, set_up),
    };

    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
