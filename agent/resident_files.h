/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_FILES_H
#define OVNHA_AGENT_RESIDENT_FILES_H

#include <stdint.h>

#include <jansson.h>

#include <ovnha/database.h>
#include <ovnha/deadline.h>
#include <ovnha/err.h>
#include <ovnha/record.h>

#include "compactor.h"
#include "file_sync.h"

/* The database files: a child syncs and notes them once a second, and a compaction is
 * asked for after a resync.  Nothing here waits for the disk. */

struct resident;

struct resident_files {
    struct ovnha_file_sync *sync;
    struct ovnha_file_synced synced[OVNHA_DB_MAX]; /* as it was last logged */
    struct ovnha_compactor compactor;
    char compacting[OVNHA_UUID_SIZE];              /* the attachment that it is for */
    char compacted[OVNHA_DB_MAX][OVNHA_UUID_SIZE]; /* the last attachment done */
    uint64_t compacted_size[OVNHA_DB_MAX];
    ovnha_msec wanted_at[OVNHA_DB_MAX]; /* since then a compaction is; or 0 */
    unsigned n_compacted[OVNHA_DB_MAX];
    ovnha_msec compact_again_at; /* after a failure; or 0 */
};

enum ovnha_result ovnha_resident_keep_files(struct resident *r,
                                            struct ovnha_err *err) OVNHA_MUST_USE;
/* As if nothing had been noted before. */
enum ovnha_result ovnha_resident_note_anew(struct resident *r,
                                           struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_resident_watch_files(struct resident *r);
json_t *ovnha_resident_files_to_json(const struct resident *r);
void ovnha_resident_release_files(struct resident *r);

#endif
