/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/condition.h>
#include <ovnha/convert.h>
#include <ovnha/corosync.h>
#include <ovnha/eligibility.h>
#include <ovnha/text.h>

#include "execute.h"
#include "gather.h"
#include "publish.h"

/* Between looks while all is as it should be, and while something is awaited: a
 * token to be read back, a record to be kept. */
#define CALM_MS 500
#define BUSY_MS 20

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
#define PUBLISH_MS 5000

/*
 * Facts for the rules.
 */

enum ovnha_tristate ovnha_resident_quorum(const struct resident *r)
{
    return r->quorate == OVNHA_NO && strcmp(r->no_quorum_policy, "ignore") == 0
               ? OVNHA_YES
               : r->quorate;
}

/* Read ahead, and again while quorum is missing: the loss of quorum is no time to find
 * the CIB slow. */
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
}

void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    ovnha_text_copy(facts->self, sizeof facts->self, r->facts.self);
    facts->serving = ovnha_resident_is_serving(r);
    facts->quorate = ovnha_resident_quorum(r);
    facts->serve_without_quorum = strcmp(r->no_quorum_policy, "freeze") == 0;
    facts->n_configured = r->n_configured;
    facts->record = r->record;
    facts->n_peers = r->n_peers;
    for (size_t i = 0; i < r->n_peers; i++) {
        facts->peer[i] = r->peer[i].state;
    }
}

bool ovnha_resident_is_serving(const struct resident *r)
{
    return ovnha_condition(&r->facts) == OVNHA_COPY_ACTIVE &&
           r->facts.memory.role == OVNHA_ROLE_ACTIVE && !r->record.attempt.uuid[0] &&
           strcmp(r->record.active, r->facts.self) == 0;
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

static void candidacy_facts(struct resident *r, struct ovnha_candidacy_facts *facts)
{
    struct ovnha_report own = {.record = r->record, .populated = r->populated};

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
    facts->lived_through = r->lived_through;
    facts->marks_known = r->marks_known && !r->record_broken;
    facts->n_dbs = r->facts.settings.n_dbs;
    memcpy(facts->marks, r->marks, sizeof facts->marks);
}

void ovnha_resident_judge(struct resident *r, struct ovnha_candidacy_verdict *verdict)
{
    struct ovnha_candidacy_facts *facts = malloc(sizeof *facts);

    memset(verdict, 0, sizeof *verdict);
    if (facts) {
        candidacy_facts(r, facts);
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
    r->context.deadline = ovnha_deadline_after(ovnha_now(), STOP_SERVING_MS);
    ovnha_plan_init(&plan);
    ovnha_convert_to_backup_at_once(&r->facts, &plan);
    return ovnha_execute(&r->context, &r->facts, &plan, err);
}

static struct ovnha_peer *peer_named(struct resident *r, const char *node)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (strcmp(r->peer[i].state.node, node) == 0) {
            return &r->peer[i].state;
        }
    }
    return NULL;
}

static enum ovnha_result write_token(struct resident *r, const struct ovnha_upkeep *task,
                                     struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_resident_write_token(r, task->node, task->attachment, err);
    struct ovnha_peer *peer = peer_named(r, task->node);

    if (result == OVNHA_OK && peer) {
        ovnha_text_copy(peer->token, sizeof peer->token, task->attachment);
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
    if (task->kind != OVNHA_UPKEEP_LEAVE || result == OVNHA_OK) {
        r->unrecorded = 0;
    } else if (!r->unrecorded) {
        r->unrecorded = ovnha_now();
    } else if (ovnha_deadline_passed(r->unrecorded + UNRECORDED_MS, ovnha_now())) {
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
    if (was_promoted(r)) {
        turn_read_only(r, "corosync is gone");
    }
    qb_loop_stop(r->loop);
}

/* Someone removed the marker by hand: it comes back. */
static void restore_marker(struct resident *r)
{
    struct ovnha_err err;
    bool missing = false;

    for (size_t i = 0; i < r->facts.settings.n_dbs && r->marks_known; i++) {
        missing =
            missing || strcmp(r->marks[i].generation, r->record.generation.uuid) != 0;
    }
    if (missing && ovnha_resident_is_serving(r) &&
        ovnha_resident_write_marker(r, r->record.generation.uuid, &err) != OVNHA_OK) {
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
    }
}

/*
 * The score.
 */

static void take_verdict(struct resident *r)
{
    struct ovnha_candidacy_verdict verdict;

    ovnha_resident_judge(r, &verdict);
    r->facts.memory.guarded = OVNHA_YES;
    r->facts.lineage.known = true;
    r->facts.lineage.candidacy = verdict.candidacy;
    r->facts.lineage.preferred = verdict.preferred;
    ovnha_text_copy(r->facts.lineage.reason, sizeof r->facts.lineage.reason,
                    verdict.reason);
}

static void publish_if_changed(struct resident *r)
{
    struct ovnha_eligibility eligibility;
    struct ovnha_err err;

    take_verdict(r);
    eligibility = ovnha_eligibility(&r->facts);
    if (r->score_known && r->score == eligibility.score) {
        return;
    }
    qb_log(LOG_NOTICE, "score %d: %s", eligibility.score, eligibility.reason);
    if (ovnha_publish_score(&r->context, eligibility.score,
                            ovnha_deadline_after(ovnha_now(), PUBLISH_MS),
                            &err) == OVNHA_OK) {
        r->score_known = true;
        r->score = eligibility.score;
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

/*
 * A promotion's two records.
 */

static void take_newest(struct resident *r)
{
    struct ovnha_err err;

    if (ovnha_cib_read(r->cib, &r->shared, &err) == OVNHA_OK) {
        ovnha_resident_obey_record(r, &r->shared);
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

static void attempt(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_candidacy_verdict verdict;
    struct ovnha_record fresh;
    struct ovnha_err err;
    char text[OVNHA_UUID_SIZE];
    uuid_t uuid;

    ovnha_resident_look(r);
    take_newest(r);
    ovnha_resident_judge(r, &verdict);
    if (verdict.candidacy != OVNHA_MAY) {
        ovnha_request_refuse(request, verdict.reason);
        return;
    }
    /* An own attempt that broke off is resumed: under another name, the marker that it
     * may have left would be nobody's, and the copy no candidate for ever. */
    if (strcmp(r->record.attempt_node, r->facts.self) == 0) {
        ovnha_request_reply(request, r->record.attempt.uuid);
        return;
    }
    uuid_generate(uuid);
    uuid_unparse_lower(uuid, text);
    fresh = r->record;
    ovnha_record_attempt(&fresh, r->facts.self, text);
    if (ovnha_resident_change_record(r, &fresh, &err) != OVNHA_OK) {
        ovnha_request_refuse(request, err.text);
        return;
    }
    ovnha_request_reply(request, text);
}

static void answer_opening(struct resident *r)
{
    struct ovnha_upkeep_facts *facts;

    if (r->opening && !ovnha_request_is_awaited(r->opening)) {
        ovnha_request_refuse(r->opening, "nobody waits for this");
        r->opening = NULL;
    }
    if (!r->opening) {
        return;
    }
    facts = malloc(sizeof *facts);
    if (facts) {
        ovnha_resident_upkeep_facts(r, facts);
        if (ovnha_upkeep_is_kept(facts)) {
            ovnha_request_reply(r->opening, "kept");
            r->opening = NULL;
        }
    }
    free(facts);
}

static void open_generation(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_record fresh = r->record;
    struct ovnha_err err;

    if (strcmp(r->record.attempt_node, r->facts.self) != 0) {
        ovnha_request_refuse(request, "no attempt of this node is recorded");
        return;
    }
    ovnha_record_open(&fresh);
    if (ovnha_resident_change_record(r, &fresh, &err) != OVNHA_OK) {
        ovnha_request_refuse(request, err.text);
        return;
    }
    if (r->opening) {
        ovnha_request_refuse(r->opening, "another open came");
    }
    r->opening = request;
    answer_opening(r);
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
    const struct ovnha_peer *active = peer_named(r, r->record.active);

    return ovnha_resident_quorum(r) == OVNHA_YES &&
           ovnha_condition(&r->facts) == OVNHA_COPY_STOPPED && active &&
           active->present &&
           (ovnha_members_find(&r->record.in_sync, node) ||
            ovnha_members_find(&r->record.leaving, node));
}

static void answer_exiting(struct resident *r)
{
    if (r->exiting &&
        (!is_being_struck_out(r) || ovnha_deadline_passed(r->exit_at, ovnha_now()))) {
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

/* Something has changed: look now, once, when what has come is taken in. */
static void wake(struct resident *r)
{
    if (!r->woken && qb_loop_job_add(r->loop, QB_LOOP_MED, r, tick) == 0) {
        r->woken = true;
    }
}

static bool is_awaiting(const struct resident *r)
{
    return r->opening || r->exiting || (r->attachment[0] && !r->confirmed) ||
           ovnha_resident_awaits_barrier(r);
}

static void tick(void *aux)
{
    struct resident *r = aux;
    bool busy;

    r->woken = false;
    ovnha_resident_look(r);
    if (r->quorate != OVNHA_YES) {
        read_policy(r);
    }
    live_through(r);
    busy = keep_up(r);
    yield_to_successor(r);
    restore_marker(r);
    publish_if_changed(r);
    answer_opening(r);
    ovnha_resident_check_barrier(r);
    answer_exiting(r);
    schedule(r, busy || is_awaiting(r) ? BUSY_MS : CALM_MS);
}

static void heard(uint32_t nodeid, json_t *message, void *aux)
{
    struct resident *r = aux;

    ovnha_resident_hear(r, nodeid, message);
    answer_opening(r);
    ovnha_resident_check_barrier(r);
    wake(r);
}

static void lost(uint32_t nodeid, void *aux)
{
    struct resident *r = aux;

    ovnha_resident_lose(r, nodeid);
    answer_opening(r);
    wake(r);
}

/* The minority's CIB may have won when a partition healed: the active looks, and
 * puts its own record back. */
static void assert_record(struct resident *r)
{
    struct ovnha_err err;

    take_newest(r);
    if (!ovnha_resident_is_serving(r) || ovnha_resident_quorum(r) != OVNHA_YES ||
        ovnha_record_same(&r->shared, &r->record)) {
        return;
    }
    if (ovnha_cib_swap(r->cib, &r->shared, &r->record, &err) == OVNHA_OK) {
        r->shared = r->record;
    } else {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

static void joined(void *aux)
{
    struct resident *r = aux;

    r->settled_at = ovnha_deadline_after(ovnha_now(), GROUP_SETTLES_MS);
    ovnha_resident_tell(r);
    assert_record(r);
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
    (void)n;
    (void)list;
    if (quorum_context_get(handle, (const void **)&context) != CS_OK || !context) {
        return;
    }
    r = context;
    r->quorate = quorate ? OVNHA_YES : OVNHA_NO;
    /* It may be back before the next look. */
    r->lived_through = r->lived_through && ovnha_resident_quorum(r) == OVNHA_YES;
    qb_log(LOG_NOTICE, "quorum: %s", ovnha_tristate_to_str(r->quorate));
    wake(r);
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
        const struct ovnha_peer *peer = peer_named(r, node);
        const bool heard = strcmp(node, r->facts.self) == 0 || (peer && peer->present);

        json_object_set_new(nodes, node, json_boolean(heard));
    }
    return nodes;
}

static void say_status(struct resident *r, struct ovnha_request *request)
{
    char *record = ovnha_record_format(&r->record);
    json_t *status;
    char *text;

    take_verdict(r);
    status =
        json_pack("{s:s,s:b,s:s,s:s,s:s,s:b,s:b,s:o}", "candidacy",
                  ovnha_candidacy_to_str(r->facts.lineage.candidacy), "preferred",
                  r->facts.lineage.preferred, "reason", r->facts.lineage.reason, "record",
                  record, "attachment", r->attachment, "confirmed", r->confirmed,
                  "serving", ovnha_resident_is_serving(r), "nodes", nodes_to_json(r));
    text = json_dumps(status, JSON_COMPACT);
    ovnha_request_reply(request, text);
    free(text);
    json_decref(status);
    free(record);
}

static void commanded(struct ovnha_request *request, const char *method,
                      const char *argument, void *aux)
{
    struct resident *r = aux;

    (void)argument;
    if (strcmp(method, "ovnha/judge") == 0) {
        ovnha_resident_look(r);
        take_newest(r);
        live_through(r);
        say_status(r, request);
    } else if (strcmp(method, "ovnha/attempt") == 0) {
        attempt(r, request);
    } else if (strcmp(method, "ovnha/open") == 0) {
        open_generation(r, request);
    } else if (strcmp(method, "ovnha/barrier") == 0) {
        ovnha_resident_raise_barrier(r, request);
    } else if (strcmp(method, "ovnha/handover") == 0) {
        ovnha_resident_hand_over(r, request);
    } else if (strcmp(method, "ovnha/accept-loss") == 0) {
        ovnha_resident_accept_loss(r, request);
    } else if (strcmp(method, "ovnha/look") == 0) {
        r->score_known = false;
        tick(r);
        ovnha_request_reply(request, "");
    } else if (strcmp(method, "ovnha/version") == 0) {
        ovnha_request_reply(request, PACKAGE_VERSION);
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
        error = quorum_trackstart(r->quorum, CS_TRACK_CHANGES);
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
        ovnha_resident_load_record(r);
        read_policy(r);
    }
    return result;
}

static void tear_down(struct resident *r)
{
    ovnha_control_server_close(r->server);
    ovnha_group_leave(r->group);
    if (r->quorum) {
        quorum_finalize(r->quorum);
    }
    ovnha_cib_free(r->cib);
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
    ovnha_context_init_leniently(&r->context, invocation);
    result = set_up(r, &err);
    ready(result, &err);
    if (result == OVNHA_OK) {
        qb_log(LOG_NOTICE, "helper %s is up", PACKAGE_VERSION);
        wake(r);
        qb_loop_run(r->loop);
    }
    tear_down(r);
    qb_loop_destroy(r->loop);
    free(r);
    return result == OVNHA_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
