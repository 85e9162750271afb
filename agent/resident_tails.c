/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_tails.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/text.h>

#include "resident_marks.h"
#include "resident_state.h"

/* Of a file's end, where the barrier is looked for: what OVNHA_TAIL_ROWS_MAX rows come
 * to, and some more. */
#define END_OF_FILE_MAX (4 * 1024 * 1024)

void ovnha_resident_tails_clear(struct ovnha_tails *tails)
{
    for (size_t i = 0; i < OVNHA_DB_MAX; i++) {
        json_decref(tails->rows[i]);
    }
    memset(tails, 0, sizeof *tails);
}

/* [[ROWS, DIGEST] of every database], or [] while they are not known. */
json_t *ovnha_resident_tails_to_json(const struct ovnha_tails *tails)
{
    json_t *json = json_array();

    for (size_t i = 0; tails->known && i < OVNHA_DB_MAX && tails->rows[i]; i++) {
        json_array_append_new(json, json_pack("[O,s]", tails->rows[i], tails->digest[i]));
    }
    return json;
}

bool ovnha_resident_tails_read(json_t *json, struct ovnha_tails *tails)
{
    const size_t n = json_array_size(json);
    bool ok = json_is_array(json) && n <= OVNHA_DB_MAX;

    ovnha_resident_tails_clear(tails);
    for (size_t i = 0; i < n && ok; i++) {
        json_t *one = json_array_get(json, i), *rows = json_array_get(one, 0);
        const char *digest = json_string_value(json_array_get(one, 1));

        ok = json_is_object(rows) && digest &&
             ovnha_text_copy(tails->digest[i], OVNHA_TAIL_DIGEST_SIZE, digest);
        tails->rows[i] = json_incref(rows);
    }
    tails->known = ok && n > 0;
    return ok;
}

void ovnha_resident_note_ends(struct resident *r)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        struct stat file;

        r->handover.barrier_from[i] =
            stat(r->context.paths.file[i], &file) == 0 ? file.st_size : 0;
    }
}

/* Nothing that was there before the barrier has to be read, however much that is.  A file
 * that is shorter now was compacted. */
static enum ovnha_result read_end(const char *path, off_t from, char **bytes, size_t *n,
                                  struct ovnha_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    const off_t whole = end > END_OF_FILE_MAX ? end - END_OF_FILE_MAX : 0;
    const off_t begin = from > whole && from < end ? from : whole;
    ssize_t length = -1;

    *bytes = end > 0 ? malloc((size_t)(end - begin)) : NULL;
    if (*bytes) {
        length = pread(fd, *bytes, (size_t)(end - begin), begin);
    }
    const int error = errno;

    if (fd >= 0) {
        close(fd);
    }
    *n = length > 0 ? (size_t)length : 0;
    return length > 0 ? OVNHA_OK : ovnha_fail_errno(err, error, "cannot read %s", path);
}

static enum ovnha_result read_tail(struct resident *r, size_t i, struct ovnha_err *err)
{
    struct ovnha_tails *tails = &r->handover.tails;
    char *bytes = NULL;
    size_t n;
    enum ovnha_result result =
        read_end(r->context.paths.file[i], r->handover.barrier_from[i], &bytes, &n, err);

    if (result == OVNHA_OK) {
        result = ovnha_tail_read(bytes, n, r->handover.barrier, &tails->rows[i], err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_resident_digest_tail(r, i, tails->rows[i], tails->digest[i], err);
    }
    if (result == OVNHA_OK) {
        qb_log(LOG_INFO, "%s: rows written after the barrier, and their digest: %s",
               r->facts.settings.db[i].database->name, tails->digest[i]);
    }
    free(bytes);
    return result;
}

/* Of the own copy, which is read-only. */
void ovnha_resident_read_tails(struct resident *r)
{
    struct ovnha_err err;

    ovnha_resident_tails_clear(&r->handover.tails);
    r->handover.tails.known = true;
    for (size_t i = 0; i < r->facts.settings.n_dbs && r->handover.tails.known; i++) {
        if (read_tail(r, i, &err) != OVNHA_OK) {
            qb_log(LOG_WARNING, "%s: only this copy is known to have all: %s",
                   r->facts.settings.db[i].database->name, err.text);
            ovnha_resident_tails_clear(&r->handover.tails);
        }
    }
}

static bool holds_tail(struct resident *r, size_t i, const struct ovnha_tails *tails)
{
    char digest[OVNHA_TAIL_DIGEST_SIZE];

    return tails->rows[i] &&
           ovnha_resident_digest_tail(r, i, tails->rows[i], digest, NULL) == OVNHA_OK &&
           strcmp(digest, tails->digest[i]) == 0;
}

bool ovnha_resident_holds_tails(struct resident *r, const struct ovnha_tails *tails)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (!holds_tail(r, i, tails)) {
            return false;
        }
    }
    return tails->known;
}
