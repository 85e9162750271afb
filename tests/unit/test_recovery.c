/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/recovery.h>

#include "say.h"

#define MB     1000000
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static struct ovnha_facts copy;
static struct ovnha_recovery_facts facts;
static ovnha_msec now;

/* nb of the active has died; all that is needed to start it again is there, and so is
 * another node that could take over. */
static int set_up(void **state)
{
    (void)state;
    facts_text_init(&copy);
    say(&copy, "settings: guard=yes");
    say(&copy, "server nb: absent");
    say(&copy, "server sb: active clients-open rows-in-place");
    say(&copy, "memory: active promoted=node1 score=100");
    facts = (struct ovnha_recovery_facts){.copy = &copy,
                                          .served = true,
                                          .quorate = OVNHA_YES,
                                          .managed = true,
                                          .is_recorded_active = true,
                                          .turn_is_free = true,
                                          .has_candidate = true,
                                          .bytes = {MB, MB}};
    now = 10 * HOUR;
    return 0;
}

static enum ovnha_recovery recovery(void)
{
    struct ovnha_recovery_verdict verdict;

    ovnha_recovery(&facts, now, &verdict);
    return verdict.recovery;
}

static void test_by_the_parameter(void **state)
{
    (void)state;
    copy.settings.on_crash = OVNHA_ON_CRASH_MOVE;
    assert_int_equal(recovery(), OVNHA_RECOVERY_MOVE);
    copy.settings.on_crash = OVNHA_ON_CRASH_RESTART;
    facts.bytes[0] = 1000ULL * MB;
    assert_int_equal(recovery(), OVNHA_RECOVERY_RESTART);
}

static void test_auto_goes_by_the_size_of_what_died(void **state)
{
    (void)state;
    facts.bytes[1] = 1000ULL * MB; /* still runs */
    assert_int_equal(recovery(), OVNHA_RECOVERY_RESTART);
    facts.bytes[0] = 100 * MB;
    assert_int_equal(recovery(), OVNHA_RECOVERY_MOVE);
    facts.bytes[0] = UINT64_MAX / 1000;
    assert_int_equal(recovery(), OVNHA_RECOVERY_MOVE);
    facts.has_candidate = false;
    assert_int_equal(recovery(), OVNHA_RECOVERY_RESTART);
}

static void test_both_are_loaded(void **state)
{
    (void)state;
    facts.bytes[1] = 100 * MB;
    say(&copy, "server sb: absent");
    assert_int_equal(recovery(), OVNHA_RECOVERY_MOVE);
    facts.bytes[1] = MB;
    assert_int_equal(recovery(), OVNHA_RECOVERY_RESTART);
}

static void test_larger_ones_get_more_time(void **state)
{
    struct ovnha_recovery_verdict small, large;

    (void)state;
    copy.settings.on_crash = OVNHA_ON_CRASH_RESTART;
    ovnha_recovery(&facts, now, &small);
    facts.bytes[0] = 100 * MB;
    ovnha_recovery(&facts, now, &large);
    assert_true(small.within_ms >= 10 * OVNHA_RESTART_MS);
    assert_true(large.within_ms >= 3 * 100 * OVNHA_LOAD_MS_PER_MB);
}

/* Whatever the parameter says. */
static void assert_no_restart(enum ovnha_recovery expected)
{
    for (int i = OVNHA_ON_CRASH_AUTO; i <= OVNHA_ON_CRASH_RESTART; i++) {
        copy.settings.on_crash = (enum ovnha_on_crash)i;
        assert_int_equal(recovery(), expected);
    }
    set_up(NULL);
}

static void test_what_forbids_it(void **state)
{
    (void)state;
    facts.quorate = OVNHA_NO;
    assert_no_restart(OVNHA_RECOVERY_MOVE);
    facts.quorate = OVNHA_UNKNOWN;
    assert_no_restart(OVNHA_RECOVERY_MOVE);
    facts.is_recorded_active = false;
    assert_no_restart(OVNHA_RECOVERY_MOVE);
    facts.served = false;
    assert_no_restart(OVNHA_RECOVERY_MOVE);
    copy.settings.guard = false;
    assert_no_restart(OVNHA_RECOVERY_MOVE);
    facts.managed = false;
    assert_no_restart(OVNHA_RECOVERY_NONE);
}

/* But for what forbids it in any case. */
static void test_an_operation_comes_first(void **state)
{
    (void)state;
    facts.turn_is_free = false;
    assert_no_restart(OVNHA_RECOVERY_LATER);
    facts.turn_is_free = false;
    facts.quorate = OVNHA_NO;
    assert_no_restart(OVNHA_RECOVERY_MOVE);
    facts.turn_is_free = false;
    facts.managed = false;
    assert_no_restart(OVNHA_RECOVERY_NONE);
}

static void test_nothing_has_died(void **state)
{
    (void)state;
    say(&copy, "server nb: silent");
    assert_no_restart(OVNHA_RECOVERY_NONE);
    say(&copy, "server nb: active clients-open");
    assert_no_restart(OVNHA_RECOVERY_NONE);
    say(&copy, "server nb: backup held");
    assert_no_restart(OVNHA_RECOVERY_NONE);
    say(&copy, "memory: backup");
    assert_no_restart(OVNHA_RECOVERY_NONE);
    say(&copy, "server nb: unknown");
    assert_no_restart(OVNHA_RECOVERY_NONE);
}

static bool is_near(const char *nb, const char *sb)
{
    say(&copy, nb);
    say(&copy, sb);
    return ovnha_recovery_is_near(&copy);
}

/* One lets go of one thing after the other, and two are not gone at once. */
static void test_a_death_is_near(void **state)
{
    const char *const nb[] = {"server nb: silent", "server nb: foreign"};
    const char *const sb[] = {"server sb: active clients-open", "server sb: absent",
                              "server sb: silent", "server sb: foreign"};

    (void)state;
    for (size_t i = 0; i < sizeof nb / sizeof nb[0]; i++) {
        for (size_t k = 0; k < sizeof sb / sizeof sb[0]; k++) {
            assert_true(is_near(nb[i], sb[k]));
        }
    }
    say(&copy, "memory: backup");
    assert_false(ovnha_recovery_is_near(&copy));
}

static void test_none_is_near(void **state)
{
    (void)state;
    assert_false(is_near("server nb: absent", "server sb: active clients-open"));
    assert_false(is_near("server nb: absent", "server sb: absent")); /* due already */
    assert_false(is_near("server nb: active", "server sb: active"));
    assert_false(is_near("server nb: backup held", "server sb: silent"));
    assert_false(is_near("server nb: busy", "server sb: absent"));
    assert_false(is_near("server nb: hung", "server sb: absent"));
    assert_false(is_near("server nb: unknown", "server sb: absent"));
}

/* How many follow each other, one every `ms`, until the role moves. */
static int restarts_every(ovnha_msec ms)
{
    int n = 0;

    while (n < 100 && recovery() == OVNHA_RECOVERY_RESTART) {
        ovnha_restarts_note(&facts.restarts, now);
        now += ms;
        n++;
    }
    return n;
}

static void test_a_crash_loop_moves(void **state)
{
    (void)state;
    assert_int_equal(restarts_every(2 * SECOND), OVNHA_RESTARTS_PER_MINUTE);
    now += MINUTE;
    assert_int_equal(recovery(), OVNHA_RECOVERY_RESTART);
    set_up(NULL);
    facts.restarts.n = 0;
    assert_int_equal(restarts_every(5 * MINUTE), OVNHA_RESTARTS_PER_HOUR);
    now += HOUR;
    assert_int_equal(recovery(), OVNHA_RECOVERY_RESTART);
    facts.restarts.n = 0;
    assert_int_equal(restarts_every(HOUR), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_by_the_parameter, set_up),
        cmocka_unit_test_setup(test_auto_goes_by_the_size_of_what_died, set_up),
        cmocka_unit_test_setup(test_both_are_loaded, set_up),
        cmocka_unit_test_setup(test_larger_ones_get_more_time, set_up),
        cmocka_unit_test_setup(test_what_forbids_it, set_up),
        cmocka_unit_test_setup(test_an_operation_comes_first, set_up),
        cmocka_unit_test_setup(test_nothing_has_died, set_up),
        cmocka_unit_test_setup(test_a_death_is_near, set_up),
        cmocka_unit_test_setup(test_none_is_near, set_up),
        cmocka_unit_test_setup(test_a_crash_loop_moves, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
