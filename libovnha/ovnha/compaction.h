/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_COMPACTION_H
#define OVNHA_COMPACTION_H

#include <stdbool.h>
#include <stdint.h>

#include <ovnha/deadline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When a replica's database file is to be compacted.
 *
 * Each resync appends the whole database to the file, and the server's own compaction
 * comes after ten minutes and a growth to the double at the earliest.  So it is asked
 * for once per resync, when that is complete; a session that was lost and found again
 * between two looks shows only in the file, which has at least doubled then.  The server
 * does nothing else meanwhile (seconds, for 45 MB): not while a move waits for replicas
 * to catch up, and not for a file that hardly takes room.
 *
 * Nor at once: a role change is often followed by another one, of a host that is drained
 * after the other or that fails again, and that one would wait for the server.  How often
 * it is read again meanwhile does not matter, or a file could grow for ever. */

#define OVNHA_COMPACTION_MIN_SIZE UINT64_C(1048576)
#define OVNHA_COMPACTION_CALM_MS  60000
#define OVNHA_COMPACTION_RETRY_MS 60000 /* after a failure, say for want of room */

struct ovnha_compaction_facts {
    uint64_t size;       /* of the database file */
    uint64_t base;       /* ... when it was last compacted; 0: not by us */
    bool loaded;         /* a resync is complete: what its source had is there */
    bool done;           /* compacted since that resync began */
    bool moving;         /* a barrier is out somewhere */
    bool running;        /* some compaction is, on this node */
    ovnha_msec wanted_at; /* since when it is wanted, however often; or 0 */
    ovnha_msec retry_at; /* the last one failed: not before; or 0 */
};

bool ovnha_compaction_is_wanted(const struct ovnha_compaction_facts *facts);
bool ovnha_compaction_is_due(const struct ovnha_compaction_facts *facts, ovnha_msec now);

#ifdef __cplusplus
}
#endif

#endif
