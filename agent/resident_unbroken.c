/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this host has kept its power since its copy was confirmed, or opened.
 *
 * Database files are synced about once a second, so a power loss may take the tail of a
 * copy that the record rightly names.  A file below the runtime directory says that there
 * has been none: it goes with the power, as the tail does.
 *
 * A copy whose host lost power is no candidate while one is that did not
 * (ovnha_candidacy()), so this node says whether it is one. */

#include "resident_unbroken.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>

#include "resident_group.h"
#include "resident_peer.h"
#include "resident_state.h"

/* How late this node learns that it cannot be promoted. */
#define BARRED_MS 5000

static void path_of(const struct resident *r, char path[OVNHA_PATH_SIZE + 16])
{
    snprintf(path, OVNHA_PATH_SIZE + 16, "%s/unbroken", r->context.paths.state_dir);
}

/* A helper that starts anew finds what the one before it knew. */
void ovnha_resident_load_unbroken(struct resident *r)
{
    char path[OVNHA_PATH_SIZE + 16];

    path_of(r, path);
    r->unbroken = access(path, F_OK) == 0;
}

static bool note(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    return fd >= 0 && close(fd) == 0;
}

void ovnha_resident_set_unbroken(struct resident *r, bool unbroken)
{
    char path[OVNHA_PATH_SIZE + 16];

    if (unbroken == r->unbroken) {
        return;
    }
    path_of(r, path);
    if (unbroken ? !note(path) : unlink(path) != 0 && errno != ENOENT) {
        qb_log(LOG_WARNING, "%s: %s", path, strerror(errno));
    }
    r->unbroken = unbroken;
    ovnha_resident_tell(r);
}

/*
 * What follows from it.
 */

/* This node in particular: where the whole resource is left alone nobody is promoted, and
 * once it is not, this copy is to be the first choice. */
static bool is_in_maintenance(struct resident *r)
{
    bool here = true, elsewhere = true;
    struct ovnha_err err;

    return ovnha_cib_is_managed(r->cib, r->facts.self, &here, &err) == OVNHA_OK &&
           ovnha_cib_is_managed(r->cib, "", &elsewhere, &err) == OVNHA_OK && !here &&
           elsewhere;
}

/* One in standby is no case: it runs nothing.  Read only while it matters, and then often
 * enough for a person who waits. */
static bool is_barred(struct resident *r)
{
    json_t *bans;

    if (ovnha_deadline_passed(r->barred_due, ovnha_now())) {
        bans = ovnha_cib_bans(r->cib);
        r->barred = json_object_get(bans, r->facts.self) || is_in_maintenance(r);
        json_decref(bans);
        r->barred_due = ovnha_deadline_after(ovnha_now(), BARRED_MS);
    }
    return r->barred;
}

/* Copies of hosts that lost power give way to this one, so it has to be one that
 * Pacemaker can promote. */
void ovnha_resident_stand(struct resident *r)
{
    const bool candidate = r->facts.lineage.candidacy == OVNHA_MAY && r->unbroken &&
                           ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP &&
                           !ovnha_resident_serving_peer(r) && !is_barred(r);

    if (candidate != r->candidate) {
        r->candidate = candidate;
        ovnha_resident_tell(r);
    }
}
