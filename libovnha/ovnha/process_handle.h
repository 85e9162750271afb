/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_PROCESS_HANDLE_H
#define OVNHA_PROCESS_HANDLE_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/deadline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A process by its pidfd, so that a pid that was given to another process meanwhile is
 * never waited for or signalled (Linux 5.3).  Not by the libc's wrappers, which are
 * younger than the libraries we run with. */

/* A pidfd (close-on-exec) for the caller to close, or -1 with errno (ESRCH: there is no
 * such process). */
int ovnha_process_pin(pid_t pid);

/* 0, or -1 with errno (ESRCH: it is gone). */
int ovnha_process_signal(int pidfd, int signal);

/* 1 when it has ended (a zombie has), 0 at the deadline, -1 with errno. */
int ovnha_process_wait(int pidfd, ovnha_msec deadline);

#ifdef __cplusplus
}
#endif

#endif
