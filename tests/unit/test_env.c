/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "agent/env.h"
#include "fake_env.h"

#define META(NAME) "OCF_RESKEY_CRM_meta_" NAME

#define ENV(...)                                                                         \
    (struct fake_variable[])                                                             \
    {                                                                                    \
        __VA_ARGS__,                                                                     \
        {                                                                                \
            NULL, NULL                                                                   \
        }                                                                                \
    }

static struct ovnha_invocation read_action(const char *action, struct fake_variable *env)
{
    char name[] = "ovndb-servers";
    char word[32];
    char *argv[] = {name, word, NULL};
    struct ovnha_invocation invocation;

    snprintf(word, sizeof word, "%s", action);
    ovnha_invocation_read(2, argv, fake_get, env, &invocation);
    invocation.action = action;
    return invocation;
}

static void test_nothing_said(void **state)
{
    char name[] = "ovndb-servers";
    char *argv[] = {name, NULL};
    struct ovnha_invocation in;
    struct utsname host;

    (void)state;
    assert_int_equal(uname(&host), 0);
    ovnha_invocation_read(1, argv, fake_get, ENV({"HOME", "/"}), &in);
    assert_string_equal(in.action, "");
    assert_string_equal(in.resource, "");
    assert_int_equal(in.timeout_ms, 20000);
    assert_int_equal(in.interval_ms, -1);
    assert_int_equal(in.expected, OVNHA_ROLE_UNKNOWN);
    assert_false(in.is_probe);
    assert_int_equal(in.check_level, 0);
    assert_string_equal(in.node, host.nodename);
    assert_string_equal(in.attribute_node, host.nodename);
    assert_string_equal(in.exit_reason_prefix, "");
    assert_false(in.debug);
    assert_int_equal(in.notify.type, OVNHA_NOTIFY_NONE);
    assert_string_equal(in.notify.operation, "");
    assert_int_equal(in.notify.promoted.n, 0);
    ovnha_invocation_clear(&in);
}

static void test_extra_arguments_are_ignored(void **state)
{
    char name[] = "ovndb-servers", action[] = "start", extra[] = "--now";
    char *argv[] = {name, action, extra, NULL};
    struct ovnha_invocation in;

    (void)state;
    ovnha_invocation_read(3, argv, fake_get, ENV({"HOME", "/"}), &in);
    assert_string_equal(in.action, "start");
    ovnha_invocation_clear(&in);
}

static void test_instance_number_is_cut(void **state)
{
    static const struct fake_variable cases[] = {
        {"ovn", "ovn"},     {"ovn:0", "ovn"}, {"ovn:12", "ovn"},
        {"ovn:x", "ovn:x"}, {"ovn:", "ovn:"}, {"a:1:2", "a:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ovnha_invocation in =
            read_action("start", ENV({"OCF_RESOURCE_INSTANCE", cases[i].name}));

        assert_string_equal(in.resource, cases[i].value);
    }
}

static void test_intervals(void **state)
{
    static const struct {
        const char *text;
        int ms;
    } cases[] = {
        {"20000", 20000},
        {"0", 0},
        {"20s", 20000},
        {"20S", 20000},
        {"500ms", 500},
        {"2m", 120000},
        {"2min", 120000},
        {"1h", 3600000},
        {"20sec", 20000},
        {"", -1},
        {"s", -1},
        {"-5", -1},
        {"+5", -1},
        {" 5", -1},
        {"5 s", -1},
        {"5parsec", -1},
        {"99999999999999999999", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ovnha_interval_parse(cases[i].text), cases[i].ms);
    }
}

static void test_timeout(void **state)
{
    (void)state;
    assert_int_equal(read_action("start", ENV({META("timeout"), "200000"})).timeout_ms,
                     200000);
    assert_int_equal(read_action("start", ENV({META("timeout"), "20s"})).timeout_ms,
                     20000);
    assert_int_equal(read_action("start", ENV({META("timeout"), "soon"})).timeout_ms,
                     20000);
    assert_int_equal(read_action("start", ENV({META("timeout"), "0"})).timeout_ms, 20000);
}

static void test_a_probe_is_a_monitor_with_interval_0(void **state)
{
    (void)state;
    assert_true(read_action("monitor", ENV({META("interval"), "0"})).is_probe);
    assert_false(read_action("monitor", ENV({META("interval"), "10000"})).is_probe);
    assert_true(read_action("monitor", ENV({"HOME", "/"})).is_probe);
    assert_false(read_action("start", ENV({META("interval"), "0"})).is_probe);
}

static void test_roles_of_both_vocabularies(void **state)
{
    (void)state;
    assert_int_equal(read_action("monitor", ENV({META("role"), "Master"})).expected,
                     OVNHA_ROLE_ACTIVE);
}

static void test_check_levels(void **state)
{
    static const struct {
        const char *text;
        int level;
    } cases[] = {{"0", 0},   {"5", 0},   {"10", 10}, {"15", 10},
                 {"20", 20}, {"99", 20}, {"x", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            read_action("monitor", ENV({"OCF_CHECK_LEVEL", cases[i].text})).check_level,
            cases[i].level);
    }
}

static void test_attributes_of_a_bundle_go_to_its_host(void **state)
{
    struct ovnha_invocation in;

    (void)state;
    in = read_action("start", ENV({META("on_node"), "ovn-bundle-0"},
                                  {META("physical_host"), "host1"}));
    assert_string_equal(in.node, "ovn-bundle-0");
    assert_string_equal(in.attribute_node, "ovn-bundle-0");
    in = read_action("start", ENV({META("on_node"), "ovn-bundle-0"},
                                  {META("physical_host"), "host1"},
                                  {META("container_attribute_target"), "host"}));
    assert_string_equal(in.node, "ovn-bundle-0");
    assert_string_equal(in.attribute_node, "host1");
    in = read_action("start", ENV({META("on_node"), "host2"},
                                  {META("container_attribute_target"), "host"}));
    assert_string_equal(in.attribute_node, "host2");
}

static void test_notification(void **state)
{
    struct ovnha_invocation in = read_action(
        "notify",
        ENV({META("notify_type"), "post"}, {META("notify_operation"), "promote"},
            {META("notify_promoted_uname"), " "},
            {META("notify_unpromoted_uname"), " node1  node11 node3 "},
            {META("notify_active_uname"), "a"}, {META("notify_inactive_uname"), "i"},
            {META("notify_promote_uname"), "node11"}, {META("notify_demote_uname"), "d"},
            {META("notify_start_uname"), "s1"}, {META("notify_stop_uname"), "s2"}));
    const struct ovnha_notification *notify = &in.notify;

    (void)state;
    assert_int_equal(notify->type, OVNHA_NOTIFY_POST);
    assert_string_equal(notify->operation, "promote");
    assert_int_equal(notify->promoted.n, 0);
    assert_int_equal(notify->unpromoted.n, 3);
    assert_string_equal(notify->unpromoted.name[2], "node3");
    assert_true(ovnha_names_contain(&notify->promote, "node11"));
    assert_false(ovnha_names_contain(&notify->promote, "node1"));
    assert_true(ovnha_names_contain(&notify->active, "a"));
    assert_true(ovnha_names_contain(&notify->inactive, "i"));
    assert_true(ovnha_names_contain(&notify->demote, "d"));
    assert_true(ovnha_names_contain(&notify->start, "s1"));
    assert_true(ovnha_names_contain(&notify->stop, "s2"));
    ovnha_invocation_clear(&in);
}

static void test_older_names_of_the_lists(void **state)
{
    struct ovnha_invocation in =
        read_action("notify", ENV({META("notify_master_uname"), "m"},
                                  {META("notify_slave_uname"), "s"}));

    (void)state;
    assert_true(ovnha_names_contain(&in.notify.promoted, "m"));
    assert_true(ovnha_names_contain(&in.notify.unpromoted, "s"));
    ovnha_invocation_clear(&in);

    in = read_action("notify", ENV({META("notify_promoted_uname"), "new"},
                                   {META("notify_master_uname"), "old"}));
    assert_int_equal(in.notify.promoted.n, 1);
    assert_true(ovnha_names_contain(&in.notify.promoted, "new"));
    ovnha_invocation_clear(&in);
}

static bool is_debug(const char *name, const char *value)
{
    struct ovnha_invocation in = read_action("monitor", ENV({name, value}));
    const bool debug = in.debug;

    ovnha_invocation_clear(&in);
    return debug;
}

static void test_debugging(void **state)
{
    (void)state;
    assert_true(is_debug("PCMK_debug", "yes"));
    assert_true(is_debug("PCMK_debug", "1"));
    assert_true(is_debug("PCMK_debug", "pacemaker-based,pacemaker-execd"));
    assert_true(is_debug("HA_debug", "1"));
    assert_false(is_debug("PCMK_debug", "no"));
    assert_false(is_debug("PCMK_debug", "pacemaker-based"));
    assert_false(is_debug("HA_debug", "0"));
    assert_false(is_debug("OCF_TRACE_RA", "0"));
}

static void test_where_logs_go(void **state)
{
    struct ovnha_invocation in = read_action(
        "monitor", ENV({"PCMK_logfacility", "local1"}, {"PCMK_logfile", "/l/p"}));

    (void)state;
    assert_string_equal(in.log_facility, "local1");
    assert_string_equal(in.log_file, "/l/p");
    ovnha_invocation_clear(&in);
    in = read_action("monitor", ENV({"PCMK_logfile", "/l/p"}, {"HA_LOGFILE", "/l/h"}));
    assert_string_equal(in.log_facility, "");
    assert_string_equal(in.log_file, "/l/h");
    ovnha_invocation_clear(&in);
}

static void test_tracing(void **state)
{
    struct ovnha_invocation in = read_action("monitor", ENV({"OCF_TRACE_RA", "1"}));

    (void)state;
    assert_true(in.traced);
    assert_true(in.debug);
    assert_string_equal(in.trace_file, "");
    assert_string_equal(in.trace_dir, "/var/lib/heartbeat/trace_ra");
    ovnha_invocation_clear(&in);
    in = read_action("monitor",
                     ENV({"OCF_RESKEY_trace_ra", "true"}, {"OCF_RESKEY_trace_dir", "/t"},
                         {"OCF_RESKEY_trace_file", "/t/f"}));
    assert_true(in.traced);
    assert_string_equal(in.trace_file, "/t/f");
    assert_string_equal(in.trace_dir, "/t");
    ovnha_invocation_clear(&in);
}

static void test_the_real_environment(void **state)
{
    (void)state;
    setenv("OCF_RESKEY_master_ip", "192.0.2.1", 1);
    assert_string_equal(ovnha_env_parameter("master_ip", NULL), "192.0.2.1");
    assert_string_equal(ovnha_env_variable("OCF_RESKEY_master_ip", NULL), "192.0.2.1");
    unsetenv("OCF_RESKEY_master_ip");
    assert_null(ovnha_env_parameter("master_ip", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said),
        cmocka_unit_test(test_extra_arguments_are_ignored),
        cmocka_unit_test(test_instance_number_is_cut),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_a_probe_is_a_monitor_with_interval_0),
        cmocka_unit_test(test_roles_of_both_vocabularies),
        cmocka_unit_test(test_check_levels),
        cmocka_unit_test(test_attributes_of_a_bundle_go_to_its_host),
        cmocka_unit_test(test_notification),
        cmocka_unit_test(test_older_names_of_the_lists),
        cmocka_unit_test(test_debugging),
        cmocka_unit_test(test_where_logs_go),
        cmocka_unit_test(test_tracing),
        cmocka_unit_test(test_the_real_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
