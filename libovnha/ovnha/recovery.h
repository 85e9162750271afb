/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_RECOVERY_H
#define OVNHA_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ovnha/deadline.h>
#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of an active copy of which servers have died: pure.
 *
 * Started again in place they have all that was acknowledged, also what no replica has
 * yet; another node may be quicker, when their files are large: up to 9 MB it is not.
 *
 * Measured on two cores, Debian 12, OVS 3.1.0: moves of 900 to 1,100 ms, restarts of 300
 * to 370 ms, and ovsdb-server's own CPU time to load many small rows: 40, 600 and 2,300
 * ms for 1.2, 10.6 and 41 MB.  What counts is their ratio, which is much the same
 * elsewhere. */
#define OVNHA_MOVE_MS        900 /* from the death to the first write elsewhere */
#define OVNHA_RESTART_MS     350 /* ... and here, with an empty file */
#define OVNHA_LOAD_MS_PER_MB 60

/* So many in place within these times; then the role moves.  One whose server dies again
 * and again has lost no more than a few seconds when it does; and every restart costs
 * each replica a full transfer, during which this node alone has everything. */
#define OVNHA_RESTARTS_PER_MINUTE 3
#define OVNHA_RESTARTS_PER_HOUR   6

struct ovnha_restarts {
    ovnha_msec begun[OVNHA_RESTARTS_PER_HOUR]; /* the last ones, oldest first */
    size_t n;
};

void ovnha_restarts_note(struct ovnha_restarts *restarts, ovnha_msec now);

struct ovnha_recovery_facts {
    const struct ovnha_facts *copy;
    bool served; /* it was whole and open when it was last looked at */
    enum ovnha_tristate quorate;
    bool managed;
    bool is_recorded_active; /* and nobody tries to be the next one */
    bool turn_is_free;       /* no operation of the resource is under way */
    bool has_candidate;
    uint64_t bytes[OVNHA_DB_MAX]; /* of the files */
    struct ovnha_restarts restarts;
};

enum ovnha_recovery {
    OVNHA_RECOVERY_NONE, /* nothing has died, or it is not for us to act */
    OVNHA_RECOVERY_MOVE, /* by the score, as for everything else */
    OVNHA_RECOVERY_RESTART,
    OVNHA_RECOVERY_LATER, /* nothing is decided yet: an operation has the turn */
};

struct ovnha_recovery_verdict {
    enum ovnha_recovery recovery;
    int within_ms; /* how long a restart may take */
    char reason[256];
};

/* Whether a server of the active has died, as far as its own node can see. */
bool ovnha_recovery_is_due(const struct ovnha_facts *copy);
/* Whether one may be about to: some server is not wholly gone, and the others serve or
 * are gone.  That passes within milliseconds, or it is something else. */
bool ovnha_recovery_is_near(const struct ovnha_facts *copy);

void ovnha_recovery(const struct ovnha_recovery_facts *facts, ovnha_msec now,
                    struct ovnha_recovery_verdict *verdict);

const char *ovnha_recovery_to_str(enum ovnha_recovery recovery);

#ifdef __cplusplus
}
#endif

#endif
