/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_look.h"

#include <string.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/condition.h>
#include <ovnha/log_line.h>
#include <ovnha/marks.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

#include "gather.h"
#include "resident_beat.h"
#include "resident_group.h"
#include "resident_marks.h"
#include "resident_state.h"
#include "resident_unbroken.h"

/* The loop must not stand still for a server that does not answer. */
#define LOOK_MS 1000

/* A token that someone removed by hand is one to be written. */
static void look_for_tokens(struct resident *r, size_t i, json_t *results)
{
    for (size_t p = 0; p < r->n_peers; p++) {
        struct ovnha_peer *peer = &r->peer[p].state;
        struct ovnha_copy_marks marks;

        if (ovnha_marks_read(r->facts.settings.db[i].database, r->facts.settings.resource,
                             peer->node, results, &marks, NULL) == OVNHA_OK &&
            strcmp(marks.attachment, peer->token) != 0) {
            peer->token[0] = '\0';
        }
    }
}

static bool read_marks(struct resident *r, size_t i)
{
    const struct ovnha_database *database = r->facts.settings.db[i].database;
    json_t *results;
    bool ok = ovnha_resident_transact(r, i, ovnha_marks_query(database), &results,
                                      NULL) == OVNHA_OK &&
              ovnha_marks_read(database, r->facts.settings.resource, r->facts.self,
                               results, &r->marks[i], NULL) == OVNHA_OK;

    if (ok) {
        look_for_tokens(r, i, results);
    }
    json_decref(results);
    return ok;
}

/* What it read back from a former active says nothing about what the active has. */
static bool is_told_to_follow_the_active(const struct resident *r)
{
    return !r->record.active[0] ||
           strcmp(r->record.active, r->facts.memory.promoted) == 0;
}

/* Whether every server has a session with the one node it was told to follow.  The
 * probe interval does not matter: the agent may know a newer one than this helper. */
static bool is_attached(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP &&
           ovnha_source_is_followed(&r->facts) && is_told_to_follow_the_active(r) &&
           !r->beat.sessionless;
}

static bool some_server_is_silent(const struct resident *r)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (r->facts.server[i].presence == OVNHA_PRESENCE_RUNNING &&
            !r->facts.server[i].answered) {
            return true;
        }
    }
    return false;
}

static bool token_is_read_back(const struct resident *r)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (strcmp(r->marks[i].attachment, r->attachment) != 0) {
            return false;
        }
    }
    return r->marks_known && r->attachment[0];
}

/* An attachment lasts from the first look at sessions with a node to the first look
 * without.  A server that is busy says neither. */
static void follow_attachment(struct resident *r)
{
    const bool same =
        r->attachment[0] && strcmp(r->attached_to, r->facts.memory.promoted) == 0;
    uuid_t uuid;

    if (some_server_is_silent(r) || (is_attached(r) && same)) {
        return;
    }
    if (!is_attached(r) && !r->attachment[0]) {
        return;
    }
    r->confirmed = false;
    r->attachment[0] = '\0';
    ovnha_resident_forget_streams(r);
    if (is_attached(r)) {
        ovnha_resident_set_unbroken(r, false); /* its copy was thrown away */
        uuid_generate(uuid);
        uuid_unparse_lower(uuid, r->attachment);
        r->attached_at = ovnha_now();
        ovnha_text_copy(r->attached_to, sizeof r->attached_to, r->facts.memory.promoted);
    }
    qb_log(LOG_INFO, OVNHA_LINE_ATTACHED, r->attachment[0] ? r->attached_to : "nobody",
           r->attachment);
    ovnha_resident_tell(r);
}

static void confirm_attachment(struct resident *r)
{
    if (!r->confirmed && token_is_read_back(r)) {
        r->confirmed = true;
        ovnha_resident_tell(r);
    }
}

/* In every database, or it has not got through. */
static void see_barrier(struct resident *r)
{
    for (size_t i = 1; i < r->facts.settings.n_dbs; i++) {
        if (strcmp(r->marks[i].barrier, r->marks[0].barrier) != 0) {
            return;
        }
    }
    if (r->marks_known && strcmp(r->handover.barrier_seen, r->marks[0].barrier) != 0) {
        ovnha_text_copy(r->handover.barrier_seen, sizeof r->handover.barrier_seen,
                        r->marks[0].barrier);
        ovnha_resident_tell(r);
    }
}

static bool read_content(struct resident *r, size_t i, bool *populated,
                         char content[OVNHA_CONTENT_SIZE])
{
    json_t *query = ovnha_content_query(r->facts.settings.db[i].database), *results;
    bool ok;

    *populated = false;
    if (!query) {
        return true;
    }
    ok = ovnha_resident_transact(r, i, query, &results, NULL) == OVNHA_OK &&
         ovnha_content_read(results, content, populated, NULL) == OVNHA_OK;
    json_decref(results);
    return ok;
}

/* Only the first start asks, and only once every database has answered. */
static void look_at_content(struct resident *r)
{
    char content[OVNHA_CONTENT_SIZE] = "";
    bool known = r->marks_known, populated = false, any = false;

    if (ovnha_record_exists(&r->record)) {
        return;
    }
    for (size_t i = 0; i < r->facts.settings.n_dbs && known; i++) {
        known = read_content(r, i, &any, content);
        populated = populated || any;
    }
    if (known != r->content_known || strcmp(content, r->content) != 0) {
        r->content_known = known;
        r->populated = populated;
        ovnha_text_copy(r->content, sizeof r->content, content);
        ovnha_resident_tell(r);
    }
}

/* A server that did not answer at the last look either is silent since then. */
static void look_at_stalls(struct resident *r)
{
    ovnha_facts_resume_stalls(&r->facts, r->stall, ovnha_now());
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        const struct ovnha_server_facts *server = &r->facts.server[i];

        if (server->stalled != r->stalled[i]) {
            r->stalled[i] = server->stalled;
            qb_log(LOG_NOTICE, OVNHA_LINE_STALL, r->facts.settings.db[i].database->name,
                   ovnha_stall_verdict_to_str(server->stalled));
        }
        r->stall[i] = server->stall;
    }
}

void ovnha_resident_look(struct resident *r)
{
    r->context.deadline = ovnha_deadline_after(ovnha_now(), LOOK_MS);
    ovnha_gather_local(&r->context, OVNHA_MONITOR, &r->facts);
    look_at_stalls(r);
    r->marks_known = true;
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        r->marks_known =
            r->facts.server[i].answered && read_marks(r, i) && r->marks_known;
    }
    look_at_content(r);
    follow_attachment(r);
    confirm_attachment(r);
    see_barrier(r);
}
