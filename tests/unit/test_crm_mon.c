/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/crm_mon.h"

/* Texts in the shape that pacemaker 2.1.5 and 3.0.0 print, with ' for ": cut down to
 * what the parser might mistake for something else.  3.0.0 has `maintenance` at
 * resources and clones where 2.1.5 has only `managed`. */

#define DOC(options, nodes, resources)                                                   \
    "<pacemaker-result api-version='2.25' request='crm_mon --output-as=xml'>"            \
    "<summary><nodes_configured number='2'/><cluster_options stonith-enabled='true' "    \
    "maintenance-mode='" options "' stop-all-resources='false'/></summary>"              \
    "<nodes>" nodes "</nodes><resources>" resources "</resources>"                       \
    "<node_attributes><node name='node1'><attribute name='master-ovndb' value='5'/>"     \
    "</node></node_attributes><node_history><node name='node1'><resource_history "       \
    "id='ovndb' orphan='false'/></node></node_history>"                                  \
    "<bans><ban id='b' resource='ovndb-clone' node='node1' weight='-1000000' "           \
    "promoted-only='true'/></bans><status code='0' message='OK'/></pacemaker-result>"

#define NODE(name, standby, maintenance)                                                 \
    "<node name='" name "' id='1' online='true' standby='" standby                       \
    "' standby_onfail='false' maintenance='" maintenance "' pending='false' "            \
    "unclean='false' is_dc='true' resources_running='1' type='member'/>"
#define NODES NODE("node1", "false", "false") NODE("node2", "false", "false")

#define ON(name) "<node name='" name "' id='1' cached='true'/>"
#define INSTANCE(id, role, more, nodes)                                                  \
    "<resource id='" id "' resource_agent='ocf:ovnha:ovndb-servers' role='" role         \
    "' active='true' orphaned='false' blocked='false' failed='false' "                   \
    "failure_ignored='false' nodes_running_on='1' " more ">" nodes "</resource>"
#define CLONE(more, instances)                                                           \
    "<clone id='ovndb-clone' multi_state='true' unique='false' failed='false' " more     \
    ">" instances "</clone>"
#define BUNDLE(more, resources)                                                          \
    "<bundle id='ovn-dbs' type='podman' image='x' unique='false' failed='false' " more   \
    "><replica id='0'>" resources "</replica></bundle>"

#define OLD      "managed='true'"
#define NEW      "maintenance='false' managed='true'"
#define OLD_OFF  "managed='false'"
#define NEW_OFF  "maintenance='false' managed='false'"
#define IN_MAINT "maintenance='true' managed='false'"

#define PROMOTED(more) INSTANCE("ovndb", "Promoted", more, ON("node1"))
#define OTHER(more)    INSTANCE("ovndb", "Unpromoted", more, ON("node2"))

static const struct {
    const char *title, *node, *xml;
    bool managed;
    const char *promoted;
} cases[] = {
    {"2.1.5", "node1", DOC("false", NODES, CLONE(OLD, PROMOTED(OLD) OTHER(OLD))), true,
     "node1"},
    {"3.0.0", "node2", DOC("false", NODES, CLONE(NEW, PROMOTED(NEW) OTHER(NEW))), true,
     "node1"},
    {"an older vocabulary", "node1",
     DOC("false", NODES,
         CLONE(OLD, INSTANCE("ovndb", "Slave", OLD, ON("node1"))
                        INSTANCE("ovndb", "Master", OLD, ON("node2")))),
     true, "node2"},
    {"nobody is promoted", "node1",
     DOC("false", NODES, CLONE(NEW, OTHER(NEW) INSTANCE("ovndb", "Stopped", NEW, ""))),
     true, ""},
    {"a promotion under way is none yet", "node1",
     DOC("false", NODES,
         CLONE(NEW,
               INSTANCE("ovndb", "Unpromoted", NEW " pending='Promoting'", ON("node1")))),
     true, ""},
    {"instances with numbers", "node1",
     DOC("false", NODES, CLONE(NEW, INSTANCE("ovndb:1", "Promoted", NEW, ON("node2")))),
     true, "node2"},
    {"another resource with a longer name", "node1",
     DOC("false", NODES,
         CLONE(NEW, PROMOTED(NEW)) INSTANCE("ovndb2", "Promoted", NEW_OFF, ON("node2"))),
     true, "node1"},
    {"clone unmanaged, 2.1.5", "node1",
     DOC("false", NODES, CLONE(OLD_OFF, PROMOTED(OLD_OFF))), false, "node1"},
    {"clone unmanaged, 3.0.0", "node1",
     DOC("false", NODES, CLONE(NEW_OFF, PROMOTED(NEW_OFF))), false, "node1"},
    {"clone unmanaged, no instance here", "node2",
     DOC("false", NODES, CLONE(NEW_OFF, PROMOTED(NEW_OFF))), false, "node1"},
    {"clone in maintenance, 3.0.0", "node1",
     DOC("false", NODES, CLONE(IN_MAINT, PROMOTED(IN_MAINT))), false, "node1"},
    {"maintenance-mode", "node1", DOC("true", NODES, CLONE(OLD, PROMOTED(OLD))), false,
     "node1"},
    {"this node in maintenance, 2.1.5", "node1",
     DOC("false", NODE("node1", "false", "true") NODE("node2", "false", "false"),
         CLONE(OLD, PROMOTED(OLD_OFF) OTHER(OLD))),
     false, "node1"},
    {"this node in maintenance, nothing runs on it", "node1",
     DOC("false", NODE("node1", "false", "true") NODE("node2", "false", "false"),
         CLONE(NEW, OTHER(NEW))),
     false, ""},
    {"the other node in maintenance", "node2",
     DOC("false", NODE("node1", "false", "true") NODE("node2", "false", "false"),
         CLONE(NEW, PROMOTED(IN_MAINT) OTHER(NEW))),
     true, "node1"},
    {"standby is managed", "node1",
     DOC("false", NODE("node1", "true", "false") NODE("node2", "false", "false"),
         CLONE(OLD, INSTANCE("ovndb", "Stopped", OLD, ""))),
     true, ""},
    {"in a bundle", "ovn-dbs-0",
     DOC("false", NODES,
         BUNDLE(NEW, INSTANCE("ovn-dbs-podman-0", "Started", NEW, ON("node1"))
                         INSTANCE("ovndb", "Promoted", NEW, ON("ovn-dbs-0")))),
     true, "ovn-dbs-0"},
    {"an unmanaged bundle", "ovn-dbs-0",
     DOC("false", NODES,
         BUNDLE(NEW_OFF, INSTANCE("ovndb", "Promoted", NEW, ON("ovn-dbs-0")))),
     false, "ovn-dbs-0"},
    {"in a cloned group", "node1",
     DOC("false", NODES,
         CLONE(NEW, "<group id='g:0' number_resources='1' managed='false' "
                    "disabled='false'>" PROMOTED(NEW) "</group>")),
     false, "node1"},
};

static enum ovnha_result parse(const char *text, const char *node,
                               struct ovnha_cluster_facts *cluster, struct ovnha_err *err)
{
    char xml[8192];

    snprintf(xml, sizeof xml, "%s", text);
    for (char *c = xml; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return ovnha_crm_mon_parse(xml, "ovndb", node, cluster, err);
}

static void test_what_the_cluster_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ovnha_cluster_facts cluster;
        struct ovnha_err err = {""};

        print_message("# %s\n", cases[i].title);
        assert_int_equal(parse(cases[i].xml, cases[i].node, &cluster, &err), OVNHA_OK);
        assert_true(cluster.asked);
        assert_int_equal(cluster.managed, cases[i].managed ? OVNHA_YES : OVNHA_NO);
        assert_int_equal(cluster.promoted_known, OVNHA_YES);
        assert_string_equal(cluster.promoted, cases[i].promoted);
    }
}

static void assert_unknown(const char *xml, enum ovnha_result result)
{
    struct ovnha_cluster_facts cluster;
    struct ovnha_err err = {""};

    assert_int_equal(parse(xml, "node1", &cluster, &err), result);
    assert_true(err.text[0]);
    assert_true(cluster.asked);
    assert_int_equal(cluster.managed, OVNHA_UNKNOWN);
    assert_int_equal(cluster.promoted_known, OVNHA_UNKNOWN);
    assert_string_equal(cluster.promoted, "");
}

static void test_a_resource_that_is_not_there(void **state)
{
    (void)state;
    assert_unknown(DOC("false", NODES, ""), OVNHA_ERR_REFUSED);
    assert_unknown(
        DOC("true", NODES, CLONE(NEW, INSTANCE("ovndb2", "Promoted", NEW, ON("node1")))),
        OVNHA_ERR_REFUSED);
    assert_unknown("<pacemaker-result/>", OVNHA_ERR_REFUSED);
}

static void test_what_is_no_xml(void **state)
{
    (void)state;
    assert_unknown("", OVNHA_ERR_PROTOCOL);
    assert_unknown("crm_mon: Connection to cluster failed", OVNHA_ERR_PROTOCOL);
    assert_unknown("<pacemaker-result><resources>", OVNHA_ERR_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_cluster_says),
        cmocka_unit_test(test_a_resource_that_is_not_there),
        cmocka_unit_test(test_what_is_no_xml),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
