/* SPDX-License-Identifier: Apache-2.0 */
#include "vip.h"

#include <string.h>

#include <ovnha/endpoint.h>

static const char *value_of(const struct ovnha_cli_resource *resource, const char *name)
{
    const char *value = ovnha_cli_pairs_get(&resource->params, name);

    return value ? value : "";
}

/* "fd00:0::1", "[fd00::1]" and "FD00::1" are the same. */
static bool is_same_address(const char *a, const char *b)
{
    char first[OVNHA_ADDR_SIZE], second[OVNHA_ADDR_SIZE];
    enum ovnha_family family;

    return ovnha_addr_parse(a, first, &family, NULL) == OVNHA_OK &&
           ovnha_addr_parse(b, second, &family, NULL) == OVNHA_OK &&
           strcmp(first, second) == 0;
}

bool ovnha_cli_has_master_ip(const struct ovnha_cli_cluster *cluster,
                             const struct ovnha_cli_resource *resource)
{
    return is_same_address(value_of(resource, "ip"), value_of(cluster->db, "master_ip"));
}

bool ovnha_cli_is_vip(const struct ovnha_cli_cluster *cluster,
                      const struct ovnha_cli_resource *resource)
{
    return value_of(resource, "ip")[0] &&
           (resource->with_promoted || ovnha_cli_has_master_ip(cluster, resource));
}

/* What blocks ports of an address has its "ip", too, and so have a cloud's agents. */
static int rank_of(const struct ovnha_cli_cluster *cluster,
                   const struct ovnha_cli_resource *resource)
{
    const bool is_IPaddr = strncmp(resource->type, "IPaddr", strlen("IPaddr")) == 0;

    if (!ovnha_cli_is_vip(cluster, resource)) {
        return 0;
    }
    return 1 + is_IPaddr + 2 * ovnha_cli_has_master_ip(cluster, resource);
}

const struct ovnha_cli_resource *ovnha_cli_vip(const struct ovnha_cli_cluster *cluster)
{
    const struct ovnha_cli_resource *vip = NULL;
    int best = 0;

    for (size_t i = 0; i < cluster->n_resources; i++) {
        const int rank = rank_of(cluster, &cluster->resource[i]);

        if (rank > best) {
            best = rank;
            vip = &cluster->resource[i];
        }
    }
    return vip;
}

const char *ovnha_cli_vip_address(const struct ovnha_cli_cluster *cluster)
{
    const char *master_ip = value_of(cluster->db, "master_ip");
    const struct ovnha_cli_resource *vip = ovnha_cli_vip(cluster);

    return master_ip[0] || !vip ? master_ip : value_of(vip, "ip");
}
