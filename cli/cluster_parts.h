/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_CLUSTER_PARTS_H
#define OVNHA_CLI_CLUSTER_PARTS_H

#include "agent/xml.h"
#include "cluster.h"

/* How the struct of cluster.h is filled; for its own files. */

/* A new last element, zeroed, of `list`, which has `n`.  Elements move: take their
 * addresses when the list is complete. */
#define OVNHA_CLI_ADD(list, n)                                                           \
    ((list) = ovnha_cli_grow((list), (n), sizeof *(list)), &(list)[(n)++])
void *ovnha_cli_grow(void *list, size_t n, size_t size);

/* All that the configuration says. */
void ovnha_cli_read_cib(const xmlNode *cib, struct ovnha_cli_cluster *cluster);

/* All that `crm_mon` says, of the resources that the configuration has; db is known. */
void ovnha_cli_read_mon(const xmlNode *mon, struct ovnha_cli_cluster *cluster);

#endif
