/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/recovery.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ovnha/condition.h>

#define MINUTE_MS 60000
#define HOUR_MS   3600000

/* What a restart takes on a host that is busy, before it has failed. */
#define WITHIN_MS     5000
#define WITHIN_FACTOR 5

static void conclude(struct ovnha_recovery_verdict *verdict, enum ovnha_recovery recovery,
                     const char *format, ...) OVNHA_PRINTF(3, 4);

static void conclude(struct ovnha_recovery_verdict *verdict, enum ovnha_recovery recovery,
                     const char *format, ...)
{
    va_list args;

    verdict->recovery = recovery;
    va_start(args, format);
    vsnprintf(verdict->reason, sizeof verdict->reason, format, args);
    va_end(args);
}

void ovnha_restarts_note(struct ovnha_restarts *restarts, ovnha_msec now)
{
    if (restarts->n == OVNHA_RESTARTS_PER_HOUR) {
        restarts->n--;
        memmove(restarts->begun, restarts->begun + 1,
                restarts->n * sizeof restarts->begun[0]);
    }
    restarts->begun[restarts->n++] = now;
}

static size_t restarts_since(const struct ovnha_restarts *restarts, ovnha_msec since)
{
    size_t n = 0;

    for (size_t i = 0; i < restarts->n; i++) {
        n += restarts->begun[i] > since;
    }
    return n;
}

static bool may_restart_again(const struct ovnha_restarts *restarts, ovnha_msec now)
{
    return restarts_since(restarts, now - MINUTE_MS) < OVNHA_RESTARTS_PER_MINUTE &&
           restarts_since(restarts, now - HOUR_MS) < OVNHA_RESTARTS_PER_HOUR;
}

bool ovnha_recovery_is_due(const struct ovnha_facts *copy)
{
    const enum ovnha_condition condition = ovnha_condition(copy);

    return copy->memory.role == OVNHA_ROLE_ACTIVE &&
           (condition == OVNHA_COPY_STOPPED || condition == OVNHA_COPY_PARTIAL);
}

/* What dies hangs up first, looks like somebody else's when only its file is left to be
 * let go, and leaves its --monitor behind for some milliseconds. */
static bool may_be_dying(const struct ovnha_server_facts *server)
{
    switch (server->presence) {
    case OVNHA_PRESENCE_ABSENT:
    case OVNHA_PRESENCE_FOREIGN:
        return true;
    case OVNHA_PRESENCE_RUNNING:
        return !server->answered && server->stalled != OVNHA_BUSY &&
               server->stalled != OVNHA_HUNG;
    case OVNHA_PRESENCE_UNKNOWN:
        return false;
    }
    return false;
}

bool ovnha_recovery_is_near(const struct ovnha_facts *copy)
{
    size_t n_dying = 0;

    for (size_t i = 0; i < copy->settings.n_dbs; i++) {
        const struct ovnha_server_facts *server = &copy->server[i];

        if (may_be_dying(server)) {
            n_dying++;
        } else if (!server->answered || server->sync.state != OVNHA_SYNC_ACTIVE) {
            return false;
        }
    }
    return n_dying > 0 && copy->memory.role == OVNHA_ROLE_ACTIVE &&
           !ovnha_recovery_is_due(copy);
}

/* One that is started with the others still to come waits for none of them. */
static int load_ms(const struct ovnha_recovery_facts *facts)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < facts->copy->settings.n_dbs; i++) {
        if (facts->copy->server[i].presence == OVNHA_PRESENCE_ABSENT) {
            bytes += facts->bytes[i];
        }
    }
    const uint64_t ms = bytes * OVNHA_LOAD_MS_PER_MB / 1000000;

    return ms > HOUR_MS ? HOUR_MS : (int)ms;
}

/* Why not, or NULL: what no setting overrides. */
static const char *objection(const struct ovnha_recovery_facts *facts, ovnha_msec now)
{
    if (!ovnha_facts_guarded(facts->copy) || !facts->is_recorded_active) {
        return "the record does not say that this node is the active";
    }
    if (facts->quorate != OVNHA_YES) {
        return "there is no quorum";
    }
    if (!facts->served) {
        return "it was not served before";
    }
    return may_restart_again(&facts->restarts, now) ? NULL
                                                    : "it has died too often of late";
}

static void choose(const struct ovnha_recovery_facts *facts,
                   struct ovnha_recovery_verdict *verdict)
{
    const int here = OVNHA_RESTART_MS + load_ms(facts);

    verdict->within_ms = WITHIN_MS + WITHIN_FACTOR * load_ms(facts);
    switch (facts->copy->settings.on_crash) {
    case OVNHA_ON_CRASH_MOVE:
        conclude(verdict, OVNHA_RECOVERY_MOVE, "on_crash is move");
        return;
    case OVNHA_ON_CRASH_RESTART:
        conclude(verdict, OVNHA_RECOVERY_RESTART, "on_crash is restart");
        return;
    case OVNHA_ON_CRASH_AUTO:
        break;
    }
    if (!facts->has_candidate) {
        conclude(verdict, OVNHA_RECOVERY_RESTART, "no other node may be promoted");
    } else if (here < OVNHA_MOVE_MS) {
        conclude(verdict, OVNHA_RECOVERY_RESTART,
                 "it takes about %d ms, and a move %d ms", here, OVNHA_MOVE_MS);
    } else {
        conclude(verdict, OVNHA_RECOVERY_MOVE, "it takes about %d ms, and a move %d ms",
                 here, OVNHA_MOVE_MS);
    }
}

void ovnha_recovery(const struct ovnha_recovery_facts *facts, ovnha_msec now,
                    struct ovnha_recovery_verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    if (!ovnha_recovery_is_due(facts->copy)) {
        return;
    }
    if (!facts->managed) {
        conclude(verdict, OVNHA_RECOVERY_NONE, "the resource is not managed");
    } else if (objection(facts, now)) {
        conclude(verdict, OVNHA_RECOVERY_MOVE, "%s", objection(facts, now));
    } else if (!facts->turn_is_free) {
        conclude(verdict, OVNHA_RECOVERY_LATER, "an operation is under way");
    } else {
        choose(facts, verdict);
    }
}

const char *ovnha_recovery_to_str(enum ovnha_recovery recovery)
{
    switch (recovery) {
    case OVNHA_RECOVERY_NONE:
        return "nothing is done";
    case OVNHA_RECOVERY_MOVE:
        return "the role moves";
    case OVNHA_RECOVERY_RESTART:
        return "it is started again in place";
    case OVNHA_RECOVERY_LATER:
        return "nothing is decided yet";
    }
    return "?";
}
