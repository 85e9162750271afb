/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_LOOP_H
#define OVNHA_AGENT_RESIDENT_LOOP_H

/* The event loop: what is done at every turn, and when the next one is. */

#include <ovnha/err.h>

struct resident;

/* Before anything can wake it. */
enum ovnha_result ovnha_resident_begin_turns(struct resident *r,
                                             struct ovnha_err *err) OVNHA_MUST_USE;

/* Look at everything, and do what follows from it. */
void ovnha_resident_turn(struct resident *r);

/* Take a turn soon, once, when what has come is taken in. */
void ovnha_resident_wake(struct resident *r);

#endif
