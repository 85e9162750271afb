/* SPDX-License-Identifier: Apache-2.0 */
/* Copies that were overwritten: a process of its own settles what is to become of them,
 * so that the loop does not stand still for a large one. */

#include "resident_aside.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <qb/qblog.h>

#include "resident_serving.h"
#include "resident_state.h"
#include "resident_task.h"
#include "set_aside.h"

#define SETTLE_EVERY_MS 3000

/* Only bounds a process that nobody waits for. */
#define SETTLE_MS 600000

/* The servers come first. */
#define NICENESS 10

static void note_doubts(struct resident *r)
{
    struct ovnha_err err;

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (ovnha_aside_is_doubtful(&r->facts, i) &&
            ovnha_set_aside_doubt(&r->context, i, &err) != OVNHA_OK) {
            qb_log(LOG_WARNING, "%s", err.text);
        }
    }
}

/* What the serving copy holds is the truth, whoever wrote it.  While a promotion is under
 * way, its copy is writable and nobody remembers it as active yet. */
static void watch_doubts(struct resident *r)
{
    if (ovnha_resident_is_serving(r)) {
        for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
            ovnha_set_aside_trust(&r->context, i);
        }
    } else if (strcmp(r->record.attempt_node, r->facts.self) != 0) {
        note_doubts(r);
    }
}

void ovnha_resident_settle_aside(struct resident *r)
{
    watch_doubts(r);
    if (r->aside.settling > 0 && waitpid(r->aside.settling, NULL, WNOHANG) != 0) {
        r->aside.settling = 0;
    }
    if (r->aside.settling > 0 ||
        !ovnha_deadline_passed(r->aside.settle_at, ovnha_now()) ||
        !(r->confirmed || ovnha_resident_is_serving(r))) {
        return;
    }
    r->aside.settle_at = ovnha_deadline_after(ovnha_now(), SETTLE_EVERY_MS);
    if (ovnha_set_aside_is_pending(&r->context)) {
        r->aside.settling =
            ovnha_resident_start_task(r, "set-aside", SETTLE_MS, NICENESS);
    }
}

/* What it did not finish is begun again by the next one.  It is not waited for: a disk
 * that does not answer must not hold up the helper's end, nor with it a stop. */
void ovnha_resident_leave_aside(struct resident *r)
{
    if (r->aside.settling > 0) {
        kill(r->aside.settling, SIGTERM);
        r->aside.settling = 0;
    }
}
