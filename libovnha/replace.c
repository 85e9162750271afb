/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/replace.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/facts.h>
#include <ovnha/rows.h>

#include "row_index.h"

/*
 * Reading.
 */

/* What a server makes up as it goes, as the state of a connection, is no content. */
static json_t *lasting_columns(json_t *table)
{
    json_t *names = json_array(), *column;
    const char *name;

    json_array_append_new(names, json_string("_uuid"));
    json_object_foreach(json_object_get(table, "columns"), name, column)
    {
        if (!json_is_true(json_object_get(column, "ephemeral"))) {
            json_array_append_new(names, json_string(name));
        }
    }
    return names;
}

json_t *ovnha_replace_query(json_t *schema)
{
    json_t *operations = json_array(), *table;
    const char *name;

    json_object_foreach(json_object_get(schema, "tables"), name, table)
    {
        json_array_append_new(operations, json_pack("{s:s,s:s,s:[],s:o}", "op", "select",
                                                    "table", name, "where", "columns",
                                                    lasting_columns(table)));
    }
    return operations;
}

static json_t *rows_of(json_t *results, size_t i)
{
    return json_object_get(json_array_get(results, i), "rows");
}

json_t *ovnha_replace_count(json_t *schema, json_t *results)
{
    json_t *counts = json_object(), *table;
    const char *name;
    size_t i = 0;

    json_object_foreach(json_object_get(schema, "tables"), name, table)
    {
        json_object_set_new(
            counts, name, json_integer((json_int_t)json_array_size(rows_of(results, i))));
        i++;
    }
    return counts;
}

/* The rows of a table, or NULL where the schema has no such table. */
static json_t *rows_named(json_t *schema, json_t *results, const char *wanted)
{
    json_t *table;
    const char *name;
    size_t i = 0;

    json_object_foreach(json_object_get(schema, "tables"), name, table)
    {
        if (strcmp(name, wanted) == 0) {
            return rows_of(results, i);
        }
        i++;
    }
    return NULL;
}

/*
 * What is our own.
 */

/* Of ["uuid", UUID] or [KEY, VALUE]; keys are unique. */
static int compare_pairs(const void *a, const void *b)
{
    json_t *const *left = a, *const *right = b;
    const int first = strcmp(json_string_value(json_array_get(*left, 0)),
                             json_string_value(json_array_get(*right, 0)));

    return first ? first
                 : strcmp(json_string_value(json_array_get(*left, 1)),
                          json_string_value(json_array_get(*right, 1)));
}

/* Sorted, as the server has them: what is the same looks the same. */
static json_t *sorted(json_t *elements)
{
    const size_t n = json_array_size(elements);
    json_t **list = calloc(n + 1, sizeof(json_t *)), *result = json_array();

    for (size_t i = 0; list && i < n; i++) {
        list[i] = json_array_get(elements, i);
    }
    if (list) {
        qsort(list, n, sizeof(json_t *), compare_pairs);
    }
    for (size_t i = 0; list && i < n; i++) {
        json_array_append(result, list[i]);
    }
    free(list);
    json_decref(elements);
    return result;
}

static bool is_our_key(json_t *pair, const char *resource)
{
    char prefix[OVNHA_NODE_SIZE + 16];
    const char *key = json_string_value(json_array_get(pair, 0));

    snprintf(prefix, sizeof prefix, "ovnha-%s-", resource);
    return key && strncmp(key, prefix, strlen(prefix)) == 0;
}

static void take_keys(json_t *to, json_t *map, const char *resource, bool ours)
{
    json_t *pair;
    size_t i;

    json_array_foreach(json_array_get(map, 1), i, pair)
    {
        if (is_our_key(pair, resource) == ours) {
            json_array_append(to, pair);
        }
    }
}

static void keep_keys(const struct ovnha_database *database, const char *resource,
                      json_t *saved_root, json_t *present_root)
{
    const char *column = database->marker_column;
    json_t *pairs = json_array();

    take_keys(pairs, json_object_get(saved_root, column), resource, false);
    take_keys(pairs, json_object_get(present_root, column), resource, true);
    json_object_set_new(saved_root, column, json_pack("[s,o]", "map", sorted(pairs)));
}

static bool has_target(json_t *rows, const char *target)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *its_target = ovnha_rows_target(row);

        if (its_target && target && strcmp(its_target, target) == 0) {
            return true;
        }
    }
    return false;
}

/* Two rows cannot have one target: a user's row that has ours takes its place, as it
 * does elsewhere (rows.h). */
static void keep_connections(const char *resource, json_t *saved, json_t *present)
{
    json_t *row;

    for (size_t i = json_array_size(saved); i > 0; i--) {
        if (ovnha_rows_is_ours(json_array_get(saved, i - 1), resource)) {
            json_array_remove(saved, i - 1);
        }
    }
    size_t i;

    json_array_foreach(present, i, row)
    {
        if (ovnha_rows_is_ours(row, resource) &&
            !has_target(saved, ovnha_rows_target(row))) {
            json_array_append(saved, row);
        }
    }
}

/* A Connection row counts by being named in the root row; all are. */
static void name_connections(const struct ovnha_database *database, json_t *root,
                             json_t *connections)
{
    json_t *names = json_array(), *row;
    size_t i;

    json_array_foreach(connections, i, row)
    {
        json_array_append(names, json_object_get(row, "_uuid"));
    }
    names = sorted(names);
    json_object_set_new(root, database->connections,
                        json_array_size(names) == 1
                            ? json_incref(json_array_get(names, 0))
                            : json_pack("[s,O]", "set", names));
    json_decref(names);
}

static void keep_own(const struct ovnha_database *database, const char *resource,
                     json_t *schema, json_t *saved, json_t *present)
{
    json_t *roots = rows_named(schema, saved, database->root_table);
    json_t *connections = rows_named(schema, saved, "Connection");
    json_t *present_root =
        json_array_get(rows_named(schema, present, database->root_table), 0);

    if (json_array_size(roots) == 0 && present_root) {
        json_array_append(roots, present_root);
    }
    keep_connections(resource, connections, rows_named(schema, present, "Connection"));
    if (json_array_size(roots) > 0) {
        keep_keys(database, resource, json_array_get(roots, 0), present_root);
        name_connections(database, json_array_get(roots, 0), connections);
    }
}

/*
 * The difference.
 */

static json_t *where_uuid(const char *uuid)
{
    return json_pack("[[s,s,[s,s]]]", "_uuid", "==", "uuid", uuid);
}

static void delete_row(json_t *operations, const char *table, const char *uuid)
{
    json_array_append_new(operations, json_pack("{s:s,s:s,s:o}", "op", "delete", "table",
                                                table, "where", where_uuid(uuid)));
}

static json_t *differing_columns(json_t *saved, json_t *present)
{
    json_t *columns = json_object(), *value;
    const char *name;

    json_object_foreach(saved, name, value)
    {
        if (strcmp(name, "_uuid") != 0 &&
            !json_equal(value, json_object_get(present, name))) {
            json_object_set(columns, name, value);
        }
    }
    return columns;
}

static void put_row(json_t *operations, const char *table, const char *uuid,
                    json_t *saved, json_t *present)
{
    json_t *columns = differing_columns(saved, present);

    if (!present) {
        json_array_append_new(operations,
                              json_pack("{s:s,s:s,s:s,s:O}", "op", "insert", "table",
                                        table, "uuid", uuid, "row", columns));
    } else if (json_object_size(columns) > 0) {
        json_array_append_new(operations, json_pack("{s:s,s:s,s:o,s:O}", "op", "update",
                                                    "table", table, "where",
                                                    where_uuid(uuid), "row", columns));
    }
    json_decref(columns);
}

static void replace_table(json_t *operations, const char *table, json_t *saved_rows,
                          json_t *present_rows)
{
    json_t *saved = rows_by_uuid(saved_rows), *present = rows_by_uuid(present_rows), *row;
    const char *uuid;

    json_object_foreach(present, uuid, row)
    {
        if (!json_object_get(saved, uuid)) {
            delete_row(operations, table, uuid);
        }
    }
    json_object_foreach(saved, uuid, row)
    {
        put_row(operations, table, uuid, row, json_object_get(present, uuid));
    }
    json_decref(saved);
    json_decref(present);
}

static bool are_whole(json_t *schema, json_t *results)
{
    const size_t n = json_object_size(json_object_get(schema, "tables"));

    for (size_t i = 0; i < n; i++) {
        if (!json_is_array(rows_of(results, i))) {
            return false;
        }
    }
    return n > 0;
}

enum ovnha_result ovnha_replace_operations(const struct ovnha_database *database,
                                           const char *resource, json_t *schema,
                                           json_t *saved, json_t *present,
                                           json_t **operations, struct ovnha_err *err)
{
    json_t *table;
    const char *name;
    size_t i = 0;

    *operations = NULL;
    if (!are_whole(schema, saved) || !are_whole(schema, present)) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "%s: a table of the schema was not read", database->schema);
    }
    keep_own(database, resource, schema, saved, present);
    *operations = json_array();
    json_object_foreach(json_object_get(schema, "tables"), name, table)
    {
        replace_table(*operations, name, rows_of(saved, i), rows_of(present, i));
        i++;
    }
    return OVNHA_OK;
}
