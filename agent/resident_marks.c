/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_marks.h"

#include <ovnha/marks.h>
#include <ovnha/ovsdb.h>

#include "resident_state.h"

/* The loop must not stand still for a server that does not answer. */
#define ANSWER_MS 500

enum ovnha_result ovnha_resident_transact(struct resident *r, size_t i,
                                          json_t *operations, json_t **results,
                                          struct ovnha_err *err)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), ANSWER_MS);
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

        result =
            ovnha_resident_transact(r, i, operations(r, i, other, uuid), &results, err);
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
    enum ovnha_result result =
        ovnha_resident_transact(r, i, ovnha_marks_query(database), &results, err);

    ovnha_marks_read_complete(database, resource, results, complete);
    json_decref(results);
    if (result == OVNHA_OK) {
        ovnha_marks_complete_add(complete, r->handover.completed_in);
        result = ovnha_resident_transact(
            r, i, ovnha_marks_set_complete(database, resource, complete), &results, err);
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
    return write_in_all(r, barrier_operations, "", r->handover.barrier, err);
}

enum ovnha_result ovnha_resident_digest_tail(struct resident *r, size_t i, json_t *rows,
                                             char digest[OVNHA_TAIL_DIGEST_SIZE],
                                             struct ovnha_err *err)
{
    json_t *query = ovnha_tail_query(rows), *results = NULL;
    enum ovnha_result result =
        query ? ovnha_resident_transact(r, i, query, &results, err) : OVNHA_OK;

    if (result == OVNHA_OK) {
        result = ovnha_tail_digest(rows, results, digest, err);
    }
    json_decref(results);
    return result;
}
