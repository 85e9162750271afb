/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_UNBROKEN_H
#define OVNHA_AGENT_RESIDENT_UNBROKEN_H

#include <stdbool.h>

/* Whether the host has lost power since the copy was confirmed. */

struct resident;

void ovnha_resident_load_unbroken(struct resident *r);
void ovnha_resident_set_unbroken(struct resident *r, bool unbroken);
/* Say whether it is a candidate that outranks those that have; by r->facts.lineage. */
void ovnha_resident_stand(struct resident *r);

#endif
