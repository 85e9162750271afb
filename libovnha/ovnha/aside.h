/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ASIDE_H
#define OVNHA_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ovnha/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which copies have to be set aside before they are overwritten; pure.
 *
 * ovsdb-server only appends to a database file, until a compaction puts another one in
 * its place.  So a hard link to the file and its size, taken before a server is told
 * whom to follow, keep all that the copy holds, at no cost; this pair is a mark, and its
 * file name says everything about it:
 *
 *   ovnha-aside.DB.GENERATION.TIME.SIZE.KIND      beside the database file
 *
 * What the copy was overwritten with is known once it is there.  Then a mark either goes
 * away, because the new content surely has what the old one had, or it becomes a copy:
 *
 *   DB-GENERATION-TIME.db          in RESOURCE/aside below the durable directory */

/* Of each database, marks and copies of which nobody has salvaged what they hold. */
#define OVNHA_ASIDE_MAX 12

#define OVNHA_ASIDE_NAME_SIZE 160
#define OVNHA_ASIDE_TIME_SIZE 17 /* 20260131T235959Z */

enum ovnha_aside_kind {
    OVNHA_ASIDE_REPLICA, /* all that it holds came from its generation's active */
    OVNHA_ASIDE_ACTIVE,  /* it was its generation's active */
    OVNHA_ASIDE_DOUBTED, /* anybody may have written to it */
};

struct ovnha_aside_mark {
    char db[16];                      /* short name of the database */
    char generation[OVNHA_UUID_SIZE]; /* its marker's; "" when it had none */
    char time[OVNHA_ASIDE_TIME_SIZE]; /* UTC */
    uint64_t size;                    /* the file's first bytes that are the copy */
    enum ovnha_aside_kind kind;
};

/* Whether anybody may write to database `i`: its server is writable though it is to be a
 * backup, or somebody else runs it. */
bool ovnha_aside_is_doubtful(const struct ovnha_facts *facts, size_t i);

/* What is known before a copy is overwritten. */
struct ovnha_aside_facts {
    bool guarded;
    enum ovnha_tristate populated; /* clients' rows in any database of the resource */
    bool doubted;     /* seen writable when it was to be a backup, or run by others */
    bool opened_here; /* this node opened the generation of the record that it keeps */
    char generation[OVNHA_UUID_SIZE]; /* the copy's marker */
    bool same_source;                 /* only attaches again to whom it followed */
};

/* Whether it has to be marked, and as what. */
bool ovnha_aside_is_needed(const struct ovnha_aside_facts *facts,
                           enum ovnha_aside_kind *kind);

/* Whether a copy of `generation`, whose ancestors `complete` names (marks.h), surely has
 * everything that the marked one had. */
bool ovnha_aside_is_contained(const struct ovnha_aside_mark *mark, const char *generation,
                              const char *complete);

/* Names of files.  parse: false for any other file. */
void ovnha_aside_mark_format(const struct ovnha_aside_mark *mark,
                             char name[OVNHA_ASIDE_NAME_SIZE]);
bool ovnha_aside_mark_parse(const char *name, struct ovnha_aside_mark *mark);
void ovnha_aside_copy_name(const struct ovnha_aside_mark *mark,
                           char name[OVNHA_ASIDE_NAME_SIZE]); /* without ".db" */

#ifdef __cplusplus
}
#endif

#endif
