/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_DATABASE_FILE_H
#define OVNHA_AGENT_DATABASE_FILE_H

#include <stdbool.h>

#include <ovnha/err.h>

/* A database file as its records' headers have it (ovsdb(5)): each record is a line
 * "OVSDB JSON LENGTH SHA1" and LENGTH bytes, the first is the schema, and what follows a
 * short one does not count. */

#define OVNHA_SHA1_SIZE   41 /* in hexadecimal, with a NUL */
#define OVNHA_SCHEMA_SIZE 64

struct ovnha_database_file {
    /* Its version and checksum: compaction writes the same schema in other words. */
    char schema[OVNHA_SCHEMA_SIZE];
    char last[OVNHA_SHA1_SIZE];
    bool has; /* the record that was asked for is among them */
};

/* Reads all headers of the file; `wanted` is a record's hash, or "".  OVNHA_ERR_PROTOCOL
 * when it does not begin with a schema. */
enum ovnha_result ovnha_database_file_read(const char *path, const char *wanted,
                                           struct ovnha_database_file *file,
                                           struct ovnha_err *err) OVNHA_MUST_USE;

#endif
