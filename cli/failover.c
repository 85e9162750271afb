/* SPDX-License-Identifier: Apache-2.0 */
#include "failover.h"

#include <string.h>

#include <ovnha/text.h>

/* A cause is of this role change when nothing of it is further away than that. */
#define CAUSE_GAP_MS 30000
#define CAUSE_MAX_MS 300000
/* What comes after the promotion: the address, northd, replicas. */
#define AFTERMATH_MS 10000

/* What a role change ends with: Pacemaker's promotion, or our restart in place. */
static bool is_end(const struct ovnha_events *events, const struct ovnha_event *event)
{
    return event->restarted || ovnha_event_is(events, event, "promote");
}

static size_t find_end(const struct ovnha_events *events, size_t from)
{
    while (from < events->n && !is_end(events, &events->event[from])) {
        from++;
    }
    return from;
}

/* The record of the promotion's own attempt; NULL. */
static const struct ovnha_event *find_attempt(const struct ovnha_events *events,
                                              size_t end)
{
    const struct ovnha_event *promotion = &events->event[end];
    size_t i = end;

    while (i > 0 && events->event[i - 1].from >= ovnha_event_earliest(promotion)) {
        i--;
    }
    for (; i < events->n && events->event[i].from <= promotion->to; i++) {
        if (strcmp(events->event[i].attempt, promotion->host) == 0) {
            return &events->event[i];
        }
    }
    return NULL;
}

/* Whom it shows to have been the active; "": nobody. */
static const char *active_by(const struct ovnha_events *events,
                             const struct ovnha_event *event)
{
    return is_end(events, event) || ovnha_event_is(events, event, "demote")
               ? event->host
               : event->active;
}

/* The newest that shows who was the active before; NULL. What may have come after the
 * promotion had begun, and names the one promoted, tells of the promotion itself. */
static const struct ovnha_event *find_sign(const struct ovnha_events *events, size_t end)
{
    const struct ovnha_event *promotion = &events->event[end];

    for (size_t i = end; i > 0; i--) {
        const struct ovnha_event *event = &events->event[i - 1];
        const char *active = active_by(events, event);

        if (active[0] && (event->from < ovnha_event_earliest(promotion) ||
                          strcmp(active, promotion->host) != 0)) {
            return event;
        }
    }
    return NULL;
}

/* Long after it somebody else may have been the active. */
static bool is_old_demotion(const struct ovnha_events *events,
                            const struct ovnha_event *sign,
                            const struct ovnha_event *promotion)
{
    return ovnha_event_is(events, sign, "demote") &&
           promotion->from - sign->to > CAUSE_GAP_MS;
}

/* Whose place the promotion took: by the record, or by the newest sign. */
static void find_former(const struct ovnha_events *events, size_t end,
                        struct ovnha_failover *failover)
{
    const struct ovnha_event *promotion = &events->event[end];
    const struct ovnha_event *attempt = find_attempt(events, end);
    const struct ovnha_event *sign = find_sign(events, end);
    const char *former = NULL;

    if (promotion->restarted) {
        former = promotion->host;
    } else if (attempt) {
        former = attempt->active;
    } else if (sign && !is_old_demotion(events, sign, promotion)) {
        former = active_by(events, sign);
    }
    failover->knows_former = former != NULL;
    ovnha_text_copy(failover->former, sizeof failover->former, former ? former : "");
}

/* Nobody knows whose loss matters while it is not known who was the active. */
static bool is_loss_of_another(const struct ovnha_events *events,
                               const struct ovnha_event *event, const char *former)
{
    return event->loss != OVNHA_LOSS_NONE && former[0] &&
           !ovnha_event_is_loss_of(events, event, former);
}

static bool is_cause(const struct ovnha_events *events, const struct ovnha_event *event,
                     const char *former)
{
    if (event->loss != OVNHA_LOSS_NONE) {
        return !is_loss_of_another(events, event, former);
    }
    return event->cause && strcmp(event->host, former) == 0;
}

/* Back from the end, as long as one cause follows the other. */
static size_t find_first(const struct ovnha_events *events, size_t begin, size_t end,
                         const char *former)
{
    const int64_t at = events->event[end].from;
    int64_t last = at;
    size_t first = end;

    for (size_t i = end; i > begin; i--) {
        const struct ovnha_event *event = &events->event[i - 1];

        if (last - event->from > CAUSE_GAP_MS || at - event->from > CAUSE_MAX_MS) {
            break;
        }
        if (is_cause(events, event, former)) {
            last = event->from;
            first = i - 1;
        }
    }
    return first;
}

/* Some seconds, or until the next one's first cause. */
static size_t find_last(const struct ovnha_events *events, size_t end)
{
    const int64_t until = events->event[end].to + AFTERMATH_MS;
    const size_t next = find_end(events, end + 1);
    struct ovnha_failover other = {0};
    size_t limit = next, last = end + 1;

    if (next < events->n) {
        find_former(events, next, &other);
        limit = find_first(events, end + 1, next, other.former);
    }
    while (last < limit && events->event[last].from <= until) {
        last++;
    }
    return last;
}

static bool is_lost(const struct ovnha_events *events, const struct ovnha_event *event,
                    const struct ovnha_failover *failover)
{
    const bool of_former = strcmp(event->host, failover->former) == 0;

    if (failover->in_place) {
        return event->ends_service && strcmp(event->host, failover->now) == 0;
    }
    return failover->former[0] &&
           ((of_former &&
             (event->ends_service || ovnha_event_is_address(events, event))) ||
            ovnha_event_is_loss_of(events, event, failover->former));
}

/* The last thing without which clients do not get anywhere. */
static bool is_served(const struct ovnha_events *events, const struct ovnha_event *event,
                      const struct ovnha_failover *failover)
{
    if (strcmp(event->host, failover->now) != 0) {
        return false;
    }
    return event->serves || event->restarted ||
           ovnha_event_is(events, event, "promote") ||
           (ovnha_event_is_address(events, event) && strcmp(event->action, "start") == 0);
}

/* A promotion that has told when it let clients in goes on with northd: that is not
 * waited for. */
static int64_t served_at(const struct ovnha_event *event)
{
    return event ? event->to : 0;
}

static void measure(const struct ovnha_events *events, size_t end,
                    struct ovnha_failover *failover)
{
    const struct ovnha_event *promotion = &events->event[end];
    bool lets_in = false;

    for (size_t i = failover->first; i < failover->last; i++) {
        const struct ovnha_event *event = &events->event[i];

        if (!failover->lost && event <= promotion && is_lost(events, event, failover)) {
            failover->lost = event;
        }
        if (is_served(events, event, failover) && event != promotion &&
            event->to >= served_at(failover->served)) {
            failover->served = event;
            lets_in = lets_in || event->serves;
        }
    }
    if (!lets_in && promotion->to >= served_at(failover->served)) {
        failover->served = promotion;
    }
    failover->coarse =
        failover->served->of_cib || (failover->lost && failover->lost->of_cib);
}

bool ovnha_failover_next(const struct ovnha_events *events, size_t from,
                         struct ovnha_failover *failover)
{
    const size_t end = find_end(events, from);

    memset(failover, 0, sizeof *failover);
    if (end >= events->n) {
        return false;
    }
    failover->in_place = events->event[end].restarted;
    ovnha_text_copy(failover->now, sizeof failover->now, events->event[end].host);
    find_former(events, end, failover);
    failover->first = find_first(events, from, end, failover->former);
    failover->last = find_last(events, end);
    measure(events, end, failover);
    failover->from = events->event[failover->first].from;
    for (size_t i = failover->first; i < failover->last; i++) {
        if (events->event[i].to > failover->to) {
            failover->to = events->event[i].to;
        }
    }
    return true;
}

bool ovnha_failover_is_detail(const struct ovnha_events *events,
                              const struct ovnha_failover *failover,
                              const struct ovnha_event *event)
{
    return event->detail || is_loss_of_another(events, event, failover->former);
}

int64_t ovnha_failover_lost_at(const struct ovnha_failover *failover)
{
    return failover->lost ? failover->lost->from : -1;
}

int64_t ovnha_failover_served_at(const struct ovnha_failover *failover)
{
    return served_at(failover->served);
}

int64_t ovnha_failover_outage(const struct ovnha_failover *failover)
{
    const int64_t outage =
        ovnha_failover_served_at(failover) - ovnha_failover_lost_at(failover);

    return failover->lost && outage >= 0 ? outage : -1;
}
