/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cluster.h"
#include "tests/unit/pacemaker_data.h"

static struct ovnha_cli_cluster cluster;

static void load_pair(const char *mon, const char *cib)
{
    struct ovnha_err err = {""};

    assert_int_equal(pacemaker_data(mon, cib, NULL, &cluster, &err), OVNHA_OK);
}

static void load(const char *state)
{
    load_pair(state, state);
}

static const struct ovnha_cli_node *node(const char *name)
{
    const struct ovnha_cli_node *found = ovnha_cli_cluster_node(&cluster, name);

    assert_non_null(found);
    return found;
}

static const struct ovnha_cli_resource *resource(const char *id)
{
    for (size_t i = 0; i < cluster.n_resources; i++) {
        if (strcmp(cluster.resource[i].id, id) == 0) {
            return &cluster.resource[i];
        }
    }
    fail_msg("no resource %s", id);
    return NULL;
}

static int unload(void **state)
{
    (void)state;
    ovnha_cli_cluster_free(&cluster);
    return 0;
}

static void test_all_in_order(void **state)
{
    (void)state;
    load("plain");
    assert_true(cluster.quorate);
    assert_false(cluster.maintenance_mode);
    assert_string_equal(cluster.version, "2.1.5-a3f44794f94");
    assert_true(node(cluster.dc)->is_dc);
    assert_int_equal(cluster.n_nodes, 3);
    assert_string_equal(ovnha_cli_cluster_promoted(&cluster)->name, "node3");
    assert_int_equal(node("node1")->role, OVNHA_CLI_UNPROMOTED);
    assert_string_equal(node("node3")->score, "100");
    assert_string_equal(node("node1")->score, "50");
    assert_true(node("node1")->managed);
    assert_int_equal(node("node1")->failcount, 0);
    assert_int_equal(cluster.n_failures, 0);
    assert_int_equal(cluster.n_bans, 0);
    assert_int_equal(cluster.n_locations, 0);
    assert_null(ovnha_cli_cluster_node(&cluster, "node4"));
}

static void test_the_resource(void **state)
{
    (void)state;
    load("plain");
    assert_string_equal(cluster.db->id, "ovndb");
    assert_string_equal(cluster.db->top, "ovndb-clone");
    assert_string_equal(cluster.db->top_kind, "clone");
    assert_string_equal(ovnha_cli_pairs_get(&cluster.db->params, "master_ip"),
                        "10.77.0.100");
    assert_string_equal(ovnha_cli_pairs_get(&cluster.db->top_meta, "notify"), "true");
    assert_null(ovnha_cli_pairs_get(&cluster.db->top_meta, "promoted-max"));
    assert_int_equal(cluster.db->n_on, 3);
    assert_int_equal(cluster.db->n_ops, 8);
    assert_string_equal(cluster.db->op[1].role, "Promoted");
    assert_int_equal(cluster.db->op[1].interval_ms, 2000);
    assert_int_equal(cluster.db->op[1].timeout_ms, 60000);
}

static void test_what_follows_the_role(void **state)
{
    (void)state;
    load("plain");
    const struct ovnha_cli_resource *vip = resource("vip");

    assert_true(vip->with_promoted);
    assert_int_equal(vip->n_on, 1);
    assert_string_equal(vip->on[0], "node3");
    assert_string_equal(vip->top, "");
    assert_int_equal(vip->op[0].timeout_ms, -1);
    assert_int_equal(cluster.n_colocations, 1);
    assert_string_equal(cluster.colocation[0].with_role, "Promoted");
    assert_int_equal(cluster.n_orders, 1);
    assert_string_equal(cluster.order[0].first_action, "promote");
    assert_string_equal(cluster.order[0].kind, "Mandatory");
}

static void test_properties(void **state)
{
    (void)state;
    load("plain");
    assert_string_equal(ovnha_cli_cluster_property(&cluster, "stonith-enabled", "true"),
                        "false");
    assert_string_equal(ovnha_cli_cluster_property(&cluster, "no-quorum-policy", "stop"),
                        "stop");
    /* Its quotes are entities in the file. */
    assert_non_null(strstr(ovnha_cli_cluster_property(&cluster, "ovnha-ovndb-record", ""),
                           "\"counter\":1"));
}

/* The same in both versions' words. */
static void check_busy(void)
{
    assert_string_equal(ovnha_cli_cluster_promoted(&cluster)->name, "node1");
    assert_true(cluster.db->managed);
    assert_int_equal(node("node2")->failcount, 1);
    assert_int_equal(node("node1")->failcount, 0);
    assert_non_null(strstr(node("node2")->last_failure, "2026"));
    assert_int_equal(cluster.n_failures, 1);
    assert_string_equal(cluster.failure[0].resource, "ovndb");
    assert_string_equal(cluster.failure[0].task, "asyncmon");
    assert_string_equal(cluster.failure[0].reason, "Simulated failure");
    assert_int_equal(cluster.n_bans, 2);
    assert_string_equal(cluster.ban[0].constraint, "location-ovndb-clone");
    assert_string_equal(cluster.ban[0].node, "node3");
    assert_true(cluster.ban[0].promoted_only);
    assert_true(cluster.ban[0].never);
    assert_string_equal(cluster.ban[1].constraint, "cli-ban-ovndb-clone-on-node2");
}

static void test_two_versions(void **state)
{
    (void)state;
    load("busy");
    check_busy();
    ovnha_cli_cluster_free(&cluster);
    load_pair("busy-3.0.0", "busy");
    check_busy();
    assert_string_equal(cluster.version, "3.0.0-3.0.0");
}

static void test_constraints(void **state)
{
    (void)state;
    load("busy");
    assert_int_equal(cluster.n_locations, 4);
    const struct ovnha_cli_location *move = &cluster.location[1];

    assert_string_equal(cluster.location[0].id, "cli-ban-ovndb-clone-on-node2");
    assert_string_equal(cluster.location[0].role, "Promoted");
    assert_string_equal(cluster.location[0].expires, "");
    assert_string_equal(move->id, "cli-prefer-ovndb-clone");
    assert_string_equal(move->node, "node1");
    assert_string_equal(move->role, "Promoted");
    assert_string_equal(move->score, "INFINITY");
    assert_string_equal(move->expires, "2026-11-21 16:58:40Z");
    assert_false(move->conditional);
    assert_string_equal(cluster.location[2].score, "50");
    assert_string_equal(cluster.location[2].role, "");
    assert_string_equal(cluster.location[3].rule, "location-ovndb-clone-rule");
    assert_string_equal(cluster.location[3].node, "node3");
}

static void test_nodes_that_are_away(void **state)
{
    (void)state;
    load("away");
    assert_true(node("node2")->standby);
    assert_int_equal(node("node2")->role, OVNHA_CLI_STOPPED);
    assert_string_equal(node("node2")->score, "-INFINITY");
    assert_true(node("node3")->maintenance);
    assert_int_equal(node("node3")->role, OVNHA_CLI_UNPROMOTED);
    assert_false(node("node3")->managed);
    assert_true(node("node1")->managed);
    assert_false(cluster.db->managed);
    ovnha_cli_cluster_free(&cluster);
    load("lost");
    assert_false(node("node3")->online);
    assert_int_equal(node("node3")->role, OVNHA_CLI_NOTHING);
    assert_string_equal(node("node3")->score, "");
    assert_true(cluster.quorate);
}

static void test_older_words(void **state)
{
    (void)state;
    load("words");
    assert_false(cluster.quorate);
    assert_string_equal(cluster.db->id, "db");
    assert_string_equal(cluster.db->top_kind, "master");
    assert_string_equal(ovnha_cli_cluster_promoted(&cluster)->name, "alpha");
    assert_true(node("alpha")->failed);
    assert_int_equal(node("alpha")->failcount, 1000000);
    assert_int_equal(node("beta")->role, OVNHA_CLI_UNPROMOTED);
    assert_string_equal(node("beta")->pending_op, "Promoting");
    assert_true(node("beta")->pending);
    assert_true(node("beta")->unclean);
    assert_true(node("beta")->blocked);
    assert_int_equal(node("gamma")->role, OVNHA_CLI_STOPPED);
    assert_false(node("gamma")->managed);
    assert_string_equal(cluster.failure[0].resource, "db2");
    assert_string_equal(ovnha_cli_cluster_property(&cluster, "no-quorum-policy", ""),
                        "freeze");
}

static void test_reasons_that_are_escaped_twice(void **state)
{
    static const char cib[] =
        "<cib><configuration><resources>"
        "<primitive id='a' class='ocf' provider='ovnha' type='ovndb-servers'/>"
        "</resources></configuration></cib>";
    static const char mon[] =
        "<x><failures><failure op_key='a_start_0' exitreason='master_ip: "
        "&amp;apos;vip&amp;apos; &amp;amp;lt; &amp;lt;&amp;quot;b&amp;quot;&amp;gt; "
        "&amp;c'/><failure op_key='a_stop_0' exitreason='once: &apos;&amp;&apos;'/>"
        "</failures></x>";
    struct ovnha_err err = {""};

    (void)state;
    assert_int_equal(ovnha_cli_cluster_parse(mon, cib, NULL, &cluster, &err), OVNHA_OK);
    assert_string_equal(cluster.failure[0].reason, "master_ip: 'vip' &lt; <\"b\"> &c");
    assert_string_equal(cluster.failure[1].reason, "once: '&'");
}

static void test_a_template(void **state)
{
    (void)state;
    load("words");
    assert_string_equal(ovnha_cli_pairs_get(&cluster.db->params, "manage_northd"), "yes");
    assert_string_equal(ovnha_cli_pairs_get(&cluster.db->params, "master_ip"),
                        "192.0.2.10");
    assert_string_equal(cluster.db->op[0].role, "Promoted");
    assert_int_equal(cluster.db->op[0].interval_ms, 60000);
    assert_int_equal(cluster.db->op[0].timeout_ms, 90000);
    assert_int_equal(cluster.db->op[1].interval_ms, 0);
    assert_int_equal(cluster.db->op[1].timeout_ms, -1);
}

/* The primitive's own, then those of its template that it has none for. */
static void test_operations_of_a_template(void **state)
{
    static const char cib[] =
        "<cib><configuration><resources>"
        "<template id='t' class='ocf' provider='ovnha' type='ovndb-servers'><operations>"
        "<op id='t1' name='monitor' interval='10s' role='Master'/>"
        "<op id='t2' name='monitor' interval='11s' role='Slave'/>"
        "<op id='t3' name='monitor' interval='12s'/>"
        "<op id='t4' name='start' interval='0' timeout='20s'/>"
        "<op id='t5' name='stop' interval='0' timeout='21s'/>"
        "</operations></template>"
        "<primitive id='a' template='t'><operations>"
        "<op id='a1' name='monitor' interval='30s' role='Started'/>"
        "<op id='a2' name='stop' interval='0' timeout='300s'/>"
        "</operations></primitive>"
        "</resources></configuration></cib>";
    static const char *const wanted[] = {"a1", "a2", "t1", "t4"};
    struct ovnha_err err = {""};

    (void)state;
    assert_int_equal(ovnha_cli_cluster_parse("<x/>", cib, NULL, &cluster, &err),
                     OVNHA_OK);
    assert_int_equal(cluster.db->n_ops, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < cluster.db->n_ops; i++) {
        assert_string_equal(cluster.db->op[i].id, wanted[i]);
    }
}

static void test_sets(void **state)
{
    (void)state;
    load("words");
    assert_true(resource("vip4")->with_promoted);
    assert_true(resource("vip6")->with_promoted);
    assert_false(resource("vip6")->managed);
    assert_true(resource("web")->with_promoted);
    assert_false(resource("db2")->with_promoted);
    assert_int_equal(cluster.n_colocations, 3);
    assert_true(cluster.colocation[0].from_set);
    assert_string_equal(cluster.order[0].first, "ms");
    assert_string_equal(cluster.order[0].then, "addresses");
    assert_string_equal(cluster.order[0].kind, "Optional");
    assert_int_equal(cluster.n_locations, 4);
    assert_true(cluster.location[0].conditional);
    assert_string_equal(cluster.location[0].node, "alpha");
    assert_true(cluster.location[1].conditional);
    assert_string_equal(cluster.location[1].node, "");
    assert_string_equal(cluster.location[3].resource, "web");
    assert_string_equal(cluster.location[3].node, "beta");
}

static void test_which_resource(void **state)
{
    struct ovnha_err err = {""};

    (void)state;
    assert_int_equal(pacemaker_data("plain", "plain", "ovndb-clone", &cluster, &err),
                     OVNHA_OK);
    ovnha_cli_cluster_free(&cluster);
    assert_int_equal(pacemaker_data("plain", "plain", "vip", &cluster, &err),
                     OVNHA_ERR_MISSING);
    assert_non_null(strstr(err.text, "'vip'"));
    ovnha_cli_cluster_free(&cluster);
    assert_int_equal(ovnha_cli_cluster_parse("<x/>", "<cib/>", NULL, &cluster, &err),
                     OVNHA_ERR_MISSING);
    ovnha_cli_cluster_free(&cluster);
    assert_int_equal(
        ovnha_cli_cluster_parse("no connection", "<cib/>", NULL, &cluster, &err),
        OVNHA_ERR_PROTOCOL);
}

static void test_two_of_ours(void **state)
{
    static const char cib[] =
        "<cib><configuration><resources>"
        "<primitive id='a' class='ocf' provider='ovnha' type='ovndb-servers'/>"
        "<primitive id='b' class='ocf' provider='ovnha' type='ovndb-servers'/>"
        "</resources></configuration></cib>";
    struct ovnha_err err = {""};

    (void)state;
    assert_int_equal(ovnha_cli_cluster_parse("<x/>", cib, NULL, &cluster, &err),
                     OVNHA_ERR_MISSING);
    assert_non_null(strstr(err.text, "--resource"));
    ovnha_cli_cluster_free(&cluster);
    assert_int_equal(ovnha_cli_cluster_parse("<x/>", cib, "b", &cluster, &err), OVNHA_OK);
    assert_string_equal(cluster.db->id, "b");
    assert_string_equal(cluster.dc, "");
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        long long msec;
    } cases[] = {
        {"10", 10000},
        {"10s", 10000},
        {"500ms", 500},
        {"2min", 120000},
        {"1h", 3600000},
        {"3 sec", 3000},
        {"PT1M30S", 90000},
        {"P1DT1H", 90000000},
        {"", -1},
        {"soon", -1},
        {"10x", -1},
        {"-5", -1},
        {"P", -1},
        {"P1M", -1},
        {"PT5", -1},
        {"0", 0},
        {"2000us", 2},
        {"999us", 0},
        /* The longest that can be said, and one more. */
        {"9223372036854775807ms", INT64_MAX},
        {"9223372036854775808ms", -1},
        {"9223372036854775s", 9223372036854775000},
        {"9223372036854776s", -1},
        {"2562047788016h", -1},
        {"99999999999999999999", -1},
        {"PT99999999999999999999S", -1},
        {"PT9223372036854775S", 9223372036854775000},
        {"PT9223372036854775S1S", -1},
        {"P106751991167D", 9223372036828800000},
        {"P106751991168D", -1},
        {"P106751991167DT8H", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("# %s\n", cases[i].text);
        assert_int_equal(ovnha_cli_msec(cases[i].text), cases[i].msec);
    }
    assert_true(ovnha_cli_is_true("Yes"));
    assert_false(ovnha_cli_is_true(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_all_in_order, unload),
        cmocka_unit_test_teardown(test_the_resource, unload),
        cmocka_unit_test_teardown(test_what_follows_the_role, unload),
        cmocka_unit_test_teardown(test_properties, unload),
        cmocka_unit_test_teardown(test_two_versions, unload),
        cmocka_unit_test_teardown(test_constraints, unload),
        cmocka_unit_test_teardown(test_nodes_that_are_away, unload),
        cmocka_unit_test_teardown(test_older_words, unload),
        cmocka_unit_test_teardown(test_reasons_that_are_escaped_twice, unload),
        cmocka_unit_test_teardown(test_a_template, unload),
        cmocka_unit_test_teardown(test_operations_of_a_template, unload),
        cmocka_unit_test_teardown(test_sets, unload),
        cmocka_unit_test_teardown(test_which_resource, unload),
        cmocka_unit_test_teardown(test_two_of_ours, unload),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
