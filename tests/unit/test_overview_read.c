/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/overview.h"
#include "tests/unit/pacemaker_data.h"

static struct ovnha_overview *o;

static int set_up(void **state)
{
    (void)state;
    o = calloc(1, sizeof *o);
    return o ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(o);
    return 0;
}

static void take_cluster(const char *name)
{
    struct ovnha_cli_cluster cluster;
    struct ovnha_err err;

    assert_int_equal(pacemaker_data(name, name, NULL, &cluster, &err), OVNHA_OK);
    ovnha_overview_take_cluster(o, &cluster);
    ovnha_cli_cluster_free(&cluster);
}

#define RECORD                                                                           \
    "{\\\"format\\\":1,\\\"generation\\\":\\\"6a0d2ab2-7a3e-4c1f-9a5f-0d4b2d1f7c11\\\"," \
    "\\\"counter\\\":7,\\\"revision\\\":3,\\\"active\\\":\\\"node3\\\",\\\"in-sync\\\":" \
    "{\\\"node1\\\":\\\"\\\",\\\"node3\\\":\\\"\\\"},\\\"leaving\\\":{},\\\"attempt\\\"" \
    ":\\\"\\\",\\\"attempt-counter\\\":0,\\\"attempt-node\\\":\\\"\\\"}"

#define JUDGED                                                                           \
    "\"record\":\"" RECORD "\",\"candidacy\":\"may be promoted\",\"reason\":\"is in "    \
    "sync\",\"serving\":false,\"node\":\"node1\",\"awaited\":[\"node9\"],"               \
    "\"banned\":{\"node2\":\"ban-2\"},"                                                  \
    "\"nodes\":{\"node1\":true,\"node2\":true,\"node3\":true,\"node4\":false,"           \
    "\"node5\":true}"

#define DB(stream, more)                                                                 \
    "{\"name\":\"nb\",\"presence\":\"running\",\"answered\":true,\"state\":\"backup\","  \
    "\"bytes\":1000,\"sessions\":2,\"file\":{\"synced\":900,\"trouble\":\"\"},"          \
    "\"stream\":\"" stream "\"," more "\"link\":\"replicating\"}"

/* node1 asks: node2 says nothing, node4 has no helper, node5 an older one. */
static const char report[] =
    "{\"format\":1,\"version\":\"9.9\",\"resource\":\"ovndb\",\"judged\":{" JUDGED "},"
    "\"nodes\":{"
    "\"node1\":{\"version\":\"9.9\",\"copy\":\"backup\",\"serving\":false,\"databases\":[" DB(
        "s1",
        "\"read\":5000,") "],\"change\":{\"at\":5,\"why\":\"long ago\"}},"
                          "\"node2\":null,"
                          "\"node3\":{\"version\":\"9.8\",\"copy\":\"active\","
                          "\"serving\":true,\"northd\":{\"managed\":true,\"status\":"
                          "\"active\",\"costly\":false},\"databases\":[],\"replicas\":"
                          "[{\"node\":\"node1\",\"database\":\"nb\",\"stream\":\"s1\","
                          "\"sent\":5300,\"late-ms\":1500}],"
                          "\"change\":{\"at\":1795279714,\"why\":\"node1 was lost\"}}}}";

static void take_report(const char *text)
{
    struct ovnha_err err = {""};

    if (ovnha_overview_take_report(o, text, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    ovnha_overview_complete(o);
}

static const struct ovnha_overview_node *node(const char *name)
{
    const struct ovnha_overview_node *found = ovnha_overview_node(o, name);

    assert_non_null(found);
    return found;
}

static void test_Pacemaker(void **state)
{
    (void)state;
    take_cluster("plain");
    ovnha_overview_complete(o);
    assert_true(o->cluster_known && o->quorate && o->guarded && o->record_known);
    assert_string_equal(o->resource, "ovndb");
    assert_string_equal(o->top, "ovndb-clone");
    assert_string_equal(o->vip, "vip");
    assert_string_equal(o->vip_address, "10.77.0.100");
    assert_string_equal(o->vip_node, "node3");
    assert_int_equal(o->n_nodes, 3);
    assert_string_equal(ovnha_overview_promoted(o)->name, "node3");
    assert_string_equal(node("node3")->score, "100");
    assert_int_equal(node("node1")->role, OVNHA_CLI_UNPROMOTED);
    assert_true(node("node1")->in_sync && node("node2")->in_sync);
    assert_int_equal(node("node1")->heard, OVNHA_HEARD_NOTHING);
    assert_int_equal(o->wanted, -1);
}

static void test_what_Pacemaker_knows_of_trouble(void **state)
{
    (void)state;
    take_cluster("away");
    assert_true(node("node2")->standby);
    assert_true(node("node3")->maintenance);
    memset(o, 0, sizeof *o);
    take_cluster("lost");
    assert_false(node("node3")->online);
    memset(o, 0, sizeof *o);
    take_cluster("busy");
    assert_true(o->n_failures > 0);
    assert_string_equal(o->failure[0].resource, "ovndb");
}

static void test_one_that_is_joining_is_in_no_standby(void **state)
{
    struct ovnha_cli_cluster cluster;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(pacemaker_data("away", "away", NULL, &cluster, &err), OVNHA_OK);
    for (size_t i = 0; i < cluster.n_nodes; i++) {
        cluster.node[i].pending = cluster.node[i].standby;
    }
    ovnha_overview_take_cluster(o, &cluster);
    ovnha_cli_cluster_free(&cluster);
    assert_true(node("node2")->pending);
    assert_false(node("node2")->standby);
}

static void test_a_report(void **state)
{
    (void)state;
    take_report(report);
    assert_true(o->helper_known);
    assert_false(o->helper_older);
    assert_string_equal(o->self, "node1");
    assert_string_equal(o->reason, "is in sync");
    assert_int_equal(o->record.generation.counter, 7);
    assert_int_equal(o->n_awaited, 1);
    assert_int_equal(node("node1")->heard, OVNHA_HEARD_ALL);
    assert_int_equal(node("node2")->heard, OVNHA_HEARD_SILENT);
    assert_int_equal(node("node4")->heard, OVNHA_HEARD_ABSENT);
    assert_int_equal(node("node5")->heard, OVNHA_HEARD_OLDER);
    assert_true(node("node1")->in_sync && !node("node2")->in_sync);
    assert_string_equal(node("node2")->banned, "ban-2");
    assert_string_equal(node("node3")->northd, "active");
    assert_string_equal(node("node3")->version, "9.8");
}

/* What the active has sent, less what the replica says it has read. */
static void test_lag(void **state)
{
    const struct ovnha_overview_db *db;

    (void)state;
    take_report(report);
    assert_int_equal(node("node1")->n_dbs, 1);
    db = &node("node1")->db[0];
    assert_int_equal(db->lag_bytes, 300);
    assert_int_equal(db->lag_ms, 1500);
    assert_int_equal(db->bytes, 1000);
    assert_int_equal(db->synced_bytes, 900);
    assert_int_equal(db->pid, -1); /* it does not say */
}

/* Of another session the two numbers have nothing in common. */
static void test_lag_of_another_session_is_not_known(void **state)
{
    char *text = strdup(report), *stream = strstr(text, "\"s1\"");

    (void)state;
    stream[2] = '2';
    take_report(text);
    assert_int_equal(node("node1")->db[0].lag_bytes, -1);
    free(text);
}

static void test_the_last_change_is_of_the_active(void **state)
{
    (void)state;
    take_report(report);
    assert_string_equal(o->changed_to, "node3");
    assert_string_equal(o->changed_why, "node1 was lost");
    assert_int_equal(o->changed_at, 1795279714);
}

static void test_an_older_helper_judges(void **state)
{
    (void)state;
    take_report("{" JUDGED "}");
    assert_true(o->helper_known && o->helper_older);
    assert_int_equal(node("node2")->heard, OVNHA_HEARD_OLDER);
    assert_true(node("node1")->in_sync);
}

/* The helper's record is newer than what Pacemaker has; its nodes are the same. */
static void test_both(void **state)
{
    (void)state;
    take_cluster("plain");
    take_report(report);
    assert_int_equal(o->record.generation.counter, 7);
    assert_int_equal(o->n_nodes, 5);
    assert_true(node("node3")->in_cluster && node("node3")->serving);
    assert_false(node("node4")->in_cluster);
}

static void test_nonsense_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "{}", "[]", "no", "{\"judged\":{}}", "{\"judged\":{\"record\":\"{}\"}}"};
    struct ovnha_err err;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(ovnha_overview_take_report(o, texts[i], &err),
                         OVNHA_ERR_PROTOCOL);
        assert_false(o->helper_known);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_Pacemaker),
        TEST(test_what_Pacemaker_knows_of_trouble),
        TEST(test_one_that_is_joining_is_in_no_standby),
        TEST(test_a_report),
        TEST(test_lag),
        TEST(test_lag_of_another_session_is_not_known),
        TEST(test_the_last_change_is_of_the_active),
        TEST(test_an_older_helper_judges),
        TEST(test_both),
        TEST(test_nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
