/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/salvage.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row_index.h"

#define OUR_KEYS  "ovnha-"
#define OUR_OWNER "ovnha-owner"

/* One comparison: the saved rows' UUIDs mapped to the present ones', and what is left. */
struct comparison {
    const struct ovnha_database *database;
    json_t *schema;
    json_t *saved, *now;
    json_t *same;  /* {SAVED UUID: PRESENT UUID} */
    json_t *taken; /* {PRESENT UUID: null}: the same as some saved one */
    json_t *own;   /* {SAVED UUID: null} */
    json_t *ours;  /* {UUID: null}: rows of this project, in either */
    json_t *links; /* results */
    json_t *changed;
};

static bool is_one_of(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_derived(const struct comparison *c, const char *table, const char *column)
{
    char name[128];

    if (column[0] == '_') {
        return true; /* _uuid, _version */
    }
    snprintf(name, sizeof name, "%s.%s", table, column);
    return is_one_of(c->database->derived_columns, name);
}

json_t *ovnha_salvage_tables(const struct ovnha_database *database, json_t *schema,
                             bool all)
{
    json_t *tables = json_array(), *table;
    const char *name;

    json_object_foreach(json_object_get(schema, "tables"), name, table)
    {
        if (all || !database->client_tables[0] ||
            is_one_of(database->client_tables, name)) {
            json_array_append_new(tables, json_string(name));
        }
    }
    return tables;
}

json_t *ovnha_salvage_select(const char *table)
{
    return json_pack("{s:s,s:s,s:[]}", "op", "select", "table", table, "where");
}

/*
 * Values (RFC 7047, 5.1).
 */

static const char *uuid_of(json_t *atom)
{
    const char *tag = json_string_value(json_array_get(atom, 0));

    return json_array_size(atom) == 2 && tag && strcmp(tag, "uuid") == 0
               ? json_string_value(json_array_get(atom, 1))
               : NULL;
}

static bool is_tagged(json_t *value, const char *wanted)
{
    const char *tag = json_string_value(json_array_get(value, 0));

    return json_array_size(value) == 2 && tag && strcmp(tag, wanted) == 0;
}

/* The elements of any value: of a set, pairs of a map, or the one atom. */
static json_t *elements(json_t *value)
{
    if (is_tagged(value, "set") || is_tagged(value, "map")) {
        return json_incref(json_array_get(value, 1));
    }
    return json_pack("[O]", value);
}

/* The same value with saved UUIDs as the present ones that they stand for. */
static json_t *translate(const struct comparison *c, json_t *value)
{
    const char *uuid = uuid_of(value);
    json_t *fresh, *element;
    size_t i;

    if (uuid) {
        json_t *present = json_object_get(c->same, uuid);

        return present ? json_pack("[s,O]", "uuid", present) : json_incref(value);
    }
    if (!json_is_array(value)) {
        return json_incref(value);
    }
    fresh = json_array();
    json_array_foreach(value, i, element)
    {
        json_array_append_new(fresh, translate(c, element));
    }
    return fresh;
}

static bool is_default(json_t *value)
{
    const char *text = json_string_value(value);

    if (is_tagged(value, "set") || is_tagged(value, "map")) {
        return json_array_size(json_array_get(value, 1)) == 0;
    }
    return json_is_false(value) || (text && !*text) ||
           (json_is_number(value) && json_number_value(value) == 0);
}

/*
 * Which rows are the same.
 */

static json_t *index_columns(const struct comparison *c, const char *table)
{
    json_t *definition = json_object_get(json_object_get(c->schema, "tables"), table);
    json_t *columns = json_array_get(json_object_get(definition, "indexes"), 0);

    if (columns) {
        return json_incref(columns);
    }
    return json_object_get(json_object_get(definition, "columns"), "name")
               ? json_pack("[s]", "name")
               : NULL;
}

/* Of rows without an index, all that is not the default: a schema of another version has
 * columns more or less. */
static json_t *all_columns(const struct comparison *c, const char *table, json_t *row,
                           bool is_saved)
{
    json_t *key = json_object(), *value;
    const char *column;

    json_object_foreach(row, column, value)
    {
        if (!is_derived(c, table, column) && !is_default(value)) {
            json_object_set_new(key, column,
                                is_saved ? translate(c, value) : json_incref(value));
        }
    }
    return key;
}

/* Malloc'ed; NULL when the row has none. */
static char *key_of(const struct comparison *c, const char *table, json_t *row,
                    bool is_saved)
{
    json_t *columns = index_columns(c, table), *key = json_object(), *column;
    bool named = false;
    char *text;
    size_t i;

    json_array_foreach(columns, i, column)
    {
        json_t *value = json_object_get(row, json_string_value(column));

        named = named || (value && !is_default(value));
        json_object_set_new(key, json_string_value(column),
                            is_saved ? translate(c, value) : json_incref(value));
    }
    if (!named) {
        json_decref(key);
        key = all_columns(c, table, row, is_saved);
    }
    text =
        json_object_size(key) > 0 ? json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(key);
    json_decref(columns);
    return text;
}

/* {KEY: UUID} of the present rows of a table that stand for no saved one yet. */
static json_t *present_keys(const struct comparison *c, const char *table)
{
    json_t *keys = json_object(), *row;
    size_t i;

    json_array_foreach(json_object_get(c->now, table), i, row)
    {
        char *key = json_object_get(c->taken, row_uuid(row))
                        ? NULL
                        : key_of(c, table, row, false);

        if (key) {
            json_object_set_new(keys, key, json_string(row_uuid(row)));
        }
        free(key);
    }
    return keys;
}

static void take_for(struct comparison *c, const char *saved, const char *present)
{
    json_object_set_new(c->same, saved, json_string(present));
    json_object_set_new(c->taken, present, json_null());
}

static void match_by_key(struct comparison *c, const char *table)
{
    json_t *keys = present_keys(c, table), *row;
    size_t i;

    json_array_foreach(json_object_get(c->saved, table), i, row)
    {
        char *key;

        if (json_object_get(c->same, row_uuid(row))) {
            continue;
        }
        key = key_of(c, table, row, true);
        if (key && json_object_get(keys, key)) {
            take_for(c, row_uuid(row), json_string_value(json_object_get(keys, key)));
            json_object_del(keys, key);
        }
        free(key);
    }
    json_decref(keys);
}

static void match_by_uuid(struct comparison *c, const char *table)
{
    json_t *present = rows_by_uuid(json_object_get(c->now, table)), *row;
    size_t i;

    json_array_foreach(json_object_get(c->saved, table), i, row)
    {
        if (json_object_get(present, row_uuid(row))) {
            take_for(c, row_uuid(row), row_uuid(row));
        }
    }
    json_decref(present);
}

static bool has_owner(json_t *row)
{
    json_t *pairs = json_array_get(json_object_get(row, "external_ids"), 1), *pair;
    size_t i;

    json_array_foreach(pairs, i, pair)
    {
        const char *key = json_string_value(json_array_get(pair, 0));

        if (key && strcmp(key, OUR_OWNER) == 0) {
            return true;
        }
    }
    return false;
}

static void find_ours(struct comparison *c, json_t *rows)
{
    json_t *table, *row;
    const char *name;
    size_t i;

    json_object_foreach(rows, name, table)
    {
        json_array_foreach(table, i, row)
        {
            if (has_owner(row)) {
                json_object_set_new(c->ours, row_uuid(row), json_null());
            }
        }
    }
}

/* Twice: the second time, references of the first are known. */
static void match(struct comparison *c)
{
    json_t *rows;
    const char *table;

    find_ours(c, c->saved);
    find_ours(c, c->now);
    json_object_foreach(c->saved, table, rows)
    {
        match_by_uuid(c, table);
    }
    for (int round = 0; round < 2; round++) {
        json_object_foreach(c->saved, table, rows)
        {
            match_by_key(c, table);
        }
    }
}

/*
 * What is missing.
 */

static json_t *own_row(const struct comparison *c, const char *table, json_t *row)
{
    json_t *columns = json_object(), *value;
    const char *column;

    json_object_foreach(row, column, value)
    {
        if (!is_derived(c, table, column) && !is_default(value)) {
            json_object_set_new(columns, column, translate(c, value));
        }
    }
    return json_pack("{s:s,s:s,s:o}", "table", table, "uuid", row_uuid(row), "row",
                     columns);
}

static json_t *own_rows(struct comparison *c)
{
    json_t *own = json_array(), *rows, *row;
    const char *table;
    size_t i;

    json_object_foreach(c->saved, table, rows)
    {
        json_array_foreach(rows, i, row)
        {
            if (!json_object_get(c->same, row_uuid(row)) &&
                !json_object_get(c->ours, row_uuid(row)) &&
                strcmp(table, c->database->root_table) != 0) {
                json_object_set_new(c->own, row_uuid(row), json_null());
                json_array_append_new(own, own_row(c, table, row));
            }
        }
    }
    return own;
}

static bool is_our_element(const struct comparison *c, json_t *element)
{
    const char *key = json_string_value(json_array_get(element, 0));
    const char *uuid = uuid_of(element);

    if (uuid) {
        return json_object_get(c->ours, uuid) != NULL;
    }
    return key && strncmp(key, OUR_KEYS, sizeof OUR_KEYS - 1) == 0;
}

static json_t *dumped_elements(json_t *value)
{
    json_t *all = elements(value), *set = json_object(), *element;
    size_t i;

    json_array_foreach(all, i, element)
    {
        char *text = json_dumps(element, JSON_COMPACT | JSON_ENCODE_ANY);

        json_object_set_new(set, text, json_null());
        free(text);
    }
    json_decref(all);
    return set;
}

/* The elements of the saved value, translated, that the present one has not; links to
 * rows that are missing themselves are noted apart. */
static json_t *missing_elements(struct comparison *c, const char *table, json_t *now,
                                const char *column, json_t *value)
{
    json_t *fresh = translate(c, value), *all = elements(fresh), *element;
    json_t *there = dumped_elements(json_object_get(now, column));
    json_t *missing = json_array();
    size_t i;

    json_array_foreach(all, i, element)
    {
        const char *uuid = uuid_of(element);
        char *text = json_dumps(element, JSON_COMPACT | JSON_ENCODE_ANY);

        if (uuid && json_object_get(c->own, uuid)) {
            json_array_append_new(c->links,
                                  json_pack("{s:s,s:s,s:s,s:s}", "table", table, "uuid",
                                            row_uuid(now), "column", column, "to", uuid));
        } else if (!is_our_element(c, element) && !json_object_get(there, text)) {
            json_array_append(missing, element);
        }
        free(text);
    }
    json_decref(fresh);
    json_decref(all);
    json_decref(there);
    return missing;
}

static void compare_row(struct comparison *c, const char *table, json_t *saved,
                        json_t *now)
{
    json_t *value;
    const char *column;

    json_object_foreach(saved, column, value)
    {
        json_t *present = json_object_get(now, column), *missing;

        if (is_derived(c, table, column) || !present) {
            continue;
        }
        missing = missing_elements(c, table, now, column, value);
        if (json_array_size(missing) > 0 && !is_default(value)) {
            json_array_append_new(c->changed,
                                  json_pack("{s:s,s:s,s:s,s:O,s:O}", "table", table,
                                            "uuid", row_uuid(now), "column", column,
                                            "saved", value, "now", present));
        }
        json_decref(missing);
    }
}

static void compare_rows(struct comparison *c)
{
    json_t *rows, *row;
    const char *table;
    size_t i;

    json_object_foreach(c->saved, table, rows)
    {
        json_t *present = rows_by_uuid(json_object_get(c->now, table));

        json_array_foreach(rows, i, row)
        {
            const char *uuid = json_string_value(json_object_get(c->same, row_uuid(row)));
            json_t *now = uuid ? json_object_get(present, uuid) : NULL;

            if (now && !json_object_get(c->ours, row_uuid(row))) {
                compare_row(c, table, row, now);
            }
        }
        json_decref(present);
    }
}

json_t *ovnha_salvage_compare(const struct ovnha_database *database, json_t *schema,
                              json_t *saved, json_t *now)
{
    struct comparison c = {.database = database,
                           .schema = schema,
                           .saved = saved,
                           .now = now,
                           .same = json_object(),
                           .taken = json_object(),
                           .own = json_object(),
                           .ours = json_object(),
                           .links = json_array(),
                           .changed = json_array()};
    json_t *own;

    match(&c);
    own = own_rows(&c);
    compare_rows(&c);
    json_decref(c.same);
    json_decref(c.taken);
    json_decref(c.own);
    json_decref(c.ours);
    return json_pack("{s:o,s:o,s:o}", "rows", own, "links", c.links, "changed",
                     c.changed);
}

size_t ovnha_salvage_count(json_t *difference)
{
    json_t *rows = json_object(), *change;
    size_t n = json_array_size(json_object_get(difference, "rows")), i;

    json_array_foreach(json_object_get(difference, "changed"), i, change)
    {
        json_object_set_new(rows, json_string_value(json_object_get(change, "uuid")),
                            json_null());
    }
    n += json_object_size(rows);
    json_decref(rows);
    return n;
}
