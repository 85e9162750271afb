/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/daemon.h>
#include <ovnha/unixctl.h>

/* Daemons here are forked children that hold what a daemon holds: the lock on a
 * pidfile, a control socket, the lock on a database.  One answers on a pipe when
 * it has all of it.  tests/integration/test_daemon_real.c has real ones. */

#define GENEROUS_MS 30000
#define SHORT_MS    50
#define MAX_FAKES   4

struct place {
    char dir[64];
    char pidfile[96];
    char control[96];
    char database[96];
    char lock[96];
    char link[96];
    struct ovnha_daemon_paths paths;
    pid_t fakes[MAX_FAKES];
};

enum holding {
    PIDFILE = 1,
    CONTROL = 2,
    DATABASE = 4,
    IGNORES_TERM = 8,
};

static ovnha_msec generous(void)
{
    return ovnha_deadline_after(ovnha_now(), GENEROUS_MS);
}

static ovnha_msec shortly(void)
{
    return ovnha_deadline_after(ovnha_now(), SHORT_MS);
}

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    snprintf(place->dir, sizeof place->dir, "/tmp/ovnha-daemon.XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    snprintf(place->pidfile, sizeof place->pidfile, "%s/x.pid", place->dir);
    snprintf(place->control, sizeof place->control, "%s/x.ctl", place->dir);
    snprintf(place->database, sizeof place->database, "%s/x.db", place->dir);
    snprintf(place->lock, sizeof place->lock, "%s/.x.db.~lock~", place->dir);
    snprintf(place->link, sizeof place->link, "%s/link.db", place->dir);
    place->paths =
        (struct ovnha_daemon_paths){place->pidfile, place->control, place->database};
    *state = place;
    return 0;
}

static void reap(struct place *place, pid_t pid)
{
    for (int i = 0; i < MAX_FAKES; i++) {
        if (place->fakes[i] == pid) {
            assert_int_equal(waitpid(pid, NULL, 0), pid);
            place->fakes[i] = 0;
        }
    }
}

static int teardown(void **state)
{
    struct place *place = *state;

    for (int i = 0; i < MAX_FAKES; i++) {
        if (place->fakes[i] > 0) {
            kill(place->fakes[i], SIGKILL);
            reap(place, place->fakes[i]);
        }
    }
    unlink(place->pidfile);
    unlink(place->control);
    unlink(place->database);
    unlink(place->lock);
    unlink(place->link);
    assert_int_equal(rmdir(place->dir), 0);
    free(place);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static bool lock_file(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    return fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0; /* kept open */
}

static int listener_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path));
    return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                   listen(fd, 8) == 0
               ? fd
               : -1;
}

static bool listen_at(const char *path)
{
    return listener_at(path) >= 0;
}

static bool take(const struct place *place, unsigned int holding)
{
    if (holding & IGNORES_TERM) {
        signal(SIGTERM, SIG_IGN);
    }
    return (!(holding & PIDFILE) || lock_file(place->pidfile)) &&
           (!(holding & CONTROL) || listen_at(place->control)) &&
           (!(holding & DATABASE) || lock_file(place->lock));
}

static pid_t start_fake(struct place *place, unsigned int holding)
{
    int ready[2];
    char byte;
    pid_t pid;
    int i = 0;

    while (place->fakes[i]) {
        i++;
    }
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!take(place, holding) || write(ready[1], "r", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    place->fakes[i] = pid;
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void kill_fake(struct place *place, pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    reap(place, pid);
}

static void assert_looks(struct place *place, enum ovnha_presence presence, pid_t pid,
                         int stale)
{
    struct ovnha_daemon daemon;
    struct ovnha_err err = {""};

    assert_int_equal(ovnha_daemon_look(&place->paths, &daemon, &err),
                     presence == OVNHA_PRESENCE_UNKNOWN ? OVNHA_ERR_SYSTEM : OVNHA_OK);
    assert_string_equal(ovnha_presence_to_str(daemon.presence),
                        ovnha_presence_to_str(presence));
    assert_int_equal(daemon.pid, pid);
    assert_int_equal(daemon.stale_pidfile, stale);
    assert_int_equal(err.text[0] != '\0', presence == OVNHA_PRESENCE_UNKNOWN);
}

static void test_nothing_at_all(void **state)
{
    struct place *place = *state;

    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 0);
}

static void test_no_directory(void **state)
{
    struct place *place = *state;

    snprintf(place->pidfile, sizeof place->pidfile, "%s/no/x.pid", place->dir);
    snprintf(place->control, sizeof place->control, "%s/no/x.ctl", place->dir);
    snprintf(place->database, sizeof place->database, "%s/no/x.db", place->dir);
    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 0);
}

static void test_a_file_in_place_of_the_directory(void **state)
{
    struct place *place = *state;

    write_file(place->lock, "");
    snprintf(place->pidfile, sizeof place->pidfile, "%s/.x.db.~lock~/x.pid", place->dir);
    snprintf(place->control, sizeof place->control, "%s/.x.db.~lock~/x.ctl", place->dir);
    snprintf(place->database, sizeof place->database, "%s/.x.db.~lock~/x.db", place->dir);
    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 0);
}

static void test_a_pidfile_that_nobody_holds(void **state)
{
    static const char *const contents[] = {"",     "\n",          "garbage\n",
                                           "-1\n", "999999999\n", "1\n"};
    struct place *place = *state;
    char mine[32];

    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        write_file(place->pidfile, contents[i]);
        assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 1);
    }
    snprintf(mine, sizeof mine, "%d\n", (int)getpid());
    write_file(place->pidfile, mine);
    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 1);
}

/* What a killed server leaves: all of its files, and nobody behind them. */
static void test_leftovers(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE | CONTROL | DATABASE);

    write_file(place->database, "");
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
    kill_fake(place, pid);
    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 1);
}

static void test_running_by_any_of_two(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE);

    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
    kill_fake(place, pid);
    pid = start_fake(place, CONTROL);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 1);
    unlink(place->pidfile);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
}

static void test_northd_has_no_database(void **state)
{
    struct place *place = *state;
    pid_t pid;

    place->paths.control = NULL;
    place->paths.database = NULL;
    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 0);
    pid = start_fake(place, PIDFILE | DATABASE | CONTROL);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
    unlink(place->pidfile);
    assert_looks(place, OVNHA_PRESENCE_ABSENT, 0, 0); /* not ours to see */
}

static void test_the_pidfile_has_the_first_word(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE);

    (void)start_fake(place, CONTROL);
    (void)start_fake(place, DATABASE);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
}

static void test_a_foreign_holder(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, DATABASE);

    assert_looks(place, OVNHA_PRESENCE_FOREIGN, pid, 0);
    write_file(place->pidfile, "7\n");
    assert_looks(place, OVNHA_PRESENCE_FOREIGN, pid, 1);
}

/* The lock is beside the file that a link leads to. */
static void test_a_database_behind_a_link(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, DATABASE);

    write_file(place->database, "");
    assert_int_equal(symlink("x.db", place->link), 0);
    place->paths.database = place->link;
    assert_looks(place, OVNHA_PRESENCE_FOREIGN, pid, 0);
    unlink(place->link);
    assert_int_equal(symlink("link.db", place->link), 0);
    assert_looks(place, OVNHA_PRESENCE_UNKNOWN, 0, 0);
}

static void test_a_relative_database(void **state)
{
    struct place *place = *state;
    int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    pid_t pid = start_fake(place, DATABASE);

    assert_int_equal(chdir(place->dir), 0);
    place->paths.database = "x.db";
    assert_looks(place, OVNHA_PRESENCE_FOREIGN, pid, 0);
    write_file(place->database, "");
    assert_looks(place, OVNHA_PRESENCE_FOREIGN, pid, 0);
    assert_int_equal(fchdir(home), 0);
    close(home);
}

static void test_a_stopped_process_runs(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE | CONTROL | DATABASE);

    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
    for (int i = 0; i < 50; i++) { /* until its backlog is full, and beyond */
        struct ovnha_daemon daemon;

        unlink(place->pidfile);
        assert_int_equal(ovnha_daemon_look(&place->paths, &daemon, NULL), OVNHA_OK);
        assert_int_equal(daemon.presence, OVNHA_PRESENCE_RUNNING);
    }
}

/* Looking connects and leaves: a backlog full of our own visits is the proof of a
 * listener, though not of its pid. */
static void test_a_full_backlog_is_somebody(void **state)
{
    struct place *place = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fds[64];
    int n = 0;

    (void)start_fake(place, CONTROL);
    memcpy(address.sun_path, place->control, strlen(place->control));
    do {
        assert_true(n < 64);
        fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    } while (connect(fds[n++], (struct sockaddr *)&address, sizeof address) == 0);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, 0, 0);
    while (n > 0) {
        close(fds[--n]);
    }
}

/* In a child without privileges; 0 when it saw what it should. */
static int look_unprivileged(const struct place *place, enum ovnha_presence presence)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct ovnha_daemon daemon;
        struct ovnha_err err = {""};
        enum ovnha_result result;

        if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0)) {
            _exit(1);
        }
        result = ovnha_daemon_look(&place->paths, &daemon, &err);
        _exit(daemon.presence == presence && daemon.pid == 0 &&
                      (presence != OVNHA_PRESENCE_UNKNOWN ||
                       (result == OVNHA_ERR_SYSTEM &&
                        strstr(err.text, "Permission denied")))
                  ? 0
                  : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_permission_denied(void **state)
{
    struct place *place = *state;

    assert_int_equal(chmod(place->dir, 0755), 0);
    write_file(place->pidfile, "7\n");
    assert_int_equal(chmod(place->pidfile, 0), 0);
    assert_int_equal(look_unprivileged(place, OVNHA_PRESENCE_UNKNOWN), 0);
    unlink(place->pidfile);
    assert_int_equal(look_unprivileged(place, OVNHA_PRESENCE_ABSENT), 0);
    write_file(place->lock, "");
    assert_int_equal(chmod(place->lock, 0), 0);
    assert_int_equal(look_unprivileged(place, OVNHA_PRESENCE_UNKNOWN), 0);
    unlink(place->lock);
    (void)start_fake(place, CONTROL);
    assert_int_equal(chmod(place->control, 0), 0);
    assert_int_equal(look_unprivileged(place, OVNHA_PRESENCE_UNKNOWN), 0);
    assert_int_equal(chmod(place->dir, 0), 0);
    assert_int_equal(look_unprivileged(place, OVNHA_PRESENCE_UNKNOWN), 0);
    assert_int_equal(chmod(place->dir, 0700), 0);
}

/* One witness that says so is enough, whatever another hides. */
static void test_running_though_not_all_can_be_asked(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, CONTROL);

    assert_int_equal(symlink("x.pid", place->pidfile), 0);
    assert_looks(place, OVNHA_PRESENCE_RUNNING, pid, 0);
    kill_fake(place, pid);
    (void)start_fake(place, DATABASE);
    assert_looks(place, OVNHA_PRESENCE_UNKNOWN, 0, 0); /* foreign? who knows */
}

/* --- ending ------------------------------------------------------------------ */

static enum ovnha_result end(struct place *place, pid_t pid, ovnha_msec term_deadline,
                             struct ovnha_err *err)
{
    return ovnha_daemon_end(&place->paths, pid, term_deadline, generous(), err);
}

static int how_it_ended(struct place *place, pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, WNOHANG), pid);
    for (int i = 0; i < MAX_FAKES; i++) {
        place->fakes[i] = place->fakes[i] == pid ? 0 : place->fakes[i];
    }
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_term_is_enough(void **state)
{
    struct place *place = *state;
    static const unsigned int holdings[] = {PIDFILE, CONTROL, DATABASE,
                                            PIDFILE | CONTROL | DATABASE};

    for (size_t i = 0; i < sizeof holdings / sizeof holdings[0]; i++) {
        pid_t pid = start_fake(place, holdings[i]);

        assert_int_equal(end(place, pid, generous(), NULL), OVNHA_OK);
        assert_int_equal(how_it_ended(place, pid), SIGTERM);
        unlink(place->control);
        unlink(place->pidfile);
    }
}

static void test_kill_for_who_ignores_term(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE | IGNORES_TERM);

    assert_int_equal(end(place, pid, shortly(), NULL), OVNHA_OK);
    assert_int_equal(how_it_ended(place, pid), SIGKILL);
}

static void test_kill_for_who_is_stopped(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE);

    assert_int_equal(kill(pid, SIGSTOP), 0);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    assert_int_equal(end(place, pid, shortly(), NULL), OVNHA_OK);
    assert_int_equal(how_it_ended(place, pid), SIGKILL);
}

/* The term deadline may be past or beyond the deadline. */
static void test_odd_deadlines(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE | IGNORES_TERM);

    assert_int_equal(end(place, pid, ovnha_now() - 1, NULL), OVNHA_OK);
    assert_int_equal(how_it_ended(place, pid), SIGKILL);
    pid = start_fake(place, PIDFILE | IGNORES_TERM);
    assert_in_set(ovnha_daemon_end(&place->paths, pid, generous(), shortly(), NULL),
                  ((unsigned long[]){OVNHA_OK, OVNHA_ERR_TIMEOUT}), 2);
    assert_int_equal(waitpid(pid, NULL, 0), pid); /* KILL was sent in any case */
    place->fakes[0] = 0;
}

static void test_gone_already(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE);

    kill_fake(place, pid);
    assert_int_equal(end(place, pid, generous(), NULL), OVNHA_OK);
}

/* A zombie has let everything go. */
static void test_dead_but_not_reaped(void **state)
{
    struct place *place = *state;
    pid_t pid = start_fake(place, PIDFILE);
    siginfo_t info;

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(end(place, pid, generous(), NULL), OVNHA_OK);
    assert_int_equal(how_it_ended(place, pid), SIGKILL);
}

/* The pid may be another program's by now. */
static void test_who_holds_nothing_is_spared(void **state)
{
    struct place *place = *state;
    pid_t holder = start_fake(place, PIDFILE | CONTROL | DATABASE);
    pid_t other = start_fake(place, 0);

    assert_int_equal(end(place, other, generous(), NULL), OVNHA_OK);
    assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
    assert_int_equal(waitpid(holder, NULL, WNOHANG), 0);
}

static void test_who_cannot_be_seen_is_spared(void **state)
{
    struct place *place = *state;
    struct ovnha_err err;
    pid_t pid = start_fake(place, 0);

    assert_int_equal(symlink("x.pid", place->pidfile), 0);
    assert_int_equal(end(place, pid, generous(), &err), OVNHA_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "will not end process"));
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
}

static void test_pids_that_are_no_daemons(void **state)
{
    struct place *place = *state;
    const pid_t pids[] = {0, 1, -1, -getpid(), getpid()};

    for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
        struct ovnha_err err;

        assert_int_equal(end(place, pids[i], generous(), &err), OVNHA_ERR_INVALID);
    }
}

#define AT_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Each one more wakes up the server. */
static void test_one_connection_is_made_and_left_open(void **state)
{
    struct place *place = *state;
    const int listener = listener_at(place->control);
    struct ovnha_daemon daemon;
    struct ovnha_unixctl *ctl;
    char byte;

    assert_true(listener >= 0);
    assert_int_equal(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(ovnha_daemon_look_and_stay(&place->paths, &daemon, &ctl, NULL),
                     OVNHA_OK);
    assert_int_equal(daemon.presence, OVNHA_PRESENCE_RUNNING);
    assert_int_equal(daemon.pid, getpid());
    assert_non_null(ctl);
    const int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    assert_true(server >= 0);
    assert_int_equal(recv(server, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
    ovnha_unixctl_close(ctl);
    assert_int_equal(recv(server, &byte, 1, 0), 0);
    assert_int_equal(accept(listener, NULL, NULL), -1);
    close(server);
    close(listener);
}

static void test_where_nobody_listens_there_is_no_connection(void **state)
{
    struct place *place = *state;
    const pid_t pid = start_fake(place, PIDFILE);
    struct ovnha_daemon daemon;
    struct ovnha_unixctl *ctl;

    assert_int_equal(ovnha_daemon_look_and_stay(&place->paths, &daemon, &ctl, NULL),
                     OVNHA_OK);
    assert_int_equal(daemon.pid, pid);
    assert_null(ctl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_PLACE(test_nothing_at_all),
        AT_PLACE(test_no_directory),
        AT_PLACE(test_a_file_in_place_of_the_directory),
        AT_PLACE(test_a_pidfile_that_nobody_holds),
        AT_PLACE(test_leftovers),
        AT_PLACE(test_running_by_any_of_two),
        AT_PLACE(test_northd_has_no_database),
        AT_PLACE(test_the_pidfile_has_the_first_word),
        AT_PLACE(test_a_foreign_holder),
        AT_PLACE(test_a_database_behind_a_link),
        AT_PLACE(test_a_relative_database),
        AT_PLACE(test_a_stopped_process_runs),
        AT_PLACE(test_a_full_backlog_is_somebody),
        AT_PLACE(test_permission_denied),
        AT_PLACE(test_running_though_not_all_can_be_asked),
        AT_PLACE(test_term_is_enough),
        AT_PLACE(test_kill_for_who_ignores_term),
        AT_PLACE(test_kill_for_who_is_stopped),
        AT_PLACE(test_odd_deadlines),
        AT_PLACE(test_gone_already),
        AT_PLACE(test_dead_but_not_reaped),
        AT_PLACE(test_who_holds_nothing_is_spared),
        AT_PLACE(test_who_cannot_be_seen_is_spared),
        AT_PLACE(test_pids_that_are_no_daemons),
        AT_PLACE(test_one_connection_is_made_and_left_open),
        AT_PLACE(test_where_nobody_listens_there_is_no_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
