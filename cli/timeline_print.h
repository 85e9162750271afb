/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_TIMELINE_PRINT_H
#define OVNHA_CLI_TIMELINE_PRINT_H

#include <stdio.h>

#include <jansson.h>

#include "failover.h"

/* A failover for people, for programs, and as a picture in the look of
 * tests/bench/report. */

/* Without `all`, details are left out.  It ends with what the logs do not say. */
void ovnha_timeline_text(FILE *out, const struct ovnha_events *events,
                         const struct ovnha_failover *failover, bool all);

/* Times are in milliseconds since the outage began (or since the first event where that
 * is not known); "begin" is that moment, in milliseconds since the epoch. */
json_t *ovnha_timeline_json(const struct ovnha_events *events,
                            const struct ovnha_failover *failover);

void ovnha_timeline_svg(FILE *out, const struct ovnha_events *events,
                        const struct ovnha_failover *failover);

#endif
