/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CONTINUITY_H
#define OVNHA_CONTINUITY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a database file is the one that this node held, or another one that somebody
 * put in its place: pure.
 *
 * A generation lasts for months, so a file from a backup carries its marker.  What tells
 * them apart is the last record that was seen on disk.  ovsdb-server appends to a file,
 * so that record stays in it until a compaction, or an online conversion, writes one
 * record anew of all that there is.  The server did that after it had written the record
 * that was seen, and dates both: so a file without that record is good when it begins
 * with such a one, which is not older.  Programs that write files while nobody runs them
 * (ovsdb-tool) date what they write, too, but say who they are.
 *
 * The clock decides only about a file that was compacted since it was last seen, a second
 * ago or so.  One that was set back in that time makes a good file look like an old one:
 * then the copy has to be confirmed anew. */

#define OVNHA_SHA1_SIZE 41 /* in hexadecimal, with a NUL */

/* While a file is watched once a second, what is put in its place is as new as this; a
 * disk that is slow delays the next look. */
#define OVNHA_CONTINUITY_FRESH_MS 60000

/* No compaction is as new. */
#define OVNHA_CONTINUITY_NEVER INT64_MAX

/* What was on disk when it was last seen. */
struct ovnha_file_note {
    char first[OVNHA_SHA1_SIZE]; /* of the first record after the schema; "": none */
    char last[OVNHA_SHA1_SIZE];  /* of the last one; "": nothing is noted */
    int64_t date;                /* of the last one, in ms of the server's clock */
};

/* What is there now. */
struct ovnha_file_look {
    bool has_last;               /* the record that was noted */
    char first[OVNHA_SHA1_SIZE]; /* after the schema */
    int64_t first_date;
    bool first_is_servers; /* it has all that there was: a running server wrote it */
    int64_t watched_at;    /* the time, if the file was watched until now; or 0 */
};

enum ovnha_continuity {
    OVNHA_FILE_UNKNOWN,   /* nothing was noted */
    OVNHA_FILE_CONTINUES, /* it has all that was noted */
    OVNHA_FILE_REWRITTEN, /* by its server, which had all of it */
    OVNHA_FILE_REPLACED,  /* it is another one, as far as can be told */
};

enum ovnha_continuity ovnha_continuity(const struct ovnha_file_note *note,
                                       const struct ovnha_file_look *look);

#ifdef __cplusplus
}
#endif

#endif
