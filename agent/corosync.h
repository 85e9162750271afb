/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_COROSYNC_H
#define OVNHA_AGENT_COROSYNC_H

#include <stdbool.h>

#include <ovnha/err.h>
#include <ovnha/facts.h>

/* What corosync knows, and how to call it.  On a Pacemaker Remote node and in a bundle
 * there is no corosync: OVNHA_ERR_UNAVAILABLE, and the caller does without.  One that is
 * merely busy is another matter (OVNHA_ERR_TIMEOUT): nobody may do without it then. */

/* The node list of corosync.conf as it runs, the whole of it: names and numeric addresses
 * of the first ring, at least one and at most OVNHA_NODES_MAX; a name that does not
 * resolve leaves its address "".  Blocks in the resolver when ring0_addr is a name. */
enum ovnha_result ovnha_corosync_nodes(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* True, after a pause of some milliseconds, when the call that returned `error` (a
 * cs_error_t) is to be made again: corosync is busy, mostly because members come or go.
 * *tries counts up from 0 and ends it after a second. */
bool ovnha_corosync_again(int error, int *tries);

/* "cannot DOING: ...", with the words of `error` (a cs_error_t).  OVNHA_ERR_UNAVAILABLE
 * when nobody listens, OVNHA_ERR_TIMEOUT when it was busy, else OVNHA_ERR_SYSTEM. */
enum ovnha_result ovnha_corosync_fail(struct ovnha_err *err, int error,
                                      const char *doing);

#endif
