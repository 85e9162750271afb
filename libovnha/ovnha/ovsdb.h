/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_OVSDB_H
#define OVNHA_OVSDB_H

#include <jansson.h>
#include <ovnha/deadline.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A client of an OVSDB server's database socket (RFC 7047): transactions and schemas.
 * Requests are answered in order of completion; echo requests of the server are
 * answered while waiting.  In between nobody answers them: over TCP a server cuts
 * a client that was idle for ten seconds (two probes of five; none over unix:), and
 * the next transaction finds OVNHA_ERR_LOST. */

struct ovnha_ovsdb;

/* Connect to `method`: "unix:PATH" or "tcp:ADDR:PORT" (TLS is left to the
 * distribution's tools).  Results as of ovnha_unixctl_open(). */
enum ovnha_result ovnha_ovsdb_open(const char *method, ovnha_msec deadline,
                                   struct ovnha_ovsdb **db,
                                   struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_ovsdb_close(struct ovnha_ovsdb *db);

/* Run `operations` (an array; borrowed) on `schema`.  *results is the array of
 * per-operation results, a new reference, or NULL on failure.  OVNHA_ERR_REFUSED
 * with the server's error and details when the transaction or any operation failed;
 * a database that is read-only fails so, too. */
enum ovnha_result ovnha_ovsdb_transact(struct ovnha_ovsdb *db, const char *schema,
                                       json_t *operations, json_t **results,
                                       ovnha_msec deadline,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* The schema of database `name`, a new reference, or NULL on failure. */
enum ovnha_result ovnha_ovsdb_get_schema(struct ovnha_ovsdb *db, const char *name,
                                         json_t **schema, ovnha_msec deadline,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* Whether nobody holds the lock `name` (RFC 7047, 4.1.8).  OVS 3.1 refuses to say on a
 * server that is read-only. */
enum ovnha_result ovnha_ovsdb_lock_is_free(struct ovnha_ovsdb *db, const char *name,
                                           bool *is_free, ovnha_msec deadline,
                                           struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
