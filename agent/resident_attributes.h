/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_ATTRIBUTES_H
#define OVNHA_AGENT_RESIDENT_ATTRIBUTES_H

#include <ovnha/announcement.h>
#include <ovnha/candidacy.h>

#include "child.h"

/* Node attributes for people, ovnha-RESOURCE-*: what crm_mon and alerts show of the
 * record. Nothing is decided by them. */

struct resident;

enum resident_attribute {
    RESIDENT_IN_SYNC,
    RESIDENT_AWAITS,
    RESIDENT_SET_ASIDE,
    RESIDENT_N_ATTRIBUTES,
};

struct resident_attributes {
    struct ovnha_announcement value[RESIDENT_N_ATTRIBUTES];
    struct ovnha_child child; /* writes ... */
    enum resident_attribute writing;
    size_t n_awaited; /* by the last verdict */
    char awaited[OVNHA_NODES_MAX][OVNHA_NODE_SIZE];
    size_t set_aside; /* copies that nobody has salvaged; counted again then */
    ovnha_msec count_at;
};

void ovnha_resident_note_awaited(struct resident *r,
                                 const struct ovnha_candidacy_verdict *verdict);
/* Those that have changed, by a child, once all is calm. */
void ovnha_resident_write_attributes(struct resident *r);
/* They are written again, changed or not: Pacemaker may have lost them. */
void ovnha_resident_forget_attributes(struct resident *r);
void ovnha_resident_release_attributes(struct resident *r);

#endif
