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

/* Keys that begin with _ are about the transaction.  How many rows there are in all. */
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
            if (rows) {
                add_row(rows, table, uuid);
            }
        }
    }
    return n;
}

/* The barrier is a change of one row; another record that holds it is a compaction's,
 * and what came after the barrier may be in that. */
static enum ovnha_result skip_barrier(struct cursor *cursor, struct ovnha_err *err)
{
    json_t *record = next_record(cursor);
    const size_t n = record ? add_rows(NULL, record) : 0;

    json_decref(record);
    return n == 1 ? OVNHA_OK
                  : ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                               "the record of the barrier has %zu rows, not 1: the file "
                               "was compacted meanwhile",
                               n);
}

enum ovnha_result ovnha_tail_read(const char *bytes, size_t n, const char *barrier,
                                  json_t **rows, struct ovnha_err *err)
{
    const char *found = memmem(bytes, n, barrier, strlen(barrier));
    struct cursor cursor = {found ? begin_of_record(bytes, found) : NULL, bytes + n};
    enum ovnha_result result;
    size_t total = 0;

    *rows = NULL;
    if (!cursor.at) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "the barrier is not in the last %zu bytes of the file", n);
    }
    result = skip_barrier(&cursor, err);
    *rows = json_object();
    while (result == OVNHA_OK && cursor.at < cursor.end) {
        json_t *record = next_record(&cursor);

        total += record ? add_rows(*rows, record) : 0;
        if (!record || total > OVNHA_TAIL_ROWS_MAX) {
            result = ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                                record ? "more than %d rows came after the barrier"
                                       : "a record after the barrier is damaged",
                                OVNHA_TAIL_ROWS_MAX);
        }
        json_decref(record);
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
