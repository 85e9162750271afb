/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBOVNHA_ROW_INDEX_H
#define LIBOVNHA_ROW_INDEX_H

#include <jansson.h>

/* Internal: rows of a table, as a select has them, by their UUIDs. */
#pragma GCC visibility push(hidden)

/* "" when it has none. */
const char *row_uuid(json_t *row);

/* {UUID: row, ...}; new reference. */
json_t *rows_by_uuid(json_t *rows);

#pragma GCC visibility pop
#endif
