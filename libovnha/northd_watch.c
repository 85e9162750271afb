/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/northd_watch.h>

bool ovnha_northd_hangs(struct ovnha_northd_pulse *pulse, bool answered, uint64_t used_ms,
                        ovnha_msec now)
{
    if (answered || used_ms != pulse->used_ms || pulse->since == 0) {
        pulse->since = now;
        pulse->used_ms = used_ms;
        return false;
    }
    return now - pulse->since >= OVNHA_NORTHD_HANGS_MS;
}

static bool window_was_costly(const struct ovnha_northd_cost *cost, uint64_t used_ms,
                              ovnha_msec now)
{
    return (used_ms - cost->used_ms) * 100 >
           (uint64_t)(now - cost->began) * OVNHA_NORTHD_COST_PERCENT;
}

bool ovnha_northd_costs(struct ovnha_northd_cost *cost, uint64_t used_ms, ovnha_msec now)
{
    if (cost->began != 0 && now - cost->began < OVNHA_NORTHD_WINDOW_MS) {
        return false;
    }
    if (cost->began != 0) {
        cost->costly = window_was_costly(cost, used_ms, now) ? cost->costly + 1 : 0;
    }
    cost->began = now;
    cost->used_ms = used_ms;
    return cost->costly >= OVNHA_NORTHD_WINDOWS;
}

bool ovnha_northd_try(struct ovnha_northd_tries *tries, ovnha_msec now)
{
    ovnha_msec *oldest = &tries->at[tries->next];

    if (*oldest != 0 && now - *oldest < OVNHA_NORTHD_TRIES_MS) {
        return false;
    }
    *oldest = now;
    tries->next = (tries->next + 1) % OVNHA_NORTHD_TRIES;
    return true;
}
