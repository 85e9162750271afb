/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_serving.h"

#include <string.h>

#include <ovnha/condition.h>

#include "resident_group.h"
#include "resident_quorum.h"
#include "resident_rest.h"
#include "resident_state.h"
#include "resident_unbroken.h"

bool ovnha_resident_is_serving(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_ACTIVE &&
           r->facts.memory.role == OVNHA_ROLE_ACTIVE &&
           strcmp(r->record.active, r->facts.self) == 0;
}

/* Once a move has begun, who is in sync is the handover's business. */
bool ovnha_resident_is_silent(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_SILENT && r->served &&
           r->facts.memory.role == OVNHA_ROLE_ACTIVE && !r->handover.barrier[0] &&
           strcmp(r->record.active, r->facts.self) == 0;
}

bool ovnha_resident_may_acknowledge(const struct resident *r)
{
    return ovnha_resident_is_serving(r) || ovnha_resident_is_silent(r);
}

/* A server that says nothing is what it was when it last did. */
void ovnha_resident_remember_serving(struct resident *r)
{
    if (ovnha_condition(&r->facts) != OVNHA_COPY_SILENT) {
        r->served = ovnha_resident_is_serving(r);
    }
}

void ovnha_resident_live_through(struct resident *r)
{
    const struct ovnha_member *member =
        ovnha_members_find(&r->record.in_sync, r->facts.self);

    if (ovnha_resident_quorum(r) != OVNHA_YES || !member) {
        r->lived_through = false;
    } else if (ovnha_resident_is_serving(r) ||
               (r->confirmed && strcmp(member->attachment, r->attachment) == 0)) {
        r->lived_through = true;
        ovnha_resident_set_unbroken(r, true);
        ovnha_resident_forget_rest(r);
    }
}

/* A node without a record takes one only from who serves. */
void ovnha_resident_tell_serving(struct resident *r)
{
    if (r->told_serving != ovnha_resident_is_serving(r)) {
        ovnha_resident_tell(r);
    }
}
