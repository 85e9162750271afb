/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_loop.h"

#include "resident_aside.h"
#include "resident_attributes.h"
#include "resident_beat.h"
#include "resident_exit.h"
#include "resident_files.h"
#include "resident_handover.h"
#include "resident_look.h"
#include "resident_northd.h"
#include "resident_policy.h"
#include "resident_promote.h"
#include "resident_read_only.h"
#include "resident_record.h"
#include "resident_restart.h"
#include "resident_score.h"
#include "resident_serving.h"
#include "resident_state.h"
#include "resident_upkeep.h"
#include "resident_watch.h"

/* Between looks: while all is as it should be; when something has happened lately, and
 * its consequences are to be seen; and while something is awaited: a token to be read
 * back, a record to be kept.  A look, and the beats that come with it, cost 0.7 ms of a
 * processor. */
#define CALM_MS    1000
#define STIRRED_MS 500
#define BUSY_MS    20

#define STIRRED_FOR_MS 15000

#define CONFIRMED_SOON_MS 3000

static void turn(void *aux)
{
    ovnha_resident_turn(aux);
}

enum ovnha_result ovnha_resident_begin_turns(struct resident *r, struct ovnha_err *err)
{
    return ovnha_loop_timer_open(r->loop, turn, r, &r->timer, err);
}

/* By the timer: libqb lets up to 50 ms pass before a job, when there is nothing else. */
void ovnha_resident_wake(struct resident *r)
{
    r->stirred_at = ovnha_now();
    if (!r->woken) {
        r->woken = true;
        ovnha_loop_timer_set(r->timer, 0);
    }
}

/* One that does not come soon does not come sooner by being looked for often. */
static bool awaits_confirmation(const struct resident *r)
{
    return r->attachment[0] && !r->confirmed &&
           !ovnha_deadline_passed(r->attached_at + CONFIRMED_SOON_MS, ovnha_now());
}

static bool is_awaiting(const struct resident *r)
{
    return r->promoting || r->exit.request || awaits_confirmation(r) ||
           ovnha_resident_awaits_handover(r);
}

static int until_next_look(struct resident *r, bool busy)
{
    const ovnha_msec now = ovnha_now();

    if (busy || is_awaiting(r)) {
        r->stirred_at = now;
        return BUSY_MS;
    }
    return ovnha_deadline_passed(r->stirred_at + STIRRED_FOR_MS, now) ? CALM_MS
                                                                      : STIRRED_MS;
}

void ovnha_resident_turn(struct resident *r)
{
    bool busy;

    r->woken = false;
    if (r->without_corosync) {
        ovnha_resident_stop_without_corosync(r);
        ovnha_resident_check_exit(r);
        ovnha_loop_timer_set(r->timer, CALM_MS);
        return;
    }
    ovnha_resident_sample_streams(r);
    ovnha_resident_look(r);
    ovnha_resident_remember_serving(r);
    ovnha_resident_watch_servers(r);
    ovnha_resident_recover(r);
    ovnha_resident_keep_northd(r);
    ovnha_resident_keep_policy(r);
    ovnha_resident_live_through(r);
    ovnha_resident_tell_serving(r);
    ovnha_resident_look_for_other(r);
    if (r->unshared) {
        ovnha_resident_assert_record(r);
    }
    ovnha_resident_beat(r);
    ovnha_resident_publish_if_changed(r); /* by a child, while the record is kept up */
    busy = ovnha_resident_keep_up(r);
    ovnha_resident_yield_to_successor(r);
    ovnha_resident_restore_marker(r);
    ovnha_resident_check_promotion(r);
    ovnha_resident_check_handover(r);
    ovnha_resident_check_exit(r);
    ovnha_resident_watch_files(r);
    ovnha_resident_settle_aside(r);
    ovnha_resident_write_attributes(r);
    if (!r->woken) {
        ovnha_loop_timer_set(r->timer, until_next_look(r, busy));
    }
}
