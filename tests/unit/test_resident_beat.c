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

#include "agent/record_file.h"
#include "agent/resident_beat.h"
#include "agent/resident_group.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"

/* a serves one database; b replicates it over the stream s1, and is in sync as t1. */
static struct resident *a, *b;
static bool serving;
static json_t *beat; /* the last that was told */
static struct ovnha_stream_position end_of_a, end_of_b;
static char withdrawn[OVNHA_UUID_SIZE]; /* the file */

/*
 * The neighbours.
 */

uint32_t ovnha_group_self(const struct ovnha_group *group)
{
    (void)group;
    return 2; /* b's */
}

void ovnha_group_try_tell(struct ovnha_group *group, json_t *message)
{
    (void)group;
    json_decref(beat);
    beat = message;
}

void ovnha_resident_tell(struct resident *r)
{
    (void)r;
}

bool ovnha_resident_may_acknowledge(const struct resident *r)
{
    return r == a && serving;
}

enum ovnha_result ovnha_stream_find(pid_t pid, uint16_t remote_port,
                                    char stream[OVNHA_STREAM_SIZE], struct ovnha_err *err)
{
    (void)pid;
    (void)remote_port;
    (void)stream;
    (void)err;
    return OVNHA_OK;
}

enum ovnha_result ovnha_stream_look(const char *stream, bool other_end,
                                    struct ovnha_stream_position *position,
                                    struct ovnha_err *err)
{
    (void)err;
    assert_string_equal(stream, "s1");
    *position = other_end ? end_of_a : end_of_b;
    return OVNHA_OK;
}

enum ovnha_result ovnha_text_file_read(const char *path, char *text, size_t size,
                                       struct ovnha_err *err)
{
    (void)path;
    (void)err;
    ovnha_text_copy(text, size, withdrawn);
    return OVNHA_OK;
}

enum ovnha_result ovnha_durable_write(const char *path, const char *text,
                                      struct ovnha_err *err)
{
    (void)path;
    (void)err;
    ovnha_text_copy(withdrawn, sizeof withdrawn, text);
    return OVNHA_OK;
}

/*
 * The two.
 */

static struct resident *make(const char *self)
{
    struct resident *r = calloc(1, sizeof *r);

    assert_non_null(r);
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, self);
    r->facts.settings.n_dbs = 1;
    r->facts.server[0].presence = OVNHA_PRESENCE_RUNNING;
    r->facts.server[0].answered = true;
    r->facts.server[0].sync.state = OVNHA_SYNC_ACTIVE;
    r->facts.memory.role = OVNHA_ROLE_ACTIVE;
    r->marks_known = true;
    ovnha_record_attempt(&r->record, "a", "g1");
    ovnha_record_open(&r->record);
    ovnha_record_join(&r->record, "b", "t1");
    return r;
}

static struct resident_peer *add_peer(struct resident *r, uint32_t nodeid,
                                      const char *node)
{
    struct resident_peer *peer = &r->peer[r->n_peers++];

    peer->nodeid = nodeid;
    peer->state.present = true;
    ovnha_text_copy(peer->state.node, sizeof peer->state.node, node);
    ovnha_text_copy(peer->state.attachment, sizeof peer->state.attachment, "t1");
    return peer;
}

static int set_up(void **state)
{
    static const uint32_t members[] = {1, 2};

    (void)state;
    serving = true;
    withdrawn[0] = '\0';
    end_of_a = (struct ovnha_stream_position){.found = true, .sent = 700};
    end_of_b = (struct ovnha_stream_position){.found = true, .read = 700};
    a = make("a");
    add_peer(a, 2, "b");
    b = make("b");
    add_peer(b, 1, "a");
    b->facts.server[0].sync.state = OVNHA_SYNC_BACKUP;
    b->facts.memory.role = OVNHA_ROLE_BACKUP;
    ovnha_text_copy(b->attachment, sizeof b->attachment, "t1");
    b->confirmed = true;
    ovnha_text_copy(b->beat.stream[0].name, OVNHA_STREAM_SIZE, "s1");
    ovnha_resident_note_members(b, members, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(beat);
    beat = NULL;
    free(a);
    free(b);
    return 0;
}

/* A second has passed. */
static void beat_of(struct resident *r)
{
    r->beat.due = 0;
    for (size_t i = 0; i < r->n_peers; i++) {
        r->peer[i].beat.progress[0].looked_at -= 1000;
    }
    ovnha_resident_sample_streams(r);
    ovnha_resident_beat(r);
}

/* However long this process has to wait for its turn. */
static void arrives_at_once(void)
{
    json_object_set_new(json_object_get(beat, "beat"), "at",
                        json_integer(ovnha_now() + 60000));
}

static void beats(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        beat_of(b);
        arrives_at_once();
        assert_true(ovnha_resident_hear_beat(b, 2, beat));
        a->peer[0].beat.stream[0] = b->beat.stream[0];
        beat_of(a);
        assert_true(ovnha_resident_hear_beat(b, 1, beat));
    }
}

static void test_one_that_reads_is_not_late(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        beats(1);
        end_of_a.sent += 100;
        end_of_b.read = end_of_a.sent - 50;
    }
    assert_false(a->peer[0].state.late);
    assert_string_equal(b->attachment, "t1");
    assert_string_equal(withdrawn, "");
}

/* The active strikes it out, and it withdraws itself. */
static void test_one_that_does_not_read_is_late_and_withdraws(void **state)
{
    (void)state;
    beats(2);
    end_of_a.sent = 800;
    beats(7);
    assert_true(a->peer[0].state.late);
    assert_string_equal(withdrawn, "t1");
    assert_string_equal(b->beat.withdrawn, "t1");
    assert_string_equal(b->attachment, "");
}

/* It is where it was when it last answered, however long ago. */
static void test_a_server_that_does_not_answer_is_late(void **state)
{
    (void)state;
    beats(2);
    b->facts.server[0].answered = false;
    b->marks_known = false;
    end_of_a.sent = 800;
    beats(7);
    assert_string_equal(b->beat.stream[0].name, "s1");
    assert_true(a->peer[0].state.late);
    assert_string_equal(withdrawn, "t1");
}

/* The active's own: what it holds back it has acknowledged to nobody, and the replica
 * has all that it was sent. */
static void test_a_silent_active_makes_nobody_late(void **state)
{
    (void)state;
    beats(2);
    a->facts.server[0].answered = false;
    end_of_a.backlogged = true;
    beats(9);
    assert_false(a->peer[0].state.late);
    end_of_a.found = false;
    beats(9);
    assert_false(a->peer[0].state.late);
    assert_string_equal(withdrawn, "");
    /* Once it answers, it is the replica's fault. */
    a->facts.server[0].answered = true;
    beats(7);
    assert_true(a->peer[0].state.late);
}

/* sync-status may still show it. */
static void test_a_session_that_is_gone_ends_the_attachment(void **state)
{
    (void)state;
    beats(1);
    end_of_b.found = false;
    beats(1);
    assert_string_equal(b->attachment, "");
    assert_false(b->confirmed);
    /* Until there is another one, which is looked for at every look. */
    assert_true(b->beat.sessionless);
    ovnha_text_copy(b->beat.stream[0].name, OVNHA_STREAM_SIZE, "s1");
    end_of_b.found = true;
    ovnha_resident_sample_streams(b);
    assert_false(b->beat.sessionless);
}

/* As after a move: a beat is under way while the next session begins. */
static void test_the_session_before_does_not_end_an_attachment(void **state)
{
    (void)state;
    beats(1);
    ovnha_text_copy(b->beat.stream[0].name, OVNHA_STREAM_SIZE, "s0");
    ovnha_text_copy(b->beat.sample[0].name, OVNHA_STREAM_SIZE, "s0");
    ovnha_text_copy(b->attachment, sizeof b->attachment, "t2");
    ovnha_resident_forget_streams(b);
    b->beat.due = 0;
    ovnha_resident_beat(b);
    assert_string_equal(b->beat.stream[0].name, "");
    ovnha_text_copy(b->beat.stream[0].name, OVNHA_STREAM_SIZE, "s1"); /* found */
    beats(2);
    assert_string_equal(b->attachment, "t2");
}

/* ... and nobody strikes it out. */
static void test_an_end_that_is_not_recorded(void **state)
{
    (void)state;
    beats(2);
    b->attachment[0] = '\0';
    beats(OVNHA_WITHDRAWAL_BEATS);
    assert_string_equal(withdrawn, "t1");
    b->beat.withdrawn[0] = '\0';
    ovnha_resident_load_withdrawal(b);
    assert_string_equal(b->beat.withdrawn, "t1");
}

static void test_beats_that_lay_about_do_not_count(void **state)
{
    (void)state;
    beats(2);
    b->attachment[0] = '\0';
    for (int i = 0; i < 10; i++) {
        beat_of(b);
        json_object_set_new(json_object_get(beat, "beat"), "at",
                            json_integer(ovnha_now() - 3000));
        assert_true(ovnha_resident_hear_beat(b, 2, beat));
    }
    assert_string_equal(withdrawn, "");
}

/* What it said while it was there is forgotten when it comes back. */
static void test_a_lost_active_serves_nobody(void **state)
{
    static const uint32_t members[] = {2};

    (void)state;
    beats(2);
    assert_true(b->peer[0].beat.serves);
    ovnha_resident_note_members(b, members, 1);
    assert_false(b->peer[0].beat.serves);
}

/* What it holds from now on has to be confirmed. */
static void test_one_that_was_struck_out_attaches_anew(void **state)
{
    (void)state;
    beats(1);
    ovnha_record_leave(&b->record, "b");
    ovnha_resident_beat(b);
    assert_string_equal(b->attachment, "");
}

static void test_what_is_no_beat(void **state)
{
    json_t *message = json_object();

    (void)state;
    assert_false(ovnha_resident_hear_beat(b, 1, message));
    json_object_set_new(message, "beat", json_string("?"));
    assert_true(ovnha_resident_hear_beat(b, 1, message));
    json_decref(message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_that_reads_is_not_late),
        TEST(test_one_that_does_not_read_is_late_and_withdraws),
        TEST(test_a_server_that_does_not_answer_is_late),
        TEST(test_a_silent_active_makes_nobody_late),
        TEST(test_a_session_that_is_gone_ends_the_attachment),
        TEST(test_the_session_before_does_not_end_an_attachment),
        TEST(test_an_end_that_is_not_recorded),
        TEST(test_beats_that_lay_about_do_not_count),
        TEST(test_a_lost_active_serves_nobody),
        TEST(test_one_that_was_struck_out_attaches_anew),
        TEST(test_what_is_no_beat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
