/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_quorum.h"

#include <poll.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>

#include "corosync.h"
#include "resident_beat.h"
#include "resident_loop.h"
#include "resident_read_only.h"
#include "resident_state.h"

enum ovnha_tristate ovnha_resident_quorum(const struct resident *r)
{
    return r->quorate == OVNHA_NO && strcmp(r->policy.no_quorum, "ignore") == 0
               ? OVNHA_YES
               : r->quorate;
}

static void quorum_changed(quorum_handle_t handle, uint32_t quorate, uint64_t ring,
                           uint32_t n, uint32_t *list)
{
    void *context = NULL;
    struct resident *r;

    (void)ring;
    if (quorum_context_get(handle, (const void **)&context) != CS_OK || !context) {
        return;
    }
    r = context;
    ovnha_resident_note_members(r, list, n);
    r->quorate = quorate ? OVNHA_YES : OVNHA_NO;
    /* It may be back before the next look. */
    r->lived_through = r->lived_through && ovnha_resident_quorum(r) == OVNHA_YES;
    qb_log(LOG_NOTICE, OVNHA_LINE_QUORUM, ovnha_tristate_to_str(r->quorate));
    ovnha_resident_wake(r);
}

static int32_t quorum_readable(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;

    (void)fd;
    (void)events;
    const cs_error_t error = quorum_dispatch(r->quorum, CS_DISPATCH_ALL);

    if (error != CS_OK && error != CS_ERR_TRY_AGAIN) {
        qb_log(LOG_ERR, OVNHA_LINE_COROSYNC_GONE, cs_strerror(error));
        ovnha_resident_lose_corosync(r);
        return -1;
    }
    return 0;
}

/* What is asked once tracking has begun cannot miss a change. */
static cs_error_t track_quorum(struct resident *r)
{
    static quorum_callbacks_t callbacks = {.quorum_notify_fn = quorum_changed};
    cs_error_t error;
    uint32_t type;
    int tries = 0, quorate = 0;

    do {
        error = quorum_initialize(&r->quorum, &callbacks, &type);
    } while (ovnha_corosync_again(error, &tries));
    if (error != CS_OK) {
        r->quorum = 0;
        return error;
    }
    quorum_context_set(r->quorum, r);
    do {
        error = quorum_trackstart(r->quorum, CS_TRACK_CURRENT | CS_TRACK_CHANGES);
        error = error == CS_OK ? quorum_getquorate(r->quorum, &quorate) : error;
    } while (ovnha_corosync_again(error, &tries));
    if (error == CS_OK) {
        r->quorate = quorate ? OVNHA_YES : OVNHA_NO;
    }
    return error;
}

enum ovnha_result ovnha_resident_watch_quorum(struct resident *r, struct ovnha_err *err)
{
    cs_error_t error = track_quorum(r);
    int fd = -1, rc;

    if (error == CS_OK) {
        error = quorum_fd_get(r->quorum, &fd);
    }
    if (error != CS_OK) {
        return ovnha_corosync_fail(err, error, "watch quorum");
    }
    rc = qb_loop_poll_add(r->loop, QB_LOOP_HIGH, fd, POLLIN, r, quorum_readable);
    return rc == 0 ? OVNHA_OK : ovnha_fail_errno(err, -rc, "cannot watch quorum");
}

void ovnha_resident_leave_quorum(struct resident *r)
{
    if (r->quorum) {
        quorum_finalize(r->quorum);
    }
}
