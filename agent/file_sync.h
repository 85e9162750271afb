/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_FILE_SYNC_H
#define OVNHA_AGENT_FILE_SYNC_H

#include <stddef.h>
#include <stdint.h>

#include <ovnha/err.h>

/* Database files on disk within about a second.
 *
 * ovsdb-server acknowledges a transaction once it has written it to the file; it syncs
 * the file only when the client asks for it ("durable"), and OVN's do not.  A child
 * looks at the files once a second and syncs those that have grown or are new.  Each
 * time they are opened by their name, since a compaction puts another file there. */

struct ovnha_file_sync;

struct ovnha_file_synced {
    uint64_t length; /* that much of the file is on disk */
    unsigned times;  /* it was synced */
    int errnum;      /* of the last try, or 0 */
};

/* `sync` is fdatasync(2), but for tests; it runs in the child. */
enum ovnha_result ovnha_file_sync_start(const char *const *paths, size_t n,
                                        int (*sync)(int fd),
                                        struct ovnha_file_sync **files,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

struct ovnha_file_synced ovnha_file_sync_look(const struct ovnha_file_sync *files,
                                              size_t i);

/* Start the child again if it has ended. */
enum ovnha_result ovnha_file_sync_revive(struct ovnha_file_sync *files,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* What is new is synced once more, which is not waited for.  NULL is fine. */
void ovnha_file_sync_stop(struct ovnha_file_sync *files);

#endif
