/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_STATUS_H
#define OVNHA_AGENT_RESIDENT_STATUS_H

#include <jansson.h>

struct resident;

/* What this helper knows of its own copy's right to be promoted: all that a start and the
 * commands of `ovnha` want to know. */
json_t *ovnha_resident_judgement_to_json(struct resident *r);

#endif
