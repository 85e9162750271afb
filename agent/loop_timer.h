/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_LOOP_TIMER_H
#define OVNHA_AGENT_LOOP_TIMER_H

#include <qb/qbloop.h>

#include <ovnha/err.h>

/* A timer of a loop that sleeps until its time has come, for what comes again and again.
 *
 * libqb's own timers sleep for whole milliseconds, rounded down, and have the loop turn
 * round and round for what is left: half a millisecond of a processor each time. */

struct ovnha_loop_timer;

/* It is not set yet. */
enum ovnha_result ovnha_loop_timer_open(qb_loop_t *loop, void (*expired)(void *aux),
                                        void *aux, struct ovnha_loop_timer **timer,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

/* Once, in `ms`; 0 is at the loop's next turn.  What it was set to before is forgotten.
 */
void ovnha_loop_timer_set(struct ovnha_loop_timer *timer, int ms);

/* NULL is none. */
void ovnha_loop_timer_close(struct ovnha_loop_timer *timer);

#endif
