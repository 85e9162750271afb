/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_COROSYNC_H
#define OVNHA_COROSYNC_H

#include <ovnha/facts.h>

/* What corosync knows.  On a Pacemaker Remote node and in a bundle there is no
 * corosync: OVNHA_ERR_UNAVAILABLE, and the caller does without. */

/* The node list of corosync.conf as it runs: names and numeric addresses of the
 * first ring.  At most OVNHA_NODES_MAX; a name that does not resolve leaves its
 * address "". */
enum ovnha_result ovnha_corosync_nodes(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

#endif
