/* SPDX-License-Identifier: Apache-2.0 */
/* When this node was promoted last, and why: for `ovnha status` alone.  In a file, too,
 * which outlives the helper, not the host. */

#include "resident_change.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <qb/qblog.h>

#include "resident_peer.h"
#include "resident_restart.h"
#include "resident_state.h"

#define FILE_NAME "last-change"

static bool place(const struct resident *r, char path[2 * OVNHA_PATH_SIZE])
{
    return r->context.paths.state_dir[0] &&
           snprintf(path, 2 * OVNHA_PATH_SIZE, "%s/%s", r->context.paths.state_dir,
                    FILE_NAME) < 2 * OVNHA_PATH_SIZE;
}

/* Of the attempt that is being opened, whose record still has the former active. */
static json_t *explain(const struct resident *r)
{
    const char *former = r->promotion.active;
    const struct resident_peer *peer = ovnha_resident_peer(r, former);

    if (!former[0]) {
        return json_string("the first promotion ever");
    }
    if (ovnha_resident_is_restarting(r)) {
        return json_string("a server had died and was started again in place");
    }
    if (strcmp(former, r->facts.self) == 0) {
        return json_string("it was the active before");
    }
    if (strcmp(r->handover.completed_in, r->promotion.generation.uuid) == 0) {
        return json_sprintf("a planned move: %s handed over", former);
    }
    if (peer && (peer->state.present || peer->stopped)) {
        return json_sprintf("%s failed, or was demoted without a handover", former);
    }
    return json_sprintf("%s was lost", former);
}

void ovnha_resident_note_change(struct resident *r)
{
    char path[2 * OVNHA_PATH_SIZE];

    json_decref(r->change);
    r->change = json_pack("{s:I,s:o}", "at", (json_int_t)time(NULL), "why", explain(r));
    if (!place(r, path) || json_dump_file(r->change, path, JSON_COMPACT) != 0) {
        qb_log(LOG_DEBUG, "the last change cannot be noted");
    }
}

void ovnha_resident_load_change(struct resident *r)
{
    char path[2 * OVNHA_PATH_SIZE];

    r->change = place(r, path) ? json_load_file(path, 0, NULL) : NULL;
}
