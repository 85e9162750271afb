/* SPDX-License-Identifier: Apache-2.0 */
#include "file_notes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/text.h>

#include "record_file.h"

#define LOCK_TRIES    100
#define LOCK_AGAIN_MS 10

/* NULL after an error; an empty object when there is no such file. */
static json_t *load(const char *path, struct ovnha_err *err)
{
    json_error_t why;
    json_t *json = access(path, F_OK) != 0 && errno == ENOENT
                       ? json_object()
                       : json_load_file(path, 0, &why);

    if (!json_is_object(json)) {
        (void)ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s cannot be understood", path);
        json_decref(json);
        json = NULL;
    }
    return json;
}

static bool read_note(json_t *json, struct ovnha_file_note *note)
{
    const char *first, *last;
    json_int_t date;

    memset(note, 0, sizeof *note);
    if (!json) {
        return true;
    }
    if (json_unpack(json, "{s:s,s:s,s:I}", "first", &first, "last", &last, "date",
                    &date) != 0) {
        return false;
    }
    note->date = date;
    return ovnha_text_copy(note->first, sizeof note->first, first) &&
           ovnha_text_copy(note->last, sizeof note->last, last);
}

enum ovnha_result ovnha_file_notes_read(const char *path, const char *const *names,
                                        struct ovnha_file_note *notes, size_t n,
                                        struct ovnha_err *err)
{
    json_t *json = load(path, err);
    bool ok = json;

    memset(notes, 0, n * sizeof *notes);
    for (size_t i = 0; i < n && ok; i++) {
        ok = read_note(json_object_get(json, names[i]), &notes[i]);
    }
    if (json && !ok) {
        (void)ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s cannot be understood", path);
    }
    json_decref(json);
    return ok ? OVNHA_OK : OVNHA_ERR_PROTOCOL;
}

/* On the directory: the file itself is another one after each write.  -1: somebody else
 * holds it, or there is no directory. */
static int lock_directory(const char *path)
{
    char directory[PATH_MAX];

    ovnha_text_copy(directory, sizeof directory, path);
    *strrchr(directory, '/') = '\0';
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return fd;
        }
        poll(NULL, 0, LOCK_AGAIN_MS);
    }
    if (fd >= 0) {
        close(fd);
        errno = EBUSY;
    }
    return -1;
}

static enum ovnha_result save(const char *path, json_t *json, struct ovnha_err *err)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
    const enum ovnha_result result =
        text ? ovnha_durable_write(path, text, err)
             : ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");

    free(text);
    return result;
}

static enum ovnha_result change(const char *path, const char *const *names,
                                const struct ovnha_file_note *notes, size_t n,
                                struct ovnha_err *err)
{
    json_t *json = load(path, err);
    enum ovnha_result result;

    if (!json) {
        return OVNHA_ERR_PROTOCOL;
    }
    for (size_t i = 0; i < n; i++) {
        if (notes[i].last[0]) {
            json_object_set_new(json, names[i],
                                json_pack("{s:s,s:s,s:I}", "first", notes[i].first,
                                          "last", notes[i].last, "date",
                                          (json_int_t)notes[i].date));
        }
    }
    result = save(path, json, err);
    json_decref(json);
    return result;
}

/* Without a directory there is nobody else yet, and the write makes it. */
enum ovnha_result ovnha_file_notes_write(const char *path, const char *const *names,
                                         const struct ovnha_file_note *notes, size_t n,
                                         struct ovnha_err *err)
{
    const int lock = lock_directory(path);
    enum ovnha_result result;

    if (lock < 0 && errno != ENOENT) {
        return ovnha_fail_errno(err, errno, "cannot write %s", path);
    }
    result = change(path, names, notes, n, err);
    if (lock >= 0) {
        close(lock);
    }
    return result;
}

enum ovnha_result ovnha_file_notes_forget(const char *path, struct ovnha_err *err)
{
    const int lock = lock_directory(path);
    const bool ok =
        lock >= 0 && (unlink(path) == 0 || errno == ENOENT) && fsync(lock) == 0;
    const int errnum = errno;

    if (lock >= 0) {
        close(lock);
    }
    return ok || (lock < 0 && errnum == ENOENT)
               ? OVNHA_OK
               : ovnha_fail_errno(err, errnum, "cannot remove %s", path);
}
