/* SPDX-License-Identifier: Apache-2.0 */
/* The file's format is in ovsdb(5): records of a line "OVSDB JSON LENGTH SHA1" and
 * LENGTH bytes of JSON, which name tables and rows by UUID. */

#include <ovnha/tail.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

static const char header[] = "OVSDB JSON ";

/* The longest first line: the words, a length and a SHA-1. */
#define HEADER_MAX 80

/*
 * Records.
 */

struct cursor {
    const char *at, *end;
};

/* JSON as OVSDB writes it has no line break but its last. */
static const char *begin_of_record(const char *bytes, const char *inside)
{
    while (inside > bytes) {
        const char *line = memrchr(bytes, '\n', (size_t)(inside - bytes));
        const char *begin = line ? line + 1 : bytes;

        if (strncmp(begin, header, sizeof header - 1) == 0) {
            return begin;
        }
        inside = line ? line : bytes;
    }
    return NULL;
}

/* The next record's JSON, or NULL when it is damaged.  `cursor` moves past it. */
static json_t *next_record(struct cursor *cursor)
{
    const size_t left = (size_t)(cursor->end - cursor->at);
    const char *line = memchr(cursor->at, '\n', left < HEADER_MAX ? left : HEADER_MAX);
    char *after;
    unsigned long length;
    json_t *record = NULL;

    if (!line || strncmp(cursor->at, header, sizeof header - 1) != 0) {
        return NULL;
    }
    length = strtoul(cursor->at + sizeof header - 1, &after, 10);
    if (*after == ' ' && length <= (size_t)(cursor->end - line - 1)) {
        record = json_loadb(line + 1, length, 0, NULL);
        cursor->at = line + 1 + length;
    }
    if (!json_is_object(record)) {
        json_decref(record);
        record = NULL;
    }
    return record;
}

static void add_row(json_t *rows, const char *table, const char *uuid)
{
    json_t *list = json_object_get(rows, table);

    if (!list) {
        list = json_array();
        json_object_set_new(rows, table, list);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), uuid) == 0) {
            return;
        }
    }
    json_array_append_new(list, json_string(uuid));
}

/* Keys that begin with _ are about the transaction.  How many rows the others have. */
static size_t add_rows(json_t *rows, json_t *record)
{
    const char *table, *uuid;
    json_t *touched, *row;
    size_t n = 0;

    json_object_foreach(record, table, touched)
    {
        if (table[0] == '_') {
            continue;
        }
        json_object_foreach(touched, uuid, row)
        {
            n++;
            add_row(rows, table, uuid);
        }
    }
    return n;
}

void ovnha_tail_comment(const char *barrier, char comment[OVNHA_TAIL_COMMENT_SIZE])
{
    snprintf(comment, OVNHA_TAIL_COMMENT_SIZE, "ovnha barrier %s", barrier);
}

/* The one that has the barrier's comment as its own, in place of what a client may have
 * quoted. */
static enum ovnha_result skip_barrier(struct cursor *cursor, const char *comment,
                                      struct ovnha_err *err)
{
    json_t *record = next_record(cursor);
    const char *own = json_string_value(json_object_get(record, "_comment"));
    const bool is = own && strcmp(own, comment) == 0;

    json_decref(record);
    return is ? OVNHA_OK
              : ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                           "a record speaks of the barrier and is not its own");
}

/* Every record that `cursor` has left. */
static enum ovnha_result read_rows(struct cursor *cursor, json_t *rows,
                                   struct ovnha_err *err)
{
    size_t total = 0;

    while (cursor->at < cursor->end) {
        json_t *record = next_record(cursor);

        if (!record) {
            return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                              "a record after the barrier is damaged");
        }
        total += add_rows(rows, record);
        json_decref(record);
        if (total > OVNHA_TAIL_ROWS_MAX) {
            return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                              "more than %d rows came after the barrier",
                              OVNHA_TAIL_ROWS_MAX);
        }
    }
    return OVNHA_OK;
}

enum ovnha_result ovnha_tail_read(const char *bytes, size_t n, const char *barrier,
                                  json_t **rows, struct ovnha_err *err)
{
    char comment[OVNHA_TAIL_COMMENT_SIZE];
    enum ovnha_result result;

    ovnha_tail_comment(barrier, comment);
    const char *found = memmem(bytes, n, comment, strlen(comment));
    struct cursor cursor = {found ? begin_of_record(bytes, found) : NULL, bytes + n};

    *rows = NULL;
    if (!cursor.at) {
        return ovnha_fail(
            err, OVNHA_ERR_PROTOCOL,
            "the barrier's record is not in the last %zu bytes of the file: "
            "it was compacted meanwhile, or too much was written",
            n);
    }
    result = skip_barrier(&cursor, comment, err);
    *rows = json_object();
    if (result == OVNHA_OK) {
        result = read_rows(&cursor, *rows, err);
    }
    if (result != OVNHA_OK) {
        json_decref(*rows);
        *rows = NULL;
    }
    return result;
}

/*
 * Rows.
 */

json_t *ovnha_tail_query(json_t *rows)
{
    json_t *operations = NULL, *list, *uuid;
    const char *table;
    size_t i;

    json_object_foreach(rows, table, list)
    {
        json_array_foreach(list, i, uuid)
        {
            operations = operations ? operations : json_array();
            json_array_append_new(operations, json_pack("{s:s,s:s,s:[[s,s,[s,O]]]}", "op",
                                                        "select", "table", table, "where",
                                                        "_uuid", "==", "uuid", uuid));
        }
    }
    return operations;
}

/* Each server has a _version of its own.  A Connection says how its own server's
 * sessions are: those columns are neither saved nor replicated for long. */
static void drop_own_columns(const char *table, json_t *row)
{
    json_object_del(row, "_version");
    if (strcmp(table, "Connection") == 0) {
        json_object_del(row, "is_connected");
        json_object_del(row, "status");
    }
}

static bool add_result(uint64_t *sum, const char *table, json_t *result)
{
    json_t *rows = json_object_get(result, "rows"), *row = json_array_get(rows, 0);
    char *text;

    if (!json_is_array(rows)) {
        return false;
    }
    if (row) {
        drop_own_columns(table, row);
    }
    text = row ? json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    *sum = hash_text(hash_text(*sum, text ? text : "gone"), "\n");
    free(text);
    return true;
}

enum ovnha_result ovnha_tail_digest(json_t *rows, json_t *results,
                                    char digest[OVNHA_TAIL_DIGEST_SIZE],
                                    struct ovnha_err *err)
{
    uint64_t sum = HASH_EMPTY;
    const char *table;
    json_t *list, *uuid;
    size_t i, n = 0;

    json_object_foreach(rows, table, list)
    {
        json_array_foreach(list, i, uuid)
        {
            if (!add_result(&sum, table, json_array_get(results, n++))) {
                return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                                  "the answer to a select of %s in %s has no rows",
                                  json_string_value(uuid), table);
            }
        }
    }
    snprintf(digest, OVNHA_TAIL_DIGEST_SIZE, "%zu-%016" PRIx64, n, sum);
    return OVNHA_OK;
}
