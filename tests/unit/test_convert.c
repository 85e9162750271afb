/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/convert.h>

#include "say.h"

/* Conversions that no action of the agent asks for; the others are in tests/policy. */

static struct ovnha_facts facts;
static struct ovnha_plan plan;

static int set_up(void **state)
{
    (void)state;
    facts_text_init(&facts);
    ovnha_plan_init(&plan);
    say(&facts, "settings: manage_northd=yes");
    return 0;
}

static void assert_steps(const char *expected)
{
    char text[4096] = "", step[OVNHA_STEP_TEXT_SIZE];

    for (size_t i = 0; i < plan.n_steps; i++) {
        ovnha_step_format(&plan.step[i], &facts.settings, step);
        strncat(text, step, sizeof text - strlen(text) - 1);
        strncat(text, "\n", sizeof text - strlen(text) - 1);
    }
    assert_string_equal(text, expected);
}

static void test_at_once_nothing_comes_before_read_only(void **state)
{
    (void)state;
    say(&facts, "northd: active");
    say(&facts, "server all: active clients-open replicas-open=ptcp:6643:10.77.0.1");
    ovnha_convert_to_backup_at_once(&facts, &plan);
    assert_steps("follow nb unix:/held\nfollow sb unix:/held\n"
                 "close-clients nb\nclose-replicas nb\n"
                 "close-clients sb\nclose-replicas sb\nstop-northd\n");
}

static void test_at_once_one_that_hangs_keeps_none_writable(void **state)
{
    (void)state;
    say(&facts, "northd: absent");
    say(&facts, "server nb: silent");
    say(&facts, "server sb: active clients-open");
    ovnha_convert_to_backup_at_once(&facts, &plan);
    assert_true(plan.run_all);
    assert_steps("follow nb unix:/held\nfollow sb unix:/held\n"
                 "close-clients nb\nclose-replicas nb\nclose-clients sb\n");
}

static void test_a_guarded_copy_hands_over_by_its_helper(void **state)
{
    (void)state;
    say(&facts, "northd: absent");
    say(&facts, "server all: active clients-open");
    facts.settings.guard = true;
    facts.memory.guarded = OVNHA_YES;
    facts.helper_runs = OVNHA_NO;
    ovnha_convert_to_backup(&facts, &plan);
    assert_steps("try start-helper\ntry await-barrier\n"
                 "follow nb unix:/held\nfollow sb unix:/held\ntry record-handover\n"
                 "close-clients nb\nclose-clients sb\n");
    ovnha_plan_init(&plan);
    facts.helper_runs = OVNHA_YES;
    ovnha_convert_to_backup(&facts, &plan);
    assert_steps("try await-barrier\n"
                 "follow nb unix:/held\nfollow sb unix:/held\ntry record-handover\n"
                 "close-clients nb\nclose-clients sb\n");
}

/* A busy one is waited for; one that hangs would cost the move half of its time. */
static void test_one_that_hangs_is_not_waited_for(void **state)
{
    (void)state;
    say(&facts, "northd: absent");
    say(&facts, "server nb: busy");
    say(&facts, "server sb: active");
    facts.settings.guard = true;
    facts.memory.guarded = OVNHA_YES;
    facts.memory.role = OVNHA_ROLE_ACTIVE;
    facts.helper_runs = OVNHA_YES;
    ovnha_convert_to_backup(&facts, &plan);
    assert_int_equal(plan.step[0].kind, OVNHA_STEP_AWAIT_BARRIER);
    ovnha_plan_init(&plan);
    say(&facts, "server nb: hung");
    ovnha_convert_to_backup(&facts, &plan);
    assert_int_equal(plan.step[0].kind, OVNHA_STEP_FOLLOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_at_once_nothing_comes_before_read_only, set_up),
        cmocka_unit_test_setup(test_at_once_one_that_hangs_keeps_none_writable, set_up),
        cmocka_unit_test_setup(test_a_guarded_copy_hands_over_by_its_helper, set_up),
        cmocka_unit_test_setup(test_one_that_hangs_is_not_waited_for, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
