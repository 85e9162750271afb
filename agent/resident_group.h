/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_GROUP_H
#define OVNHA_AGENT_RESIDENT_GROUP_H

#include <stdint.h>

#include <jansson.h>

/* What helpers tell each other. */

struct resident;

/* Tell the group all about this node. */
void ovnha_resident_tell(struct resident *r);
/* Take in what another one tells. */
void ovnha_resident_hear(struct resident *r, uint32_t nodeid, json_t *message);
void ovnha_resident_lose(struct resident *r, uint32_t nodeid);

#endif
