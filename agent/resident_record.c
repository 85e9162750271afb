/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <stdlib.h>

#include <qb/qblog.h>

#include "record_file.h"

static void log_record(const char *what, const struct ovnha_record *record)
{
    char *text = ovnha_record_format(record);

    qb_log(LOG_NOTICE, "%s %s", what, text);
    free(text);
}

void ovnha_resident_load_record(struct resident *r)
{
    struct ovnha_err err;

    r->record_broken =
        ovnha_record_file_read(r->context.paths.record, &r->record, &err) != OVNHA_OK;
    if (r->record_broken) {
        qb_log(LOG_ERR, "this copy will not be promoted: %s", err.text);
    }
    if (ovnha_cib_read(r->cib, &r->shared, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    } else {
        ovnha_resident_obey_record(r, &r->shared);
    }
}

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

void ovnha_resident_obey_record(struct resident *r, const struct ovnha_record *record)
{
    struct ovnha_err err;

    if (r->record_broken || !ovnha_record_exists(record) ||
        (ovnha_record_exists(&r->record) &&
         ovnha_record_compare(&r->record, record) >= 0)) {
        return;
    }
    if (keep(r, record, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "%s", err.text);
        return;
    }
    log_record("obeys", &r->record);
    if (!ovnha_members_find(&r->record.in_sync, r->facts.self)) {
        r->lived_through = false;
    }
    ovnha_resident_tell(r);
}

/* The CIB is asked first: it orders writers, and its word may be a newer one.  An
 * older one in it is replaced, whatever brought it there. */
static enum ovnha_result swap_shared(struct resident *r, const struct ovnha_record *fresh,
                                     struct ovnha_err *err)
{
    enum ovnha_result result = ovnha_cib_read(r->cib, &r->shared, err);

    if (result != OVNHA_OK) {
        return result;
    }
    if (ovnha_record_exists(&r->shared) && ovnha_record_compare(&r->shared, fresh) >= 0) {
        ovnha_resident_obey_record(r, &r->shared);
        return ovnha_fail(err, OVNHA_ERR_CONFLICT,
                          "the CIB has a newer record, made by %s", r->shared.active);
    }
    result = ovnha_cib_swap(r->cib, &r->shared, fresh, err);
    if (result == OVNHA_OK) {
        r->shared = *fresh;
    }
    return result;
}

enum ovnha_result ovnha_resident_change_record(struct resident *r,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err)
{
    enum ovnha_result result;

    if (ovnha_resident_quorum(r) != OVNHA_YES) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED,
                          "the record is not changed without quorum");
    }
    if (r->record_broken) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s cannot be understood",
                          r->context.paths.record);
    }
    result = swap_shared(r, fresh, err);
    if (result == OVNHA_OK) {
        result = keep(r, fresh, err);
    }
    if (result == OVNHA_OK) {
        log_record("records", &r->record);
        ovnha_resident_tell(r);
    }
    return result;
}
