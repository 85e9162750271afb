/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBOVNHA_PROCESS_HANDLE_H
#define LIBOVNHA_PROCESS_HANDLE_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/deadline.h>

/* Internal: a process by its pidfd, so that a pid that was given to another
 * process meanwhile is never waited for or signalled (Linux 5.3).  Not by the
 * libc's wrappers, which are younger than the libraries we run with. */
#pragma GCC visibility push(hidden)

/* A pidfd (close-on-exec), or -1 with errno (ESRCH: there is no such process). */
int process_pin(pid_t pid);

/* 0, or -1 with errno (ESRCH: it is gone). */
int process_signal(int pidfd, int signal);

/* 1 when it has ended (a zombie has), 0 at the deadline, -1 with errno. */
int process_wait(int pidfd, ovnha_msec deadline);

#pragma GCC visibility pop
#endif
