/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_NODES_H
#define OVNHA_AGENT_NODES_H

#include <ovnha/facts.h>

/* Where the node list comes from: corosync (corosync.h), whose library only the helper
 * has linked. */
typedef enum ovnha_result ovnha_nodes_source(struct ovnha_node node[OVNHA_NODES_MAX],
                                             size_t *n, struct ovnha_err *err);

void ovnha_nodes_from(ovnha_nodes_source *source);

/* OVNHA_ERR_UNAVAILABLE without a source, too. */
enum ovnha_result ovnha_nodes_read(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

#endif
