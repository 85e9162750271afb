/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/stall.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *ovnha_stall_verdict_to_str(enum ovnha_stall_verdict verdict)
{
    switch (verdict) {
    case OVNHA_NOT_STALLED:
        return "not stalled";
    case OVNHA_STILL:
        return "still";
    case OVNHA_BUSY:
        return "busy";
    case OVNHA_HUNG:
        return "hung";
    }
    return "?";
}

/* proc(5): after the name in brackets, which may hold anything, the state is the third
 * field, and the 14th and the 15th are ticks in user and in system mode. */
static bool read_ticks(const char *text, uint64_t *ticks)
{
    const char *rest = strrchr(text, ')');
    uint64_t user, system;

    if (!rest ||
        sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
               &user, &system) != 2) {
        return false;
    }
    *ticks = user + system;
    return true;
}

enum ovnha_result ovnha_stall_cpu_time(pid_t pid, uint64_t *ticks, struct ovnha_err *err)
{
    char path[64], text[1024];

    *ticks = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    const int errnum = errno;

    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        return ovnha_fail_errno(err, errnum, "cannot read %s", path);
    }
    text[n] = '\0';
    return read_ticks(text, ticks)
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_PROTOCOL, "cannot understand %s", path);
}

static void begin(struct ovnha_stall *stall, pid_t pid, uint64_t cpu, ovnha_msec now)
{
    *stall = (struct ovnha_stall){
        .pid = pid, .cpu = cpu, .silent_since = now, .moved_at = now};
}

static enum ovnha_stall_verdict judge(const struct ovnha_stall *stall, ovnha_msec now)
{
    if (stall->pid <= 0) {
        return OVNHA_NOT_STALLED;
    }
    if (ovnha_deadline_passed(stall->moved_at + OVNHA_HUNG_MS, now) ||
        ovnha_deadline_passed(stall->silent_since + OVNHA_BUSY_MAX_MS, now)) {
        return OVNHA_HUNG;
    }
    return stall->moved_at > stall->silent_since ? OVNHA_BUSY : OVNHA_STILL;
}

enum ovnha_stall_verdict ovnha_stall_step(struct ovnha_stall *stall, pid_t pid,
                                          uint64_t cpu, ovnha_msec now)
{
    if (pid <= 0) {
        memset(stall, 0, sizeof *stall);
    } else if (stall->pid != pid) {
        begin(stall, pid, cpu, now);
    } else if (stall->cpu != cpu) {
        stall->cpu = cpu;
        stall->moved_at = now;
    }
    return judge(stall, now);
}

enum ovnha_stall_verdict ovnha_stall_resume(struct ovnha_stall *stall,
                                            const struct ovnha_stall *before,
                                            ovnha_msec now)
{
    if (stall->pid > 0 && stall->pid == before->pid) {
        stall->silent_since = before->silent_since;
        if (stall->cpu == before->cpu) {
            stall->moved_at = before->moved_at;
        }
    }
    return judge(stall, now);
}
