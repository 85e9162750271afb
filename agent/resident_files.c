/* SPDX-License-Identifier: Apache-2.0 */
/* The database files: on disk within a second, and compacted after a resync. */

#include "resident_files.h"

#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/compaction.h>
#include <ovnha/text.h>

#include "database_file.h"
#include "resident_state.h"

enum ovnha_result ovnha_resident_keep_files(struct resident *r, struct ovnha_err *err)
{
    struct ovnha_files files = {.n = r->facts.settings.n_dbs,
                                .notes = r->context.paths.files};

    for (size_t i = 0; i < files.n; i++) {
        files.name[i] = r->facts.settings.db[i].database->name;
        files.path[i] = r->context.paths.file[i];
    }
    return ovnha_file_sync_start(&files, fdatasync, &r->files.sync, err);
}

enum ovnha_result ovnha_resident_note_anew(struct resident *r, struct ovnha_err *err)
{
    struct ovnha_file_sync *before = r->files.sync;
    const enum ovnha_result result = ovnha_resident_keep_files(r, err);

    if (result == OVNHA_OK) {
        ovnha_file_sync_stop(before);
    } else {
        r->files.sync = before;
    }
    return result;
}

/* "": none. */
static const char *trouble_of(const struct ovnha_file_synced *synced)
{
    if (synced->errnum) {
        return strerror(synced->errnum);
    }
    if (synced->replaced) {
        return "this is not the file that was here before";
    }
    return synced->unnoted ? "its last record cannot be noted beside the record" : "";
}

static bool is_as_it_was(const struct ovnha_file_synced *a,
                         const struct ovnha_file_synced *b)
{
    return a->errnum == b->errnum && a->replaced == b->replaced &&
           a->unnoted == b->unnoted;
}

/* Said once when it begins to fail, and once when it is over. */
static void watch_syncing(struct resident *r)
{
    struct ovnha_err err;

    if (ovnha_file_sync_revive(r->files.sync, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "database files are not synced: %s", err.text);
    }
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        const struct ovnha_file_synced synced = ovnha_file_sync_look(r->files.sync, i);
        const char *trouble = trouble_of(&synced);

        if (!is_as_it_was(&synced, &r->files.synced[i])) {
            qb_log(*trouble ? LOG_ERR : LOG_NOTICE, "%s: %s", r->context.paths.file[i],
                   *trouble ? trouble : "is synced and noted again");
        }
        r->files.synced[i] = synced;
    }
}

static bool someone_moves(const struct resident *r)
{
    bool moves = r->handover.barrier[0] != '\0';

    for (size_t i = 0; i < r->n_peers; i++) {
        moves = moves || r->peer[i].barrier[0];
    }
    return moves;
}

static bool is_due(struct resident *r, size_t i)
{
    struct ovnha_compaction_facts facts = {
        .size = ovnha_database_file_size(r->context.paths.file[i]),
        .base = r->files.compacted_size[i],
        .loaded = r->confirmed,
        .done = strcmp(r->files.compacted[i], r->attachment) == 0,
        .moving = someone_moves(r),
        .running = ovnha_compactor_runs(&r->files.compactor),
        .retry_at = r->files.compact_again_at,
    };

    if (!r->files.wanted_at[i] && ovnha_compaction_is_wanted(&facts)) {
        r->files.wanted_at[i] = ovnha_now();
    }
    facts.wanted_at = r->files.wanted_at[i];
    return ovnha_compaction_is_due(&facts, ovnha_now());
}

static void take_outcome(struct resident *r)
{
    const size_t i = r->files.compactor.db;
    const char *name = r->facts.settings.db[i].database->name;
    enum ovnha_result result;
    struct ovnha_err err;

    if (!ovnha_compactor_take(&r->files.compactor, &result, &err)) {
        return;
    }
    if (result == OVNHA_OK) {
        r->files.n_compacted[i]++;
        r->files.wanted_at[i] = 0;
        r->files.compacted_size[i] = ovnha_database_file_size(r->context.paths.file[i]);
        ovnha_text_copy(r->files.compacted[i], OVNHA_UUID_SIZE, r->files.compacting);
        qb_log(LOG_INFO, "%s: compacted", name);
    } else {
        r->files.compact_again_at =
            ovnha_deadline_after(ovnha_now(), OVNHA_COMPACTION_RETRY_MS);
        qb_log(LOG_WARNING, "%s: cannot be compacted: %s", name, err.text);
    }
}

static void compact(struct resident *r, size_t i)
{
    const struct ovnha_database *database = r->facts.settings.db[i].database;
    struct ovnha_err err;

    ovnha_text_copy(r->files.compacting, sizeof r->files.compacting, r->attachment);
    if (ovnha_compactor_start(&r->files.compactor, i, r->context.paths.control[i],
                              database->schema, &err) != OVNHA_OK) {
        r->files.compact_again_at =
            ovnha_deadline_after(ovnha_now(), OVNHA_COMPACTION_RETRY_MS);
        qb_log(LOG_WARNING, "%s: cannot be compacted: %s", database->name, err.text);
    }
}

void ovnha_resident_watch_files(struct resident *r)
{
    watch_syncing(r);
    take_outcome(r);
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (is_due(r, i)) {
            compact(r, i);
        }
    }
}

json_t *ovnha_resident_files_to_json(const struct resident *r)
{
    json_t *files = json_object();

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        const struct ovnha_file_synced synced = ovnha_file_sync_look(r->files.sync, i);
        json_t *file = json_pack("{s:I,s:I,s:I,s:s}", "synced", (json_int_t)synced.length,
                                 "syncs", (json_int_t)synced.times, "compactions",
                                 (json_int_t)r->files.n_compacted[i], "trouble",
                                 trouble_of(&synced));

        json_object_set_new(files, r->facts.settings.db[i].database->name, file);
    }
    return files;
}

void ovnha_resident_release_files(struct resident *r)
{
    ovnha_file_sync_stop(r->files.sync);
    ovnha_child_release(&r->files.compactor.child);
}
