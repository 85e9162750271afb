/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ELIGIBILITY_H
#define OVNHA_ELIGIBILITY_H

#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who may be promoted: the one function that says so.
 *
 * Pacemaker takes an absent score for a small one and would promote a copy that
 * never had one, so "must not" is an explicit -INFINITY, and the active's score
 * is the highest of all: a returning node never takes the role from it. */

/* Pacemaker's own bounds (crm/common/scores.h: CRM_SCORE_INFINITY). */
#define OVNHA_SCORE_NEVER     (-1000000)
#define OVNHA_SCORE_ACTIVE    100
#define OVNHA_SCORE_PREFERRED 60 /* in sync, and nobody heard is a better choice */
#define OVNHA_SCORE_FOLLOWING 50 /* has a session with the promoted node */
#define OVNHA_SCORE_HELD      5  /* has a copy, follows nobody */

struct ovnha_eligibility {
    int score;
    char reason[256];
};

/* The score that this node's copy deserves as it is now. */
struct ovnha_eligibility ovnha_eligibility(const struct ovnha_facts *facts);

/* "-INFINITY" or the number, as Pacemaker's tools take and print it. */
void ovnha_score_format(int score, char text[16]);

#ifdef __cplusplus
}
#endif

#endif
