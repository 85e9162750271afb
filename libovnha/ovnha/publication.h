/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_PUBLICATION_H
#define OVNHA_PUBLICATION_H

#include <stdbool.h>

#include <ovnha/deadline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When a promotion score is published.
 *
 * Whatever is published while Pacemaker moves a role makes it end its transition and
 * compute another one.  So two things wait that would be taken back within moments: what
 * a copy looks like in the midst of its own promotion or demotion, and that a replica is
 * not in sync with a generation that has only just begun.  A third one waits until it
 * costs nothing: that the active is one no more, after its demote, is published when
 * another one's promotion writes to the CIB anyway.  A score does not promote anybody
 * against the record (candidacy.h): one that is too high for a moment costs a refused
 * promotion at worst. */

/* A replica is confirmed anew in a fraction of this, unless it has much to load. */
#define OVNHA_PUBLICATION_CALM_MS 3000

struct ovnha_publication_facts {
    int published;    /* what was published last */
    bool known;       /* ... and is surely still there */
    int score;        /* what the copy deserves now */
    bool converting;  /* it is being promoted or demoted, and neither one nor the other */
    bool left_out;    /* a backup, and the active of the record's generation is there */
    bool unsucceeded; /* a backup, but the record's active; nobody else has begun to be */
    ovnha_msec moved_at;   /* when that generation was first heard of */
    ovnha_msec demoted_at; /* when it was first seen to be unsucceeded */
};

/* Whether to publish `score` now. */
bool ovnha_publication_is_due(const struct ovnha_publication_facts *facts,
                              ovnha_msec now);

#ifdef __cplusplus
}
#endif

#endif
