/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/marks.h>
#include <ovnha/text.h>

/* Operations and results are JSON with ' for ", and sorted keys. */

static const struct ovnha_database *nb(void)
{
    return &ovnha_databases[0];
}

static json_t *parse(const char *text)
{
    char json[4096];
    json_t *value;

    snprintf(json, sizeof json, "%s", text);
    for (char *c = json; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    value = json_loads(json, 0, NULL);
    assert_non_null(value);
    return value;
}

static void assert_operations(json_t *operations, const char *expected)
{
    char *text = json_dumps(operations, JSON_COMPACT | JSON_SORT_KEYS);

    assert_non_null(text);
    for (char *c = text; *c; c++) {
        *c = *c == '"' ? '\'' : *c;
    }
    assert_string_equal(text, expected);
    free(text);
    json_decref(operations);
}

#define MUTATE(mutations)                                                                \
    "{'mutations':[" mutations "],'op':'mutate','table':'NB_Global','where':[]}"

static void test_query(void **state)
{
    (void)state;
    assert_operations(ovnha_marks_query(nb()),
                      "[{'columns':['external_ids'],'op':'select','table':'NB_Global',"
                      "'where':[]}]");
}

/* One transaction, and on the disk before it is answered. */
static void test_the_marker_goes_with_its_parent(void **state)
{
    (void)state;
    assert_operations(
        ovnha_marks_set_generation(nb(), "ovndb", "g2", "g1"),
        "[" MUTATE(
            "['external_ids','delete',['set',['ovnha-ovndb-generation',"
            "'ovnha-ovndb-parent']]],['external_ids','insert',['map',"
            "[['ovnha-ovndb-generation','g2'],['ovnha-ovndb-parent','g1']]]]") ","
                                                                               "{'durable':true,'op':'commit'}]");
}

static void test_the_first_marker_takes_an_old_parent_away(void **state)
{
    (void)state;
    assert_operations(
        ovnha_marks_set_generation(nb(), "ovndb", "g1", ""),
        "[" MUTATE(
            "['external_ids','delete',['set',['ovnha-ovndb-generation',"
            "'ovnha-ovndb-parent']]],['external_ids','insert',['map',"
            "[['ovnha-ovndb-generation','g1']]]]") ","
                                                   "{'durable':true,'op':'commit'}]");
}

static void test_tokens_and_barriers(void **state)
{
    (void)state;
    assert_operations(
        ovnha_marks_set_token(nb(), "ovndb", "a.example", "t1"),
        "[" MUTATE("['external_ids','delete',['set',['ovnha-ovndb-token-a.example']]],"
                   "['external_ids','insert',['map',[['ovnha-ovndb-token-a.example',"
                   "'t1']]]]") "]");
    assert_operations(
        ovnha_marks_set_barrier(nb(), "ovndb", "x"),
        "[" MUTATE(
            "['external_ids','delete',['set',['ovnha-ovndb-barrier']]],"
            "['external_ids','insert',['map',[['ovnha-ovndb-barrier','x']]]]") ",{'comment':'ovnha barrier x','op':'comment'}]");
}

static enum ovnha_result read_marks(const char *text, struct ovnha_copy_marks *marks)
{
    json_t *results = parse(text);
    const enum ovnha_result result =
        ovnha_marks_read(nb(), "ovndb", "a", results, marks, NULL);

    json_decref(results);
    return result;
}

#define ROOT(pairs) "[{'rows':[{'external_ids':['map',[" pairs "]]}]}]"

static void test_what_is_read(void **state)
{
    struct ovnha_copy_marks marks;

    (void)state;
    assert_int_equal(read_marks(ROOT("['ovnha-ovndb-generation','g2'],"
                                     "['ovnha-ovndb-parent','g1'],"
                                     "['ovnha-ovndb-token-a','t1'],"
                                     "['ovnha-ovndb-token-ab','t2'],"
                                     "['ovnha-ovndb-barrier','x'],"
                                     "['ovnha-other-generation','g9']"),
                                &marks),
                     OVNHA_OK);
    assert_string_equal(marks.generation, "g2");
    assert_string_equal(marks.parent, "g1");
    assert_string_equal(marks.attachment, "t1");
    assert_string_equal(marks.barrier, "x");
}

static void test_what_is_not_there(void **state)
{
    static const char *const texts[] = {
        ROOT("['owner','me']"), "[{'rows':[]}]",
        ROOT("['ovnha-ovndb-generation','4f0c2b9e-6d2f-4b1c-8c0a-1d2e3f405162-']")};
    struct ovnha_copy_marks marks;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(read_marks(texts[i], &marks), OVNHA_OK);
        assert_string_equal(marks.generation, "");
        assert_string_equal(marks.parent, "");
        assert_string_equal(marks.attachment, "");
        assert_string_equal(marks.barrier, "");
    }
}

static void test_nonsense(void **state)
{
    struct ovnha_copy_marks marks;

    (void)state;
    assert_int_equal(read_marks("[]", &marks), OVNHA_ERR_PROTOCOL);
    assert_int_equal(read_marks("[{}]", &marks), OVNHA_ERR_PROTOCOL);
}

static bool read_content(const char *text, char content[OVNHA_CONTENT_SIZE])
{
    json_t *results = parse(text);
    bool populated = false;

    assert_int_equal(ovnha_content_read(results, content, &populated, NULL), OVNHA_OK);
    json_decref(results);
    return populated;
}

#define ROW(uuid) "{'_uuid':['uuid','" uuid "']}"

static void test_content(void **state)
{
    char one[OVNHA_CONTENT_SIZE], other[OVNHA_CONTENT_SIZE];

    (void)state;
    assert_false(read_content("[{'rows':[]},{'rows':[]}]", one));
    assert_true(read_content("[{'rows':[" ROW("a") "," ROW("b") "]},{'rows':[]}]", one));
    assert_true(
        read_content("[{'rows':[" ROW("b") "," ROW("a") "]},{'rows':[]}]", other));
    assert_string_equal(one, other);
    assert_true(
        read_content("[{'rows':[" ROW("b") "," ROW("c") "]},{'rows':[]}]", other));
    assert_string_not_equal(one, other);
    assert_true(read_content("[{'rows':[" ROW("a") "]},{'rows':[]}]", other));
    assert_string_not_equal(one, other);
}

static void test_content_query(void **state)
{
    json_t *operations = ovnha_content_query(nb());

    (void)state;
    assert_non_null(operations);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(operations, 0), "table")),
        nb()->content[0]);
    json_decref(operations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_the_marker_goes_with_its_parent),
        cmocka_unit_test(test_the_first_marker_takes_an_old_parent_away),
        cmocka_unit_test(test_tokens_and_barriers),
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_what_is_not_there),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_content_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
