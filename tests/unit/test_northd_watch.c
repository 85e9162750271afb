/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/northd_watch.h>

static struct ovnha_northd_pulse pulse;
static struct ovnha_northd_cost cost;
static struct ovnha_northd_tries tries;

static int set_up(void **state)
{
    (void)state;
    memset(&pulse, 0, sizeof pulse);
    memset(&cost, 0, sizeof cost);
    memset(&tries, 0, sizeof tries);
    return 0;
}

static void test_one_that_answers_does_not_hang(void **state)
{
    (void)state;
    for (ovnha_msec now = 1000; now < 60000; now += 1000) {
        assert_false(ovnha_northd_hangs(&pulse, true, 70, now));
    }
}

static void test_one_that_computes_does_not_hang(void **state)
{
    uint64_t used_ms = 0;

    (void)state;
    for (ovnha_msec now = 1000; now < 60000; now += 1000) {
        assert_false(ovnha_northd_hangs(&pulse, false, used_ms += 10, now));
    }
}

static void test_silent_and_still_it_hangs(void **state)
{
    (void)state;
    assert_false(ovnha_northd_hangs(&pulse, false, 70, 1000));
    assert_false(ovnha_northd_hangs(&pulse, false, 70, 1000 + OVNHA_NORTHD_HANGS_MS - 1));
    assert_true(ovnha_northd_hangs(&pulse, false, 70, 1000 + OVNHA_NORTHD_HANGS_MS));
}

static void test_an_answer_begins_it_anew(void **state)
{
    (void)state;
    assert_false(ovnha_northd_hangs(&pulse, false, 70, 1000));
    assert_false(ovnha_northd_hangs(&pulse, true, 70, 5900));
    assert_false(ovnha_northd_hangs(&pulse, false, 70, 5900 + OVNHA_NORTHD_HANGS_MS - 1));
    assert_true(ovnha_northd_hangs(&pulse, false, 70, 5900 + OVNHA_NORTHD_HANGS_MS));
}

/* Looked at twice a second, as the helper does; in which of them it was found costly. */
static ovnha_msec found_costly(uint64_t first_ms, uint64_t per_second_ms,
                               ovnha_msec until)
{
    for (ovnha_msec now = 500; now <= until; now += 500) {
        const uint64_t used_ms =
            (now > 10000 ? first_ms : 0) + per_second_ms * (uint64_t)now / 1000;

        if (ovnha_northd_costs(&cost, used_ms, now)) {
            return now;
        }
    }
    return 0;
}

static void test_a_whole_processor_is_too_much(void **state)
{
    (void)state;
    assert_int_equal(found_costly(0, 1000, 600000),
                     500 + OVNHA_NORTHD_WINDOWS * OVNHA_NORTHD_WINDOW_MS);
}

static void test_just_more_than_the_limit_is_too_much(void **state)
{
    (void)state;
    assert_int_not_equal(found_costly(0, OVNHA_NORTHD_COST_PERCENT * 10 + 1, 600000), 0);
}

static void test_the_limit_is_not(void **state)
{
    (void)state;
    assert_int_equal(found_costly(0, OVNHA_NORTHD_COST_PERCENT * 10, 600000), 0);
}

static void test_a_load_of_the_database_is_not(void **state)
{
    (void)state;
    assert_int_equal(found_costly(15000, 1, 600000), 0);
}

static void test_it_is_tried_so_often_in_a_minute(void **state)
{
    ovnha_msec now = 1000;

    (void)state;
    for (int i = 0; i < OVNHA_NORTHD_TRIES; i++) {
        assert_true(ovnha_northd_try(&tries, now += 100));
    }
    assert_false(ovnha_northd_try(&tries, now + 100));
    assert_false(ovnha_northd_try(&tries, 1100 + OVNHA_NORTHD_TRIES_MS - 1));
    assert_true(ovnha_northd_try(&tries, 1100 + OVNHA_NORTHD_TRIES_MS));
    assert_false(ovnha_northd_try(&tries, 1100 + OVNHA_NORTHD_TRIES_MS));
    assert_true(ovnha_northd_try(&tries, 1200 + OVNHA_NORTHD_TRIES_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_that_answers_does_not_hang, set_up),
        cmocka_unit_test_setup(test_one_that_computes_does_not_hang, set_up),
        cmocka_unit_test_setup(test_silent_and_still_it_hangs, set_up),
        cmocka_unit_test_setup(test_an_answer_begins_it_anew, set_up),
        cmocka_unit_test_setup(test_a_whole_processor_is_too_much, set_up),
        cmocka_unit_test_setup(test_just_more_than_the_limit_is_too_much, set_up),
        cmocka_unit_test_setup(test_the_limit_is_not, set_up),
        cmocka_unit_test_setup(test_a_load_of_the_database_is_not, set_up),
        cmocka_unit_test_setup(test_it_is_tried_so_often_in_a_minute, set_up),
    };

    return cmocka_run_group_tests_name("northd_watch", tests, NULL, NULL);
}
