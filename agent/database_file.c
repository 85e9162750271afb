/* SPDX-License-Identifier: Apache-2.0 */
#include "database_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovnha/text.h>

#include "log.h"

#define HEADER_SIZE 128
#define CHUNK       65536

/* Keys and texts as ovsdb-server writes them, with no blank between them.  In a value of
 * the data their quotes would have a backslash. */
#define DATE         "\"_date\":"
#define BY_COMPACT   "\"_comment\":\"compacting database online\""
#define BY_CONVERT   "\"_comment\":\"converted by ovsdb-server\""
#define LONGEST_TEXT (sizeof BY_COMPACT + sizeof BY_CONVERT)

/* One header, if what it announces is all there. */
static bool read_header(FILE *stream, off_t size, char hash[OVNHA_SHA1_SIZE],
                        off_t *length)
{
    char line[HEADER_SIZE];
    uintmax_t announced;

    if (!fgets(line, sizeof line, stream) || ftello(stream) > size ||
        sscanf(line, "OVSDB JSON %" SCNuMAX " %40[0-9a-f]", &announced, hash) != 2 ||
        announced > (uintmax_t)(size - ftello(stream))) {
        return false;
    }
    *length = (off_t)announced;
    return true;
}

/*
 * What is in a record.  One may be as large as the database.
 */

/* Where what comes after `text` begins, or -1. */
static off_t find(FILE *stream, off_t begin, off_t end, const char *text)
{
    char buffer[CHUNK + LONGEST_TEXT];
    size_t kept = 0;

    for (off_t at = begin; at < end && fseeko(stream, at, SEEK_SET) == 0;) {
        const size_t want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        const size_t n = fread(buffer + kept, 1, want, stream);
        const char *found = memmem(buffer, kept + n, text, strlen(text));

        if (found || n == 0) {
            return found ? at - (off_t)kept + (found - buffer) + (off_t)strlen(text) : -1;
        }
        at += (off_t)n;
        const size_t all = kept + n;

        kept = all < LONGEST_TEXT ? all : LONGEST_TEXT;
        memmove(buffer, buffer + all - kept, kept);
    }
    return -1;
}

static int64_t read_date(FILE *stream, off_t begin, off_t end)
{
    const off_t at = find(stream, begin, end, DATE);
    int64_t date;

    return at >= 0 && fseeko(stream, at, SEEK_SET) == 0 &&
                   fscanf(stream, "%" SCNd64, &date) == 1
               ? date
               : 0;
}

/* Behind the header that begins at `at`. */
static off_t skip_header(FILE *stream, off_t at)
{
    char line[HEADER_SIZE];

    return fseeko(stream, at, SEEK_SET) == 0 && fgets(line, sizeof line, stream)
               ? ftello(stream)
               : at;
}

static void look_into_first(FILE *stream, off_t begin, off_t end,
                            struct ovnha_file_look *look)
{
    look->first_date = read_date(stream, begin, end);
    look->first_is_servers = find(stream, begin, end, BY_COMPACT) >= 0 ||
                             find(stream, begin, end, BY_CONVERT) >= 0;
}

/*
 * Records.
 */

struct reading {
    FILE *stream;
    off_t size;
    const char *wanted;
    struct ovnha_database_file *file;
};

static bool read_record(const struct reading *reading)
{
    struct ovnha_database_file *file = reading->file;
    const bool is_first = file->end > 0 && !file->first[0];
    char hash[OVNHA_SHA1_SIZE];
    off_t length, begin;

    if (!read_header(reading->stream, reading->size, hash, &length)) {
        return false;
    }
    begin = ftello(reading->stream);
    if (is_first) {
        ovnha_text_copy(file->first, sizeof file->first, hash);
        ovnha_text_copy(file->look.first, sizeof file->look.first, hash);
        look_into_first(reading->stream, begin, begin + length, &file->look);
    }
    ovnha_text_copy(file->last, sizeof file->last, hash);
    file->look.has_last = file->look.has_last || strcmp(hash, reading->wanted) == 0;
    file->last_at = file->end;
    file->end = begin + length;
    return fseeko(reading->stream, file->end, SEEK_SET) == 0;
}

static void read_records(const struct reading *reading)
{
    struct ovnha_database_file *file = reading->file;

    while (read_record(reading)) {
    }
    file->date = read_date(reading->stream, skip_header(reading->stream, file->last_at),
                           file->end);
}

/* The caller's stays open, and is not moved for him. */
static FILE *open_stream(int fd)
{
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = own >= 0 ? fdopen(own, "r") : NULL;

    if (own >= 0 && !stream) {
        close(own);
    }
    return stream;
}

enum ovnha_result ovnha_database_file_read(int fd, off_t size, const char *wanted,
                                           struct ovnha_database_file *file,
                                           struct ovnha_err *err)
{
    FILE *stream = open_stream(fd);

    memset(file, 0, sizeof *file);
    if (!stream || fseeko(stream, 0, SEEK_SET) != 0) {
        const int errnum = errno;

        if (stream) {
            fclose(stream);
        }
        return ovnha_fail_errno(err, errnum, "cannot read a database file");
    }
    read_records(&(struct reading){stream, size, wanted, file});
    fclose(stream);
    return file->end > 0 ? OVNHA_OK
                         : ovnha_fail(err, OVNHA_ERR_PROTOCOL, "it has no records");
}

enum ovnha_result ovnha_database_file_read_named(const char *path, const char *wanted,
                                                 struct ovnha_database_file *file,
                                                 struct ovnha_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    enum ovnha_result result;

    memset(file, 0, sizeof *file);
    if (fd < 0 || fstat(fd, &status) != 0) {
        result = ovnha_fail_errno(err, errno, "cannot read it");
    } else {
        result = ovnha_database_file_read(fd, status.st_size, wanted, file, err);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (result != OVNHA_OK) {
        ovnha_err_wrap(err, "%s", path);
    }
    return result;
}

static bool last_is_there(FILE *stream, off_t size,
                          const struct ovnha_database_file *file)
{
    char hash[OVNHA_SHA1_SIZE];
    off_t length;

    return file->end > 0 && fseeko(stream, file->last_at, SEEK_SET) == 0 &&
           read_header(stream, size, hash, &length) && strcmp(hash, file->last) == 0 &&
           ftello(stream) + length == file->end;
}

bool ovnha_database_file_read_on(int fd, off_t size, struct ovnha_database_file *file)
{
    FILE *stream = open_stream(fd);
    const bool same = stream && last_is_there(stream, size, file) &&
                      fseeko(stream, file->end, SEEK_SET) == 0;

    if (same) {
        read_records(&(struct reading){stream, size, "", file});
    }
    if (stream) {
        fclose(stream);
    }
    return same;
}

struct ovnha_file_note ovnha_database_file_note(const struct ovnha_database_file *file)
{
    struct ovnha_file_note note = {.date = file->date};

    ovnha_text_copy(note.first, sizeof note.first, file->first);
    ovnha_text_copy(note.last, sizeof note.last, file->last);
    return note;
}

/* A file that should be there and is not was replaced by nothing. */
bool ovnha_database_file_was_replaced(const char *path,
                                      const struct ovnha_file_note *note)
{
    struct ovnha_database_file file;
    struct ovnha_err err;

    if (!note->last[0]) {
        ovnha_log(LOG_NOTICE, "%s: nothing is known of what it was before", path);
        return false;
    }
    if (ovnha_database_file_read_named(path, note->last, &file, &err) != OVNHA_OK) {
        ovnha_log(LOG_ERR, "%s", err.text);
        return true;
    }
    switch (ovnha_continuity(note, &file.look)) {
    case OVNHA_FILE_UNKNOWN:
    case OVNHA_FILE_CONTINUES:
        return false;
    case OVNHA_FILE_REWRITTEN:
        ovnha_log(LOG_NOTICE, "%s was compacted since it was last noted", path);
        return false;
    case OVNHA_FILE_REPLACED:
        ovnha_log(LOG_ERR, "%s lacks what was its last record on this node's disk", path);
        return true;
    }
    return true;
}

uint64_t ovnha_database_file_size(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}
