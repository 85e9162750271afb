/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/rows.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <ovnha/endpoint.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

static void want(struct ovnha_row_wanted *wanted, const struct ovnha_facts *facts,
                 const char *what, const char *target, int probe_ms)
{
    snprintf(wanted->owner, sizeof wanted->owner, "%s/%s", facts->settings.resource,
             what);
    ovnha_text_copy(wanted->target, sizeof wanted->target, target);
    wanted->probe_ms = probe_ms;
    wanted->dscp = NULL;
}

void ovnha_rows_wanted(const struct ovnha_facts *facts, size_t i,
                       const char *replicas_listener,
                       struct ovnha_row_wanted wanted[OVNHA_ROWS_N])
{
    char listener[OVNHA_METHOD_SIZE];

    ovnha_source_clients_listener(facts, i, listener);
    want(&wanted[0], facts, "clients", listener, facts->settings.client_probe_ms);
    want(&wanted[1], facts, "replicas", replicas_listener,
         facts->settings.replica_probe_ms);
    wanted[1].dscp = "0";
}

/* What the query returned, by position of its operations. */
struct found {
    json_t *connections; /* borrowed: array of rows of table Connection */
    json_t *root;        /* borrowed: the root row, or NULL */
};

json_t *ovnha_rows_query(const struct ovnha_database *database)
{
    return json_pack("[{s:s,s:s,s:[],s:[s,s,s,s,s]},{s:s,s:s,s:[],s:[s,s]}]", "op",
                     "select", "table", "Connection", "where", "columns", "_uuid",
                     "target", "inactivity_probe", "other_config", "external_ids", "op",
                     "select", "table", database->root_table, "where", "columns", "_uuid",
                     database->connections);
}

/* OVSDB writes a set of one element as the element itself (RFC 7047, 5.1). */
static json_t *only_element(json_t *value)
{
    if (!json_is_array(value)) {
        return value;
    }
    const char *tag = json_string_value(json_array_get(value, 0));
    json_t *elements = json_array_get(value, 1);

    return tag && strcmp(tag, "set") == 0 && json_array_size(elements) == 1
               ? json_array_get(elements, 0)
               : NULL;
}

static const char *map_value(json_t *map, const char *key)
{
    json_t *pairs = json_array_get(map, 1);

    for (size_t i = 0; i < json_array_size(pairs); i++) {
        json_t *pair = json_array_get(pairs, i);
        const char *name = json_string_value(json_array_get(pair, 0));

        if (name && strcmp(name, key) == 0) {
            return json_string_value(json_array_get(pair, 1));
        }
    }
    return NULL;
}

static const char *row_owner(json_t *row)
{
    return map_value(json_object_get(row, "external_ids"), OVNHA_ROWS_OWNER_KEY);
}

const char *ovnha_rows_target(json_t *row)
{
    return json_string_value(json_object_get(row, "target"));
}

bool ovnha_rows_is_ours(json_t *row, const char *resource)
{
    const char *owner = row_owner(row);
    const size_t n = strlen(resource);

    return owner && strncmp(owner, resource, n) == 0 && owner[n] == '/';
}

static bool is_owned(json_t *row, const char *owner)
{
    const char *its_owner = row_owner(row);

    return its_owner && strcmp(its_owner, owner) == 0;
}

/* Of several rows of ours the one that has the target already: two rows cannot
 * have the same. */
static json_t *find_owned(const struct found *found,
                          const struct ovnha_row_wanted *wanted)
{
    json_t *first = NULL;

    for (size_t i = 0; i < json_array_size(found->connections); i++) {
        json_t *row = json_array_get(found->connections, i);
        const char *target = ovnha_rows_target(row);

        if (!is_owned(row, wanted->owner)) {
            continue;
        }
        if (target && strcmp(target, wanted->target) == 0) {
            return row;
        }
        first = first ? first : row;
    }
    return first;
}

/* A row of someone else that listens where ours would: two cannot. */
static bool covered_by_other(const struct found *found,
                             const struct ovnha_row_wanted *wanted)
{
    for (size_t i = 0; i < json_array_size(found->connections); i++) {
        json_t *row = json_array_get(found->connections, i);
        const char *target = ovnha_rows_target(row);

        if (target && !is_owned(row, wanted->owner) &&
            ovnha_method_covers(target, wanted->target)) {
            return true;
        }
    }
    return false;
}

static bool has_dscp(json_t *row, const char *dscp)
{
    const char *has = map_value(json_object_get(row, "other_config"), "dscp");

    return !dscp || (has && strcmp(has, dscp) == 0);
}

static bool row_is_as_wanted(json_t *row, const struct ovnha_row_wanted *wanted)
{
    const char *target = ovnha_rows_target(row);
    json_t *probe = only_element(json_object_get(row, "inactivity_probe"));

    return target && strcmp(target, wanted->target) == 0 && json_is_integer(probe) &&
           json_integer_value(probe) == wanted->probe_ms && has_dscp(row, wanted->dscp);
}

/* The columns that may change; a new row has its owner, too. */
static json_t *wanted_columns(const struct ovnha_row_wanted *wanted)
{
    json_t *columns = json_pack("{s:s,s:i}", "target", wanted->target, "inactivity_probe",
                                wanted->probe_ms);

    if (wanted->dscp) {
        json_object_set_new(columns, "other_config",
                            json_pack("[s,[[s,s]]]", "map", "dscp", wanted->dscp));
    }
    return columns;
}

static json_t *new_row(const struct ovnha_row_wanted *wanted)
{
    json_t *row = wanted_columns(wanted);

    json_object_set_new(
        row, "external_ids",
        json_pack("[s,[[s,s]]]", "map", OVNHA_ROWS_OWNER_KEY, wanted->owner));
    return row;
}

static void insert_row(json_t *operations, const struct ovnha_row_wanted *wanted,
                       size_t i, json_t *links)
{
    char name[32];

    snprintf(name, sizeof name, "row%zu", i);
    json_array_append_new(operations, json_pack("{s:s,s:s,s:s,s:o}", "op", "insert",
                                                "table", "Connection", "uuid-name", name,
                                                "row", new_row(wanted)));
    json_array_append_new(links, json_pack("[s,s]", "named-uuid", name));
}

static void update_row(json_t *operations, json_t *row,
                       const struct ovnha_row_wanted *wanted)
{
    json_array_append_new(operations,
                          json_pack("{s:s,s:s,s:[[s,s,O]],s:o}", "op", "update", "table",
                                    "Connection", "where", "_uuid",
                                    "==", json_object_get(row, "_uuid"), "row",
                                    wanted_columns(wanted)));
}

/* A Connection row nobody refers to is garbage to OVSDB and goes by itself. */
static void unlink_row(json_t *operations, const struct ovnha_database *database,
                       json_t *row)
{
    json_array_append_new(operations,
                          json_pack("{s:s,s:s,s:[],s:[[s,s,[s,[O]]]]}", "op", "mutate",
                                    "table", database->root_table, "where", "mutations",
                                    database->connections, "delete", "set",
                                    json_object_get(row, "_uuid")));
}

static void link_rows(json_t *operations, const struct ovnha_database *database,
                      const struct found *found, json_t *links)
{
    if (!found->root) {
        json_array_append_new(operations,
                              json_pack("{s:s,s:s,s:{s:[s,O]}}", "op", "insert", "table",
                                        database->root_table, "row",
                                        database->connections, "set", links));
    } else if (json_array_size(links) > 0) {
        json_array_append_new(
            operations, json_pack("{s:s,s:s,s:[],s:[[s,s,[s,O]]]}", "op", "mutate",
                                  "table", database->root_table, "where", "mutations",
                                  database->connections, "insert", "set", links));
    }
}

static void unlink_duplicates(json_t *operations, const struct ovnha_database *database,
                              const struct found *found,
                              const struct ovnha_row_wanted *wanted, json_t *keep)
{
    for (size_t i = 0; i < json_array_size(found->connections); i++) {
        json_t *row = json_array_get(found->connections, i);

        if (row != keep && is_owned(row, wanted->owner)) {
            unlink_row(operations, database, row);
        }
    }
}

static void compare_one(json_t *operations, const struct ovnha_database *database,
                        const struct found *found, const struct ovnha_row_wanted *wanted,
                        size_t i, json_t *links)
{
    json_t *row = find_owned(found, wanted);
    const bool unwanted = !wanted->target[0] || covered_by_other(found, wanted);

    unlink_duplicates(operations, database, found, wanted, row);
    if (row && unwanted) {
        unlink_row(operations, database, row);
    } else if (row && !row_is_as_wanted(row, wanted)) {
        update_row(operations, row, wanted);
    } else if (!row && !unwanted) {
        insert_row(operations, wanted, i, links);
    }
}

static enum ovnha_result read_found(const struct ovnha_database *database,
                                    json_t *results, struct found *found,
                                    struct ovnha_err *err)
{
    json_t *roots = json_object_get(json_array_get(results, 1), "rows");

    found->connections = json_object_get(json_array_get(results, 0), "rows");
    found->root = json_array_get(roots, 0);
    if (!json_is_array(found->connections) || !json_is_array(roots)) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "%s: the answer to a select of Connection and %s has no rows",
                          database->schema, database->root_table);
    }
    return OVNHA_OK;
}

enum ovnha_result ovnha_rows_compare(const struct ovnha_database *database,
                                     const struct ovnha_row_wanted *wanted,
                                     size_t n_wanted, json_t *results,
                                     json_t **operations, struct ovnha_err *err)
{
    struct found found;
    const enum ovnha_result result = read_found(database, results, &found, err);

    *operations = NULL;
    if (result != OVNHA_OK) {
        return result;
    }
    json_t *todo = json_array();
    json_t *links = json_array();

    for (size_t i = 0; i < n_wanted; i++) {
        compare_one(todo, database, &found, &wanted[i], i, links);
    }
    link_rows(todo, database, &found, links);
    json_decref(links);
    if (json_array_size(todo) == 0) {
        json_decref(todo);
        return OVNHA_OK;
    }
    *operations = todo;
    return OVNHA_OK;
}
