/* SPDX-License-Identifier: Apache-2.0 */
/* A planned move loses nothing.
 *
 * While clients still write, the active puts a barrier into every database and waits
 * until the replicas say that they hold it: from then on they are close behind.  Then it
 * turns read-only, and its sessions stay: the replicas get what was written meanwhile,
 * too. Which rows that touched is in the database files, after the barrier; a replica
 * that holds the barrier and has these rows as the active has them holds everything, and
 * only such replicas stay in the record. */

#include "resident.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/condition.h>
#include <ovnha/text.h>

/* Of a file's end, where the barrier is looked for: what OVNHA_TAIL_ROWS_MAX rows come
 * to, and some more. */
#define END_OF_FILE_MAX (4 * 1024 * 1024)

/* One that nobody took up, for whatever reason: longer than a demote may take. */
#define BARRIER_LASTS_MS (10 * 60 * 1000)

/* Those who hold the barrier are milliseconds behind; no client is served meanwhile. */
#define HAND_OVER_MS 3000

/* How long a server that is busy may say nothing once it has turned read-only, and how
 * long the record may take to change.  What is not recorded then is not known to anybody:
 * whoever lacks something could be promoted. */
#define SILENT_MS       10000
#define RECORD_MS       10000
#define RECORD_AGAIN_MS 500

static bool holds_barrier(const struct resident *r, const char *node)
{
    const struct resident_peer *peer = ovnha_resident_peer(r, node);

    return peer && strcmp(peer->barrier_seen, r->barrier) == 0;
}

static bool is_complete(const struct resident *r, const char *node)
{
    const struct resident_peer *peer = ovnha_resident_peer(r, node);

    return peer && r->barrier[0] && strcmp(peer->completed, r->barrier) == 0;
}

typedef bool node_test(const struct resident *r, const char *node);

static bool all_others(const struct resident *r, node_test *test)
{
    for (size_t i = 0; i < r->record.in_sync.n; i++) {
        const char *node = r->record.in_sync.member[i].node;

        if (strcmp(node, r->facts.self) != 0 && !test(r, node)) {
            return false;
        }
    }
    return true;
}

/*
 * Tails.
 */

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

static enum ovnha_result read_end(const char *path, char **bytes, size_t *n,
                                  struct ovnha_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    const off_t begin = end > END_OF_FILE_MAX ? end - END_OF_FILE_MAX : 0;
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
    struct ovnha_tails *tails = &r->tails;
    char *bytes = NULL;
    size_t n;
    enum ovnha_result result = read_end(r->context.paths.file[i], &bytes, &n, err);

    if (result == OVNHA_OK) {
        result = ovnha_tail_read(bytes, n, r->barrier, &tails->rows[i], err);
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
static void read_tails(struct resident *r)
{
    struct ovnha_err err;

    ovnha_resident_tails_clear(&r->tails);
    r->tails.known = true;
    for (size_t i = 0; i < r->facts.settings.n_dbs && r->tails.known; i++) {
        if (read_tail(r, i, &err) != OVNHA_OK) {
            qb_log(LOG_WARNING, "%s: only this copy is known to have all: %s",
                   r->facts.settings.db[i].database->name, err.text);
            ovnha_resident_tails_clear(&r->tails);
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

static bool holds_tails(struct resident *r, const struct ovnha_tails *tails)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (!holds_tail(r, i, tails)) {
            return false;
        }
    }
    return tails->known;
}

/* As a replica: whose barrier it holds, and the rest as well? */
static void complete(struct resident *r)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        const struct resident_peer *peer = &r->peer[i];

        if (peer->barrier[0] && strcmp(peer->barrier, r->barrier_seen) == 0 &&
            strcmp(peer->barrier, r->completed) != 0 && holds_tails(r, &peer->tails)) {
            ovnha_text_copy(r->completed, sizeof r->completed, peer->barrier);
            ovnha_text_copy(r->completed_in, sizeof r->completed_in,
                            r->marks[0].generation);
            ovnha_resident_tell(r);
        }
    }
}

bool ovnha_resident_awaits_handover(const struct resident *r)
{
    bool awaits = r->at_barrier || r->handing_over;

    for (size_t i = 0; i < r->n_peers; i++) {
        awaits = awaits ||
                 (r->peer[i].barrier[0] && strcmp(r->peer[i].barrier, r->completed) != 0);
    }
    return awaits;
}

/*
 * The barrier.
 */

/* Or would, if a server were not busy. */
static bool is_to_hand_over(const struct resident *r)
{
    return ovnha_resident_is_serving(r) ||
           (ovnha_condition(&r->facts) == OVNHA_COPY_SILENT &&
            r->facts.memory.role == OVNHA_ROLE_ACTIVE &&
            strcmp(r->record.active, r->facts.self) == 0);
}

/* A server that is busy is asked again: without a barrier nobody is complete. */
static void put_barrier(struct resident *r)
{
    struct ovnha_err err;
    enum ovnha_result result;

    if (!r->at_barrier || r->barrier_is_out || !ovnha_resident_is_serving(r)) {
        return;
    }
    result = ovnha_resident_write_barrier(r, &err);
    if (result == OVNHA_OK) {
        r->barrier_is_out = true;
        ovnha_resident_tell(r);
    } else if (result != OVNHA_ERR_TIMEOUT) {
        ovnha_request_refuse(r->at_barrier, err.text);
        r->at_barrier = NULL;
    }
}

void ovnha_resident_raise_barrier(struct resident *r, struct ovnha_request *request)
{
    uuid_t uuid;

    if (r->at_barrier) {
        ovnha_request_refuse(r->at_barrier, "another barrier came");
        r->at_barrier = NULL;
    }
    ovnha_resident_look(r);
    if (!is_to_hand_over(r)) {
        ovnha_request_refuse(request, "this node is not serving");
        return;
    }
    uuid_generate(uuid);
    uuid_unparse_lower(uuid, r->barrier);
    r->barrier_is_out = false;
    ovnha_resident_tails_clear(&r->tails);
    r->at_barrier = request;
    r->barrier_ends_at = ovnha_deadline_after(ovnha_now(), BARRIER_LASTS_MS);
    ovnha_resident_check_handover(r);
}

/* A replica that is still loading may be in sync before the demote runs out of time;
 * meanwhile clients are served. */
static bool some_may_yet_join(const struct resident *r)
{
    bool present = false;

    for (size_t i = 0; i < r->n_peers; i++) {
        present = present || r->peer[i].state.present;
    }
    return present && r->record.in_sync.n <= 1;
}

static void answer_barrier(struct resident *r)
{
    if (r->at_barrier && !ovnha_request_is_awaited(r->at_barrier)) {
        ovnha_request_refuse(r->at_barrier, "nobody waits for this");
        r->at_barrier = NULL;
    }
    if (r->at_barrier && r->barrier_is_out && all_others(r, holds_barrier) &&
        !some_may_yet_join(r)) {
        ovnha_request_reply(r->at_barrier, "held");
        r->at_barrier = NULL;
    }
}

/*
 * Afterwards.
 */

static void leave_out(const struct resident *r, struct ovnha_record *record)
{
    for (size_t i = 0; i < r->record.in_sync.n; i++) {
        const char *node = r->record.in_sync.member[i].node;

        if (strcmp(node, r->facts.self) != 0 && !is_complete(r, node)) {
            qb_log(LOG_WARNING, "%s does not hold everything and is left out", node);
            ovnha_record_leave(record, node);
        }
    }
}

static enum ovnha_result record_complete(struct resident *r, struct ovnha_err *err)
{
    struct ovnha_record fresh = r->record;

    if (strcmp(r->record.active, r->facts.self) == 0) {
        leave_out(r, &fresh);
    }
    return fresh.revision != r->record.revision
               ? ovnha_resident_change_record(r, &fresh, err)
               : OVNHA_OK;
}

static void end_handover(struct resident *r, enum ovnha_result result, const char *why)
{
    if (r->tails.known) {
        ovnha_text_copy(r->completed_in, sizeof r->completed_in,
                        r->record.generation.uuid);
    }
    r->barrier[0] = '\0';
    ovnha_resident_tails_clear(&r->tails);
    ovnha_resident_tell(r);
    if (result == OVNHA_OK) {
        ovnha_request_reply(r->handing_over, "");
    } else {
        ovnha_request_refuse(r->handing_over, why);
    }
    r->handing_over = NULL;
}

static void read_tails_once(struct resident *r)
{
    if (!r->tails_unread || ovnha_condition(&r->facts) != OVNHA_COPY_BACKUP) {
        return;
    }
    r->tails_unread = false;
    r->hand_over_at = ovnha_deadline_after(ovnha_now(), HAND_OVER_MS);
    if (r->barrier[0]) {
        read_tails(r);
    } else {
        qb_log(LOG_WARNING, "there was no barrier: only this copy is known to have all");
    }
    ovnha_resident_tell(r);
}

/* Where there was no barrier, or the tails are not known, nobody can be complete. */
static bool is_handover_due(const struct resident *r)
{
    return ovnha_deadline_passed(r->hand_over_at, ovnha_now()) ||
           (!r->tails_unread && (all_others(r, is_complete) || !r->tails.known));
}

/* Or it is the last moment. */
static bool is_to_be_recorded(const struct resident *r)
{
    return !ovnha_request_is_awaited(r->handing_over) ||
           (is_handover_due(r) && ovnha_deadline_passed(r->record_again_at, ovnha_now()));
}

static void answer_handover(struct resident *r)
{
    enum ovnha_result result;
    struct ovnha_err err = {""};

    if (!r->handing_over) {
        return;
    }
    read_tails_once(r);
    if (!is_to_be_recorded(r)) {
        return;
    }
    result = record_complete(r, &err);
    if (result == OVNHA_OK || !ovnha_request_is_awaited(r->handing_over) ||
        ovnha_deadline_passed(r->hand_over_at + RECORD_MS, ovnha_now())) {
        end_handover(r, result, err.text);
        return;
    }
    qb_log(LOG_WARNING, "the handover cannot be recorded yet: %s", err.text);
    r->record_again_at = ovnha_deadline_after(ovnha_now(), RECORD_AGAIN_MS);
}

static void drop_old_barrier(struct resident *r)
{
    if (r->barrier[0] && !r->handing_over &&
        ovnha_deadline_passed(r->barrier_ends_at, ovnha_now())) {
        r->barrier[0] = '\0';
        ovnha_resident_tell(r);
    }
}

void ovnha_resident_check_handover(struct resident *r)
{
    drop_old_barrier(r);
    complete(r);
    put_barrier(r);
    answer_barrier(r);
    answer_handover(r);
}

void ovnha_resident_hand_over(struct resident *r, struct ovnha_request *request)
{
    enum ovnha_condition condition;

    if (r->at_barrier) {
        ovnha_request_refuse(r->at_barrier, "handed over");
        r->at_barrier = NULL;
    }
    if (r->handing_over) {
        ovnha_request_refuse(r->handing_over, "another handover came");
        r->handing_over = NULL;
    }
    ovnha_resident_look(r);
    condition = ovnha_condition(&r->facts);
    if (condition != OVNHA_COPY_BACKUP && condition != OVNHA_COPY_SILENT) {
        ovnha_request_refuse(request, "this copy is not read-only");
        return;
    }
    ovnha_resident_tails_clear(&r->tails);
    r->tails_unread = true;
    r->record_again_at = 0;
    r->handing_over = request;
    r->hand_over_at = ovnha_deadline_after(ovnha_now(), SILENT_MS);
    answer_handover(r);
}
