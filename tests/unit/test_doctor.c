/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/doctor.h"
#include "tests/unit/pacemaker_data.h"

/* A configuration in, findings out.  Each case changes one thing in one that is good. */

#define OPS_END                                                                          \
    "<op name=\"start\" interval=\"0s\" timeout=\"60s\" id=\"ovndb-start-interval-0s\"/>"
#define META_END                                                                         \
    "<nvpair id=\"ovndb-clone-meta_attributes-promotable\" name=\"promotable\" value=\"true\"/>"
#define PARAM_END                                                                        \
    "<nvpair id=\"ovndb-instance_attributes-manage_northd\" name=\"manage_northd\" value=\"yes\"/>"
#define RESOURCES_END "</resources>"
#define CRM_CONFIG    "name=\"dc-deadtime\" value=\"2s\"/>"
#define META(NAME, VALUE)                                                                \
    META_END "<nvpair id=\"x\" name=\"" NAME "\" value=\"" VALUE "\"/>"
#define PARAM(NAME, VALUE)                                                               \
    PARAM_END "<nvpair id=\"x\" name=\"" NAME "\" value=\"" VALUE "\"/>"
#define PROPERTY(NAME, VALUE)                                                            \
    CRM_CONFIG "<nvpair id=\"x\" name=\"" NAME "\" value=\"" VALUE "\"/>"
#define COLOCATION                                                                       \
    "<rsc_colocation rsc=\"vip\" with-rsc=\"ovndb-clone\" score=\"INFINITY\" "           \
    "rsc-role=\"Started\" with-rsc-role=\"Promoted\" "                                   \
    "id=\"colocation-vip-ovndb-clone-INFINITY\"/>"
#define ORDER                                                                            \
    "<rsc_order first=\"ovndb-clone\" then=\"vip\" first-action=\"promote\" "            \
    "then-action=\"start\" id=\"order-ovndb-clone-vip-mandatory\"/>"
#define SECOND(TYPE, PARAMS)                                                             \
    "<primitive id=\"other\" class=\"ocf\" provider=\"ovn\" type=\"" TYPE "\">"          \
    "<instance_attributes id=\"o\">" PARAMS                                              \
    "</instance_attributes></primitive>" RESOURCES_END

static const struct configuration {
    const char *name, *from, *to;
    const char *expected; /* "SEVERITY CHECK; ..." */
    const char *pcs;      /* a part of the last finding's command; NULL: any */
    const char *crm;
} configurations[] = {
    {"a good one", "", "", "", NULL, NULL},
    {"fencing is off", "name=\"stonith-enabled\" value=\"true\"",
     "name=\"stonith-enabled\" value=\"false\"", "critical fencing; ",
     "stonith-enabled=true", "stonith-enabled=true"},
    {"fencing is off, as it is called now", CRM_CONFIG,
     PROPERTY("fencing-enabled", "false"), "critical fencing; ",
     "pcs property set fencing-enabled=true",
     "crm configure property fencing-enabled=true"},
    {"the name of now comes first", "name=\"stonith-enabled\" value=\"true\"",
     "name=\"stonith-enabled\" value=\"false\"/>"
     "<nvpair id=\"x\" name=\"fencing-enabled\" value=\"true\"",
     "", NULL, NULL},
    {"no device", "class=\"stonith\"", "class=\"lsb\"", "critical fencing; ",
     "pcs stonith create", "crm configure primitive"},
    {"quorum is ignored", CRM_CONFIG, PROPERTY("no-quorum-policy", "ignore"),
     "critical quorum-policy; ", "pcs property set no-quorum-policy=stop",
     "crm configure property no-quorum-policy=stop"},
    {"frozen", CRM_CONFIG, PROPERTY("no-quorum-policy", "freeze"),
     "warning quorum-policy; ", NULL, NULL},
    {"suicide is fine", CRM_CONFIG, PROPERTY("no-quorum-policy", "suicide"), "", NULL,
     NULL},
    {"maintenance", CRM_CONFIG, PROPERTY("maintenance-mode", "on"),
     "warning maintenance; ", "maintenance-mode=false", "maintenance-mode=false"},
    {"unmanaged", META_END, META("is-managed", "false"), "warning maintenance; ",
     "pcs resource manage ovndb-clone", "crm resource manage ovndb-clone"},
    {"not promotable", "name=\"promotable\" value=\"true\"",
     "name=\"promotable\" value=\"false\"", "critical promotable; ",
     "pcs resource meta ovndb-clone promotable=true",
     "crm resource meta ovndb-clone set promotable true"},
    {"notify is off", "name=\"notify\" value=\"true\"", "name=\"notify\" value=\"false\"",
     "warning notify; ", "pcs resource meta ovndb-clone notify=true",
     "crm resource meta ovndb-clone set notify true"},
    {"notify was never said", "name=\"notify\" value", "name=\"x\" value",
     "warning notify; ", NULL, NULL},
    {"two promoted", META_END, META("promoted-max", "2"), "critical instances; ",
     "promoted-max=1", "promoted-max 1"},
    {"two promoted, as it was called", META_END, META("master-max", "2"),
     "critical instances; ", "master-max=1", "master-max 1"},
    {"two on a node", META_END, META("clone-node-max", "2"), "critical instances; ", NULL,
     NULL},
    {"unique instances", META_END, META("globally-unique", "true"),
     "critical instances; ", NULL, NULL},
    {"nobody watches the active", "interval=\"2s\" timeout=\"60s\" role=\"Promoted\"",
     "interval=\"4s\" timeout=\"60s\" role=\"Unpromoted\"", "critical monitors; ",
     "pcs resource op add ovndb monitor interval=10s timeout=20s role=Promoted",
     "crm configure monitor ovndb:Promoted 10s:20s"},
    {"a monitor that is disabled", "interval=\"2s\" timeout=\"60s\" role=\"Promoted\"",
     "interval=\"2s\" timeout=\"60s\" role=\"Promoted\" enabled=\"false\"",
     "critical monitors; ", NULL, NULL},
    {"older words", "interval=\"2s\" timeout=\"60s\" role=\"Promoted\"",
     "interval=\"2s\" timeout=\"60s\" role=\"Master\"", "", NULL, NULL},
    {"nobody watches replicas", "interval=\"3s\" timeout=\"60s\" role=\"Unpromoted\"",
     "interval=\"3s\" timeout=\"60s\" role=\"Promoted\"", "warning monitors; ",
     "role=Unpromoted", "ovndb:Unpromoted"},
    {"one without a role is for replicas", "role=\"Unpromoted\"", "", "", NULL, NULL},
    {"the same interval", "interval=\"3s\"", "interval=\"2000ms\"",
     "critical monitor-intervals; ", "interval=7s timeout=20s role=Unpromoted",
     "interval=7s"},
    {"failures are ignored", "interval=\"2s\" timeout=\"60s\"",
     "interval=\"2s\" timeout=\"60s\" on-fail=\"ignore\"", "critical on-fail; ",
     "op monitor interval=2s on-fail=restart", "on-fail=ignore"},
    {"little time to start", OPS_END,
     "<op name=\"start\" interval=\"0s\" timeout=\"10s\" id=\"s\"/>",
     "warning timeouts; ", "pcs resource update ovndb op start timeout=20s",
     "crm configure set ovndb.start.timeout 20s"},
    {"little time to look", "interval=\"2s\" timeout=\"60s\"",
     "interval=\"2s\" timeout=\"5s\"", "warning timeouts; ",
     "op monitor interval=2s role=Promoted timeout=20s",
     "cibadmin -M -A \"//op[@id='ovndb-monitor-interval-2s']\""},
    {"little time to look, made by crmsh",
     "interval=\"2s\" timeout=\"60s\" role=\"Promoted\" id=\"ovndb-monitor-interval-2s\"",
     "interval=\"2s\" timeout=\"5s\" role=\"Promoted\" id=\"ovndb-monitor-2s\"",
     "warning timeouts; ", NULL, "crm configure set ovndb.monitor.2s.timeout 20s"},
    {"the default's time is enough", OPS_END, "", "", NULL, NULL},
    {"no address", "name=\"ip\" value=\"10.77.0.100\"",
     "name=\"ip\" value=\"10.77.0.99\"", "warning vip; ", "ip=10.77.0.100",
     "ip=10.77.0.100"},
    {"an address that is none", "name=\"master_ip\" value=\"10.77.0.100\"",
     "name=\"master_ip\" value=\"vip.example.com\"", "critical parameters; ", NULL, NULL},
    {"a load balancer", PARAM_END, PARAM("listen_on_master_ip_only", "no"), "", NULL,
     NULL},
    {"the address goes its own way", COLOCATION, "", "critical vip-colocation; ",
     "pcs constraint colocation add vip with Promoted ovndb-clone score=INFINITY",
     "inf: vip ovndb-clone:Promoted"},
    {"the address is with any copy", "with-rsc-role=\"Promoted\"", "",
     "critical vip-colocation; ", NULL, NULL},
    {"with a score", "score=\"INFINITY\"", "score=\"500\"",
     "warning vip-colocation-score; ", NULL, NULL},
    {"the address comes first", ORDER,
     "<rsc_order first=\"vip\" then=\"ovndb-clone\" first-action=\"start\" "
     "then-action=\"promote\" id=\"o1\"/>",
     "warning vip-order; ", "pcs constraint delete o1", "crm configure delete o1"},
    {"no order", ORDER, "", "", NULL, NULL},
    {"after the start", "first-action=\"promote\"", "first-action=\"start\"",
     "warning order-action; ", "pcs constraint delete order-ovndb-clone-vip-mandatory",
     NULL},
    {"a value that is none", PARAM_END, PARAM("nb_master_port", "66410"),
     "critical parameters; ", NULL, NULL},
    {"an impatient probe", PARAM_END, PARAM("inactive_probe_interval", "1000"),
     "warning probes; ", "inactive_probe_interval=60000",
     "set inactive_probe_interval 60000"},
    {"no probe", PARAM_END, PARAM("inactive_probe_interval", "0"), "warning probes; ",
     NULL, NULL},
    {"an impatient replica", PARAM_END,
     PARAM("inactive_probe_interval_to_master", "5000"), "warning probes; ", NULL, NULL},
    {"the stock agent beside ours", RESOURCES_END, SECOND("ovndb-servers", ""),
     "critical clashes; ", "pcs resource delete other", "crm configure delete other"},
    {"another type beside ours", RESOURCES_END, SECOND("Dummy", ""), "", NULL, NULL},
    {"its own directories, the same ports", RESOURCES_END,
     SECOND("ovndb-servers", "<nvpair name=\"ovn_rundir\" value=\"/r\"/>"
                             "<nvpair name=\"ovn_dbdir\" value=\"/d\"/>"),
     "critical clashes; ", "nb_replication_port", "nb_replication_port"},
    {"its own everything", RESOURCES_END,
     SECOND("ovndb-servers", "<nvpair name=\"ovn_rundir\" value=\"/r\"/>"
                             "<nvpair name=\"ovn_dbdir\" value=\"/d\"/>"
                             "<nvpair name=\"nb_replication_port\" value=\"7643\"/>"
                             "<nvpair name=\"sb_replication_port\" value=\"7644\"/>"),
     "", NULL, NULL},
    {"one port twice", PARAM_END, PARAM("nb_replication_port", "6642"),
     "critical parameters; ", NULL, NULL},
    {"a ban is left", "<constraints>",
     "<constraints><rsc_location id=\"cli-ban-ovndb-clone-on-node1\" rsc=\"ovndb-clone\" "
     "role=\"Promoted\" node=\"node1\" score=\"-INFINITY\"/>",
     "warning constraints; ", "pcs resource clear ovndb-clone",
     "crm resource clear ovndb-clone"},
    {"a switchover was cut off", "<constraints>",
     "<constraints><rsc_location id=\"ovnha-move-ovndb-clone\" rsc=\"ovndb-clone\" "
     "role=\"Promoted\"><rule id=\"ovnha-move-ovndb-clone-by-node1-7\" "
     "score=\"INFINITY\" boolean-op=\"and\"><expression id=\"e\" attribute=\"#uname\" "
     "operation=\"eq\" value=\"node2\"/><date_expression id=\"d\" operation=\"lt\" "
     "end=\"2026-11-21 16:58:40Z\"/></rule></rsc_location>",
     "warning cut-off-move; ", "pcs constraint delete ovnha-move-ovndb-clone",
     "crm configure delete ovnha-move-ovndb-clone"},
    {"a switchover of another resource's", "<constraints>",
     "<constraints><rsc_location id=\"ovnha-move-other\" rsc=\"other\" node=\"node1\" "
     "score=\"INFINITY\"/>",
     "", NULL, NULL},
    {"a constraint of somebody's own", "<constraints>",
     "<constraints><rsc_location id=\"mine\" rsc=\"ovndb-clone\" node=\"node1\" "
     "score=\"10\"/>",
     "", NULL, NULL},
    {"failures are never forgotten", META_END, META("migration-threshold", "3"),
     "warning migration-threshold; ", "failure-timeout=10min", "failure-timeout 10min"},
    {"failures are forgotten", META_END,
     META("migration-threshold",
          "3") "<nvpair id=\"y\" name=\"failure-timeout\" value=\"60s\"/>",
     "", NULL, NULL},
    {"sticky", META_END, META("resource-stickiness", "INFINITY"), "warning stickiness; ",
     "pcs resource meta ovndb-clone resource-stickiness=1",
     "crm resource meta ovndb-clone set resource-stickiness 1"},
};

static struct ovnha_cli_cluster cluster;
static struct ovnha_doctor_findings findings;
static char good[65536], changed[65536];

/* The first occurrence, which has to be there. */
static void replace(char *to, const char *text, const char *from, const char *with)
{
    const char *at = strstr(text, from);

    assert_non_null(at);
    snprintf(to, sizeof changed, "%.*s%s%s", (int)(at - text), text, with,
             at + strlen(from));
}

static void make_good(void)
{
    char *plain = pacemaker_text("plain", "cib");

    replace(changed, plain, "name=\"stonith-enabled\" value=\"false\"",
            "name=\"stonith-enabled\" value=\"true\"");
    replace(good, changed, RESOURCES_END,
            "<primitive id=\"fence\" class=\"stonith\" type=\"fence_x\"/>" RESOURCES_END);
    free(plain);
}

static void examine(const char *cib, const struct ovnha_doctor_host *host)
{
    struct ovnha_doctor_facts facts = {.cluster = &cluster};
    struct ovnha_err err = {""};

    assert_int_equal(
        ovnha_cli_cluster_parse("<pacemaker-result/>", cib, "ovndb", &cluster, &err),
        OVNHA_OK);
    if (host) {
        facts.host = *host;
    }
    ovnha_doctor_examine(&facts, &findings);
}

static void expect(const char *name, const char *expected)
{
    char text[1024] = "";

    for (size_t i = 0; i < findings.n; i++) {
        const size_t used = strlen(text);

        snprintf(text + used, sizeof text - used, "%s %s; ",
                 ovnha_doctor_severity_to_str(findings.finding[i].severity),
                 findings.finding[i].check);
        assert_true(findings.finding[i].meaning[0]);
        assert_true(findings.finding[i].pcs[0]);
        assert_true(findings.finding[i].crm[0]);
    }
    if (strcmp(text, expected) != 0) {
        fail_msg("%s: '%s', not '%s'", name, text, expected);
    }
}

static void has(const char *name, const char *text, const char *part)
{
    if (part && !strstr(text, part)) {
        fail_msg("%s: no '%s' in '%s'", name, part, text);
    }
}

static void test_configurations(void **state)
{
    (void)state;
    make_good();
    for (size_t i = 0; i < sizeof configurations / sizeof configurations[0]; i++) {
        const struct configuration *c = &configurations[i];

        replace(changed, good, c->from, c->to);
        examine(changed, NULL);
        expect(c->name, c->expected);
        if (findings.n > 0) {
            has(c->name, findings.finding[findings.n - 1].pcs, c->pcs);
            has(c->name, findings.finding[findings.n - 1].crm, c->crm);
        }
        ovnha_cli_cluster_free(&cluster);
    }
}

/* `timeout` of the watchdog, and no device. */
static void expect_of_watchdog(const char *name, const char *timeout,
                               const char *expected)
{
    char property[128];

    make_good();
    snprintf(property, sizeof property,
             CRM_CONFIG "<nvpair id=\"x\" name=\"%s\" value=\"%s\"/>", name, timeout);
    replace(changed, good, "class=\"stonith\"", "class=\"lsb\"");
    replace(good, changed, CRM_CONFIG, property);
    examine(good, NULL);
    expect(name, expected);
    ovnha_cli_cluster_free(&cluster);
}

static void test_a_watchdog_is_fencing(void **state)
{
    static const char *const names[] = {"fencing-watchdog-timeout",
                                        "stonith-watchdog-timeout"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        expect_of_watchdog(names[i], "10", "");
        expect_of_watchdog(names[i], "0", "critical fencing; ");
    }
}

/* A node of which all is well. */
static const struct ovnha_doctor_host well = {
    .looked = true,
    .node = "node1",
    .installed = "3.1.0",
    .running = "3.1.0",
    .clock_synced = OVNHA_YES,
    .token_ms = 1000,
    .ping_timeout_ms = 500,
    .n_nodes = 3,
    .two_node = OVNHA_NO,
    .wait_for_all = OVNHA_NO,
    .qdevice = OVNHA_NO,
    .database_bytes = 20000000,
    .free_bytes = 10000000000,
    .aside_free_bytes = 10000000000,
    .n_ports = 1,
    .port = {{.url = "tcp:10.0.0.1:6643", .replicas = true, .reached = true}},
};

static void expect_of(const char *name, const struct ovnha_doctor_host *host,
                      const char *expected)
{
    examine(good, host);
    expect(name, expected);
    ovnha_cli_cluster_free(&cluster);
}

static void test_this_node(void **state)
{
    struct ovnha_doctor_host host = well;

    (void)state;
    make_good();
    expect_of("all is well", &host, "");
    snprintf(host.host_trouble, sizeof host.host_trouble, "there is no /ovn-ctl");
    snprintf(host.unit_trouble, sizeof host.unit_trouble, "ovn-central is enabled");
    expect_of("files, units", &host, "critical files; critical units; ");
    host = well;
    snprintf(host.running, sizeof host.running, "2.17.0");
    host.clock_synced = OVNHA_NO;
    expect_of("versions, clock", &host, "warning server-version; warning clock; ");
    host = well;
    host.port[0].reached = false;
    expect_of("firewall", &host, "critical reachability; ");
    assert_non_null(strstr(findings.finding[0].pcs, "TCP port 6643"));
    host.port[0].replicas = false;
    expect_of("firewall, clients", &host, "warning reachability; ");
    host = well;
    host.token_ms = 100;
    expect_of("a hasty token", &host, "warning token; ");
    host.token_ms = 60000;
    expect_of("a slow token", &host, "warning token; ");
    host = well;
    host.token_ms = 300;
    host.ping_timeout_ms = 150;
    expect_of("a short token, and pings as short", &host, "warning links; ");
    host.ping_timeout_ms = 1000;
    expect_of("a short token, and pings of their own", &host, "");
    host.ping_timeout_ms = -1;
    expect_of("no knet", &host, "");
    host = well;
    host.aside_copies = 5;
    expect_of("some copies", &host, "");
    host.aside_copies = 6;
    expect_of("many copies", &host, "warning set-aside; ");
    host = well;
    host.northd_costly = true;
    expect_of("northd", &host, "warning northd-standby; ");
}

static void test_two_nodes(void **state)
{
    struct ovnha_doctor_host host = well;

    (void)state;
    make_good();
    host.n_nodes = 2;
    expect_of("two_node is not set", &host, "warning two-nodes; critical two-nodes; ");
    host.two_node = OVNHA_YES;
    expect_of("no wait_for_all", &host, "warning two-nodes; ");
    host.wait_for_all = OVNHA_YES;
    expect_of("as it should be", &host, "");
    host.two_node = host.wait_for_all = OVNHA_NO;
    host.qdevice = OVNHA_YES;
    expect_of("a quorum device", &host, "");
}

static void test_sizes(void **state)
{
    struct ovnha_doctor_host host = well;

    (void)state;
    make_good();
    host.database_bytes = 1000000000; /* 180 s on a busy node */
    expect_of("large databases", &host, "critical timeouts; critical timeouts; ");
    assert_non_null(strstr(findings.finding[0].pcs, "op start timeout=200s"));
    replace(changed, good, OPS_END, "");
    examine(changed, &host);
    assert_non_null(
        strstr(findings.finding[0].crm, "crm configure op_defaults timeout=200s"));
    ovnha_cli_cluster_free(&cluster);
    host.database_bytes = 200000000;
    expect_of("not so large ones", &host, "critical timeouts; ");
    assert_non_null(strstr(findings.finding[0].meaning, "promote is 50 s, and 56 s"));
    host = well;
    host.free_bytes = 100000000;
    host.aside_free_bytes = 100000000;
    expect_of("disks", &host, "critical disk; warning disk; ");
    host = well;
    host.free_bytes = host.aside_free_bytes = -1;
    expect_of("not known", &host, "");
}

#define NODE(NAME, HELPER, TIME, SERVER, NORTHD)                                         \
    "\"" NAME "\": {\"version\": \"" HELPER "\", \"time\": " TIME                        \
    ", \"databases\": [{\"version\": \"" SERVER                                          \
    "\"}, {}], \"northd\": {\"version\": \"" NORTHD "\"}}"
#define REPORT(NODES) "{\"format\": 1, \"nodes\": {" NODES "}}"

static const struct {
    const char *name, *report, *expected, *says;
} reports[] = {
    {"the same",
     REPORT(NODE("node1", "1", "1000", "3.1.0", "23.03.1") ", " NODE("node2", "1", "2200",
                                                                     "3.1.0", "23.03.1")),
     "", NULL},
    {"other servers",
     REPORT(NODE("node1", "1", "1000", "3.1.0", "23.03.1") ", " NODE("node2", "1", "1000",
                                                                     "3.3.0", "23.03.1")),
     "warning node-versions; ",
     "ovsdb-server is not the same everywhere: 3.1.0 on node1, 3.3.0 on node2"},
    {"everything differs",
     REPORT(NODE("node1", "1", "5000", "3.1.0", "23.03.1") ", " NODE("node2", "2", "1000",
                                                                     "3.3.0", "24.03.0")),
     "warning node-versions; warning node-versions; warning node-versions; "
     "warning clock-skew; ",
     "the clock of node2 is at least 2 s behind that of node1"},
    {"as much as the answers may be apart",
     REPORT(NODE("node1", "1", "1000", "3.1.0", "23.03.1") ", " NODE("node2", "1", "3199",
                                                                     "3.1.0", "23.03.1")),
     "", NULL},
    {"one that is older says less, one nothing",
     REPORT(NODE("node1", "1", "9000", "3.1.0", "23.03.1") ", \"node2\": {\"version\": "
                                                           "\"1\"}, \"node3\": null"),
     "", NULL},
    {"no northd on one",
     REPORT(NODE("node1", "1", "1", "3.1.0", "23.03.1") ", " NODE("node2", "1", "1",
                                                                  "3.1.0", "")),
     "", NULL},
    {"of a helper that knows nothing of the others", "{\"record\": \"\"}", "", NULL},
    {"no JSON", "what?", "", NULL},
};

static void test_nodes_together(void **state)
{
    (void)state;
    make_good();
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        struct ovnha_doctor_host host = well;

        ovnha_doctor_take_report(reports[i].report, &host.report);
        expect_of(reports[i].name, &host, reports[i].expected);
        if (findings.n > 0) {
            has(reports[i].name, findings.finding[findings.n - 1].meaning,
                reports[i].says);
        }
    }
}

static void test_names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < ovnha_n_checks; i++) {
        for (size_t j = i + 1; j < ovnha_n_checks; j++) {
            assert_string_not_equal(ovnha_checks[i].name, ovnha_checks[j].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configurations),
        cmocka_unit_test(test_a_watchdog_is_fencing),
        cmocka_unit_test(test_this_node),
        cmocka_unit_test(test_two_nodes),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_nodes_together),
        cmocka_unit_test(test_names_are_unique),
    };

    return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
