/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <jansson.h>

#include <ovnha/marks.h>
#include <ovnha/ovsdb.h>
#include <ovnha/rows.h>

/* One round: read, compare, write what differs.  *written says whether there was
 * anything to write. */
static enum ovnha_result write_differing_rows(const struct execution *x, size_t i,
                                              const struct ovnha_row_wanted *wanted,
                                              struct ovnha_ovsdb *db, bool *written,
                                              struct ovnha_err *err)
{
    const struct ovnha_database *database = x->facts->settings.db[i].database;
    const ovnha_msec deadline = x->context->deadline;
    json_t *query = ovnha_rows_query(database), *results = NULL, *todo = NULL,
           *done = NULL;
    enum ovnha_result result =
        ovnha_ovsdb_transact(db, database->schema, query, &results, deadline, err);

    if (result == OVNHA_OK) {
        result = ovnha_rows_compare(database, wanted, OVNHA_ROWS_N, results, &todo, err);
    }
    *written = todo != NULL;
    if (result == OVNHA_OK && todo) {
        result = ovnha_ovsdb_transact(db, database->schema, todo, &done, deadline, err);
    }
    json_decref(query);
    json_decref(results);
    json_decref(todo);
    json_decref(done);
    return result;
}

/* The round after the one that wrote finds nothing to do, or someone else is at it:
 * three are enough to tell. */
enum ovnha_result ovnha_step_write_rows(struct execution *x,
                                        const struct ovnha_step *step,
                                        struct ovnha_err *err)
{
    struct ovnha_row_wanted wanted[OVNHA_ROWS_N];
    struct ovnha_ovsdb *db;
    bool written = true;
    enum ovnha_result result = ovnha_ovsdb_open(x->context->paths.socket[step->db],
                                                x->context->deadline, &db, err);

    if (result != OVNHA_OK) {
        return result;
    }
    ovnha_rows_wanted(x->facts, step->db, step->text, wanted);
    for (int round = 0; round < 3 && written && result == OVNHA_OK; round++) {
        result = write_differing_rows(x, step->db, wanted, db, &written, err);
    }
    ovnha_ovsdb_close(db);
    if (result == OVNHA_OK && written) {
        return ovnha_fail(err, OVNHA_ERR_CONFLICT, "%s: our Connection rows were written three times and do not "
                          "stay: find the client that changes them, and stop it",
                          ovnha_execute_settings(x, step)->database->name);
    }
    return result;
}

enum ovnha_result ovnha_step_write_marker(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    const struct ovnha_database *database = ovnha_execute_settings(x, step)->database;
    json_t *operations = ovnha_marks_set_generation(database, x->facts->settings.resource,
                                                    x->generation, x->parent);
    json_t *results = NULL;
    struct ovnha_ovsdb *db = NULL;
    enum ovnha_result result = ovnha_ovsdb_open(x->context->paths.socket[step->db],
                                                x->context->deadline, &db, err);

    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_transact(db, database->schema, operations, &results,
                                      x->context->deadline, err);
    }
    ovnha_ovsdb_close(db);
    json_decref(operations);
    json_decref(results);
    return result;
}
