/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_policy.h"

#include <qb/qblog.h>

#include <ovnha/text.h>

#include "resident_serving.h"
#include "resident_state.h"

/* How late the active learns that it is not managed any more. */
#define POLICY_MS 5000

bool ovnha_resident_is_managed(struct resident *r)
{
    bool managed = !r->policy.unmanaged;
    struct ovnha_err err;

    if (ovnha_cib_is_managed(r->cib, r->facts.self, &managed, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    return managed;
}

/* Read ahead: the loss of quorum is no time to find the CIB slow. */
void ovnha_resident_read_policy(struct resident *r)
{
    struct ovnha_err err;
    char policy[sizeof r->policy.no_quorum];

    if (ovnha_cib_property(r->cib, "no-quorum-policy", policy, sizeof policy, &err) ==
        OVNHA_OK) {
        ovnha_text_copy(r->policy.no_quorum, sizeof r->policy.no_quorum, policy);
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    r->policy.unmanaged = !ovnha_resident_is_managed(r);
    r->policy.due = ovnha_deadline_after(ovnha_now(), POLICY_MS);
}

/* Only the active turns read-only by it. */
void ovnha_resident_keep_policy(struct resident *r)
{
    if (r->quorate != OVNHA_YES || (ovnha_resident_is_serving(r) &&
                                    ovnha_deadline_passed(r->policy.due, ovnha_now()))) {
        ovnha_resident_read_policy(r);
    }
}

/* The agent that comes with OVN notes whom it promoted last; only a first start asks. */
void ovnha_resident_read_former_active(struct resident *r)
{
    struct ovnha_err err;

    if (ovnha_record_exists(&r->record)) {
        return;
    }
    if (ovnha_cib_property(r->cib, "OVN_REPL_INFO", r->policy.former_active,
                           sizeof r->policy.former_active, &err) != OVNHA_OK) {
        r->policy.former_active[0] = '\0';
        qb_log(LOG_WARNING, "%s", err.text);
    }
}
