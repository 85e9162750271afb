/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/resident_state.h"
#include "agent/resident_task.h"

/* Stands in the helper's place, and notes how it was run. */
static char program[] = "/tmp/ovnha-task-XXXXXX";
static char notes[64];
static struct ovnha_invocation invocation = {.helper = program};
static struct resident r;

static int set_up(void **state)
{
    const int fd = mkstemp(program);

    (void)state;
    snprintf(notes, sizeof notes, "%s.notes", program);
    r.context.invocation = &invocation;
    return fd >= 0 &&
                   dprintf(fd,
                           "#!/bin/sh\necho \"$* $(nice)\" >%s\n"
                           "sed -n 's/^SigIgn:.//p' /proc/$$/status >>%s\n",
                           notes, notes) > 0 &&
                   fchmod(fd, 0700) == 0
               ? close(fd)
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(notes);
    return unlink(program);
}

/* What it has noted: its arguments and niceness, and the signals that it ignores. */
static void run(int niceness, char arguments[64], char ignored[64])
{
    const pid_t pid = ovnha_resident_start_task(&r, "set-aside", 5000, niceness);
    int status = -1;

    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    FILE *file = fopen(notes, "re");

    assert_non_null(file);
    assert_non_null(fgets(arguments, 64, file));
    assert_non_null(fgets(ignored, 64, file));
    fclose(file);
}

static void assert_runs(int niceness)
{
    char expected[64], arguments[64], ignored[64];

    run(niceness, arguments, ignored);
    snprintf(expected, sizeof expected, "set-aside 5000 %d\n",
             getpriority(PRIO_PROCESS, 0) + niceness);
    assert_string_equal(arguments, expected);
}

static void test_a_task_runs_with_its_time(void **state)
{
    (void)state;
    assert_runs(0);
}

static void test_a_task_gives_way_to_the_servers(void **state)
{
    (void)state;
    assert_runs(5);
}

/* The helper ignores it; programs that a task runs need not be written for that. */
static void test_a_task_does_not_ignore_sigpipe(void **state)
{
    char arguments[64], ignored[64];

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    run(0, arguments, ignored);
    signal(SIGPIPE, SIG_DFL);
    assert_false(strtoull(ignored, NULL, 16) & 1ull << (SIGPIPE - 1));
}

static void test_a_program_that_is_not_there_fails(void **state)
{
    struct ovnha_invocation other = {.helper = "/nonexistent/ovnha-helper"};
    int status = 0;

    (void)state;
    r.context.invocation = &other;
    const pid_t pid = ovnha_resident_start_task(&r, "restart", 5000, 0);

    r.context.invocation = &invocation;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_task_runs_with_its_time),
        cmocka_unit_test(test_a_task_gives_way_to_the_servers),
        cmocka_unit_test(test_a_task_does_not_ignore_sigpipe),
        cmocka_unit_test(test_a_program_that_is_not_there_fails),
    };

    return cmocka_run_group_tests_name("resident_task", tests, set_up, tear_down);
}
