/* SPDX-License-Identifier: Apache-2.0 */
/* A planned move loses nothing.
 *
 * The active, which no client can reach any more, writes a barrier into every
 * database and waits until the replicas say that they hold it.  Then it turns
 * read-only.  A program on this host may have written in between, through the local
 * socket: that shows in the database file, whose last record is then not the
 * barrier's.  Only replicas that hold everything stay in the record. */

#include "resident.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

/* A barrier's own record is a few hundred bytes; what is longer is something else's. */
#define LAST_RECORD_MAX 8192

static bool holds_barrier(const struct resident *r, const char *node)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (strcmp(r->peer[i].state.node, node) == 0) {
            return strcmp(r->peer[i].barrier_seen, r->barrier) == 0;
        }
    }
    return false;
}

static bool all_hold_barrier(const struct resident *r)
{
    for (size_t i = 0; i < r->record.in_sync.n; i++) {
        const char *node = r->record.in_sync.member[i].node;

        if (strcmp(node, r->facts.self) != 0 && !holds_barrier(r, node)) {
            return false;
        }
    }
    return true;
}

bool ovnha_resident_awaits_barrier(const struct resident *r)
{
    bool awaits = r->at_barrier != NULL;

    for (size_t i = 0; i < r->n_peers; i++) {
        awaits = awaits || (r->peer[i].barrier[0] &&
                            strcmp(r->peer[i].barrier, r->barrier_seen) != 0);
    }
    return awaits;
}

void ovnha_resident_check_barrier(struct resident *r)
{
    if (r->at_barrier && !ovnha_request_is_awaited(r->at_barrier)) {
        ovnha_request_refuse(r->at_barrier, "nobody waits for this");
        r->at_barrier = NULL;
    }
    if (r->at_barrier && all_hold_barrier(r)) {
        ovnha_request_reply(r->at_barrier, "held");
        r->at_barrier = NULL;
    }
}

void ovnha_resident_raise_barrier(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_err err;
    uuid_t uuid;

    if (r->at_barrier) {
        ovnha_request_refuse(r->at_barrier, "another barrier came");
        r->at_barrier = NULL;
    }
    ovnha_resident_look(r);
    if (!ovnha_resident_is_serving(r)) {
        ovnha_request_refuse(request, "this node is not serving");
        return;
    }
    uuid_generate(uuid);
    uuid_unparse_lower(uuid, r->barrier);
    if (ovnha_resident_write_barrier(r, &err) != OVNHA_OK) {
        ovnha_request_refuse(request, err.text);
        return;
    }
    r->at_barrier = request;
    ovnha_resident_tell(r);
    ovnha_resident_check_barrier(r);
}

/*
 * Afterwards.
 */

static ssize_t read_end(const char *path, char *bytes, size_t size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    if (fd >= 0) {
        const off_t end = lseek(fd, 0, SEEK_END);

        n = pread(fd, bytes, size, end > (off_t)size ? end - (off_t)size : 0);
        close(fd);
    }
    return n;
}

/* Whether `text` is in the last record of a database file (ovsdb(5): each begins with
 * a line "OVSDB JSON LENGTH HASH"). */
static bool last_record_has(const char *path, const char *text)
{
    static const char header[] = "OVSDB JSON ";
    char bytes[LAST_RECORD_MAX];
    const ssize_t n = read_end(path, bytes, sizeof bytes);
    const char *last = NULL;

    for (const char *p = bytes; n > 0 && p; p++) {
        p = memmem(p, (size_t)(bytes + n - p), header, sizeof header - 1);
        if (!p) {
            break;
        }
        last = p;
    }
    return last && memmem(last, (size_t)(bytes + n - last), text, strlen(text));
}

static bool nothing_came_after(const struct resident *r)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (!last_record_has(r->context.paths.file[i], r->barrier)) {
            qb_log(LOG_WARNING,
                   "%s: written to after the barrier: only this copy has all",
                   r->facts.settings.db[i].database->name);
            return false;
        }
    }
    return true;
}

static void leave_out(const struct resident *r, struct ovnha_record *record)
{
    const bool whole = nothing_came_after(r);

    for (size_t i = 0; i < r->record.in_sync.n; i++) {
        const char *node = r->record.in_sync.member[i].node;

        if (strcmp(node, r->facts.self) != 0 && !(whole && holds_barrier(r, node))) {
            qb_log(LOG_WARNING, "%s does not hold everything and is left out", node);
            ovnha_record_leave(record, node);
        }
    }
}

void ovnha_resident_hand_over(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_record fresh = r->record;
    struct ovnha_err err;
    enum ovnha_result result = OVNHA_OK;

    if (r->at_barrier) {
        ovnha_request_refuse(r->at_barrier, "handed over");
        r->at_barrier = NULL;
    }
    if (strcmp(r->record.active, r->facts.self) == 0 && r->barrier[0]) {
        leave_out(r, &fresh);
    }
    if (fresh.revision != r->record.revision) {
        result = ovnha_resident_change_record(r, &fresh, &err);
    }
    r->barrier[0] = '\0';
    ovnha_resident_tell(r);
    if (result == OVNHA_OK) {
        ovnha_request_reply(request, "");
    } else {
        ovnha_request_refuse(request, err.text);
    }
}
