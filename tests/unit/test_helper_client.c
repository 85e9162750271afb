/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>
#include <ovnha/spawn.h>
#include <ovnha/unix_connect.h>

#include "agent/helper_client.h"
#include "agent/helper_lock.h"

/* Generous: what is waited for comes at once. */
#define SOON 20000

/* A share of it passes before a helper is taken for hung; another one is started in the
 * rest. */
#define START_MS 10000

/* A resource of the test's own; a process in the resident helper's place; and in that of
 * its program one that only notes that it was run. */
static struct ovnha_invocation invocation;
static struct ovnha_context context;
static char base[64], program[96], note[112], control[OVNHA_PATH_SIZE];
static pid_t helper;

static bool make_program(void)
{
    FILE *file = fopen(program, "we");

    return file && fprintf(file, "#!/bin/sh\n: >%s\n", note) > 0 && fclose(file) == 0 &&
           chmod(program, 0700) == 0;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/ovnha-client-XXXXXX");
    if (!mkdtemp(base)) {
        return -1;
    }
    snprintf(program, sizeof program, "%s/ovnha-helper", base);
    snprintf(note, sizeof note, "%s/started", base);
    memset(&context, 0, sizeof context);
    invocation.state_dir = base;
    invocation.helper = program;
    context.invocation = &invocation;
    snprintf(context.paths.state_dir, OVNHA_PATH_SIZE, "%s/ovndb", base);
    ovnha_context_helper_socket(&context, control);
    helper = 0;
    return make_program() ? mkdir(context.paths.state_dir, 0700) : -1;
}

static int tear_down(void **state)
{
    char lock[OVNHA_PATH_SIZE];

    (void)state;
    if (helper > 0) {
        kill(helper, SIGKILL);
        waitpid(helper, NULL, 0);
    }
    snprintf(lock, sizeof lock, "%.240s/helper.lock", context.paths.state_dir);
    (void)unlink(lock);
    (void)unlink(control);
    (void)unlink(program);
    (void)unlink(note);
    (void)rmdir(context.paths.state_dir);
    return rmdir(base);
}

static ovnha_msec in(int ms)
{
    return ovnha_deadline_after(ovnha_now(), ms);
}

/*
 * The helper.
 */

static void take_lock(void)
{
    struct ovnha_err err;
    int fd;

    if (ovnha_helper_lock_take(&context, &fd, &err) != OVNHA_OK) {
        _exit(EXIT_FAILURE);
    }
}

static int listen_there(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, control, strlen(control));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 1) != 0) {
        _exit(EXIT_FAILURE);
    }
    return fd;
}

static void say_ready(int ready)
{
    if (write(ready, "", 1) != 1) {
        _exit(EXIT_FAILURE);
    }
}

static void only_lock(int ready)
{
    take_lock();
    say_ready(ready);
    pause();
}

static void only_listen(int ready)
{
    (void)listen_there();
    say_ready(ready);
    pause();
}

static void lock_and_listen(int ready)
{
    take_lock();
    only_listen(ready);
}

/* It does what it is told, and has something to do after its socket has gone. */
static void exit_slowly(int ready)
{
    char text[256];
    int listener, client;
    ssize_t n;

    take_lock();
    listener = listen_there();
    say_ready(ready);
    client = accept(listener, NULL, NULL);
    n = recv(client, text, sizeof text, 0);
    json_t *asked = json_loadb(text, n > 0 ? (size_t)n : 0, JSON_DISABLE_EOF_CHECK, NULL);
    json_t *reply = json_pack("{s:O,s:s,s:n}", "id", json_object_get(asked, "id"),
                              "result", "", "error");

    json_dumpfd(reply, client, JSON_COMPACT);
    unlink(control);
    close(listener);
    close(client);
    usleep(200000);
}

static void start(void (*be_helper)(int ready))
{
    int fds[2];
    char byte;

    assert_int_equal(pipe(fds), 0);
    helper = fork();
    if (helper == 0) {
        be_helper(fds[1]);
        _exit(EXIT_SUCCESS);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    close(fds[0]);
}

/* Stopped, with as many connections as nobody takes any more of. */
static void stand_still(void)
{
    int fd, rc;

    kill(helper, SIGSTOP);
    do {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        rc = ovnha_unix_connect(fd, control);
    } while (rc == 0);
    assert_int_equal(errno, EAGAIN);
    close(fd);
}

static bool was_killed(void)
{
    int status = -1;
    const bool has_ended = waitpid(helper, &status, WNOHANG) == helper;

    helper = has_ended ? 0 : helper;
    return has_ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool another_was_started(void)
{
    return access(note, F_OK) == 0;
}

static void assert_stops(int ms)
{
    struct ovnha_err err = {""};

    if (ovnha_helper_stop(&context, in(ms), &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
}

/*
 * The end of one.
 */

static void test_none_runs(void **state)
{
    (void)state;
    assert_stops(SOON);
}

static void test_one_that_answers_nobody_is_ended(void **state)
{
    (void)state;
    start(only_listen);
    assert_stops(100);
    assert_true(was_killed());
}

static void test_one_that_takes_no_connection_is_ended(void **state)
{
    (void)state;
    start(lock_and_listen);
    stand_still();
    assert_stops(100);
    assert_true(was_killed());
}

static void test_one_that_does_not_listen_is_ended(void **state)
{
    (void)state;
    start(only_lock);
    assert_stops(100);
    assert_true(was_killed());
}

static void test_one_that_cannot_be_found_has_not_ended(void **state)
{
    struct ovnha_err err;

    (void)state;
    start(only_listen);
    stand_still();
    assert_int_equal(ovnha_helper_stop(&context, in(100), &err), OVNHA_ERR_TIMEOUT);
    assert_false(was_killed());
}

/* The next one may be started at once. */
static void test_one_that_exits_has_ended(void **state)
{
    (void)state;
    start(exit_slowly);
    assert_stops(SOON);
    assert_false(ovnha_helper_lock_is_held(&context));
}

/*
 * The start of another.
 */

static void test_one_that_stands_still_is_replaced(void **state)
{
    struct ovnha_err err;

    (void)state;
    start(lock_and_listen);
    stand_still();
    assert_int_equal(ovnha_helper_start(&context, in(START_MS), &err), OVNHA_OK);
    assert_true(was_killed());
    assert_true(another_was_started());
}

static void test_one_that_never_listens_is_replaced(void **state)
{
    struct ovnha_err err;

    (void)state;
    start(only_lock);
    assert_int_equal(ovnha_helper_start(&context, in(START_MS), &err), OVNHA_OK);
    assert_true(was_killed());
    assert_true(another_was_started());
}

static void test_none_is_started_beside_another(void **state)
{
    struct ovnha_err err;

    (void)state;
    start(only_listen);
    stand_still();
    assert_int_equal(ovnha_helper_start(&context, in(500), &err), OVNHA_ERR_TIMEOUT);
    assert_false(was_killed());
    assert_false(another_was_started());
}

/* The helper itself: it has the lock before anything else. */
static void test_the_helper_does_not_run_beside_another(void **state)
{
    const char *const argv[] = {getenv("OVNHA_HELPER"), "run", NULL};
    char directory[80];
    const char *const add[] = {"OCF_RESOURCE_INSTANCE=ovndb", directory, NULL};
    const struct ovnha_spawn spawn = {.argv = argv, .env_add = add};
    struct ovnha_spawn_result result;
    struct ovnha_err err = {""};

    (void)state;
    assert_non_null(argv[0]);
    snprintf(directory, sizeof directory, "OVNHA_STATE_DIR=%s", base);
    start(only_lock);
    assert_int_equal(ovnha_spawn_run(&spawn, &result, in(SOON), &err), OVNHA_ERR_REFUSED);
    if (!strstr(err.text, "another resident helper runs")) {
        fail_msg("%s", err.text);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_none_runs),
        TEST(test_one_that_answers_nobody_is_ended),
        TEST(test_one_that_takes_no_connection_is_ended),
        TEST(test_one_that_does_not_listen_is_ended),
        TEST(test_one_that_cannot_be_found_has_not_ended),
        TEST(test_one_that_exits_has_ended),
        TEST(test_one_that_stands_still_is_replaced),
        TEST(test_one_that_never_listens_is_replaced),
        TEST(test_none_is_started_beside_another),
        TEST(test_the_helper_does_not_run_beside_another),
    };

    return cmocka_run_group_tests_name("helper_client", tests, NULL, NULL);
}
