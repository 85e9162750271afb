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

#include "agent/resident_change.h"
#include "agent/resident_facts.h"
#include "agent/resident_look.h"
#include "agent/resident_marks.h"
#include "agent/resident_promote.h"
#include "agent/resident_record.h"
#include "agent/resident_restart.h"
#include "agent/resident_state.h"

/* Node b is to be promoted, of three; a was the active of generation g1, and is gone. */
static struct resident *r;
static struct ovnha_candidacy_facts candidacy;
static struct ovnha_upkeep_facts upkeep;
static struct ovnha_record made; /* what was made last */
static enum ovnha_result reading, making;
static bool says_complete; /* that it has all of the generation before */
static bool restarts;

struct ovnha_request {
    bool awaited, answered, refused;
    char text[256];
};

/*
 * The neighbours.
 */

static void answer(struct ovnha_request *request, bool refused, const char *text)
{
    assert_false(request->answered);
    request->answered = true;
    request->refused = refused;
    snprintf(request->text, sizeof request->text, "%s", text);
}

void ovnha_request_reply(struct ovnha_request *request, const char *text)
{
    answer(request, false, text);
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    answer(request, true, text);
}

bool ovnha_request_is_awaited(const struct ovnha_request *request)
{
    return request->awaited;
}

void ovnha_resident_look(struct resident *resident)
{
    assert_ptr_equal(resident, r);
}

void ovnha_resident_look_for_other(struct resident *resident)
{
    (void)resident;
}

enum ovnha_result ovnha_resident_read_shared(struct resident *resident,
                                             struct ovnha_err *err)
{
    (void)resident;
    return reading == OVNHA_OK ? OVNHA_OK : ovnha_fail(err, reading, "no CIB");
}

enum ovnha_result ovnha_resident_replace_record(struct resident *resident,
                                                const struct ovnha_record *fresh,
                                                struct ovnha_err *err)
{
    if (making != OVNHA_OK) {
        return ovnha_fail(err, making, "not recorded");
    }
    made = resident->record = resident->shared = *fresh;
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_write_complete(struct resident *resident,
                                                struct ovnha_err *err)
{
    (void)resident;
    (void)err;
    says_complete = true;
    return OVNHA_OK;
}

bool ovnha_resident_is_restarting(const struct resident *resident)
{
    (void)resident;
    return restarts;
}

void ovnha_resident_candidacy_facts(struct resident *resident,
                                    struct ovnha_candidacy_facts *facts)
{
    *facts = candidacy;
    facts->shared = resident->shared;
}

void ovnha_resident_upkeep_facts(const struct resident *resident,
                                 struct ovnha_upkeep_facts *facts)
{
    *facts = upkeep;
    facts->record = resident->record;
}

/*
 * What there is at first.
 */

static struct ovnha_record g1(void)
{
    struct ovnha_record record = {.revision = 0};

    ovnha_record_attempt(&record, "a", "g1");
    ovnha_record_open(&record);
    ovnha_record_join(&record, "b", "t1");
    ovnha_record_join(&record, "c", "t2");
    return record;
}

static void add_report(const char *node)
{
    struct ovnha_report *report = &candidacy.report[candidacy.n_reports++];

    ovnha_text_copy(report->node, sizeof report->node, node);
    report->record = r->record;
}

static int set_up(void **state)
{
    static const char *const nodes[] = {"a", "b", "c"};

    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    memset(&candidacy, 0, sizeof candidacy);
    memset(&upkeep, 0, sizeof upkeep);
    memset(&made, 0, sizeof made);
    reading = making = OVNHA_OK;
    says_complete = restarts = false;
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, "b");
    r->record = r->shared = g1();

    ovnha_text_copy(candidacy.self, sizeof candidacy.self, "b");
    candidacy.quorate = OVNHA_YES;
    candidacy.marks_known = true;
    candidacy.n_dbs = 1;
    ovnha_text_copy(candidacy.marks[0].generation, OVNHA_UUID_SIZE, "g1");
    ovnha_text_copy(candidacy.marks[0].attachment, OVNHA_UUID_SIZE, "t1");
    for (size_t i = 0; i < 3; i++) {
        ovnha_text_copy(candidacy.configured[i], OVNHA_NODE_SIZE, nodes[i]);
    }
    candidacy.n_configured = 3;
    add_report("b");
    add_report("c");

    upkeep.n_configured = 3;
    upkeep.n_peers = 1;
    upkeep.peer[0].present = true;
    upkeep.peer[0].kept = r->record;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(r->change);
    free(r);
    return 0;
}

static void c_keeps(const struct ovnha_record *record)
{
    upkeep.peer[0].kept = *record;
    ovnha_resident_check_promotion(r);
}

static void assert_refused(const struct ovnha_request *request, const char *why)
{
    assert_true(request->answered);
    assert_true(request->refused);
    assert_non_null(strstr(request->text, why));
}

static void begin(struct ovnha_request *request)
{
    *request = (struct ovnha_request){.awaited = true};
    ovnha_resident_attempt(r, request);
}

/* An attempt that counts. */
static void succeed(struct ovnha_request *request)
{
    begin(request);
    c_keeps(&made);
    assert_true(request->answered && !request->refused);
}

/*
 * Attempts.
 */

static void test_an_attempt_is_answered_when_it_counts(void **state)
{
    struct ovnha_request request;
    char expected[256];

    (void)state;
    begin(&request);
    assert_string_equal(made.attempt_node, "b");
    assert_int_equal(made.attempt.counter, 2);
    assert_false(request.answered);
    ovnha_resident_check_promotion(r);
    assert_false(request.answered);
    c_keeps(&made);
    snprintf(expected, sizeof expected, "{\"generation\":\"%s\",\"parent\":\"g1\"}",
             made.attempt.uuid);
    assert_string_equal(request.text, expected);
    assert_false(request.refused);
}

static void test_an_attempt_is_above_all_that_was_heard(void **state)
{
    struct ovnha_request request;

    (void)state;
    ovnha_record_attempt(&candidacy.report[1].record, "c", "g7");
    ovnha_record_attempt_above(&candidacy.report[1].record, 6);
    ovnha_record_leave(&candidacy.report[0].record, "a"); /* of which c has not heard, */
    ovnha_record_join(&candidacy.report[0].record, "a", "t3"); /* nor b of the attempt */
    begin(&request);
    assert_string_equal(ovnha_members_find(&made.in_sync, "a")->attachment, "t3");
    assert_int_equal(made.attempt.counter, 8);
}

/* Made from the newest record, which this node could not obey for a promise of its own.
 */
static void test_an_attempt_is_made_from_the_newest_record(void **state)
{
    struct ovnha_request request;

    (void)state;
    ovnha_record_leave(&candidacy.report[1].record, "a");
    begin(&request);
    assert_null(ovnha_members_find(&made.in_sync, "a"));
    assert_int_equal(made.revision, candidacy.report[1].record.revision + 1);
}

/* Its own attempt that broke off is no reason to keep a counter, or a name. */
static void test_an_attempt_that_broke_off_is_not_resumed(void **state)
{
    struct ovnha_request request;
    char first[OVNHA_UUID_SIZE];

    (void)state;
    begin(&request);
    ovnha_text_copy(first, sizeof first, made.attempt.uuid);
    candidacy.report[0].record = made;
    ovnha_text_copy(candidacy.marks[0].generation, OVNHA_UUID_SIZE, first);
    ovnha_text_copy(candidacy.marks[0].parent, OVNHA_UUID_SIZE, "g1");
    candidacy.report[1].record = made;
    ovnha_record_attempt(&candidacy.report[1].record, "c", "g5");
    ovnha_record_attempt_above(&candidacy.report[1].record, 4);

    struct ovnha_request again = {.awaited = true};

    ovnha_resident_attempt(r, &again);
    assert_refused(&request, "another promotion came");
    assert_int_equal(made.attempt.counter, 6);
    assert_string_equal(made.attempt_node, "b");
    assert_string_not_equal(made.attempt.uuid, first);
    c_keeps(&made);
    assert_non_null(strstr(again.text, "\"parent\":\"g1\""));
}

static void test_who_may_not_makes_no_attempt(void **state)
{
    struct ovnha_request request;

    (void)state;
    candidacy.marks[0].attachment[0] = '\0';
    begin(&request);
    assert_refused(&request, "older than its confirmation");
    assert_false(ovnha_record_exists(&made));
}

static void test_without_the_cib_there_is_no_attempt(void **state)
{
    struct ovnha_request request;

    (void)state;
    reading = OVNHA_ERR_TIMEOUT;
    begin(&request);
    assert_refused(&request, "no CIB");
    assert_false(ovnha_record_exists(&made));
}

static void test_an_attempt_that_is_not_recorded(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    making = OVNHA_ERR_CONFLICT;
    begin(&request);
    assert_refused(&request, "not recorded");
    making = OVNHA_OK;
    ovnha_resident_open(r, &open);
    assert_refused(&open, "no attempt");
}

static void test_who_hangs_up_is_not_waited_for(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    begin(&request);
    request.awaited = false;
    ovnha_resident_check_promotion(r);
    assert_refused(&request, "nobody waits");
    c_keeps(&made);
    ovnha_resident_open(r, &open);
    assert_refused(&open, "no attempt");
}

static void test_a_later_attempt_ends_an_earlier_one(void **state)
{
    struct ovnha_request request;

    (void)state;
    begin(&request);
    ovnha_record_attempt(&r->record, "c", "g3");
    c_keeps(&r->record);
    assert_refused(&request, "took its place");
}

/*
 * Opening.
 */

static void test_open_is_answered_when_it_counts(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    succeed(&request);
    ovnha_resident_open(r, &open);
    assert_string_equal(made.active, "b");
    assert_int_equal(made.generation.counter, 2);
    assert_int_equal(made.leaving.n, 2);
    assert_false(open.answered);
    c_keeps(&made);
    assert_true(open.answered);
    assert_false(open.refused);
}

static void open_after_handover_of(const char *generation, bool wanted)
{
    struct ovnha_request request, open = {.awaited = true};

    ovnha_text_copy(r->handover.completed_in, sizeof r->handover.completed_in,
                    generation);
    succeed(&request);
    ovnha_resident_open(r, &open);
    assert_int_equal(says_complete, wanted);
}

static const char *why_b_was_promoted(void)
{
    struct ovnha_request request, open = {.awaited = true};

    begin(&request);
    c_keeps(&made);
    ovnha_resident_open(r, &open);
    return json_string_value(json_object_get(r->change, "why"));
}

static void test_why_it_was_promoted_is_noted(void **state)
{
    (void)state;
    ovnha_text_copy(r->handover.completed_in, sizeof r->handover.completed_in, "g1");
    assert_string_equal(why_b_was_promoted(), "a planned move: a handed over");
}

static void test_why_it_was_promoted_without_a_handover_is_noted(void **state)
{
    (void)state;
    assert_string_equal(why_b_was_promoted(), "a was lost");
}

static void test_that_it_was_restarted_in_place_is_noted(void **state)
{
    (void)state;
    restarts = true;
    assert_string_equal(why_b_was_promoted(),
                        "a server had died and was started again in place");
}

/* A helper that takes another one's place knows it, too. */
static void test_why_it_was_promoted_is_read_back(void **state)
{
    char directory[] = "/tmp/test_resident_promote.XXXXXX", file[64];

    (void)state;
    assert_non_null(mkdtemp(directory));
    ovnha_text_copy(r->context.paths.state_dir, sizeof r->context.paths.state_dir,
                    directory);
    ovnha_resident_load_change(r);
    assert_null(r->change);
    why_b_was_promoted();
    json_decref(r->change);
    ovnha_resident_load_change(r);
    assert_string_equal(json_string_value(json_object_get(r->change, "why")),
                        "a was lost");
    snprintf(file, sizeof file, "%s/last-change", directory);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void test_what_was_handed_over_is_complete(void **state)
{
    (void)state;
    open_after_handover_of("g1", true);
}

/* Nor is what an earlier generation handed over of any use for the last one. */
static void test_what_was_lost_is_not_complete(void **state)
{
    (void)state;
    open_after_handover_of("g0", false);
}

static void test_nothing_is_said_of_no_generation(void **state)
{
    (void)state;
    open_after_handover_of("", false);
}

static void test_only_an_attempt_that_counts_is_opened(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    begin(&request);
    ovnha_resident_open(r, &open);
    assert_refused(&open, "no attempt of this node counts");
    assert_string_equal(made.generation.uuid, "g1");
}

/* The parent's active may have recorded that this copy left. */
static void test_a_record_that_changed_is_not_opened(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    succeed(&request);
    ovnha_record_leave(&r->record, "b");
    ovnha_resident_open(r, &open);
    assert_refused(&open, "another record");
    assert_string_equal(made.generation.uuid, "g1");
}

static void test_nor_when_the_cib_has_another(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    succeed(&request);
    r->shared = g1();
    ovnha_record_leave(&r->shared, "b");
    ovnha_resident_open(r, &open);
    assert_refused(&open, "another record");
}

static void test_an_older_record_in_the_cib_is_none(void **state)
{
    struct ovnha_request request, open = {.awaited = true};

    (void)state;
    succeed(&request);
    r->shared = g1();
    ovnha_resident_open(r, &open);
    assert_false(open.refused);
    assert_string_equal(made.generation.uuid, r->record.generation.uuid);
    assert_string_not_equal(made.generation.uuid, "g1");
}

static void test_it_opens_once(void **state)
{
    struct ovnha_request request, open = {.awaited = true}, again = {.awaited = true};

    (void)state;
    succeed(&request);
    ovnha_resident_open(r, &open);
    c_keeps(&made);
    ovnha_resident_open(r, &again);
    assert_refused(&again, "no attempt");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_attempt_is_answered_when_it_counts),
        TEST(test_an_attempt_is_above_all_that_was_heard),
        TEST(test_an_attempt_is_made_from_the_newest_record),
        TEST(test_an_attempt_that_broke_off_is_not_resumed),
        TEST(test_who_may_not_makes_no_attempt),
        TEST(test_without_the_cib_there_is_no_attempt),
        TEST(test_an_attempt_that_is_not_recorded),
        TEST(test_who_hangs_up_is_not_waited_for),
        TEST(test_a_later_attempt_ends_an_earlier_one),
        TEST(test_open_is_answered_when_it_counts),
        TEST(test_why_it_was_promoted_is_noted),
        TEST(test_why_it_was_promoted_without_a_handover_is_noted),
        TEST(test_that_it_was_restarted_in_place_is_noted),
        TEST(test_why_it_was_promoted_is_read_back),
        TEST(test_what_was_handed_over_is_complete),
        TEST(test_what_was_lost_is_not_complete),
        TEST(test_nothing_is_said_of_no_generation),
        TEST(test_only_an_attempt_that_counts_is_opened),
        TEST(test_a_record_that_changed_is_not_opened),
        TEST(test_nor_when_the_cib_has_another),
        TEST(test_an_older_record_in_the_cib_is_none),
        TEST(test_it_opens_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
