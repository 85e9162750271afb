/* SPDX-License-Identifier: Apache-2.0 */
#include "real_server.h"

/* What daemon.c believes of OVS, asked of OVS. */

static void assert_looks(const struct ovnha_daemon_paths *paths,
                         enum ovnha_presence presence, pid_t pid, int stale)
{
    struct ovnha_daemon daemon;
    struct ovnha_err err = {""};

    if (ovnha_daemon_look(paths, &daemon, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(ovnha_presence_to_str(daemon.presence),
                        ovnha_presence_to_str(presence));
    assert_int_equal(daemon.pid, pid);
    assert_int_equal(daemon.stale_pidfile, stale);
}

static struct server *started(void **state)
{
    struct place *place = *state;

    start_server(&place->servers[0]);
    return &place->servers[0];
}

static void test_each_witness_knows_the_pid(void **state)
{
    struct server *server;
    struct ovnha_daemon_paths paths;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    assert_looks(&server->paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
    paths = (struct ovnha_daemon_paths){server->pidfile, NULL, NULL};
    assert_looks(&paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
    paths = (struct ovnha_daemon_paths){"/nonexistent", server->control, NULL};
    assert_looks(&paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
    paths = (struct ovnha_daemon_paths){"/nonexistent", "/nonexistent", server->database};
    assert_looks(&paths, OVNHA_PRESENCE_FOREIGN, server->pid, 0);
}

static void test_a_deleted_pidfile(void **state)
{
    struct server *server;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    assert_int_equal(unlink(server->pidfile), 0);
    assert_looks(&server->paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
    assert_int_equal(unlink(server->control), 0);
    assert_looks(&server->paths, OVNHA_PRESENCE_FOREIGN, server->pid, 0);
    assert_int_equal(
        ovnha_daemon_end(&server->paths, server->pid, generous(), generous(), NULL),
        OVNHA_OK);
    reap(server);
    assert_looks(&server->paths, OVNHA_PRESENCE_ABSENT, 0, 0);
}

static void test_a_database_behind_a_link(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct server *other = &place->servers[1];

    SKIP_WITHOUT_SERVERS();
    create_database(server);
    assert_int_equal(symlink(server->database, other->database), 0);
    start_server(other); /* locks beside what the link leads to */
    assert_looks(&server->paths, OVNHA_PRESENCE_FOREIGN, other->pid, 0);
    assert_looks(&other->paths, OVNHA_PRESENCE_RUNNING, other->pid, 0);
    assert_int_equal(unlink(other->pidfile), 0);
    assert_int_equal(unlink(other->control), 0);
    assert_looks(&other->paths, OVNHA_PRESENCE_FOREIGN, other->pid, 0);
}

static void test_killed(void **state)
{
    struct server *server;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    kill_server(server);
    assert_looks(&server->paths, OVNHA_PRESENCE_ABSENT, 0, 1);
    start_server(server); /* leftovers are in nobody's way */
    assert_looks(&server->paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
}

static void test_ended_by_term(void **state)
{
    struct server *server;
    int status;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    assert_int_equal(
        ovnha_daemon_end(&server->paths, server->pid, generous(), generous(), NULL),
        OVNHA_OK);
    assert_int_equal(waitpid(server->pid, &status, WNOHANG), server->pid);
    server->pid = 0;
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_looks(&server->paths, OVNHA_PRESENCE_ABSENT, 0, 0);
}

static void test_asked_to_exit(void **state)
{
    struct server *server;
    int status;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    assert_int_equal(ovnha_daemon_ask_to_exit(server->control, generous(), NULL),
                     OVNHA_OK);
    assert_int_equal(waitpid(server->pid, &status, WNOHANG), server->pid);
    server->pid = 0;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_looks(&server->paths, OVNHA_PRESENCE_ABSENT, 0, 0);
    assert_int_equal(ovnha_daemon_ask_to_exit(server->control, generous(), NULL),
                     OVNHA_ERR_UNAVAILABLE);
}

static void test_one_that_sleeps_is_asked_in_vain(void **state)
{
    struct server *server;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    assert_int_equal(kill(server->pid, SIGSTOP), 0);
    assert_int_equal(waitpid(server->pid, NULL, WUNTRACED), server->pid);
    assert_int_equal(ovnha_daemon_ask_to_exit(server->control, shortly(), NULL),
                     OVNHA_ERR_TIMEOUT);
    assert_looks(&server->paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
}

static void test_stopped_and_ended_by_kill(void **state)
{
    struct server *server;
    int status;

    SKIP_WITHOUT_SERVERS();
    server = started(state);
    assert_int_equal(kill(server->pid, SIGSTOP), 0);
    assert_int_equal(waitpid(server->pid, NULL, WUNTRACED), server->pid);
    assert_looks(&server->paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
    assert_int_equal(unlink(server->pidfile), 0);
    assert_looks(&server->paths, OVNHA_PRESENCE_RUNNING, server->pid, 0);
    assert_int_equal(
        ovnha_daemon_end(&server->paths, server->pid, shortly(), generous(), NULL),
        OVNHA_OK);
    assert_int_equal(waitpid(server->pid, &status, WNOHANG), server->pid);
    server->pid = 0;
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_looks(&server->paths, OVNHA_PRESENCE_ABSENT, 0, 0);
}

/* As ovn-ctl starts it: in the background, with a monitor over it. */
static void detach(const struct server *server)
{
    char options[3][128];
    const char *const argv[] = {
        "ovsdb-server",  options[0], options[1],  options[2],       server->remote,
        "-vconsole:off", "--detach", "--monitor", server->database, NULL};

    snprintf(options[0], sizeof options[0], "--pidfile=%s", server->pidfile);
    snprintf(options[1], sizeof options[1], "--unixctl=%s", server->control);
    snprintf(options[2], sizeof options[2], "--log-file=%s", server->log);
    create_database(server);
    run_program(argv);
}

/* What follows the name in /proc/PID/stat (state, parent, ...), or "". */
static void read_stat(pid_t pid, char text[512])
{
    char path[64];
    char line[512] = "";
    char *name_end;
    int fd;

    text[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    (void)!read(fd, line, sizeof line - 1);
    close(fd);
    name_end = strrchr(line, ')');
    if (name_end) {
        snprintf(text, 512, "%.500s", name_end + 1);
    }
}

static pid_t parent_of(pid_t pid)
{
    char text[512];

    read_stat(pid, text);
    assert_true(strlen(text) > 3);
    return (pid_t)strtol(text + 3, NULL, 10);
}

static bool is_gone(pid_t pid)
{
    char text[512];

    read_stat(pid, text);
    return text[0] == '\0' || text[1] == 'Z' || text[1] == 'X';
}

/* The holder is the worker, and the monitor leaves with it. */
static void test_detached_with_a_monitor(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    ovnha_msec deadline = generous();
    struct ovnha_daemon daemon;
    pid_t monitor;

    SKIP_WITHOUT_SERVERS();
    detach(server);
    assert_int_equal(ovnha_daemon_look(&server->paths, &daemon, NULL), OVNHA_OK);
    assert_int_equal(daemon.presence, OVNHA_PRESENCE_RUNNING);
    monitor = parent_of(daemon.pid);
    assert_true(monitor > 1 && monitor != getpid());
    assert_int_equal(
        ovnha_daemon_end(&server->paths, daemon.pid, generous(), generous(), NULL),
        OVNHA_OK);
    while (!is_gone(monitor)) {
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        poll(NULL, 0, 5);
    }
    assert_looks(&server->paths, OVNHA_PRESENCE_ABSENT, 0, 0);
}

#define AT_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_PLACE(test_each_witness_knows_the_pid),
        AT_PLACE(test_a_deleted_pidfile),
        AT_PLACE(test_a_database_behind_a_link),
        AT_PLACE(test_killed),
        AT_PLACE(test_ended_by_term),
        AT_PLACE(test_asked_to_exit),
        AT_PLACE(test_one_that_sleeps_is_asked_in_vain),
        AT_PLACE(test_stopped_and_ended_by_kill),
        AT_PLACE(test_detached_with_a_monitor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
