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

/* How late this node learns that a constraint bars it from being promoted. */
#define BANS_MS 5000

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

/* Read only while it matters, and then often enough for a person who waits. */
static bool is_banned(struct resident *r)
{
    json_t *bans;

    if (ovnha_deadline_passed(r->bans_due, ovnha_now())) {
        bans = ovnha_cib_bans(r->cib);
        r->banned = json_object_get(bans, r->facts.self) != NULL;
        json_decref(bans);
        r->bans_due = ovnha_deadline_after(ovnha_now(), BANS_MS);
    }
    return r->banned;
}

/* Copies of hosts that lost power give way to this one, so it has to be one that
 * Pacemaker can promote. */
void ovnha_resident_stand(struct resident *r)
{
    const bool candidate = r->facts.lineage.candidacy == OVNHA_MAY && r->unbroken &&
                           ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP &&
                           !ovnha_resident_serving_peer(r) && !is_banned(r);

    if (candidate != r->candidate) {
        r->candidate = candidate;
        ovnha_resident_tell(r);
    }
}
