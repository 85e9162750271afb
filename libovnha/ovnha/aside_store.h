/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ASIDE_STORE_H
#define OVNHA_ASIDE_STORE_H

#include <ovnha/aside.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is set aside on this node, on disk: marks beside the database files, copies in a
 * directory of the resource, each with a note (NAME.json).  A crash at any point leaves
 * the mark or the whole copy.  Only root reads any of it. */

#define OVNHA_ASIDE_DIR_SIZE     320
#define OVNHA_ASIDE_PATH_SIZE    512
#define OVNHA_ASIDE_ENTRIES_MAX  128
#define OVNHA_ASIDE_SALVAGED_MAX 3 /* of each database, kept all the same */

struct ovnha_aside_place {
    char db[16]; /* short name */
    char file[OVNHA_ASIDE_DIR_SIZE];
    char socket[OVNHA_ASIDE_DIR_SIZE];  /* of its server: a method, "unix:PATH" */
    char control[OVNHA_ASIDE_DIR_SIZE]; /* of its server, a path */
};

struct ovnha_aside_store {
    char directory[OVNHA_ASIDE_DIR_SIZE];
    size_t n_places;
    struct ovnha_aside_place place[OVNHA_DB_MAX];
};

struct ovnha_aside_entry {
    struct ovnha_aside_mark mark;
    char name[OVNHA_ASIDE_NAME_SIZE]; /* of the copy, there or to be */
    char path[OVNHA_ASIDE_PATH_SIZE]; /* of the copy, or of the mark */
    bool copied;
    long rows; /* that only it has, when that was looked at; or one of the two below */
    bool salvaged;
};

#define OVNHA_ASIDE_NOT_COMPARED (-1)
#define OVNHA_ASIDE_INCOMPARABLE (-2) /* tried in vain; a person may try again */

struct ovnha_aside_list {
    size_t n;
    struct ovnha_aside_entry entry[OVNHA_ASIDE_ENTRIES_MAX];
};

/* The places are kept in the directory, too, for who only knows that. */
enum ovnha_result ovnha_aside_store_save(const struct ovnha_aside_store *store,
                                         struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_aside_store_load(const char *directory,
                                         struct ovnha_aside_store *store,
                                         struct ovnha_err *err) OVNHA_MUST_USE;
const struct ovnha_aside_place *
ovnha_aside_store_place(const struct ovnha_aside_store *store, const char *db);

/* All marks and copies, oldest first. */
enum ovnha_result ovnha_aside_list(const struct ovnha_aside_store *store,
                                   struct ovnha_aside_list *list,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* How many of a database nobody has salvaged. */
size_t ovnha_aside_count(const struct ovnha_aside_list *list, const char *db);

/* How many copies in the directory nobody has salvaged; 0 when it cannot be read. */
size_t ovnha_aside_unsalvaged(const char *directory);

/* Mark the file at `place` as it is now, on disk, unless it is marked so.  Of `mark`, db,
 * generation and kind are given; the rest is filled in.  OVNHA_ERR_REFUSED when there are
 * too many already. */
enum ovnha_result ovnha_aside_take(const struct ovnha_aside_store *store,
                                   const struct ovnha_aside_place *place,
                                   struct ovnha_aside_mark *mark,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* Make a copy of what is marked, which takes the mark's place. */
enum ovnha_result ovnha_aside_copy(const struct ovnha_aside_store *store,
                                   struct ovnha_aside_entry *entry,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* Write an entry's `rows` and `salvaged` down; and forget a mark or a copy. */
enum ovnha_result ovnha_aside_note(const struct ovnha_aside_store *store,
                                   const struct ovnha_aside_entry *entry,
                                   struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_aside_drop(const struct ovnha_aside_store *store,
                                   const struct ovnha_aside_entry *entry,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* Somebody else than its source may have written to a copy: remembered over reboots,
 * until it is overwritten. */
enum ovnha_result ovnha_aside_doubt(const struct ovnha_aside_store *store, const char *db,
                                    struct ovnha_err *err) OVNHA_MUST_USE;
bool ovnha_aside_is_doubted(const struct ovnha_aside_store *store, const char *db);
enum ovnha_result ovnha_aside_trust(const struct ovnha_aside_store *store, const char *db,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* The length of a database file's whole records within its first `size` bytes; 0 when it
 * is none. */
uint64_t ovnha_aside_whole_records(int fd, uint64_t size);

#ifdef __cplusplus
}
#endif

#endif
