/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/detach.h"

/* Between the test and the new process, which writes to the one and reads the other. */
static int said[2], told[2];

static int set_up(void **state)
{
    (void)state;
    return pipe(said) == 0 ? pipe(told) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    close(said[0]);
    close(told[1]);
    return 0;
}

/* A process that detaches; the new one does its work. */
static pid_t start(void (*work)(void))
{
    const pid_t pid = fork();

    if (pid == 0) {
        int code;

        close(said[0]);
        close(told[1]);
        if (ovnha_detach(&code)) {
            work();
            _exit(EXIT_SUCCESS);
        }
        _exit(code);
    }
    close(said[1]);
    close(told[0]);
    return pid;
}

static int code_of(pid_t pid)
{
    int status = -1;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char hear(void)
{
    char word = '\0';

    return read(said[0], &word, 1) == 1 ? word : '\0';
}

static void say_so(void)
{
    (void)!write(said[1], ovnha_detach_ready(3) ? "y" : "n", 1);
}

static void test_who_waits_hears_the_code(void **state)
{
    (void)state;
    assert_int_equal(code_of(start(say_so)), 3);
    assert_int_equal(hear(), 'y');
}

static void just_end(void)
{
}

static void test_one_that_ends_early_has_failed(void **state)
{
    (void)state;
    assert_int_equal(code_of(start(just_end)), EXIT_FAILURE);
}

static void say_so_later(void)
{
    char word;

    (void)!write(said[1], "b", 1);
    (void)!read(told[0], &word, 1);
    say_so();
}

/* Its time is over before the new process is ready. */
static void test_nobody_has_to_wait(void **state)
{
    const pid_t pid = start(say_so_later);

    (void)state;
    assert_int_equal(hear(), 'b');
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(write(told[1], "g", 1), 1);
    assert_int_equal(hear(), 'n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_waits_hears_the_code, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_that_ends_early_has_failed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_has_to_wait, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("detach", tests, NULL, NULL);
}
