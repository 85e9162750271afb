/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_STAMP_H
#define OVNHA_CLI_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Points in time, as logs, Pacemaker's rules and people write them, and as we do.  Here
 * they are milliseconds since the epoch; what has no zone is local. */

struct ovnha_stamp {
    int64_t at;
    bool coarse; /* it has whole seconds only */
};

/* The one that the text begins with: "2026-11-21T16:58:40.123+01:00", with a blank for
 * the T, or less of it behind the seconds; or "Nov 21 16:58:40.123", which is of the last
 * year in which it is not after `now` by more than a day.  What follows it; NULL: there
 * is none. */
const char *ovnha_stamp_read(const char *text, time_t now, struct ovnha_stamp *stamp);

/* What a person says, all of the text: "2h" (or s, min, m, d: so long before `now`),
 * "09:30" of this day, "2026-01-31", "2026-01-31 09:30"; seconds may follow. */
bool ovnha_stamp_read_since(const char *text, time_t now, int64_t *at);

/* "2026-11-21 16:58:40Z", as Pacemaker's rules have it, and the same in local time. */
#define OVNHA_STAMP_SIZE 32

void ovnha_stamp_utc(int64_t at, char text[OVNHA_STAMP_SIZE]);
void ovnha_stamp_local(int64_t at, char text[OVNHA_STAMP_SIZE]);

#endif
