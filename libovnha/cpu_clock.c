/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/cpu_clock.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* proc_pid_stat(5): 14 utime, 15 stime, 22 starttime.  The name, in parentheses, may hold
 * anything; the third field comes after the last one. */
static bool parse(const char *stat, struct ovnha_cpu_clock *clock)
{
    const char *after_name = strrchr(stat, ')');
    uint64_t user, system;

    if (!after_name || sscanf(after_name + 1,
                              " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64
                              " %" SCNu64 " %*d %*d %*d %*d %*d %*d %" SCNu64,
                              &user, &system, &clock->started) != 3) {
        return false;
    }
    const uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);

    clock->used_ms = (user + system) * 1000 / hertz;
    return true;
}

bool ovnha_cpu_clock_read(pid_t pid, struct ovnha_cpu_clock *clock)
{
    char path[64], text[1024];

    if (pid <= 0) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

    if (fd >= 0) {
        close(fd);
    }
    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    return parse(text, clock);
}
