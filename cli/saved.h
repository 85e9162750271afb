/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_SAVED_H
#define OVNHA_CLI_SAVED_H

#include <jansson.h>

#include "common.h"

/* Saved copies: a directory with an ordinary standalone file of each database, under its
 * usual name, and a manifest that says what they are.
 *
 * Each file is one transaction's view of its database; NB and SB are two databases, and
 * two views of about the same time. */

#define OVNHA_CLI_MANIFEST "manifest.json"

/* Take one of this node's copy, at `directory`, which must not be there yet: whole and
 * on disk, or not at all. */
enum ovnha_result ovnha_cli_save(const struct ovnha_cli_site *site, const char *directory,
                                 struct ovnha_err *err) OVNHA_MUST_USE;

/* The usual place of one that is taken now: `prefix` and the time, among the backups. */
enum ovnha_result ovnha_cli_saved_place(const struct ovnha_cli_site *site,
                                        const char *prefix,
                                        char path[OVNHA_CLI_PATH_SIZE],
                                        struct ovnha_err *err) OVNHA_MUST_USE;

/* The manifest of the copy at `directory`, when its files are as it says. */
enum ovnha_result ovnha_cli_saved_read(const char *directory, json_t **manifest,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* The schema of a server's database, and all that it or a file of it holds, in the order
 * of ovnha_replace_query(); new references. */
enum ovnha_result ovnha_cli_read_schema(const struct ovnha_cli_server *server,
                                        json_t **schema,
                                        struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_cli_read_file(const char *path, json_t *schema, json_t **results,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

#endif
