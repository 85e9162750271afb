/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corosync/cmap.h>

#include "agent/corosync.h"

/* A corosync of our own, in the place of libcmap: keys and values, and a key that cannot
 * be read. */

struct entry {
    char key[CMAP_KEYNAME_MAXLEN + 1];
    char value[OVNHA_NODE_SIZE + 1];
};

static struct entry map[256];
static size_t n_entries, at;
static const char *broken;
static cs_error_t why;
static unsigned times; /* ... it is */

cs_error_t cmap_initialize(cmap_handle_t *handle)
{
    *handle = 1;
    return CS_OK;
}

cs_error_t cmap_finalize(cmap_handle_t handle)
{
    (void)handle;
    return CS_OK;
}

cs_error_t cmap_iter_init(cmap_handle_t handle, const char *prefix,
                          cmap_iter_handle_t *iter)
{
    (void)handle;
    (void)prefix;
    *iter = 1;
    at = 0;
    return CS_OK;
}

cs_error_t cmap_iter_next(cmap_handle_t handle, cmap_iter_handle_t iter, char *key,
                          size_t *size, cmap_value_types_t *type)
{
    (void)handle;
    (void)iter;
    (void)size;
    (void)type;
    if (at == n_entries) {
        return CS_ERR_NO_SECTIONS;
    }
    strcpy(key, map[at++].key);
    return CS_OK;
}

cs_error_t cmap_iter_finalize(cmap_handle_t handle, cmap_iter_handle_t iter)
{
    (void)handle;
    (void)iter;
    return CS_OK;
}

cs_error_t cmap_get_string(cmap_handle_t handle, const char *key, char **value)
{
    (void)handle;
    if (broken && strcmp(key, broken) == 0 && times > 0) {
        times--;
        return why;
    }
    for (size_t i = 0; i < n_entries; i++) {
        if (strcmp(map[i].key, key) == 0) {
            *value = strdup(map[i].value);
            return CS_OK;
        }
    }
    return CS_ERR_NOT_EXIST;
}

static void add(unsigned index, const char *what, const char *value)
{
    struct entry *entry = &map[n_entries++];

    snprintf(entry->key, sizeof entry->key, "nodelist.node.%u.%s", index, what);
    snprintf(entry->value, sizeof entry->value, "%s", value);
}

static int set_up(void **state)
{
    (void)state;
    n_entries = 0;
    broken = NULL;
    add(0, "name", "node1");
    add(0, "nodeid", "1");
    add(0, "ring0_addr", "192.0.2.1");
    add(1, "ring0_addr", "192.0.2.2");
    add(2, "name", "node3");
    add(2, "ring0_addr", "2001:db8::3");
    return 0;
}

static struct ovnha_node node[OVNHA_NODES_MAX];
static size_t n;

static void assert_read(void)
{
    struct ovnha_err err = {""};

    if (ovnha_corosync_nodes(node, &n, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(n, 3);
    assert_string_equal(node[0].name, "node1");
    assert_string_equal(node[0].addr, "192.0.2.1");
    assert_string_equal(node[1].name, "192.0.2.2");
    assert_string_equal(node[2].name, "node3");
    assert_string_equal(node[2].addr, "2001:db8::3");
}

static void assert_fails(enum ovnha_result result, const char *words)
{
    struct ovnha_err err = {""};

    assert_int_equal(ovnha_corosync_nodes(node, &n, &err), result);
    assert_non_null(strstr(err.text, words));
}

static void fail_at(const char *key, cs_error_t error, unsigned so_often)
{
    broken = key;
    why = error;
    times = so_often;
}

static void test_nodes(void **state)
{
    (void)state;
    assert_read();
}

static void test_busy(void **state)
{
    (void)state;
    fail_at("nodelist.node.2.name", CS_ERR_TRY_AGAIN, 2);
    assert_read();
    fail_at("nodelist.node.0.ring0_addr", CS_ERR_TRY_AGAIN, 2);
    assert_read();
}

/* A node that is left out would make a majority of too few. */
static void test_all_or_none(void **state)
{
    (void)state;
    fail_at("nodelist.node.1.ring0_addr", CS_ERR_LIBRARY, 1);
    assert_fails(OVNHA_ERR_LOST, "cannot read corosync's node list");
    fail_at("nodelist.node.2.name", CS_ERR_NO_MEMORY, 1);
    assert_fails(OVNHA_ERR_LOST, "cannot read corosync's node list");
}

static void test_too_many(void **state)
{
    char text[32];

    (void)state;
    for (unsigned i = 3; i < OVNHA_NODES_MAX; i++) {
        snprintf(text, sizeof text, "192.0.2.%u", i + 1);
        add(i, "ring0_addr", text);
    }
    assert_int_equal(ovnha_corosync_nodes(node, &n, NULL), OVNHA_OK);
    assert_int_equal(n, OVNHA_NODES_MAX);
    add(OVNHA_NODES_MAX, "ring0_addr", "192.0.2.200");
    assert_fails(OVNHA_ERR_PROTOCOL, "more than 32 nodes");
}

static void test_none(void **state)
{
    (void)state;
    n_entries = 0;
    assert_fails(OVNHA_ERR_PROTOCOL, "is empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nodes, set_up),
        cmocka_unit_test_setup(test_busy, set_up),
        cmocka_unit_test_setup(test_all_or_none, set_up),
        cmocka_unit_test_setup(test_too_many, set_up),
        cmocka_unit_test_setup(test_none, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
