/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_NORTHD_WATCH_H
#define OVNHA_NORTHD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <ovnha/deadline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the resident helper makes of a northd that it looks at again and again: pure.  All
 * begin as zeros, and anew with every process; `used_ms` is its processor time. */

/* Busy is not hung: one that computes does not answer, and its clock goes on. */
#define OVNHA_NORTHD_HANGS_MS 5000

struct ovnha_northd_pulse {
    ovnha_msec since; /* it has neither answered nor worked; 0: not looked at yet */
    uint64_t used_ms;
};

/* `answered`: all that it was asked by now. */
bool ovnha_northd_hangs(struct ovnha_northd_pulse *pulse, bool answered, uint64_t used_ms,
                        ovnha_msec now);

/* A paused one costs too much when it takes more than 2 % of a processor in three windows
 * in a row: one alone may hold a load of the whole database, which is no rule. */
#define OVNHA_NORTHD_WINDOW_MS    20000
#define OVNHA_NORTHD_WINDOWS      3
#define OVNHA_NORTHD_COST_PERCENT 2

struct ovnha_northd_cost {
    ovnha_msec began; /* this window; 0: none has */
    uint64_t used_ms; /* by then */
    unsigned costly;  /* windows in a row */
};

bool ovnha_northd_costs(struct ovnha_northd_cost *cost, uint64_t used_ms, ovnha_msec now);

/* One that ends again and again is not started more often than this. */
#define OVNHA_NORTHD_TRIES    5
#define OVNHA_NORTHD_TRIES_MS 60000

struct ovnha_northd_tries {
    ovnha_msec at[OVNHA_NORTHD_TRIES]; /* a ring; 0: not yet */
    unsigned next;
};

/* Whether there may be another try now, which is noted then. */
bool ovnha_northd_try(struct ovnha_northd_tries *tries, ovnha_msec now);

#ifdef __cplusplus
}
#endif

#endif
