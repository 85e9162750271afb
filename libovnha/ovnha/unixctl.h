/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_UNIXCTL_H
#define OVNHA_UNIXCTL_H

#include <stddef.h>
#include <sys/types.h>

#include <ovnha/deadline.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A client of the control socket of ovsdb-server and ovn-northd (what
 * ovs-appctl(8) speaks): JSON-RPC requests with string arguments, answered in
 * order.  Several commands may be sent in one buffer: the server runs them
 * without anything in between, which is what a retarget of a replica needs. */

struct ovnha_unixctl;

struct ovnha_unixctl_command {
    const char *method;  /* "ovsdb-server/sync-status" */
    const char *args[4]; /* NULL-terminated when fewer */
};

/* Connect.  OVNHA_ERR_UNAVAILABLE when the socket is absent or nobody listens
 * (ENOENT, ECONNREFUSED): no server, for sure.  OVNHA_ERR_TIMEOUT when its
 * backlog is full. */
enum ovnha_result ovnha_unixctl_open(const char *path, ovnha_msec deadline,
                                     struct ovnha_unixctl **ctl,
                                     struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_unixctl_close(struct ovnha_unixctl *ctl);

/* The process that listens (SO_PEERCRED), or 0 when it is in a pid namespace
 * that cannot be seen from here. */
pid_t ovnha_unixctl_peer(const struct ovnha_unixctl *ctl);

/* Send `n` commands in one buffer and wait for their replies.  replies[i] is
 * the text of the i-th result, malloc'ed, for the caller to free; on failure
 * the replies that came are there and the others NULL.  A command that the
 * server answered with an error ends the call with OVNHA_ERR_REFUSED and the
 * server's text, after all replies were read.  A client that met OVNHA_ERR_TIMEOUT
 * may be used again: late replies are known and passed over. */
enum ovnha_result ovnha_unixctl_run(struct ovnha_unixctl *ctl,
                                    const struct ovnha_unixctl_command *commands,
                                    size_t n, char **replies, ovnha_msec deadline,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* Send them, and wait for nothing: they are carried out even if the caller has hung up
 * by then, unless the server ends before. */
enum ovnha_result ovnha_unixctl_send(struct ovnha_unixctl *ctl,
                                     const struct ovnha_unixctl_command *commands,
                                     size_t n, ovnha_msec deadline,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
