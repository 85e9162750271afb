/* SPDX-License-Identifier: Apache-2.0 */
/* Someone accepts a loss: no rule can choose a copy any more, a person does.
 *
 * This node's copy gets a marker of its own, and a record above all that has been
 * heard says that it alone is in sync; from there on everything goes its usual way.
 * The marker is written while nobody can reach the servers. */

#include "resident_accept.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/condition.h>
#include <ovnha/log_line.h>
#include <ovnha/text.h>

#include "execute.h"
#include "resident_facts.h"
#include "resident_look.h"
#include "resident_marks.h"
#include "resident_peer.h"
#include "resident_quorum.h"
#include "resident_record.h"
#include "resident_rest.h"
#include "resident_serving.h"
#include "resident_state.h"

#define ACCEPT_MS 8000

/* Whether it may be, or why not. */
static enum ovnha_result check(const struct resident *r, struct ovnha_err *err)
{
    const struct resident_peer *serving = ovnha_resident_serving_peer(r);

    if (ovnha_resident_quorum(r) != OVNHA_YES) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "this partition has no quorum");
    }
    if (ovnha_resident_is_serving(r)) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED,
                          "this node serves: there is no loss to accept");
    }
    if (ovnha_condition(&r->facts) != OVNHA_COPY_BACKUP) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED,
                          "the servers of this node are not running as backups");
    }
    if (serving) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s serves: there is no loss to accept",
                          serving->state.node);
    }
    if (r->attachment[0]) {
        return ovnha_fail(
            err, OVNHA_ERR_REFUSED,
            "this node replicates from an active copy: there is no loss to accept");
    }
    return OVNHA_OK;
}

static enum ovnha_result run_for_all(struct resident *r, enum ovnha_step_kind kind,
                                     const char *text, struct ovnha_err *err)
{
    struct ovnha_plan plan;

    r->context.deadline = ovnha_deadline_after(ovnha_now(), ACCEPT_MS);
    ovnha_plan_init(&plan);
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        struct ovnha_step *step = ovnha_plan_add(&plan, kind, i);

        ovnha_text_copy(step->text, sizeof step->text, text);
    }
    return ovnha_execute(&r->context, &r->facts, &plan, err);
}

static enum ovnha_result mark(struct resident *r, const char *uuid, struct ovnha_err *err)
{
    enum ovnha_result result = run_for_all(r, OVNHA_STEP_MAKE_WRITABLE, "", err);
    struct ovnha_err ignored;

    if (result == OVNHA_OK) {
        result = run_for_all(r, OVNHA_STEP_WRITE_ROWS, "", err); /* and the root row */
    }
    if (result == OVNHA_OK) {
        result = ovnha_resident_write_marker(r, uuid, "", err);
    }
    if (run_for_all(r, OVNHA_STEP_FOLLOW, r->facts.settings.hold, &ignored) != OVNHA_OK) {
        qb_log(LOG_ERR, "cannot turn read-only again: %s", ignored.text);
    }
    return result;
}

/* Above all that was heard, attempts too: nobody's promise stands in its way. */
static enum ovnha_result chosen(struct resident *r, const char *uuid,
                                struct ovnha_record *record, struct ovnha_err *err)
{
    struct ovnha_candidacy_facts *facts = malloc(sizeof *facts);

    if (!facts) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    ovnha_resident_candidacy_facts(r, facts);
    memset(record, 0, sizeof *record);
    record->generation.counter = ovnha_candidacy_counter(facts) + 1;
    free(facts);
    ovnha_text_copy(record->generation.uuid, OVNHA_UUID_SIZE, uuid);
    ovnha_text_copy(record->active, OVNHA_NODE_SIZE, r->facts.self);
    ovnha_record_join(record, r->facts.self, "");
    return OVNHA_OK;
}

/* In the place of whatever the CIB says. */
static enum ovnha_result choose(struct resident *r, struct ovnha_err *err)
{
    struct ovnha_record record;
    char text[OVNHA_UUID_SIZE];
    uuid_t uuid;
    enum ovnha_result result = ovnha_resident_read_shared(r, err);

    uuid_generate(uuid);
    uuid_unparse_lower(uuid, text);
    if (result == OVNHA_OK) {
        result = chosen(r, text, &record, err);
    }
    if (result == OVNHA_OK) {
        result = mark(r, text, err);
    }
    return result == OVNHA_OK ? ovnha_resident_replace_record(r, &record, err) : result;
}

void ovnha_resident_object_to_loss(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_err err;

    ovnha_resident_look(r);
    ovnha_request_reply(request, check(r, &err) == OVNHA_OK ? "" : err.text);
}

void ovnha_resident_accept_loss(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_err err;

    ovnha_resident_look(r);
    if (check(r, &err) != OVNHA_OK || choose(r, &err) != OVNHA_OK) {
        ovnha_request_refuse(request, err.text);
        return;
    }
    ovnha_resident_forget_rest(r);
    qb_log(LOG_WARNING, OVNHA_LINE_ACCEPTED);
    ovnha_request_reply(request, "this node's copy is the one: Pacemaker may promote it");
}
