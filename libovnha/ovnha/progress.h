/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_PROGRESS_H
#define OVNHA_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <ovnha/deadline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a replica keeps up with what its source sends it: pure, once a beat.
 *
 * A position is a number of bytes of the stream that replication runs over.  What had
 * been sent at one beat is a mark; the replica has to have read it before it is too late.
 * While it has not, no new mark is set, so that the time that counts is that of the
 * oldest byte that it lacks.  A stream without traffic never is late. */

/* How long a replica may lack what was sent to it.  Longer than a server stands still to
 * compact a database of 40 MB, and than a helper waits for the CIB. */
#define OVNHA_PROGRESS_LIMIT_MS 5000

/* Time in which nobody looked counts only up to this: what was heard meanwhile may have
 * waited with us. */
#define OVNHA_PROGRESS_PAUSE_MS 1500

struct ovnha_progress {
    bool tracked;  /* the stream has been seen at both ends */
    uint64_t mark; /* what the replica has to have read */
    ovnha_msec looked_at;
    ovnha_msec late; /* for how long it has not */
};

/* What is seen of the stream at this beat. */
struct ovnha_progress_look {
    bool found;      /* at the source's end */
    uint64_t sent;   /* into it, by the source's server */
    bool backlogged; /* that server may hold more which it could not send */
    uint64_t read;   /* from it, by the replica's server, as that node says */
    bool silent;     /* the source's server says nothing just now, to anybody */
};

/* Begin with a stream that nothing is known of. */
void ovnha_progress_begin(struct ovnha_progress *progress, ovnha_msec now);

/* Take in a look.  A stream that was never found is not tracked: something between the
 * two ends, which each sees a stream of its own with, hides how far it is. */
void ovnha_progress_step(struct ovnha_progress *progress,
                         const struct ovnha_progress_look *look, ovnha_msec now);

bool ovnha_progress_is_late(const struct ovnha_progress *progress);

#ifdef __cplusplus
}
#endif

#endif
