/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_LOOK_H
#define OVNHA_AGENT_RESIDENT_LOOK_H

/* Looks at the own servers and their marks, and follows the attachment: from the first
 * look at sessions with the active to the first look without. */

struct resident;

void ovnha_resident_look(struct resident *r);

#endif
