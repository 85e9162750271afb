/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_FILE_SYNC_H
#define OVNHA_AGENT_FILE_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ovnha/database.h>
#include <ovnha/err.h>

/* Database files on disk within about a second.
 *
 * ovsdb-server acknowledges a transaction once it has written it to the file; it syncs
 * the file only when the client asks for it ("durable"), and OVN's do not.  A child
 * looks at the files once a second and syncs those that have grown or are new.  Each
 * time they are opened by their name, since a compaction puts another file there.
 *
 * Then it notes which record is the last on disk (file_notes.h), of every file that goes
 * on from what was noted before (continuity.h).  Of one that does not, the note stays as
 * it is until somebody forgets it and starts anew: whatever is written to it later, it is
 * not the file that this node held. */

struct ovnha_file_sync;

struct ovnha_files {
    size_t n;
    const char *name[OVNHA_DB_MAX]; /* of the databases */
    const char *path[OVNHA_DB_MAX];
    const char *notes; /* the path of the file that has them */
};

struct ovnha_file_synced {
    uint64_t length; /* that much of the file is on disk, and was noted if it could be */
    unsigned times;  /* it was synced */
    int errnum;      /* of the last try, or 0 */
    bool unnoted;    /* the notes cannot be written */
    bool replaced;   /* it is not the file that was noted */
};

/* `sync` is fdatasync(2), but for tests; it runs in the child. */
enum ovnha_result ovnha_file_sync_start(const struct ovnha_files *files,
                                        int (*sync)(int fd),
                                        struct ovnha_file_sync **started,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

struct ovnha_file_synced ovnha_file_sync_look(const struct ovnha_file_sync *files,
                                              size_t i);

/* Start the child again if it has ended. */
enum ovnha_result ovnha_file_sync_revive(struct ovnha_file_sync *files,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* What is new is synced and noted once more, which is not waited for.  NULL is fine. */
void ovnha_file_sync_stop(struct ovnha_file_sync *files);

#endif
