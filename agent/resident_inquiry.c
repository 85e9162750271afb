/* SPDX-License-Identifier: Apache-2.0 */
/* A person asks one helper how all nodes are (`ovnha status`).
 *
 * The question goes over the group, and each helper answers with what it knows of its own
 * node (resident_answer.c).  Question and answers travel beside a beat: a helper of an
 * older version takes the beat, and knows nothing of the rest.  So whoever does not say
 * which version it has is not waited for, and nobody for longer than a second. */

#include "resident_inquiry.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include "resident_answer.h"
#include "resident_beat.h"
#include "resident_state.h"

/* Of the answers; what is added to them later changes nothing. */
#define FORMAT 1

#define ANSWERS_MS 1000

/* However often it is asked, a node looks at itself this often. */
#define GIVEN_MS 200

static json_t *own_answer(struct resident *r)
{
    const ovnha_msec now = ovnha_now();

    if (!r->inquiry.given || ovnha_deadline_passed(r->inquiry.given_at + GIVEN_MS, now)) {
        json_decref(r->inquiry.given);
        r->inquiry.given = ovnha_resident_answer_to_json(r);
        r->inquiry.given_at = now;
    }
    return json_incref(r->inquiry.given);
}

/*
 * As the one who asks.
 */

void ovnha_resident_forget_inquiry(struct resident *r)
{
    qb_loop_timer_del(r->loop, r->inquiry.timer);
    json_decref(r->inquiry.answers);
    json_decref(r->inquiry.judged);
    json_decref(r->inquiry.given);
    r->inquiry.answers = r->inquiry.judged = r->inquiry.given = NULL;
    r->inquiry.n_requests = 0;
}

static bool is_awaited(const struct resident *r, const struct resident_peer *peer)
{
    return peer->state.present && peer->version[0] &&
           !json_object_get(r->inquiry.answers, peer->state.node);
}

/* Who was asked and says nothing has a null; an older helper, which was not, nothing. */
static void add_silent(struct resident *r)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (is_awaited(r, &r->peer[i])) {
            json_object_set_new(r->inquiry.answers, r->peer[i].state.node, json_null());
        }
    }
}

static char *take_report(struct resident *r)
{
    json_t *report;
    char *text;

    add_silent(r);
    report = json_pack("{s:i,s:s,s:s,s:s,s:o,s:o}", "format", FORMAT, "version",
                       PACKAGE_VERSION, "resource", r->facts.settings.resource, "node",
                       r->facts.self, "judged", r->inquiry.judged, "nodes",
                       r->inquiry.answers);
    r->inquiry.judged = r->inquiry.answers = NULL;
    text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    return text;
}

static void reply_to_all(struct resident *r)
{
    char *text = take_report(r);

    for (size_t i = 0; i < r->inquiry.n_requests; i++) {
        if (text) {
            ovnha_request_reply(r->inquiry.request[i], text);
        } else {
            ovnha_request_refuse(r->inquiry.request[i], "out of memory");
        }
    }
    free(text);
    r->inquiry.n_requests = 0;
}

static void time_is_up(void *aux)
{
    struct resident *r = aux;

    if (r->inquiry.answers) {
        reply_to_all(r);
    }
}

static void reply_if_complete(struct resident *r)
{
    for (size_t i = 0; i < r->n_peers && r->inquiry.answers; i++) {
        if (is_awaited(r, &r->peer[i])) {
            return;
        }
    }
    if (r->inquiry.answers) {
        qb_loop_timer_del(r->loop, r->inquiry.timer);
        reply_to_all(r);
    }
}

static void ask_all(struct resident *r)
{
    const json_int_t now = (json_int_t)ovnha_now();

    /* Above what a helper before this one has asked under. */
    r->inquiry.number = now > r->inquiry.number ? now : r->inquiry.number + 1;
    r->inquiry.answers = json_pack("{s:o}", r->facts.self, own_answer(r));
    ovnha_resident_beat_with(r, "ask",
                             json_pack("{s:i,s:I}", "format", FORMAT, "number",
                                       (json_int_t)r->inquiry.number));
    qb_loop_timer_add(r->loop, QB_LOOP_MED, (uint64_t)ANSWERS_MS * QB_TIME_NS_IN_MSEC, r,
                      time_is_up, &r->inquiry.timer);
}

void ovnha_resident_inquire(struct resident *r, struct ovnha_request *request,
                            json_t *judged)
{
    if (r->inquiry.n_requests == RESIDENT_INQUIRERS_MAX) {
        ovnha_request_refuse(request, "too many ask at once: try again");
        json_decref(judged);
        return;
    }
    r->inquiry.request[r->inquiry.n_requests++] = request;
    json_decref(r->inquiry.judged);
    r->inquiry.judged = judged;
    if (!r->inquiry.answers) {
        ask_all(r);
    }
    reply_if_complete(r);
}

static void take_answer(struct resident *r, uint32_t nodeid, json_t *answer)
{
    json_t *node;
    json_int_t to, number;

    if (json_unpack(answer, "{s:I,s:I,s:o}", "to", &to, "number", &number, "node",
                    &node) != 0) {
        qb_log(LOG_DEBUG, "node %u has an answer that cannot be read", nodeid);
        return;
    }
    if (to != ovnha_group_self(r->group) || number != r->inquiry.number ||
        !r->inquiry.answers) {
        return; /* not to us, or too late */
    }
    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peer[i].nodeid == nodeid && r->peer[i].state.present) {
            json_object_set(r->inquiry.answers, r->peer[i].state.node, node);
        }
    }
    reply_if_complete(r);
}

/*
 * As the one who is asked.
 */

static void give_answer(struct resident *r, uint32_t nodeid, json_t *ask)
{
    json_int_t number;

    if (json_unpack(ask, "{s:I}", "number", &number) == 0) {
        ovnha_resident_beat_with(r, "answer",
                                 json_pack("{s:I,s:I,s:o}", "to", (json_int_t)nodeid,
                                           "number", number, "node", own_answer(r)));
    }
}

bool ovnha_resident_hear_inquiry(struct resident *r, uint32_t nodeid, json_t *message)
{
    json_t *ask = json_object_get(message, "ask");
    json_t *answer = json_object_get(message, "answer");
    const bool is_own = nodeid == ovnha_group_self(r->group);

    if (ask && !is_own) {
        give_answer(r, nodeid, ask);
    } else if (answer && !is_own) {
        take_answer(r, nodeid, answer);
    }
    return ask || answer;
}
