/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/marks.h>

#include <stdio.h>
#include <string.h>

#include <ovnha/text.h>

#define KEY_SIZE (2 * OVNHA_NODE_SIZE + 32)

json_t *ovnha_marks_query(const struct ovnha_database *database)
{
    return json_pack("[{s:s,s:s,s:[],s:[s]}]", "op", "select", "table",
                     database->root_table, "where", "columns", database->marker_column);
}

static void copy_value(json_t *map, const char *key, char value[OVNHA_UUID_SIZE])
{
    json_t *pairs = json_array_get(map, 1);

    value[0] = '\0';
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        json_t *pair = json_array_get(pairs, i);
        const char *name = json_string_value(json_array_get(pair, 0));
        const char *text = json_string_value(json_array_get(pair, 1));

        if (name && text && strcmp(name, key) == 0 &&
            !ovnha_text_copy(value, OVNHA_UUID_SIZE, text)) {
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
    copy_value(map, key, marks->generation);
    snprintf(key, sizeof key, "ovnha-%s-token-%s", resource, node);
    copy_value(map, key, marks->attachment);
    snprintf(key, sizeof key, "ovnha-%s-barrier", resource);
    copy_value(map, key, marks->barrier);
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
                                   const char *resource, const char *uuid)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "ovnha-%s-generation", resource);
    return set_key(database, key, uuid);
}

json_t *ovnha_marks_set_barrier(const struct ovnha_database *database,
                                const char *resource, const char *uuid)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "ovnha-%s-barrier", resource);
    return set_key(database, key, uuid);
}

json_t *ovnha_marks_set_token(const struct ovnha_database *database, const char *resource,
                              const char *node, const char *uuid)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "ovnha-%s-token-%s", resource, node);
    return set_key(database, key, uuid);
}
