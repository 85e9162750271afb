/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/schema.h>

#define SCHEMA(version, tables)                                                          \
    "{\"name\": \"X\", \"version\": \"" version "\", \"tables\": {" tables "}}"
#define A      "\"A\": {\"columns\": {\"n\": {\"type\": \"integer\"}}}"
#define A_TEXT "\"A\": {\"columns\": {\"n\": {\"type\": \"string\"}}}"
#define A_MORE                                                                           \
    "\"A\": {\"columns\": {\"n\": {\"type\": \"integer\"}, \"m\": {\"type\": "           \
    "\"string\"}}, \"isRoot\": true}"
#define B "\"B\": {\"columns\": {\"b\": {\"type\": \"integer\"}}}"

static void assert_replicates(const char *replica, const char *active,
                              enum ovnha_result wanted, const char *reason)
{
    json_t *ours = json_loads(replica, 0, NULL), *theirs = json_loads(active, 0, NULL);
    struct ovnha_err err = {""};

    assert_non_null(ours);
    assert_non_null(theirs);
    assert_int_equal(ovnha_schema_replicates(ours, theirs, &err), wanted);
    assert_string_equal(err.text, reason);
    json_decref(ours);
    json_decref(theirs);
}

static void test_the_same(void **state)
{
    (void)state;
    assert_replicates(SCHEMA("1.0.0", A), SCHEMA("1.0.0", A), OVNHA_OK, "");
    assert_replicates(SCHEMA("1.0.0", A), SCHEMA("2.0.0", A), OVNHA_OK, "");
}

static void test_a_replica_may_have_more(void **state)
{
    (void)state;
    assert_replicates(SCHEMA("1.1.0", A "," B), SCHEMA("1.0.0", A), OVNHA_OK, "");
    assert_replicates(SCHEMA("1.1.0", A_MORE), SCHEMA("1.0.0", A), OVNHA_OK, "");
}

static void test_a_replica_may_not_have_less(void **state)
{
    (void)state;
    assert_replicates(SCHEMA("1.0.0", A), SCHEMA("1.1.0", A "," B), OVNHA_ERR_REFUSED,
                      "B of the active's schema (1.1.0) is not in this one's (1.0.0)");
    assert_replicates(SCHEMA("1.0.0", A), SCHEMA("1.1.0", A_MORE), OVNHA_ERR_REFUSED,
                      "A.m of the active's schema (1.1.0) is not in this one's (1.0.0)");
}

static void test_a_column_that_changed(void **state)
{
    (void)state;
    assert_replicates(SCHEMA("1.0.0", A), SCHEMA("2.0.0", A_TEXT), OVNHA_ERR_REFUSED,
                      "A.n of the active's schema (2.0.0) is another in this one's "
                      "(1.0.0)");
    assert_replicates(SCHEMA("2.0.0", A_TEXT), SCHEMA("1.0.0", A), OVNHA_ERR_REFUSED,
                      "A.n of the active's schema (1.0.0) is another in this one's "
                      "(2.0.0)");
}

static void test_what_is_no_schema(void **state)
{
    (void)state;
    assert_replicates("{}", SCHEMA("1.0.0", A), OVNHA_ERR_PROTOCOL,
                      "a schema has no tables");
    assert_replicates(SCHEMA("1.0.0", A), "{\"tables\": []}", OVNHA_ERR_PROTOCOL,
                      "a schema has no tables");
    assert_replicates("{\"tables\": {}}", "{\"tables\": {\"A\": {}}}", OVNHA_ERR_REFUSED,
                      "A of the active's schema (?) is not in this one's (?)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same),
        cmocka_unit_test(test_a_replica_may_have_more),
        cmocka_unit_test(test_a_replica_may_not_have_less),
        cmocka_unit_test(test_a_column_that_changed),
        cmocka_unit_test(test_what_is_no_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
