/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_FILE_NOTES_H
#define OVNHA_AGENT_FILE_NOTES_H

#include <stddef.h>

#include <ovnha/continuity.h>
#include <ovnha/err.h>

/* What was last seen on disk of each database file, beside the record: JSON,
 * {DATABASE: {first, last, date}}.  One file, so that one write a second does for all. */

/* A file that is absent, or does not name a database, leaves its note blank.  One that
 * cannot be understood is an error: what it said must not be taken for nothing. */
enum ovnha_result ovnha_file_notes_read(const char *path, const char *const *names,
                                        struct ovnha_file_note *notes, size_t n,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

/* Durably.  Notes that are blank, and of other databases, stay as they are in the file.
 * Blocks for the disk, and for a second at most while another process writes it. */
enum ovnha_result ovnha_file_notes_write(const char *path, const char *const *names,
                                         const struct ovnha_file_note *notes, size_t n,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* All of them, so that whatever is there will be as good as any. */
enum ovnha_result ovnha_file_notes_forget(const char *path,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

#endif
