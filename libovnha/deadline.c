/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/deadline.h>

#include <limits.h>
#include <time.h>

ovnha_msec ovnha_now(void)
{
    struct timespec now = {0};

    /* Cannot fail: Linux always has this clock and `now` is ours. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (ovnha_msec)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

ovnha_msec ovnha_deadline_after(ovnha_msec now, ovnha_msec timeout)
{
    if (timeout > 0 && now > INT64_MAX - timeout) {
        return INT64_MAX;
    }
    if (timeout < 0 && now < INT64_MIN - timeout) {
        return INT64_MIN;
    }
    return now + timeout;
}

bool ovnha_deadline_passed(ovnha_msec deadline, ovnha_msec now)
{
    return now >= deadline;
}

/* `deadline - now` when that is positive; a difference of extremes saturates. */
static ovnha_msec span(ovnha_msec deadline, ovnha_msec now)
{
    if (ovnha_deadline_passed(deadline, now)) {
        return 0;
    }
    if (now < 0 && deadline > INT64_MAX + now) {
        return INT64_MAX;
    }
    return deadline - now;
}

int ovnha_deadline_left(ovnha_msec deadline, ovnha_msec now)
{
    ovnha_msec left = span(deadline, now);

    return left > INT_MAX ? INT_MAX : (int)left;
}

ovnha_msec ovnha_deadline_part(ovnha_msec deadline, ovnha_msec now, int percent)
{
    ovnha_msec left = span(deadline, now);

    if (percent >= 100 || left == 0) {
        return deadline;
    }
    if (percent <= 0) {
        return now;
    }
    /* Hundreds and rest apart: `left * percent` may overflow. */
    return now + left / 100 * percent + left % 100 * percent / 100;
}
