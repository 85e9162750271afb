/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_PROMOTE_H
#define OVNHA_AGENT_RESIDENT_PROMOTE_H

#include "control_server.h"

/* A promotion's two records, each answered when it counts. */

struct resident;

void ovnha_resident_attempt(struct resident *r, struct ovnha_request *request);
void ovnha_resident_open(struct resident *r, struct ovnha_request *request);
void ovnha_resident_check_promotion(struct resident *r);

#endif
