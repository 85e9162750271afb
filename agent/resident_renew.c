/* SPDX-License-Identifier: Apache-2.0 */
/* A new generation without a move: a person has put other content into the databases, or
 * they serve already and nobody has a record of them, since another agent ran them
 * before.
 *
 * It is a promotion of the copy that is promoted already, with clients and replicas
 * connected all the time: the attempt is recorded and counts, then the marker is written
 * and the generation opened.  The replicas went on following, so they hold the new marker
 * only after all of the content, and are confirmed anew.  Broken off anywhere, it is a
 * promotion that broke off: the parent's members stay candidates (candidacy.h). */

#include "resident_renew.h"

#include <qb/qblog.h>

#include <ovnha/condition.h>
#include <ovnha/log_line.h>

#include "resident_look.h"
#include "resident_marks.h"
#include "resident_promote.h"
#include "resident_quorum.h"
#include "resident_serving.h"
#include "resident_state.h"

/* Whether it may be the first generation, candidacy.h judges before an attempt. */
static bool has_no_history(const struct resident *r)
{
    return !r->record.generation.uuid[0] && r->facts.memory.role == OVNHA_ROLE_ACTIVE &&
           ovnha_condition(&r->facts) == OVNHA_COPY_ACTIVE;
}

static const char *objection(const struct resident *r)
{
    if (ovnha_resident_quorum(r) != OVNHA_YES) {
        return "this partition has no quorum";
    }
    if (r->unreadable[0]) {
        return "this node's record cannot be understood";
    }
    if (!ovnha_resident_is_serving(r) && !has_no_history(r)) {
        return "this node does not serve: only the active one can do this";
    }
    return NULL;
}

void ovnha_resident_renew(struct resident *r, struct ovnha_request *request)
{
    ovnha_resident_look(r);
    if (objection(r)) {
        ovnha_request_refuse(request, objection(r));
        return;
    }
    ovnha_resident_attempt(r, request);
}

void ovnha_resident_renew_open(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_err err;

    ovnha_resident_look(r);
    if (objection(r) || !r->promotion.attempt_node[0]) {
        ovnha_request_refuse(request,
                             objection(r) ? objection(r) : "nothing was renewed");
        return;
    }
    if (ovnha_resident_write_marker(r, r->promotion.attempt.uuid,
                                    r->promotion.generation.uuid, &err) != OVNHA_OK) {
        ovnha_request_refuse(request, err.text);
        return;
    }
    qb_log(LOG_WARNING, has_no_history(r) ? OVNHA_LINE_ADOPTED : OVNHA_LINE_RENEWED,
           r->promotion.attempt.uuid);
    ovnha_resident_open(r, request);
}
