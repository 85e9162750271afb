/* SPDX-License-Identifier: Apache-2.0 */
#include "lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovnha/process_handle.h>

enum ovnha_result ovnha_lock_file_open(const struct ovnha_context *context,
                                       const char *name, bool make, int *fd,
                                       struct ovnha_err *err)
{
    char path[OVNHA_PATH_SIZE];

    snprintf(path, sizeof path, "%.240s/%s", context->paths.state_dir, name);
    if (make) {
        (void)mkdir(context->invocation->state_dir, 0755);
        (void)mkdir(context->paths.state_dir, 0755);
    }
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0600);
    if (*fd >= 0) {
        return OVNHA_OK;
    }
    const bool missing = errno == ENOENT;
    const enum ovnha_result result = ovnha_fail_errno(err, errno, "cannot open %s", path);

    return missing ? OVNHA_ERR_MISSING : result;
}

static struct flock lock_of(int byte)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

bool ovnha_lock_file_take(int fd, int byte)
{
    struct flock wanted = lock_of(byte);

    return fcntl(fd, F_SETLK, &wanted) == 0;
}

pid_t ovnha_lock_file_holder(int fd, int byte)
{
    struct flock wanted = lock_of(byte);

    if (fcntl(fd, F_GETLK, &wanted) != 0 || wanted.l_type == F_UNLCK) {
        return 0;
    }
    return wanted.l_pid > 0 ? wanted.l_pid : -1;
}

/* He is asked for again once he cannot be another process any more. */
int ovnha_lock_file_pin(int fd, int byte, pid_t *pid)
{
    int pidfd;

    *pid = ovnha_lock_file_holder(fd, byte);
    if (*pid <= 0) {
        return -1;
    }
    pidfd = ovnha_process_pin(*pid);
    if (pidfd >= 0 && ovnha_lock_file_holder(fd, byte) != *pid) {
        close(pidfd);
        return -1;
    }
    return pidfd;
}
