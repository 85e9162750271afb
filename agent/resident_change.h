/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_CHANGE_H
#define OVNHA_AGENT_RESIDENT_CHANGE_H

struct resident;

/* When and why this node was promoted last, in r->change: noted as the generation is
 * opened, and read back when a helper begins. */
void ovnha_resident_note_change(struct resident *r);
void ovnha_resident_load_change(struct resident *r);

#endif
