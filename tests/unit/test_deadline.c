/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <limits.h>

#include <ovnha/deadline.h>

static void test_the_clock_does_not_go_back(void **state)
{
    ovnha_msec first = ovnha_now();

    (void)state;
    assert_true(first > 0);
    assert_true(ovnha_now() >= first);
}

static void test_after_saturates(void **state)
{
    (void)state;
    assert_true(ovnha_deadline_after(100, 20) == 120);
    assert_true(ovnha_deadline_after(100, -20) == 80);
    assert_true(ovnha_deadline_after(100, INT64_MAX) == INT64_MAX);
    assert_true(ovnha_deadline_after(INT64_MAX, 1) == INT64_MAX);
    assert_true(ovnha_deadline_after(INT64_MAX - 1, 1) == INT64_MAX);
    assert_true(ovnha_deadline_after(-5, INT64_MIN) == INT64_MIN);
}

static void test_left_is_never_negative_and_fits_poll(void **state)
{
    (void)state;
    assert_int_equal(ovnha_deadline_left(120, 100), 20);
    assert_int_equal(ovnha_deadline_left(100, 100), 0);
    assert_int_equal(ovnha_deadline_left(99, 100), 0);
    assert_int_equal(ovnha_deadline_left(INT64_MAX, 100), INT_MAX);
    assert_int_equal(ovnha_deadline_left(INT64_MAX, INT64_MIN), INT_MAX);
    assert_int_equal(ovnha_deadline_left(INT64_MIN, INT64_MAX), 0);
    assert_int_equal(ovnha_deadline_left((ovnha_msec)INT_MAX + 100, 100), INT_MAX);
    assert_int_equal(ovnha_deadline_left((ovnha_msec)INT_MAX + 101, 100), INT_MAX);
}

static void test_passed_at_the_point_itself(void **state)
{
    (void)state;
    assert_false(ovnha_deadline_passed(100, 99));
    assert_true(ovnha_deadline_passed(100, 100));
    assert_true(ovnha_deadline_passed(100, 101));
}

static void test_part(void **state)
{
    (void)state;
    assert_true(ovnha_deadline_part(200, 100, 50) == 150);
    assert_true(ovnha_deadline_part(200, 100, 0) == 100);
    assert_true(ovnha_deadline_part(200, 100, -1) == 100);
    assert_true(ovnha_deadline_part(200, 100, 100) == 200);
    assert_true(ovnha_deadline_part(200, 100, 300) == 200);
    assert_true(ovnha_deadline_part(1103, 1000, 33) == 1033);
    assert_true(ovnha_deadline_part(INT64_MAX, 0, 50) <= INT64_MAX / 2);
    assert_true(ovnha_deadline_part(INT64_MAX, 0, 50) >= INT64_MAX / 2 - 100);
}

static void test_a_part_of_nothing_is_the_deadline(void **state)
{
    (void)state;
    assert_true(ovnha_deadline_part(100, 100, 50) == 100);
    assert_true(ovnha_deadline_part(90, 100, 50) == 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clock_does_not_go_back),
        cmocka_unit_test(test_after_saturates),
        cmocka_unit_test(test_left_is_never_negative_and_fits_poll),
        cmocka_unit_test(test_passed_at_the_point_itself),
        cmocka_unit_test(test_part),
        cmocka_unit_test(test_a_part_of_nothing_is_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
