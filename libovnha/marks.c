/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/marks.h>

#include <stdio.h>
#include <string.h>

#include <ovnha/tail.h>
#include <ovnha/text.h>

#include "hash.h"

#define KEY_SIZE (2 * OVNHA_NODE_SIZE + 32)

json_t *ovnha_marks_query(const struct ovnha_database *database)
{
    return json_pack("[{s:s,s:s,s:[],s:[s]}]", "op", "select", "table",
                     database->root_table, "where", "columns", database->marker_column);
}

static void copy_value(json_t *map, const char *key, char *value, size_t size)
{
    json_t *pairs = json_array_get(map, 1);

    value[0] = '\0';
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        json_t *pair = json_array_get(pairs, i);
        const char *name = json_string_value(json_array_get(pair, 0));
        const char *text = json_string_value(json_array_get(pair, 1));

        if (name && text && strcmp(name, key) == 0 &&
            !ovnha_text_copy(value, size, text)) {
            value[0] = '\0'; /* not one of ours */
        }
    }
}

enum ovnha_result ovnha_marks_read(const struct ovnha_database *database,
                                   const char *resource, const char *node,
                                   json_t *results, struct ovnha_copy_marks *marks,
                                   struct ovnha_err *err)
{
    json_t *rows = json_object_get(json_array_get(results, 0), "rows");
    json_t *map = json_object_get(json_array_get(rows, 0), database->marker_column);
    char key[KEY_SIZE];

    memset(marks, 0, sizeof *marks);
    if (!json_is_array(rows)) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "%s: the answer to a select has no rows", database->schema);
    }
    snprintf(key, sizeof key, "ovnha-%s-generation", resource);
    copy_value(map, key, marks->generation, OVNHA_UUID_SIZE);
    snprintf(key, sizeof key, "ovnha-%s-parent", resource);
    copy_value(map, key, marks->parent, OVNHA_UUID_SIZE);
    snprintf(key, sizeof key, "ovnha-%s-token-%s", resource, node);
    copy_value(map, key, marks->attachment, OVNHA_UUID_SIZE);
    snprintf(key, sizeof key, "ovnha-%s-barrier", resource);
    copy_value(map, key, marks->barrier, OVNHA_UUID_SIZE);
    return OVNHA_OK;
}

/* An insert into a map keeps the value of a key that is there: delete it first. */
static json_t *set_key(const struct ovnha_database *database, const char *key,
                       const char *value)
{
    return json_pack("[{s:s,s:s,s:[],s:[[s,s,[s,[s]]],[s,s,[s,[[s,s]]]]]}]", "op",
                     "mutate", "table", database->root_table, "where", "mutations",
                     database->marker_column, "delete", "set", key,
                     database->marker_column, "insert", "map", key, value);
}

json_t *ovnha_marks_set_generation(const struct ovnha_database *database,
                                   const char *resource, const char *uuid,
                                   const char *parent)
{
    char key[KEY_SIZE], parent_key[KEY_SIZE];
    json_t *fresh = json_object(), *pairs = json_array();
    const char *name;
    json_t *value;

    snprintf(key, sizeof key, "ovnha-%s-generation", resource);
    snprintf(parent_key, sizeof parent_key, "ovnha-%s-parent", resource);
    json_object_set_new(fresh, key, json_string(uuid));
    if (parent[0]) {
        json_object_set_new(fresh, parent_key, json_string(parent));
    }
    json_object_foreach(fresh, name, value)
    {
        json_array_append_new(pairs, json_pack("[s,O]", name, value));
    }
    json_decref(fresh);
    return json_pack("[{s:s,s:s,s:[],s:[[s,s,[s,[s,s]]],[s,s,[s,o]]]},{s:s,s:b}]", "op",
                     "mutate", "table", database->root_table, "where", "mutations",
                     database->marker_column, "delete", "set", key, parent_key,
                     database->marker_column, "insert", "map", pairs, "op", "commit",
                     "durable", 1);
}

/* The comment stands in the record of this transaction and in no other one: a compaction
 * leaves it out, and whoever changes the column later has his own, if any. */
json_t *ovnha_marks_set_barrier(const struct ovnha_database *database,
                                const char *resource, const char *uuid)
{
    char key[KEY_SIZE], comment[OVNHA_TAIL_COMMENT_SIZE];
    json_t *operations;

    snprintf(key, sizeof key, "ovnha-%s-barrier", resource);
    ovnha_tail_comment(uuid, comment);
    operations = set_key(database, key, uuid);
    json_array_append_new(operations,
                          json_pack("{s:s,s:s}", "op", "comment", "comment", comment));
    return operations;
}

json_t *ovnha_marks_set_token(const struct ovnha_database *database, const char *resource,
                              const char *node, const char *uuid)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "ovnha-%s-token-%s", resource, node);
    return set_key(database, key, uuid);
}

/*
 * Complete generations.
 */

void ovnha_marks_read_complete(const struct ovnha_database *database,
                               const char *resource, json_t *results,
                               char complete[OVNHA_COMPLETE_SIZE])
{
    json_t *rows = json_object_get(json_array_get(results, 0), "rows");
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "ovnha-%s-complete", resource);
    complete[0] = '\0';
    copy_value(json_object_get(json_array_get(rows, 0), database->marker_column), key,
               complete, OVNHA_COMPLETE_SIZE);
}

bool ovnha_marks_complete_has(const char *complete, const char *generation)
{
    const size_t length = strlen(generation);

    for (const char *at = complete; length > 0 && *at; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strncmp(at, generation, length) == 0 && strcspn(at, " ") == length) {
            return true;
        }
    }
    return false;
}

void ovnha_marks_complete_add(char complete[OVNHA_COMPLETE_SIZE], const char *generation)
{
    char before[OVNHA_COMPLETE_SIZE - OVNHA_UUID_SIZE];

    if (!generation[0] || ovnha_marks_complete_has(complete, generation)) {
        return;
    }
    if (!ovnha_text_copy(before, sizeof before, complete)) {
        char *last = strrchr(before, ' ');

        *(last ? last : before) = '\0'; /* the oldest goes */
    }
    snprintf(complete, OVNHA_COMPLETE_SIZE, "%.36s%s%s", generation, before[0] ? " " : "",
             before);
}

json_t *ovnha_marks_set_complete(const struct ovnha_database *database,
                                 const char *resource, const char *complete)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "ovnha-%s-complete", resource);
    return set_key(database, key, complete);
}

/*
 * Content.
 */

json_t *ovnha_content_query(const struct ovnha_database *database)
{
    json_t *operations = NULL;

    for (size_t i = 0; database->content[i]; i++) {
        if (!operations) {
            operations = json_array();
        }
        json_array_append_new(
            operations, json_pack("{s:s,s:s,s:[],s:[s]}", "op", "select", "table",
                                  database->content[i], "where", "columns", "_uuid"));
    }
    return operations;
}

/* Any order of rows comes to the same sum. */
enum ovnha_result ovnha_content_read(json_t *results, char content[OVNHA_CONTENT_SIZE],
                                     bool *populated, struct ovnha_err *err)
{
    uint64_t sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(results); i++) {
        json_t *rows = json_object_get(json_array_get(results, i), "rows");

        if (!json_is_array(rows)) {
            return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                              "the answer to a select has no rows");
        }
        for (size_t j = 0; j < json_array_size(rows); j++, n++) {
            json_t *uuid = json_object_get(json_array_get(rows, j), "_uuid");
            const char *text = json_string_value(json_array_get(uuid, 1));

            sum += text ? hash_text(HASH_EMPTY, text) : 0;
        }
    }
    *populated = n > 0;
    snprintf(content, OVNHA_CONTENT_SIZE, "%zu-%016llx", n, (unsigned long long)sum);
    return OVNHA_OK;
}
