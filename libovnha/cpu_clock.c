/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/cpu_clock.h>

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
