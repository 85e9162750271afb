/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/salvage.h>

static const char schema[] =
    "{'name': 'OVN_Northbound', 'tables': {"
    " 'NB_Global': {'columns': {'nb_cfg': {}, 'external_ids': {}, 'connections': {}}},"
    " 'Connection': {'columns': {'target': {}}, 'indexes': [['target']]},"
    " 'Logical_Switch': {'columns': {'name': {}, 'ports': {}, 'acls': {}}},"
    " 'Logical_Switch_Port': {'columns': {'name': {}, 'up': {}, 'addresses': {}},"
    "                         'indexes': [['name']]},"
    " 'Child': {'columns': {'parent': {}, 'n': {}}, 'indexes': [['parent', 'n']]},"
    " 'ACL': {'columns': {'match': {}, 'priority': {}}}}}";

/* JSON with ' for ", to be read more easily. */
static json_t *parse(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    json_t *json;

    for (char *p = strchr(copy, '\''); p; p = strchr(p, '\'')) {
        *p = '"';
    }
    json = json_loads(copy, 0, &error);
    if (!json) {
        fail_msg("%s: %s", error.text, text);
    }
    free(copy);
    return json;
}

static json_t *compare(const char *saved_text, const char *now_text)
{
    json_t *layout = parse(schema), *saved = parse(saved_text), *now = parse(now_text);
    json_t *difference =
        ovnha_salvage_compare(ovnha_database_find("nb"), layout, saved, now);

    json_decref(layout);
    json_decref(saved);
    json_decref(now);
    return difference;
}

static void is_difference(const char *saved, const char *now, const char *wanted_text)
{
    json_t *difference = compare(saved, now), *wanted = parse(wanted_text);

    if (!json_equal(difference, wanted)) {
        fail_msg("%s", json_dumps(difference, 0));
    }
    json_decref(difference);
    json_decref(wanted);
}

#define NOTHING "{'rows': [], 'links': [], 'changed': []}"
#define SWITCH(uuid, name, ports)                                                        \
    "{'_uuid': ['uuid', '" uuid "'], '_version': ['uuid', 'v'], 'name': '" name "',"     \
    " 'ports': ['set', [" ports "]], 'acls': ['set', []]}"
#define PORT(uuid, name, up)                                                             \
    "{'_uuid': ['uuid', '" uuid "'], 'name': '" name "', 'up': " up "}"
#define ACL(uuid, match)                                                                 \
    "{'_uuid': ['uuid', '" uuid "'], 'match': '" match "', 'priority': 1}"

static void what_both_have_is_not_missing(void **state)
{
    (void)state;
    is_difference(
        "{'Logical_Switch': [" SWITCH("s1", "a", "") "]}",
        "{'Logical_Switch': [" SWITCH("s1", "a", "") "," SWITCH("s2", "b", "") "]}",
        NOTHING);
}

static void a_row_of_its_own_is_listed_without_defaults(void **state)
{
    (void)state;
    is_difference("{'Logical_Switch': [" SWITCH("s1", "a", "") "]}",
                  "{'Logical_Switch': []}",
                  "{'rows': [{'table': 'Logical_Switch', 'uuid': 's1',"
                  "           'row': {'name': 'a'}}], 'links': [], 'changed': []}");
}

static void a_row_made_again_is_the_same(void **state)
{
    (void)state;
    /* By its name, and with it the port that it points to, by its index. */
    is_difference("{'Logical_Switch': [" SWITCH(
                      "s1", "a", "['uuid', 'p1']") "],"
                                                   " 'Logical_Switch_Port': [" PORT(
                                                       "p1", "p", "true") "]}",
                  "{'Logical_Switch': [" SWITCH(
                      "s9", "a", "['uuid', 'p9']") "],"
                                                   " 'Logical_Switch_Port': [" PORT(
                                                       "p9", "p", "false") "]}",
                  NOTHING);
    /* By all columns. */
    is_difference("{'ACL': [" ACL("a1", "ip") "]}", "{'ACL': [" ACL("a9", "ip") "]}",
                  NOTHING);
}

static void of_a_row_only_what_was_set_is_listed(void **state)
{
    (void)state;
    is_difference("{'ACL': [{'_uuid': ['uuid', 'a1'], 'match': 'ip', 'priority': 0,"
                  " 'log': false, 'severity': '', 'label': 7}]}",
                  "{'ACL': []}",
                  "{'rows': [{'table': 'ACL', 'uuid': 'a1', 'row': {'match': 'ip',"
                  "           'label': 7}}], 'links': [], 'changed': []}");
}

/* By its index, or its name: whatever else it says now. */
static void a_row_made_again_otherwise_has_changed(void **state)
{
    (void)state;
    is_difference("{'Connection': [{'_uuid': ['uuid', 'c1'], 'target': 't', 'x': 5}]}",
                  "{'Connection': [{'_uuid': ['uuid', 'c9'], 'target': 't', 'x': 9}]}",
                  "{'rows': [], 'links': [], 'changed': [{'table': 'Connection',"
                  " 'uuid': 'c9', 'column': 'x', 'saved': 5, 'now': 9}]}");
    is_difference("{'Logical_Switch': [{'_uuid': ['uuid', 's1'], 'name': 'a', 'x': 5}]}",
                  "{'Logical_Switch': [{'_uuid': ['uuid', 's9'], 'name': 'a', 'x': 9}]}",
                  "{'rows': [], 'links': [], 'changed': [{'table': 'Logical_Switch',"
                  " 'uuid': 's9', 'column': 'x', 'saved': 5, 'now': 9}]}");
    /* No name is not the same name. */
    is_difference("{'Logical_Switch': [{'_uuid': ['uuid', 's1'], 'name': '', 'x': 5}]}",
                  "{'Logical_Switch': [{'_uuid': ['uuid', 's9'], 'name': '', 'x': 9}]}",
                  "{'rows': [{'table': 'Logical_Switch', 'uuid': 's1', 'row': {'x': 5}}],"
                  " 'links': [], 'changed': []}");
}

/* What a row points to may have been made again, too, and be found only later. */
static void a_row_is_known_by_what_it_points_to(void **state)
{
    (void)state;
    is_difference("{'Child': [{'_uuid': ['uuid', 'c1'], 'parent': ['uuid', 's1'],"
                  "            'n': 1}],"
                  " 'Logical_Switch': [" SWITCH("s1", "a", "") "]}",
                  "{'Child': [{'_uuid': ['uuid', 'c9'], 'parent': ['uuid', 's9'],"
                  "            'n': 1}],"
                  " 'Logical_Switch': [" SWITCH("s9", "a", "") "]}",
                  NOTHING);
    is_difference(
        "{'Logical_Switch': [" SWITCH(
            "s1", "a", "") "],"
                           " 'ACL': [{'_uuid': ['uuid', 'a1'], 'of': ['uuid', 's1']}]}",
        "{'Logical_Switch': [" SWITCH(
            "s9", "a", "") "],"
                           " 'ACL': [{'_uuid': ['uuid', 'a9'], 'of': ['uuid', 's9']}]}",
        NOTHING);
    is_difference(
        "{'Logical_Switch': [" SWITCH(
            "s1", "a", "") "],"
                           " 'ACL': [{'_uuid': ['uuid', 'a1'], 'of': ['uuid', 's1']}]}",
        "{'Logical_Switch': [" SWITCH("s9", "a", "") "], 'ACL': []}",
        "{'rows': [{'table': 'ACL', 'uuid': 'a1', 'row': {'of': ['uuid',"
        " 's9']}}], 'links': [], 'changed': []}");
}

/* What the saved copy has, too, was not made since. */
static void a_row_stands_for_one_only(void **state)
{
    (void)state;
    is_difference("{'ACL': [" ACL("a1", "ip") "," ACL("a2", "ip") "]}",
                  "{'ACL': [" ACL("a2", "ip") "]}",
                  "{'rows': [{'table': 'ACL', 'uuid': 'a1', 'row': {'match': 'ip',"
                  "           'priority': 1}}], 'links': [], 'changed': []}");
    is_difference("{'ACL': [" ACL("a1", "ip") "," ACL("a2", "ip") "]}",
                  "{'ACL': [" ACL("a9", "ip") "]}",
                  "{'rows': [{'table': 'ACL', 'uuid': 'a2', 'row': {'match': 'ip',"
                  "           'priority': 1}}], 'links': [], 'changed': []}");
}

static void a_present_row_points_to_a_missing_one(void **state)
{
    (void)state;
    is_difference(
        "{'Logical_Switch': [" SWITCH(
            "s1", "a", "['uuid', 'p1']") "],"
                                         " 'Logical_Switch_Port': [" PORT("p1", "p",
                                                                          "true") "]}",
        "{'Logical_Switch': [" SWITCH("s1", "a", "") "],"
                                                     " 'Logical_Switch_Port': []}",
        "{'rows': [{'table': 'Logical_Switch_Port', 'uuid': 'p1',"
        "           'row': {'name': 'p'}}],"
        " 'links': [{'table': 'Logical_Switch', 'uuid': 's1',"
        "            'column': 'ports', 'to': 'p1'}], 'changed': []}");
}

static void only_values_of_the_saved_one_count(void **state)
{
    static const char with[] =
        "{'Logical_Switch_Port': [{'_uuid': ['uuid', 'p1'], 'name': 'p',"
        " 'addresses': ['set', ['x', 'y']], 'up': true}]}";
    static const char without[] =
        "{'Logical_Switch_Port': [{'_uuid': ['uuid', 'p1'], 'name': 'p',"
        " 'addresses': 'x', 'up': false}]}";

    (void)state;
    is_difference(without, with, NOTHING);
    is_difference(with, without,
                  "{'rows': [], 'links': [], 'changed': [{'table':"
                  " 'Logical_Switch_Port', 'uuid': 'p1', 'column': 'addresses',"
                  " 'saved': ['set', ['x', 'y']], 'now': 'x'}]}");
}

/* Nor what a schema of another version does not know, or what was not set. */
static void what_cannot_be_missed_is_no_change(void **state)
{
    (void)state;
    is_difference("{'Logical_Switch': [{'_uuid': ['uuid', 's1'], 'name': 'a', 'x': 5}]}",
                  "{'Logical_Switch': [{'_uuid': ['uuid', 's1'], 'name': 'a'}]}",
                  NOTHING);
    is_difference(
        "{'Logical_Switch': [{'_uuid': ['uuid', 's1'], 'name': 'a', 'x': ''}]}",
        "{'Logical_Switch': [{'_uuid': ['uuid', 's1'], 'name': 'a', 'x': 'b'}]}",
        NOTHING);
    is_difference("{'NB_Global': [{'_uuid': ['uuid', 'g1'], 'name': 'x'}]}",
                  "{'NB_Global': [{'_uuid': ['uuid', 'g2'], 'name': 'y'}]}", NOTHING);
}

#define CONNECTION(target, owner)                                                        \
    "{'Connection': [{'_uuid': ['uuid', 'c1'], 'target': '" target "',"                  \
    " 'external_ids': ['map', [" owner "]]}]}"
#define OURS "['ovnha-owner', 'x/clients']"

static void rows_of_ours_may_change(void **state)
{
    (void)state;
    is_difference(CONNECTION("a", OURS), CONNECTION("b", OURS), NOTHING);
    is_difference(CONNECTION("a", ""), CONNECTION("b", OURS), NOTHING);
    is_difference(CONNECTION("a", OURS), CONNECTION("b", ""), NOTHING);
}

static void what_is_ours_is_left_out(void **state)
{
    static const char ours[] =
        "{'NB_Global': [{'_uuid': ['uuid', 'g'], 'nb_cfg': 7, 'external_ids': ['map',"
        " [['ovnha-x-generation', 'old']]], 'connections': ['uuid', 'c1']}],"
        " 'Connection': [{'_uuid': ['uuid', 'c1'], 'target': 'ptcp:1:10.0.0.1',"
        " 'external_ids': ['map', [['ovnha-owner', 'x/clients']]]}]}";
    static const char theirs[] =
        "{'NB_Global': [{'_uuid': ['uuid', 'g'], 'nb_cfg': 9, 'external_ids': ['map',"
        " [['ovnha-x-generation', 'new']]], 'connections': ['set', []]}],"
        " 'Connection': []}";

    (void)state;
    is_difference(ours, theirs, NOTHING);
}

static void changed_rows_are_counted_once(void **state)
{
    json_t *difference = parse("{'rows': [{}, {}], 'links': [{}], 'changed': ["
                               "{'uuid': 'a', 'column': 'x'}, {'uuid': 'a'},"
                               "{'uuid': 'b'}]}");

    (void)state;
    assert_int_equal(ovnha_salvage_count(difference), 4);
    json_decref(difference);
}

static void tables_of_daemons_are_asked_for(void **state)
{
    json_t *layout = parse("{'tables': {'Chassis': {}, 'Connection': {}, 'SSL': {}}}");
    json_t *some = ovnha_salvage_tables(ovnha_database_find("sb"), layout, false);
    json_t *all = ovnha_salvage_tables(ovnha_database_find("sb"), layout, true);
    json_t *nb = ovnha_salvage_tables(ovnha_database_find("nb"), layout, false);

    (void)state;
    assert_int_equal(json_array_size(some), 2);
    assert_int_equal(json_array_size(all), 3);
    assert_int_equal(json_array_size(nb), 3);
    json_decref(layout);
    json_decref(some);
    json_decref(all);
    json_decref(nb);
}

static void rows_that_hang_together_are_one_command(void **state)
{
    json_t *difference = compare(
        "{'Logical_Switch': [" SWITCH("s1", "it\\u0027s; rm", "['uuid', 'p1']") "," SWITCH(
            "s2", "b", "['uuid', 'p2']") "],"
                                         " 'Logical_Switch_Port': [" PORT(
                                             "p1", "p", "true") "," PORT("p2", "q",
                                                                         "true") "]}",
        "{'Logical_Switch': [" SWITCH("s2", "b", "") "], 'Logical_Switch_Port': []}");
    char *text = ovnha_salvage_commands(ovnha_database_find("nb"), difference);

    (void)state;
    assert_string_equal(
        text,
        "ovn-nbctl --no-leader-only \\\n"
        "    -- --id=@r0 create Logical_Switch 'name=\"it'\\''s; rm\"' 'ports=[@r1]'"
        " \\\n"
        "    -- --id=@r1 create Logical_Switch_Port 'name=\"p\"'\n"
        "ovn-nbctl --no-leader-only \\\n"
        "    -- --id=@r2 create Logical_Switch_Port 'name=\"q\"' \\\n"
        "    -- add Logical_Switch s2 ports @r2\n");
    free(text);
    json_decref(difference);
}

static void changes_are_remarks(void **state)
{
    json_t *difference =
        parse("{'rows': [], 'links': [], 'changed': [{'table': 'Logical_Switch', 'uuid':"
              " 's1', 'column': 'external_ids', 'saved': ['map', [['k', 'a b']]],"
              " 'now': ['map', []]}]}");
    char *text = ovnha_salvage_commands(ovnha_database_find("nb"), difference);

    (void)state;
    assert_string_equal(text, "# now 'external_ids={}':\n"
                              "# ovn-nbctl set Logical_Switch s1"
                              " 'external_ids={\"k\"=\"a b\"}'\n");
    free(text);
    json_decref(difference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_both_have_is_not_missing),
        cmocka_unit_test(a_row_of_its_own_is_listed_without_defaults),
        cmocka_unit_test(a_row_made_again_is_the_same),
        cmocka_unit_test(of_a_row_only_what_was_set_is_listed),
        cmocka_unit_test(a_row_made_again_otherwise_has_changed),
        cmocka_unit_test(a_row_is_known_by_what_it_points_to),
        cmocka_unit_test(a_row_stands_for_one_only),
        cmocka_unit_test(a_present_row_points_to_a_missing_one),
        cmocka_unit_test(only_values_of_the_saved_one_count),
        cmocka_unit_test(what_cannot_be_missed_is_no_change),
        cmocka_unit_test(rows_of_ours_may_change),
        cmocka_unit_test(what_is_ours_is_left_out),
        cmocka_unit_test(changed_rows_are_counted_once),
        cmocka_unit_test(tables_of_daemons_are_asked_for),
        cmocka_unit_test(rows_that_hang_together_are_one_command),
        cmocka_unit_test(changes_are_remarks),
    };

    return cmocka_run_group_tests_name("salvage", tests, NULL, NULL);
}
