/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_ACCEPT_H
#define OVNHA_AGENT_RESIDENT_ACCEPT_H

#include "control_server.h"

/* A person's choice of this node's copy. */

struct resident;

void ovnha_resident_accept_loss(struct resident *r, struct ovnha_request *request);
/* What would be said against it, or "". */
void ovnha_resident_object_to_loss(struct resident *r, struct ovnha_request *request);

#endif
