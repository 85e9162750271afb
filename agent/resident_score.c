/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_score.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>
#include <ovnha/eligibility.h>
#include <ovnha/log_line.h>
#include <ovnha/publication.h>
#include <ovnha/text.h>

#include "resident_attributes.h"
#include "resident_facts.h"
#include "resident_loop.h"
#include "resident_peer.h"
#include "resident_restart.h"
#include "resident_state.h"
#include "resident_unbroken.h"

/* By then attrd's instances have come to agree.  A value that is there already costs
 * nothing when it is written again. */
#define REPEAT_MS 15000

static void judge(struct resident *r, struct ovnha_candidacy_verdict *verdict)
{
    struct ovnha_candidacy_facts *facts = malloc(sizeof *facts);

    memset(verdict, 0, sizeof *verdict);
    if (facts) {
        ovnha_resident_candidacy_facts(r, facts);
        ovnha_candidacy(facts, verdict);
        free(facts);
    }
}

void ovnha_resident_take_verdict(struct resident *r,
                                 struct ovnha_candidacy_verdict *verdict)
{
    judge(r, verdict);
    ovnha_resident_note_awaited(r, verdict);
    r->facts.memory.guarded = OVNHA_YES;
    r->facts.lineage.known = true;
    r->facts.lineage.candidacy = verdict->candidacy;
    r->facts.lineage.preferred = verdict->preferred;
    ovnha_text_copy(r->facts.lineage.reason, sizeof r->facts.lineage.reason,
                    verdict->reason);
}

/* With a large transaction, or with a replica that reads everything.  The active is not
 * replaced for that. */
static bool active_is_busy(const struct resident *r)
{
    return r->facts.memory.role == OVNHA_ROLE_ACTIVE &&
           ovnha_condition_may_be_busy(&r->facts);
}

/* What was done since may deserve another score: look again. */
static int32_t was_published(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;
    struct ovnha_err err;

    (void)events;
    qb_loop_poll_del(r->loop, fd);
    r->score.known = ovnha_publisher_take(&r->score.publisher, &err) == OVNHA_OK;
    if (r->score.known) {
        r->score.published = r->score.publisher.score;
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    ovnha_resident_wake(r);
    return 0;
}

static enum ovnha_result publish(struct resident *r, int score, struct ovnha_err *err)
{
    enum ovnha_result result =
        ovnha_publisher_start(&r->score.publisher, &r->context, score, err);

    if (result != OVNHA_OK) {
        return result;
    }
    const int rc = qb_loop_poll_add(r->loop, QB_LOOP_MED, r->score.publisher.child.fd,
                                    POLLIN, r, was_published);

    if (rc != 0) {
        result = ovnha_publisher_take(&r->score.publisher, err); /* waits for it */
    }
    return result;
}

/* The agent is at it: from a promotion's attempt on its servers turn writable one by one,
 * and are remembered as the active's only when that is open; and from a barrier on they
 * turn read-only. */
static bool is_being_converted(const struct resident *r)
{
    const enum ovnha_condition condition = ovnha_condition(&r->facts);
    const bool promoting = ovnha_record_exists(&r->promotion) &&
                           ovnha_record_same(&r->promotion, &r->record);

    return (condition == OVNHA_COPY_MIXED && (promoting || r->handover.barrier[0])) ||
           (condition == OVNHA_COPY_SELF_PROMOTED && promoting);
}

/* A replica, and the active that it is to follow is there. */
static bool is_left_out(struct resident *r)
{
    const struct resident_peer *active = ovnha_resident_peer(r, r->record.active);

    if (strcmp(r->score.generation, r->record.generation.uuid) != 0) {
        ovnha_text_copy(r->score.generation, sizeof r->score.generation,
                        r->record.generation.uuid);
        r->score.moved_at = ovnha_now();
    }
    return ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP && active &&
           active->state.present;
}

/* The active, after its demote, until another one's attempt is heard of. */
static bool is_unsucceeded(struct resident *r)
{
    const bool is = ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP &&
                    strcmp(r->record.active, r->facts.self) == 0 &&
                    !r->record.attempt_node[0];

    if (!is) {
        r->score.demoted_at = 0;
    } else if (!r->score.demoted_at) {
        r->score.demoted_at = ovnha_now();
    }
    return is;
}

void ovnha_resident_repeat_score(struct resident *r)
{
    r->score.again_at = ovnha_deadline_after(ovnha_now(), REPEAT_MS);
}

static void forget_if_repeated(struct resident *r)
{
    if (r->score.again_at && ovnha_deadline_passed(r->score.again_at, ovnha_now())) {
        r->score.again_at = 0;
        r->score.known = false;
    }
}

void ovnha_resident_publish_if_changed(struct resident *r)
{
    forget_if_repeated(r);
    struct ovnha_publication_facts facts = {.known = r->score.known,
                                            .published = r->score.published,
                                            .left_out = is_left_out(r),
                                            .unsucceeded = is_unsucceeded(r)};
    struct ovnha_candidacy_verdict verdict;
    struct ovnha_eligibility eligibility;
    struct ovnha_err err;
    char score[16];

    if (active_is_busy(r) || ovnha_resident_is_dying(r) ||
        ovnha_resident_is_restarting(r) || ovnha_publisher_runs(&r->score.publisher)) {
        return;
    }
    ovnha_resident_take_verdict(r, &verdict);
    ovnha_resident_stand(r);
    eligibility = ovnha_eligibility(&r->facts);
    facts.score = eligibility.score;
    facts.converting = is_being_converted(r);
    facts.moved_at = r->score.moved_at;
    facts.demoted_at = r->score.demoted_at;
    if (!ovnha_publication_is_due(&facts, ovnha_now())) {
        return;
    }
    ovnha_score_format(eligibility.score, score);
    qb_log(LOG_NOTICE, OVNHA_LINE_SCORE, score, eligibility.reason);
    if (publish(r, eligibility.score, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}
