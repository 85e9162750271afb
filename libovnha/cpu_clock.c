/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/cpu_clock.h>

#include <time.h>
#include <unistd.h>

#include <ovnha/process_stat.h>

bool ovnha_cpu_clock_read(pid_t pid, struct ovnha_cpu_clock *clock)
{
    struct ovnha_process_stat stat;

    if (pid <= 0 || ovnha_process_stat_read(pid, &stat, NULL) != OVNHA_OK) {
        return false;
    }
    clock->started = stat.started;
    clock->used_ms = stat.ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
    return true;
}

/* In ticks, as /proc has it: what is less is no work. */
bool ovnha_cpu_clock_used(pid_t pid, uint64_t *used_ms)
{
    const uint64_t tick = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
    struct timespec time;
    clockid_t id;

    if (pid <= 0 || clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &time) != 0) {
        return false;
    }
    *used_ms =
        ((uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000) / tick * tick;
    return true;
}
