/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/progress.h>

#define BEAT_MS 1000

static struct ovnha_progress progress;
static ovnha_msec now;

static int set_up(void **state)
{
    (void)state;
    now = 100000;
    ovnha_progress_begin(&progress, now);
    return 0;
}

static bool step(bool found, uint64_t sent, uint64_t read)
{
    const struct ovnha_progress_look look = {.found = found, .sent = sent, .read = read};

    now += BEAT_MS;
    ovnha_progress_step(&progress, &look, now);
    return ovnha_progress_is_late(&progress);
}

static void test_an_idle_stream_is_never_late(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_false(step(true, 700, 700));
    }
}

/* Never at the end of what was sent, always past what was sent a while ago. */
static void test_a_busy_stream_is_not_late(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        assert_false(step(true, 1000 * (i + 4), 1000 * i));
    }
}

static void test_one_that_stands_still_is_late(void **state)
{
    int beats = 0;

    (void)state;
    assert_false(step(true, 700, 700));
    while (!step(true, 800, 700)) {
        beats++;
    }
    assert_int_equal(beats, OVNHA_PROGRESS_LIMIT_MS / BEAT_MS);
    assert_true(step(true, 900, 700));
    /* All that was sent at the mark. */
    assert_false(step(true, 900, 800));
}

/* It reads, but what it reads is ever older. */
static void test_one_that_falls_behind_is_late(void **state)
{
    bool late = false;

    (void)state;
    for (uint64_t i = 1; i < 30 && !late; i++) {
        late = step(true, 1000 * i, 100 * i);
    }
    assert_true(late);
}

static void test_what_the_server_could_not_send_is_lacked_too(void **state)
{
    const struct ovnha_progress_look look = {
        .found = true, .sent = 700, .read = 700, .backlogged = true};

    (void)state;
    for (int i = 0; i < OVNHA_PROGRESS_LIMIT_MS / BEAT_MS; i++) {
        assert_false(ovnha_progress_is_late(&progress));
        now += BEAT_MS;
        ovnha_progress_step(&progress, &look, now);
    }
    assert_true(ovnha_progress_is_late(&progress));
    assert_false(step(true, 700, 700));
}

/* The source does not know it any more, and the replica has not noticed. */
static void test_half_open(void **state)
{
    bool late = false;

    (void)state;
    assert_false(step(true, 700, 700));
    for (int i = 0; i < OVNHA_PROGRESS_LIMIT_MS / BEAT_MS; i++) {
        late = step(false, 0, 700);
    }
    assert_true(late);
}

static void test_one_that_was_never_found_is_not_tracked(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_false(step(false, 0, 700));
    }
}

static void test_time_in_which_nobody_looked_does_not_count(void **state)
{
    (void)state;
    assert_false(step(true, 700, 700));
    assert_false(step(true, 800, 700));
    now += 60000;
    assert_false(step(true, 900, 700));
    assert_false(step(true, 900, 800));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_an_idle_stream_is_never_late, set_up),
        cmocka_unit_test_setup(test_a_busy_stream_is_not_late, set_up),
        cmocka_unit_test_setup(test_one_that_stands_still_is_late, set_up),
        cmocka_unit_test_setup(test_one_that_falls_behind_is_late, set_up),
        cmocka_unit_test_setup(test_what_the_server_could_not_send_is_lacked_too, set_up),
        cmocka_unit_test_setup(test_half_open, set_up),
        cmocka_unit_test_setup(test_one_that_was_never_found_is_not_tracked, set_up),
        cmocka_unit_test_setup(test_time_in_which_nobody_looked_does_not_count, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
