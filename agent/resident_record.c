/* SPDX-License-Identifier: Apache-2.0 */
/* The record on this node's disk and in the CIB.
 *
 * Whoever makes a record has it in his own file before anybody else can know it: a node
 * knows from its file alone whom it has to wait for.  The CIB puts makers in order: it
 * takes a record only in the place of the one that its maker knew. */

#include "resident_record.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>
#include <ovnha/text.h>

#include "record_file.h"
#include "resident_group.h"
#include "resident_quorum.h"
#include "resident_serving.h"
#include "resident_state.h"

/* Each time the configuration was replaced in the few milliseconds since it was read. */
#define SET_BACK_TRIES 3

/* libqb wants a format that is there at compile time. */
#define log_record(FORMAT, RECORD)                                                       \
    do {                                                                                 \
        char *record_text = ovnha_record_format(RECORD);                                 \
                                                                                         \
        qb_log(LOG_NOTICE, FORMAT, record_text);                                         \
        free(record_text);                                                               \
    } while (0)

static enum ovnha_result keep(struct resident *r, const struct ovnha_record *record,
                              struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_record_file_write(r->context.paths.record, record, err);

    if (result == OVNHA_OK) {
        r->record = *record;
    }
    return result;
}

static enum ovnha_result look_at_shared(struct resident *r, struct ovnha_err *err)
{
    struct ovnha_record shared;
    const enum ovnha_result result = ovnha_cib_read(r->cib, &shared, err);

    if (result == OVNHA_OK) {
        r->shared = shared;
    }
    return result;
}

enum ovnha_result ovnha_resident_read_shared(struct resident *r, struct ovnha_err *err)
{
    const enum ovnha_result result = look_at_shared(r, err);

    if (result == OVNHA_OK) {
        ovnha_resident_obey_record(r, &r->shared, false);
    }
    return result;
}

void ovnha_resident_load_record(struct resident *r)
{
    struct ovnha_err err;

    r->unreadable[0] = '\0';
    if (ovnha_record_file_read(r->context.paths.record, &r->record, &err) != OVNHA_OK) {
        ovnha_text_copy(r->unreadable, sizeof r->unreadable, r->context.paths.record);
        qb_log(LOG_ERR, "this copy will not be promoted: %s", err.text);
    }
    if (ovnha_resident_read_shared(r, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

void ovnha_resident_obey_record(struct resident *r, const struct ovnha_record *record,
                                bool served)
{
    struct ovnha_err err;

    if (r->unreadable[0] || !ovnha_record_supersedes(record, &r->record, served)) {
        return;
    }
    if (keep(r, record, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "%s", err.text);
        return;
    }
    log_record(OVNHA_LINE_OBEYS, &r->record);
    if (!ovnha_members_find(&r->record.in_sync, r->facts.self)) {
        r->lived_through = false;
    }
    ovnha_resident_tell(r);
}

/*
 * Making one.
 */

static enum ovnha_result may_change(const struct resident *r,
                                    const struct ovnha_record *fresh,
                                    struct ovnha_err *err)
{
    if (ovnha_resident_quorum(r) != OVNHA_YES) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED,
                          "the record is not changed without quorum");
    }
    if (r->unreadable[0]) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s cannot be understood",
                          r->unreadable);
    }
    if (!ovnha_record_supersedes(fresh, &r->record, true)) {
        return ovnha_fail(err, OVNHA_ERR_CONFLICT,
                          "this node keeps a newer record, or has promised one (attempt "
                          "%llu of %s)",
                          (unsigned long long)ovnha_record_counter(&r->record),
                          r->record.attempt_node[0] ? r->record.attempt_node
                                                    : r->record.active);
    }
    return OVNHA_OK;
}

/* When nobody says whether the CIB took it, the CIB may say so itself. */
static enum ovnha_result swap_shared(struct resident *r, const struct ovnha_record *fresh,
                                     struct ovnha_err *err)
{
    enum ovnha_result result = ovnha_cib_swap(r->cib, &r->shared, fresh, err);
    struct ovnha_record shared;

    if (result != OVNHA_OK && result != OVNHA_ERR_CONFLICT &&
        result != OVNHA_ERR_UNAVAILABLE &&
        ovnha_cib_read(r->cib, &shared, NULL) == OVNHA_OK &&
        ovnha_record_same(&shared, fresh)) {
        result = OVNHA_OK;
    }
    if (result == OVNHA_OK) {
        r->shared = *fresh;
    }
    return result;
}

/* Whoever replaces the configuration as a whole, as pcs does, puts back what the record
 * was when he read it.  What is older than the one that this record is made from is no
 * reason to stop: nobody obeys it.  A newer one is. */
static bool was_set_back(const struct resident *r, const struct ovnha_record *known)
{
    return !ovnha_record_exists(&r->shared) ||
           ovnha_record_compare(known, &r->shared) > 0;
}

static enum ovnha_result swap_in(struct resident *r, const struct ovnha_record *fresh,
                                 struct ovnha_err *err)
{
    const struct ovnha_record known = r->shared;
    enum ovnha_result result = swap_shared(r, fresh, err);

    for (int i = 0; i < SET_BACK_TRIES && result == OVNHA_ERR_CONFLICT &&
                    look_at_shared(r, NULL) == OVNHA_OK && was_set_back(r, &known);
         i++) {
        result = swap_shared(r, fresh, err);
    }
    return result;
}

/* A swap that surely did not happen: the file goes back to what it was, as if nothing had
 * been tried; nobody has been told.
 *
 * One that may have happened, or may happen yet, is another matter.  With the file put
 * back, the CIB could have a record that its maker does not remember, and after a power
 * loss he would not wait for those it names.  So the file stays, and is told.  Either
 * outcome is then one that tests/model explores: all went well; or the maker died, or
 * merely stopped, between file and CIB, which until then has the older record.  A swap
 * that comes late brings what the file has, or finds another one in the CIB and does
 * nothing.  The active puts it right (ovnha_resident_assert_record()); a promotion is
 * refused and tried anew, above this one. */
static void after_failure(struct resident *r, const struct ovnha_record *before,
                          enum ovnha_result result)
{
    struct ovnha_err err;

    if (result != OVNHA_ERR_CONFLICT && result != OVNHA_ERR_UNAVAILABLE) {
        r->unshared = true;
        log_record(OVNHA_LINE_RECORDS_ALONE, &r->record);
        ovnha_resident_tell(r);
    } else if (keep(r, before, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "the record that the CIB did not take stays: %s", err.text);
        ovnha_resident_tell(r);
    }
}

/* In the place of r->shared. */
static enum ovnha_result put(struct resident *r, const struct ovnha_record *fresh,
                             struct ovnha_err *err)
{
    const struct ovnha_record before = r->record;
    enum ovnha_result result = keep(r, fresh, err);

    if (result != OVNHA_OK) {
        ovnha_err_wrap(err, "this node can keep no new record");
        return result;
    }
    result = swap_in(r, fresh, err);
    if (result != OVNHA_OK) {
        after_failure(r, &before, result);
        return result;
    }
    r->unshared = false;
    log_record(OVNHA_LINE_RECORDS, &r->record);
    ovnha_resident_tell(r);
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_replace_record(struct resident *r,
                                                const struct ovnha_record *fresh,
                                                struct ovnha_err *err)
{
    const enum ovnha_result result = may_change(r, fresh, err);

    return result == OVNHA_OK ? put(r, fresh, err) : result;
}

/* Whether the CIB has this node's record, or an older one, whatever brought it there. */
static bool shared_is_ours(const struct resident *r)
{
    return !ovnha_record_exists(&r->shared) ||
           ovnha_record_same(&r->shared, &r->record) ||
           ovnha_record_compare(&r->record, &r->shared) > 0;
}

enum ovnha_result ovnha_resident_change_record(struct resident *r,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err)
{
    enum ovnha_result result = may_change(r, fresh, err);

    if (result == OVNHA_OK) {
        result = look_at_shared(r, err);
    }
    if (result == OVNHA_OK && !shared_is_ours(r)) {
        ovnha_resident_obey_record(r, &r->shared, false);
        return ovnha_fail(err, OVNHA_ERR_CONFLICT,
                          "the CIB has a newer record, made by %s", r->shared.active);
    }
    return result == OVNHA_OK ? put(r, fresh, err) : result;
}

void ovnha_resident_assert_record(struct resident *r)
{
    struct ovnha_err err;
    enum ovnha_result result = ovnha_resident_read_shared(r, &err);

    if (result == OVNHA_OK && ovnha_resident_may_acknowledge(r) &&
        ovnha_resident_quorum(r) == OVNHA_YES && shared_is_ours(r) &&
        !ovnha_record_same(&r->shared, &r->record)) {
        result = swap_shared(r, &r->record, &err);
    }
    if (result == OVNHA_OK) {
        r->unshared = false;
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

static bool depends_on_other(const struct resident *r)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peer[i].state.present) {
            return false;
        }
    }
    return r->n_configured == 2 &&
           (r->promoting || ((r->record.in_sync.n > 1 || r->record.leaving.n > 0) &&
                             ovnha_resident_may_acknowledge(r)));
}

static bool said_goodbye(const struct resident *r, const char *node)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (strcmp(r->peer[i].state.node, node) == 0) {
            return r->peer[i].stopped;
        }
    }
    return false;
}

/* Its helper may be gone while its servers serve: unless that one has said that nobody
 * runs them, Pacemaker is asked for the node. */
static void look_for(struct resident *r, const char *node)
{
    struct ovnha_err err;

    if (said_goodbye(r, node)) {
        r->other_is_off = r->other_went = true;
    } else if (ovnha_cib_node_is_off(r->cib, node, &r->other_is_off, &r->other_went,
                                     &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

void ovnha_resident_look_for_other(struct resident *r)
{
    const bool depends = depends_on_other(r);

    r->other_is_off = r->other_went = false;
    for (size_t i = 0; depends && i < r->n_configured; i++) {
        if (strcmp(r->configured[i].name, r->facts.self) != 0) {
            look_for(r, r->configured[i].name);
        }
    }
}
