/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/saved_copy.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/ovsdb.h>
#include <ovnha/salvage.h>
#include <ovnha/spawn.h>

/* Of one copy, in memory; the largest databases that are known come to a tenth. */
#define ROWS_MAX   (1024u * 1024 * 1024)
#define SCHEMA_MAX (8u * 1024 * 1024)

enum ovnha_result ovnha_saved_copy_schema(const char *path, json_t **schema,
                                          struct ovnha_err *err)
{
    FILE *file = fopen(path, "re");
    unsigned long length;
    json_error_t error;

    *schema = NULL;
    if (!file) {
        return ovnha_fail_errno(err, errno, "cannot read %s", path);
    }
    if (fscanf(file, "OVSDB JSON %lu %*40[0-9a-f]", &length) == 1 &&
        length < SCHEMA_MAX && getc(file) == '\n') {
        *schema = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
    }
    fclose(file);
    return *schema ? OVNHA_OK
                   : ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                                "%s is no database file of a standalone server", path);
}

/* {TABLE: [ROW, ...]} of the results of one select per table. */
static json_t *rows_of(json_t *tables, json_t *results)
{
    json_t *rows = json_object(), *table;
    size_t i;

    json_array_foreach(tables, i, table)
    {
        json_t *found = json_object_get(json_array_get(results, i), "rows");

        if (found) {
            json_object_set(rows, json_string_value(table), found);
        }
    }
    return rows;
}

static char *transaction(const char *schema, json_t *tables)
{
    json_t *operations = json_pack("[s]", schema), *table;
    char *text;
    size_t i;

    json_array_foreach(tables, i, table)
    {
        json_array_append_new(operations, ovnha_salvage_select(json_string_value(table)));
    }
    text = json_dumps(operations, JSON_COMPACT);
    json_decref(operations);
    return text;
}

static enum ovnha_result read_saved(const char *path, const char *schema, json_t *tables,
                                    ovnha_msec deadline, json_t **rows,
                                    struct ovnha_err *err)
{
    char *operations = transaction(schema, tables), *output = NULL;
    const char *const argv[] = {"ovsdb-tool", "query", path, operations, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    json_t *results;
    enum ovnha_result result =
        ovnha_spawn_capture(&spawn, &output, ROWS_MAX, deadline, err);

    free(operations);
    if (result != OVNHA_OK) {
        return result;
    }
    results = json_loads(output, 0, NULL);
    free(output);
    *rows = rows_of(tables, results);
    json_decref(results);
    return json_object_size(*rows) == json_array_size(tables)
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_PROTOCOL, "ovsdb-tool cannot query %s", path);
}

/* A table at a time: the server has others to serve, and one of another version may not
 * have them all. */
static enum ovnha_result read_present(const char *socket, const char *schema,
                                      json_t *tables, ovnha_msec deadline, json_t **rows,
                                      struct ovnha_err *err)
{
    struct ovnha_ovsdb *db = NULL;
    json_t *table;
    enum ovnha_result result = ovnha_ovsdb_open(socket, deadline, &db, err);
    size_t i;

    *rows = json_object();
    json_array_foreach(tables, i, table)
    {
        json_t *operations, *results = NULL;

        if (result != OVNHA_OK) {
            break;
        }
        operations = json_pack("[o]", ovnha_salvage_select(json_string_value(table)));
        result = ovnha_ovsdb_transact(db, schema, operations, &results, deadline, err);
        json_object_set(*rows, json_string_value(table),
                        json_object_get(json_array_get(results, 0), "rows"));
        result = result == OVNHA_ERR_REFUSED ? OVNHA_OK : result;
        json_decref(operations);
        json_decref(results);
    }
    ovnha_ovsdb_close(db);
    return result;
}

enum ovnha_result ovnha_saved_copy_compare(const struct ovnha_database *database,
                                           const char *path, const char *socket, bool all,
                                           ovnha_msec deadline, json_t **difference,
                                           struct ovnha_err *err)
{
    json_t *schema, *tables = NULL, *saved = NULL, *now = NULL;
    enum ovnha_result result = ovnha_saved_copy_schema(path, &schema, err);

    *difference = NULL;
    if (result == OVNHA_OK) {
        tables = ovnha_salvage_tables(database, schema, all);
        result = read_saved(path, database->schema, tables, deadline, &saved, err);
    }
    if (result == OVNHA_OK) {
        result = read_present(socket, database->schema, tables, deadline, &now, err);
    }
    if (result == OVNHA_OK) {
        *difference = ovnha_salvage_compare(database, schema, saved, now);
    }
    json_decref(schema);
    json_decref(tables);
    json_decref(saved);
    json_decref(now);
    return result;
}
