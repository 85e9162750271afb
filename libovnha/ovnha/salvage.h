/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_SALVAGE_H
#define OVNHA_SALVAGE_H

#include <stdbool.h>

#include <jansson.h>
#include <ovnha/database.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a copy that was set aside has and the present one has not; pure.
 *
 * Rows are the same when they have the same UUID, or else the same key: the first index
 * of their table, their name, or all of their columns.  So what somebody made again by
 * hand is not missed.  Of rows that both have, only values are missed that the saved one
 * alone has: an element of a set, a pair of a map, a value that is another now.  Left out
 * are our own keys and rows, what daemons write into clients' rows, and, unless all is
 * asked for, tables that daemons make.
 *
 * Rows are {TABLE: [ROW, ...]}, with the columns as in RFC 7047. */

/* Names of the tables to read, of a schema (new reference). */
json_t *ovnha_salvage_tables(const struct ovnha_database *database, json_t *schema,
                             bool all);

/* The operation that reads one (new reference). */
json_t *ovnha_salvage_select(const char *table);

/* {"rows": [{"table", "uuid", "row"}, ...],          that only the saved copy has
 *  "links": [{"table", "uuid", "column", "to"}, ...], rows of both that point to them
 *  "changed": [{"table", "uuid", "column", "saved", "now"}, ...]}
 *
 * "uuid" is the present one, except of "rows"; defaults are left out of a "row". */
json_t *ovnha_salvage_compare(const struct ovnha_database *database, json_t *schema,
                              json_t *saved, json_t *now);

/* How many rows have something that only the saved copy has. */
size_t ovnha_salvage_count(json_t *difference);

/* Commands for a shell that put the rows back, one for all rows that hang together, and
 * changed values as remarks; malloc'ed, NULL when out of memory. */
char *ovnha_salvage_commands(const struct ovnha_database *database, json_t *difference);

#ifdef __cplusplus
}
#endif

#endif
