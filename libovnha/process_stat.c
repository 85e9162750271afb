/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/process_stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The numbers of the fields are proc_pid_stat(5)'s: 3 state, 4 ppid, 14 utime, 15 stime,
 * 22 starttime. */
bool ovnha_process_stat_parse(const char *text, struct ovnha_process_stat *stat)
{
    const char *after_name = strrchr(text, ')');
    uint64_t user, system;
    int parent;

    if (!after_name ||
        sscanf(after_name + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
               " %*d %*d %*d %*d %*d %*d %" SCNu64,
               &stat->state, &parent, &user, &system, &stat->started) != 5) {
        return false;
    }
    stat->parent = parent;
    stat->ticks = user + system;
    return true;
}

static enum ovnha_result read_stat(const char *path, struct ovnha_process_stat *stat,
                                   struct ovnha_err *err)
{
    char text[1024];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    const int errnum = errno;

    if (fd >= 0) {
        close(fd);
    }
    if (length < 0) {
        return ovnha_fail_errno(err, errnum, "cannot read %s", path);
    }
    text[length] = '\0';
    return ovnha_process_stat_parse(text, stat)
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_PROTOCOL, "cannot understand %s", path);
}

enum ovnha_result ovnha_process_stat_read(pid_t pid, struct ovnha_process_stat *stat,
                                          struct ovnha_err *err)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    return read_stat(path, stat, err);
}

enum ovnha_result ovnha_process_stat_read_main_thread(pid_t pid,
                                                      struct ovnha_process_stat *stat,
                                                      struct ovnha_err *err)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)pid);
    return read_stat(path, stat, err);
}
