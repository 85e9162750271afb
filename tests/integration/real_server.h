/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REAL_SERVER_H
#define REAL_SERVER_H

/* Real ovsdb-server processes in a directory of their own.
 *
 * Each is a child of the test and ends with it, even when the test crashes
 * (PR_SET_PDEATHSIG); teardown ends them by pid.  Without the programs or the
 * schema the tests are skipped. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/daemon.h>
#include <ovnha/deadline.h>
#include <ovnha/ovsdb.h>
#include <ovnha/spawn.h>
#include <ovnha/unixctl.h>

#define GENEROUS_MS 60000
#define SHORT_MS    100
#define NB_SCHEMA   "/usr/share/ovn/ovn-nb.ovsschema"
#define MAX_SERVERS 3

struct server {
    char pidfile[96];
    char control[96];
    char database[96];
    char log[96];
    char socket[96];  /* of the database, as a path */
    char method[128]; /* ... and as unix:PATH */
    char remote[128]; /* ... and as --remote=punix:PATH */
    struct ovnha_daemon_paths paths;
    pid_t pid; /* our child, or 0 */
};

struct place {
    char dir[64];
    struct server servers[MAX_SERVERS];
};

static inline ovnha_msec generous(void)
{
    return ovnha_deadline_after(ovnha_now(), GENEROUS_MS);
}

static inline ovnha_msec shortly(void)
{
    return ovnha_deadline_after(ovnha_now(), SHORT_MS);
}

static inline void run_program(const char *const *argv)
{
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;
    struct ovnha_err err;

    if (ovnha_spawn_run(&spawn, &result, generous(), &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
}

static inline void name_files(const struct place *place, struct server *server, int i)
{
    char dir[sizeof place->dir]; /* a copy: gcc sees an overlap otherwise */

    memcpy(dir, place->dir, sizeof dir);
    snprintf(server->pidfile, sizeof server->pidfile, "%s/s%d.pid", dir, i);
    snprintf(server->control, sizeof server->control, "%s/s%d.ctl", dir, i);
    snprintf(server->database, sizeof server->database, "%s/s%d.db", dir, i);
    snprintf(server->log, sizeof server->log, "%s/s%d.log", dir, i);
    snprintf(server->socket, sizeof server->socket, "%s/s%d.sock", dir, i);
    snprintf(server->method, sizeof server->method, "unix:%s/s%d.sock", dir, i);
    snprintf(server->remote, sizeof server->remote, "--remote=punix:%s/s%d.sock", dir, i);
    server->paths =
        (struct ovnha_daemon_paths){server->pidfile, server->control, server->database};
}

static inline bool can_run_servers(void)
{
    const char *const argv[] = {"ovsdb-server", "--version", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    return access(NB_SCHEMA, R_OK) == 0 &&
           ovnha_spawn_run(&spawn, &result, generous(), NULL) == OVNHA_OK;
}

static inline int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    char path[2048];

    assert_non_null(place);
    /* ovsdb-server is in /usr/sbin, which a user's PATH may lack */
    snprintf(path, sizeof path, "%.1900s:/usr/local/sbin:/usr/sbin:/sbin",
             getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    setenv("PATH", path, 1);
    snprintf(place->dir, sizeof place->dir, "/tmp/ovnha-real.XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    for (int i = 0; i < MAX_SERVERS; i++) {
        name_files(place, &place->servers[i], i);
    }
    *state = place;
    return 0;
}

#define SKIP_WITHOUT_SERVERS()                                                           \
    do {                                                                                 \
        if (!can_run_servers()) {                                                        \
            print_message("# left out: no ovsdb-server, or no " NB_SCHEMA "\n");         \
            skip();                                                                      \
        }                                                                                \
    } while (0)

static inline void reap(struct server *server)
{
    if (server->pid > 0) {
        assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
        server->pid = 0;
    }
}

static inline void kill_server(struct server *server)
{
    assert_true(server->pid > 0);
    assert_int_equal(kill(server->pid, SIGKILL), 0);
    reap(server);
}

/* One that is not our child (a detached one) is found by what it holds. */
static inline void kill_detached(const struct server *server)
{
    struct ovnha_daemon daemon;

    if (ovnha_daemon_look(&server->paths, &daemon, NULL) == OVNHA_OK && daemon.pid > 1) {
        (void)!ovnha_daemon_end(&server->paths, daemon.pid, ovnha_now(), generous(),
                                NULL);
    }
}

/* A child that was let go writes its last note there, perhaps just now. */
static inline void remove_directory(const char *path)
{
    const char *const argv[] = {"rm", "-rf", "--", path, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    const ovnha_msec deadline = generous();
    struct ovnha_spawn_result result;

    while (ovnha_spawn_run(&spawn, &result, deadline, NULL) != OVNHA_OK) {
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        poll(NULL, 0, 10);
    }
}

static inline int teardown(void **state)
{
    struct place *place = *state;

    for (int i = 0; i < MAX_SERVERS; i++) {
        if (place->servers[i].pid > 0) {
            kill_server(&place->servers[i]);
        }
        kill_detached(&place->servers[i]);
    }
    remove_directory(place->dir);
    free(place);
    return 0;
}

static inline void create_database(const struct server *server)
{
    const char *const argv[] = {"ovsdb-tool", "create", server->database, NB_SCHEMA,
                                NULL};

    run_program(argv);
}

#define MAX_OPTIONS 4

/* Become the server; `more`: further options, or NULL. */
static inline void exec_server(const struct server *server, const char *const *more)
{
    char pidfile[128];
    char control[128];
    char log[128];
    const char *argv[8 + MAX_OPTIONS + 1] = {
        "ovsdb-server",  pidfile,      control,        log,
        "-vconsole:off", "--no-chdir", server->remote, server->database};

    snprintf(pidfile, sizeof pidfile, "--pidfile=%s", server->pidfile);
    snprintf(control, sizeof control, "--unixctl=%s", server->control);
    snprintf(log, sizeof log, "--log-file=%s", server->log);
    for (size_t i = 0; more && more[i] && i < MAX_OPTIONS; i++) {
        argv[8 + i] = more[i];
    }
    execvp(argv[0], (char *const *)argv);
}

/* Leftovers of a killed server look like sockets, too: somebody must listen. */
static inline bool is_up(const struct server *server)
{
    struct ovnha_unixctl *ctl = NULL;
    struct ovnha_ovsdb *db = NULL;
    bool up = ovnha_unixctl_open(server->control, generous(), &ctl, NULL) == OVNHA_OK &&
              ovnha_ovsdb_open(server->method, generous(), &db, NULL) == OVNHA_OK;

    ovnha_unixctl_close(ctl);
    ovnha_ovsdb_close(db);
    return up;
}

static inline void start_server_with(struct server *server, const char *const *more)
{
    ovnha_msec deadline = generous();
    pid_t parent = getpid();

    if (access(server->database, F_OK) < 0) {
        create_database(server);
    }
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) {
            exec_server(server, more);
        }
        _exit(127);
    }
    while (!is_up(server)) {
        assert_int_equal(waitpid(server->pid, NULL, WNOHANG), 0);
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        poll(NULL, 0, 5);
    }
}

static inline void start_server(struct server *server)
{
    start_server_with(server, NULL);
}

/* A port that was free a moment ago. */
static inline uint16_t free_port(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof in;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
    close(fd);
    return ntohs(in.sin_port);
}

/* A control command that has nothing to answer. */
static inline void tell(const struct server *server, const char *method, const char *arg)
{
    const struct ovnha_unixctl_command command = {method, {arg}};
    struct ovnha_unixctl *ctl = NULL;
    char *reply = NULL;
    struct ovnha_err err;

    if (ovnha_unixctl_open(server->control, generous(), &ctl, &err) != OVNHA_OK ||
        ovnha_unixctl_run(ctl, &command, 1, &reply, generous(), &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(reply, "");
    free(reply);
    ovnha_unixctl_close(ctl);
}

#endif
