/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/stall.h>

#include <string.h>

#include <ovnha/process_stat.h>

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

enum ovnha_result ovnha_stall_cpu_time(pid_t pid, uint64_t *ticks, struct ovnha_err *err)
{
    struct ovnha_process_stat stat = {.ticks = 0};
    const enum ovnha_result result = ovnha_process_stat_read_main_thread(pid, &stat, err);

    *ticks = stat.ticks;
    return result;
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
