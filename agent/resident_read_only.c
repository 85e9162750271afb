/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_read_only.h"

#include <string.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>
#include <ovnha/convert.h>
#include <ovnha/log_line.h>

#include "execute.h"
#include "resident_look.h"
#include "resident_loop.h"
#include "resident_restart.h"
#include "resident_state.h"

#define STOP_SERVING_MS 10000

enum ovnha_result ovnha_resident_stop_serving(struct resident *r, const char *why,
                                              struct ovnha_err *err)
{
    struct ovnha_plan plan;

    qb_log(LOG_ERR, OVNHA_LINE_READ_ONLY, why);
    r->served = false;
    if (ovnha_resident_is_restarting(r)) {
        ovnha_resident_end_restart(r);
        ovnha_resident_look(r);
    }
    r->context.deadline = ovnha_deadline_after(ovnha_now(), STOP_SERVING_MS);
    ovnha_plan_init(&plan);
    ovnha_convert_to_backup_at_once(&r->facts, &plan);
    return ovnha_execute(&r->context, &r->facts, &plan, err);
}

void ovnha_resident_turn_read_only(struct resident *r, const char *why)
{
    struct ovnha_err err;

    if (ovnha_resident_stop_serving(r, why, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "cannot turn read-only: %s", err.text);
    }
}

/* Another node was promoted while this one was away, or stood still.  Until Pacemaker
 * gets round to a demote, clients would write what is going to be thrown away. */
void ovnha_resident_yield_to_successor(struct resident *r)
{
    if (ovnha_condition_active_may_write(&r->facts) && r->record.active[0] &&
        strcmp(r->record.active, r->facts.self) != 0) {
        ovnha_resident_turn_read_only(r, "another node has been promoted since");
    }
}

/* A restart in place could not record its generation any more. */
void ovnha_resident_lose_corosync(struct resident *r)
{
    r->without_corosync = true;
    r->quorate = OVNHA_UNKNOWN;
    ovnha_resident_end_restart(r);
    ovnha_resident_wake(r);
}

/* Without corosync nobody says when the others go on without this node.  A server that
 * says nothing now may be writable when it does again. */
void ovnha_resident_stop_without_corosync(struct resident *r)
{
    ovnha_resident_look(r);
    if (!ovnha_condition_active_may_write(&r->facts)) {
        qb_loop_stop(r->loop);
    } else if (r->policy.unmanaged) {
        qb_log(LOG_WARNING, "corosync is gone: this copy stays writable, since it is not "
                            "managed");
        qb_loop_stop(r->loop);
    } else {
        ovnha_resident_turn_read_only(r, "corosync is gone");
    }
}
