/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CHILD_H
#define OVNHA_AGENT_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/err.h>

/* A child for what may block for long: a disk that does not answer, a server that is
 * busy.  A child and not a thread: a thread in a system call that does not return would
 * keep the helper's sockets and its membership alive, whoever ends it; a child keeps
 * nothing but `fd`. */

struct ovnha_child {
    pid_t pid; /* 0: there is none */
    int fd;    /* our end of a pair of sockets; closed when we are gone, too */
};

/* `work` runs in the child, which ends with it.  It must not log: what the log writes to
 * is closed. */
enum ovnha_result ovnha_child_start(struct ovnha_child *child, const char *name,
                                    void (*work)(int fd, void *aux), void *aux,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* Whether it has not ended yet.  The descriptor stays, for what it left to be read. */
bool ovnha_child_runs(struct ovnha_child *child);

/* Wait for its end: of one that is known to be at it. */
void ovnha_child_end(struct ovnha_child *child);

/* Let go of it: a child that waits for us ends, one that cannot is not waited for. */
void ovnha_child_release(struct ovnha_child *child);

#endif
