/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void keep_only(int fd)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++) {
        dup2(null, i);
    }
    if (fd > STDERR_FILENO + 1) {
        close_range(STDERR_FILENO + 1, (unsigned)fd - 1, 0);
    }
    close_range((unsigned)fd + 1, UINT_MAX, 0);
}

enum ovnha_result ovnha_child_start(struct ovnha_child *child, const char *name,
                                    void (*work)(int fd, void *aux), void *aux,
                                    struct ovnha_err *err)
{
    int fds[2];

    child->pid = 0;
    child->fd = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        return ovnha_fail_errno(err, errno, "cannot make a pair of sockets");
    }
    child->pid = fork();
    if (child->pid == 0) {
        prctl(PR_SET_NAME, name);
        keep_only(fds[1]);
        work(fds[1], aux);
        _exit(0);
    }
    const int errnum = errno;

    close(fds[1]);
    if (child->pid < 0) {
        child->pid = 0;
        close(fds[0]);
        return ovnha_fail_errno(err, errnum, "cannot fork");
    }
    child->fd = fds[0];
    return OVNHA_OK;
}

bool ovnha_child_runs(struct ovnha_child *child)
{
    if (child->pid > 0 && waitpid(child->pid, NULL, WNOHANG) != 0) {
        child->pid = 0;
    }
    return child->pid > 0;
}

void ovnha_child_end(struct ovnha_child *child)
{
    while (child->pid > 0 && waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
    ovnha_child_release(child);
}

void ovnha_child_release(struct ovnha_child *child)
{
    if (child->fd >= 0) {
        close(child->fd);
    }
    child->fd = -1;
    (void)ovnha_child_runs(child);
    child->pid = 0;
}
