/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_SAVED_COPY_H
#define OVNHA_SAVED_COPY_H

#include <jansson.h>
#include <ovnha/database.h>
#include <ovnha/deadline.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a copy that was set aside, and compares it with what a server holds now.
 * ovsdb-tool reads it: the format of files is the business of ovsdb's own version. */

/* The schema, which is a file's first record. */
enum ovnha_result ovnha_saved_copy_schema(const char *path, json_t **schema,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* The difference (salvage.h; new reference) of the copy at `path` and what the server at
 * `socket`, a method, holds. */
enum ovnha_result ovnha_saved_copy_compare(const struct ovnha_database *database,
                                           const char *path, const char *socket, bool all,
                                           ovnha_msec deadline, json_t **difference,
                                           struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
