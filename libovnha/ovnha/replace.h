/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_REPLACE_H
#define OVNHA_REPLACE_H

#include <jansson.h>
#include <ovnha/database.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The content of a database for that of a saved copy, by the operations of one
 * transaction that touch only what differs: rows keep their UUIDs, as references from
 * the other database need, and clients see no more than the difference.
 * (ovsdb-client restore deletes and inserts all rows, each under a new UUID; OVSDB does
 * not let one transaction delete and insert the same UUID.)
 *
 * What is the cluster's own stays as it is now: our keys in the root row, and our
 * Connection rows.  Whatever the saved copy has of them is of another time. */

/* The operations that read everything that lasts, from a server or a file of `schema`
 * (of get_schema, RFC 7047, 4.1.2); new reference. */
json_t *ovnha_replace_query(json_t *schema);

/* How many rows of each table its results hold: {TABLE: N}; new reference. */
json_t *ovnha_replace_count(json_t *schema, json_t *results);

/* Given the results of the query of both, what is left to do: an empty array when
 * nothing is.  `saved` is changed: it gets what is our own. */
enum ovnha_result ovnha_replace_operations(const struct ovnha_database *database,
                                           const char *resource, json_t *schema,
                                           json_t *saved, json_t *present,
                                           json_t **operations,
                                           struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
