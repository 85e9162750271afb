/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_membership.h"

#include <poll.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>

#include "resident_beat.h"
#include "resident_group.h"
#include "resident_handover.h"
#include "resident_inquiry.h"
#include "resident_loop.h"
#include "resident_promote.h"
#include "resident_read_only.h"
#include "resident_record.h"
#include "resident_score.h"
#include "resident_state.h"

/* After a join the others speak within milliseconds; before that, silence of a
 * member means nothing. */
#define GROUP_SETTLES_MS 1000

static void heard(uint32_t nodeid, json_t *message, void *aux)
{
    struct resident *r = aux;

    if (ovnha_resident_hear_inquiry(r, nodeid, message) ||
        ovnha_resident_hear_beat(r, nodeid, message) ||
        nodeid == ovnha_group_self(r->group)) {
        return;
    }
    ovnha_resident_hear(r, nodeid, message);
    ovnha_resident_check_promotion(r);
    ovnha_resident_check_handover(r);
    ovnha_resident_wake(r);
}

static void lost(uint32_t nodeid, void *aux)
{
    struct resident *r = aux;

    ovnha_resident_lose(r, nodeid);
    ovnha_resident_check_promotion(r);
    ovnha_resident_wake(r);
}

/* The minority's CIB may have won when a partition healed: the active looks, and puts its
 * own record back. */
static void joined(void *aux)
{
    struct resident *r = aux;

    r->settled_at = ovnha_deadline_after(ovnha_now(), GROUP_SETTLES_MS);
    ovnha_resident_tell(r);
    ovnha_resident_assert_record(r);
    ovnha_resident_repeat_score(r);
}

static int32_t group_readable(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;

    (void)fd;
    (void)events;
    if (ovnha_group_dispatch(r->group) != OVNHA_OK) {
        qb_log(LOG_ERR, OVNHA_LINE_COROSYNC_GONE, "its group cannot be read");
        ovnha_resident_lose_corosync(r);
        return -1;
    }
    return 0;
}

enum ovnha_result ovnha_resident_join(struct resident *r, struct ovnha_err *err)
{
    static const struct ovnha_group_callbacks callbacks = {
        .message = heard, .left = lost, .joined = joined};
    const enum ovnha_result result =
        ovnha_group_join(r->facts.settings.resource, &callbacks, r, &r->group, err);

    if (result != OVNHA_OK) {
        return result;
    }
    const int rc = qb_loop_poll_add(r->loop, QB_LOOP_HIGH, ovnha_group_fd(r->group),
                                    POLLIN, r, group_readable);

    return rc == 0 ? OVNHA_OK : ovnha_fail_errno(err, -rc, "cannot watch the group");
}
