/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RECORD_FILE_H
#define OVNHA_AGENT_RECORD_FILE_H

#include <ovnha/record.h>

/* The record's copy on this node's disk.  A write returns when it is there: the
 * file and its directory are fsynced before and after the rename. */

/* An absent file is a record that does not exist.  One that cannot be read or
 * understood is an error: history must not be taken for absent.  After an error *record
 * does not exist either. */
enum ovnha_result ovnha_record_file_read(const char *path, struct ovnha_record *record,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* `path` is absolute; directories that are missing are made.  Blocks for the disk. */
enum ovnha_result ovnha_record_file_write(const char *path,
                                          const struct ovnha_record *record,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* The same for a short text of another kind; one that is absent is "". */
enum ovnha_result ovnha_text_file_read(const char *path, char *text, size_t size,
                                       struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_durable_write(const char *path, const char *text,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

#endif
