/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/resident_group.h"
#include <ovnha/tail.h>

#include "agent/resident_handover.h"
#include "agent/resident_look.h"
#include "agent/resident_marks.h"
#include "agent/resident_record.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"
#include "agent/resident_tails.h"

/* a is the active of one database, b is in sync with it. */
static struct resident *r;
static char story[512];    /* what was answered and recorded, in order */
static bool answers;       /* a's server; while it is busy it does not */
static bool awaited;       /* the agent waits for the answer */
static unsigned n_written; /* barriers */
static enum ovnha_result writing, recording;
static char file[] = "/tmp/ovnha-handover-XXXXXX";

static struct ovnha_request *request(void)
{
    return (struct ovnha_request *)story;
}

static void tell(const char *what, const char *of)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s%s", used ? "; " : "", what, of);
}

void ovnha_request_reply(struct ovnha_request *one, const char *text)
{
    (void)one;
    tell("answered ", text);
}

void ovnha_request_refuse(struct ovnha_request *one, const char *text)
{
    (void)one;
    tell("refused: ", text);
}

bool ovnha_request_is_awaited(const struct ovnha_request *one)
{
    (void)one;
    return awaited;
}

void ovnha_resident_tell(struct resident *resident)
{
    (void)resident;
}

void ovnha_resident_look(struct resident *resident)
{
    resident->facts.server[0].answered = answers;
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    return resident->facts.server[0].answered &&
           resident->facts.server[0].sync.state == OVNHA_SYNC_ACTIVE;
}

enum ovnha_result ovnha_resident_write_barrier(struct resident *resident,
                                               struct ovnha_err *err)
{
    FILE *stream = fopen(file, n_written++ ? "w" : "a");
    char json[256], comment[OVNHA_TAIL_COMMENT_SIZE];

    assert_non_null(stream);
    ovnha_tail_comment(resident->handover.barrier, comment);
    snprintf(json, sizeof json,
             "{\"_comment\":\"%s\",\"NB_Global\":{\"u\":{\"x\":\"%s\"}}}\n", comment,
             resident->handover.barrier);
    fprintf(stream, "OVSDB JSON %zu %040d\n%s", strlen(json), 0, json);
    fclose(stream);
    return writing == OVNHA_OK ? OVNHA_OK : ovnha_fail(err, writing, "no answer");
}

enum ovnha_result ovnha_resident_digest_tail(struct resident *resident, size_t i,
                                             json_t *rows,
                                             char digest[OVNHA_TAIL_DIGEST_SIZE],
                                             struct ovnha_err *err)
{
    (void)resident;
    (void)i;
    (void)rows;
    (void)err;
    ovnha_text_copy(digest, OVNHA_TAIL_DIGEST_SIZE, "0-0");
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_change_record(struct resident *resident,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err)
{
    if (recording != OVNHA_OK) {
        return ovnha_fail(err, recording, "no CIB");
    }
    resident->record = *fresh;
    tell("left out ", fresh->leaving.member[0].node);
    return OVNHA_OK;
}

static int set_up(void **state)
{
    const int fd = mkstemp(file);

    (void)state;
    r = calloc(1, sizeof *r);
    if (!r || fd < 0) {
        return -1;
    }
    close(fd);
    story[0] = '\0';
    answers = awaited = true;
    n_written = 0;
    writing = recording = OVNHA_OK;
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, "a");
    r->facts.settings.n_dbs = 1;
    r->facts.settings.db[0].database = &ovnha_databases[0];
    ovnha_text_copy(r->context.paths.file[0], sizeof r->context.paths.file[0], file);
    r->facts.server[0].presence = OVNHA_PRESENCE_RUNNING;
    r->facts.server[0].sync.state = OVNHA_SYNC_ACTIVE;
    r->facts.memory.role = OVNHA_ROLE_ACTIVE;
    ovnha_record_attempt(&r->record, "a", "g1");
    ovnha_record_open(&r->record);
    ovnha_record_join(&r->record, "b", "t1");
    r->n_peers = 1;
    ovnha_text_copy(r->peer[0].state.node, OVNHA_NODE_SIZE, "b");
    r->peer[0].state.present = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ovnha_resident_tails_clear(&r->handover.tails);
    free(r);
    unlink(file);
    ovnha_text_copy(file + sizeof file - 7, 7, "XXXXXX");
    return 0;
}

static void look(void)
{
    ovnha_resident_look(r);
    ovnha_resident_check_handover(r);
}

static void b_holds_the_barrier(void)
{
    ovnha_text_copy(r->peer[0].barrier_seen, OVNHA_UUID_SIZE, r->handover.barrier);
    look();
}

/* The barrier is held, and then nobody can write any more. */
static void up_to_read_only(void)
{
    ovnha_resident_raise_barrier(r, request());
    b_holds_the_barrier();
    assert_string_equal(story, "answered held");
    story[0] = '\0';
    r->facts.server[0].sync.state = OVNHA_SYNC_BACKUP;
}

static void b_is_complete(void)
{
    ovnha_text_copy(r->peer[0].completed, OVNHA_UUID_SIZE, r->handover.barrier);
    look();
}

static void c_has_attached(void)
{
    r->n_peers = 2;
    ovnha_text_copy(r->peer[1].state.node, OVNHA_NODE_SIZE, "c");
    ovnha_text_copy(r->peer[1].state.attachment, OVNHA_UUID_SIZE, "t2");
    r->peer[1].state.present = true;
}

/* Right after a promotion: Pacemaker may have chosen c already. */
static void who_joins_now_is_waited_for(void **state)
{
    (void)state;
    c_has_attached();
    ovnha_resident_raise_barrier(r, request());
    r->handover.barrier_ends_at += 60000; /* this moment, however long it takes */
    b_holds_the_barrier();
    assert_string_equal(story, "");
    ovnha_record_join(&r->record, "c", "t2");
    ovnha_text_copy(r->peer[1].barrier_seen, OVNHA_UUID_SIZE, r->handover.barrier);
    look();
    assert_string_equal(story, "answered held");
}

static void but_only_for_a_moment(void **state)
{
    (void)state;
    c_has_attached();
    ovnha_resident_raise_barrier(r, request());
    b_holds_the_barrier();
    r->handover.barrier_ends_at -= 500;
    look();
    assert_string_equal(story, "answered held");
}

static void who_is_complete_stays(void **state)
{
    (void)state;
    up_to_read_only();
    ovnha_resident_hand_over(r, request());
    assert_string_equal(story, "");
    b_is_complete();
    assert_string_equal(story, "answered ");
    assert_string_equal(r->handover.completed_in, "g1");
}

static void who_is_not_is_left_out(void **state)
{
    (void)state;
    up_to_read_only();
    ovnha_resident_hand_over(r, request());
    r->handover.hand_over_at = 0;
    look();
    assert_string_equal(story, "left out b; answered ");
}

/* Here that would keep the barrier from being found; forty megabytes would take time. */
static void what_came_before_the_barrier_is_not_read(void **state)
{
    FILE *stream = fopen(file, "w");

    (void)state;
    assert_non_null(stream);
    fprintf(stream, "no record of a database");
    fclose(stream);
    up_to_read_only();
    ovnha_resident_hand_over(r, request());
    assert_true(r->handover.tails.known);
}

/* It is shorter than it was before the barrier was written. */
static void a_file_that_was_compacted_is_read_as_a_whole(void **state)
{
    (void)state;
    up_to_read_only();
    r->handover.barrier_from[0] = 1024 * 1024;
    ovnha_resident_hand_over(r, request());
    assert_true(r->handover.tails.known);
}

/* Without a barrier nobody else could be promoted. */
static void a_busy_server_gets_its_barrier_later(void **state)
{
    (void)state;
    answers = false;
    ovnha_resident_raise_barrier(r, request());
    look();
    assert_int_equal(n_written, 0);
    answers = true;
    writing = OVNHA_ERR_TIMEOUT;
    look();
    writing = OVNHA_OK;
    look();
    assert_string_equal(story, "");
    b_holds_the_barrier();
    assert_int_equal(n_written, 2);
    assert_string_equal(story, "answered held");
}

static void what_cannot_be_written_is_no_barrier(void **state)
{
    (void)state;
    writing = OVNHA_ERR_REFUSED;
    ovnha_resident_raise_barrier(r, request());
    assert_string_equal(story, "refused: no answer");
}

static void nor_has_who_does_not_serve_one(void **state)
{
    (void)state;
    r->facts.server[0].sync.state = OVNHA_SYNC_BACKUP;
    ovnha_resident_raise_barrier(r, request());
    assert_string_equal(story, "refused: this node is not serving");
}

/* Were it refused, the record would go on naming who lacks what came last. */
static void a_busy_server_hands_over_later(void **state)
{
    (void)state;
    up_to_read_only();
    answers = false;
    ovnha_resident_hand_over(r, request());
    look();
    assert_string_equal(story, "");
    answers = true;
    look();
    assert_true(r->handover.tails.known);
    b_is_complete();
    assert_string_equal(story, "answered ");
}

static void one_that_stays_silent_leaves_all_out(void **state)
{
    (void)state;
    up_to_read_only();
    answers = false;
    ovnha_resident_hand_over(r, request());
    r->handover.hand_over_at = 0;
    look();
    assert_string_equal(story, "left out b; answered ");
}

static void so_does_one_that_nobody_waits_for(void **state)
{
    (void)state;
    up_to_read_only();
    ovnha_resident_hand_over(r, request());
    awaited = false;
    look();
    assert_string_equal(story, "left out b; answered ");
}

/* While it is not recorded, b could be promoted. */
static void what_cannot_be_recorded_is_tried_again(void **state)
{
    (void)state;
    up_to_read_only();
    ovnha_resident_hand_over(r, request());
    recording = OVNHA_ERR_UNAVAILABLE;
    r->handover.hand_over_at = ovnha_now() - 1;
    look();
    assert_string_equal(story, "");
    recording = OVNHA_OK;
    r->handover.record_again_at = 0;
    look();
    assert_string_equal(story, "left out b; answered ");
}

static void but_not_for_ever(void **state)
{
    (void)state;
    up_to_read_only();
    ovnha_resident_hand_over(r, request());
    recording = OVNHA_ERR_UNAVAILABLE;
    r->handover.hand_over_at = ovnha_now() - 60000;
    look();
    assert_string_equal(story, "refused: no CIB");
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_joins_now_is_waited_for),
        TEST(but_only_for_a_moment),
        TEST(who_is_complete_stays),
        TEST(who_is_not_is_left_out),
        TEST(what_came_before_the_barrier_is_not_read),
        TEST(a_file_that_was_compacted_is_read_as_a_whole),
        TEST(a_busy_server_gets_its_barrier_later),
        TEST(what_cannot_be_written_is_no_barrier),
        TEST(nor_has_who_does_not_serve_one),
        TEST(a_busy_server_hands_over_later),
        TEST(one_that_stays_silent_leaves_all_out),
        TEST(so_does_one_that_nobody_waits_for),
        TEST(what_cannot_be_recorded_is_tried_again),
        TEST(but_not_for_ever),
    };

    return cmocka_run_group_tests_name("resident_handover", tests, NULL, NULL);
}
