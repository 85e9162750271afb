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

#include "agent/resident_group.h"
#include "agent/resident_record.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"
#include "agent/resident_tails.h"

/* What node a tells, and what node b makes of it. */
static struct resident *a, *b;
static json_t *said;
static struct ovnha_record obeyed;
static bool serving, as_served;

/*
 * The neighbours.
 */

uint32_t ovnha_group_self(const struct ovnha_group *group)
{
    (void)group;
    return 2; /* b's */
}

enum ovnha_result ovnha_group_tell(struct ovnha_group *group, json_t *message,
                                   struct ovnha_err *err)
{
    (void)group;
    (void)err;
    json_decref(said);
    said = message;
    return OVNHA_OK;
}

bool ovnha_resident_is_serving(const struct resident *r)
{
    assert_ptr_equal(r, a);
    return serving;
}

void ovnha_resident_obey_record(struct resident *r, const struct ovnha_record *record,
                                bool served)
{
    assert_ptr_equal(r, b);
    obeyed = *record;
    as_served = served;
}

json_t *ovnha_resident_tails_to_json(const struct ovnha_tails *tails)
{
    (void)tails;
    return json_array();
}

bool ovnha_resident_tails_read(json_t *json, struct ovnha_tails *tails)
{
    (void)tails;
    return json_is_array(json);
}

void ovnha_resident_tails_clear(struct ovnha_tails *tails)
{
    (void)tails;
}

static int set_up(void **state)
{
    (void)state;
    a = calloc(1, sizeof *a);
    b = calloc(1, sizeof *b);
    if (!a || !b) {
        return -1;
    }
    serving = as_served = false;
    ovnha_text_copy(a->facts.self, sizeof a->facts.self, "a");
    ovnha_record_attempt(&a->record, "a", "g1");
    ovnha_record_open(&a->record);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(said);
    said = NULL;
    free(a);
    free(b);
    return 0;
}

static const struct resident_peer *b_hears_a(void)
{
    ovnha_resident_tell(a);
    ovnha_resident_hear(b, 1, said);
    assert_int_equal(b->n_peers, 1);
    return &b->peer[0];
}

static void test_what_is_told_is_heard(void **state)
{
    const struct resident_peer *peer;

    (void)state;
    a->unbroken = true;
    a->content_known = a->populated = true;
    ovnha_text_copy(a->attachment, sizeof a->attachment, "t1");
    peer = b_hears_a();
    assert_string_equal(peer->state.node, "a");
    assert_true(peer->state.present);
    assert_string_equal(peer->state.attachment, "t1");
    assert_string_equal(peer->state.confirmed, "");
    assert_true(ovnha_record_same(&peer->state.kept, &a->record));
    assert_true(ovnha_record_same(&peer->report.record, &a->record));
    assert_true(ovnha_record_same(&obeyed, &a->record));
    assert_true(peer->looked && peer->report.populated && peer->report.unbroken);
    a->unbroken = false;
    a->confirmed = true;
    peer = b_hears_a();
    assert_string_equal(peer->state.confirmed, "t1");
    assert_false(peer->report.unbroken);
    assert_false(peer->report.candidate);
    a->candidate = true;
    assert_true(b_hears_a()->report.candidate);
}

/* Of an older version, which does not say whether it is a candidate. */
static void test_who_does_not_say_it_is_no_candidate(void **state)
{
    (void)state;
    a->candidate = true;
    ovnha_resident_tell(a);
    assert_int_equal(json_object_del(said, "candidate"), 0);
    ovnha_resident_hear(b, 1, said);
    assert_int_equal(b->n_peers, 1);
    assert_false(b->peer[0].report.candidate);
}

/* Of an older version, too: it cannot be asked for its status. */
static void test_the_version_is_told(void **state)
{
    (void)state;
    assert_string_equal(b_hears_a()->version, PACKAGE_VERSION);
    assert_int_equal(json_object_del(said, "version"), 0);
    ovnha_resident_hear(b, 1, said);
    assert_string_equal(b->peer[0].version, "");
}

/* Who has an older version waits for it all the same. */
static void test_an_unreadable_record_is_told(void **state)
{
    const struct resident_peer *peer;

    (void)state;
    memset(&a->record, 0, sizeof a->record);
    a->content_known = true;
    assert_true(b_hears_a()->looked);
    ovnha_text_copy(a->unreadable, sizeof a->unreadable, "/lib/record");
    peer = b_hears_a();
    assert_string_equal(peer->report.unreadable, "/lib/record");
    assert_false(peer->looked);
    assert_int_equal(json_object_del(said, "unreadable"), 0);
    ovnha_resident_hear(b, 1, said);
    assert_string_equal(b->peer[0].report.unreadable, "");
}

/* A node without a record takes one only so. */
static void test_only_the_serving_active_says_served(void **state)
{
    (void)state;
    b_hears_a();
    assert_false(as_served);
    serving = true;
    b_hears_a();
    assert_true(as_served);
    assert_true(a->told_serving);
    ovnha_record_attempt(&a->record, "c", "g2");
    ovnha_record_open(&a->record); /* of another, which it is about to yield to */
    b_hears_a();
    assert_false(as_served);
}

static void test_the_lost_are_absent_and_what_they_kept_is_known(void **state)
{
    const struct resident_peer *peer;

    (void)state;
    ovnha_text_copy(a->attachment, sizeof a->attachment, "t1");
    peer = b_hears_a();
    ovnha_resident_lose(b, 1);
    assert_false(peer->state.present);
    assert_string_equal(peer->state.attachment, "");
    assert_true(ovnha_record_same(&peer->state.kept, &a->record));
}

/* Last words, until it speaks again. */
static void test_who_says_goodbye_is_stopped(void **state)
{
    const struct resident_peer *peer;

    (void)state;
    peer = b_hears_a();
    assert_false(peer->stopped);
    a->stopped = true;
    b_hears_a();
    ovnha_resident_lose(b, 1);
    assert_true(peer->stopped);
    assert_false(peer->state.present);
    a->stopped = false;
    b_hears_a();
    assert_false(peer->stopped);
}

static void test_another_protocol_is_not_understood(void **state)
{
    (void)state;
    ovnha_resident_tell(a);
    json_object_set_new(said, "protocol", json_integer(1));
    ovnha_resident_hear(b, 1, said);
    assert_int_equal(b->n_peers, 0);
    ovnha_resident_tell(a);
    ovnha_resident_hear(b, 2, said); /* its own */
    assert_int_equal(b->n_peers, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_told_is_heard),
        TEST(test_who_does_not_say_it_is_no_candidate),
        TEST(test_the_version_is_told),
        TEST(test_an_unreadable_record_is_told),
        TEST(test_only_the_serving_active_says_served),
        TEST(test_the_lost_are_absent_and_what_they_kept_is_known),
        TEST(test_who_says_goodbye_is_stopped),
        TEST(test_another_protocol_is_not_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
