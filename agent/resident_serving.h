/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_SERVING_H
#define OVNHA_AGENT_RESIDENT_SERVING_H

#include <stdbool.h>

/* Whether this copy serves, and whether it has lived through its generation. */

struct resident;

bool ovnha_resident_is_serving(const struct resident *r);
/* It did when all its servers last answered, and since then one says nothing.  Once a
 * move has begun, who is in sync is the handover's business. */
bool ovnha_resident_is_silent(const struct resident *r);
/* Either: a silent one is busy, or stands still, and the others acknowledge what they are
 * sent. */
bool ovnha_resident_may_acknowledge(const struct resident *r);

/* After a look. */
void ovnha_resident_remember_serving(struct resident *r);
void ovnha_resident_live_through(struct resident *r);
/* Tell the group where it has changed: a node without a record takes one only from who
 * serves. */
void ovnha_resident_tell_serving(struct resident *r);

#endif
