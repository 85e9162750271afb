/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "agent/bans.h"

#define CIB(CONSTRAINTS)                                                                 \
    "<cib><configuration><resources>"                                                    \
    "<clone id='ovndb-clone'><primitive id='ovndb'/></clone><primitive id='vip'/>"       \
    "</resources><constraints>" CONSTRAINTS "</constraints></configuration></cib>"

/* As libcib answers: what was found, under one element. */
static void expect(const char *cib, const char *expected)
{
    xmlDoc *doc = xmlReadMemory(cib, (int)strlen(cib), "cib", NULL, 0);
    xmlXPathContext *context = xmlXPathNewContext(doc);
    char *path = ovnha_bans_path("ovndb");
    xmlXPathObject *found = xmlXPathEvalExpression((const xmlChar *)path, context);
    xmlNode *answer = xmlNewNode(NULL, BAD_CAST "xpath-query");

    assert_non_null(found);
    for (int i = 0; found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        xmlAddChild(answer, xmlCopyNode(found->nodesetval->nodeTab[i], 1));
    }
    json_t *bans = ovnha_bans_read(answer);
    char *text = json_dumps(bans, JSON_COMPACT | JSON_SORT_KEYS);

    assert_string_equal(text, expected);
    free(text);
    json_decref(bans);
    xmlFreeNode(answer);
    xmlXPathFreeObject(found);
    free(path);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
}

static void test_none(void **state)
{
    json_t *bans = ovnha_bans_read(NULL);

    (void)state;
    assert_int_equal(json_object_size(bans), 0);
    json_decref(bans);
    expect(CIB(""), "{}");
}

static void test_as_commands_leave_them(void **state)
{
    (void)state;
    expect(CIB("<rsc_location id='cli-ban-1' rsc='ovndb-clone' role='Promoted' "
               "node='n1' score='-INFINITY'/>"
               "<rsc_location id='cli-ban-2' rsc='ovndb' role='Master' node='n2' "
               "score='-INFINITY'/>"
               "<rsc_location id='away' rsc='ovndb-clone' node='n3' score='-INFINITY'/>"),
           "{\"n1\":\"cli-ban-1\",\"n2\":\"cli-ban-2\",\"n3\":\"away\"}");
    expect(CIB("<rsc_location id='cli-ban-1' rsc='ovndb-clone' role='Started' "
               "node='n1' score='-INFINITY'/>"),
           "{\"n1\":\"cli-ban-1\"}");
}

static void test_rules(void **state)
{
    (void)state;
    expect(CIB("<rsc_location id='r' rsc='ovndb-clone'>"
               "<rule id='r1' role='Promoted' score='-INFINITY'>"
               "<expression id='e' attribute='#uname' operation='eq' value='n1'/>"
               "</rule></rsc_location>"
               "<rsc_location id='s' rsc='ovndb-clone'>"
               "<rule id='s1' role='Promoted' score='-INFINITY'>"
               "<expression id='f' attribute='site' operation='eq' value='b'/>"
               "</rule></rsc_location>"
               "<rsc_location id='t' rsc='ovndb-clone'>"
               "<rule id='t1' score='-INFINITY'>"
               "<expression id='g' attribute='#uname' operation='eq' value='n2'/>"
               "</rule></rsc_location>"),
           "{\"n1\":\"r\",\"n2\":\"t\"}");
    /* As somebody indents it; with a preference beside the ban. */
    expect(CIB("<rsc_location id='r' rsc='ovndb-clone'>\n"
               "<rule id='r1' role='Promoted' score='-INFINITY'>\n"
               "<expression id='e' attribute='#uname' operation='eq' value='n1'/>"
               "</rule><rule id='r2' role='Promoted' score='50'>"
               "<expression id='f' attribute='#uname' operation='eq' value='n2'/>"
               "</rule><rule id='r3' role='Unpromoted' score='-INFINITY'>"
               "<expression id='g' attribute='#uname' operation='eq' value='n3'/>"
               "</rule></rsc_location>"),
           "{\"n1\":\"r\"}");
}

static void test_what_bars_nobody(void **state)
{
    (void)state;
    expect(CIB("<rsc_location id='a' rsc='vip' node='n1' score='-INFINITY'/>"
               "<rsc_location id='b' rsc='ovndb-clone' node='n1' score='-100'/>"
               "<rsc_location id='c' rsc='ovndb-clone' role='Unpromoted' node='n1' "
               "score='-INFINITY'/>"
               "<rsc_location id='d' rsc='ovndb-clone'>"
               "<rule id='d1' role='Unpromoted' score='-INFINITY'>"
               "<expression id='e' attribute='#uname' operation='eq' value='n1'/>"
               "</rule></rsc_location>"
               "<rsc_location id='f' rsc='ovndb-clone'>"
               "<rule id='f1' role='Promoted' score='-INFINITY'>"
               "<expression id='g' attribute='#uname' operation='ne' value='n1'/>"
               "</rule></rsc_location>"),
           "{}");
}

/* A single one comes by itself. */
static void test_one_alone(void **state)
{
    static const char text[] = "<rsc_location id='a' node='n1' score='-INFINITY'/>";
    xmlDoc *doc = xmlReadMemory(text, sizeof text - 1, "one", NULL, 0);
    json_t *bans = ovnha_bans_read(xmlDocGetRootElement(doc));

    (void)state;
    assert_string_equal(json_string_value(json_object_get(bans, "n1")), "a");
    json_decref(bans);
    xmlFreeDoc(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),      cmocka_unit_test(test_as_commands_leave_them),
        cmocka_unit_test(test_rules),     cmocka_unit_test(test_what_bars_nobody),
        cmocka_unit_test(test_one_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
