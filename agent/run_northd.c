/* SPDX-License-Identifier: Apache-2.0 */
#include "run_northd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovnha/cpu_clock.h>
#include <ovnha/ovsdb.h>
#include <ovnha/unixctl.h>

#include "daemons.h"
#include "log.h"
#include "ovn_ctl.h"

/* Between two looks, each of which wakes it up, too: 23.03 may sleep on over a resume. */
#define LOOK_AGAIN_MS 10

/* Of one that is about to do what it was told. */
#define GLANCE_MS 30

/* One answer; longer than one that has nothing to compute ever takes. */
#define ANSWER_MS 1000

/* How long one that is told to become active, or is loading, may say that it is not. */
#define RESUME_MS 1000
#define LOAD_MS   10000

#define LOCK          "ovn_northd"
#define LOCKED_SCHEMA "OVN_Southbound"

#define TERM_MS              500
#define OVN_CTL_STOP_PERCENT 40

static ovnha_msec earlier(ovnha_msec a, ovnha_msec b)
{
    return a < b ? a : b;
}

static ovnha_msec in_ms(int ms, ovnha_msec deadline)
{
    return earlier(ovnha_deadline_after(ovnha_now(), ms), deadline);
}

static void look_again_later(void)
{
    poll(NULL, 0, LOOK_AGAIN_MS);
}

/*
 * What it says.
 */

enum ovnha_northd_status ovnha_run_northd_status_of(const char *reply)
{
    static const enum ovnha_northd_status statuses[] = {
        OVNHA_NORTHD_ACTIVE, OVNHA_NORTHD_STANDBY, OVNHA_NORTHD_PAUSED};

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char line[64];

        snprintf(line, sizeof line, "Status: %s",
                 ovnha_northd_status_to_str(statuses[i]));
        if (strncmp(reply, line, strlen(line)) == 0) {
            return statuses[i];
        }
    }
    return OVNHA_NORTHD_SILENT;
}

static enum ovnha_northd_status ask(const char *control, ovnha_msec deadline)
{
    static const struct ovnha_unixctl_command status = {.method = "status"};
    enum ovnha_northd_status answer = OVNHA_NORTHD_SILENT;
    struct ovnha_unixctl *ctl;
    char *reply = NULL;

    if (ovnha_unixctl_open(control, deadline, &ctl, NULL) == OVNHA_OK) {
        if (ovnha_unixctl_run(ctl, &status, 1, &reply, deadline, NULL) == OVNHA_OK) {
            answer = ovnha_run_northd_status_of(reply);
        }
        ovnha_unixctl_close(ctl);
    }
    free(reply);
    return answer;
}

/* Its control socket is named after its pid (ovn-northd(8)). */
void ovnha_run_northd_control(const struct ovnha_context *context, pid_t pid,
                              char path[OVNHA_PATH_SIZE])
{
    snprintf(path, OVNHA_PATH_SIZE, "%s/ovn-northd.%d.ctl", context->params.ovn_rundir,
             (int)pid);
}

enum ovnha_northd_status ovnha_run_northd_look(const struct ovnha_context *context,
                                               ovnha_msec deadline, pid_t *pid)
{
    const struct ovnha_daemon_paths paths = ovnha_context_northd(context);
    struct ovnha_daemon daemon;
    char control[OVNHA_PATH_SIZE];
    const enum ovnha_result result = ovnha_daemon_look(&paths, &daemon, NULL);

    if (pid) {
        *pid = result == OVNHA_OK ? daemon.pid : 0;
    }
    if (result != OVNHA_OK) {
        return OVNHA_NORTHD_UNKNOWN;
    }
    if (daemon.presence == OVNHA_PRESENCE_ABSENT) {
        return OVNHA_NORTHD_ABSENT;
    }
    ovnha_run_northd_control(context, daemon.pid, control);
    return ask(control, deadline);
}

/* One command, whose reply says nothing. */
static void tell(const struct ovnha_context *context, pid_t pid, const char *method,
                 ovnha_msec deadline)
{
    const struct ovnha_unixctl_command command = {.method = method};
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;
    char control[OVNHA_PATH_SIZE], *reply = NULL;

    ovnha_run_northd_control(context, pid, control);
    enum ovnha_result result = ovnha_unixctl_open(control, deadline, &ctl, &err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, &command, 1, &reply, deadline, &err);
        ovnha_unixctl_close(ctl);
    }
    if (result != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "ovn-northd: %s: %s", method, err.text);
    }
    free(reply);
}

/*
 * Its lock, which keeps two of them from writing.
 */

static const char *southbound_socket(const struct ovnha_context *context)
{
    size_t i = 0;

    while (i + 1 < context->params.settings.n_dbs &&
           strcmp(context->params.settings.db[i].database->schema, LOCKED_SCHEMA) != 0) {
        i++;
    }
    return context->paths.socket[i];
}

static bool lock_is_held(const struct ovnha_context *context, ovnha_msec deadline)
{
    struct ovnha_ovsdb *db = NULL;
    bool is_free = false;
    enum ovnha_result result =
        ovnha_ovsdb_open(southbound_socket(context), deadline, &db, NULL);

    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_lock_is_free(db, LOCK, &is_free, deadline, NULL);
    }
    ovnha_ovsdb_close(db);
    return result == OVNHA_OK && !is_free;
}

/* What it is.  An active one that has begun to compute says so only when it is done,
 * seconds later in a large network; but it has its lock. */
static enum ovnha_northd_status look_for(const struct ovnha_context *context,
                                         enum ovnha_northd_status wanted,
                                         ovnha_msec deadline, pid_t *pid)
{
    const enum ovnha_northd_status status =
        ovnha_run_northd_look(context, in_ms(GLANCE_MS, deadline), pid);

    return status == OVNHA_NORTHD_SILENT && wanted == OVNHA_NORTHD_ACTIVE &&
                   lock_is_held(context, in_ms(ANSWER_MS, deadline))
               ? OVNHA_NORTHD_ACTIVE
               : status;
}

/* A northd that computes says nothing, and is not to be disturbed: only what it says, or
 * its clock standing still, is counted against it. */
static bool gets_on(pid_t pid, uint64_t *used_ms)
{
    struct ovnha_cpu_clock clock;
    const uint64_t before = *used_ms;

    if (!ovnha_cpu_clock_read(pid, &clock)) {
        return false;
    }
    *used_ms = clock.used_ms;
    return clock.used_ms > before;
}

static enum ovnha_result await(const struct ovnha_context *context,
                               enum ovnha_northd_status wanted, int patience_ms,
                               ovnha_msec deadline, struct ovnha_err *err)
{
    ovnha_msec stuck_at = ovnha_deadline_after(ovnha_now(), patience_ms);
    enum ovnha_northd_status status;
    uint64_t used_ms = 0;
    pid_t pid;

    do {
        status = look_for(context, wanted, deadline, &pid);
        if (status == wanted) {
            return OVNHA_OK;
        }
        if (gets_on(pid, &used_ms) && status == OVNHA_NORTHD_SILENT) {
            stuck_at = ovnha_deadline_after(ovnha_now(), patience_ms);
        }
        look_again_later();
    } while (status != OVNHA_NORTHD_ABSENT &&
             !ovnha_deadline_passed(earlier(stuck_at, deadline), ovnha_now()));
    return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "ovn-northd is %s, not %s",
                      ovnha_northd_status_to_str(status),
                      ovnha_northd_status_to_str(wanted));
}

enum ovnha_result ovnha_run_northd_await(const struct ovnha_context *context,
                                         ovnha_msec deadline, struct ovnha_err *err)
{
    return await(context, OVNHA_NORTHD_ACTIVE, LOAD_MS, deadline, err);
}

/*
 * What is done to it.
 */

enum ovnha_result ovnha_run_northd_start(const struct ovnha_context *context,
                                         ovnha_msec deadline, struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_northd(context);
    struct ovnha_daemon daemon;
    const enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(context, &paths, &daemon, err);

    return result == OVNHA_OK ? ovnha_ovn_ctl_start_northd(context, false, deadline, err)
                              : result;
}

/* A wrapper around ovn-ctl may have log options of its own, and lose ours. */
static enum ovnha_result refuse_unpaused(const struct ovnha_context *context,
                                         ovnha_msec deadline, struct ovnha_err *err)
{
    struct ovnha_err first = *err;
    const enum ovnha_result result = ovnha_run_northd_stop(context, deadline, err);

    return result == OVNHA_OK ? ovnha_fail(err, OVNHA_ERR_REFUSED,
                                           "does not start paused: %s", first.text)
                              : result;
}

enum ovnha_result ovnha_run_northd_start_paused(const struct ovnha_context *context,
                                                ovnha_msec deadline,
                                                struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_northd(context);
    struct ovnha_daemon daemon;
    enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(context, &paths, &daemon, err);

    if (result != OVNHA_OK || daemon.presence != OVNHA_PRESENCE_ABSENT) {
        return result;
    }
    result = ovnha_ovn_ctl_start_northd(context, true, deadline, err);
    if (result != OVNHA_OK) {
        return result;
    }
    result = await(context, OVNHA_NORTHD_PAUSED, RESUME_MS, deadline, err);
    return result == OVNHA_OK ? OVNHA_OK : refuse_unpaused(context, deadline, err);
}

/* It says that it is paused before it lets its lock go, when it wakes up the next time.
 * The server has to hear that while it is writable: OVS 3.1 refuses it afterwards, and
 * northd waits for the answer for ever. */
static enum ovnha_result await_unlock(const struct ovnha_context *context,
                                      ovnha_msec deadline, struct ovnha_err *err)
{
    struct ovnha_ovsdb *db = NULL;
    bool is_free = false;
    enum ovnha_result result =
        ovnha_ovsdb_open(southbound_socket(context), deadline, &db, err);

    while (result == OVNHA_OK && !is_free) {
        result = ovnha_ovsdb_lock_is_free(db, LOCK, &is_free, deadline, err);
        if (result == OVNHA_OK && !is_free) {
            if (ovnha_deadline_passed(deadline, ovnha_now())) {
                result = ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                                    "ovn-northd is paused and keeps its lock");
            }
            look_again_later();
            (void)ovnha_run_northd_look(context, deadline, NULL);
        }
    }
    ovnha_ovsdb_close(db);
    return result;
}

enum ovnha_result ovnha_run_northd_pause(const struct ovnha_context *context,
                                         ovnha_msec deadline, struct ovnha_err *err)
{
    const ovnha_msec soon = in_ms(ANSWER_MS, deadline);
    enum ovnha_result result;
    struct ovnha_err ignored;
    pid_t pid;

    (void)ovnha_run_northd_look(context, soon, &pid);
    tell(context, pid, "pause", soon);
    result = await(context, OVNHA_NORTHD_PAUSED, RESUME_MS, soon, err);
    if (result == OVNHA_OK) {
        result = await_unlock(context, soon, err);
    }
    if (result != OVNHA_OK &&
        ovnha_run_northd_stop(context, deadline, &ignored) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "ovn-northd: %s", ignored.text);
    }
    return result;
}

static enum ovnha_result start_anew(const struct ovnha_context *context,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    ovnha_log(LOG_WARNING, "%s: it is started anew", err->text);
    const enum ovnha_result result = ovnha_run_northd_stop(context, deadline, err);

    return result == OVNHA_OK ? ovnha_run_northd_start(context, deadline, err) : result;
}

enum ovnha_result ovnha_run_northd_resume(const struct ovnha_context *context,
                                          ovnha_msec deadline, struct ovnha_err *err)
{
    pid_t pid;
    const enum ovnha_northd_status status =
        ovnha_run_northd_look(context, in_ms(ANSWER_MS, deadline), &pid);

    if (status == OVNHA_NORTHD_PAUSED || status == OVNHA_NORTHD_SILENT) {
        tell(context, pid, "resume", in_ms(ANSWER_MS, deadline));
    }
    if (await(context, OVNHA_NORTHD_ACTIVE, RESUME_MS, deadline, err) == OVNHA_OK) {
        return OVNHA_OK;
    }
    return start_anew(context, deadline, err);
}

/* One that says nothing would only keep us waiting; it has nothing to lose. */
static void end_by_itself(const struct ovnha_context *context, ovnha_msec deadline)
{
    const struct ovnha_daemon_paths paths = ovnha_context_northd(context);
    char control[OVNHA_PATH_SIZE];
    struct ovnha_err err;
    pid_t pid;
    const enum ovnha_northd_status status =
        ovnha_run_northd_look(context, in_ms(ANSWER_MS, deadline), &pid);

    if (pid <= 0) {
        return;
    }
    ovnha_run_northd_control(context, pid, control);
    if (status != OVNHA_NORTHD_SILENT) {
        ovnha_daemons_ask_to_exit(control, "ovn-northd", deadline);
        return;
    }
    ovnha_log(LOG_WARNING, "ovn-northd (pid %d) does not answer: it is ended", (int)pid);
    if (ovnha_daemon_end(&paths, pid, in_ms(TERM_MS, deadline), deadline, &err) !=
        OVNHA_OK) {
        ovnha_log(LOG_WARNING, "ovn-northd: %s", err.text);
    }
    unlink(control);
}

enum ovnha_result ovnha_run_northd_stop(const struct ovnha_context *context,
                                        ovnha_msec deadline, struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_northd(context);
    struct ovnha_daemon daemon;
    struct ovnha_err first;

    end_by_itself(context, deadline);
    const enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(context, &paths, &daemon, err);

    if (result != OVNHA_OK || daemon.presence == OVNHA_PRESENCE_ABSENT) {
        return result;
    }
    if (ovnha_ovn_ctl_stop_northd(
            context, ovnha_deadline_part(deadline, ovnha_now(), OVN_CTL_STOP_PERCENT),
            &first) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "ovn-northd: %s", first.text);
    }
    return ovnha_daemons_end(context, &paths, "ovn-northd", err);
}

/*
 * Taking turns.
 */

int ovnha_run_northd_lock(const struct ovnha_context *context, ovnha_msec deadline)
{
    char path[OVNHA_PATH_SIZE];

    snprintf(path, sizeof path, "%.*s/northd.lock", (int)sizeof path - 16,
             context->paths.state_dir);
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    while (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            close(lock);
            return -1;
        }
        look_again_later();
    }
    return lock;
}

void ovnha_run_northd_unlock(int lock)
{
    if (lock >= 0) {
        close(lock);
    }
}

/*
 * What it costs.
 */

/* What tells a program from the one of another package: "INODE SIZE MTIME". */
static bool identify(const char *path, char text[96])
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return false;
    }
    snprintf(text, 96, "%llu %lld %lld", (unsigned long long)st.st_ino,
             (long long)st.st_size, (long long)st.st_mtime);
    return true;
}

static void costly_path(const struct ovnha_context *context, char path[OVNHA_PATH_SIZE])
{
    snprintf(path, OVNHA_PATH_SIZE, "%.*s/northd-costly", OVNHA_PATH_SIZE - 16,
             context->paths.state_dir);
}

/* One that cannot be looked at any more has not been seen to change. */
bool ovnha_run_northd_is_costly(const struct ovnha_context *context)
{
    char path[OVNHA_PATH_SIZE], program[PATH_MAX] = "", noted[96] = "", now[96];

    costly_path(context, path);
    FILE *file = fopen(path, "re");

    if (!file) {
        return false;
    }
    const bool read = fgets(program, sizeof program, file) && fgets(noted, 96, file);

    fclose(file);
    program[strcspn(program, "\n")] = '\0';
    noted[strcspn(noted, "\n")] = '\0';
    return read && (!identify(program, now) || strcmp(noted, now) == 0);
}

static bool write_note(const char *path, const char *program, const char *identity)
{
    FILE *file = fopen(path, "we");

    if (!file) {
        return false;
    }
    const bool written = fprintf(file, "%s\n%s\n", program, identity) >= 0;

    return fclose(file) == 0 && written;
}

enum ovnha_result ovnha_run_northd_note_costly(const struct ovnha_context *context,
                                               pid_t pid, struct ovnha_err *err)
{
    char path[OVNHA_PATH_SIZE], exe[64], program[PATH_MAX], identity[96];

    snprintf(exe, sizeof exe, "/proc/%d/exe", (int)pid);
    const ssize_t length = readlink(exe, program, sizeof program - 1);

    if (length < 0 || !identify(exe, identity)) {
        return ovnha_fail_errno(err, errno, "cannot find the program of process %d",
                                (int)pid);
    }
    program[length] = '\0';
    costly_path(context, path);
    return write_note(path, program, identity)
               ? OVNHA_OK
               : ovnha_fail_errno(err, errno, "cannot write %s", path);
}

enum ovnha_result ovnha_run_northd_forget_costly(const struct ovnha_context *context,
                                                 struct ovnha_err *err)
{
    char path[OVNHA_PATH_SIZE];

    costly_path(context, path);
    return unlink(path) == 0 || errno == ENOENT
               ? OVNHA_OK
               : ovnha_fail_errno(err, errno, "cannot remove %s", path);
}
