/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/turn.h"

/* Generous: what is waited for comes at once. */
#define SOON 20000

/* A resource of the test's own, and another process that has the turn. */
static struct ovnha_invocation invocation;
static struct ovnha_context context;
static char base[64];
static pid_t other;
static int told_by_other = -1;

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/ovnha-turn-XXXXXX");
    if (!mkdtemp(base)) {
        return -1;
    }
    memset(&context, 0, sizeof context);
    invocation.state_dir = base;
    context.invocation = &invocation;
    context.deadline = ovnha_deadline_after(ovnha_now(), SOON);
    snprintf(context.paths.state_dir, OVNHA_PATH_SIZE, "%s/ovndb", base);
    other = 0;
    return 0;
}

static int end_other(void)
{
    int status = -1;

    if (other > 0) {
        kill(other, SIGKILL);
        waitpid(other, &status, 0);
        other = 0;
    }
    return status;
}

static int tear_down(void **state)
{
    char path[128];

    (void)state;
    end_other();
    close(told_by_other);
    told_by_other = -1;
    snprintf(path, sizeof path, "%s/ovndb/turn", base);
    (void)unlink(path);
    (void)rmdir(context.paths.state_dir);
    return rmdir(base);
}

static ovnha_msec in(int ms)
{
    return ovnha_deadline_after(ovnha_now(), ms);
}

/*
 * The other process: it takes the turn, says so, keeps it for `ms`, and says that it lets
 * go.
 */

typedef void take(struct ovnha_turn *turn);

static void take_for_restart(struct ovnha_turn *turn)
{
    struct ovnha_err err;

    if (ovnha_turn_take_for_restart(turn, &context, in(SOON), &err) != OVNHA_OK) {
        _exit(1);
    }
}

static void take_for_change(struct ovnha_turn *turn)
{
    ovnha_turn_take(turn, &context, in(SOON));
}

static void take_to_look(struct ovnha_turn *turn)
{
    (void)ovnha_turn_await(turn, &context, in(SOON));
}

static void let_other(take *taking, int ms)
{
    int fds[2];
    char byte;

    assert_int_equal(pipe(fds), 0);
    other = fork();
    if (other == 0) {
        struct ovnha_turn turn;

        taking(&turn);
        if (write(fds[1], "x", 1) == 1) {
            usleep((useconds_t)ms * 1000);
        }
        _exit(write(fds[1], "x", 1) != 1);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    close(told_by_other);
    told_by_other = fds[0];
}

/* By itself.  Its end comes later than that of its locks, which is what is waited for. */
static bool other_has_let_go(void)
{
    struct pollfd told = {.fd = told_by_other, .events = POLLIN};
    char byte;

    return poll(&told, 1, 0) == 1 && read(told_by_other, &byte, 1) == 1;
}

static bool other_has_ended(void)
{
    const bool ended = waitpid(other, NULL, WNOHANG) == other;

    other = ended ? 0 : other;
    return ended;
}

/*
 * The tests.
 */

static void test_who_looks_first_makes_nothing(void **state)
{
    struct ovnha_turn turn;

    (void)state;
    assert_true(ovnha_turn_await(&turn, &context, in(SOON)));
    ovnha_turn_end(&turn);
    assert_int_equal(access(context.paths.state_dir, F_OK), -1);
    assert_false(ovnha_turn_is_for_change(&context));
}

static void test_a_monitor_waits_for_a_restart(void **state)
{
    struct ovnha_turn turn;

    (void)state;
    let_other(take_for_restart, 100);
    assert_true(ovnha_turn_await(&turn, &context, in(SOON)));
    assert_true(other_has_let_go());
    assert_true(turn.fd >= 0);
    ovnha_turn_end(&turn);
}

static void test_a_monitor_does_not_end_it(void **state)
{
    struct ovnha_turn turn;

    (void)state;
    let_other(take_for_restart, SOON);
    assert_false(ovnha_turn_await(&turn, &context, in(50)));
    assert_int_equal(turn.fd, -1);
    assert_false(other_has_ended());
}

static void test_a_change_ends_it(void **state)
{
    struct ovnha_turn turn;

    (void)state;
    let_other(take_for_restart, SOON);
    ovnha_turn_take(&turn, &context, ovnha_now());
    assert_true(turn.fd >= 0);
    assert_true(other_has_ended());
    ovnha_turn_end(&turn);
}

static void test_a_change_has_patience(void **state)
{
    struct ovnha_turn turn;
    int status;

    (void)state;
    let_other(take_for_restart, 100);
    ovnha_turn_take(&turn, &context, in(SOON));
    assert_int_equal(waitpid(other, &status, 0), other);
    other = 0;
    assert_true(WIFEXITED(status));
    ovnha_turn_end(&turn);
}

/* Only a restart is ended. */
static void test_an_operation_is_left_alone(void **state)
{
    struct ovnha_turn turn;

    (void)state;
    let_other(take_for_change, SOON);
    ovnha_turn_take(&turn, &context, ovnha_now());
    assert_false(other_has_ended());
    ovnha_turn_end(&turn);
}

static void test_nothing_is_left_of_the_dead(void **state)
{
    struct ovnha_turn turn;
    struct ovnha_err err;

    (void)state;
    let_other(take_for_restart, SOON);
    end_other();
    assert_int_equal(ovnha_turn_take_for_restart(&turn, &context, ovnha_now(), &err),
                     OVNHA_OK);
    ovnha_turn_end(&turn);
}

static void test_a_restart_waits_for_who_looks(void **state)
{
    struct ovnha_turn turn;
    struct ovnha_err err;

    (void)state;
    let_other(take_for_change, 0); /* which makes the file */
    end_other();
    let_other(take_to_look, 100);
    assert_false(ovnha_turn_is_for_change(&context));
    assert_int_equal(ovnha_turn_take_for_restart(&turn, &context, in(SOON), &err),
                     OVNHA_OK);
    ovnha_turn_end(&turn);
}

static void test_no_restart_beside_a_change(void **state)
{
    struct ovnha_turn turn;
    struct ovnha_err err;

    (void)state;
    let_other(take_for_change, SOON);
    assert_true(ovnha_turn_is_for_change(&context));
    assert_int_equal(ovnha_turn_take_for_restart(&turn, &context, in(50), &err),
                     OVNHA_ERR_CONFLICT);
    end_other();
    assert_false(ovnha_turn_is_for_change(&context));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_looks_first_makes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_monitor_waits_for_a_restart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_monitor_does_not_end_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_change_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_change_has_patience, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_operation_is_left_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_the_dead, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_restart_waits_for_who_looks, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_restart_beside_a_change, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
