/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>
#include <ovnha/convert.h>
#include <ovnha/corosync.h>
#include <ovnha/eligibility.h>
#include <ovnha/publication.h>
#include <ovnha/text.h>

#include "execute.h"
#include "gather.h"

/* Between looks while all is as it should be, and while something is awaited: a
 * token to be read back, a record to be kept. */
#define CALM_MS 500
#define BUSY_MS 20

#define CONFIRMED_SOON_MS 3000

/* How late the active learns that it is not managed any more. */
#define POLICY_MS 5000

/* After a join the others speak within milliseconds; before that, silence of a
 * member means nothing. */
#define GROUP_SETTLES_MS 1000

#define STOP_SERVING_MS 10000

/* How long what a replica misses may be acknowledged while the record still names it.
 * Longer than the CIB takes to find a new coordinator when the host that was lost ran
 * it: that is no reason to stop serving. */
#define UNRECORDED_MS 10000

/* A stop waits this long for the record to do without the copy that was stopped. */
#define GOODBYE_MS 3000

/*
 * Facts for the rules.
 */

enum ovnha_tristate ovnha_resident_quorum(const struct resident *r)
{
    return r->quorate == OVNHA_NO && strcmp(r->no_quorum_policy, "ignore") == 0
               ? OVNHA_YES
               : r->quorate;
}

bool ovnha_resident_is_managed(struct resident *r)
{
    bool managed = !r->unmanaged;
    struct ovnha_err err;

    if (ovnha_cib_is_managed(r->cib, r->facts.self, &managed, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    return managed;
}

/* Read ahead: the loss of quorum is no time to find the CIB slow. */
static void read_policy(struct resident *r)
{
    struct ovnha_err err;
    char policy[sizeof r->no_quorum_policy];

    if (ovnha_cib_property(r->cib, "no-quorum-policy", policy, sizeof policy, &err) ==
        OVNHA_OK) {
        ovnha_text_copy(r->no_quorum_policy, sizeof r->no_quorum_policy, policy);
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    r->unmanaged = !ovnha_resident_is_managed(r);
    r->policy_due = ovnha_deadline_after(ovnha_now(), POLICY_MS);
}

/* Only the active turns read-only by it. */
static void keep_policy(struct resident *r)
{
    if (r->quorate != OVNHA_YES || (ovnha_resident_is_serving(r) &&
                                    ovnha_deadline_passed(r->policy_due, ovnha_now()))) {
        read_policy(r);
    }
}

/* The agent that comes with OVN notes whom it promoted last; only a first start asks. */
static void read_former_active(struct resident *r)
{
    struct ovnha_err err;

    if (ovnha_record_exists(&r->record)) {
        return;
    }
    if (ovnha_cib_property(r->cib, "OVN_REPL_INFO", r->former_active,
                           sizeof r->former_active, &err) != OVNHA_OK) {
        r->former_active[0] = '\0';
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

bool ovnha_resident_is_serving(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_ACTIVE &&
           r->facts.memory.role == OVNHA_ROLE_ACTIVE &&
           strcmp(r->record.active, r->facts.self) == 0;
}

/* Once a move has begun, who is in sync is the handover's business. */
static bool is_silent(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_SILENT && r->served &&
           r->facts.memory.role == OVNHA_ROLE_ACTIVE && !r->barrier[0] &&
           strcmp(r->record.active, r->facts.self) == 0;
}

bool ovnha_resident_may_acknowledge(const struct resident *r)
{
    return ovnha_resident_is_serving(r) || is_silent(r);
}

void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    ovnha_text_copy(facts->self, sizeof facts->self, r->facts.self);
    facts->serving = ovnha_resident_is_serving(r);
    facts->silent = is_silent(r);
    facts->may_write =
        ovnha_condition_may_write(&r->facts) && r->facts.memory.role == OVNHA_ROLE_ACTIVE;
    facts->quorate = ovnha_resident_quorum(r);
    facts->serve_without_quorum =
        strcmp(r->no_quorum_policy, "freeze") == 0 || r->unmanaged;
    facts->n_configured = r->n_configured;
    facts->other_is_off = r->other_is_off;
    facts->other_went = r->other_went;
    facts->record = r->record;
    facts->n_peers = r->n_peers;
    for (size_t i = 0; i < r->n_peers; i++) {
        facts->peer[i] = r->peer[i].state;
    }
}

/* A server that says nothing is what it was when it last did. */
static void remember_serving(struct resident *r)
{
    if (ovnha_condition(&r->facts) != OVNHA_COPY_SILENT) {
        r->served = ovnha_resident_is_serving(r);
    }
}

static void add_report(struct ovnha_candidacy_facts *facts,
                       const struct ovnha_report *report)
{
    if (facts->n_reports < OVNHA_NODES_MAX) {
        facts->report[facts->n_reports++] = *report;
    }
}

/* One that has no record has to say what it holds before it counts. */
static bool has_reported(const struct resident_peer *peer)
{
    return peer->state.present &&
           (peer->looked || ovnha_record_exists(&peer->report.record));
}

void ovnha_resident_candidacy_facts(struct resident *r,
                                    struct ovnha_candidacy_facts *facts)
{
    struct ovnha_report own = {
        .record = r->record, .populated = r->populated, .unbroken = r->unbroken};

    memset(facts, 0, sizeof *facts);
    ovnha_text_copy(facts->self, sizeof facts->self, r->facts.self);
    ovnha_text_copy(own.node, sizeof own.node, r->facts.self);
    ovnha_text_copy(own.content, sizeof own.content, r->content);
    facts->quorate = ovnha_resident_quorum(r);
    facts->n_configured = r->n_configured;
    for (size_t i = 0; i < r->n_configured; i++) {
        ovnha_text_copy(facts->configured[i], OVNHA_NODE_SIZE, r->configured[i].name);
    }
    if (r->content_known || ovnha_record_exists(&r->record)) {
        add_report(facts, &own);
    }
    for (size_t i = 0; i < r->n_peers; i++) {
        if (has_reported(&r->peer[i])) {
            add_report(facts, &r->peer[i].report);
        }
    }
    facts->shared = r->shared;
    ovnha_text_copy(facts->former_active, sizeof facts->former_active, r->former_active);
    facts->lived_through = r->lived_through;
    ovnha_text_copy(facts->withdrawn, sizeof facts->withdrawn, r->beat.withdrawn);
    facts->marks_known = r->marks_known && !r->record_broken;
    facts->replaced = r->replaced;
    facts->n_dbs = r->facts.settings.n_dbs;
    memcpy(facts->marks, r->marks, sizeof facts->marks);
}

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

/*
 * Upkeep of the record.
 */

static enum ovnha_result stop_serving(struct resident *r, const char *why,
                                      struct ovnha_err *err)
{
    struct ovnha_plan plan;

    qb_log(LOG_ERR, "%s: this copy turns read-only", why);
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

static enum ovnha_result write_token(struct resident *r, const struct ovnha_upkeep *task,
                                     struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_resident_write_token(r, task->node, task->attachment, err);
    struct resident_peer *peer = ovnha_resident_peer(r, task->node);

    if (result == OVNHA_OK && peer) {
        ovnha_text_copy(peer->state.token, sizeof peer->state.token, task->attachment);
    }
    return result;
}

static enum ovnha_result do_task(struct resident *r, const struct ovnha_upkeep *task,
                                 struct ovnha_err *err)
{
    struct ovnha_record fresh = r->record;

    switch (task->kind) {
    case OVNHA_UPKEEP_NOTHING:
        return OVNHA_OK;
    case OVNHA_UPKEEP_STOP_SERVING:
        return stop_serving(r, "quorum is lost", err);
    case OVNHA_UPKEEP_WRITE_TOKEN:
        return write_token(r, task, err);
    case OVNHA_UPKEEP_LEAVE:
        ovnha_record_leave(&fresh, task->node);
        break;
    case OVNHA_UPKEEP_JOIN:
        ovnha_record_join(&fresh, task->node, task->attachment);
        break;
    case OVNHA_UPKEEP_SETTLE:
        ovnha_record_settle(&fresh);
        break;
    }
    return ovnha_resident_change_record(r, &fresh, err);
}

static void turn_read_only(struct resident *r, const char *why)
{
    struct ovnha_err err;

    if (stop_serving(r, why, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "cannot turn read-only: %s", err.text);
    }
}

/* While the record cannot say that a replica left, it would be promoted without what
 * is acknowledged meanwhile. */
static void watch_leaving(struct resident *r, const struct ovnha_upkeep *task,
                          enum ovnha_result result)
{
    const bool failed = task->kind == OVNHA_UPKEEP_LEAVE && result != OVNHA_OK;

    if (!failed && !(r->unshared && r->record.leaving.n > 0)) {
        r->unrecorded = 0;
    } else if (!r->unrecorded) {
        r->unrecorded = ovnha_now();
    } else if (!r->unmanaged &&
               ovnha_deadline_passed(r->unrecorded + UNRECORDED_MS, ovnha_now())) {
        turn_read_only(r, "it cannot be recorded that a replica left");
        r->unrecorded = 0;
    }
}

/* One task a look: each is seen to have worked before the next.  Whether to look again
 * soon: not after a failure, which mostly lasts. */
static bool keep_up(struct resident *r)
{
    struct ovnha_upkeep_facts *facts = malloc(sizeof *facts);
    struct ovnha_upkeep task = {OVNHA_UPKEEP_NOTHING, "", ""};
    struct ovnha_err err = {""};
    enum ovnha_result result;

    if (facts && ovnha_deadline_passed(r->settled_at, ovnha_now())) {
        ovnha_resident_upkeep_facts(r, facts);
        task = ovnha_upkeep(facts);
    }
    free(facts);
    /* A restart records, too, in the place of just what it knows. */
    if (ovnha_resident_is_restarting(r) && task.kind != OVNHA_UPKEEP_STOP_SERVING) {
        task.kind = OVNHA_UPKEEP_NOTHING;
    }
    if (task.kind == OVNHA_UPKEEP_NOTHING) {
        watch_leaving(r, &task, OVNHA_OK);
        return false;
    }
    result = do_task(r, &task, &err);
    qb_log(result == OVNHA_OK ? LOG_INFO : LOG_WARNING, "%s %s: %s",
           ovnha_upkeep_to_str(task.kind), task.node,
           result == OVNHA_OK ? "done" : err.text);
    watch_leaving(r, &task, result);
    return result == OVNHA_OK;
}

static bool was_promoted(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_ACTIVE &&
           r->facts.memory.role == OVNHA_ROLE_ACTIVE;
}

/* Another node was promoted while this one was away, or stood still.  Until Pacemaker
 * gets round to a demote, clients would write what is going to be thrown away. */
static void yield_to_successor(struct resident *r)
{
    if (was_promoted(r) && r->record.active[0] &&
        strcmp(r->record.active, r->facts.self) != 0) {
        turn_read_only(r, "another node has been promoted since");
    }
}

/* Without corosync nobody says when the others go on without this node. */
static void stop_without_corosync(struct resident *r)
{
    ovnha_resident_look(r);
    if (was_promoted(r) && r->unmanaged) {
        qb_log(LOG_WARNING, "corosync is gone: this copy stays writable, since it is not "
                            "managed");
    } else if (was_promoted(r)) {
        turn_read_only(r, "corosync is gone");
    }
    qb_loop_stop(r->loop);
}

/* Someone removed the marker by hand: it comes back; without a parent, which matters only
 * until the generation is open. */
static void restore_marker(struct resident *r)
{
    struct ovnha_err err;
    bool missing = false;

    if (ovnha_resident_is_restarting(r)) {
        return; /* it writes the next one */
    }
    for (size_t i = 0; i < r->facts.settings.n_dbs && r->marks_known; i++) {
        missing =
            missing || strcmp(r->marks[i].generation, r->record.generation.uuid) != 0;
    }
    if (missing && ovnha_resident_is_serving(r) &&
        ovnha_resident_write_marker(r, r->record.generation.uuid, "", &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "cannot restore the marker: %s", err.text);
    }
}

static void live_through(struct resident *r)
{
    const struct ovnha_member *member =
        ovnha_members_find(&r->record.in_sync, r->facts.self);

    if (ovnha_resident_quorum(r) != OVNHA_YES || !member) {
        r->lived_through = false;
    } else if (ovnha_resident_is_serving(r) ||
               (r->confirmed && strcmp(member->attachment, r->attachment) == 0)) {
        r->lived_through = true;
        ovnha_resident_set_unbroken(r, true);
        ovnha_resident_forget_rest(r);
    }
}

/* A node without a record takes one only from who serves. */
static void tell_serving(struct resident *r)
{
    if (r->told_serving != ovnha_resident_is_serving(r)) {
        ovnha_resident_tell(r);
    }
}

/*
 * The score.
 */

static void take_verdict(struct resident *r, struct ovnha_candidacy_verdict *verdict)
{
    judge(r, verdict);
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
    r->score_known = ovnha_publisher_take(&r->publisher, &err) == OVNHA_OK;
    if (r->score_known) {
        r->score = r->publisher.score;
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    ovnha_resident_wake(r);
    return 0;
}

static enum ovnha_result publish(struct resident *r, int score, struct ovnha_err *err)
{
    enum ovnha_result result =
        ovnha_publisher_start(&r->publisher, &r->context, score, err);

    if (result != OVNHA_OK) {
        return result;
    }
    const int rc = qb_loop_poll_add(r->loop, QB_LOOP_MED, r->publisher.child.fd, POLLIN,
                                    r, was_published);

    if (rc != 0) {
        result = ovnha_publisher_take(&r->publisher, err); /* waits for it */
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

    return (condition == OVNHA_COPY_MIXED && (promoting || r->barrier[0])) ||
           (condition == OVNHA_COPY_SELF_PROMOTED && promoting);
}

/* A replica, and the active that it is to follow is there. */
static bool is_left_out(struct resident *r)
{
    const struct resident_peer *active = ovnha_resident_peer(r, r->record.active);

    if (strcmp(r->generation, r->record.generation.uuid) != 0) {
        ovnha_text_copy(r->generation, sizeof r->generation, r->record.generation.uuid);
        r->moved_at = ovnha_now();
    }
    return ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP && active &&
           active->state.present;
}

static void publish_if_changed(struct resident *r)
{
    struct ovnha_publication_facts facts = {
        .known = r->score_known, .published = r->score, .left_out = is_left_out(r)};
    struct ovnha_candidacy_verdict verdict;
    struct ovnha_eligibility eligibility;
    struct ovnha_err err;

    if (active_is_busy(r) || ovnha_resident_is_restarting(r) ||
        ovnha_publisher_runs(&r->publisher)) {
        return;
    }
    take_verdict(r, &verdict);
    ovnha_resident_stand(r);
    eligibility = ovnha_eligibility(&r->facts);
    facts.score = eligibility.score;
    facts.converting = is_being_converted(r);
    facts.moved_at = r->moved_at;
    if (!ovnha_publication_is_due(&facts, ovnha_now())) {
        return;
    }
    qb_log(LOG_NOTICE, "score %d: %s", eligibility.score, eligibility.reason);
    if (publish(r, eligibility.score, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

/*
 * The end.
 */

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

static void answer_exiting(struct resident *r)
{
    /* A score that arrives after the stop's own would outlive it. */
    if (r->exiting && !ovnha_publisher_runs(&r->publisher) &&
        (!is_being_struck_out(r) || ovnha_deadline_passed(r->exit_at, ovnha_now()))) {
        say_goodbye(r);
        ovnha_request_reply(r->exiting, "");
        r->exiting = NULL;
        qb_loop_stop(r->loop);
    }
}

static void begin_exit(struct resident *r, struct ovnha_request *request)
{
    if (r->exiting) {
        ovnha_request_refuse(r->exiting, "another exit came");
    } else {
        r->exit_at = ovnha_deadline_after(ovnha_now(), GOODBYE_MS);
    }
    r->exiting = request;
    ovnha_resident_look(r);
    ovnha_resident_beat(r);
    answer_exiting(r);
}

/*
 * The loop.
 */

static void tick(void *aux);

static void schedule(struct resident *r, int ms)
{
    qb_loop_timer_del(r->loop, r->timer);
    qb_loop_timer_add(r->loop, QB_LOOP_MED, (uint64_t)ms * QB_TIME_NS_IN_MSEC, r, tick,
                      &r->timer);
}

/* By the timer: libqb lets up to 50 ms pass before a job, when there is nothing else. */
void ovnha_resident_wake(struct resident *r)
{
    if (!r->woken) {
        r->woken = true;
        schedule(r, 0);
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
    return r->promoting || r->exiting || awaits_confirmation(r) ||
           ovnha_resident_awaits_handover(r);
}

static void tick(void *aux)
{
    struct resident *r = aux;
    bool busy;

    r->woken = false;
    ovnha_resident_sample_streams(r);
    ovnha_resident_look(r);
    remember_serving(r);
    ovnha_resident_watch_servers(r);
    ovnha_resident_recover(r);
    ovnha_resident_keep_northd(r);
    keep_policy(r);
    live_through(r);
    tell_serving(r);
    ovnha_resident_look_for_other(r);
    if (r->unshared) {
        ovnha_resident_assert_record(r);
    }
    ovnha_resident_beat(r);
    publish_if_changed(r); /* by a child, while the record is kept up */
    busy = keep_up(r);
    yield_to_successor(r);
    restore_marker(r);
    ovnha_resident_check_promotion(r);
    ovnha_resident_check_handover(r);
    answer_exiting(r);
    ovnha_resident_watch_files(r);
    ovnha_resident_settle_aside(r);
    if (!r->woken) {
        schedule(r, busy || is_awaiting(r) ? BUSY_MS : CALM_MS);
    }
}

static void heard(uint32_t nodeid, json_t *message, void *aux)
{
    struct resident *r = aux;

    if (ovnha_resident_hear_beat(r, nodeid, message) ||
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
}

static int32_t group_readable(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;

    (void)fd;
    (void)events;
    if (ovnha_group_dispatch(r->group) != OVNHA_OK) {
        qb_log(LOG_ERR, "corosync is gone");
        stop_without_corosync(r);
        return -1;
    }
    return 0;
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
    qb_log(LOG_NOTICE, "quorum: %s", ovnha_tristate_to_str(r->quorate));
    ovnha_resident_wake(r);
}

static int32_t quorum_readable(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;

    (void)fd;
    (void)events;
    const cs_error_t error = quorum_dispatch(r->quorum, CS_DISPATCH_ALL);

    if (error != CS_OK && error != CS_ERR_TRY_AGAIN) {
        qb_log(LOG_ERR, "corosync is gone: %s", cs_strerror(error));
        r->quorate = OVNHA_UNKNOWN;
        stop_without_corosync(r);
        return -1;
    }
    return 0;
}

/* Every configured node, and whether it has been heard. */
static json_t *nodes_to_json(struct resident *r)
{
    json_t *nodes = json_object();

    for (size_t i = 0; i < r->n_configured; i++) {
        const char *node = r->configured[i].name;
        const struct resident_peer *peer = ovnha_resident_peer(r, node);
        const bool heard =
            strcmp(node, r->facts.self) == 0 || (peer && peer->state.present);

        json_object_set_new(nodes, node, json_boolean(heard));
    }
    return nodes;
}

/* Where this node has what: [{name: "nb", socket: "unix:..."}, ...]. */
static json_t *databases_to_json(const struct resident *r)
{
    json_t *databases = json_array();

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        json_array_append_new(databases, json_pack("{s:s,s:s}", "name",
                                                   r->facts.settings.db[i].database->name,
                                                   "socket", r->context.paths.socket[i]));
    }
    return databases;
}

static json_t *awaited_to_json(const struct ovnha_candidacy_verdict *verdict)
{
    json_t *awaited = json_array();

    for (size_t i = 0; i < verdict->n_awaited && verdict->candidacy == OVNHA_MUST_WAIT;
         i++) {
        json_array_append_new(awaited, json_string(verdict->awaited[i]));
    }
    return awaited;
}

static void say_status(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_candidacy_verdict verdict;
    char *record = ovnha_record_format(&r->record);
    json_t *status;
    char *text;

    take_verdict(r, &verdict);
    status = json_pack("{s:s,s:b,s:s,s:s,s:s,s:b,s:b,s:o,s:o,s:o}", "candidacy",
                       ovnha_candidacy_to_str(r->facts.lineage.candidacy), "preferred",
                       r->facts.lineage.preferred, "reason", r->facts.lineage.reason,
                       "record", record, "attachment", r->attachment, "confirmed",
                       r->confirmed, "serving", ovnha_resident_is_serving(r), "nodes",
                       nodes_to_json(r), "files", ovnha_resident_files_to_json(r),
                       "banned", ovnha_cib_bans(r->cib));
    json_object_set_new(status, "node", json_string(r->facts.self));
    json_object_set_new(status, "databases", databases_to_json(r));
    json_object_set_new(status, "record-file", json_string(r->context.paths.record));
    json_object_set_new(status, "awaited", awaited_to_json(&verdict));
    text = json_dumps(status, JSON_COMPACT);
    ovnha_request_reply(request, text);
    free(text);
    json_decref(status);
    free(record);
}

/* They were read when this helper was started, and since then others may have been given.
 */
static bool has_parameters(const char *expected)
{
    char own[OVNHA_PARAMS_TEXT_SIZE];

    ovnha_params_format(ovnha_env_parameter, NULL, own);
    return strcmp(own, expected) == 0;
}

/* Without parameters, whatever this helper has. */
static void say_active(struct resident *r, struct ovnha_request *request,
                       const char *parameters)
{
    if (parameters[0] && !has_parameters(parameters)) {
        ovnha_request_refuse(request, "this helper was started with other parameters");
    } else {
        ovnha_request_reply(request, r->record.active);
    }
}

static void commanded(struct ovnha_request *request, const char *method,
                      const char *argument, void *aux)
{
    struct resident *r = aux;
    struct ovnha_err err;

    if (strcmp(method, "ovnha/judge") == 0) {
        ovnha_resident_look(r);
        if (ovnha_resident_read_shared(r, &err) != OVNHA_OK) {
            qb_log(LOG_WARNING, "%s", err.text);
        }
        live_through(r);
        say_status(r, request);
    } else if (strcmp(method, "ovnha/attempt") == 0) {
        ovnha_resident_attempt(r, request);
    } else if (strcmp(method, "ovnha/open") == 0) {
        ovnha_resident_open(r, request);
    } else if (strcmp(method, "ovnha/barrier") == 0) {
        ovnha_resident_raise_barrier(r, request);
    } else if (strcmp(method, "ovnha/handover") == 0) {
        ovnha_resident_hand_over(r, request);
    } else if (strcmp(method, "ovnha/object-to-loss") == 0) {
        ovnha_resident_object_to_loss(r, request);
    } else if (strcmp(method, "ovnha/accept-loss") == 0) {
        ovnha_resident_accept_loss(r, request);
    } else if (strcmp(method, "ovnha/renew") == 0) {
        ovnha_resident_renew(r, request);
    } else if (strcmp(method, "ovnha/renew-open") == 0) {
        ovnha_resident_renew_open(r, request);
    } else if (strcmp(method, "ovnha/look") == 0) {
        ovnha_request_reply(request, ""); /* the rest may take the CIB's time */
        r->score_known = false;
        tick(r);
    } else if (strcmp(method, "ovnha/recover") == 0) {
        tick(r);
        ovnha_resident_await_restart(r, request);
    } else if (strcmp(method, "ovnha/active") == 0) {
        say_active(r, request, argument);
    } else if (strcmp(method, "ovnha/version") == 0) {
        ovnha_request_reply(request, has_parameters(argument) ? PACKAGE_VERSION
                                                              : PACKAGE_VERSION
                                         " with other parameters");
    } else if (strcmp(method, "ovnha/exit") == 0) {
        begin_exit(r, request);
        schedule(r, 0);
    } else {
        ovnha_request_refuse(request, "unknown command");
    }
}

/*
 * Beginning and end.
 */

static enum ovnha_result read_nodes(struct resident *r, struct ovnha_err *err)
{
    const struct ovnha_node_list *list = &r->context.params.node_addresses;

    if (list->n > 0) {
        memcpy(r->configured, list->node, list->n * sizeof list->node[0]);
        r->n_configured = list->n;
        return OVNHA_OK;
    }
    return ovnha_corosync_nodes(r->configured, &r->n_configured, err);
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

static enum ovnha_result watch_quorum(struct resident *r, struct ovnha_err *err)
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

static enum ovnha_result join_group(struct resident *r, struct ovnha_err *err)
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

static enum ovnha_result set_up(struct resident *r, struct ovnha_err *err)
{
    char control[OVNHA_PATH_SIZE];
    enum ovnha_result result = read_nodes(r, err);

    ovnha_gather_local(&r->context, OVNHA_MONITOR, &r->facts);
    if (result == OVNHA_OK) {
        result = watch_quorum(r, err);
    }
    /* First of what may stand still: the next one to start finds us by the socket. */
    if (result == OVNHA_OK) {
        ovnha_context_helper_socket(&r->context, control);
        result =
            ovnha_control_server_open(control, r->loop, commanded, r, &r->server, err);
    }
    if (result == OVNHA_OK) {
        result = join_group(r, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_resident_watch_addresses(r, err);
    }
    if (result == OVNHA_OK) {
        ovnha_resident_load_record(r);
        ovnha_resident_load_unbroken(r);
        ovnha_resident_check_rest(r);
        ovnha_resident_load_withdrawal(r);
        read_policy(r);
        read_former_active(r);
        result = ovnha_resident_keep_files(r, err);
    }
    return result;
}

static void tear_down(struct resident *r)
{
    ovnha_resident_leave_aside(r);
    ovnha_resident_end_restart(r);
    ovnha_resident_release_northd(r);
    ovnha_control_server_close(r->server);
    ovnha_group_leave(r->group);
    if (r->quorum) {
        quorum_finalize(r->quorum);
    }
    ovnha_resident_watch_end(r);
    ovnha_cib_free(r->cib);
    ovnha_resident_release_files(r);
}

int ovnha_resident_run(const struct ovnha_invocation *invocation,
                       ovnha_resident_ready *ready)
{
    struct resident *r = calloc(1, sizeof *r);
    qb_loop_t *loop = qb_loop_create();
    struct ovnha_cib *cib = ovnha_cib_new(invocation->resource);
    struct ovnha_err err = {""};
    enum ovnha_result result;

    if (!r || !loop || !cib) {
        ready(ovnha_fail(&err, OVNHA_ERR_SYSTEM, "out of memory"), &err);
        return EXIT_FAILURE;
    }
    r->loop = loop;
    r->cib = cib;
    r->compactor.child.fd = -1;
    r->publisher.child.fd = -1;
    r->score = OVNHA_SCORE_NEVER;
    r->netlink = -1;
    ovnha_context_init_leniently(&r->context, invocation);
    result = set_up(r, &err);
    ready(result, &err);
    if (result == OVNHA_OK) {
        qb_log(LOG_NOTICE, "helper %s is up", PACKAGE_VERSION);
        ovnha_resident_wake(r);
        qb_loop_run(r->loop);
    }
    tear_down(r);
    qb_loop_destroy(r->loop);
    free(r);
    return result == OVNHA_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
