/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_SCORE_H
#define OVNHA_AGENT_RESIDENT_SCORE_H

#include <stdbool.h>

#include <ovnha/candidacy.h>
#include <ovnha/deadline.h>

#include "publisher.h"

/* The promotion score: what the rule says of this copy, and its publication. */

struct resident;

struct resident_score {
    struct ovnha_publisher publisher;
    bool known; /* what was published last, and nobody else has since */
    int published;
    char generation[OVNHA_UUID_SIZE]; /* the record's, and ... */
    ovnha_msec moved_at;              /* ... when it was first heard of */
    ovnha_msec again_at;              /* it is published again then; 0: never */
    ovnha_msec demoted_at; /* since when the record's active is a backup; 0: it is not */
};

/* Into r->facts.lineage, too. */
void ovnha_resident_take_verdict(struct resident *r,
                                 struct ovnha_candidacy_verdict *verdict);
/* What is written while partitions merge may be lost in that: it is written again later.
 */
void ovnha_resident_repeat_score(struct resident *r);
/* By a child: attrd may take its time. */
void ovnha_resident_publish_if_changed(struct resident *r);

#endif
