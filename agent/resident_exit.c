/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_exit.h"

#include <qb/qblog.h>

#include <ovnha/condition.h>

#include "resident_beat.h"
#include "resident_group.h"
#include "resident_look.h"
#include "resident_peer.h"
#include "resident_quorum.h"
#include "resident_state.h"

/* A stop waits this long for the record to do without the copy that was stopped. */
#define GOODBYE_MS 3000

/* Whether the active is about to record that this copy, which nobody runs any more,
 * left.  If we did not stay to keep that, the one that is left could not strike us
 * out, and would have to wait for us after every restart. */
static bool is_being_struck_out(struct resident *r)
{
    const char *node = r->facts.self;
    const struct resident_peer *active = ovnha_resident_peer(r, r->record.active);

    return ovnha_resident_quorum(r) == OVNHA_YES &&
           ovnha_condition(&r->facts) == OVNHA_COPY_STOPPED && active &&
           active->state.present &&
           (ovnha_members_find(&r->record.in_sync, node) ||
            ovnha_members_find(&r->record.leaving, node));
}

/* Of two nodes, the other one cannot wait for what this one promises once it is gone: the
 * node may stay a member of the cluster. */
static void say_goodbye(struct resident *r)
{
    r->stopped = ovnha_condition(&r->facts) == OVNHA_COPY_STOPPED;
    if (r->stopped) {
        ovnha_resident_tell(r);
    }
}

/* Its directory was cleared: what operations start then is another helper, and two would
 * write one record. */
static void end_if_lost(struct resident *r)
{
    if (!ovnha_control_server_is_found(r->server)) {
        qb_log(LOG_ERR,
               "the helper's socket is gone, or another helper's: this one ends");
        qb_loop_stop(r->loop);
    }
}

void ovnha_resident_check_exit(struct resident *r)
{
    end_if_lost(r);
    /* A score that arrives after the stop's own would outlive it. */
    if (r->exit.request && !ovnha_publisher_runs(&r->score.publisher) &&
        (!is_being_struck_out(r) || ovnha_deadline_passed(r->exit.at, ovnha_now()))) {
        say_goodbye(r);
        ovnha_request_reply(r->exit.request, "");
        r->exit.request = NULL;
        qb_loop_stop(r->loop);
    }
}

void ovnha_resident_begin_exit(struct resident *r, struct ovnha_request *request)
{
    if (r->exit.request) {
        ovnha_request_refuse(r->exit.request, "another exit came");
    } else {
        r->exit.at = ovnha_deadline_after(ovnha_now(), GOODBYE_MS);
    }
    r->exit.request = request;
    ovnha_resident_look(r);
    ovnha_resident_beat(r);
    ovnha_resident_check_exit(r);
}
