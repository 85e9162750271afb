/* SPDX-License-Identifier: Apache-2.0 */
/* A planned move loses nothing.
 *
 * While clients still write, the active puts a barrier into every database and waits
 * until the replicas say that they hold it: from then on they are close behind.  Then it
 * turns read-only, and its sessions stay: the replicas get what was written meanwhile,
 * too. Which rows that touched is in the database files, after the barrier; a replica
 * that holds the barrier and has these rows as the active has them holds everything, and
 * only such replicas stay in the record. */

#include "resident_handover.h"

#include <string.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/condition.h>
#include <ovnha/log_line.h>
#include <ovnha/text.h>

#include "resident_group.h"
#include "resident_look.h"
#include "resident_marks.h"
#include "resident_peer.h"
#include "resident_record.h"
#include "resident_serving.h"
#include "resident_state.h"
#include "resident_tails.h"

/* One that nobody took up, for whatever reason: longer than a demote may take. */
#define BARRIER_LASTS_MS (10 * 60 * 1000)

/* Those who hold the barrier are milliseconds behind; no client is served meanwhile. */
#define HAND_OVER_MS 3000

/* From an attachment to its confirmation it is a look of each side: 0.1 s as a rule. */
#define JOINS_SOON_MS 500

/* How long a server that is busy may say nothing once it has turned read-only, and how
 * long the record may take to change.  What is not recorded then is not known to anybody:
 * whoever lacks something could be promoted. */
#define SILENT_MS       10000
#define RECORD_MS       10000
#define RECORD_AGAIN_MS 500

static bool holds_barrier(const struct resident *r, const char *node)
{
    const struct resident_peer *peer = ovnha_resident_peer(r, node);

    return peer && strcmp(peer->barrier_seen, r->handover.barrier) == 0;
}

static bool is_complete(const struct resident *r, const char *node)
{
    const struct resident_peer *peer = ovnha_resident_peer(r, node);

    return peer && r->handover.barrier[0] &&
           strcmp(peer->completed, r->handover.barrier) == 0;
}

typedef bool node_test(const struct resident *r, const char *node);

static bool all_others(const struct resident *r, node_test *test)
{
    for (size_t i = 0; i < r->record.in_sync.n; i++) {
        const char *node = r->record.in_sync.member[i].node;

        if (strcmp(node, r->facts.self) != 0 && !test(r, node)) {
            return false;
        }
    }
    return true;
}

/* As a replica: whose barrier it holds, and the rest as well? */
static void complete(struct resident *r)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        const struct resident_peer *peer = &r->peer[i];

        if (peer->barrier[0] && strcmp(peer->barrier, r->handover.barrier_seen) == 0 &&
            strcmp(peer->barrier, r->handover.completed) != 0 &&
            ovnha_resident_holds_tails(r, &peer->tails)) {
            ovnha_text_copy(r->handover.completed, sizeof r->handover.completed,
                            peer->barrier);
            ovnha_text_copy(r->handover.completed_in, sizeof r->handover.completed_in,
                            r->marks[0].generation);
            ovnha_resident_tell(r);
        }
    }
}

bool ovnha_resident_awaits_handover(const struct resident *r)
{
    bool awaits = r->handover.at_barrier || r->handover.handing_over;

    for (size_t i = 0; i < r->n_peers; i++) {
        awaits = awaits || (r->peer[i].barrier[0] &&
                            strcmp(r->peer[i].barrier, r->handover.completed) != 0);
    }
    return awaits;
}

/*
 * The barrier.
 */

/* Or would, if a server were not busy. */
static bool is_to_hand_over(const struct resident *r)
{
    return ovnha_resident_is_serving(r) ||
           (ovnha_condition(&r->facts) == OVNHA_COPY_SILENT &&
            r->facts.memory.role == OVNHA_ROLE_ACTIVE &&
            strcmp(r->record.active, r->facts.self) == 0);
}

/* A server that is busy is asked again: without a barrier nobody is complete. */
static void put_barrier(struct resident *r)
{
    struct ovnha_err err;
    enum ovnha_result result;

    if (!r->handover.at_barrier || r->handover.barrier_is_out ||
        !ovnha_resident_is_serving(r)) {
        return;
    }
    result = ovnha_resident_write_barrier(r, &err);
    if (result == OVNHA_OK) {
        r->handover.barrier_is_out = true;
        ovnha_resident_tell(r);
    } else if (result != OVNHA_ERR_TIMEOUT) {
        ovnha_request_refuse(r->handover.at_barrier, err.text);
        r->handover.at_barrier = NULL;
    }
}

void ovnha_resident_raise_barrier(struct resident *r, struct ovnha_request *request)
{
    uuid_t uuid;

    if (r->handover.at_barrier) {
        ovnha_request_refuse(r->handover.at_barrier, "another barrier came");
        r->handover.at_barrier = NULL;
    }
    ovnha_resident_look(r);
    if (!is_to_hand_over(r)) {
        ovnha_request_refuse(request, "this node is not serving");
        return;
    }
    uuid_generate(uuid);
    uuid_unparse_lower(uuid, r->handover.barrier);
    r->handover.barrier_is_out = false;
    ovnha_resident_note_ends(r);
    ovnha_resident_tails_clear(&r->handover.tails);
    r->handover.at_barrier = request;
    r->handover.barrier_ends_at = ovnha_deadline_after(ovnha_now(), BARRIER_LASTS_MS);
    ovnha_resident_check_handover(r);
}

/* It has attached, and only its confirmation is missing. */
static bool is_joining(const struct resident *r, const struct ovnha_peer *peer)
{
    return peer->present && peer->attachment[0] &&
           !ovnha_members_find(&r->record.in_sync, peer->node);
}

/* A replica that is still loading may be in sync before the demote runs out of time;
 * meanwhile clients are served.  Beside others that are, it is waited for for a moment:
 * after a promotion all attach anew, and Pacemaker may have chosen one already. */
static bool some_may_yet_join(const struct resident *r)
{
    const bool soon = !ovnha_deadline_passed(
        r->handover.barrier_ends_at - BARRIER_LASTS_MS + JOINS_SOON_MS, ovnha_now());
    bool present = false, joining = false;

    for (size_t i = 0; i < r->n_peers; i++) {
        present = present || r->peer[i].state.present;
        joining = joining || is_joining(r, &r->peer[i].state);
    }
    return (present && r->record.in_sync.n <= 1) || (joining && soon);
}

static void answer_barrier(struct resident *r)
{
    if (r->handover.at_barrier && !ovnha_request_is_awaited(r->handover.at_barrier)) {
        ovnha_request_refuse(r->handover.at_barrier, "nobody waits for this");
        r->handover.at_barrier = NULL;
    }
    if (r->handover.at_barrier && r->handover.barrier_is_out &&
        all_others(r, holds_barrier) && !some_may_yet_join(r)) {
        ovnha_request_reply(r->handover.at_barrier, "held");
        r->handover.at_barrier = NULL;
    }
}

/*
 * Afterwards.
 */

static void leave_out(const struct resident *r, struct ovnha_record *record)
{
    for (size_t i = 0; i < r->record.in_sync.n; i++) {
        const char *node = r->record.in_sync.member[i].node;

        if (strcmp(node, r->facts.self) != 0 && !is_complete(r, node)) {
            qb_log(LOG_WARNING, OVNHA_LINE_LEFT_OUT, node);
            ovnha_record_leave(record, node);
        }
    }
}

static enum ovnha_result record_complete(struct resident *r, struct ovnha_err *err)
{
    struct ovnha_record fresh = r->record;

    if (strcmp(r->record.active, r->facts.self) == 0) {
        leave_out(r, &fresh);
    }
    return fresh.revision != r->record.revision
               ? ovnha_resident_change_record(r, &fresh, err)
               : OVNHA_OK;
}

static void end_handover(struct resident *r, enum ovnha_result result, const char *why)
{
    if (r->handover.tails.known) {
        ovnha_text_copy(r->handover.completed_in, sizeof r->handover.completed_in,
                        r->record.generation.uuid);
    }
    r->handover.barrier[0] = '\0';
    ovnha_resident_tails_clear(&r->handover.tails);
    ovnha_resident_tell(r);
    if (result == OVNHA_OK) {
        ovnha_request_reply(r->handover.handing_over, "");
    } else {
        ovnha_request_refuse(r->handover.handing_over, why);
    }
    r->handover.handing_over = NULL;
}

static void read_tails_once(struct resident *r)
{
    if (!r->handover.tails_unread || ovnha_condition(&r->facts) != OVNHA_COPY_BACKUP) {
        return;
    }
    r->handover.tails_unread = false;
    r->handover.hand_over_at = ovnha_deadline_after(ovnha_now(), HAND_OVER_MS);
    if (r->handover.barrier[0]) {
        ovnha_resident_read_tails(r);
    } else {
        qb_log(LOG_WARNING, "there was no barrier: only this copy is known to have all");
    }
    ovnha_resident_tell(r);
}

/* Where there was no barrier, or the tails are not known, nobody can be complete. */
static bool is_handover_due(const struct resident *r)
{
    return ovnha_deadline_passed(r->handover.hand_over_at, ovnha_now()) ||
           (!r->handover.tails_unread &&
            (all_others(r, is_complete) || !r->handover.tails.known));
}

/* Or it is the last moment. */
static bool is_to_be_recorded(const struct resident *r)
{
    return !ovnha_request_is_awaited(r->handover.handing_over) ||
           (is_handover_due(r) &&
            ovnha_deadline_passed(r->handover.record_again_at, ovnha_now()));
}

static void answer_handover(struct resident *r)
{
    enum ovnha_result result;
    struct ovnha_err err = {""};

    if (!r->handover.handing_over) {
        return;
    }
    read_tails_once(r);
    if (!is_to_be_recorded(r)) {
        return;
    }
    result = record_complete(r, &err);
    if (result == OVNHA_OK || !ovnha_request_is_awaited(r->handover.handing_over) ||
        ovnha_deadline_passed(r->handover.hand_over_at + RECORD_MS, ovnha_now())) {
        end_handover(r, result, err.text);
        return;
    }
    qb_log(LOG_WARNING, "the handover cannot be recorded yet: %s", err.text);
    r->handover.record_again_at = ovnha_deadline_after(ovnha_now(), RECORD_AGAIN_MS);
}

static void drop_old_barrier(struct resident *r)
{
    if (r->handover.barrier[0] && !r->handover.handing_over &&
        ovnha_deadline_passed(r->handover.barrier_ends_at, ovnha_now())) {
        r->handover.barrier[0] = '\0';
        ovnha_resident_tell(r);
    }
}

void ovnha_resident_check_handover(struct resident *r)
{
    drop_old_barrier(r);
    complete(r);
    put_barrier(r);
    answer_barrier(r);
    answer_handover(r);
}

void ovnha_resident_hand_over(struct resident *r, struct ovnha_request *request)
{
    enum ovnha_condition condition;

    if (r->handover.at_barrier) {
        ovnha_request_refuse(r->handover.at_barrier, "handed over");
        r->handover.at_barrier = NULL;
    }
    if (r->handover.handing_over) {
        ovnha_request_refuse(r->handover.handing_over, "another handover came");
        r->handover.handing_over = NULL;
    }
    ovnha_resident_look(r);
    condition = ovnha_condition(&r->facts);
    if (condition != OVNHA_COPY_BACKUP && condition != OVNHA_COPY_SILENT) {
        ovnha_request_refuse(request, "this copy is not read-only");
        return;
    }
    ovnha_resident_tails_clear(&r->handover.tails);
    r->handover.tails_unread = true;
    r->handover.record_again_at = 0;
    r->handover.handing_over = request;
    r->handover.hand_over_at = ovnha_deadline_after(ovnha_now(), SILENT_MS);
    answer_handover(r);
}
