/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/source.h>
#include <ovnha/text.h>

#include <stdio.h>
#include <string.h>

const char *ovnha_source_node(const struct ovnha_facts *facts)
{
    if (facts->promoting[0]) {
        return facts->promoting;
    }
    if (facts->cluster.promoted_known == OVNHA_YES) {
        return facts->cluster.promoted;
    }
    return facts->memory.promoted;
}

const char *ovnha_source_addr(const struct ovnha_facts *facts, const char *node)
{
    for (size_t i = 0; i < facts->n_nodes; i++) {
        if (strcmp(facts->node[i].name, node) == 0 && facts->node[i].addr[0]) {
            return facts->node[i].addr;
        }
    }
    return NULL;
}

void ovnha_source_method(const struct ovnha_facts *facts, size_t i, const char *node,
                         char method[OVNHA_METHOD_SIZE])
{
    const struct ovnha_db_settings *db = &facts->settings.db[i];
    const char *addr = ovnha_source_addr(facts, node);

    method[0] = '\0';
    if (strcmp(node, facts->self) == 0) {
        return;
    }
    if (addr) {
        ovnha_method_active(method, db->protocol, addr, db->replication_port);
    } else if (facts->settings.master_ip[0]) {
        ovnha_method_active(method, db->protocol, facts->settings.master_ip, db->port);
    }
}

/* One whose name does not resolve is listed all the same. */
static bool is_unlisted(const struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->n_nodes; i++) {
        if (strcmp(facts->node[i].name, facts->self) == 0) {
            return false;
        }
    }
    return facts->nodes_known;
}

void ovnha_source_replicas_listener(const struct ovnha_facts *facts, size_t i,
                                    char method[OVNHA_METHOD_SIZE])
{
    const struct ovnha_db_settings *db = &facts->settings.db[i];
    const char *addr = ovnha_source_addr(facts, facts->self);

    method[0] = '\0';
    if (addr) {
        ovnha_method_passive(method, db->protocol, addr, db->replication_port);
    } else if (!is_unlisted(facts) && facts->memory.role == OVNHA_ROLE_ACTIVE) {
        ovnha_text_copy(method, OVNHA_METHOD_SIZE, facts->memory.remote[i]);
    }
}

bool ovnha_source_is_doubtful(const struct ovnha_facts *facts)
{
    return ovnha_facts_guarded(facts) && facts->nodes_trouble[0];
}

bool ovnha_source_listener_is_doubtful(const struct ovnha_facts *facts)
{
    char method[OVNHA_METHOD_SIZE];

    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        ovnha_source_replicas_listener(facts, i, method);
        if (!method[0]) {
            return ovnha_source_is_doubtful(facts);
        }
    }
    return false;
}

void ovnha_source_clients_listener(const struct ovnha_facts *facts, size_t i,
                                   char method[OVNHA_METHOD_SIZE])
{
    const struct ovnha_settings *settings = &facts->settings;
    const struct ovnha_db_settings *db = &settings->db[i];
    const bool ipv6 = strchr(settings->master_ip, ':') != NULL;

    method[0] = '\0';
    if (!settings->listen_on_master_ip_only) {
        ovnha_method_passive(method, db->protocol, ipv6 ? "::" : "0.0.0.0", db->port);
    } else if (settings->master_ip[0]) {
        ovnha_method_passive(method, db->protocol, settings->master_ip, db->port);
    }
}

bool ovnha_source_is_followed(const struct ovnha_facts *facts)
{
    if (!facts->memory.promoted[0]) {
        return false;
    }
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        const struct ovnha_sync_status *sync = &facts->server[i].sync;

        if (sync->link != OVNHA_LINK_REPLICATING ||
            strcmp(sync->source, facts->memory.remote[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool ovnha_source_in_order(const struct ovnha_facts *facts)
{
    return facts->memory.probe_ms == facts->settings.replica_probe_ms &&
           ovnha_source_is_followed(facts);
}
