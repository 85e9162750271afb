/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/aside_store.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/text.h>

#define PLACES_FILE "places.json"
#define PIECE       (256 * 1024)

/*
 * Files.
 */

static enum ovnha_result make_directory(const char *path, struct ovnha_err *err)
{
    char part[OVNHA_ASIDE_DIR_SIZE];

    ovnha_text_copy(part, sizeof part, path);
    for (char *p = strchr(part + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST) {
            return ovnha_fail_errno(err, errno, "cannot make directory %s", part);
        }
        *p = '/';
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return ovnha_fail_errno(err, errno, "cannot make directory %s", path);
    }
    return OVNHA_OK;
}

static void directory_of(const char *path, char directory[OVNHA_ASIDE_DIR_SIZE])
{
    char *slash;

    ovnha_text_copy(directory, OVNHA_ASIDE_DIR_SIZE, path);
    slash = strrchr(directory, '/');
    if (slash) {
        *slash = '\0';
    }
}

static bool sync_directory(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* Others may be writing the same: marks of several databases are made at once. */
static enum ovnha_result write_json(const struct ovnha_aside_store *store,
                                    const char *name, json_t *json, struct ovnha_err *err)
{
    char path[PATH_MAX], fresh[PATH_MAX + 32];
    enum ovnha_result result = make_directory(store->directory, err);
    bool ok = false;

    if (result != OVNHA_OK) {
        json_decref(json);
        return result;
    }
    snprintf(path, sizeof path, "%s/%s", store->directory, name);
    snprintf(fresh, sizeof fresh, "%s.%d.new", path, (int)getpid());
    const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd >= 0) {
        ok = json_dumpfd(json, fd, JSON_INDENT(1)) == 0 && fsync(fd) == 0;
        ok = close(fd) == 0 && ok && rename(fresh, path) == 0 &&
             sync_directory(store->directory);
    }
    const int errnum = errno;

    json_decref(json);
    if (!ok) {
        unlink(fresh); /* nobody writes one of this name again */
    }
    return ok ? OVNHA_OK : ovnha_fail_errno(err, errnum, "cannot write %s", path);
}

/*
 * Places.
 */

enum ovnha_result ovnha_aside_store_save(const struct ovnha_aside_store *store,
                                         struct ovnha_err *err)
{
    char path[PATH_MAX];
    json_t *places = json_array(), *there;

    for (size_t i = 0; i < store->n_places; i++) {
        const struct ovnha_aside_place *place = &store->place[i];

        json_array_append_new(
            places, json_pack("{s:s,s:s,s:s,s:s}", "db", place->db, "file", place->file,
                              "socket", place->socket, "control", place->control));
    }
    snprintf(path, sizeof path, "%s/%s", store->directory, PLACES_FILE);
    there = json_load_file(path, 0, NULL);
    const bool same = json_equal(there, places);

    json_decref(there);
    if (same) {
        json_decref(places);
        return OVNHA_OK;
    }
    return write_json(store, PLACES_FILE, places, err);
}

enum ovnha_result ovnha_aside_store_load(const char *directory,
                                         struct ovnha_aside_store *store,
                                         struct ovnha_err *err)
{
    char path[PATH_MAX];
    json_t *places;

    memset(store, 0, sizeof *store);
    ovnha_text_copy(store->directory, sizeof store->directory, directory);
    snprintf(path, sizeof path, "%s/%s", directory, PLACES_FILE);
    places = json_load_file(path, 0, NULL);
    if (!places) {
        return access(path, F_OK) == 0
                   ? ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s is not JSON", path)
                   : OVNHA_OK;
    }
    for (size_t i = 0; i < json_array_size(places) && store->n_places < OVNHA_DB_MAX;
         i++) {
        struct ovnha_aside_place *place = &store->place[store->n_places];
        const char *db, *file, *socket, *control;

        if (json_unpack(json_array_get(places, i), "{s:s,s:s,s:s,s:s}", "db", &db, "file",
                        &file, "socket", &socket, "control", &control) == 0) {
            ovnha_text_copy(place->db, sizeof place->db, db);
            ovnha_text_copy(place->file, sizeof place->file, file);
            ovnha_text_copy(place->socket, sizeof place->socket, socket);
            ovnha_text_copy(place->control, sizeof place->control, control);
            store->n_places++;
        }
    }
    json_decref(places);
    return OVNHA_OK;
}

const struct ovnha_aside_place *
ovnha_aside_store_place(const struct ovnha_aside_store *store, const char *db)
{
    for (size_t i = 0; i < store->n_places; i++) {
        if (strcmp(store->place[i].db, db) == 0) {
            return &store->place[i];
        }
    }
    return NULL;
}

/*
 * The list.
 */

static struct ovnha_aside_entry *add_entry(struct ovnha_aside_list *list)
{
    struct ovnha_aside_entry *entry =
        list->n < OVNHA_ASIDE_ENTRIES_MAX ? &list->entry[list->n++] : NULL;

    if (entry) {
        memset(entry, 0, sizeof *entry);
        entry->rows = OVNHA_ASIDE_NOT_COMPARED;
    }
    return entry;
}

static void add_mark(const struct ovnha_aside_store *store, const char *directory,
                     const char *name, struct ovnha_aside_list *list)
{
    struct ovnha_aside_mark mark;
    struct ovnha_aside_entry *entry;

    if (!ovnha_aside_mark_parse(name, &mark) ||
        !ovnha_aside_store_place(store, mark.db) || !(entry = add_entry(list))) {
        return;
    }
    entry->mark = mark;
    ovnha_aside_copy_name(&mark, entry->name);
    snprintf(entry->path, sizeof entry->path, "%s/%s", directory, name);
}

/* DB-GENERATION-TIME, where DB may have a dash of its own. */
static void read_name(const char *name, struct ovnha_aside_mark *mark)
{
    char text[OVNHA_ASIDE_NAME_SIZE];
    char *dash;

    ovnha_text_copy(text, sizeof text, name);
    if ((dash = strrchr(text, '-'))) {
        ovnha_text_copy(mark->time, sizeof mark->time, dash + 1);
        *dash = '\0';
        if ((dash = strrchr(text, '-'))) {
            *dash = '\0';
        }
    }
    ovnha_text_copy(mark->db, sizeof mark->db, text);
    mark->kind = OVNHA_ASIDE_DOUBTED;
}

/* Its note was written before; without one only its name is known, and it stays. */
static void read_note(const char *directory, struct ovnha_aside_entry *entry)
{
    char path[PATH_MAX];
    const char *mark;
    json_int_t rows;
    int salvaged;
    json_t *note;

    snprintf(path, sizeof path, "%s/%s.json", directory, entry->name);
    note = json_load_file(path, 0, NULL);
    if (json_unpack(note, "{s:s,s:I,s:b}", "mark", &mark, "rows", &rows, "salvaged",
                    &salvaged) == 0) {
        ovnha_aside_mark_parse(mark, &entry->mark);
        entry->rows = (long)rows;
        entry->salvaged = salvaged;
    }
    json_decref(note);
}

/* A file from before a conversion is in the same directory, and is not meant. */
static void add_copy(const struct ovnha_aside_store *store, const char *name,
                     struct ovnha_aside_list *list)
{
    const size_t length = strlen(name);
    struct ovnha_aside_entry *entry;
    struct ovnha_aside_mark mark = {.size = 0};
    char stem[OVNHA_ASIDE_NAME_SIZE];

    if (length < 4 || length >= sizeof stem || strcmp(name + length - 3, ".db") != 0) {
        return;
    }
    snprintf(stem, sizeof stem, "%.*s", (int)length - 3, name);
    read_name(stem, &mark);
    if (!ovnha_aside_store_place(store, mark.db) || !(entry = add_entry(list))) {
        return;
    }
    entry->copied = true;
    entry->mark = mark;
    ovnha_text_copy(entry->name, sizeof entry->name, stem);
    snprintf(entry->path, sizeof entry->path, "%s/%s", store->directory, name);
    read_note(store->directory, entry);
}

static int by_time(const void *a, const void *b)
{
    const struct ovnha_aside_entry *left = a, *right = b;
    const int order = strcmp(left->mark.time, right->mark.time);

    return order != 0 ? order : strcmp(left->name, right->name);
}

static enum ovnha_result for_names(const char *directory,
                                   const struct ovnha_aside_store *store, bool copies,
                                   struct ovnha_aside_list *list, struct ovnha_err *err)
{
    DIR *dir = opendir(directory);

    if (!dir) {
        return errno == ENOENT
                   ? OVNHA_OK
                   : ovnha_fail_errno(err, errno, "cannot read directory %s", directory);
    }
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (copies) {
            add_copy(store, entry->d_name, list);
        } else {
            add_mark(store, directory, entry->d_name, list);
        }
    }
    closedir(dir);
    return OVNHA_OK;
}

/* Databases mostly share a directory: it is read once. */
static bool is_listed(const struct ovnha_aside_store *store, size_t i)
{
    char own[OVNHA_ASIDE_DIR_SIZE], other[OVNHA_ASIDE_DIR_SIZE];

    directory_of(store->place[i].file, own);
    for (size_t j = 0; j < i; j++) {
        directory_of(store->place[j].file, other);
        if (strcmp(own, other) == 0) {
            return true;
        }
    }
    return false;
}

enum ovnha_result ovnha_aside_list(const struct ovnha_aside_store *store,
                                   struct ovnha_aside_list *list, struct ovnha_err *err)
{
    enum ovnha_result result;

    list->n = 0;
    result = for_names(store->directory, store, true, list, err);
    for (size_t i = 0; i < store->n_places && result == OVNHA_OK; i++) {
        char directory[OVNHA_ASIDE_DIR_SIZE];

        directory_of(store->place[i].file, directory);
        if (!is_listed(store, i)) {
            result = for_names(directory, store, false, list, err);
        }
    }
    qsort(list->entry, list->n, sizeof list->entry[0], by_time);
    return result;
}

size_t ovnha_aside_count(const struct ovnha_aside_list *list, const char *db)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        n += strcmp(list->entry[i].mark.db, db) == 0 && !list->entry[i].salvaged;
    }
    return n;
}

size_t ovnha_aside_unsalvaged(const char *directory)
{
    struct ovnha_aside_list *list = malloc(sizeof *list);
    struct ovnha_aside_store store;
    size_t n = 0;

    if (list && ovnha_aside_store_load(directory, &store, NULL) == OVNHA_OK &&
        ovnha_aside_list(&store, list, NULL) == OVNHA_OK) {
        for (size_t i = 0; i < list->n; i++) {
            n += list->entry[i].copied && !list->entry[i].salvaged;
        }
    }
    free(list);
    return n;
}

/*
 * Marks.
 */

static enum ovnha_result check_room(const struct ovnha_aside_list *list, const char *db,
                                    struct ovnha_err *err)
{
    if (ovnha_aside_count(list, db) >= OVNHA_ASIDE_MAX) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED,
                          "%s: %d copies are set aside that nobody salvaged, and another "
                          "would be overwritten: see 'ovnha salvage' on this node",
                          db, OVNHA_ASIDE_MAX);
    }
    return OVNHA_OK;
}

static bool is_taken(const struct ovnha_aside_list *list, const char *db,
                     const char *time)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->entry[i].mark.db, db) == 0 &&
            strcmp(list->entry[i].mark.time, time) == 0) {
            return true;
        }
    }
    return false;
}

/* A name of its own, also within one second. */
static void stamp(const struct ovnha_aside_list *list, struct ovnha_aside_mark *mark)
{
    time_t now = time(NULL);
    struct tm utc;

    do {
        strftime(mark->time, sizeof mark->time, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
        now++;
    } while (is_taken(list, mark->db, mark->time));
}

/* The mark of the file as it is, when there is one already: a server that is told again,
 * because nobody answered there, holds what it held. */
static bool is_marked(const struct ovnha_aside_list *list, const char *file,
                      const char *db)
{
    struct stat now, then;

    for (size_t i = 0; i < list->n; i++) {
        const struct ovnha_aside_entry *entry = &list->entry[i];

        if (!entry->copied && strcmp(entry->mark.db, db) == 0 && stat(file, &now) == 0 &&
            stat(entry->path, &then) == 0 && now.st_dev == then.st_dev &&
            now.st_ino == then.st_ino && (uint64_t)now.st_size == entry->mark.size) {
            return true;
        }
    }
    return false;
}

/* The size of what a fresh link names, once it is on disk. */
static bool measure(const char *path, uint64_t *size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat found;
    bool ok = fd >= 0 && fstat(fd, &found) == 0 && fdatasync(fd) == 0;

    *size = ok ? (uint64_t)found.st_size : 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* The size is part of the name, so the link is made under another one first: one that is
 * found there is of somebody who has not overwritten anything yet. */
static enum ovnha_result link_file(const struct ovnha_aside_list *list, const char *file,
                                   struct ovnha_aside_mark *mark, struct ovnha_err *err)
{
    char directory[OVNHA_ASIDE_DIR_SIZE], name[OVNHA_ASIDE_NAME_SIZE];
    char path[PATH_MAX], fresh[PATH_MAX];
    bool ok;

    directory_of(file, directory);
    snprintf(fresh, sizeof fresh, "%s/ovnha-aside.%s.new", directory, mark->db);
    unlink(fresh);
    ok = link(file, fresh) == 0 && measure(fresh, &mark->size);
    if (ok) {
        stamp(list, mark);
        ovnha_aside_mark_format(mark, name);
        snprintf(path, sizeof path, "%s/%s", directory, name);
        ok = rename(fresh, path) == 0 && sync_directory(directory);
    }
    return ok ? OVNHA_OK : ovnha_fail_errno(err, errno, "cannot set %s aside", file);
}

enum ovnha_result ovnha_aside_take(const struct ovnha_aside_store *store,
                                   const struct ovnha_aside_place *place,
                                   struct ovnha_aside_mark *mark, struct ovnha_err *err)
{
    struct ovnha_aside_list *list = malloc(sizeof *list);
    enum ovnha_result result = ovnha_aside_store_save(store, err);

    if (result == OVNHA_OK) {
        result = list ? ovnha_aside_list(store, list, err)
                      : ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory for a list");
    }
    if (result == OVNHA_OK && !is_marked(list, place->file, place->db)) {
        result = check_room(list, place->db, err);
        if (result == OVNHA_OK) {
            result = link_file(list, place->file, mark, err);
        }
    }
    free(list);
    return result;
}

/*
 * Copies.
 */

/* ovsdb(5): each record is a line "OVSDB JSON LENGTH HASH" and LENGTH bytes. */
uint64_t ovnha_aside_whole_records(int fd, uint64_t size)
{
    uint64_t at = 0;

    for (;;) {
        char header[128];
        uint64_t length;
        int end = 0;
        const ssize_t n = pread(fd, header, sizeof header - 1, (off_t)at);

        header[n > 0 ? n : 0] = '\0';
        if (sscanf(header, "OVSDB JSON %" SCNu64 " %*40[0-9a-f]%n", &length, &end) != 1 ||
            end == 0 || header[end] != '\n' || length > size ||
            at + (uint64_t)end + 1 > size - length) {
            return at;
        }
        at += (uint64_t)end + 1 + length;
    }
}

static bool write_piece(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t written = write(fd, bytes, n);

        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

static bool copy_bytes(int from, int to, uint64_t size)
{
    char *piece = malloc(PIECE);
    bool ok = piece != NULL;

    for (uint64_t at = 0; ok && at < size;) {
        const size_t want = size - at < PIECE ? (size_t)(size - at) : PIECE;
        const ssize_t n = pread(from, piece, want, (off_t)at);

        if (n == 0) {
            errno = EIO; /* shorter than it was */
        }
        ok = n > 0 && write_piece(to, piece, (size_t)n);
        at += n > 0 ? (uint64_t)n : 0;
    }
    free(piece);
    return ok;
}

static bool copy_file(const char *from, const char *to, uint64_t size)
{
    const int source = open(from, O_RDONLY | O_CLOEXEC);
    const int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = source >= 0 && target >= 0 &&
              copy_bytes(source, target, ovnha_aside_whole_records(source, size)) &&
              fsync(target) == 0;
    const int errnum = errno;

    if (source >= 0) {
        close(source);
    }
    if (target >= 0) {
        close(target);
    }
    errno = errnum;
    return ok;
}

enum ovnha_result ovnha_aside_copy(const struct ovnha_aside_store *store,
                                   struct ovnha_aside_entry *entry, struct ovnha_err *err)
{
    char path[OVNHA_ASIDE_PATH_SIZE], fresh[PATH_MAX], directory[OVNHA_ASIDE_DIR_SIZE];
    enum ovnha_result result = ovnha_aside_note(store, entry, err);

    if (result != OVNHA_OK) {
        return result;
    }
    snprintf(path, sizeof path, "%s/%s.db", store->directory, entry->name);
    snprintf(fresh, sizeof fresh, "%s/%s.new", store->directory, entry->name);
    if (!copy_file(entry->path, fresh, entry->mark.size) || rename(fresh, path) != 0 ||
        !sync_directory(store->directory)) {
        result = ovnha_fail_errno(err, errno, "cannot copy %s to %s", entry->path, path);
        unlink(fresh);
        return result;
    }
    directory_of(entry->path, directory);
    if (unlink(entry->path) != 0 || !sync_directory(directory)) {
        return ovnha_fail_errno(err, errno, "cannot remove %s", entry->path);
    }
    ovnha_text_copy(entry->path, sizeof entry->path, path);
    entry->copied = true;
    return OVNHA_OK;
}

enum ovnha_result ovnha_aside_note(const struct ovnha_aside_store *store,
                                   const struct ovnha_aside_entry *entry,
                                   struct ovnha_err *err)
{
    char file[OVNHA_ASIDE_NAME_SIZE + 8], mark[OVNHA_ASIDE_NAME_SIZE];

    snprintf(file, sizeof file, "%s.json", entry->name);
    ovnha_aside_mark_format(&entry->mark, mark);
    return write_json(store, file,
                      json_pack("{s:s,s:I,s:b}", "mark", mark, "rows",
                                (json_int_t)entry->rows, "salvaged", entry->salvaged),
                      err);
}

enum ovnha_result ovnha_aside_drop(const struct ovnha_aside_store *store,
                                   const struct ovnha_aside_entry *entry,
                                   struct ovnha_err *err)
{
    char note[PATH_MAX];

    if (unlink(entry->path) != 0 && errno != ENOENT) {
        return ovnha_fail_errno(err, errno, "cannot remove %s", entry->path);
    }
    snprintf(note, sizeof note, "%s/%s.json", store->directory, entry->name);
    unlink(note);
    return OVNHA_OK;
}

/*
 * Doubts.
 */

static void doubt_path(const struct ovnha_aside_store *store, const char *db,
                       char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s.doubted", store->directory, db);
}

enum ovnha_result ovnha_aside_doubt(const struct ovnha_aside_store *store, const char *db,
                                    struct ovnha_err *err)
{
    char path[PATH_MAX];
    enum ovnha_result result;
    int fd;

    doubt_path(store, db, path);
    if (access(path, F_OK) == 0) {
        return OVNHA_OK;
    }
    result = make_directory(store->directory, err);
    if (result != OVNHA_OK) {
        return result;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || close(fd) != 0 || !sync_directory(store->directory)) {
        return ovnha_fail_errno(err, errno, "cannot write %s", path);
    }
    return OVNHA_OK;
}

bool ovnha_aside_is_doubted(const struct ovnha_aside_store *store, const char *db)
{
    char path[PATH_MAX];

    doubt_path(store, db, path);
    return access(path, F_OK) == 0 || errno != ENOENT;
}

enum ovnha_result ovnha_aside_trust(const struct ovnha_aside_store *store, const char *db,
                                    struct ovnha_err *err)
{
    char path[PATH_MAX];

    doubt_path(store, db, path);
    return unlink(path) == 0 || errno == ENOENT
               ? OVNHA_OK
               : ovnha_fail_errno(err, errno, "cannot remove %s", path);
}
