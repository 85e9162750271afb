/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/tail.h>

#define BARRIER "6a0d2ab2-7a3e-4c1f-9a5f-0d4b2d1f7c11"

/* A file's end, record by record; nobody checks the SHA-1. */
struct file {
    char bytes[65536];
    size_t n;
};

static void add(struct file *file, const char *json)
{
    file->n +=
        (size_t)snprintf(file->bytes + file->n, sizeof file->bytes - file->n,
                         "OVSDB JSON %zu 0123456789012345678901234567890123456789\n%s\n",
                         strlen(json) + 1, json);
}

#define ROOT                                                                                \
    "\"NB_Global\":{\"u0\":{\"external_ids\":[\"map\",[[\"ovnha-ovndb-barrier\",\"" BARRIER \
    "\"]]]}}"

static void add_barrier(struct file *file)
{
    add(file, "{\"_date\":1,\"_comment\":\"ovnha barrier " BARRIER "\"," ROOT "}");
}

static void expect_rows(const struct file *file, size_t from, const char *expected)
{
    struct ovnha_err err = {""};
    json_t *rows, *wanted = json_loads(expected, 0, NULL);
    const enum ovnha_result result =
        ovnha_tail_read(file->bytes + from, file->n - from, BARRIER, &rows, &err);

    if (result != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    assert_non_null(wanted);
    if (!json_equal(rows, wanted)) {
        char *text = json_dumps(rows, 0);

        fail_msg("%s", text);
    }
    json_decref(rows);
    json_decref(wanted);
}

static void expect_error(const struct file *file, const char *words)
{
    struct ovnha_err err = {""};
    json_t *rows;

    assert_int_not_equal(ovnha_tail_read(file->bytes, file->n, BARRIER, &rows, &err),
                         OVNHA_OK);
    assert_null(rows);
    if (!strstr(err.text, words)) {
        fail_msg("'%s' does not say '%s'", err.text, words);
    }
}

static void nothing_came_after(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"Logical_Switch\":{\"u1\":{\"name\":\"before\"}},\"_date\":1}");
    add_barrier(&file);
    expect_rows(&file, 0, "{}");
}

static void rows_that_came_after(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"Logical_Switch\":{\"u1\":{\"name\":\"before\"}},\"_date\":1}");
    add_barrier(&file);
    add(&file, "{\"Logical_Switch\":{\"u2\":{\"name\":\"a\"},\"u1\":null},\"_date\":2,"
               "\"_comment\":\"ovn-nbctl\"}");
    add(&file,
        "{\"NB_Global\":{\"u0\":{\"nb_cfg\":1}},\"Logical_Switch\":{\"u2\":null}}");
    expect_rows(&file, 0, "{\"Logical_Switch\":[\"u2\",\"u1\"],\"NB_Global\":[\"u0\"]}");
}

static void a_file_is_read_from_the_middle(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"Logical_Switch\":{\"u1\":{\"name\":\"before\"}},\"_date\":1}");
    add_barrier(&file);
    add(&file, "{\"Logical_Switch\":{\"u2\":{}}}");
    expect_rows(&file, 7, "{\"Logical_Switch\":[\"u2\"]}");
}

/* Where a server writes the whole column whenever a key of it changes. */
static void another_change_of_the_column_is_none(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add_barrier(&file);
    add(&file, "{\"Logical_Switch\":{\"u2\":{}}}");
    add(&file, "{\"_comment\":\"ovn-nbctl\"," ROOT "}");
    expect_rows(&file, 0, "{\"Logical_Switch\":[\"u2\"],\"NB_Global\":[\"u0\"]}");
}

static void no_barrier(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"Logical_Switch\":{\"u2\":{}}}");
    expect_error(&file, "the barrier's record is not in the last");
}

static void a_compaction_took_the_barrier_up(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"_comment\":\"compacting database online\"," ROOT
               ",\"Logical_Switch\":{\"u2\":{}}}");
    expect_error(&file, "compacted");
}

/* What came after the barrier is in the compaction's record, with all the rest. */
static void after_a_compaction_another_change_of_the_column_is_none(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"_comment\":\"compacting database online\"," ROOT
               ",\"Logical_Switch\":{\"u2\":{}}}");
    const size_t compacted = file.n;

    add(&file, "{\"_comment\":\"ovn-nbctl\"," ROOT "}");
    expect_error(&file, "compacted");
    memmove(file.bytes, file.bytes + compacted, file.n - compacted);
    file.n -= compacted; /* too large to be read */
    expect_error(&file, "compacted");
}

static void who_quotes_the_barrier_is_not_it(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add(&file, "{\"Logical_Switch\":{\"u2\":{\"name\":\"ovnha barrier " BARRIER "\"}}}");
    add(&file, "{\"Logical_Switch\":{\"u3\":{}}}");
    expect_error(&file, "not its own");
}

static void a_damaged_end(void **state)
{
    struct file file = {.n = 0};

    (void)state;
    add_barrier(&file);
    add(&file, "{\"Logical_Switch\":{\"u2\":{\"name\":\"cut off\"}}}");
    file.n -= 9;
    expect_error(&file, "damaged");
}

static void more_than_can_be_told(void **state)
{
    struct file file = {.n = 0};
    char json[128];

    (void)state;
    add_barrier(&file);
    for (int i = 0; file.n < sizeof file.bytes - 256; i++) {
        snprintf(json, sizeof json,
                 "{\"T\":{\"a%d\":{},\"b%d\":{},\"c%d\":{},\"d%d\":{}}}", i, i, i, i);
        add(&file, json);
    }
    expect_error(&file, "more than");
}

/*
 * Digests.
 */

#define ROWS "{\"Logical_Switch\":[\"u1\",\"u2\"],\"Connection\":[\"u3\"]}"

static void digest(const char *results, char text[OVNHA_TAIL_DIGEST_SIZE])
{
    json_t *rows = json_loads(ROWS, 0, NULL), *json = json_loads(results, 0, NULL);
    struct ovnha_err err = {""};

    assert_non_null(json);
    if (ovnha_tail_digest(rows, json, text, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    json_decref(rows);
    json_decref(json);
}

#define ACTIVES                                                                             \
    "[{\"rows\":[{\"_version\":[\"uuid\",\"v1\"],\"name\":\"a\",\"ports\":[\"set\",[]]}]}," \
    "{\"rows\":[]},{\"rows\":[{\"target\":\"t\",\"is_connected\":true,\"status\":1}]}]"

static void the_same_rows_have_the_same_digest(void **state)
{
    char one[OVNHA_TAIL_DIGEST_SIZE], other[OVNHA_TAIL_DIGEST_SIZE];

    (void)state;
    digest(ACTIVES, one);
    digest("[{\"rows\":[{\"ports\":[\"set\",[]],\"name\":\"a\",\"_version\":[\"uuid\","
           "\"v2\"]}]},{\"rows\":[]},{\"rows\":[{\"target\":\"t\",\"status\":7,"
           "\"is_connected\":false}]}]",
           other);
    assert_string_equal(one, other);
}

static void what_is_missing_differs(void **state)
{
    static const char *const replicas[] = {
        "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[{\"target\":\"t\"}]}]",
        "[{\"rows\":[{\"name\":\"old\",\"ports\":[\"set\",[]]}]},{\"rows\":[]},{\"rows\":["
        "{\"target\":\"t\"}]}]",
        "[{\"rows\":[{\"name\":\"a\",\"ports\":[\"set\",[]]}]},{\"rows\":[{\"name\":\"not "
        "yet gone\"}]},{\"rows\":[{\"target\":\"t\"}]}]",
        "[{\"rows\":[{\"name\":\"a\",\"ports\":[\"set\",[]]}]},{\"rows\":[]},{\"rows\":[{"
        "\"target\":\"u\"}]}]",
    };
    char active[OVNHA_TAIL_DIGEST_SIZE], replica[OVNHA_TAIL_DIGEST_SIZE];

    (void)state;
    digest(ACTIVES, active);
    for (size_t i = 0; i < sizeof replicas / sizeof replicas[0]; i++) {
        digest(replicas[i], replica);
        assert_string_not_equal(active, replica);
    }
}

static void an_answer_without_rows_is_none(void **state)
{
    json_t *rows = json_loads(ROWS, 0, NULL);
    json_t *results = json_loads("[{\"rows\":[]},{\"error\":\"x\"}]", 0, NULL);
    char text[OVNHA_TAIL_DIGEST_SIZE];
    struct ovnha_err err = {""};

    (void)state;
    assert_int_not_equal(ovnha_tail_digest(rows, results, text, &err), OVNHA_OK);
    assert_non_null(strstr(err.text, "u2 in Logical_Switch"));
    json_decref(rows);
    json_decref(results);
}

static void rows_are_asked_for_one_by_one(void **state)
{
    json_t *rows = json_loads(ROWS, 0, NULL), *query = ovnha_tail_query(rows);
    json_t *none = json_object();

    (void)state;
    assert_int_equal(json_array_size(query), 3);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(query, 2), "table")),
        "Connection");
    assert_null(ovnha_tail_query(none));
    json_decref(none);
    json_decref(query);
    json_decref(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_came_after),
        cmocka_unit_test(rows_that_came_after),
        cmocka_unit_test(a_file_is_read_from_the_middle),
        cmocka_unit_test(another_change_of_the_column_is_none),
        cmocka_unit_test(no_barrier),
        cmocka_unit_test(a_compaction_took_the_barrier_up),
        cmocka_unit_test(after_a_compaction_another_change_of_the_column_is_none),
        cmocka_unit_test(who_quotes_the_barrier_is_not_it),
        cmocka_unit_test(a_damaged_end),
        cmocka_unit_test(more_than_can_be_told),
        cmocka_unit_test(the_same_rows_have_the_same_digest),
        cmocka_unit_test(what_is_missing_differs),
        cmocka_unit_test(an_answer_without_rows_is_none),
        cmocka_unit_test(rows_are_asked_for_one_by_one),
    };

    return cmocka_run_group_tests_name("tail", tests, NULL, NULL);
}
