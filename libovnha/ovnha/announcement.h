/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ANNOUNCEMENT_H
#define OVNHA_ANNOUNCEMENT_H

#include <stdbool.h>

#include <ovnha/deadline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When a node attribute for people is written: pure.
 *
 * Nothing is decided by these attributes; crm_mon and alerts show them.  Each write makes
 * Pacemaker compute a transition, and ends one that is under way.  So a value is written
 * only when it has changed, and has then stood for a while in which nothing else moved.
 */

#define OVNHA_ANNOUNCEMENT_STEADY_MS 10000

/* Longer lists of nodes are cut. */
#define OVNHA_ANNOUNCEMENT_SIZE 1024

struct ovnha_announcement {
    bool known; /* that `published` is what is there */
    char published[OVNHA_ANNOUNCEMENT_SIZE];
    char wanted[OVNHA_ANNOUNCEMENT_SIZE];
    ovnha_msec since; /* when that was first wanted, or something else last moved */
};

/* Whether to write `value` now; `calm`: no role, record or score is being changed. */
bool ovnha_announcement_is_due(struct ovnha_announcement *announcement, const char *value,
                               bool calm, ovnha_msec now);

/* `wanted` is being written; and then it is `known` to be there, or tried again, but not
 * at once. */
void ovnha_announcement_begin(struct ovnha_announcement *announcement);
void ovnha_announcement_end(struct ovnha_announcement *announcement, bool known,
                            ovnha_msec now);

#ifdef __cplusplus
}
#endif

#endif
