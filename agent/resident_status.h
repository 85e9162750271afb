/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_STATUS_H
#define OVNHA_AGENT_RESIDENT_STATUS_H

#include "control_server.h"

struct resident;

/* Answers with all that `ovnha status` and a start want to know, as JSON. */
void ovnha_resident_say_status(struct resident *r, struct ovnha_request *request);

#endif
