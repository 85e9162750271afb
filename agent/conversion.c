/* SPDX-License-Identifier: Apache-2.0 */
#include "conversion.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <ovnha/schema.h>

#include "database_file.h"
#include "file_notes.h"
#include "log.h"

#define SCHEMA_MAX (4 * 1024 * 1024)
#define HEADER_MAX 128
#define CHUNK      (1 << 30)
#define ASIDE_SIZE (PATH_MAX + 128)

static void name_second(const struct ovnha_context *context, size_t i,
                        char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s.ovnha-before", context->paths.file[i]);
}

/*
 * Schemas: the first record of a file (ovsdb(5)).
 */

static json_t *read_first_record(FILE *file)
{
    char header[HEADER_MAX];
    unsigned long length;
    char *bytes = NULL;
    json_t *json = NULL;

    if (fgets(header, sizeof header, file) &&
        sscanf(header, "OVSDB JSON %lu ", &length) == 1 && length <= SCHEMA_MAX) {
        bytes = malloc(length);
    }
    if (bytes && fread(bytes, 1, length, file) == length) {
        json = json_loadb(bytes, length, 0, NULL);
    }
    free(bytes);
    return json;
}

/* NULL when there is none. */
static json_t *read_schema(const char *path)
{
    FILE *file = fopen(path, "re");
    json_t *schema = file ? read_first_record(file) : NULL;

    if (file) {
        fclose(file);
    }
    return schema;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;

    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool have_same_schema(const char *a, const char *b)
{
    json_t *first = read_schema(a), *second = read_schema(b);
    const bool same = first && second && json_equal(first, second);

    json_decref(first);
    json_decref(second);
    return same;
}

/*
 * Copies.
 */

/* errno of what failed, or 0.  A copy that is not whole does not stay. */
static int copy(const char *from, const char *to)
{
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n = in >= 0 && out >= 0 ? 1 : -1;
    int errnum = errno;

    while (n > 0) {
        n = sendfile(out, in, NULL, CHUNK);
        errnum = errno;
    }
    if (n == 0 && fsync(out) != 0) {
        n = -1;
        errnum = errno;
    }
    if (in >= 0) {
        close(in);
    }
    if (out >= 0) {
        close(out);
    }
    if (n != 0) {
        unlink(to);
    }
    return n == 0 ? 0 : errnum;
}

static int sync_path(const char *path, int flags)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    const int errnum = fd >= 0 && fsync(fd) == 0 ? 0 : errno;

    if (fd >= 0) {
        close(fd);
    }
    return errnum;
}

/* By another name where that is the same file system, else as a copy. */
static int move(const char *from, const char *to)
{
    int errnum = rename(from, to) == 0 ? 0 : errno;

    if (errnum == EXDEV) {
        errnum = copy(from, to);
        if (errnum == 0) {
            unlink(from);
        }
        return errnum;
    }
    if (errnum == 0 && chmod(to, 0600) != 0) {
        errnum = errno;
    }
    return errnum ? errnum : sync_path(to, 0);
}

static bool make_directories(const struct ovnha_context *context, const char *aside)
{
    const struct ovnha_invocation *in = context->invocation;
    char resource[PATH_MAX];

    snprintf(resource, sizeof resource, "%s/%s", in->durable_dir, in->resource);
    return (mkdir(in->durable_dir, 0755) == 0 || errno == EEXIST) &&
           (mkdir(resource, 0755) == 0 || errno == EEXIST) &&
           (mkdir(aside, 0700) == 0 || errno == EEXIST);
}

static void name_aside(const struct ovnha_context *context, size_t i, const char *second,
                       const char *directory, char path[ASIDE_SIZE])
{
    const char *name = context->params.settings.db[i].database->name;
    json_t *schema = read_schema(second);
    const char *version = ovnha_schema_version(schema);
    const time_t now = time(NULL);
    struct tm broken_down;
    char when[32];

    gmtime_r(&now, &broken_down);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &broken_down);
    if (version[strspn(version, "0123456789.")]) {
        version = "unknown";
    }
    snprintf(path, ASIDE_SIZE, "%s/%s-before-conversion-%s-%s.db", directory, name,
             version, when);
    json_decref(schema);
}

static void set_aside(const struct ovnha_context *context, size_t i, const char *second)
{
    const struct ovnha_invocation *in = context->invocation;
    const char *name = context->params.settings.db[i].database->name;
    char directory[PATH_MAX], path[ASIDE_SIZE];
    int errnum;

    snprintf(directory, sizeof directory, "%s/%s/aside", in->durable_dir, in->resource);
    name_aside(context, i, second, directory, path);
    errnum = make_directories(context, directory) ? move(second, path) : errno;
    if (errnum == 0) {
        errnum = sync_path(directory, O_DIRECTORY);
    }
    if (errnum == 0) {
        ovnha_log(LOG_NOTICE, "%s: the schema was converted; as it was before: %s", name,
               path);
    } else {
        ovnha_log(LOG_ERR,
               "%s: the schema was converted; as it was before: %s, and not %s: %s", name,
               second, path, strerror(errnum));
    }
}

/*
 * What is noted of the file.
 */

static bool is_what_was_noted(const char *path, const struct ovnha_file_note *note)
{
    struct ovnha_database_file file;

    return ovnha_database_file_read_named(path, note->last, &file, NULL) == OVNHA_OK &&
           ovnha_continuity(note, &file.look) != OVNHA_FILE_REPLACED;
}

static enum ovnha_result note_converted(const struct ovnha_context *context, size_t i,
                                        const char *name, struct ovnha_err *err)
{
    const char *path = context->paths.file[i];
    struct ovnha_database_file file;
    struct ovnha_file_note note;
    const int errnum = sync_path(path, 0);

    if (errnum != 0) {
        return ovnha_fail_errno(err, errnum, "cannot sync %s", path);
    }
    if (ovnha_database_file_read_named(path, "", &file, err) != OVNHA_OK) {
        return OVNHA_ERR_PROTOCOL;
    }
    note = ovnha_database_file_note(&file);
    return ovnha_file_notes_write(context->paths.files, &name, &note, 1, err);
}

/* A conversion writes a file anew, as whoever puts another one in its place does.  If
 * what was converted is what this node held, so is what came of it. */
static void pass_on_note(const struct ovnha_context *context, size_t i,
                         const char *second)
{
    const char *name = context->params.settings.db[i].database->name;
    struct ovnha_file_note note;
    struct ovnha_err err = {""};

    if (ovnha_file_notes_read(context->paths.files, &name, &note, 1, &err) != OVNHA_OK ||
        (note.last[0] && is_what_was_noted(second, &note) &&
         note_converted(context, i, name, &err) != OVNHA_OK)) {
        ovnha_log(LOG_WARNING, "%s: %s", name, err.text);
    }
}

/*
 * Before and after.
 */

void ovnha_conversion_end(const struct ovnha_context *context, size_t i)
{
    const char *file = context->paths.file[i];
    char second[PATH_MAX];

    name_second(context, i, second);
    if (access(second, F_OK) != 0) {
        return;
    }
    if (is_same_file(file, second) || have_same_schema(file, second)) {
        unlink(second);
    } else {
        pass_on_note(context, i, second);
        set_aside(context, i, second);
    }
}

enum ovnha_result ovnha_conversion_begin(const struct ovnha_context *context, size_t i,
                                         struct ovnha_err *err)
{
    const char *file = context->paths.file[i];
    char second[PATH_MAX];
    int errnum;

    ovnha_conversion_end(context, i);
    name_second(context, i, second);
    if (access(file, F_OK) != 0 && errno == ENOENT) {
        return OVNHA_OK;
    }
    if (linkat(AT_FDCWD, file, AT_FDCWD, second, AT_SYMLINK_FOLLOW) == 0) {
        return OVNHA_OK;
    }
    errnum = errno == EEXIST ? EEXIST : copy(file, second);
    return errnum == 0 ? OVNHA_OK
                       : ovnha_fail_errno(err, errnum,
                                          "cannot keep %s as it is before ovn-ctl may "
                                          "convert its schema: %s",
                                          file, second);
}
