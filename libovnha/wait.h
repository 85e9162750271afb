/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBOVNHA_WAIT_H
#define LIBOVNHA_WAIT_H

#include <poll.h>

#include <ovnha/deadline.h>

/* Internal: poll(2) with a deadline. */
#pragma GCC visibility push(hidden)

/* How many of `fds` are ready; 0 when the deadline passed first (each is looked
 * at once in any case); -1 with errno.  Signals do not end the wait. */
int wait_for_fds(struct pollfd *fds, nfds_t n, ovnha_msec deadline);

/* The same for one descriptor. */
int wait_for_fd(int fd, short events, ovnha_msec deadline);

#pragma GCC visibility pop
#endif
