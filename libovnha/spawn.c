/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/spawn.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ovnha/process_handle.h>

#include "wait.h"

/* Four things are waited for at once: the program's end (a pidfd), what it writes to
 * each of its one or two pipes, and somebody's wish to stop it.  Its end decides: then
 * the pipes are read as far as they are filled at that moment and left alone, whoever may
 * still hold them.
 *
 * The program leads a process group of its own.  Past the deadline the group is
 * ended while the program, even if dead, is not reaped yet: until then its pid,
 * and so the group's number, cannot be given to anybody else.
 *
 * The environment is handed on, with changes; nothing here acts upon it.
 *
 * posix_spawn(3) reports a failing exec at once, resets signals between fork and
 * exec, and is safe with threads. */

#define TERM_GRACE_MS 500 /* from TERM to KILL */
#define KILL_GRACE_MS 500 /* from KILL to giving up (uninterruptible sleep) */

extern char **environ;

/* Where what was read goes: the last bytes, or the first. */
struct sink {
    char *bytes;
    size_t size; /* with the NUL */
    size_t used;
    bool grows; /* from the heap, up to `limit` bytes */
    size_t limit;
    bool overflow; /* something was left out */
    bool no_memory;
};

struct source {
    int fd; /* the end that we read; -1 after the end of file */
    struct sink *sink;
};

struct child {
    pid_t pid;
    int pidfd;
    struct source sources[2];
    size_t n_sources;
    const char *name; /* argv[0] */
    int stop_fd;      /* -1: nobody stops it, or somebody has */
    bool stopped;
    int status;
};

/* Keep the last `size - 1` bytes. */
static void keep_tail(struct sink *sink, const char *bytes, size_t n)
{
    size_t room = sink->size - 1;
    size_t drop;

    if (n > room) {
        bytes += n - room;
        n = room;
    }
    drop = sink->used + n > room ? sink->used + n - room : 0;
    memmove(sink->bytes, sink->bytes + drop, sink->used - drop);
    memcpy(sink->bytes + sink->used - drop, bytes, n);
    sink->used += n - drop;
    sink->bytes[sink->used] = '\0';
}

static void keep_head(struct sink *sink, const char *bytes, size_t n)
{
    char *more;

    if (n > sink->limit - sink->used) {
        n = sink->limit - sink->used;
        sink->overflow = true;
    }
    if (sink->used + n >= sink->size) {
        size_t size = (sink->used + n) * 2 + 1;

        more = realloc(sink->bytes, size);
        if (!more) {
            sink->no_memory = true;
            return;
        }
        sink->bytes = more;
        sink->size = size;
    }
    memcpy(sink->bytes + sink->used, bytes, n);
    sink->used += n;
    sink->bytes[sink->used] = '\0';
}

/* Read once, at most `most` bytes, from a pipe that is known to have something:
 * nobody else reads it, so this does not block.  How many. */
static size_t drain_once(struct source *source, size_t most)
{
    char bytes[16384];
    ssize_t got = read(source->fd, bytes, most < sizeof bytes ? most : sizeof bytes);

    if (got < 0 && errno == EINTR) {
        return 0;
    }
    if (got <= 0) {
        close(source->fd);
        source->fd = -1;
        return 0;
    }
    if (source->sink->grows) {
        keep_head(source->sink, bytes, (size_t)got);
    } else {
        keep_tail(source->sink, bytes, (size_t)got);
    }
    return (size_t)got;
}

/* Read what is in the pipe now, and no more: a daemon may go on writing. */
static void drain_rest(struct source *source)
{
    int there = 0;

    if (source->fd < 0 || ioctl(source->fd, FIONREAD, &there) < 0) {
        return;
    }
    for (size_t left = there > 0 ? (size_t)there : 0; left > 0 && source->fd >= 0;) {
        size_t got = drain_once(source, left);

        if (got == 0) {
            return;
        }
        left -= got;
    }
}

/* --- environment ------------------------------------------------------------ */

static size_t count(const char *const *list)
{
    size_t n = 0;

    while (list && list[n]) {
        n++;
    }
    return n;
}

static bool is_dropped(const char *variable, const char *const *prefixes)
{
    for (; prefixes && *prefixes; prefixes++) {
        if (strncmp(variable, *prefixes, strlen(*prefixes)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_replaced(const char *variable, const char *const *add)
{
    size_t name = strcspn(variable, "=");

    for (; add && *add; add++) {
        if (strcspn(*add, "=") == name && strncmp(variable, *add, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A list of borrowed strings; the caller frees the list. */
static char **make_environment(const struct ovnha_spawn *spawn)
{
    size_t n_add = count(spawn->env_add);
    size_t n = 0;
    char **list = calloc(count((const char *const *)environ) + n_add + 1, sizeof *list);

    if (!list) {
        return NULL;
    }
    for (char **variable = environ; variable && *variable; variable++) {
        if (!is_dropped(*variable, spawn->env_drop) &&
            !is_replaced(*variable, spawn->env_add)) {
            list[n++] = *variable;
        }
    }
    for (size_t i = 0; i < n_add; i++) {
        list[n++] = (char *)spawn->env_add[i];
    }
    return list;
}

/* --- start ------------------------------------------------------------------ */

/* In this order it does not matter which descriptors the pipes got, even when ours
 * were closed: `out` is never 0, and `errors` is 1 only when it is `out`. */
static int plan_descriptors(posix_spawn_file_actions_t *actions, int out, int errors)
{
    int errnum = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (!errnum) {
        errnum = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
    }
    if (!errnum) {
        errnum = posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
    }
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 34)
    /* A daemon would keep what we inherited by accident for its whole life. */
    if (!errnum) {
        errnum = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    }
#endif
#endif
    return errnum;
}

/* Own group, no signal blocked or ignored. */
static int plan_signals(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigset_t none;
    int errnum;

    sigfillset(&all);
    sigemptyset(&none);
    errnum = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                      POSIX_SPAWN_SETSIGDEF |
                                                      POSIX_SPAWN_SETSIGMASK);
    if (!errnum) {
        errnum = posix_spawnattr_setpgroup(attributes, 0);
    }
    if (!errnum) {
        errnum = posix_spawnattr_setsigdefault(attributes, &all);
    }
    return errnum ? errnum : posix_spawnattr_setsigmask(attributes, &none);
}

/* posix_spawnp(3) with its two objects around; errno's value. */
static int spawn_with(const struct ovnha_spawn *spawn, char **environment, int out,
                      int errors, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int errnum = posix_spawn_file_actions_init(&actions);

    if (errnum) {
        return errnum;
    }
    errnum = posix_spawnattr_init(&attributes);
    if (!errnum) {
        errnum = plan_descriptors(&actions, out, errors);
        if (!errnum) {
            errnum = plan_signals(&attributes);
        }
        if (!errnum) {
            errnum = posix_spawnp(pid, spawn->argv[0], &actions, &attributes,
                                  (char *const *)spawn->argv, environment);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return errnum;
}

static enum ovnha_result start_failure(const char *name, int errnum,
                                       struct ovnha_err *err)
{
    if (errnum == ENOMEM || errnum == EAGAIN || errnum == EMFILE || errnum == ENFILE) {
        return ovnha_fail_errno(err, errnum, "cannot start %s", name);
    }
    return ovnha_fail(err, OVNHA_ERR_MISSING, "cannot execute %s: %s", name,
                      strerror(errnum));
}

static enum ovnha_result spawn_into(const struct ovnha_spawn *spawn, int out, int errors,
                                    struct child *child, struct ovnha_err *err)
{
    char **environment = make_environment(spawn);
    int errnum;

    if (!environment) {
        return start_failure(child->name, ENOMEM, err);
    }
    errnum = spawn_with(spawn, environment, out, errors, &child->pid);
    free(environment);
    if (errnum) {
        return start_failure(child->name, errnum, err);
    }
    child->pidfd = ovnha_process_pin(child->pid);
    if (child->pidfd < 0) {
        errnum = errno;
        if (errnum != ESRCH) { /* else SIGCHLD is ignored, and it ended already */
            (void)kill(-child->pid, SIGKILL);
            (void)waitpid(child->pid, NULL, 0);
        }
        return ovnha_fail_errno(err, errnum, "cannot watch %s", child->name);
    }
    return OVNHA_OK;
}

static void close_sources(struct child *child)
{
    for (size_t i = 0; i < child->n_sources; i++) {
        if (child->sources[i].fd >= 0) {
            close(child->sources[i].fd);
        }
    }
}

/* One pipe for both streams, or one each. */
static enum ovnha_result start(const struct ovnha_spawn *spawn, struct child *child,
                               struct ovnha_err *err)
{
    int pipes[2][2];
    enum ovnha_result result = OVNHA_OK;
    size_t made = 0;

    while (!result && made < child->n_sources) {
        if (pipe2(pipes[made], O_CLOEXEC) < 0) {
            result =
                ovnha_fail_errno(err, errno, "cannot make a pipe for %s", child->name);
        } else {
            child->sources[made].fd = pipes[made][0];
            made++;
        }
    }
    if (!result) {
        result = spawn_into(spawn, pipes[0][1], pipes[made - 1][1], child, err);
    }
    for (size_t i = 0; i < made; i++) {
        close(pipes[i][1]);
    }
    if (result) {
        close_sources(child);
    }
    return result;
}

/* --- to the end ------------------------------------------------------------- */

/* Serve the pipes until the program ends: 1; or 0 at the deadline and when it is to be
 * stopped, -1 and errno. */
static int attend(struct child *child, ovnha_msec deadline)
{
    for (;;) {
        struct pollfd fds[4] = {{.fd = child->pidfd, .events = POLLIN},
                                {.fd = child->stop_fd, .events = POLLIN}};
        int ready;

        for (size_t i = 0; i < child->n_sources; i++) {
            fds[i + 2].fd = child->sources[i].fd; /* poll(2) passes over -1 */
            fds[i + 2].events = POLLIN;
        }
        ready = wait_for_fds(fds, 2 + child->n_sources, deadline);
        if (ready <= 0 || fds[0].revents) {
            return ready <= 0 ? ready : 1;
        }
        if (fds[1].revents) {
            child->stopped = true;
            child->stop_fd = -1;
            return 0;
        }
        for (size_t i = 0; i < child->n_sources; i++) {
            if (fds[i + 2].revents) {
                (void)drain_once(&child->sources[i], SIZE_MAX);
            }
        }
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            return 0; /* one that writes without end is not waited for either */
        }
    }
}

/* TERM and KILL for the group.  The others in it may outlive its leader, so KILL
 * follows in any case. */
static int end_group(struct child *child)
{
    int ended;

    (void)kill(-child->pid, SIGTERM);
    ended = attend(child, ovnha_deadline_after(ovnha_now(), TERM_GRACE_MS));
    (void)kill(-child->pid, SIGKILL);
    if (ended != 1) {
        ended = attend(child, ovnha_deadline_after(ovnha_now(), KILL_GRACE_MS));
    }
    return ended;
}

static enum ovnha_result reap(struct child *child, struct ovnha_err *err)
{
    pid_t reaped;

    do {
        reaped = waitpid(child->pid, &child->status, 0);
    } while (reaped < 0 && errno == EINTR);
    return reaped < 0
               ? ovnha_fail_errno(err, errno, "cannot learn how %s ended", child->name)
               : OVNHA_OK;
}

/* Attend, end, reap; OVNHA_OK when the program ended by itself. */
static enum ovnha_result run_to_end(struct child *child, ovnha_msec deadline,
                                    struct ovnha_err *err)
{
    int ended = attend(child, deadline);
    int errnum = errno;
    enum ovnha_result result = OVNHA_OK;

    if (ended == 0) {
        result = ovnha_fail(err, OVNHA_ERR_TIMEOUT, "%s %s", child->name,
                            child->stopped ? "was interrupted" : "did not end in time");
    } else if (ended < 0) {
        result = ovnha_fail_errno(err, errnum, "cannot wait for %s", child->name);
    }
    if (ended != 1) {
        ended = end_group(child);
    }
    for (size_t i = 0; i < child->n_sources; i++) {
        drain_rest(&child->sources[i]);
    }
    if (ended == 1) {
        enum ovnha_result reaped = reap(child, result ? NULL : err);

        result = result ? result : reaped;
    }
    close(child->pidfd);
    close_sources(child);
    return result;
}

static const char *last_line(const struct sink *sink, size_t *length)
{
    size_t end = sink->used;
    size_t start;

    while (end > 0 && strchr(" \t\r\n", sink->bytes[end - 1])) {
        end--;
    }
    for (start = end; start > 0 && sink->bytes[start - 1] != '\n';) {
        start--;
    }
    *length = end - start;
    return sink->bytes + start;
}

static void add_last_line(const struct sink *sink, struct ovnha_err *err)
{
    struct ovnha_err before;
    size_t length;
    const char *line = last_line(sink, &length);

    if (err && length > 0) {
        before = *err;
        (void)ovnha_fail(err, OVNHA_OK, "%s: %.*s", before.text, (int)length, line);
    }
}

/* What the exit status means to the caller. */
static enum ovnha_result judge(const struct child *child, struct ovnha_err *err)
{
    if (WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0) {
        return OVNHA_OK;
    }
    if (WIFSIGNALED(child->status)) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s was ended by signal %d (%s)",
                          child->name, WTERMSIG(child->status),
                          strsignal(WTERMSIG(child->status)));
    }
    return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s failed with exit code %d", child->name,
                      WEXITSTATUS(child->status));
}

static enum ovnha_result run(const struct ovnha_spawn *spawn, struct child *child,
                             const struct sink *words, ovnha_msec deadline,
                             struct ovnha_err *err)
{
    enum ovnha_result result;

    child->name = spawn->argv[0];
    child->stop_fd = spawn->stop_fd > 0 ? spawn->stop_fd : -1;
    result = start(spawn, child, err);
    if (result) {
        return result;
    }
    result = run_to_end(child, deadline, err);
    if (!result) {
        result = judge(child, err);
    }
    if (result) {
        add_last_line(words, err);
    }
    return result;
}

enum ovnha_result ovnha_spawn_run(const struct ovnha_spawn *spawn,
                                  struct ovnha_spawn_result *result, ovnha_msec deadline,
                                  struct ovnha_err *err)
{
    struct sink both = {.bytes = result->output, .size = sizeof result->output};
    struct child child = {.sources = {{-1, &both}}, .n_sources = 1};
    enum ovnha_result outcome;

    result->output[0] = '\0';
    outcome = run(spawn, &child, &both, deadline, err);
    result->status = child.status;
    return outcome;
}

enum ovnha_result ovnha_spawn_capture(const struct ovnha_spawn *spawn, char **output,
                                      size_t limit, ovnha_msec deadline,
                                      struct ovnha_err *err)
{
    char words[OVNHA_SPAWN_OUTPUT] = "";
    struct sink errors = {.bytes = words, .size = sizeof words};
    struct sink out = {.grows = true, .limit = limit};
    struct child child = {.sources = {{-1, &out}, {-1, &errors}}, .n_sources = 2};
    enum ovnha_result result = run(spawn, &child, &errors, deadline, err);

    *output = NULL;
    if (!result && out.overflow) {
        result = ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s printed more than %zu bytes",
                            child.name, limit);
    }
    if (!result && !out.bytes) {
        out.bytes = calloc(1, 1);
    }
    if (!result && (out.no_memory || !out.bytes)) {
        result = ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory for the output of %s",
                            child.name);
    }
    if (result) {
        free(out.bytes);
        return result;
    }
    *output = out.bytes;
    return OVNHA_OK;
}
