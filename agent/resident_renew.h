/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_RENEW_H
#define OVNHA_AGENT_RESIDENT_RENEW_H

#include "control_server.h"

/* A new generation of the active, without a move: attempted, then opened. */

struct resident;

void ovnha_resident_renew(struct resident *r, struct ovnha_request *request);
void ovnha_resident_renew_open(struct resident *r, struct ovnha_request *request);

#endif
