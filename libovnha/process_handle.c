/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/process_handle.h>

#include <poll.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wait.h"

int ovnha_process_pin(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0); /* the kernel sets FD_CLOEXEC */
}

int ovnha_process_signal(int pidfd, int signal)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int ovnha_process_wait(int pidfd, ovnha_msec deadline)
{
    return wait_for_fd(pidfd, POLLIN, deadline);
}
