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
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/execute.h"

/* How time is shared among steps; what they do is in tests/integration. */

/* Of which a step that hangs takes a part. */
#define TIMEOUT_MS 6000

static struct ovnha_invocation invocation;
static struct ovnha_context context;
static struct ovnha_facts facts;
static struct ovnha_plan plan;
static char base[64];
static pid_t server;

/* As one does that has a database to close. */
static void leave_slowly(int signal)
{
    (void)signal;
    poll(NULL, 0, 200);
    _exit(0);
}

/* A server that hangs: it takes connections and answers nobody. */
static void hang(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    signal(SIGTERM, leave_slowly);
    memcpy(address.sun_path, path, strlen(path));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 8) != 0) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

static bool listens(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path));
    const bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return connected;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/ovnha-execute-XXXXXX");
    if (!mkdtemp(base)) {
        return -1;
    }
    memset(&context, 0, sizeof context);
    memset(&facts, 0, sizeof facts);
    invocation.state_dir = base;
    context.invocation = &invocation;
    context.deadline = ovnha_deadline_after(ovnha_now(), TIMEOUT_MS);
    context.params.ovn_ctl = "/bin/true";
    context.params.ovn_rundir = context.params.ovn_dbdir = base;
    context.params.ovn_logdir = "";
    context.params.settings.n_dbs = 1;
    context.params.settings.db[0].database = &ovnha_databases[0];
    snprintf(context.paths.pidfile[0], OVNHA_PATH_SIZE, "%s/x.pid", base);
    snprintf(context.paths.control[0], OVNHA_PATH_SIZE, "%s/x.ctl", base);
    snprintf(context.paths.file[0], OVNHA_PATH_SIZE, "%s/x.db", base);
    snprintf(context.params.settings.hold, OVNHA_METHOD_SIZE, "unix:%s/nobody:0", base);
    facts.settings = context.params.settings;
    ovnha_plan_init(&plan);
    server = fork();
    if (server == 0) {
        hang(context.paths.control[0]);
    }
    while (!listens(context.paths.control[0])) {
        if (waitpid(server, NULL, WNOHANG) != 0) {
            return -1;
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
    unlink(context.paths.control[0]);
    return rmdir(base);
}

/* It was asked to end, and had the time to. */
static void assert_ended_in_peace(void)
{
    int status;

    assert_int_equal(waitpid(server, &status, 0), server);
    assert_true(WIFEXITED(status));
    server = 0;
}

static void test_a_step_that_may_fail_leaves_time(void **state)
{
    struct ovnha_err err = {""};

    (void)state;
    ovnha_plan_add(&plan, OVNHA_STEP_CLOSE_CLIENTS, 0)->tolerated = true;
    ovnha_plan_add(&plan, OVNHA_STEP_STOP_SERVER, 0);
    assert_int_equal(ovnha_execute(&context, &facts, &plan, &err), OVNHA_OK);
    assert_ended_in_peace();
}

/* The first failure is the plan's, but what follows it had its chance. */
static void test_a_plan_that_runs_all_leaves_time(void **state)
{
    struct ovnha_err err = {""};

    (void)state;
    plan.run_all = true;
    ovnha_plan_add(&plan, OVNHA_STEP_CLOSE_REPLICAS, 0);
    ovnha_plan_add(&plan, OVNHA_STEP_STOP_SERVER, 0);
    assert_int_equal(ovnha_execute(&context, &facts, &plan, &err), OVNHA_ERR_TIMEOUT);
    assert_ended_in_peace();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_step_that_may_fail_leaves_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_plan_that_runs_all_leaves_time, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
