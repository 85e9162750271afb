/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/record.h>
#include <ovnha/text.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct ovnha_record none;

/* The text says all that a record has: what a transition does is read there. */
static void assert_record(const struct ovnha_record *record, const char *expected)
{
    char *text = ovnha_record_format(record);

    assert_string_equal(text, expected);
    free(text);
}

/* Generation g1 of a, in which b is in sync as t1. */
static struct ovnha_record opened(void)
{
    struct ovnha_record record = none;

    ovnha_record_attempt(&record, "a", "g1");
    ovnha_record_open(&record);
    ovnha_record_join(&record, "b", "t1");
    return record;
}

static void test_transitions(void **state)
{
    struct ovnha_record record = none;

    (void)state;
    assert_false(ovnha_record_exists(&record));
    ovnha_record_attempt(&record, "a", "g1");
    assert_true(ovnha_record_exists(&record));
    assert_record(&record, "{\"active\":\"\",\"attempt\":\"g1\",\"attempt-counter\":1,"
                           "\"attempt-node\":\"a\",\"counter\":0,\"format\":1,"
                           "\"generation\":\"\",\"in-sync\":{},\"leaving\":{},"
                           "\"revision\":1}");
    ovnha_record_open(&record);
    assert_record(&record, "{\"active\":\"a\",\"attempt\":\"\",\"attempt-counter\":0,"
                           "\"attempt-node\":\"\",\"counter\":1,\"format\":1,"
                           "\"generation\":\"g1\",\"in-sync\":{\"a\":\"\"},"
                           "\"leaving\":{},\"revision\":0}");
    ovnha_record_join(&record, "b", "t1");
    ovnha_record_join(&record, "c", "t2");
    ovnha_record_leave(&record, "b");
    assert_record(&record, "{\"active\":\"a\",\"attempt\":\"\",\"attempt-counter\":0,"
                           "\"attempt-node\":\"\",\"counter\":1,\"format\":1,"
                           "\"generation\":\"g1\",\"in-sync\":{\"a\":\"\",\"c\":\"t2\"},"
                           "\"leaving\":{\"b\":\"t1\"},\"revision\":3}");
    ovnha_record_attempt(&record, "c", "g2");
    ovnha_record_open(&record);
    assert_record(&record, "{\"active\":\"c\",\"attempt\":\"\",\"attempt-counter\":0,"
                           "\"attempt-node\":\"\",\"counter\":2,\"format\":1,"
                           "\"generation\":\"g2\",\"in-sync\":{\"c\":\"\"},"
                           "\"leaving\":{\"a\":\"\",\"b\":\"t1\"},\"revision\":0}");
    ovnha_record_settle(&record);
    assert_record(&record, "{\"active\":\"c\",\"attempt\":\"\",\"attempt-counter\":0,"
                           "\"attempt-node\":\"\",\"counter\":2,\"format\":1,"
                           "\"generation\":\"g2\",\"in-sync\":{\"c\":\"\"},"
                           "\"leaving\":{},\"revision\":1}");
}

static void test_what_changes_nothing_is_no_revision(void **state)
{
    struct ovnha_record record = opened();
    const struct ovnha_record before = record;

    (void)state;
    ovnha_record_settle(&record);
    ovnha_record_leave(&record, "c");
    assert_true(ovnha_record_same(&record, &before));
    assert_int_equal(record.revision, before.revision);
}

static void test_a_member_that_joins_anew_is_there_once(void **state)
{
    struct ovnha_record record = opened();

    (void)state;
    ovnha_record_join(&record, "b", "t2");
    assert_int_equal(record.in_sync.n, 2);
    assert_string_equal(ovnha_members_find(&record.in_sync, "b")->attachment, "t2");
    assert_null(ovnha_members_find(&record.in_sync, "c"));
    ovnha_record_leave(&record, "b");
    ovnha_record_join(&record, "b", "t3");
    assert_int_equal(record.leaving.n, 0);
    assert_string_equal(ovnha_members_find(&record.in_sync, "b")->attachment, "t3");
}

static void test_an_attempt_is_above_all_others(void **state)
{
    struct ovnha_record record = opened();

    (void)state;
    assert_int_equal(ovnha_record_counter(&record), 1);
    ovnha_record_attempt(&record, "b", "g2");
    assert_int_equal(record.attempt.counter, 2);
    ovnha_record_attempt(&record, "a", "g3");
    assert_int_equal(record.attempt.counter, 3);
    assert_string_equal(record.attempt_node, "a");
    ovnha_record_attempt_above(&record, 2);
    assert_int_equal(record.attempt.counter, 3);
    ovnha_record_attempt_above(&record, 7);
    assert_int_equal(ovnha_record_counter(&record), 8);
    ovnha_record_open(&record);
    assert_int_equal(record.generation.counter, 8);
}

static void assert_older(const struct ovnha_record *a, const struct ovnha_record *b)
{
    assert_true(ovnha_record_compare(a, b) < 0);
    assert_true(ovnha_record_compare(b, a) > 0);
    assert_false(ovnha_record_same(a, b));
}

static void test_order(void **state)
{
    struct ovnha_record record = opened(), before;

    (void)state;
    assert_older(&none, &record);
    before = record;
    ovnha_record_leave(&record, "b");
    assert_older(&before, &record);
    before = record;
    ovnha_record_attempt(&record, "a", "g2");
    assert_older(&before, &record);
    before = record;
    ovnha_record_open(&record);
    assert_older(&before, &record);
    assert_int_equal(ovnha_record_compare(&record, &record), 0);
}

static void test_members_have_no_order(void **state)
{
    struct ovnha_record one = opened(), other = opened();

    (void)state;
    ovnha_record_join(&one, "c", "t2");
    other.in_sync.n = 1;
    ovnha_record_join(&other, "c", "t2");
    other.in_sync.member[2] = one.in_sync.member[1];
    other.in_sync.n = 3;
    assert_true(ovnha_record_same(&one, &other));
    assert_int_equal(ovnha_record_compare(&one, &other), 0);
    ovnha_record_join(&other, "c", "t3");
    other.revision--;
    assert_false(ovnha_record_same(&one, &other));
}

static void test_history_that_split(void **state)
{
    struct ovnha_record one = opened(), other = opened();

    (void)state;
    ovnha_record_join(&one, "c", "t2");
    ovnha_record_leave(&other, "b");
    assert_int_equal(ovnha_record_compare(&one, &other), 0);
    assert_false(ovnha_record_same(&one, &other));

    other = opened();
    ovnha_text_copy(other.generation.uuid, sizeof other.generation.uuid, "other");
    assert_int_equal(ovnha_record_compare(&one, &other), 0);
    assert_int_equal(ovnha_record_compare(&other, &one), 0);
}

static void merge(struct ovnha_record one, const struct ovnha_record *other,
                  const char *in_sync, const char *leaving, const char *attempt)
{
    char expected[512];

    assert_int_equal(ovnha_record_compare(&one, other), 0);
    assert_true(ovnha_record_merge(&one, other));
    snprintf(expected, sizeof expected,
             "{\"active\":\"a\",%s,\"counter\":1,\"format\":1,\"generation\":\"g1\","
             "\"in-sync\":{%s},\"leaving\":{%s},\"revision\":%d}",
             attempt, in_sync, leaving, (int)other->revision);
    assert_record(&one, expected);
}

/* b left, which a alone knows, or joined anew; c began a promotion meanwhile. */
static void test_two_in_one_place(void **state)
{
    static const char attempt[] = "\"attempt\":\"g2\",\"attempt-counter\":2,"
                                  "\"attempt-node\":\"c\"";
    struct ovnha_record before = opened(), left, tried, again;

    (void)state;
    ovnha_record_join(&before, "c", "t2");
    left = tried = before;
    ovnha_record_leave(&left, "b");
    ovnha_record_attempt(&tried, "c", "g2");
    merge(left, &tried, "\"a\":\"\",\"c\":\"t2\"", "\"b\":\"t1\"", attempt);
    merge(tried, &left, "\"a\":\"\",\"c\":\"t2\"", "\"b\":\"t1\"", attempt);

    ovnha_record_join(&left, "b", "t3");
    ovnha_record_attempt(&tried, "c", "g3");
    again = left;
    assert_true(ovnha_record_merge(&again, &tried));
    assert_null(ovnha_members_find(&again.in_sync, "b")); /* by which attachment? */
    assert_non_null(ovnha_members_find(&again.leaving, "b"));
    assert_string_equal(again.attempt.uuid, "g3");
    /* Once is enough. */
    tried = again;
    assert_true(ovnha_record_merge(&again, &left));
    assert_true(ovnha_record_same(&again, &tried));
    /* What is made from it is above both. */
    ovnha_record_attempt(&again, "a", "g4");
    assert_true(ovnha_record_supersedes(&again, &left, false));
    assert_true(ovnha_record_supersedes(&again, &tried, false));
}

/* Nothing is common to two generations, or revisions, or actives. */
static void test_what_cannot_be_merged(void **state)
{
    const struct ovnha_record one = opened();
    struct ovnha_record other = one, merged = one;

    (void)state;
    ovnha_text_copy(other.generation.uuid, OVNHA_UUID_SIZE, "g9");
    assert_false(ovnha_record_merge(&merged, &other));
    other = one;
    other.revision++;
    assert_false(ovnha_record_merge(&merged, &other));
    other = one;
    ovnha_text_copy(other.active, OVNHA_NODE_SIZE, "b");
    assert_false(ovnha_record_merge(&merged, &other));
    assert_true(ovnha_record_same(&merged, &one));
}

static void test_attempts_do_not_split_it(void **state)
{
    struct ovnha_record one = opened(), other = opened();

    (void)state;
    ovnha_record_attempt(&one, "a", "g2");
    ovnha_record_attempt(&other, "b", "g3");
    assert_older(&one, &other);
    ovnha_record_attempt_above(&one, 5);
    assert_older(&other, &one);
}

static bool supersedes(const struct ovnha_record *told, const struct ovnha_record *own)
{
    return ovnha_record_supersedes(told, own, false);
}

static void test_what_is_kept(void **state)
{
    struct ovnha_record own = opened(), told = opened();

    (void)state;
    assert_false(supersedes(&told, &own));
    ovnha_record_leave(&told, "b");
    assert_true(supersedes(&told, &own));
    assert_false(supersedes(&own, &told));
    assert_false(supersedes(&none, &own));
    ovnha_record_attempt(&told, "a", "g2");
    assert_true(supersedes(&told, &own));
    own = told;
    ovnha_record_open(&told);
    assert_true(supersedes(&told, &own));
}

static void test_a_promise_is_not_broken(void **state)
{
    struct ovnha_record first = opened(), second, other;

    (void)state;
    ovnha_record_attempt(&first, "a", "g2");
    second = first;
    ovnha_record_attempt(&second, "b", "g3");
    ovnha_record_open(&first);
    assert_true(ovnha_record_compare(&first, &second) > 0);
    assert_false(supersedes(&first, &second));

    /* nor by another attempt of the same counter, nor by the parent's active */
    other = opened();
    ovnha_record_leave(&other, "b");
    ovnha_record_leave(&other, "b");
    ovnha_record_join(&other, "b", "t2");
    ovnha_record_join(&other, "b", "t3");
    assert_true(ovnha_record_compare(&other, &second) > 0);
    assert_false(supersedes(&other, &second));
    ovnha_record_attempt(&other, "a", "g4");
    ovnha_record_attempt_above(&other, 2);
    assert_int_equal(other.attempt.counter, second.attempt.counter);
    assert_false(supersedes(&other, &second));
    ovnha_record_attempt_above(&other, 3);
    assert_true(supersedes(&other, &second));
}

static void test_a_node_without_a_record(void **state)
{
    struct ovnha_record told = none;

    (void)state;
    assert_false(ovnha_record_supersedes(&none, &none, true));
    ovnha_record_attempt(&told, "a", "g1");
    assert_true(supersedes(&told, &none));
    ovnha_record_open(&told);
    assert_false(supersedes(&told, &none));
    assert_true(ovnha_record_supersedes(&told, &none, true));
    ovnha_record_attempt(&told, "b", "g2");
    assert_false(supersedes(&told, &none));
}

static void assert_round_trip(const struct ovnha_record *record)
{
    struct ovnha_record parsed;
    struct ovnha_err err = {""};
    char *text = ovnha_record_format(record);

    assert_int_equal(ovnha_record_parse(text, &parsed, &err), OVNHA_OK);
    assert_true(ovnha_record_same(record, &parsed));
    assert_record(&parsed, text);
    free(text);
}

static void test_text_round_trip(void **state)
{
    struct ovnha_record record = opened();

    (void)state;
    assert_round_trip(&none);
    assert_round_trip(&record);
    ovnha_record_leave(&record, "b");
    ovnha_record_attempt(&record, "a", "4f0c2b9e-6d2f-4b1c-8c0a-1d2e3f405162");
    assert_round_trip(&record);
    ovnha_record_open(&record);
    for (int i = 0; i < OVNHA_NODES_MAX; i++) {
        char node[32];

        snprintf(node, sizeof node, "node-%d", i);
        ovnha_record_join(&record, node, "t");
    }
    assert_int_equal(record.in_sync.n, OVNHA_NODES_MAX);
    assert_round_trip(&record);
}

#define REST                                                                             \
    "\"active\":\"a\",\"attempt\":\"\",\"attempt-counter\":0,\"attempt-node\":\"\","     \
    "\"generation\":\"g\",\"leaving\":{}"

static void test_rejected_texts(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "[]",
        "{}",
        "{" REST "}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":2,\"in-sync\":{}}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":\"1\",\"in-sync\":{}}",
        "{" REST ",\"counter\":-1,\"revision\":0,\"format\":1,\"in-sync\":{}}",
        "{" REST ",\"counter\":1,\"revision\":-1,\"format\":1,\"in-sync\":{}}",
        "{" REST ",\"counter\":1.5,\"revision\":0,\"format\":1,\"in-sync\":{}}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":1}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":1,\"in-sync\":[]}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":1,\"in-sync\":{\"a\":1}}",
        "{" REST ",\"counter\":1,\"counter\":1,\"revision\":0,\"format\":1,"
        "\"in-sync\":{}}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":1,\"in-sync\":{}} {}",
        "{" REST ",\"counter\":1,\"revision\":0,\"format\":1,\"in-sync\":"
        "{\"a\":\"4f0c2b9e-6d2f-4b1c-8c0a-1d2e3f405162-\"}}",
    };
    struct ovnha_record record;

    (void)state;
    for (size_t i = 0; i < N(texts); i++) {
        struct ovnha_err err = {""};

        assert_int_equal(ovnha_record_parse(texts[i], &record, &err), OVNHA_ERR_PROTOCOL);
        assert_non_null(strstr(err.text, "not a record"));
    }
    assert_int_equal(ovnha_record_parse("{" REST ",\"counter\":1,\"revision\":0,"
                                        "\"format\":1,\"in-sync\":{}}",
                                        &record, NULL),
                     OVNHA_OK);
}

static void test_too_many_members_are_rejected(void **state)
{
    json_t *members = json_object();
    struct ovnha_record record = opened();
    char *text = ovnha_record_format(&record);
    json_t *json = json_loads(text, 0, NULL);

    (void)state;
    free(text);
    for (int i = 0; i <= OVNHA_NODES_MAX; i++) {
        char node[32];

        snprintf(node, sizeof node, "node-%d", i);
        json_object_set_new(members, node, json_string(""));
    }
    json_object_set_new(json, "leaving", members);
    text = json_dumps(json, 0);
    assert_int_equal(ovnha_record_parse(text, &record, NULL), OVNHA_ERR_PROTOCOL);
    free(text);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transitions),
        cmocka_unit_test(test_what_changes_nothing_is_no_revision),
        cmocka_unit_test(test_a_member_that_joins_anew_is_there_once),
        cmocka_unit_test(test_an_attempt_is_above_all_others),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_members_have_no_order),
        cmocka_unit_test(test_history_that_split),
        cmocka_unit_test(test_attempts_do_not_split_it),
        cmocka_unit_test(test_two_in_one_place),
        cmocka_unit_test(test_what_cannot_be_merged),
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_a_promise_is_not_broken),
        cmocka_unit_test(test_a_node_without_a_record),
        cmocka_unit_test(test_text_round_trip),
        cmocka_unit_test(test_rejected_texts),
        cmocka_unit_test(test_too_many_members_are_rejected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
