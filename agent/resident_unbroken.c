/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this host has kept its power since its copy was confirmed, or opened.
 *
 * Database files are synced about once a second, so a power loss may take the tail of a
 * copy that the record rightly names.  A file below the runtime directory says that there
 * has been none: it goes with the power, as the tail does. */

#include "resident.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>

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
