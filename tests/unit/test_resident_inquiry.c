/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/resident_answer.h"
#include "agent/resident_beat.h"
#include "agent/resident_inquiry.h"
#include "agent/resident_state.h"

/* Nodes 1 and 2, of which node 1 is asked.  What is told reaches all, the teller too. */
static struct resident *asked, *other;
static bool other_is_deaf;
static unsigned n_looks;
static json_t *said; /* the last report */
static unsigned n_replies, n_refusals;

/*
 * The neighbours.
 */

uint32_t ovnha_group_self(const struct ovnha_group *group)
{
    return group == asked->group ? 1 : 2;
}

json_t *ovnha_resident_answer_to_json(const struct resident *r)
{
    n_looks++;
    return json_pack("{s:s}", "copy", r == asked ? "active" : "backup");
}

static void deliver(uint32_t from, json_t *message)
{
    ovnha_resident_hear_inquiry(asked, from, message);
    if (!other_is_deaf) {
        ovnha_resident_hear_inquiry(other, from, message);
    }
}

void ovnha_resident_beat_with(struct resident *r, const char *key, json_t *value)
{
    json_t *message = json_pack("{s:{},s:o}", "beat", key, value);

    deliver(r == asked ? 1 : 2, message);
    json_decref(message);
}

void ovnha_request_reply(struct ovnha_request *request, const char *text)
{
    (void)request;
    json_decref(said);
    said = json_loads(text, 0, NULL);
    n_replies++;
    qb_loop_stop(asked->loop);
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    (void)request;
    (void)text;
    n_refusals++;
}

static struct resident_peer *add_peer(struct resident *r, uint32_t nodeid,
                                      const char *name, const char *version)
{
    struct resident_peer *peer = &r->peer[r->n_peers++];

    peer->nodeid = nodeid;
    peer->state.present = true;
    ovnha_text_copy(peer->state.node, sizeof peer->state.node, name);
    ovnha_text_copy(peer->version, sizeof peer->version, version);
    return peer;
}

static int set_up(void **state)
{
    (void)state;
    asked = calloc(1, sizeof *asked);
    other = calloc(1, sizeof *other);
    if (!asked || !other) {
        return -1;
    }
    asked->group = (struct ovnha_group *)asked; /* only told apart */
    other->group = (struct ovnha_group *)other;
    asked->loop = qb_loop_create();
    ovnha_text_copy(asked->facts.self, sizeof asked->facts.self, "node1");
    ovnha_text_copy(other->facts.self, sizeof other->facts.self, "node2");
    add_peer(asked, 2, "node2", "0.1.0");
    other_is_deaf = false;
    n_looks = n_replies = n_refusals = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ovnha_resident_forget_inquiry(asked);
    other->loop = asked->loop;
    ovnha_resident_forget_inquiry(other);
    qb_loop_destroy(asked->loop);
    json_decref(said);
    said = NULL;
    free(asked);
    free(other);
    return 0;
}

static void ask(void)
{
    ovnha_resident_inquire(asked, NULL, json_pack("{s:s}", "node", "node1"));
}

static json_t *said_of(const char *node)
{
    return json_object_get(json_object_get(said, "nodes"), node);
}

static const char *copy_of(const char *node)
{
    return json_string_value(json_object_get(said_of(node), "copy"));
}

static void test_all_answer(void **state)
{
    (void)state;
    ask();
    assert_int_equal(n_replies, 1);
    assert_int_equal(json_integer_value(json_object_get(said, "format")), 1);
    assert_string_equal(json_string_value(json_object_get(said, "version")),
                        PACKAGE_VERSION);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(said, "judged"), "node")),
        "node1");
    assert_string_equal(copy_of("node1"), "active");
    assert_string_equal(copy_of("node2"), "backup");
}

static void test_who_is_silent_is_not_waited_for_for_ever(void **state)
{
    (void)state;
    other_is_deaf = true;
    ask();
    assert_int_equal(n_replies, 0);
    qb_loop_run(asked->loop); /* until the reply stops it */
    assert_int_equal(n_replies, 1);
    assert_string_equal(copy_of("node1"), "active");
    assert_true(json_is_null(said_of("node2")));
}

/* An older helper would not answer; one that has gone cannot. */
static void test_who_cannot_answer_is_not_waited_for(void **state)
{
    (void)state;
    other_is_deaf = true;
    asked->peer[0].version[0] = '\0';
    ask();
    assert_int_equal(n_replies, 1);
    assert_null(said_of("node2"));
    ovnha_text_copy(asked->peer[0].version, sizeof asked->peer[0].version, "0.1.0");
    asked->peer[0].state.present = false;
    ask();
    assert_int_equal(n_replies, 2);
    assert_null(said_of("node2"));
}

/* Nobody else has to answer, then. */
static void test_who_asks_meanwhile_is_answered_with_the_others(void **state)
{
    (void)state;
    other_is_deaf = true;
    for (unsigned i = 0; i < RESIDENT_INQUIRERS_MAX + 2; i++) {
        ask();
    }
    assert_int_equal(n_refusals, 2);
    assert_int_equal(n_replies, 0);
    qb_loop_run(asked->loop);
    assert_int_equal(n_replies, RESIDENT_INQUIRERS_MAX);
    ask();
    assert_int_equal(n_refusals, 2);
}

static void test_however_often_it_is_asked_a_node_looks_seldom(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        ask();
    }
    assert_int_equal(n_replies, 20);
    assert_true(n_looks < 40); /* both are asked each time */
}

static void send_answer(json_int_t to, json_int_t number)
{
    json_t *message = json_pack("{s:{},s:{s:I,s:I,s:{s:s}}}", "beat", "answer", "to", to,
                                "number", number, "node", "copy", "mixed");

    assert_true(ovnha_resident_hear_inquiry(asked, 2, message));
    json_decref(message);
}

static void test_answers_to_others_or_to_earlier_questions_do_not_count(void **state)
{
    (void)state;
    other_is_deaf = true;
    ask();
    send_answer(3, asked->inquiry.number);
    send_answer(1, asked->inquiry.number - 1);
    assert_int_equal(n_replies, 0);
    send_answer(1, asked->inquiry.number);
    assert_int_equal(n_replies, 1);
    assert_string_equal(copy_of("node2"), "mixed");
    send_answer(1, asked->inquiry.number); /* once more, and nobody asks */
    assert_int_equal(n_replies, 1);
}

static void test_nonsense_is_no_answer(void **state)
{
    json_t *ask_nothing = json_pack("{s:{},s:s}", "beat", "ask", "me");
    json_t *answer_nothing = json_pack("{s:{},s:i}", "beat", "answer", 7);
    json_t *beat = json_pack("{s:{}}", "beat");

    (void)state;
    assert_true(ovnha_resident_hear_inquiry(asked, 2, ask_nothing));
    assert_true(ovnha_resident_hear_inquiry(asked, 2, answer_nothing));
    assert_false(ovnha_resident_hear_inquiry(asked, 2, beat));
    assert_int_equal(n_replies, 0);
    json_decref(ask_nothing);
    json_decref(answer_nothing);
    json_decref(beat);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_answer),
        TEST(test_who_is_silent_is_not_waited_for_for_ever),
        TEST(test_who_cannot_answer_is_not_waited_for),
        TEST(test_who_asks_meanwhile_is_answered_with_the_others),
        TEST(test_however_often_it_is_asked_a_node_looks_seldom),
        TEST(test_answers_to_others_or_to_earlier_questions_do_not_count),
        TEST(test_nonsense_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
