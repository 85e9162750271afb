/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_LOOP_H
#define OVNHA_AGENT_RESIDENT_LOOP_H

/* The event loop: what is done at every turn, and when the next one is. */

struct resident;

/* Look at everything, and do what follows from it. */
void ovnha_resident_turn(struct resident *r);

/* Take a turn soon, once, when what has come is taken in. */
void ovnha_resident_wake(struct resident *r);

#endif
