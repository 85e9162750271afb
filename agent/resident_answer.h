/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_ANSWER_H
#define OVNHA_AGENT_RESIDENT_ANSWER_H

#include <jansson.h>

struct resident;

/* What this node says of itself when it is asked how it is. */
json_t *ovnha_resident_answer_to_json(const struct resident *r);

#endif
