/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ROWS_H
#define OVNHA_ROWS_H

#include <jansson.h>
#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Our rows in the data: the root row itself when it is missing, and one row of
 * table Connection each for clients and replicas.  Ours are known by
 * external_ids:ovnha-owner = "RESOURCE/clients" or "RESOURCE/replicas"; rows
 * without that key belong to the user and are left as they are. */

#define OVNHA_ROWS_OWNER_KEY "ovnha-owner"

struct ovnha_row_wanted {
    char owner[OVNHA_NODE_SIZE + 16];
    char target[OVNHA_METHOD_SIZE]; /* "": no such row */
    int probe_ms;
    /* Its other_config:dscp, or NULL for whatever is there.  The replicas' listener is
     * a remote of its own, too (convert.c), which has 0; OVSDB's default for a row is
     * another, and a remote whose DSCP changes loses its sessions. */
    const char *dscp;
};

/* The two rows that database `i` should have on this node as the active. */
#define OVNHA_ROWS_N 2
void ovnha_rows_wanted(const struct ovnha_facts *facts, size_t i,
                       const char *replicas_listener,
                       struct ovnha_row_wanted wanted[OVNHA_ROWS_N]);

/* The operations that read what ovnha_rows_compare() looks at; new reference. */
json_t *ovnha_rows_query(const struct ovnha_database *database);

/* Given the results of the query, the operations that are left to do: NULL when
 * everything is in place, else a new reference. */
enum ovnha_result ovnha_rows_compare(const struct ovnha_database *database,
                                     const struct ovnha_row_wanted *wanted,
                                     size_t n_wanted, json_t *results,
                                     json_t **operations,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* Whether a row of table Connection is one of `resource`'s; its target, or NULL. */
bool ovnha_rows_is_ours(json_t *row, const char *resource);
const char *ovnha_rows_target(json_t *row);

#ifdef __cplusplus
}
#endif

#endif
