/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_DEADLINE_H
#define OVNHA_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A point on CLOCK_MONOTONIC in milliseconds.  Every wait takes one; it is made
 * once from the operation's own timeout and handed down.  Functions that decide
 * take `now` as an argument and never read the clock. */
typedef int64_t ovnha_msec;

ovnha_msec ovnha_now(void);

/* `now + timeout`, saturating. */
ovnha_msec ovnha_deadline_after(ovnha_msec now, ovnha_msec timeout);

/* What is left, never negative, clipped to what poll(2) takes. */
int ovnha_deadline_left(ovnha_msec deadline, ovnha_msec now);

bool ovnha_deadline_passed(ovnha_msec deadline, ovnha_msec now);

/* The point at `percent` of the way from `now` to `deadline`: a step that may
 * use part of the operation's time. */
ovnha_msec ovnha_deadline_part(ovnha_msec deadline, ovnha_msec now, int percent);

#ifdef __cplusplus
}
#endif

#endif
