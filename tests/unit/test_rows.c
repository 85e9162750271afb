/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/rows.h>

#include "say.h"

/* What the data holds and what is left to do, both as an operator may read them:
 * JSON with ' for ", and operations one after the other. */

#define CLIENTS  "ptcp:6641:10.77.0.100"
#define REPLICAS "ptcp:6643:10.77.0.1"

static const struct ovnha_row_wanted wanted[OVNHA_ROWS_N] = {
    {.owner = "ovndb/clients", .target = CLIENTS, .probe_ms = 5000},
    {.owner = "ovndb/replicas", .target = REPLICAS, .probe_ms = 60000},
};

static void unquote(const char *text, char json[8192])
{
    snprintf(json, 8192, "%s", text);
    for (char *c = json; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
}

static json_t *parse(const char *text)
{
    char json[8192];
    json_error_t error;

    unquote(text, json);
    json_t *value = json_loads(json, 0, &error);
    if (!value) {
        fail_msg("%s: %s", error.text, json);
    }
    return value;
}

/* A row of table Connection; `external_ids` are pairs. */
#define ROW(id, target, probe, external_ids)                                             \
    "{'_uuid':['uuid','" id "'],'target':'" target "','inactivity_probe':" probe         \
    ",'external_ids':['map',[" external_ids "]]}"
#define OWNER(owner)                "['ovnha-owner','" owner "']"
#define UNSET                       "['set',[]]"
#define RESULTS(connections, roots) "[{'rows':[" connections "]},{'rows':[" roots "]}]"
#define ROOT                        "{'_uuid':['uuid','root'],'connections':['set',[]]}"
#define OUR_CLIENTS                 ROW("c", CLIENTS, "5000", OWNER("ovndb/clients"))
#define OUR_REPLICAS                ROW("r", REPLICAS, "60000", OWNER("ovndb/replicas"))
#define INSERT_ROW(n, target, probe, owner)                                              \
    "{'op':'insert','table':'Connection','uuid-name':'row" n                             \
    "','row':{'target':'" target "','inactivity_probe':" probe                           \
    ",'external_ids':['map',[" OWNER(owner) "]]}}"
#define INSERT_CLIENTS  INSERT_ROW("0", CLIENTS, "5000", "ovndb/clients")
#define INSERT_REPLICAS INSERT_ROW("1", REPLICAS, "60000", "ovndb/replicas")
#define LINK(rows)                                                                       \
    "{'op':'mutate','table':'NB_Global','where':[],'mutations':[['connections',"         \
    "'insert',['set',[" rows "]]]]}"
#define UNLINK(id)                                                                       \
    "{'op':'mutate','table':'NB_Global','where':[],'mutations':[['connections',"         \
    "'delete',['set',[['uuid','" id "']]]]]}"
#define UPDATE(id, target, probe)                                                        \
    "{'op':'update','table':'Connection','where':[['_uuid','==',['uuid','" id            \
    "']]],'row':{'target':'" target "','inactivity_probe':" probe "}}"
#define NAMED(n) "['named-uuid','row" n "']"

static const struct {
    const char *title, *results, *operations; /* NULL: nothing to do */
} cases[] = {
    {"all in place", RESULTS(OUR_CLIENTS "," OUR_REPLICAS, ROOT), NULL},
    {"an empty database: the root row, too", RESULTS("", ""),
     "[" INSERT_CLIENTS "," INSERT_REPLICAS
     ",{'op':'insert','table':'NB_Global','row':{'connections':['set',[" NAMED(
         "0") "," NAMED("1") "]]}}]"},
    {"no rows at all", RESULTS("", ROOT),
     "[" INSERT_CLIENTS "," INSERT_REPLICAS "," LINK(NAMED("0") "," NAMED("1")) "]"},
    {"one of them is absent", RESULTS(OUR_CLIENTS, ROOT),
     "[" INSERT_REPLICAS "," LINK(NAMED("1")) "]"},
    {"rows but no root row", RESULTS(OUR_CLIENTS "," OUR_REPLICAS, ""),
     "[{'op':'insert','table':'NB_Global','row':{'connections':['set',[]]}}]"},
    {"the former active's address",
     RESULTS(OUR_CLIENTS
             "," ROW("r", "ptcp:6643:10.77.0.2", "60000", OWNER("ovndb/replicas")),
             ROOT),
     "[" UPDATE("r", REPLICAS, "60000") "]"},
    {"another probe",
     RESULTS(ROW("c", CLIENTS, "180000", OWNER("ovndb/clients")) "," OUR_REPLICAS, ROOT),
     "[" UPDATE("c", CLIENTS, "5000") "]"},
    {"no probe",
     RESULTS(ROW("c", CLIENTS, UNSET, OWNER("ovndb/clients")) "," OUR_REPLICAS, ROOT),
     "[" UPDATE("c", CLIENTS, "5000") "]"},
    {"the probe as a set of one",
     RESULTS(ROW("c", CLIENTS, "['set',[5000]]", OWNER("ovndb/clients")) "," OUR_REPLICAS,
             ROOT),
     NULL},
    {"among other external_ids",
     RESULTS(
         ROW("c", CLIENTS, "5000", "['a','b']," OWNER("ovndb/clients")) "," OUR_REPLICAS,
         ROOT),
     NULL},
    {"a user's row at the same target: ours is left out",
     RESULTS(ROW("u", CLIENTS, UNSET, "") "," OUR_REPLICAS, ROOT), NULL},
    {"a user's row at the same target: ours goes",
     RESULTS(
         ROW("u", CLIENTS, UNSET, "") "," ROW("c", "ptcp:6641:10.77.0.99", "5000",
                                              OWNER("ovndb/clients")) "," OUR_REPLICAS,
         ROOT),
     "[" UNLINK("c") "]"},
    {"a user's wildcard",
     RESULTS(ROW("u", "ptcp:6641", UNSET, "") "," OUR_REPLICAS, ROOT), NULL},
    {"a user's IPv6 wildcard",
     RESULTS(ROW("u", "ptcp:6641:[::]", UNSET, "") "," OUR_REPLICAS, ROOT), NULL},
    {"a user's row of the other protocol is none of ours",
     RESULTS(ROW("u", "pssl:6641:10.77.0.100", UNSET, "") "," OUR_REPLICAS, ROOT),
     "[" INSERT_CLIENTS "," LINK(NAMED("0")) "]"},
    {"a user's row at another address",
     RESULTS(ROW("u", "ptcp:6641:127.0.0.1", UNSET, "") "," OUR_REPLICAS, ROOT),
     "[" INSERT_CLIENTS "," LINK(NAMED("0")) "]"},
    {"a user's row at another port",
     RESULTS(ROW("u", "ptcp:16641:10.77.0.100", UNSET, "") "," OUR_REPLICAS, ROOT),
     "[" INSERT_CLIENTS "," LINK(NAMED("0")) "]"},
    {"another resource's row at another address is left as it is",
     RESULTS(OUR_CLIENTS "," OUR_REPLICAS "," ROW("o", "ptcp:6641:10.77.0.101", "5000",
                                                  OWNER("other/clients")),
             ROOT),
     NULL},
    {"another resource's row where ours would be",
     RESULTS(ROW("o", CLIENTS, "9", OWNER("other/clients")) "," OUR_REPLICAS, ROOT),
     NULL},
    {"a resource with a longer name",
     RESULTS(
         ROW("o", "ptcp:6641:10.77.0.101", "9", OWNER("ovndb/clients2")) "," OUR_REPLICAS,
         ROOT),
     "[" INSERT_CLIENTS "," LINK(NAMED("0")) "]"},
    {"two of ours: the one that is right stays",
     RESULTS(ROW("x", "ptcp:6641:10.77.0.9", "5000",
                 OWNER("ovndb/clients")) "," OUR_CLIENTS "," OUR_REPLICAS,
             ROOT),
     "[" UNLINK("x") "]"},
    {"two of ours and neither right: one stays",
     RESULTS(ROW("x", "ptcp:6641:10.77.0.8", "5000",
                 OWNER("ovndb/clients")) "," ROW("y", "ptcp:6641:10.77.0.9", "5000",
                                                 OWNER("ovndb/clients")) "," OUR_REPLICAS,
             ROOT),
     "[" UNLINK("y") "," UPDATE("x", CLIENTS, "5000") "]"},
    {"rows that lack columns belong to someone",
     RESULTS("{},{'target':7,'external_ids':'x'}," OUR_CLIENTS "," OUR_REPLICAS, ROOT),
     NULL},
};

static void assert_operations(json_t *operations, const char *expected)
{
    json_t *want = expected ? parse(expected) : NULL;

    if ((operations != NULL) != (want != NULL) ||
        (want && !json_equal(operations, want))) {
        char *text = operations ? json_dumps(operations, JSON_SORT_KEYS) : NULL;

        fail_msg("left to do: %s", text ? text : "nothing");
    }
    json_decref(want);
}

static void test_compare(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *results = parse(cases[i].results), *operations;
        struct ovnha_err err = {""};

        print_message("# %s\n", cases[i].title);
        assert_int_equal(ovnha_rows_compare(&ovnha_databases[0], wanted, OVNHA_ROWS_N,
                                            results, &operations, &err),
                         OVNHA_OK);
        assert_operations(operations, cases[i].operations);
        json_decref(operations);
        json_decref(results);
    }
}

/* No address to listen on: no row, and one from before goes. */
static void test_a_row_that_is_not_wanted(void **state)
{
    const struct ovnha_row_wanted none[] = {
        wanted[0], {.owner = "ovndb/replicas", .target = "", .probe_ms = 60000}};
    json_t *results = parse(RESULTS(OUR_CLIENTS "," OUR_REPLICAS, ROOT)), *operations;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(
        ovnha_rows_compare(&ovnha_databases[0], none, 2, results, &operations, &err),
        OVNHA_OK);
    assert_operations(operations, "[" UNLINK("r") "]");
    json_decref(operations);
    json_decref(results);
}

static void test_malformed_results(void **state)
{
    static const char *const texts[] = {
        "[]",
        "{}",
        "[{'rows':[]}]",
        "[{'rows':[]},{}]",
        "[{},{'rows':[]}]",
        "[{'rows':{}},{'rows':[]}]",
        "[{'error':'not allowed','details':'x'},null]",
        "[null,null]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *results = parse(texts[i]), *operations;
        struct ovnha_err err = {""};

        print_message("# %s\n", texts[i]);
        assert_int_equal(ovnha_rows_compare(&ovnha_databases[0], wanted, OVNHA_ROWS_N,
                                            results, &operations, &err),
                         OVNHA_ERR_PROTOCOL);
        assert_null(operations);
        assert_non_null(strstr(err.text, "OVN_Northbound"));
        json_decref(results);
    }
}

static void test_wanted(void **state)
{
    static struct ovnha_facts facts;
    struct ovnha_row_wanted rows[OVNHA_ROWS_N];

    (void)state;
    facts_text_init(&facts);
    ovnha_rows_wanted(&facts, 1, "ptcp:6644:10.77.0.1", rows);
    assert_string_equal(rows[0].owner, "ovndb/clients");
    assert_string_equal(rows[0].target, "ptcp:6642:10.77.0.100");
    assert_int_equal(rows[0].probe_ms, 5000);
    assert_string_equal(rows[1].owner, "ovndb/replicas");
    assert_string_equal(rows[1].target, "ptcp:6644:10.77.0.1");
    assert_int_equal(rows[1].probe_ms, 60000);
}

static void test_query(void **state)
{
    json_t *query = ovnha_rows_query(&ovnha_databases[1]);
    json_t *expected = parse(
        "[{'op':'select','table':'Connection','where':[],'columns':['_uuid',"
        "'target','inactivity_probe','other_config','external_ids']},{'op':'select',"
        "'table':'SB_Global','where':[],'columns':['_uuid','connections']}]");

    (void)state;
    assert_true(json_equal(query, expected));
    json_decref(query);
    json_decref(expected);
}

/* A remote whose DSCP changes loses its sessions: the replicas' must not. */
static void test_dscp(void **state)
{
    static const struct ovnha_row_wanted with_dscp = {
        .owner = "ovndb/replicas", .target = REPLICAS, .probe_ms = 60000, .dscp = "0"};
    json_t *expected = parse("[{'op':'update','table':'Connection','where':[['_uuid',"
                             "'==',['uuid','r']]],'row':{'target':'" REPLICAS
                             "','inactivity_probe':60000,'other_config':['map',"
                             "[['dscp','0']]]}}]");
    json_t *results = parse(RESULTS(OUR_REPLICAS, ROOT));
    json_t *other = json_object_get(json_array_get(results, 0), "rows");
    json_t *operations;

    (void)state;
    assert_int_equal(ovnha_rows_compare(&ovnha_databases[0], &with_dscp, 1, results,
                                        &operations, NULL),
                     OVNHA_OK);
    assert_true(json_equal(operations, expected));
    json_decref(operations);
    json_object_set_new(json_array_get(other, 0), "other_config",
                        parse("['map',[['dscp','0']]]"));
    assert_int_equal(ovnha_rows_compare(&ovnha_databases[0], &with_dscp, 1, results,
                                        &operations, NULL),
                     OVNHA_OK);
    assert_null(operations);
    json_decref(results);
    json_decref(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_a_row_that_is_not_wanted),
        cmocka_unit_test(test_malformed_results),
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_dscp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
