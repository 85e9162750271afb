/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "agent/hands_off.h"

/* A CIB with one pair each where %s stands: of the cluster, of the nodes n1 and n2, of
 * two templates, of a clone, of its primitive, of another one, of all resources, and of
 * the nodes until they leave. */
static const char cib[] =
    "<cib><configuration>"
    "<crm_config><cluster_property_set id='o'>%s</cluster_property_set></crm_config>"
    "<nodes>"
    "<node id='1' uname='n1'>"
    "<instance_attributes id='n1-a'>%s</instance_attributes></node>"
    "<node id='2' uname='n2'>"
    "<instance_attributes id='n2-a'>%s</instance_attributes></node>"
    "</nodes><resources>"
    "<template id='t1'><meta_attributes id='t1-m'>%s</meta_attributes></template>"
    "<template id='t2'><meta_attributes id='t2-m'>%s</meta_attributes></template>"
    "<clone id='ovndb-clone'><meta_attributes id='c-m'>%s</meta_attributes>"
    "<primitive id='ovndb' template='t1'><meta_attributes id='p-m'>%s</meta_attributes>"
    "<instance_attributes id='p-i'><nvpair id='x' name='maintenance' value='true'/>"
    "</instance_attributes></primitive></clone>"
    "<primitive id='vip' template='t2'><meta_attributes id='v-m'>%s</meta_attributes>"
    "</primitive>"
    "</resources>"
    "<rsc_defaults><meta_attributes id='d'>%s</meta_attributes></rsc_defaults>"
    "</configuration><status>"
    "<node_state id='1' uname='n1'><transient_attributes id='1'>"
    "<instance_attributes id='s1'>%s</instance_attributes></transient_attributes>"
    "</node_state>"
    "<node_state id='2' uname='n2'><transient_attributes id='2'>"
    "<instance_attributes id='s2'>%s</instance_attributes></transient_attributes>"
    "</node_state></status></cib>";

enum place {
    CLUSTER,
    NODE,
    OTHER_NODE,
    TEMPLATE,
    OTHER_TEMPLATE,
    CLONE,
    PRIMITIVE,
    OTHER,
    DEFAULTS,
    UNTIL_IT_LEAVES,
    OTHER_UNTIL_IT_LEAVES,
    PLACES
};

static char pair[PLACES][128];

static int set_up(void **state)
{
    (void)state;
    memset(pair, 0, sizeof pair);
    return 0;
}

static void put(enum place place, const char *name, const char *value)
{
    snprintf(pair[place], sizeof pair[place], "<nvpair id='i' name='%s' value='%s'/>",
             name, value);
}

/* ovndb on n1. */
static bool is_managed(void)
{
    char *text, *path = ovnha_hands_off_path("ovndb", "n1");

    assert_true(asprintf(&text, cib, pair[CLUSTER], pair[NODE], pair[OTHER_NODE],
                         pair[TEMPLATE], pair[OTHER_TEMPLATE], pair[CLONE],
                         pair[PRIMITIVE], pair[OTHER], pair[DEFAULTS],
                         pair[UNTIL_IT_LEAVES], pair[OTHER_UNTIL_IT_LEAVES]) > 0);
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "cib", NULL, 0);
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found = xmlXPathEvalExpression((const xmlChar *)path, context);

    assert_non_null(found);
    const bool managed = !found->nodesetval || found->nodesetval->nodeNr == 0;

    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    free(text);
    free(path);
    return managed;
}

static void test_nothing_is_set(void **state)
{
    (void)state;
    assert_true(is_managed());
}

static void test_maintenance(void **state)
{
    static const enum place places[] = {NODE,      TEMPLATE, CLONE,
                                        PRIMITIVE, DEFAULTS, UNTIL_IT_LEAVES};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        set_up(state);
        put(places[i], "maintenance", "true");
        assert_false(is_managed());
        put(places[i], "maintenance", "false");
        assert_true(is_managed());
    }
    put(CLUSTER, "maintenance-mode", "true");
    assert_false(is_managed());
}

static void test_unmanaged(void **state)
{
    static const enum place places[] = {TEMPLATE, CLONE, PRIMITIVE, DEFAULTS};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        set_up(state);
        put(places[i], "is-managed", "false");
        assert_false(is_managed());
        put(places[i], "is-managed", "true");
        assert_true(is_managed());
    }
}

static void test_pacemakers_words(void **state)
{
    static const char *const on[] = {"true", "TRUE", "On", "yes", "Y", "1"};
    static const char *const off[] = {"false", "FALSE", "Off", "no", "N", "0"};

    (void)state;
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
        set_up(state);
        put(CLUSTER, "maintenance-mode", on[i]);
        assert_false(is_managed());
        put(CLUSTER, "maintenance-mode", off[i]);
        assert_true(is_managed());
        put(PRIMITIVE, "is-managed", off[i]);
        assert_false(is_managed());
    }
}

static void test_what_concerns_others(void **state)
{
    (void)state;
    put(OTHER_NODE, "maintenance", "true");
    assert_true(is_managed());
    put(OTHER_UNTIL_IT_LEAVES, "maintenance", "true");
    assert_true(is_managed());
    put(OTHER_TEMPLATE, "maintenance", "true");
    assert_true(is_managed());
    put(OTHER_TEMPLATE, "is-managed", "false");
    assert_true(is_managed());
    put(OTHER, "is-managed", "false");
    assert_true(is_managed());
    put(OTHER, "maintenance-mode", "true");
    assert_true(is_managed());
    put(CLUSTER, "stonith-enabled", "true");
    assert_true(is_managed());
    put(NODE, "standby", "true");
    assert_true(is_managed());
}

/* What is said of the resource itself comes first, then what its template says. */
static void test_defaults(void **state)
{
    static const enum place nearer[] = {PRIMITIVE, CLONE, TEMPLATE};

    for (size_t i = 0; i < sizeof nearer / sizeof nearer[0]; i++) {
        set_up(state);
        put(DEFAULTS, "is-managed", "false");
        put(nearer[i], "is-managed", "true");
        assert_true(is_managed());
        put(nearer[i], "target-role", "Started");
        assert_false(is_managed());
        set_up(state);
        put(DEFAULTS, "maintenance", "true");
        put(nearer[i], "maintenance", "false");
        assert_true(is_managed());
        put(nearer[i], "is-managed", "true");
        assert_false(is_managed());
    }
}

static void test_a_template_gives_way_to_its_primitive(void **state)
{
    (void)state;
    put(TEMPLATE, "maintenance", "true");
    put(PRIMITIVE, "maintenance", "false");
    assert_true(is_managed());
    put(PRIMITIVE, "is-managed", "true");
    assert_false(is_managed());
    put(TEMPLATE, "is-managed", "false");
    assert_true(is_managed());
}

/* As Pacemaker reads a node's attributes. */
static void test_what_holds_until_the_node_leaves_hides_the_rest(void **state)
{
    (void)state;
    put(NODE, "maintenance", "true");
    put(UNTIL_IT_LEAVES, "maintenance", "false");
    assert_true(is_managed());
    put(UNTIL_IT_LEAVES, "standby", "false");
    assert_false(is_managed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_is_set, set_up),
        cmocka_unit_test_setup(test_maintenance, set_up),
        cmocka_unit_test_setup(test_unmanaged, set_up),
        cmocka_unit_test_setup(test_pacemakers_words, set_up),
        cmocka_unit_test_setup(test_what_concerns_others, set_up),
        cmocka_unit_test_setup(test_defaults, set_up),
        cmocka_unit_test_setup(test_a_template_gives_way_to_its_primitive, set_up),
        cmocka_unit_test_setup(test_what_holds_until_the_node_leaves_hides_the_rest,
                               set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
