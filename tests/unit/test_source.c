/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/source.h>

#include "say.h"

static struct ovnha_facts facts;

static int set_up(void **state)
{
    (void)state;
    facts_text_init(&facts);
    return 0;
}

/* A notification, then the cluster, then memory. */
static void test_the_freshest_word_counts(void **state)
{
    (void)state;
    assert_string_equal(ovnha_source_node(&facts), "");
    say(&facts, "memory: backup promoted=node3");
    assert_string_equal(ovnha_source_node(&facts), "node3");
    say(&facts, "cluster: managed promoted=node2");
    assert_string_equal(ovnha_source_node(&facts), "node2");
    say(&facts, "cluster: managed promoted=");
    assert_string_equal(ovnha_source_node(&facts), "");
    snprintf(facts.promoting, sizeof facts.promoting, "node4");
    assert_string_equal(ovnha_source_node(&facts), "node4");
}

static void test_addresses(void **state)
{
    (void)state;
    assert_string_equal(ovnha_source_addr(&facts, "node2"), "10.77.0.2");
    assert_null(ovnha_source_addr(&facts, "node"));
    assert_null(ovnha_source_addr(&facts, "node22"));
    assert_null(ovnha_source_addr(&facts, "NODE2"));
    assert_null(ovnha_source_addr(&facts, ""));
    say(&facts, "nodes: node2=");
    assert_null(ovnha_source_addr(&facts, "node2"));
}

static void assert_method(size_t i, const char *node, const char *expected)
{
    char method[OVNHA_METHOD_SIZE];

    ovnha_source_method(&facts, i, node, method);
    assert_string_equal(method, expected);
}

static void test_methods(void **state)
{
    (void)state;
    assert_method(0, "node2", "tcp:10.77.0.2:6643");
    assert_method(1, "node2", "tcp:10.77.0.2:6644");
    assert_method(0, "node1", "");
    assert_method(0, "elsewhere", "tcp:10.77.0.100:6641");
    say(&facts, "nodes: unknown");
    assert_method(1, "node2", "tcp:10.77.0.100:6642");
    assert_method(1, "node1", "");
    say(&facts, "settings: master_ip=fd77::100 protocol=ssl");
    assert_method(0, "node2", "ssl:[fd77::100]:6641");
    say(&facts, "nodes: node2=fd77::2");
    assert_method(0, "node2", "ssl:[fd77::2]:6643");
    say(&facts, "settings: master_ip=");
    assert_method(0, "elsewhere", "");
}

static void assert_replicas(const char *expected)
{
    char method[OVNHA_METHOD_SIZE];

    ovnha_source_replicas_listener(&facts, 0, method);
    assert_string_equal(method, expected);
}

static void test_replicas_listener(void **state)
{
    (void)state;
    assert_replicas("ptcp:6643:10.77.0.1");
    say(&facts, "nodes: unknown");
    assert_replicas("");
    say(&facts, "memory: active nb=ptcp:6643:10.77.0.9");
    assert_replicas("ptcp:6643:10.77.0.9");
    /* A backup's memory is of a source. */
    say(&facts, "memory: backup nb=tcp:10.77.0.2:6643");
    assert_replicas("");
    /* Asked for, and we are not in the list. */
    say(&facts, "memory: active nb=ptcp:6643:10.77.0.9");
    say(&facts, "nodes: node2=10.77.0.2");
    assert_replicas("");
    /* Its name does not resolve: what was opened stays. */
    say(&facts, "nodes: node1= node2=10.77.0.2");
    assert_replicas("ptcp:6643:10.77.0.9");
    say(&facts, "nodes: node1=fd77::1");
    assert_replicas("ptcp:6643:[fd77::1]");
}

/* That there is no corosync is an answer. */
static void test_doubt(void **state)
{
    (void)state;
    say(&facts, "settings: guard=yes");
    assert_false(ovnha_source_is_doubtful(&facts));
    say(&facts, "nodes: unknown");
    assert_false(ovnha_source_is_doubtful(&facts));
    assert_false(ovnha_source_listener_is_doubtful(&facts));
    say(&facts, "nodes: unreadable");
    assert_true(ovnha_source_is_doubtful(&facts));
    assert_true(ovnha_source_listener_is_doubtful(&facts));
    say(&facts, "memory: active nb=ptcp:6643:10.77.0.1");
    assert_true(ovnha_source_listener_is_doubtful(&facts));
    say(&facts, "memory: active nb=ptcp:6643:10.77.0.1 sb=ptcp:6644:10.77.0.1");
    assert_true(ovnha_source_is_doubtful(&facts));
    assert_false(ovnha_source_listener_is_doubtful(&facts));
    say(&facts, "memory: none unguarded");
    assert_false(ovnha_source_is_doubtful(&facts));
    say(&facts, "memory: none");
    say(&facts, "settings: guard=no");
    assert_false(ovnha_source_listener_is_doubtful(&facts));
}

static void assert_clients(const char *expected)
{
    char method[OVNHA_METHOD_SIZE];

    ovnha_source_clients_listener(&facts, 1, method);
    assert_string_equal(method, expected);
}

static void test_clients_listener(void **state)
{
    (void)state;
    assert_clients("ptcp:6642:10.77.0.100");
    say(&facts, "settings: listen_on_master_ip_only=no");
    assert_clients("ptcp:6642:0.0.0.0");
    say(&facts, "settings: master_ip=fd77::100 protocol=ssl");
    assert_clients("pssl:6642:[::]");
    say(&facts, "settings: listen_on_master_ip_only=yes");
    assert_clients("pssl:6642:[fd77::100]");
    say(&facts, "settings: master_ip=");
    assert_clients("");
    say(&facts, "settings: listen_on_master_ip_only=no");
    assert_clients("pssl:6642:0.0.0.0");
}

#define NB  "tcp:10.77.0.2:6643"
#define SB  "tcp:10.77.0.2:6644"
#define MEM "memory: backup promoted=node2 nb=" NB " sb=" SB

static void assert_followed(bool followed, bool in_order)
{
    assert_int_equal(ovnha_source_is_followed(&facts), followed);
    assert_int_equal(ovnha_source_in_order(&facts), in_order);
}

static void test_in_order(void **state)
{
    (void)state;
    say(&facts, "server nb: backup following=" NB);
    say(&facts, "server sb: backup following=" SB);
    say(&facts, MEM);
    assert_followed(true, true);
    say(&facts, MEM " probe=5000");
    assert_followed(true, false);
    say(&facts, "memory: backup nb=" NB " sb=" SB);
    assert_followed(false, false);
    say(&facts, MEM);
    say(&facts, "server sb: backup connecting=" SB);
    assert_followed(false, false);
    say(&facts, "server sb: backup following=" NB);
    assert_followed(false, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_freshest_word_counts, set_up),
        cmocka_unit_test_setup(test_addresses, set_up),
        cmocka_unit_test_setup(test_methods, set_up),
        cmocka_unit_test_setup(test_replicas_listener, set_up),
        cmocka_unit_test_setup(test_doubt, set_up),
        cmocka_unit_test_setup(test_clients_listener, set_up),
        cmocka_unit_test_setup(test_in_order, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
