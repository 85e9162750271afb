/* SPDX-License-Identifier: Apache-2.0 */
/* A server of the active has died.  Its file is here, with all that was acknowledged,
 * also what no replica has yet; ovnha_recovery() says whether to start it again in place.
 *
 * A process of its own does (restart.h), since this loop has to go on: it answers that
 * process, which records a new generation as every promotion does, and watches quorum.
 * What replicas said of their sessions before counts for nothing afterwards: it is the
 * marker that keeps one that has not read everything anew from being promoted. */

#include "resident_restart.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>
#include <ovnha/process_handle.h>

#include "database_file.h"
#include "resident_loop.h"
#include "resident_policy.h"
#include "resident_quorum.h"
#include "resident_serving.h"
#include "resident_state.h"
#include "resident_task.h"
#include "turn.h"

/* Until replicas have found out that their sessions have ended, and said so. */
#define SESSIONS_SETTLE_MS 1000

/* For what is left of killed servers to be gone. */
#define DEATH_MS 1000

/* For one that is ended: it kills what it has begun first. */
#define END_MS 1000

bool ovnha_resident_is_restarting(const struct resident *r)
{
    return r->restart.pid > 0;
}

/*
 * Whether.
 */

static bool has_candidate(const struct resident *r)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        const struct ovnha_peer *peer = &r->peer[i].state;

        if (peer->present && !peer->late &&
            ovnha_members_find(&r->record.in_sync, peer->node)) {
            return true;
        }
    }
    return false;
}

static void decide(struct resident *r, struct ovnha_recovery_verdict *verdict)
{
    struct ovnha_recovery_facts facts = {
        .copy = &r->facts,
        .served = true,
        .quorate = ovnha_resident_quorum(r),
        .managed = ovnha_resident_is_managed(r),
        .is_recorded_active =
            strcmp(r->record.active, r->facts.self) == 0 && !r->record.attempt_node[0],
        .turn_is_free = !ovnha_turn_is_for_change(&r->context),
        .has_candidate = has_candidate(r),
        .restarts = r->restart.past,
    };

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        facts.bytes[i] = ovnha_database_file_size(r->context.paths.file[i]);
    }
    ovnha_recovery(&facts, ovnha_now(), verdict);
}

/*
 * The process.
 */

static void answer(struct resident *r, const char *text)
{
    if (r->restart.awaited) {
        ovnha_request_reply(r->restart.awaited, text);
        r->restart.awaited = NULL;
    }
}

static void forget(struct resident *r)
{
    qb_loop_poll_del(r->loop, r->restart.pidfd);
    close(r->restart.pidfd);
    r->restart.pid = 0;
    r->settled_at = ovnha_deadline_after(ovnha_now(), SESSIONS_SETTLE_MS);
}

/* One that was told to end may take longer than this loop waits for it. */
static void reap(struct resident *r)
{
    if (r->restart.leaving > 0 && waitpid(r->restart.leaving, NULL, WNOHANG) != 0) {
        r->restart.leaving = 0;
    }
}

static int32_t is_over(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;
    int status = 0;

    (void)fd;
    (void)events;
    const bool worked = waitpid(r->restart.pid, &status, WNOHANG) > 0 &&
                        WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;

    qb_log(worked ? LOG_NOTICE : LOG_ERR, OVNHA_LINE_RESTART_OVER,
           worked ? "is done" : "has failed");
    forget(r);
    answer(r, worked ? "restarted" : "failed");
    ovnha_resident_wake(r);
    return 0;
}

static void start(struct resident *r, int within_ms)
{
    const pid_t pid = ovnha_resident_start_task(r, "restart", within_ms, 0);

    if (pid == 0) {
        return;
    }
    r->restart.pid = pid;
    r->restart.pidfd = ovnha_process_pin(pid);
    if (r->restart.pidfd < 0 || qb_loop_poll_add(r->loop, QB_LOOP_HIGH, r->restart.pidfd,
                                                 POLLIN, r, is_over) != 0) {
        qb_log(LOG_ERR, "cannot watch over the restart");
        ovnha_resident_end_restart(r);
    }
}

static void log_verdict(const struct resident *r,
                        const struct ovnha_recovery_verdict *verdict)
{
    if (verdict->recovery != OVNHA_RECOVERY_LATER || !r->restart.put_off) {
        qb_log(LOG_NOTICE, OVNHA_LINE_RECOVERY, ovnha_recovery_to_str(verdict->recovery),
               verdict->reason);
    }
}

/* Two that die at once are not gone at once.  What a look in between makes of the copy
 * would move the role, though the next one finds that it is started again in place. */
static void await_deaths(struct resident *r)
{
    if (!r->restart.served || !ovnha_recovery_is_near(&r->facts)) {
        r->restart.near_until = 0;
    } else if (!r->restart.near_until) {
        r->restart.near_until = ovnha_deadline_after(ovnha_now(), DEATH_MS);
    }
}

bool ovnha_resident_is_dying(const struct resident *r)
{
    return r->restart.near_until &&
           !ovnha_deadline_passed(r->restart.near_until, ovnha_now());
}

void ovnha_resident_recover(struct resident *r)
{
    struct ovnha_recovery_verdict verdict;

    reap(r);
    if (ovnha_resident_is_restarting(r) || r->restart.leaving > 0) {
        return;
    }
    r->restart.served = ovnha_resident_is_serving(r) ||
                        (r->restart.served && r->facts.memory.role == OVNHA_ROLE_ACTIVE);
    await_deaths(r);
    if (!r->restart.served || !ovnha_recovery_is_due(&r->facts)) {
        r->restart.put_off = false;
        return;
    }
    decide(r, &verdict);
    log_verdict(r, &verdict);
    /* Each death is dealt with once.  What has the turn now may be a demote that is about
     * to ask for that, and to let go of the turn for it. */
    r->restart.put_off = verdict.recovery == OVNHA_RECOVERY_LATER;
    r->restart.served = r->restart.put_off;
    if (verdict.recovery == OVNHA_RECOVERY_RESTART) {
        ovnha_restarts_note(&r->restart.past, ovnha_now());
        start(r, verdict.within_ms);
    }
}

void ovnha_resident_await_restart(struct resident *r, struct ovnha_request *request)
{
    if (!ovnha_resident_is_restarting(r)) {
        ovnha_request_reply(request, "nothing");
        return;
    }
    if (r->restart.awaited) {
        ovnha_request_refuse(r->restart.awaited, "somebody else waits for the restart");
    }
    r->restart.awaited = request;
}

void ovnha_resident_end_restart(struct resident *r)
{
    if (!ovnha_resident_is_restarting(r)) {
        return;
    }
    kill(r->restart.pid, SIGTERM); /* not waited for yet: nobody else's pid */
    (void)ovnha_process_wait(r->restart.pidfd, ovnha_deadline_after(ovnha_now(), END_MS));
    r->restart.leaving = r->restart.pid;
    reap(r);
    forget(r);
    answer(r, "failed");
}
