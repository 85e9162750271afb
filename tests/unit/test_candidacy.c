/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/candidacy.h>
#include <ovnha/text.h>

static const struct ovnha_record none;

static struct ovnha_candidacy_facts facts;
static struct ovnha_candidacy_verdict verdict;

/* Generation g1 of a; b is in sync as tb, c as tc. */
static struct ovnha_record history(void)
{
    struct ovnha_record record = none;

    ovnha_record_attempt(&record, "a", "g1");
    ovnha_record_open(&record);
    ovnha_record_join(&record, "b", "tb");
    ovnha_record_join(&record, "c", "tc");
    return record;
}

static struct ovnha_report *report(const char *node, const struct ovnha_record *record)
{
    struct ovnha_report *new = &facts.report[facts.n_reports++];

    ovnha_text_copy(new->node, sizeof new->node, node);
    new->record = *record;
    return new;
}

static void mark(size_t db, const char *generation, const char *parent,
                 const char *attachment)
{
    struct ovnha_copy_marks *marks = &facts.marks[db];

    ovnha_text_copy(marks->generation, sizeof marks->generation, generation);
    ovnha_text_copy(marks->parent, sizeof marks->parent, parent);
    ovnha_text_copy(marks->attachment, sizeof marks->attachment, attachment);
}

static void mark_all(const char *generation, const char *parent, const char *attachment)
{
    mark(0, generation, parent, attachment);
    mark(1, generation, parent, attachment);
}

/* `self`, of the nodes a, b and c; quorate; two databases, without a mark. */
static void begin(const char *self)
{
    memset(&facts, 0, sizeof facts);
    ovnha_text_copy(facts.self, sizeof facts.self, self);
    facts.quorate = OVNHA_YES;
    facts.n_configured = 3;
    for (size_t i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + (int)i), '\0'};

        ovnha_text_copy(facts.configured[i], sizeof facts.configured[i], name);
    }
    facts.marks_known = true;
    facts.n_dbs = 2;
}

/* b, in sync in the history above, with a good copy; all have reported. */
static void begin_good(void)
{
    const struct ovnha_record record = history();

    begin("b");
    report("a", &record);
    report("b", &record);
    report("c", &record);
    mark_all("g1", "", "tb");
}

static void expect(enum ovnha_candidacy candidacy, const char *reason)
{
    ovnha_candidacy(&facts, &verdict);
    assert_non_null(strstr(verdict.reason, reason));
    assert_int_equal(verdict.candidacy, candidacy);
}

static void test_a_good_copy(void **state)
{
    (void)state;
    begin_good();
    expect(OVNHA_MAY, "is in sync with generation g1");
    assert_false(verdict.first);
    assert_int_equal(verdict.n_awaited, 0);
    assert_string_equal(ovnha_candidacy_to_str(OVNHA_MAY), "may be promoted");
    assert_string_equal(ovnha_candidacy_to_str(OVNHA_MAY_NOT), "may not be promoted");
    assert_string_equal(ovnha_candidacy_to_str(OVNHA_MUST_WAIT), "waits");
}

static void test_quorum(void **state)
{
    (void)state;
    begin_good();
    facts.quorate = OVNHA_NO;
    expect(OVNHA_MUST_WAIT, "waits for quorum");
    facts.quorate = OVNHA_UNKNOWN;
    expect(OVNHA_MUST_WAIT, "quorum is unknown");
}

static void test_unreadable_databases(void **state)
{
    (void)state;
    begin_good();
    facts.marks_known = false;
    expect(OVNHA_MAY_NOT, "cannot be read");
}

/* It may carry any marker: a generation lasts for months. */
static void test_a_restored_file(void **state)
{
    (void)state;
    begin_good();
    facts.replaced = true;
    expect(OVNHA_MAY_NOT, "its database file is not the one");
}

/* Of three, two are a majority that knows who is in sync, and it is neither of them. */
static void test_whoever_holds_everything_is_awaited(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin_good();
    ovnha_record_leave(&record, "b");
    facts.report[0].record = facts.report[1].record = facts.report[2].record = record;
    ovnha_text_copy(facts.report[0].node, OVNHA_NODE_SIZE, "d"); /* not a */
    expect(OVNHA_MAY_NOT, "is not in sync with generation g1");  /* c is */
    facts.n_reports = 2;
    facts.lived_through = true;
    expect(OVNHA_MUST_WAIT, "waits for a, c: only they hold everything");
    facts.lived_through = false;
    ovnha_record_leave(&record, "c");
    facts.report[0].record = facts.report[1].record = record;
    ovnha_text_copy(facts.report[0].node, OVNHA_NODE_SIZE, "c");
    expect(OVNHA_MUST_WAIT, "waits for a: it alone holds everything");
    assert_int_equal(verdict.n_awaited, 1);
    assert_string_equal(verdict.awaited[0], "a");
}

static void test_not_in_sync(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin_good();
    ovnha_record_leave(&record, "b");
    facts.shared = record;
    expect(OVNHA_MAY_NOT, "is not in sync with generation g1");
}

static void test_each_marker_counts(void **state)
{
    (void)state;
    begin_good();
    mark(1, "g0", "", "tb");
    expect(OVNHA_MAY_NOT, "lacks the marker of generation g1");
    mark(1, "", "", "");
    expect(OVNHA_MAY_NOT, "lacks the marker");
    mark(1, "g1", "", "tb");
    mark(0, "g2", "g0", "tb");
    expect(OVNHA_MAY_NOT, "lacks the marker");
}

static void test_each_token_counts(void **state)
{
    (void)state;
    begin_good();
    mark(1, "g1", "", "ta");
    expect(OVNHA_MAY_NOT, "older than its confirmation");
    mark(1, "g1", "", "");
    expect(OVNHA_MAY_NOT, "older than its confirmation");
}

static void test_the_active_has_no_token(void **state)
{
    const struct ovnha_record record = history();

    (void)state;
    begin("a");
    report("a", &record);
    report("b", &record);
    mark_all("g1", "g0", "");
    expect(OVNHA_MAY, "is in sync");
    mark_all("g1", "g0", "tx"); /* of the time when it was a replica */
    expect(OVNHA_MAY, "is in sync");
}

static void test_a_promotion_that_broke_off(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin_good();
    mark(0, "g2", "g1", "tb"); /* and then it crashed */
    expect(OVNHA_MAY, "is in sync with generation g1");
    mark(1, "g2", "g1", "tb");
    expect(OVNHA_MAY, "is in sync with generation g1");

    /* without a parent in the marker, as long as the record names the attempt */
    mark(1, "g2", "", "tb");
    expect(OVNHA_MAY_NOT, "lacks the marker");
    ovnha_record_attempt(&record, "b", "g2");
    facts.shared = record;
    expect(OVNHA_MAY, "is in sync");
    ovnha_record_attempt(&record, "c", "g3");
    facts.shared = record;
    expect(OVNHA_MAY_NOT, "lacks the marker");
}

static void test_the_attempt_of_another(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin_good();
    ovnha_record_attempt(&record, "c", "g2");
    facts.report[2].record = record;
    expect(OVNHA_MAY, "is in sync with generation g1");
    mark_all("g2", "", "tb");
    expect(OVNHA_MAY_NOT, "lacks the marker");
    assert_int_equal(ovnha_candidacy_counter(&facts), 2);
    facts.shared.generation.counter = 9;
    assert_int_equal(ovnha_candidacy_counter(&facts), 9);
}

static void test_members_are_awaited(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin("b");
    ovnha_record_leave(&record, "c");
    report("b", &record);
    mark_all("g1", "", "tb");
    expect(OVNHA_MUST_WAIT, "waits for a, c: may hold newer data");
    assert_int_equal(verdict.n_awaited, 2);
    assert_string_equal(verdict.awaited[0], "a");
    assert_string_equal(verdict.awaited[1], "c");
}

static void test_an_attempt_is_awaited(void **state)
{
    struct ovnha_record record = none;

    (void)state;
    begin("a");
    ovnha_record_attempt(&record, "a", "g1");
    ovnha_record_open(&record);
    ovnha_record_attempt(&record, "c", "g2");
    report("a", &record);
    mark_all("g1", "", "");
    expect(OVNHA_MUST_WAIT, "waits for c:");
}

static void test_a_majority_is_enough(void **state)
{
    const struct ovnha_record record = history();

    (void)state;
    begin("b");
    report("b", &record);
    report("c", &record);
    mark_all("g1", "", "tb");
    expect(OVNHA_MAY, "is in sync");
    ovnha_text_copy(facts.configured[3], sizeof facts.configured[3], "d");
    facts.n_configured = 4; /* two of four are none */
    expect(OVNHA_MUST_WAIT, "waits for a:");
    facts.n_configured = 2;
    ovnha_text_copy(facts.configured[1], sizeof facts.configured[1], "z");
    expect(OVNHA_MUST_WAIT, "waits for a:"); /* b and c are not configured */
}

static void test_who_lived_through_need_not_wait(void **state)
{
    const struct ovnha_record record = history();

    (void)state;
    begin("b");
    facts.n_configured = 2;
    report("b", &record);
    mark_all("g1", "", "tb");
    expect(OVNHA_MUST_WAIT, "waits for a, c");
    facts.lived_through = true;
    expect(OVNHA_MAY, "is in sync");
}

static void test_a_new_disk_is_not_heard(void **state)
{
    (void)state;
    begin_good();
    facts.report[0].record = none;
    facts.report[2].record = none;
    expect(OVNHA_MUST_WAIT, "waits for a, c: may hold newer data");
    facts.report[2].record = facts.report[1].record;
    expect(OVNHA_MAY, "is in sync");
}

static void assert_newest(const struct ovnha_record *expected)
{
    struct ovnha_record newest;

    assert_true(ovnha_candidacy_newest(&facts, &newest));
    assert_true(ovnha_record_same(&newest, expected));
}

static void test_the_newest_record_wins(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin_good();
    assert_newest(&facts.report[0].record);
    ovnha_record_leave(&record, "b");
    facts.report[2].record = record;
    assert_newest(&facts.report[2].record);
    expect(OVNHA_MAY_NOT, "is not in sync");
    ovnha_record_join(&record, "b", "tb2");
    facts.shared = record;
    assert_newest(&facts.shared);
    expect(OVNHA_MAY_NOT, "older than its confirmation");
    mark_all("g1", "", "tb2");
    expect(OVNHA_MAY, "is in sync");
}

/* a recorded that c left, and died before anyone heard; b began a promotion from the
 * revision before, and that broke off. */
static void test_two_records_in_one_place(void **state)
{
    (void)state;
    begin_good();
    ovnha_record_leave(&facts.report[0].record, "c");
    ovnha_record_attempt(&facts.report[2].record, "b", "g2");
    facts.shared = facts.report[2].record;
    expect(OVNHA_MAY, "is in sync");
    facts.report[0].record = none;
    expect(OVNHA_MAY, "is in sync"); /* the record of a majority */
    begin_good();
    ovnha_record_leave(&facts.report[0].record, "b");
    facts.report[2].record = facts.shared;
    ovnha_record_attempt(&facts.report[2].record, "b", "g2");
    expect(OVNHA_MAY_NOT, "is not in sync");
}

/* Whoever is named by either has to be heard. */
static void test_who_is_in_one_of_two_records_is_waited_for(void **state)
{
    struct ovnha_record record = history();

    (void)state;
    begin_good();
    ovnha_record_settle(&record);
    ovnha_record_leave(&record, "a");
    facts.n_reports = 2;
    facts.report[0] = facts.report[1];
    ovnha_text_copy(facts.report[0].node, OVNHA_NODE_SIZE, "d");
    facts.report[0].record = record;
    record = history();
    ovnha_record_attempt(&record, "b", "g2");
    facts.report[1].record = record;
    facts.shared = none;
    facts.lived_through = false;
    expect(OVNHA_MUST_WAIT, "waits for");
    assert_non_null(strstr(verdict.reason, "a"));
    assert_non_null(strstr(verdict.reason, "c"));
}

static void test_history_that_split(void **state)
{
    struct ovnha_record record = history(), newest;

    (void)state;
    begin_good();
    ovnha_record_attempt(&record, "b", "g2");
    ovnha_record_open(&record);
    facts.report[1].record = record;
    facts.shared = record;
    ovnha_text_copy(facts.shared.generation.uuid, OVNHA_UUID_SIZE, "g2-of-another");
    assert_false(ovnha_candidacy_newest(&facts, &newest));
    expect(OVNHA_MAY_NOT, "history split");

    /* older than a third, it does not matter */
    ovnha_record_attempt(&record, "c", "g3");
    ovnha_record_open(&record);
    facts.report[2].record = record;
    assert_newest(&facts.report[2].record);
}

static void assert_preferred(bool preferred)
{
    ovnha_candidacy(&facts, &verdict);
    assert_int_equal(verdict.candidacy, OVNHA_MAY);
    assert_int_equal(verdict.preferred, preferred);
}

static void test_preference(void **state)
{
    (void)state;
    begin_good();
    assert_preferred(false); /* a was the active */
    facts.report[0].unbroken = true;
    facts.report[1].unbroken = true;
    assert_preferred(false);
    facts.report[0].unbroken = false; /* a lost power */
    assert_preferred(true);
    facts.report[2].unbroken = true; /* c is as good */
    assert_preferred(true);
    facts.report[1].unbroken = false;
    assert_preferred(false);
    ovnha_text_copy(facts.report[2].node, sizeof facts.report[2].node, "d");
    ovnha_text_copy(facts.self, sizeof facts.self, "a"); /* d is not in sync */
    mark_all("g1", "", "");
    assert_preferred(true);
}

/* Whatever a constraint prefers: b is no candidate while one is that lost nothing. */
static void test_power_is_a_rank(void **state)
{
    (void)state;
    begin_good();
    facts.report[0].unbroken = true;
    expect(OVNHA_MAY, "is in sync"); /* a has not said that it may */
    assert_false(verdict.preferred);
    facts.report[0].candidate = true;
    expect(OVNHA_MAY_NOT, "a's copy is better: its host kept its power");
    facts.report[1].candidate = true;
    expect(OVNHA_MAY_NOT, "a's copy is better");
    facts.report[1].unbroken = true; /* both are as good: somebody is left */
    expect(OVNHA_MAY, "is in sync");
    facts.report[1].unbroken = false;
    facts.report[0].unbroken = false;
    expect(OVNHA_MAY, "is in sync");
    facts.report[2].unbroken = facts.report[2].candidate = true;
    expect(OVNHA_MAY_NOT, "c's copy is better");
    ovnha_text_copy(facts.report[2].node, OVNHA_NODE_SIZE, "d"); /* not in sync */
    facts.lived_through = true;
    expect(OVNHA_MAY, "is in sync");
}

/*
 * No history.
 */

static void begin_first(void)
{
    begin("a");
    report("a", &none);
    report("b", &none);
    report("c", &none);
}

static void test_first_start_of_empty_copies(void **state)
{
    (void)state;
    begin_first();
    expect(OVNHA_MAY, "first start, all are empty");
    assert_true(verdict.first);
    facts.n_reports = 2;
    expect(OVNHA_MUST_WAIT, "waits for c: the first start needs every node");
    facts.n_reports = 1;
    expect(OVNHA_MUST_WAIT, "waits for b, c:");
    facts.marks_known = false;
    expect(OVNHA_MAY_NOT, "cannot be read");
}

/* What cannot be read may be the only record that there is. */
static void test_no_first_start_beside_a_record_that_cannot_be_read(void **state)
{
    (void)state;
    begin_first();
    ovnha_text_copy(facts.report[1].unreadable, OVNHA_UNREADABLE_SIZE, "/lib/record");
    expect(OVNHA_MUST_WAIT,
           "waits for b (its record /lib/record cannot be understood): the "
           "first start needs every node");
    assert_int_equal(verdict.n_awaited, 1);
    facts.report[0].populated = true;
    expect(OVNHA_MUST_WAIT, "waits for b (its record /lib/record");
    begin_first();
    ovnha_text_copy(facts.report[0].unreadable, OVNHA_UNREADABLE_SIZE, "/lib/record");
    expect(OVNHA_MAY_NOT, "its record, /lib/record, cannot be understood");
    assert_false(verdict.first);
}

static void test_an_unreadable_record_is_not_heard(void **state)
{
    (void)state;
    begin_good();
    facts.report[0].record = none;
    ovnha_text_copy(facts.report[0].unreadable, OVNHA_UNREADABLE_SIZE, "/lib/record");
    expect(OVNHA_MAY, "is in sync"); /* by a majority */
    facts.n_reports = 2;
    expect(
        OVNHA_MUST_WAIT,
        "waits for a (its record /lib/record cannot be understood), c: may hold newer data");
    begin_good();
    facts.report[1].record = none;
    ovnha_text_copy(facts.report[1].unreadable, OVNHA_UNREADABLE_SIZE, "/lib/record");
    expect(OVNHA_MAY_NOT, "its record, /lib/record, cannot be understood");
}

static void test_first_start_with_data(void **state)
{
    (void)state;
    begin_first();
    facts.report[0].populated = true;
    expect(OVNHA_MAY, "holds the only data");
    facts.report[0].populated = false;
    facts.report[1].populated = true;
    expect(OVNHA_MAY_NOT, "is empty and b holds data");
    facts.report[0].populated = true;
    expect(OVNHA_MAY_NOT, "2 nodes hold different data");
}

/* The agent that comes with OVN has noted whom it promoted last. */
static void test_migration(void **state)
{
    (void)state;
    begin_first();
    strcpy(facts.former_active, "a");
    expect(OVNHA_MAY, "first start, all are empty");
    assert_false(verdict.preferred);
    facts.report[0].populated = true;
    expect(OVNHA_MAY, "was the active (OVN_REPL_INFO)");
    assert_true(verdict.preferred);
    facts.report[1].populated = true;
    strcpy(facts.report[1].content, "other");
    expect(OVNHA_MAY, "was the active (OVN_REPL_INFO)");
    strcpy(facts.former_active, "b");
    expect(OVNHA_MAY_NOT, "2 nodes hold different data, and b was the active");
    strcpy(facts.report[0].content, "other");
    expect(OVNHA_MAY, "holds the only data");
    assert_false(verdict.preferred);
    facts.n_reports = 2;
    expect(OVNHA_MUST_WAIT, "waits for c: the first start needs every node");
}

/* What it noted is no help when that copy has nothing. */
static void test_migration_with_the_noted_copy_lost(void **state)
{
    (void)state;
    begin_first();
    strcpy(facts.former_active, "c");
    facts.report[0].populated = true;
    expect(OVNHA_MAY, "holds the only data");
    facts.report[1].populated = true;
    strcpy(facts.report[1].content, "other");
    expect(OVNHA_MAY_NOT, "2 nodes hold different data and there is no history");
    strcpy(facts.former_active, "gone");
    expect(OVNHA_MAY_NOT, "2 nodes hold different data and there is no history");
    strcpy(facts.former_active, "a");
    facts.report[0].populated = false;
    expect(OVNHA_MAY_NOT, "is empty and b holds data");
}

static void test_lost_history(void **state)
{
    (void)state;
    begin_first();
    mark(1, "g1", "", "");
    expect(OVNHA_MAY_NOT, "its history is lost");
    assert_true(verdict.first);
}

static void test_first_start_that_broke_off(void **state)
{
    struct ovnha_record record = none;

    (void)state;
    begin_first();
    ovnha_record_attempt(&record, "a", "g1");
    facts.report[0].record = record;
    mark(0, "g1", "", "");
    expect(OVNHA_MAY, "first start");
    ovnha_record_attempt(&record, "b", "g2"); /* in a's place */
    facts.report[1].record = record;
    expect(OVNHA_MAY, "first start");
    facts.n_reports = 2;
    expect(OVNHA_MUST_WAIT, "waits for c:");
    mark(0, "g1", "g0", "");
    expect(OVNHA_MAY_NOT, "its history is lost");
}

/* By the attachment that the record still names; another one is another matter. */
static void test_a_copy_that_withdrew(void **state)
{
    (void)state;
    begin_good();
    ovnha_text_copy(facts.withdrawn, sizeof facts.withdrawn, "tb");
    expect(OVNHA_MAY_NOT, "may lack what a acknowledged");
    ovnha_text_copy(facts.withdrawn, sizeof facts.withdrawn, "tb0");
    expect(OVNHA_MAY, "is in sync");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_copy),
        cmocka_unit_test(test_a_copy_that_withdrew),
        cmocka_unit_test(test_quorum),
        cmocka_unit_test(test_unreadable_databases),
        cmocka_unit_test(test_a_restored_file),
        cmocka_unit_test(test_not_in_sync),
        cmocka_unit_test(test_each_marker_counts),
        cmocka_unit_test(test_each_token_counts),
        cmocka_unit_test(test_the_active_has_no_token),
        cmocka_unit_test(test_a_promotion_that_broke_off),
        cmocka_unit_test(test_the_attempt_of_another),
        cmocka_unit_test(test_whoever_holds_everything_is_awaited),
        cmocka_unit_test(test_members_are_awaited),
        cmocka_unit_test(test_an_attempt_is_awaited),
        cmocka_unit_test(test_a_majority_is_enough),
        cmocka_unit_test(test_who_lived_through_need_not_wait),
        cmocka_unit_test(test_a_new_disk_is_not_heard),
        cmocka_unit_test(test_the_newest_record_wins),
        cmocka_unit_test(test_two_records_in_one_place),
        cmocka_unit_test(test_who_is_in_one_of_two_records_is_waited_for),
        cmocka_unit_test(test_history_that_split),
        cmocka_unit_test(test_preference),
        cmocka_unit_test(test_power_is_a_rank),
        cmocka_unit_test(test_first_start_of_empty_copies),
        cmocka_unit_test(test_no_first_start_beside_a_record_that_cannot_be_read),
        cmocka_unit_test(test_an_unreadable_record_is_not_heard),
        cmocka_unit_test(test_first_start_with_data),
        cmocka_unit_test(test_migration),
        cmocka_unit_test(test_migration_with_the_noted_copy_lost),
        cmocka_unit_test(test_lost_history),
        cmocka_unit_test(test_first_start_that_broke_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
