/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_SCHEMA_H
#define OVNHA_SCHEMA_H

#include <jansson.h>

#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a replica can replicate from an active server, by their schemas (RFC 7047,
 * 3.2), as their servers tell them.
 *
 * ovsdb-server compares them when it connects (replication.c: is_replication_possible):
 * the replica must have every table and column of the active, and each exactly as the
 * active has it; it may have more.  A replica that fails this does not say so: it turns
 * itself into a writable active.  So it must not be told to connect. */

/* OVNHA_ERR_REFUSED names the first difference that matters, and both versions. */
enum ovnha_result ovnha_schema_replicates(json_t *replica, json_t *active,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* "7.0.0"; "?" when it has none. */
const char *ovnha_schema_version(json_t *schema);

#ifdef __cplusplus
}
#endif

#endif
