/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_LOCK_FILE_H
#define OVNHA_AGENT_LOCK_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "context.h"

/* A file in the resource's runtime directory, and POSIX locks on its bytes.
 *
 * The kernel knows who holds one, and lets go of it when he ends, however he does; also
 * when a process that holds one closes the file by any other descriptor, so no one opens
 * it twice. */

/* Who only looks makes nothing.  OVNHA_ERR_MISSING when there is no such file then. */
enum ovnha_result ovnha_lock_file_open(const struct ovnha_context *context,
                                       const char *name, bool make, int *fd,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* Without waiting: false when another process holds it. */
bool ovnha_lock_file_take(int fd, int byte);

/* 0: nobody else; -1: somebody whom we cannot see. */
pid_t ovnha_lock_file_holder(int fd, int byte);

/* A pidfd of whoever holds it, for the caller to close; -1: nobody does, or nobody whom
 * we can see. */
int ovnha_lock_file_pin(int fd, int byte, pid_t *pid);

#endif
