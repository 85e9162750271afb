/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/daemon.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovnha/process_handle.h>
#include <ovnha/process_stat.h>
#include <ovnha/unixctl.h>

/* Witnesses are asked who is there: the lock on the pidfile, the control
 * socket, the lock on the database file.  Each answers "nobody", "somebody" (with
 * a pid if it can be seen from our pid namespace), or that it could not be asked.
 *
 * - What is in the pidfile proves nothing.  OVS locks it under a temporary name before
 *   it appears, so an unlocked one is stale at any moment.
 * - A server whose pidfile was deleted is still found by its control socket.
 * - A stopped (SIGSTOP) process keeps its locks, and its backlog accepts us.
 * - A crash leaves the pidfile behind and nobody holds anything, but --monitor starts
 *   the server again, after up to 10 s when that is not the first time, with all its
 *   remotes and writable if it was.  So whoever monitors the pid in a pidfile that
 *   nobody holds is a fourth witness (lib/daemon-unix.c: "NAME: monitoring pid N (").
 * - On its way out a server removes pidfile and socket before it lets the database
 *   go: it looks foreign for a moment, with its own pid, which is the truth: the
 *   file is still in use.
 *
 * F_GETLK asks for a write lock and works on a descriptor open for reading only.
 * Closing it drops all POSIX locks that *this* process has on that file; we take
 * none, so this is no concern, but a caller that locks pidfiles itself would lose
 * them. */

#define RECYCLED_GRACE_MS 1000 /* for a daemon to exit that let everything go */

struct witness {
    bool somebody;
    pid_t pid; /* 0 when not visible */
};

struct witnesses {
    struct witness pidfile;
    struct witness control;
    struct witness database;
    struct witness supervisor;
    bool pidfile_exists;
};

const char *ovnha_presence_to_str(enum ovnha_presence presence)
{
    switch (presence) {
    case OVNHA_PRESENCE_UNKNOWN:
        return "unknown";
    case OVNHA_PRESENCE_ABSENT:
        return "absent";
    case OVNHA_PRESENCE_RUNNING:
        return "running";
    case OVNHA_PRESENCE_FOREIGN:
        return "foreign";
    }
    return "?";
}

/* Who has a POSIX lock on the file `path`. */
static enum ovnha_result ask_lock(const char *path, bool *exists, struct witness *witness,
                                  struct ovnha_err *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int answer;
    int errnum;

    *exists = fd >= 0;
    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? OVNHA_OK
                   : ovnha_fail_errno(err, errno, "cannot open %s", path);
    }
    answer = fcntl(fd, F_GETLK, &lock);
    errnum = errno;
    close(fd);
    if (answer < 0) {
        return ovnha_fail_errno(err, errnum, "cannot ask who locks %s", path);
    }
    witness->somebody = lock.l_type != F_UNLCK;
    witness->pid = witness->somebody && lock.l_pid > 0 ? lock.l_pid : 0;
    return OVNHA_OK;
}

static enum ovnha_result ask_control(const char *path, struct witness *witness,
                                     struct ovnha_unixctl **ctl, struct ovnha_err *err)
{
    struct ovnha_err words; /* not all that fails there is a failure here */

    switch (ovnha_unixctl_open(path, ovnha_now(), ctl, &words)) {
    case OVNHA_OK:
        witness->somebody = true;
        witness->pid = ovnha_unixctl_peer(*ctl);
        return OVNHA_OK;
    case OVNHA_ERR_TIMEOUT: /* a full backlog is a listener's */
        witness->somebody = true;
        return OVNHA_OK;
    case OVNHA_ERR_UNAVAILABLE:
        return OVNHA_OK;
    case OVNHA_ERR_LOST:
    case OVNHA_ERR_REFUSED:
    case OVNHA_ERR_PROTOCOL:
    case OVNHA_ERR_INVALID:
    case OVNHA_ERR_MISSING:
    case OVNHA_ERR_SYSTEM:
    case OVNHA_ERR_CONFLICT:
        break;
    }
    return ovnha_fail(err, OVNHA_ERR_SYSTEM, "%s", words.text);
}

/* The lock is `.NAME.~lock~` beside the file that `database` leads to in the end:
 * OVS follows symbolic links first (lib/lockfile.c). */
static enum ovnha_result ask_database(const char *database, struct witness *witness,
                                      struct ovnha_err *err)
{
    char real[PATH_MAX];
    char lock[PATH_MAX + 16];
    const char *slash;
    bool exists;

    if (!realpath(database, real)) {
        if (errno == ENOENT || errno == ENOTDIR) {
            snprintf(real, sizeof real, "%.*s", (int)sizeof real - 1, database);
        } else {
            return ovnha_fail_errno(err, errno, "cannot find %s", database);
        }
    }
    slash = strrchr(real, '/');
    snprintf(lock, sizeof lock, "%.*s.%s.~lock~", slash ? (int)(slash - real) + 1 : 0,
             real, slash ? slash + 1 : real);
    return ask_lock(lock, &exists, witness, err);
}

/* What a small file begins with, as a text; "" when it cannot be read. */
static void read_file(const char *path, char text[128])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t length = fd >= 0 ? read(fd, text, 127) : -1;

    text[length > 0 ? length : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
}

/* Of a process of ours: numbers in other pid namespaces name others. */
static bool same_pid_namespace(const char *proc_pid)
{
    struct stat ours, its;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "/proc/%s/ns/pid", proc_pid);
    return stat("/proc/self/ns/pid", &ours) == 0 && stat(path, &its) == 0 &&
           ours.st_ino == its.st_ino && ours.st_dev == its.st_dev;
}

static bool process_lives(long pid)
{
    struct ovnha_process_stat stat;

    return ovnha_process_stat_read((pid_t)pid, &stat, NULL) == OVNHA_OK &&
           !strchr("ZX", stat.state);
}

static bool supervises(const char *proc_pid, long pid)
{
    char path[PATH_MAX], title[128], wanted[64];

    snprintf(path, sizeof path, "/proc/%s/cmdline", proc_pid);
    read_file(path, title);
    snprintf(wanted, sizeof wanted, ": monitoring pid %ld (", pid);
    return strstr(title, wanted) && same_pid_namespace(proc_pid);
}

/* Who is about to start the dead process in the pidfile again.  If that process
 * lives, it is somebody else's by now. */
static void ask_supervisor(const char *pidfile, struct witness *witness)
{
    char text[128], *end;
    long pid;
    DIR *processes;

    read_file(pidfile, text);
    pid = strtol(text, &end, 10);
    if (pid <= 1 || (*end && *end != '\n') || process_lives(pid)) {
        return;
    }
    processes = opendir("/proc");
    for (struct dirent *entry;
         processes && !witness->somebody && (entry = readdir(processes));) {
        witness->somebody =
            strchr("123456789", entry->d_name[0]) && supervises(entry->d_name, pid);
        witness->pid = witness->somebody ? (pid_t)strtol(entry->d_name, NULL, 10) : 0;
    }
    if (processes) {
        closedir(processes);
    }
}

static bool is_running(const struct witnesses *all)
{
    return all->pidfile.somebody || all->control.somebody;
}

/* The first two are enough where there is somebody, unless every one counts. */
static enum ovnha_result ask(const struct ovnha_daemon_paths *paths, bool every_one,
                             struct witnesses *all, struct ovnha_unixctl **ctl,
                             struct ovnha_err *err)
{
    enum ovnha_result result;
    struct ovnha_err later; /* the first failure is the one to tell */
    enum ovnha_result other = OVNHA_OK;

    *ctl = NULL;
    memset(all, 0, sizeof *all);
    result = ask_lock(paths->pidfile, &all->pidfile_exists, &all->pidfile, err);
    if (paths->control) {
        other = ask_control(paths->control, &all->control, ctl, result ? &later : err);
        result = result ? result : other;
    }
    if (paths->database && (every_one || !is_running(all))) {
        other = ask_database(paths->database, &all->database, result ? &later : err);
        result = result ? result : other;
    }
    if (all->pidfile_exists && !is_running(all)) {
        ask_supervisor(paths->pidfile, &all->supervisor);
    }
    return result;
}

static pid_t running_pid(const struct witnesses *all)
{
    return all->pidfile.pid ? all->pidfile.pid : all->control.pid;
}

enum ovnha_result ovnha_daemon_look(const struct ovnha_daemon_paths *paths,
                                    struct ovnha_daemon *daemon, struct ovnha_err *err)
{
    struct ovnha_unixctl *ctl;
    const enum ovnha_result result = ovnha_daemon_look_and_stay(paths, daemon, &ctl, err);

    ovnha_unixctl_close(ctl);
    return result;
}

enum ovnha_result ovnha_daemon_look_and_stay(const struct ovnha_daemon_paths *paths,
                                             struct ovnha_daemon *daemon,
                                             struct ovnha_unixctl **ctl,
                                             struct ovnha_err *err)
{
    struct witnesses all;
    struct ovnha_err words;
    enum ovnha_result result = ask(paths, false, &all, ctl, &words);

    memset(daemon, 0, sizeof *daemon);
    daemon->stale_pidfile = all.pidfile_exists && !all.pidfile.somebody;
    if (is_running(&all)) {
        daemon->presence = OVNHA_PRESENCE_RUNNING; /* whatever the others hide */
        daemon->pid = running_pid(&all);
        return OVNHA_OK;
    }
    if (all.supervisor.somebody) {
        daemon->presence = OVNHA_PRESENCE_RUNNING;
        daemon->pid = all.supervisor.pid;
        daemon->restarting = 1;
        daemon->stale_pidfile = 0;
        return OVNHA_OK;
    }
    if (result) {
        daemon->presence = OVNHA_PRESENCE_UNKNOWN;
        return ovnha_fail(err, result, "%s", words.text);
    }
    daemon->presence =
        all.database.somebody ? OVNHA_PRESENCE_FOREIGN : OVNHA_PRESENCE_ABSENT;
    daemon->pid = all.database.pid;
    return OVNHA_OK;
}

/* Whether any witness names `pid`. */
static enum ovnha_result still_holds(const struct ovnha_daemon_paths *paths, pid_t pid,
                                     bool *holds, struct ovnha_err *err)
{
    struct witnesses all;
    struct ovnha_unixctl *ctl;
    enum ovnha_result result = ask(paths, true, &all, &ctl, err);

    ovnha_unixctl_close(ctl);
    *holds = all.pidfile.pid == pid || all.control.pid == pid ||
             all.database.pid == pid || all.supervisor.pid == pid;
    return *holds ? OVNHA_OK : result;
}

static enum ovnha_result wait_end(int pidfd, pid_t pid, ovnha_msec deadline,
                                  struct ovnha_err *err)
{
    int ended = ovnha_process_wait(pidfd, deadline);

    if (ended < 0) {
        return ovnha_fail_errno(err, errno, "cannot wait for process %d", (int)pid);
    }
    return ended ? OVNHA_OK
                 : ovnha_fail(err, OVNHA_ERR_TIMEOUT, "process %d did not end in time",
                              (int)pid);
}

/* Send `signal` and wait; a process that is gone already has ended, too. */
static enum ovnha_result signal_and_wait(int pidfd, pid_t pid, int signal,
                                         ovnha_msec deadline, struct ovnha_err *err)
{
    if (ovnha_process_signal(pidfd, signal) < 0) {
        return errno == ESRCH
                   ? OVNHA_OK
                   : ovnha_fail_errno(err, errno, "cannot end process %d", (int)pid);
    }
    return wait_end(pidfd, pid, deadline, err);
}

static enum ovnha_result end_pinned(const struct ovnha_daemon_paths *paths, int pidfd,
                                    pid_t pid, ovnha_msec term_deadline,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    bool holds;
    enum ovnha_result result = still_holds(paths, pid, &holds, err);

    if (result) {
        ovnha_err_wrap(err, "will not end process %d unseen", (int)pid);
        return result;
    }
    if (!holds) {
        /* On its way out, or another program by now: in either case not ours to
         * signal, and nothing of ours is running under this pid. */
        ovnha_msec grace = ovnha_deadline_after(ovnha_now(), RECYCLED_GRACE_MS);

        (void)ovnha_process_wait(pidfd, grace < deadline ? grace : deadline);
        return OVNHA_OK;
    }
    result = signal_and_wait(pidfd, pid, SIGTERM, term_deadline, err);
    if (result == OVNHA_ERR_TIMEOUT) {
        result = signal_and_wait(pidfd, pid, SIGKILL, deadline, err);
    }
    return result;
}

enum ovnha_result ovnha_daemon_end(const struct ovnha_daemon_paths *paths, pid_t pid,
                                   ovnha_msec term_deadline, ovnha_msec deadline,
                                   struct ovnha_err *err)
{
    enum ovnha_result result;
    int pidfd;

    if (pid <= 1 || pid == getpid()) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "%d is not the pid of a daemon",
                          (int)pid);
    }
    pidfd = ovnha_process_pin(pid);
    if (pidfd < 0) {
        return errno == ESRCH
                   ? OVNHA_OK
                   : ovnha_fail_errno(err, errno, "cannot watch process %d", (int)pid);
    }
    result =
        end_pinned(paths, pidfd, pid, term_deadline < deadline ? term_deadline : deadline,
                   deadline, err);
    close(pidfd);
    return result;
}

/* It may hang up before its answer has got through: its end is what counts. */
static enum ovnha_result exit_and_wait(struct ovnha_unixctl *ctl, pid_t pid, int pidfd,
                                       ovnha_msec deadline, struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command leave = {.method = "exit"};
    const enum ovnha_result result = ovnha_unixctl_send(ctl, &leave, 1, deadline, err);

    if (result != OVNHA_OK) {
        return result;
    }
    return ovnha_process_wait(pidfd, deadline) > 0
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                            "process %d was asked to exit and "
                            "is still there",
                            (int)pid);
}

enum ovnha_result ovnha_daemon_ask_to_exit(const char *control, ovnha_msec deadline,
                                           struct ovnha_err *err)
{
    struct ovnha_unixctl *ctl;
    enum ovnha_result result = ovnha_unixctl_open(control, deadline, &ctl, err);

    if (result != OVNHA_OK) {
        return result;
    }
    const pid_t pid = ovnha_unixctl_peer(ctl);
    const int pidfd = pid > 0 ? ovnha_process_pin(pid) : -1;

    if (pidfd >= 0) {
        result = exit_and_wait(ctl, pid, pidfd, deadline, err);
        close(pidfd);
    } else {
        result = ovnha_fail(err, OVNHA_ERR_SYSTEM,
                            "whoever listens on %s cannot be watched", control);
    }
    ovnha_unixctl_close(ctl);
    return result;
}
