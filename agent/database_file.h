/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_DATABASE_FILE_H
#define OVNHA_AGENT_DATABASE_FILE_H

#include <sys/types.h>

#include <stdbool.h>

#include <ovnha/continuity.h>
#include <ovnha/err.h>

/* A database file as its records' headers have it (ovsdb(5)): each record is a line
 * "OVSDB JSON LENGTH SHA1" and LENGTH bytes, the first is the schema, and what follows a
 * short one does not count. */

struct ovnha_database_file {
    char first[OVNHA_SHA1_SIZE]; /* the first record after the schema; "": none */
    char last[OVNHA_SHA1_SIZE];
    off_t last_at; /* where its header begins */
    off_t end;     /* where the next one would */
    int64_t date;  /* of the last one, in ms; 0: it has none */
    struct ovnha_file_look look;
};

/* All records of the first `size` bytes; `wanted` is a record's hash, or "", and
 * `file->look` says whether it is among them.  OVNHA_ERR_PROTOCOL when the file does not
 * begin with a record. */
enum ovnha_result ovnha_database_file_read(int fd, off_t size, const char *wanted,
                                           struct ovnha_database_file *file,
                                           struct ovnha_err *err) OVNHA_MUST_USE;

/* The same, by name and to its end. */
enum ovnha_result ovnha_database_file_read_named(const char *path, const char *wanted,
                                                 struct ovnha_database_file *file,
                                                 struct ovnha_err *err) OVNHA_MUST_USE;

/* Only what was appended since; the look stays.  False when something else has happened
 * to the file, and nothing is changed then. */
bool ovnha_database_file_read_on(int fd, off_t size, struct ovnha_database_file *file);

/* Whether it is another one than was noted, while nobody watched: it has no continuity,
 * or is gone.  Says so in the log. */
bool ovnha_database_file_was_replaced(const char *path,
                                      const struct ovnha_file_note *note);

/* In bytes; 0 when it cannot be seen. */
uint64_t ovnha_database_file_size(const char *path);

struct ovnha_file_note ovnha_database_file_note(const struct ovnha_database_file *file);

#endif
