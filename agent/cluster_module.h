/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CLUSTER_MODULE_H
#define OVNHA_AGENT_CLUSTER_MODULE_H

#include "log.h"
#include "nodes.h"

/* What needs libqb or corosync's libraries, as a module (ovnha_cluster.so) that the OCF
 * binary loads when there is something to log, or when the node list is wanted: never in
 * a monitor of a healthy copy.  They take as much time to load as such a monitor. */
struct ovnha_cluster_module {
    const char *version; /* the package's: the two share structs that may change */
    void (*log_init)(const struct ovnha_invocation *invocation);
    ovnha_log_writer *log_write;
    void (*log_fini)(void);
    ovnha_nodes_source *nodes;
};

/* The module's only symbol. */
extern const struct ovnha_cluster_module ovnha_cluster_module;

/* The log and the node list come from the module from now on.  Where that cannot be
 * loaded, lines go to syslog(3), and there are no nodes. */
void ovnha_cluster_module_use(const struct ovnha_invocation *invocation);
/* What was logged is written; nothing more is. */
void ovnha_cluster_module_end(void);

#endif
