/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster_module.h"

#include "corosync.h"
#include "log_qb.h"

const struct ovnha_cluster_module ovnha_cluster_module = {
    .version = PACKAGE_VERSION,
    .log_init = ovnha_log_qb_init,
    .log_write = ovnha_log_qb_write,
    .log_fini = ovnha_log_qb_fini,
    .nodes = ovnha_corosync_nodes,
};
