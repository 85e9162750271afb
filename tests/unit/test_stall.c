/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/stall.h>

#define PID 17

static struct ovnha_stall stall;
static ovnha_msec now;
static uint64_t cpu;

static int set_up(void **state)
{
    (void)state;
    memset(&stall, 0, sizeof stall);
    now = 1000;
    cpu = 5;
    return 0;
}

static enum ovnha_stall_verdict look(ovnha_msec later, unsigned ticks)
{
    now += later;
    cpu += ticks;
    return ovnha_stall_step(&stall, PID, cpu, now);
}

static void test_one_that_answers_is_not_stalled(void **state)
{
    (void)state;
    assert_int_equal(ovnha_stall_step(&stall, 0, 0, now), OVNHA_NOT_STALLED);
    look(500, 0);
    assert_int_equal(ovnha_stall_step(&stall, 0, 0, now), OVNHA_NOT_STALLED);
    /* What was before does not count. */
    assert_int_equal(look(OVNHA_HUNG_MS, 0), OVNHA_STILL);
}

static void test_one_that_does_nothing_hangs(void **state)
{
    (void)state;
    assert_int_equal(look(0, 0), OVNHA_STILL);
    assert_int_equal(look(OVNHA_HUNG_MS - 1, 0), OVNHA_STILL);
    assert_int_equal(look(1, 0), OVNHA_HUNG);
}

static void test_one_whose_time_goes_on_is_busy(void **state)
{
    (void)state;
    look(0, 0);
    for (ovnha_msec silent = 0; silent < OVNHA_BUSY_MAX_MS - 5000; silent += 5000) {
        assert_int_equal(look(5000, 1), OVNHA_BUSY);
    }
}

static void test_but_not_for_ever(void **state)
{
    (void)state;
    look(0, 0);
    for (ovnha_msec silent = 0; silent < OVNHA_BUSY_MAX_MS - 5000; silent += 5000) {
        look(5000, 500);
    }
    assert_int_equal(look(5000, 500), OVNHA_HUNG);
}

static void test_another_process_begins_anew(void **state)
{
    (void)state;
    look(0, 0);
    now += OVNHA_HUNG_MS;
    assert_int_equal(ovnha_stall_step(&stall, PID + 1, cpu, now), OVNHA_STILL);
}

/* Monitors are processes of their own: what one has seen, the next one is told. */
static void test_a_silence_that_goes_on(void **state)
{
    struct ovnha_stall before = {
        .pid = PID, .cpu = 5, .silent_since = 1000, .moved_at = 1000};

    (void)state;
    now += OVNHA_HUNG_MS;
    assert_int_equal(look(0, 0), OVNHA_STILL);
    assert_int_equal(ovnha_stall_resume(&stall, &before, now), OVNHA_HUNG);
    before.pid = PID + 1;
    memset(&stall, 0, sizeof stall);
    look(0, 0);
    assert_int_equal(ovnha_stall_resume(&stall, &before, now), OVNHA_STILL);
}

static void test_what_moved_in_between_is_busy_still(void **state)
{
    const struct ovnha_stall before = {
        .pid = PID, .cpu = 5, .silent_since = 1000, .moved_at = 1000};

    (void)state;
    now += OVNHA_HUNG_MS;
    look(0, 1);
    assert_int_equal(ovnha_stall_resume(&stall, &before, now), OVNHA_BUSY);
    now = 1000 + OVNHA_BUSY_MAX_MS;
    assert_int_equal(ovnha_stall_resume(&stall, &before, now), OVNHA_HUNG);
}

static void test_one_that_answers_again_has_nothing_to_resume(void **state)
{
    const struct ovnha_stall before = {.pid = PID, .silent_since = 1, .moved_at = 1};

    (void)state;
    now += OVNHA_HUNG_MS;
    assert_int_equal(ovnha_stall_resume(&stall, &before, now), OVNHA_NOT_STALLED);
}

static uint64_t ticks_of(pid_t pid)
{
    uint64_t ticks;

    assert_int_equal(ovnha_stall_cpu_time(pid, &ticks, NULL), OVNHA_OK);
    return ticks;
}

/* A real one that works, is stopped, and works again. */
static void test_the_time_of_a_process(void **state)
{
    const pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        for (;;) {
        }
    }
    while (ticks_of(pid) < 2) {
        usleep(1000);
    }
    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    const uint64_t stopped = ticks_of(pid);
    usleep(50000);
    assert_int_equal(ticks_of(pid), stopped);
    assert_int_equal(kill(pid, SIGCONT), 0);
    while (ticks_of(pid) == stopped) {
        usleep(1000);
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    uint64_t ticks;
    assert_int_not_equal(ovnha_stall_cpu_time(pid, &ticks, NULL), OVNHA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_that_answers_is_not_stalled, set_up),
        cmocka_unit_test_setup(test_one_that_does_nothing_hangs, set_up),
        cmocka_unit_test_setup(test_one_whose_time_goes_on_is_busy, set_up),
        cmocka_unit_test_setup(test_but_not_for_ever, set_up),
        cmocka_unit_test_setup(test_another_process_begins_anew, set_up),
        cmocka_unit_test_setup(test_a_silence_that_goes_on, set_up),
        cmocka_unit_test_setup(test_what_moved_in_between_is_busy_still, set_up),
        cmocka_unit_test_setup(test_one_that_answers_again_has_nothing_to_resume, set_up),
        cmocka_unit_test(test_the_time_of_a_process),
    };

    return cmocka_run_group_tests_name("stall", tests, NULL, NULL);
}
