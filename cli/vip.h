/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_VIP_H
#define OVNHA_CLI_VIP_H

#include <stdbool.h>

#include "cluster.h"

/* The virtual address, at which clients meet the active, and the resource that brings it
 * up: pure.
 *
 * It is the parameter master_ip.  Something else than a resource may bring that up, as a
 * load balancer does; and with listen_on_master_ip_only=no the parameter may be missing.
 * So an address that follows the promoted role is one, too. */

/* Whether the resource brings up such an address; several may. */
bool ovnha_cli_is_vip(const struct ovnha_cli_cluster *cluster,
                      const struct ovnha_cli_resource *resource);

/* The one that is meant by "the virtual address": that of master_ip before all others.
 * NULL: there is none. */
const struct ovnha_cli_resource *ovnha_cli_vip(const struct ovnha_cli_cluster *cluster);

/* Whether the resource brings up master_ip itself. */
bool ovnha_cli_has_master_ip(const struct ovnha_cli_cluster *cluster,
                             const struct ovnha_cli_resource *resource);

/* Where clients connect: master_ip, else what ovnha_cli_vip() brings up, else "". */
const char *ovnha_cli_vip_address(const struct ovnha_cli_cluster *cluster);

#endif
