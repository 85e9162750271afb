/* SPDX-License-Identifier: Apache-2.0 */
#include "nodes.h"

static ovnha_nodes_source *read_nodes;

void ovnha_nodes_from(ovnha_nodes_source *source)
{
    read_nodes = source;
}

enum ovnha_result ovnha_nodes_read(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                   struct ovnha_err *err)
{
    *n = 0;
    return read_nodes ? read_nodes(node, n, err)
                      : ovnha_fail(err, OVNHA_ERR_UNAVAILABLE,
                                   "nobody knows the nodes of the cluster here");
}
