/* SPDX-License-Identifier: Apache-2.0 */
/* Which address is the virtual one: the same for status, doctor and switchover. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/database.h>

#include "cli/doctor.h"
#include "cli/outage.h"
#include "cli/overview.h"
#include "cli/vip.h"

#define PARAM(name, value) "<nvpair name='" name "' value='" value "'/>"
#define RESOURCE(id, type, ip)                                                           \
    "<primitive id='" id "' class='ocf' provider='heartbeat' type='" type                \
    "'><instance_attributes>" PARAM("ip", ip) "</instance_attributes></primitive>"
#define FOLLOWS(id)                                                                      \
    "<rsc_colocation id='with-" id "' rsc='" id "' with-rsc='ovndb-clone' "              \
    "with-rsc-role='Promoted' score='INFINITY'/>"
#define V4 PARAM("master_ip", "192.0.2.1")
#define V6 PARAM("master_ip", "[FD00:0::1]")

static const struct {
    const char *name, *params, *resources, *constraints;
    const char *vip;     /* the resource, or "" */
    const char *address; /* where clients connect, or "" */
    bool missed;         /* doctor says that nothing brings up master_ip */
} cases[] = {
    {"one that follows", V4, RESOURCE("a", "IPaddr2", "192.0.2.1"), FOLLOWS("a"), "a",
     "192.0.2.1", false},
    {"one that does not", V4, RESOURCE("a", "IPaddr2", "192.0.2.1"), "", "a", "192.0.2.1",
     false},
    {"master_ip's before another that follows", V4,
     RESOURCE("a", "IPaddr2", "192.0.2.9") RESOURCE("b", "IPaddr2", "192.0.2.1"),
     FOLLOWS("a"), "b", "192.0.2.1", false},
    {"another that follows", V4, RESOURCE("a", "IPaddr2", "192.0.2.9"), FOLLOWS("a"), "a",
     "192.0.2.1", true},
    {"an address of something else", V4, RESOURCE("a", "IPaddr2", "192.0.2.9"), "", "",
     "192.0.2.1", true},
    {"without master_ip", "", RESOURCE("a", "IPaddr2", "192.0.2.9"), FOLLOWS("a"), "a",
     "192.0.2.9", false},
    {"without any", "", "", "", "", "", false},
    {"a load balancer", V4, "", "", "", "192.0.2.1", true},
    {"what blocks its ports is not the address", V4,
     RESOURCE("a", "portblock", "192.0.2.1") RESOURCE("b", "IPaddr2", "192.0.2.1"),
     FOLLOWS("a") FOLLOWS("b"), "b", "192.0.2.1", false},
    {"a cloud's agent", V4, RESOURCE("a", "aws-vpc-move-ip", "192.0.2.1"), FOLLOWS("a"),
     "a", "192.0.2.1", false},
    {"written otherwise", V6, RESOURCE("a", "IPaddr2", "fd00::1"), FOLLOWS("a"), "a",
     "fd00::1", false},
};

static struct ovnha_cli_cluster cluster;

static void read_case(size_t i)
{
    static char cib[8192];
    struct ovnha_err err = {""};

    snprintf(cib, sizeof cib,
             "<cib><configuration><resources><clone id='ovndb-clone'><primitive "
             "id='ovndb' class='ocf' provider='ovnha' type='ovndb-servers'>"
             "<instance_attributes>%s</instance_attributes></primitive></clone>%s"
             "</resources><constraints>%s</constraints></configuration></cib>",
             cases[i].params, cases[i].resources, cases[i].constraints);
    if (ovnha_cli_cluster_parse("<pacemaker-result/>", cib, NULL, &cluster, &err) !=
        OVNHA_OK) {
        fail_msg("%s: %s", cases[i].name, err.text);
    }
}

static bool doctor_misses_it(void)
{
    static struct ovnha_doctor_findings findings;
    const struct ovnha_doctor_facts facts = {.cluster = &cluster};

    ovnha_doctor_examine(&facts, &findings);
    for (size_t i = 0; i < findings.n; i++) {
        if (strcmp(findings.finding[i].check, "vip") == 0) {
            return true;
        }
    }
    return false;
}

static void expect(const char *name, const char *what, const char *is,
                   const char *expected)
{
    if (strcmp(is, expected) != 0) {
        fail_msg("%s: %s is '%s', not '%s'", name, what, is, expected);
    }
}

static void test_which(void **state)
{
    struct ovnha_overview *overview = calloc(1, sizeof *overview);

    (void)state;
    assert_non_null(overview);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *name = cases[i].name;
        char method[300], expected[300] = "";

        read_case(i);
        memset(overview, 0, sizeof *overview);
        ovnha_overview_take_cluster(overview, &cluster);
        expect(name, "status's address", overview->vip, cases[i].vip);
        if (cases[i].address[0]) {
            snprintf(expected, sizeof expected,
                     strchr(cases[i].address, ':') ? "tcp:[%s]:6641" : "tcp:%s:6641",
                     cases[i].address);
        }
        if (!ovnha_cli_client_method(&cluster, ovnha_database_find("nb"), method)) {
            method[0] = '\0';
        }
        expect(name, "the place to write", method, expected);
        if (doctor_misses_it() != cases[i].missed) {
            fail_msg("%s: doctor %s", name, cases[i].missed ? "has it" : "misses it");
        }
        ovnha_cli_cluster_free(&cluster);
    }
    free(overview);
}

/* Several: of IPv4 and of IPv6. */
static void test_each(void **state)
{
    static const char cib[] =
        "<cib><configuration><resources><clone id='ovndb-clone'><primitive id='ovndb' "
        "class='ocf' provider='ovnha' type='ovndb-servers'><instance_attributes>" V4
        "</instance_attributes></primitive></clone>" RESOURCE(
            "v4", "IPaddr2", "192.0.2.1") RESOURCE("v6", "IPaddr2", "fd00::1")
            RESOURCE("web", "IPaddr2", "192.0.2.9") "</resources><constraints>" FOLLOWS(
                "v6") "</constraints></configuration></cib>";
    static const bool expected[] = {false, true, true, false};

    (void)state;
    assert_int_equal(
        ovnha_cli_cluster_parse("<pacemaker-result/>", cib, NULL, &cluster, NULL),
        OVNHA_OK);
    assert_int_equal(cluster.n_resources, 4);
    for (size_t i = 0; i < cluster.n_resources; i++) {
        assert_int_equal(ovnha_cli_is_vip(&cluster, &cluster.resource[i]), expected[i]);
    }
    ovnha_cli_cluster_free(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which),
        cmocka_unit_test(test_each),
    };

    return cmocka_run_group_tests_name("vip", tests, NULL, NULL);
}
