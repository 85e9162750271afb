/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the database files are those that this node held.
 *
 * A generation lasts for months, so a file from a backup carries its marker and is no
 * more what this node held.  The child that syncs notes the last record on disk of each
 * file (file_notes.h), while the servers run; so whatever ended them, what is found when
 * a helper begins can be compared (continuity.h).  A file that was replaced is no
 * candidate until it is confirmed anew, or chosen by a person: then the notes go, and the
 * child begins with what is there. */

#include "resident_rest.h"

#include <qb/qblog.h>

#include "database_file.h"
#include "file_notes.h"
#include "resident_files.h"
#include "resident_state.h"

static const char *name_of(const struct resident *r, size_t i)
{
    return r->facts.settings.db[i].database->name;
}

/* A compaction that comes now does not make up for it, whoever looks next.  Only that
 * record itself would, in the file that was here. */
static void note_for_good(const struct resident *r, const char *const *names,
                          struct ovnha_file_note *notes)
{
    struct ovnha_err err;

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        notes[i].date = OVNHA_CONTINUITY_NEVER;
    }
    if (ovnha_file_notes_write(r->context.paths.files, names, notes,
                               r->facts.settings.n_dbs, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

void ovnha_resident_check_rest(struct resident *r)
{
    const size_t n = r->facts.settings.n_dbs;
    struct ovnha_file_note notes[OVNHA_DB_MAX] = {{.date = 0}};
    const char *names[OVNHA_DB_MAX] = {NULL};
    struct ovnha_err err;

    for (size_t i = 0; i < n; i++) {
        names[i] = name_of(r, i);
    }
    if (ovnha_file_notes_read(r->context.paths.files, names, notes, n, &err) !=
        OVNHA_OK) {
        qb_log(LOG_ERR, "%s", err.text);
        r->replaced = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (ovnha_database_file_was_replaced(r->context.paths.file[i], &notes[i])) {
            r->replaced = true;
        } else {
            notes[i].last[0] = '\0'; /* as it is in the file */
        }
    }
    if (r->replaced) {
        note_for_good(r, names, notes);
    }
}

void ovnha_resident_forget_rest(struct resident *r)
{
    struct ovnha_err err;

    if (!r->replaced) {
        return;
    }
    r->replaced = false;
    if (ovnha_file_notes_forget(r->context.paths.files, &err) != OVNHA_OK ||
        ovnha_resident_note_anew(r, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}
