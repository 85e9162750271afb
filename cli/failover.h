/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_FAILOVER_H
#define OVNHA_CLI_FAILOVER_H

#include "events.h"

/* A role change, or a restart in place, found among events: pure.
 *
 * Whose place was taken is what the record of the promotion says; where no log has that,
 * whoever was seen as the active last: demoted shortly before, followed by a replica,
 * named by the record, promoted.
 *
 * The outage is what logs can know of it.  It begins with the first sign that the former
 * active does not serve any more (its server ended, its clients were cut, its address
 * went, corosync missed its host) and ends when the new one has let clients in and the
 * virtual address is up. When the last write before and the first one after it were, only
 * clients know. */

struct ovnha_failover {
    size_t first, last; /* events of it: from `first` up to, not with, `last` */
    int64_t from, to;
    bool in_place;
    char former[OVNHA_LOG_WORD]; /* "": nobody, or not known ... */
    bool knows_former;           /* ... which of the two */
    char now[OVNHA_LOG_WORD];
    const struct ovnha_event *lost;   /* what the outage begins with; NULL: not known */
    const struct ovnha_event *served; /* what it ends with */
    bool coarse;                      /* one of them is known in whole seconds only */
};

/* The one that begins with or after event `from`; false when there is no more.  Go on
 * from `last`. */
bool ovnha_failover_next(const struct ovnha_events *events, size_t from,
                         struct ovnha_failover *failover);

/* Whether few want to know of it: such as the loss of a node that was not the active. */
bool ovnha_failover_is_detail(const struct ovnha_events *events,
                              const struct ovnha_failover *failover,
                              const struct ovnha_event *event);

/* In milliseconds; negative: not known. */
int64_t ovnha_failover_outage(const struct ovnha_failover *failover);

/* When clients lost it, and when they had it again. */
int64_t ovnha_failover_lost_at(const struct ovnha_failover *failover);
int64_t ovnha_failover_served_at(const struct ovnha_failover *failover);

#endif
