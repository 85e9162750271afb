/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_upkeep.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>
#include <ovnha/text.h>

#include "resident_facts.h"
#include "resident_marks.h"
#include "resident_peer.h"
#include "resident_read_only.h"
#include "resident_record.h"
#include "resident_restart.h"
#include "resident_serving.h"
#include "resident_state.h"

/* How long what a replica misses may be acknowledged while the record still names it.
 * Longer than the CIB takes to find a new coordinator when the host that was lost ran
 * it: that is no reason to stop serving. */
#define UNRECORDED_MS 10000

static enum ovnha_result write_token(struct resident *r, const struct ovnha_upkeep *task,
                                     struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_resident_write_token(r, task->node, task->attachment, err);
    struct resident_peer *peer = ovnha_resident_peer(r, task->node);

    if (result == OVNHA_OK && peer) {
        ovnha_text_copy(peer->state.token, sizeof peer->state.token, task->attachment);
    }
    return result;
}

static enum ovnha_result do_task(struct resident *r, const struct ovnha_upkeep *task,
                                 struct ovnha_err *err)
{
    struct ovnha_record fresh = r->record;

    switch (task->kind) {
    case OVNHA_UPKEEP_NOTHING:
        return OVNHA_OK;
    case OVNHA_UPKEEP_STOP_SERVING:
        return ovnha_resident_stop_serving(r, "quorum is lost", err);
    case OVNHA_UPKEEP_WRITE_TOKEN:
        return write_token(r, task, err);
    case OVNHA_UPKEEP_LEAVE:
        ovnha_record_leave(&fresh, task->node);
        break;
    case OVNHA_UPKEEP_JOIN:
        ovnha_record_join(&fresh, task->node, task->attachment);
        break;
    case OVNHA_UPKEEP_SETTLE:
        ovnha_record_settle(&fresh);
        break;
    }
    return ovnha_resident_change_record(r, &fresh, err);
}

/* While the record cannot say that a replica left, it would be promoted without what
 * is acknowledged meanwhile. */
static void watch_leaving(struct resident *r, const struct ovnha_upkeep *task,
                          enum ovnha_result result)
{
    const bool failed = task->kind == OVNHA_UPKEEP_LEAVE && result != OVNHA_OK;

    if (!failed && !(r->unshared && r->record.leaving.n > 0)) {
        r->unrecorded = 0;
    } else if (!r->unrecorded) {
        r->unrecorded = ovnha_now();
    } else if (!r->policy.unmanaged &&
               ovnha_deadline_passed(r->unrecorded + UNRECORDED_MS, ovnha_now())) {
        ovnha_resident_turn_read_only(r, "it cannot be recorded that a replica left");
        r->unrecorded = 0;
    }
}

/* Before all members had time to speak up, silence means nothing; and a restart records,
 * too, in the place of just what it knows. */
static bool may_not_record(const struct resident *r)
{
    return !ovnha_deadline_passed(r->settled_at, ovnha_now()) ||
           ovnha_resident_is_restarting(r);
}

/* One task a look: each is seen to have worked before the next.  Whether to look again
 * soon: not after a failure, which mostly lasts. */
bool ovnha_resident_keep_up(struct resident *r)
{
    struct ovnha_upkeep_facts *facts = malloc(sizeof *facts);
    struct ovnha_upkeep task = {OVNHA_UPKEEP_NOTHING, "", ""};
    struct ovnha_err err = {""};
    enum ovnha_result result;

    if (facts) {
        ovnha_resident_upkeep_facts(r, facts);
        task = ovnha_upkeep(facts);
    }
    free(facts);
    if (may_not_record(r) && task.kind != OVNHA_UPKEEP_STOP_SERVING) {
        task.kind = OVNHA_UPKEEP_NOTHING;
    }
    if (task.kind == OVNHA_UPKEEP_NOTHING) {
        watch_leaving(r, &task, OVNHA_OK);
        return false;
    }
    result = do_task(r, &task, &err);
    qb_log(result == OVNHA_OK ? LOG_INFO : LOG_WARNING, OVNHA_LINE_UPKEEP,
           ovnha_upkeep_to_str(task.kind), task.node,
           result == OVNHA_OK ? "done" : err.text);
    watch_leaving(r, &task, result);
    return result == OVNHA_OK;
}

/* Someone removed the marker by hand: it comes back; without a parent, which matters only
 * until the generation is open. */
void ovnha_resident_restore_marker(struct resident *r)
{
    struct ovnha_err err;
    bool missing = false;

    if (ovnha_resident_is_restarting(r)) {
        return; /* it writes the next one */
    }
    for (size_t i = 0; i < r->facts.settings.n_dbs && r->marks_known; i++) {
        missing =
            missing || strcmp(r->marks[i].generation, r->record.generation.uuid) != 0;
    }
    if (missing && ovnha_resident_is_serving(r) &&
        ovnha_resident_write_marker(r, r->record.generation.uuid, "", &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "cannot restore the marker: %s", err.text);
    }
}
