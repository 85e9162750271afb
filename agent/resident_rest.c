/* SPDX-License-Identifier: Apache-2.0 */
/* The database files while nobody runs them.
 *
 * A generation lasts for months, so a file from a backup carries its marker and is no
 * more what this node held.  When the servers have been stopped, the last record of each
 * file is noted beside the record; a file that lacks it when they run again has been
 * replaced, and is no candidate until it is confirmed anew, or chosen by a person.  The
 * note is gone while the servers run: they write, and compact.  A file whose schema was
 * converted in between was written anew as a whole, and cannot be told. */

#include "resident.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>

#include "database_file.h"
#include "record_file.h"

static void path_of(const struct resident *r, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.*s/rest.json",
             (int)(strrchr(r->context.paths.record, '/') - r->context.paths.record),
             r->context.paths.record);
}

static const char *name_of(const struct resident *r, size_t i)
{
    return r->facts.settings.db[i].database->name;
}

/* Gone for sure: after a power loss it would blame a file that was compacted since. */
static void forget(struct resident *r)
{
    char path[PATH_MAX];
    int directory;
    bool ok;

    path_of(r, path);
    ok = unlink(path) == 0;
    if (!ok && errno == ENOENT) {
        return;
    }
    *strrchr(path, '/') = '\0';
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = ok && directory >= 0 && fsync(directory) == 0;
    if (!ok) {
        qb_log(LOG_WARNING, "cannot remove rest.json in %s: %s", path, strerror(errno));
    }
    if (directory >= 0) {
        close(directory);
    }
}

/*
 * When they have stopped.
 */

/* Or a power loss could keep the note and not what it is about. */
static void sync_file(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fdatasync(fd) != 0) {
        qb_log(LOG_WARNING, "cannot sync %s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
}

static json_t *note_files(struct resident *r)
{
    json_t *note = json_object();
    struct ovnha_database_file file;
    struct ovnha_err err;

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        sync_file(r->context.paths.file[i]);
        if (ovnha_database_file_read(r->context.paths.file[i], "", &file, &err) ==
            OVNHA_OK) {
            json_object_set_new(
                note, name_of(r, i),
                json_pack("{s:s,s:s}", "schema", file.schema, "last", file.last));
        } else {
            qb_log(LOG_WARNING, "%s", err.text);
        }
    }
    return note;
}

void ovnha_resident_note_rest(struct resident *r)
{
    char path[PATH_MAX];
    struct ovnha_err err;
    json_t *note;
    char *text;

    /* What was replaced stays so: the older note is the one that counts. */
    if (ovnha_condition(&r->facts) != OVNHA_COPY_STOPPED || r->replaced) {
        return;
    }
    path_of(r, path);
    note = note_files(r);
    text = json_dumps(note, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (ovnha_durable_write(path, text, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    free(text);
    json_decref(note);
}

/*
 * When they run again.
 */

static bool was_replaced(struct resident *r, size_t i, json_t *note)
{
    const char *schema, *last;
    struct ovnha_database_file file;
    struct ovnha_err err;

    if (json_unpack(json_object_get(note, name_of(r, i)), "{s:s,s:s}", "schema", &schema,
                    "last", &last) != 0) {
        return false;
    }
    if (ovnha_database_file_read(r->context.paths.file[i], last, &file, &err) !=
        OVNHA_OK) {
        qb_log(LOG_ERR, "%s", err.text);
        return true;
    }
    return !file.has && strcmp(file.schema, schema) == 0;
}

void ovnha_resident_check_rest(struct resident *r)
{
    char path[PATH_MAX];
    json_t *note;

    path_of(r, path);
    note = json_load_file(path, 0, NULL);
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (was_replaced(r, i, note)) {
            qb_log(LOG_ERR, "%s lacks what was its last record when it was stopped here",
                   r->context.paths.file[i]);
            r->replaced = true;
        }
    }
    json_decref(note);
    if (!r->replaced) {
        forget(r);
    }
}

void ovnha_resident_forget_rest(struct resident *r)
{
    if (r->replaced) {
        r->replaced = false;
        forget(r);
    }
}
