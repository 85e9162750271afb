/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/epoll.h>

#include <cmocka.h>

#include "agent/loop_timer.h"

#define TIMES   20
#define LONG_MS 100000

static qb_loop_t *loop;
static struct ovnha_loop_timer *timer;
static unsigned expired, turned_for_nothing;

/* libqb's: how often it looked without sleeping, and there was nothing. */
int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
    const int n = epoll_pwait(fd, events, max, timeout, NULL);

    turned_for_nothing += n == 0 && timeout == 0;
    return n;
}

static void set_anew(void *aux)
{
    (void)aux;
    if (++expired == TIMES) {
        qb_loop_stop(loop);
    } else {
        ovnha_loop_timer_set(timer, 3);
    }
}

static int set_up(void **state)
{
    struct ovnha_err err;

    (void)state;
    expired = turned_for_nothing = 0;
    loop = qb_loop_create();
    return loop && ovnha_loop_timer_open(loop, set_anew, NULL, &timer, &err) == OVNHA_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ovnha_loop_timer_close(timer);
    qb_loop_destroy(loop);
    return 0;
}

static void test_it_expires_once_each_time_it_is_set(void **state)
{
    (void)state;
    ovnha_loop_timer_set(timer, 3);
    qb_loop_run(loop);
    assert_int_equal(expired, TIMES);
}

/* libqb turns a few times when something has happened, whatever that was; and hundreds of
 * times for each of its own timers. */
static void test_nothing_is_done_until_it_expires(void **state)
{
    (void)state;
    ovnha_loop_timer_set(timer, 3);
    qb_loop_run(loop);
    assert_true(turned_for_nothing <= TIMES * 4);
}

static void test_zero_is_at_once(void **state)
{
    (void)state;
    expired = TIMES - 1;
    ovnha_loop_timer_set(timer, 0);
    qb_loop_run(loop);
    assert_int_equal(expired, TIMES);
}

static void test_what_is_set_last_counts(void **state)
{
    (void)state;
    expired = TIMES - 1;
    ovnha_loop_timer_set(timer, LONG_MS);
    ovnha_loop_timer_set(timer, 1);
    qb_loop_run(loop);
    assert_int_equal(expired, TIMES);
}

static void stop(void *aux)
{
    (void)aux;
    qb_loop_stop(loop);
}

/* It had expired already when it was put off. */
static void test_one_that_is_put_off_does_not_expire(void **state)
{
    struct ovnha_loop_timer *other;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_loop_timer_open(loop, stop, NULL, &other, &err), OVNHA_OK);
    ovnha_loop_timer_set(timer, 0);
    ovnha_loop_timer_set(timer, LONG_MS);
    ovnha_loop_timer_set(other, 20);
    qb_loop_run(loop);
    assert_int_equal(expired, 0);
    ovnha_loop_timer_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_expires_once_each_time_it_is_set, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_done_until_it_expires, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_zero_is_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_set_last_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_that_is_put_off_does_not_expire, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
