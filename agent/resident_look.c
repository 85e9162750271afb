/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <string.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/condition.h>
#include <ovnha/marks.h>
#include <ovnha/ovsdb.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

#include "gather.h"

/* The loop must not stand still for a server that does not answer. */
#define LOOK_MS 500

static enum ovnha_result transact(struct resident *r, size_t i, json_t *operations,
                                  json_t **results, struct ovnha_err *err)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), LOOK_MS);
    struct ovnha_ovsdb *db = NULL;
    enum ovnha_result result =
        ovnha_ovsdb_open(r->context.paths.socket[i], deadline, &db, err);

    *results = NULL;
    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_transact(db, r->facts.settings.db[i].database->schema,
                                      operations, results, deadline, err);
    }
    ovnha_ovsdb_close(db);
    json_decref(operations);
    return result;
}

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
    bool ok = transact(r, i, ovnha_marks_query(database), &results, NULL) == OVNHA_OK &&
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
    qb_log(LOG_INFO, "attached to %s as %s", r->attachment[0] ? r->attached_to : "nobody",
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
    if (r->marks_known && strcmp(r->barrier_seen, r->marks[0].barrier) != 0) {
        ovnha_text_copy(r->barrier_seen, sizeof r->barrier_seen, r->marks[0].barrier);
        ovnha_resident_tell(r);
    }
}

enum ovnha_result ovnha_resident_digest_tail(struct resident *r, size_t i, json_t *rows,
                                             char digest[OVNHA_TAIL_DIGEST_SIZE],
                                             struct ovnha_err *err)
{
    json_t *query = ovnha_tail_query(rows), *results = NULL;
    enum ovnha_result result = query ? transact(r, i, query, &results, err) : OVNHA_OK;

    if (result == OVNHA_OK) {
        result = ovnha_tail_digest(rows, results, digest, err);
    }
    json_decref(results);
    return result;
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
    ok = transact(r, i, query, &results, NULL) == OVNHA_OK &&
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
            qb_log(LOG_NOTICE, "%s %s", r->facts.settings.db[i].database->name,
                   ovnha_stall_verdict_to_str(server->stalled));
        }
        r->stall[i] = server->stall;
    }
}

void ovnha_resident_look(struct resident *r)
{
    r->context.deadline = ovnha_deadline_after(ovnha_now(), 2 * LOOK_MS);
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

/* `other`: the node of a token, the parent of a generation. */
typedef json_t *mark_operations(const struct resident *r, size_t i, const char *other,
                                const char *uuid);

static enum ovnha_result write_in_all(struct resident *r, mark_operations *operations,
                                      const char *other, const char *uuid,
                                      struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;

    for (size_t i = 0; i < r->facts.settings.n_dbs && result == OVNHA_OK; i++) {
        json_t *results;

        result = transact(r, i, operations(r, i, other, uuid), &results, err);
        json_decref(results);
    }
    return result;
}

static json_t *generation_operations(const struct resident *r, size_t i,
                                     const char *parent, const char *uuid)
{
    return ovnha_marks_set_generation(r->facts.settings.db[i].database,
                                      r->facts.settings.resource, uuid, parent);
}

static json_t *token_operations(const struct resident *r, size_t i, const char *node,
                                const char *uuid)
{
    return ovnha_marks_set_token(r->facts.settings.db[i].database,
                                 r->facts.settings.resource, node, uuid);
}

static json_t *barrier_operations(const struct resident *r, size_t i, const char *node,
                                  const char *uuid)
{
    (void)node;
    return ovnha_marks_set_barrier(r->facts.settings.db[i].database,
                                   r->facts.settings.resource, uuid);
}

enum ovnha_result ovnha_resident_write_marker(struct resident *r, const char *uuid,
                                              const char *parent, struct ovnha_err *err)
{
    return write_in_all(r, generation_operations, parent, uuid, err);
}

/* Each database has a list of its own. */
static enum ovnha_result add_complete(struct resident *r, size_t i, struct ovnha_err *err)
{
    const struct ovnha_database *database = r->facts.settings.db[i].database;
    const char *resource = r->facts.settings.resource;
    char complete[OVNHA_COMPLETE_SIZE];
    json_t *results;
    enum ovnha_result result = transact(r, i, ovnha_marks_query(database), &results, err);

    ovnha_marks_read_complete(database, resource, results, complete);
    json_decref(results);
    if (result == OVNHA_OK) {
        ovnha_marks_complete_add(complete, r->completed_in);
        result = transact(r, i, ovnha_marks_set_complete(database, resource, complete),
                          &results, err);
        json_decref(results);
    }
    return result;
}

enum ovnha_result ovnha_resident_write_complete(struct resident *r, struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;

    for (size_t i = 0; i < r->facts.settings.n_dbs && result == OVNHA_OK; i++) {
        result = add_complete(r, i, err);
    }
    return result;
}

enum ovnha_result ovnha_resident_write_token(struct resident *r, const char *node,
                                             const char *uuid, struct ovnha_err *err)
{
    return write_in_all(r, token_operations, node, uuid, err);
}

enum ovnha_result ovnha_resident_write_barrier(struct resident *r, struct ovnha_err *err)
{
    return write_in_all(r, barrier_operations, "", r->barrier, err);
}
