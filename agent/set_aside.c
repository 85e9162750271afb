/* SPDX-License-Identifier: Apache-2.0 */
#include "set_aside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <ovnha/marks.h>
#include <ovnha/ovsdb.h>
#include <ovnha/salvage.h>
#include <ovnha/saved_copy.h>
#include <ovnha/text.h>

#include "gather.h"
#include "log.h"
#include "record_file.h"

/* Of what is left of an operation: what is not learnt by then is doubted. */
#define LOOK_PERCENT 20

void ovnha_set_aside_store(const struct ovnha_context *context,
                           struct ovnha_aside_store *store)
{
    const struct ovnha_settings *settings = &context->params.settings;

    memset(store, 0, sizeof *store);
    ovnha_text_copy(store->directory, sizeof store->directory, context->paths.aside);
    store->n_places = settings->n_dbs;
    for (size_t i = 0; i < settings->n_dbs; i++) {
        struct ovnha_aside_place *place = &store->place[i];

        ovnha_text_copy(place->db, sizeof place->db, settings->db[i].database->name);
        ovnha_text_copy(place->file, sizeof place->file, context->paths.file[i]);
        ovnha_text_copy(place->socket, sizeof place->socket, context->paths.socket[i]);
        ovnha_text_copy(place->control, sizeof place->control, context->paths.control[i]);
    }
}

/*
 * Facts.
 */

static json_t *ask(const struct ovnha_context *context, size_t i, json_t *operations)
{
    const ovnha_msec deadline =
        ovnha_deadline_part(context->deadline, ovnha_now(), LOOK_PERCENT);
    const char *schema = context->params.settings.db[i].database->schema;
    struct ovnha_ovsdb *db = NULL;
    json_t *results = NULL;

    if (ovnha_ovsdb_open(context->paths.socket[i], deadline, &db, NULL) == OVNHA_OK &&
        ovnha_ovsdb_transact(db, schema, operations, &results, deadline, NULL) !=
            OVNHA_OK) {
        results = NULL;
    }
    ovnha_ovsdb_close(db);
    json_decref(operations);
    return results;
}

enum ovnha_tristate ovnha_set_aside_populated(const struct ovnha_context *context)
{
    const struct ovnha_settings *settings = &context->params.settings;
    enum ovnha_tristate answer = OVNHA_UNKNOWN;

    for (size_t i = 0; i < settings->n_dbs; i++) {
        json_t *query = ovnha_content_query(settings->db[i].database), *results;
        char content[OVNHA_CONTENT_SIZE];
        bool populated;

        if (!query) {
            continue;
        }
        results = ask(context, i, query);
        if (!results ||
            ovnha_content_read(results, content, &populated, NULL) != OVNHA_OK) {
            json_decref(results);
            return OVNHA_UNKNOWN;
        }
        json_decref(results);
        answer = populated || answer == OVNHA_YES ? OVNHA_YES : OVNHA_NO;
    }
    return answer;
}

static bool read_marks(const struct ovnha_context *context, size_t i,
                       char generation[OVNHA_UUID_SIZE],
                       char complete[OVNHA_COMPLETE_SIZE])
{
    const struct ovnha_settings *settings = &context->params.settings;
    const struct ovnha_database *database = settings->db[i].database;
    json_t *results = ask(context, i, ovnha_marks_query(database));
    struct ovnha_copy_marks marks = {.generation = ""};
    const bool ok = results && ovnha_marks_read(database, settings->resource, "", results,
                                                &marks, NULL) == OVNHA_OK;

    ovnha_marks_read_complete(database, settings->resource, results, complete);
    ovnha_text_copy(generation, OVNHA_UUID_SIZE, marks.generation);
    json_decref(results);
    return ok;
}

static bool is_opened_here(const struct ovnha_context *context,
                           const struct ovnha_facts *facts, const char *generation)
{
    struct ovnha_record record;

    return ovnha_record_file_read(context->paths.record, &record, NULL) != OVNHA_OK ||
           (strcmp(record.active, facts->self) == 0 &&
            strcmp(record.generation.uuid, generation) == 0);
}

bool ovnha_set_aside_is_needed(const struct ovnha_context *context,
                               const struct ovnha_facts *facts,
                               enum ovnha_tristate populated, size_t i,
                               const char *source, struct ovnha_aside_mark *mark)
{
    struct ovnha_aside_store store;
    struct ovnha_aside_facts aside;
    char complete[OVNHA_COMPLETE_SIZE];

    memset(mark, 0, sizeof *mark);
    memset(&aside, 0, sizeof aside);
    ovnha_set_aside_store(context, &store);
    read_marks(context, i, aside.generation, complete);
    aside.guarded = ovnha_facts_guarded(facts);
    aside.populated = populated;
    aside.doubted = ovnha_aside_is_doubted(&store, store.place[i].db);
    aside.opened_here = is_opened_here(context, facts, aside.generation);
    aside.same_source = facts->memory.role == OVNHA_ROLE_BACKUP &&
                        strcmp(facts->memory.remote[i], source) == 0;
    ovnha_text_copy(mark->db, sizeof mark->db, store.place[i].db);
    ovnha_text_copy(mark->generation, sizeof mark->generation, aside.generation);
    return ovnha_aside_is_needed(&aside, &mark->kind);
}

enum ovnha_result ovnha_set_aside_mark(const struct ovnha_context *context, size_t i,
                                       struct ovnha_aside_mark *mark,
                                       struct ovnha_err *err)
{
    struct ovnha_aside_store store;

    ovnha_set_aside_store(context, &store);
    return ovnha_aside_take(&store, &store.place[i], mark, err);
}

/*
 * Doubts.
 */

enum ovnha_result ovnha_set_aside_doubt(const struct ovnha_context *context, size_t i,
                                        struct ovnha_err *err)
{
    struct ovnha_aside_store store;

    ovnha_set_aside_store(context, &store);
    return ovnha_aside_doubt(&store, store.place[i].db, err);
}

void ovnha_set_aside_trust(const struct ovnha_context *context, size_t i)
{
    struct ovnha_aside_store store;
    struct ovnha_err err;

    ovnha_set_aside_store(context, &store);
    if (ovnha_aside_trust(&store, store.place[i].db, &err) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "%s", err.text);
    }
}

/*
 * Afterwards.
 */

static bool is_unsettled(const struct ovnha_aside_entry *entry)
{
    return !entry->copied || entry->rows == OVNHA_ASIDE_NOT_COMPARED;
}

bool ovnha_set_aside_is_pending(const struct ovnha_context *context)
{
    struct ovnha_aside_list *list = malloc(sizeof *list);
    struct ovnha_aside_store store;
    bool pending = false;

    ovnha_set_aside_store(context, &store);
    if (list && ovnha_aside_list(&store, list, NULL) == OVNHA_OK) {
        for (size_t i = 0; i < list->n && !pending; i++) {
            pending = is_unsettled(&list->entry[i]);
        }
    }
    free(list);
    return pending;
}

size_t ovnha_set_aside_waiting(const struct ovnha_context *context)
{
    struct ovnha_aside_list *list = malloc(sizeof *list);
    struct ovnha_aside_store store;
    size_t n = 0;

    ovnha_set_aside_store(context, &store);
    if (list && ovnha_aside_list(&store, list, NULL) == OVNHA_OK) {
        for (size_t i = 0; i < list->n; i++) {
            n += list->entry[i].copied && !list->entry[i].salvaged;
        }
    }
    free(list);
    return n;
}

/* The new content is there: what a server says of its session is not enough while it
 * still loads, but then it does not answer either. */
static bool has_new_content(const struct ovnha_context *context, size_t i)
{
    struct ovnha_server_facts server;

    ovnha_gather_server(context, i, context->deadline, &server);
    return server.answered && (server.sync.state == OVNHA_SYNC_ACTIVE ||
                               (server.sync.state == OVNHA_SYNC_BACKUP &&
                                server.sync.link == OVNHA_LINK_REPLICATING));
}

static enum ovnha_result settle_mark(const struct ovnha_aside_store *store,
                                     struct ovnha_aside_entry *entry,
                                     const char *generation, const char *complete,
                                     struct ovnha_err *err)
{
    if (ovnha_aside_is_contained(&entry->mark, generation, complete)) {
        ovnha_log(LOG_INFO, "%s: overwritten with a copy that has all of it", entry->name);
        return ovnha_aside_drop(store, entry, err);
    }
    return ovnha_aside_copy(store, entry, err);
}

static bool may_come_back(enum ovnha_result result)
{
    return result == OVNHA_ERR_TIMEOUT || result == OVNHA_ERR_UNAVAILABLE ||
           result == OVNHA_ERR_LOST;
}

/* A copy without anything of its own goes; one that cannot be read may have something. */
static enum ovnha_result settle_copy(const struct ovnha_context *context, size_t i,
                                     const struct ovnha_aside_store *store,
                                     struct ovnha_aside_entry *entry,
                                     struct ovnha_err *err)
{
    const struct ovnha_database *database = context->params.settings.db[i].database;
    json_t *difference;
    const enum ovnha_result result =
        ovnha_saved_copy_compare(database, entry->path, store->place[i].socket, false,
                                 context->deadline, &difference, err);

    if (may_come_back(result)) {
        return result; /* the server */
    }
    if (result != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "%s: cannot be compared: %s", entry->path, err->text);
        entry->rows = OVNHA_ASIDE_INCOMPARABLE;
        return ovnha_aside_note(store, entry, err);
    }
    entry->rows = (long)ovnha_salvage_count(difference);
    json_decref(difference);
    if (entry->rows == 0) {
        ovnha_log(LOG_INFO, "%s: it had nothing that is missing now", entry->name);
        return ovnha_aside_drop(store, entry, err);
    }
    ovnha_log(LOG_WARNING,
           "%s: %ld rows that were overwritten are set aside: see 'ovnha "
           "salvage'",
           entry->path, entry->rows);
    return ovnha_aside_note(store, entry, err);
}

/* The marks were listed before the server was asked: all of them were taken before it
 * came to hold what it has now. */
static enum ovnha_result settle_database(const struct ovnha_context *context, size_t i,
                                         const struct ovnha_aside_store *store,
                                         struct ovnha_aside_list *list,
                                         struct ovnha_err *err)
{
    char generation[OVNHA_UUID_SIZE], complete[OVNHA_COMPLETE_SIZE];
    enum ovnha_result result = OVNHA_OK;

    if (!has_new_content(context, i) || !read_marks(context, i, generation, complete)) {
        return OVNHA_OK;
    }
    for (size_t n = 0; n < list->n && result == OVNHA_OK; n++) {
        struct ovnha_aside_entry *entry = &list->entry[n];

        if (strcmp(entry->mark.db, store->place[i].db) != 0) {
            continue;
        }
        if (!entry->copied) {
            result = settle_mark(store, entry, generation, complete, err);
        }
        if (result == OVNHA_OK && entry->copied && is_unsettled(entry)) {
            result = settle_copy(context, i, store, entry, err);
        }
    }
    return result;
}

/* Copies that somebody has salvaged are kept for second thoughts, the last ones. */
static void evict_salvaged(const struct ovnha_aside_store *store, const char *db,
                           const struct ovnha_aside_list *list)
{
    size_t n = 0;

    for (size_t i = list->n; i-- > 0;) {
        const struct ovnha_aside_entry *entry = &list->entry[i];
        struct ovnha_err err;

        if (entry->salvaged && strcmp(entry->mark.db, db) == 0 &&
            ++n > OVNHA_ASIDE_SALVAGED_MAX &&
            ovnha_aside_drop(store, entry, &err) != OVNHA_OK) {
            ovnha_log(LOG_WARNING, "%s", err.text);
        }
    }
}

/* One at a time; whoever comes second has nothing to do. */
static int lock(const struct ovnha_aside_store *store)
{
    char path[OVNHA_ASIDE_PATH_SIZE + 8];
    int fd;

    snprintf(path, sizeof path, "%s/lock", store->directory);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

enum ovnha_result ovnha_set_aside_settle(const struct ovnha_context *context,
                                         struct ovnha_err *err)
{
    struct ovnha_aside_list *list = malloc(sizeof *list);
    struct ovnha_aside_store store;
    enum ovnha_result result = OVNHA_OK;

    ovnha_set_aside_store(context, &store);
    const int locked = lock(&store);

    if (list && locked >= 0) {
        result = ovnha_aside_list(&store, list, err);
        for (size_t i = 0; i < store.n_places && result == OVNHA_OK; i++) {
            evict_salvaged(&store, store.place[i].db, list);
            result = settle_database(context, i, &store, list, err);
        }
    }
    if (locked >= 0) {
        close(locked);
    }
    free(list);
    return result;
}
