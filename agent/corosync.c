/* SPDX-License-Identifier: Apache-2.0 */
#include "corosync.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corosync/cmap.h>

#include <ovnha/text.h>

#define TRIES    200
#define PAUSE_MS 5

bool ovnha_corosync_again(int error, int *tries)
{
    if ((error != CS_ERR_TRY_AGAIN && error != CS_ERR_QUEUE_FULL) || *tries == TRIES) {
        return false;
    }
    ++*tries;
    poll(NULL, 0, PAUSE_MS);
    return true;
}

/* The libraries say CS_ERR_LIBRARY when they find no socket of corosync's. */
static enum ovnha_result result_of(int error)
{
    if (error == CS_ERR_LIBRARY) {
        return OVNHA_ERR_UNAVAILABLE;
    }
    return error == CS_ERR_TRY_AGAIN || error == CS_ERR_QUEUE_FULL ? OVNHA_ERR_TIMEOUT
                                                                   : OVNHA_ERR_SYSTEM;
}

enum ovnha_result ovnha_corosync_fail(struct ovnha_err *err, int error, const char *doing)
{
    return ovnha_fail(err, result_of(error), "cannot %s: %s", doing,
                      cs_strerror((cs_error_t)error));
}

/* Keys are nodelist.node.INDEX.{name,ring0_addr} (corosync.conf(5), cmap_keys(7)). */
static cs_error_t get_text(cmap_handle_t cmap, unsigned index, const char *what,
                           char *text, size_t size)
{
    char key[CMAP_KEYNAME_MAXLEN + 1];
    char *value = NULL;
    cs_error_t error;
    int tries = 0;

    snprintf(key, sizeof key, "nodelist.node.%u.%s", index, what);
    do {
        error = cmap_get_string(cmap, key, &value);
    } while (ovnha_corosync_again(error, &tries));
    if (error == CS_OK && !ovnha_text_copy(text, size, value)) {
        error = CS_ERR_NAME_TOO_LONG;
    }
    free(value);
    return error;
}

/* A node without a name is known to Pacemaker by its ring address when that is a
 * host name. */
static cs_error_t get_node(cmap_handle_t cmap, unsigned index, struct ovnha_node *node)
{
    char ring[OVNHA_NODE_SIZE];
    enum ovnha_family family;
    cs_error_t error = get_text(cmap, index, "ring0_addr", ring, sizeof ring);

    if (error == CS_OK) {
        error = get_text(cmap, index, "name", node->name, sizeof node->name);
    }
    if (error == CS_ERR_NOT_EXIST) {
        ovnha_text_copy(node->name, sizeof node->name, ring);
        error = CS_OK;
    }
    if (error == CS_OK &&
        ovnha_addr_resolve(ring, node->addr, &family, NULL) != OVNHA_OK) {
        node->addr[0] = '\0';
    }
    return error;
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

/* All of them or none: a majority of a part of the nodes is none. */
static cs_error_t get_nodes(cmap_handle_t cmap, struct ovnha_node node[OVNHA_NODES_MAX],
                            size_t *n)
{
    cmap_iter_handle_t iter;
    char key[CMAP_KEYNAME_MAXLEN + 1];
    cs_error_t error = cmap_iter_init(cmap, "nodelist.node.", &iter);

    if (error != CS_OK) {
        return error;
    }
    while (error == CS_OK &&
           (error = cmap_iter_next(cmap, iter, key, NULL, NULL)) == CS_OK) {
        if (!ends_with(key, ".ring0_addr")) {
            continue;
        }
        error = *n < OVNHA_NODES_MAX ? get_node(cmap, key_index(key), &node[*n])
                                     : CS_ERR_TOO_BIG;
        *n += error == CS_OK;
    }
    cmap_iter_finalize(cmap, iter);
    return error == CS_ERR_NO_SECTIONS ? CS_OK : error;
}

enum ovnha_result ovnha_corosync_nodes(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                       struct ovnha_err *err)
{
    cmap_handle_t cmap;
    cs_error_t error;
    int tries = 0;

    *n = 0;
    do {
        error = cmap_initialize(&cmap);
    } while (ovnha_corosync_again(error, &tries));
    if (error != CS_OK) {
        return ovnha_corosync_fail(err, error, "read corosync's node list");
    }
    error = get_nodes(cmap, node, n);
    cmap_finalize(cmap);
    if (error == CS_ERR_TOO_BIG) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "corosync's node list has more than %d nodes: name those of "
                          "this resource in node_addresses",
                          OVNHA_NODES_MAX);
    }
    /* It was there a moment ago: not what OVNHA_ERR_UNAVAILABLE says. */
    if (error != CS_OK) {
        return ovnha_fail(err, OVNHA_ERR_LOST, "cannot read corosync's node list: %s",
                          cs_strerror(error));
    }
    return *n > 0 ? OVNHA_OK
                  : ovnha_fail(err, OVNHA_ERR_PROTOCOL, "corosync's node list is empty");
}
