/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_POLICY_H
#define OVNHA_AGENT_RESIDENT_POLICY_H

#include <stdbool.h>

#include <ovnha/deadline.h>
#include <ovnha/facts.h>

/* What the cluster's configuration says, read ahead: the loss of quorum is no time to
 * find the CIB slow. */

struct resident;

struct resident_policy {
    bool unmanaged;     /* nobody is promoted here; when it was last read */
    ovnha_msec due;     /* the next reading */
    char no_quorum[32]; /* no-quorum-policy; "" is its default, stop */
    char former_active[OVNHA_NODE_SIZE]; /* of the agent that comes with OVN */
};

void ovnha_resident_read_policy(struct resident *r);
/* The same where it is due: the active reads it every few seconds. */
void ovnha_resident_keep_policy(struct resident *r);
/* As the CIB has it now; while that does not answer, as it was when it last did. */
bool ovnha_resident_is_managed(struct resident *r);
/* Only a first start asks: a node with a record needs none. */
void ovnha_resident_read_former_active(struct resident *r);

#endif
