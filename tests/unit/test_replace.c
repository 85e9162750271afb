/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/replace.h>

/* A small schema; rows as a server shows them, with ' for ". */

static const char schema_text[] =
    "{'name':'OVN_Northbound','tables':{"
    "'NB_Global':{'columns':{'external_ids':{},'connections':{}}},"
    "'Connection':{'columns':{'target':{},'external_ids':{},"
    "'is_connected':{'ephemeral':true}}},"
    "'Logical_Switch':{'columns':{'name':{},'ports':{}}}}}";

#define ROOT(KEYS, CONNECTIONS)                                                          \
    "{'rows':[{'_uuid':['uuid','r'],'external_ids':['map',[" KEYS "]],"                  \
    "'connections':" CONNECTIONS "}]}"
#define CONNECTION(UUID, TARGET, OWNER)                                                  \
    "{'_uuid':['uuid','" UUID "'],'target':'" TARGET "',"                                \
    "'external_ids':['map',[['ovnha-owner','" OWNER "']]]}"
#define SWITCH(UUID, NAME)                                                               \
    "{'_uuid':['uuid','" UUID "'],'name':'" NAME "','ports':['set',[]]}"
#define RESULTS(ROOT_ROWS, CONNECTIONS, SWITCHES)                                        \
    "[" ROOT_ROWS ",{'rows':[" CONNECTIONS "]},{'rows':[" SWITCHES "]}]"

static json_t *parse(const char *text)
{
    char *copy = strdup(text);
    json_t *json;

    assert_non_null(copy);
    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    json = json_loads(copy, JSON_DECODE_ANY, NULL);
    free(copy);
    assert_non_null(json);
    return json;
}

static void expect_json(json_t *got, const char *expected)
{
    json_t *wanted = parse(expected);

    if (!json_equal(got, wanted)) {
        char *text = json_dumps(got, 0);

        fail_msg("%s", text);
    }
    json_decref(wanted);
}

static void expect(const char *saved_text, const char *present_text, const char *expected)
{
    json_t *schema = parse(schema_text), *saved = parse(saved_text),
           *present = parse(present_text), *operations;
    struct ovnha_err err;

    assert_int_equal(ovnha_replace_operations(ovnha_database_find("nb"), "ovndb", schema,
                                              saved, present, &operations, &err),
                     OVNHA_OK);
    expect_json(operations, expected);
    json_decref(operations);
    json_decref(present);
    json_decref(saved);
    json_decref(schema);
}

static void everything_that_lasts_is_read(void **state)
{
    json_t *schema = parse(schema_text), *query = ovnha_replace_query(schema);

    (void)state;
    assert_int_equal(json_array_size(query), 3);
    expect_json(json_array_get(query, 1),
                "{'op':'select','table':'Connection','where':[],"
                "'columns':['_uuid','target','external_ids']}");
    json_decref(query);
    json_decref(schema);
}

static void rows_are_counted_by_table(void **state)
{
    json_t *schema = parse(schema_text),
           *results = parse(RESULTS(ROOT("", "['set',[]]"), "",
                                    SWITCH("1", "a") "," SWITCH("2", "b"))),
           *counts = ovnha_replace_count(schema, results);

    (void)state;
    expect_json(counts, "{'NB_Global':1,'Connection':0,'Logical_Switch':2}");
    json_decref(counts);
    json_decref(results);
    json_decref(schema);
}

static void what_is_the_same_is_left_alone(void **state)
{
    (void)state;
    expect(RESULTS(ROOT("['k','1']", "['set',[]]"), "", SWITCH("1", "a")),
           RESULTS(ROOT("['k','1']", "['set',[]]"), "", SWITCH("1", "a")), "[]");
}

static void rows_keep_their_uuids(void **state)
{
    (void)state;
    expect(RESULTS(ROOT("", "['set',[]]"), "", SWITCH("1", "a") "," SWITCH("2", "b")),
           RESULTS(ROOT("", "['set',[]]"), "", SWITCH("2", "other") "," SWITCH("3", "c")),
           "[{'op':'delete','table':'Logical_Switch',"
           "'where':[['_uuid','==',['uuid','3']]]},"
           "{'op':'insert','table':'Logical_Switch','uuid':'1',"
           "'row':{'name':'a','ports':['set',[]]}},"
           "{'op':'update','table':'Logical_Switch',"
           "'where':[['_uuid','==',['uuid','2']]],'row':{'name':'b'}}]");
}

/* The marker says which generation this is, and that is now's. */
static void our_keys_stay_as_they_are(void **state)
{
    (void)state;
    expect(RESULTS(ROOT("['a','saved'],['ovnha-ovndb-barrier','old'],"
                        "['ovnha-ovndb-generation','old'],['z','1']",
                        "['set',[]]"),
                   "", ""),
           RESULTS(ROOT("['a','now'],['ovnha-ovndb-generation','new'],['z','1']",
                        "['set',[]]"),
                   "", ""),
           "[{'op':'update','table':'NB_Global','where':[['_uuid','==',['uuid','r']]],"
           "'row':{'external_ids':['map',[['a','saved'],"
           "['ovnha-ovndb-generation','new'],['z','1']]]}}]");
}

static void the_users_connections_come_back_beside_ours(void **state)
{
    (void)state;
    expect(RESULTS(ROOT("", "['set',[['uuid','c1'],['uuid','c3']]]"),
                   CONNECTION("c1", "ptcp:1",
                              "ovndb/clients") "," CONNECTION("c3", "ptcp:3", "me"),
                   ""),
           RESULTS(ROOT("", "['uuid','c2']"), CONNECTION("c2", "ptcp:2", "ovndb/clients"),
                   ""),
           "[{'op':'update','table':'NB_Global','where':[['_uuid','==',['uuid','r']]],"
           "'row':{'connections':['set',[['uuid','c2'],['uuid','c3']]]}},"
           "{'op':'insert','table':'Connection','uuid':'c3','row':{'target':'ptcp:3',"
           "'external_ids':['map',[['ovnha-owner','me']]]}}]");
}

static void a_users_row_takes_the_place_of_ours(void **state)
{
    (void)state;
    expect(RESULTS(ROOT("", "['uuid','c3']"), CONNECTION("c3", "ptcp:2", "me"), ""),
           RESULTS(ROOT("", "['uuid','c2']"), CONNECTION("c2", "ptcp:2", "ovndb/clients"),
                   ""),
           "[{'op':'update','table':'NB_Global','where':[['_uuid','==',['uuid','r']]],"
           "'row':{'connections':['uuid','c3']}},"
           "{'op':'delete','table':'Connection','where':[['_uuid','==',['uuid','c2']]]},"
           "{'op':'insert','table':'Connection','uuid':'c3','row':{'target':'ptcp:2',"
           "'external_ids':['map',[['ovnha-owner','me']]]}}]");
}

static void a_copy_from_before_the_first_start_gets_our_root_row(void **state)
{
    (void)state;
    expect(RESULTS("{'rows':[]}", "", SWITCH("1", "a")),
           RESULTS(ROOT("['ovnha-ovndb-generation','g']", "['set',[]]"), "", ""),
           "[{'op':'insert','table':'Logical_Switch','uuid':'1',"
           "'row':{'name':'a','ports':['set',[]]}}]");
}

static void a_table_that_was_not_read_is_no_empty_one(void **state)
{
    json_t *schema = parse(schema_text), *saved = parse("[{'rows':[]},{'rows':[]}]"),
           *present = parse(RESULTS("{'rows':[]}", "", "")), *operations;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_replace_operations(ovnha_database_find("nb"), "ovndb", schema,
                                              saved, present, &operations, &err),
                     OVNHA_ERR_PROTOCOL);
    assert_null(operations);
    json_decref(present);
    json_decref(saved);
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_lasts_is_read),
        cmocka_unit_test(rows_are_counted_by_table),
        cmocka_unit_test(what_is_the_same_is_left_alone),
        cmocka_unit_test(rows_keep_their_uuids),
        cmocka_unit_test(our_keys_stay_as_they_are),
        cmocka_unit_test(the_users_connections_come_back_beside_ours),
        cmocka_unit_test(a_users_row_takes_the_place_of_ours),
        cmocka_unit_test(a_copy_from_before_the_first_start_gets_our_root_row),
        cmocka_unit_test(a_table_that_was_not_read_is_no_empty_one),
    };

    return cmocka_run_group_tests_name("replace", tests, NULL, NULL);
}
