/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/corosync.h>
#include <ovnha/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corosync/cmap.h>

/* Keys are nodelist.node.INDEX.{name,ring0_addr} (corosync.conf(5), cmap_keys(7)). */
static bool get_text(cmap_handle_t cmap, unsigned index, const char *what, char *text,
                     size_t size)
{
    char key[CMAP_KEYNAME_MAXLEN + 1];
    char *value = NULL;

    snprintf(key, sizeof key, "nodelist.node.%u.%s", index, what);
    if (cmap_get_string(cmap, key, &value) != CS_OK) {
        return false;
    }
    const bool fits = strlen(value) < size;

    ovnha_text_copy(text, size, value);
    free(value);
    return fits;
}

/* A node without a name is known to Pacemaker by its ring address when that is a
 * host name. */
static bool get_node(cmap_handle_t cmap, unsigned index, struct ovnha_node *node)
{
    char ring[OVNHA_NODE_SIZE];
    enum ovnha_family family;

    if (!get_text(cmap, index, "ring0_addr", ring, sizeof ring)) {
        return false;
    }
    if (!get_text(cmap, index, "name", node->name, sizeof node->name)) {
        ovnha_text_copy(node->name, sizeof node->name, ring);
    }
    if (ovnha_addr_resolve(ring, node->addr, &family, NULL) != OVNHA_OK) {
        node->addr[0] = '\0';
    }
    return true;
}

static unsigned key_index(const char *key)
{
    unsigned index;

    return sscanf(key, "nodelist.node.%u.ring0_addr", &index) == 1 ? index : 0;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t size = strlen(text), end_size = strlen(end);

    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static void get_nodes(cmap_handle_t cmap, struct ovnha_node node[OVNHA_NODES_MAX],
                      size_t *n)
{
    cmap_iter_handle_t iter;
    char key[CMAP_KEYNAME_MAXLEN + 1];

    if (cmap_iter_init(cmap, "nodelist.node.", &iter) != CS_OK) {
        return;
    }
    while (*n < OVNHA_NODES_MAX && cmap_iter_next(cmap, iter, key, NULL, NULL) == CS_OK) {
        if (ends_with(key, ".ring0_addr") && get_node(cmap, key_index(key), &node[*n])) {
            (*n)++;
        }
    }
    cmap_iter_finalize(cmap, iter);
}

enum ovnha_result ovnha_corosync_nodes(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                       struct ovnha_err *err)
{
    cmap_handle_t cmap;
    const cs_error_t error = cmap_initialize(&cmap);

    *n = 0;
    if (error != CS_OK) {
        return ovnha_fail(err, OVNHA_ERR_UNAVAILABLE,
                          "cannot read corosync's node list: %s", cs_strerror(error));
    }
    get_nodes(cmap, node, n);
    cmap_finalize(cmap);
    return OVNHA_OK;
}
