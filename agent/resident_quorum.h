/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_QUORUM_H
#define OVNHA_AGENT_RESIDENT_QUORUM_H

#include <ovnha/err.h>
#include <ovnha/facts.h>

/* Quorum, as corosync tells it; who is a member of the cluster comes with it. */

struct resident;

/* From here on the loop wakes up when it changes. */
enum ovnha_result ovnha_resident_watch_quorum(struct resident *r,
                                              struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_resident_leave_quorum(struct resident *r);

/* Whether this node may act as one of a quorate partition: when it is, or when the
 * cluster's no-quorum-policy is ignore. */
enum ovnha_tristate ovnha_resident_quorum(const struct resident *r);

#endif
