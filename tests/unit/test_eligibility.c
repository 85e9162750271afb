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

#include "say.h"

static struct ovnha_facts facts;

static int set_up(void **state)
{
    (void)state;
    facts_text_init(&facts);
    return 0;
}

static void assert_score(int score)
{
    assert_int_equal(ovnha_eligibility(&facts).score, score);
    assert_true(ovnha_eligibility(&facts).reason[0]);
}

#define NB  "tcp:10.77.0.2:6643"
#define SB  "tcp:10.77.0.2:6644"
#define MEM "memory: backup promoted=node2 nb=" NB " sb=" SB

static void say_follower(void)
{
    say(&facts, "server nb: backup following=" NB);
    say(&facts, "server sb: backup following=" SB);
    say(&facts, MEM);
}

static void test_a_follower(void **state)
{
    (void)state;
    say_follower();
    assert_score(OVNHA_SCORE_FOLLOWING);
    say(&facts, "cluster: managed promoted=node2");
    assert_score(OVNHA_SCORE_FOLLOWING);
    /* It follows the one before. */
    say(&facts, "cluster: managed promoted=node3");
    assert_score(OVNHA_SCORE_HELD);
    say(&facts, "cluster: managed promoted=node2");
    say(&facts, "server sb: backup connecting=" SB);
    assert_score(OVNHA_SCORE_HELD);
}

static void test_another_probe_interval_is_the_same_data(void **state)
{
    (void)state;
    say_follower();
    say(&facts, MEM " probe=5000");
    assert_score(OVNHA_SCORE_FOLLOWING);
}

static void test_a_follower_whose_active_is_lost(void **state)
{
    (void)state;
    say(&facts, "server nb: backup connecting=" NB);
    say(&facts, "server sb: backup connecting=" SB);
    say(&facts, MEM " score=50");
    say(&facts, "cluster: managed promoted=");
    assert_score(OVNHA_SCORE_FOLLOWING);
    say(&facts, "cluster: managed promoted=node2");
    assert_score(OVNHA_SCORE_HELD);
    say(&facts, "cluster: silent");
    assert_score(OVNHA_SCORE_HELD);
    say(&facts, MEM " score=5");
    say(&facts, "cluster: managed promoted=");
    assert_score(OVNHA_SCORE_HELD);
}

static void test_a_held_copy(void **state)
{
    (void)state;
    say(&facts, "server all: backup held");
    assert_score(OVNHA_SCORE_HELD);
}

static void test_the_active_is_above_all(void **state)
{
    (void)state;
    say(&facts, "server all: active");
    assert_score(OVNHA_SCORE_ACTIVE);
    assert_true(OVNHA_SCORE_ACTIVE > OVNHA_SCORE_FOLLOWING);
    assert_true(OVNHA_SCORE_FOLLOWING > OVNHA_SCORE_HELD);
    assert_true(OVNHA_SCORE_HELD > 0);
}

static void test_everything_else_never(void **state)
{
    static const char *const lines[] = {"server sb: absent",  "server sb: silent",
                                        "server sb: unknown", "server sb: foreign",
                                        "server sb: mixed",   "server sb: backup held"};

    (void)state;
    assert_score(OVNHA_SCORE_NEVER);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        print_message("# %s\n", lines[i]);
        say(&facts, "server nb: active");
        say(&facts, lines[i]);
        assert_score(OVNHA_SCORE_NEVER);
    }
    say(&facts, "server all: active");
    say(&facts, "memory: backup score=50");
    assert_score(OVNHA_SCORE_NEVER);
}

static void test_format(void **state)
{
    char text[16];

    (void)state;
    ovnha_score_format(OVNHA_SCORE_NEVER, text);
    assert_string_equal(text, "-INFINITY");
    ovnha_score_format(INT32_MIN, text);
    assert_string_equal(text, "-INFINITY");
    ovnha_score_format(-999999, text);
    assert_string_equal(text, "-999999");
    ovnha_score_format(50, text);
    assert_string_equal(text, "50");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_follower, set_up),
        cmocka_unit_test_setup(test_another_probe_interval_is_the_same_data, set_up),
        cmocka_unit_test_setup(test_a_follower_whose_active_is_lost, set_up),
        cmocka_unit_test_setup(test_a_held_copy, set_up),
        cmocka_unit_test_setup(test_the_active_is_above_all, set_up),
        cmocka_unit_test_setup(test_everything_else_never, set_up),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
