/* SPDX-License-Identifier: Apache-2.0 */

/* What is remembered of a northd that costs too much: here, of this very program. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/cpu_clock.h>

#include "agent/run_northd.h"

static struct ovnha_context context;
static char note[OVNHA_PATH_SIZE + 16];

static int set_up(void **state)
{
    (void)state;
    snprintf(context.paths.state_dir, OVNHA_PATH_SIZE, "/tmp/ovnha-northd-XXXXXX");
    if (!mkdtemp(context.paths.state_dir)) {
        return -1;
    }
    snprintf(note, sizeof note, "%s/northd-costly", context.paths.state_dir);
    return 0;
}

static int tear_down(void **state)
{
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_run_northd_forget_costly(&context, &err), OVNHA_OK);
    return rmdir(context.paths.state_dir);
}

static void test_it_is_remembered_and_forgotten(void **state)
{
    struct ovnha_err err;

    (void)state;
    assert_false(ovnha_run_northd_is_costly(&context));
    assert_int_equal(ovnha_run_northd_note_costly(&context, getpid(), &err), OVNHA_OK);
    assert_true(ovnha_run_northd_is_costly(&context));
    assert_int_equal(ovnha_run_northd_forget_costly(&context, &err), OVNHA_OK);
    assert_false(ovnha_run_northd_is_costly(&context));
    assert_int_equal(ovnha_run_northd_forget_costly(&context, &err), OVNHA_OK);
}

static void write_note(const char *program, const char *identity)
{
    FILE *file = fopen(note, "we");

    assert_non_null(file);
    assert_true(fprintf(file, "%s\n%s\n", program, identity) > 0);
    assert_int_equal(fclose(file), 0);
}

static void test_another_program_in_its_place_gets_another_chance(void **state)
{
    (void)state;
    write_note("/proc/self/exe", "1 2 3");
    assert_false(ovnha_run_northd_is_costly(&context));
}

static void test_one_that_cannot_be_seen_has_not_changed(void **state)
{
    (void)state;
    write_note("/nonexistent/ovn-northd", "1 2 3");
    assert_true(ovnha_run_northd_is_costly(&context));
}

static void test_of_no_process_nothing_is_noted(void **state)
{
    struct ovnha_err err;

    (void)state;
    assert_int_not_equal(ovnha_run_northd_note_costly(&context, 0, &err), OVNHA_OK);
    assert_false(ovnha_run_northd_is_costly(&context));
}

static void test_the_clock_of_one_that_works_goes_on(void **state)
{
    struct ovnha_cpu_clock before, after;
    volatile unsigned work = 0;

    (void)state;
    assert_true(ovnha_cpu_clock_read(getpid(), &before));
    do {
        for (unsigned i = 0; i < 1000000; i++) {
            work = work + i;
        }
        assert_true(ovnha_cpu_clock_read(getpid(), &after));
    } while (after.used_ms < before.used_ms + 100);
    assert_true(after.started == before.started);
}

static void test_so_does_what_it_has_used(void **state)
{
    struct ovnha_cpu_clock clock;
    volatile unsigned work = 0;
    uint64_t before, after;

    (void)state;
    assert_true(ovnha_cpu_clock_used(getpid(), &before));
    do {
        for (unsigned i = 0; i < 1000000; i++) {
            work = work + i;
        }
        assert_true(ovnha_cpu_clock_used(getpid(), &after));
    } while (after < before + 100);
    assert_true(ovnha_cpu_clock_read(getpid(), &clock));
    assert_true(clock.used_ms + 100 > after); /* it is the same clock */
}

/* The same pid may be another process: its beginning tells. */
static void test_the_clock_of_one_that_is_gone_is_not_read(void **state)
{
    struct ovnha_cpu_clock ours, its;
    const pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_false(ovnha_cpu_clock_read(pid, &its));
    assert_false(ovnha_cpu_clock_used(pid, &its.used_ms));
    assert_false(ovnha_cpu_clock_read(0, &its));
    assert_false(ovnha_cpu_clock_used(0, &its.used_ms)); /* that would be our own */
    assert_true(ovnha_cpu_clock_read(1, &its));
    assert_true(ovnha_cpu_clock_read(getpid(), &ours));
    assert_true(its.started < ours.started);
}

static void test_what_it_says(void **state)
{
    (void)state;
    assert_int_equal(ovnha_run_northd_status_of("Status: active\n"), OVNHA_NORTHD_ACTIVE);
    assert_int_equal(ovnha_run_northd_status_of("Status: paused\\n\","),
                     OVNHA_NORTHD_PAUSED);
    assert_int_equal(ovnha_run_northd_status_of("Status: standby"), OVNHA_NORTHD_STANDBY);
    assert_int_equal(ovnha_run_northd_status_of(""), OVNHA_NORTHD_SILENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_is_remembered_and_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_another_program_in_its_place_gets_another_chance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_that_cannot_be_seen_has_not_changed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_of_no_process_nothing_is_noted, set_up,
                                        tear_down),
        cmocka_unit_test(test_the_clock_of_one_that_works_goes_on),
        cmocka_unit_test(test_so_does_what_it_has_used),
        cmocka_unit_test(test_the_clock_of_one_that_is_gone_is_not_read),
        cmocka_unit_test(test_what_it_says),
    };

    return cmocka_run_group_tests_name("run_northd", tests, NULL, NULL);
}
