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
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/execute.h"
#include "agent/execute_steps.h"
#include "agent/helper_client.h"

/* How time is shared among steps, and what becomes of the guard; what they do to servers
 * is in tests/integration. */

/* Of which a step that hangs takes a part; what is left then is for the server that
 * leaves, on a busy machine, too. */
#define TIMEOUT_MS 12000

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

/* A helper that finds no corosync. */
static void start_helper(enum ovnha_action action, enum ovnha_result expected,
                         enum ovnha_tristate guarded)
{
    struct execution x = {
        .context = &context, .facts = &facts, .memory.guarded = OVNHA_YES};
    struct ovnha_err err = {""};

    facts.action = action;
    assert_int_equal(ovnha_step_start_helper(&x, NULL, &err), expected);
    assert_int_equal(x.memory.guarded, guarded);
}

static int write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    return file && fputs(text, file) >= 0 && fclose(file) == 0 ? 0 : -1;
}

static int set_up_helper(void **state)
{
    static char helper[OVNHA_PATH_SIZE];
    char text[64];

    snprintf(text, sizeof text, "#!/bin/sh\necho no corosync >&2\nexit %d\n",
             OVNHA_HELPER_NO_COROSYNC);
    if (set_up(state) != 0) {
        return -1;
    }
    snprintf(helper, sizeof helper, "%s/helper", base);
    snprintf(context.paths.record, OVNHA_PATH_SIZE, "%s/record.json", base);
    invocation.helper = helper;
    snprintf(context.paths.state_dir, OVNHA_PATH_SIZE, "%s", base);
    return write_file(helper, text) == 0 ? chmod(helper, 0700) : -1;
}

static int tear_down_helper(void **state)
{
    unlink(invocation.helper);
    unlink(context.paths.record);
    return tear_down(state);
}

static void test_where_there_is_no_corosync_nothing_is_guarded(void **state)
{
    (void)state;
    start_helper(OVNHA_START, OVNHA_OK, OVNHA_NO);
}

/* A copy that has a record would be promoted against it. */
static void test_a_recorded_copy_is_not_started_without_corosync(void **state)
{
    (void)state;
    assert_int_equal(write_file(context.paths.record, "{}"), 0);
    start_helper(OVNHA_START, OVNHA_ERR_UNAVAILABLE, OVNHA_YES);
}

static void test_corosync_that_is_down_for_a_while_ends_no_guard(void **state)
{
    (void)state;
    start_helper(OVNHA_MONITOR, OVNHA_ERR_UNAVAILABLE, OVNHA_YES);
    start_helper(OVNHA_DEMOTE, OVNHA_ERR_UNAVAILABLE, OVNHA_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_step_that_may_fail_leaves_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_plan_that_runs_all_leaves_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_where_there_is_no_corosync_nothing_is_guarded, set_up_helper,
            tear_down_helper),
        cmocka_unit_test_setup_teardown(
            test_a_recorded_copy_is_not_started_without_corosync, set_up_helper,
            tear_down_helper),
        cmocka_unit_test_setup_teardown(
            test_corosync_that_is_down_for_a_while_ends_no_guard, set_up_helper,
            tear_down_helper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
