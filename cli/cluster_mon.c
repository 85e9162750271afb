/* SPDX-License-Identifier: Apache-2.0 */
/* The state: `crm_mon --output-as=xml`. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/role.h>

#include "cluster_parts.h"

#define INFINITE 1000000

static bool is_true(const xmlNode *node, const char *attribute)
{
    return strcmp(ovnha_xml_get(node, attribute), "true") == 0;
}

static bool is_left_alone(const xmlNode *node)
{
    return strcmp(ovnha_xml_get(node, "managed"), "false") == 0 ||
           is_true(node, "maintenance");
}

static void read_summary(struct ovnha_cli_cluster *cluster, const xmlNode *mon)
{
    const xmlNode *summary = ovnha_xml_child(mon, "summary");
    const xmlNode *dc = ovnha_xml_child(summary, "current_dc");
    const xmlNode *options = ovnha_xml_child(summary, "cluster_options");

    cluster->dc = dc ? ovnha_xml_get(dc, "name") : "";
    cluster->version = dc ? ovnha_xml_get(dc, "version") : "";
    cluster->quorate = dc && is_true(dc, "with_quorum");
    cluster->mixed_version = dc && is_true(dc, "mixed_version");
    cluster->maintenance_mode = options && is_true(options, "maintenance-mode");
    cluster->stop_all = options && is_true(options, "stop-all-resources");
}

/*
 * Nodes.
 */

static void read_node(struct ovnha_cli_cluster *cluster, const xmlNode *node)
{
    *OVNHA_CLI_ADD(cluster->node, cluster->n_nodes) = (struct ovnha_cli_node){
        .name = ovnha_xml_get(node, "name"),
        .id = ovnha_xml_get(node, "id"),
        .type = ovnha_xml_get(node, "type"),
        .feature_set = ovnha_xml_get(node, "feature_set"),
        .online = is_true(node, "online"),
        .standby = is_true(node, "standby"),
        .standby_onfail = is_true(node, "standby_onfail"),
        .maintenance = is_true(node, "maintenance"),
        .pending = is_true(node, "pending"),
        .unclean = is_true(node, "unclean"),
        .shutdown = is_true(node, "shutdown"),
        .is_dc = is_true(node, "is_dc"),
        .pending_op = "",
        .managed = true,
        .score = "",
        .last_failure = "",
    };
}

static struct ovnha_cli_node *find_node(struct ovnha_cli_cluster *cluster,
                                        const char *name)
{
    return (struct ovnha_cli_node *)ovnha_cli_cluster_node(cluster, name);
}

static void read_attributes(struct ovnha_cli_cluster *cluster, const xmlNode *of_node)
{
    struct ovnha_cli_node *node = find_node(cluster, ovnha_xml_get(of_node, "name"));
    char score[300];

    for (const xmlNode *one = of_node->children; node && one; one = one->next) {
        if (ovnha_xml_is(one, "attribute")) {
            *OVNHA_CLI_ADD(node->attributes.pair, node->attributes.n) =
                (struct ovnha_cli_pair){ovnha_xml_get(one, "name"),
                                        ovnha_xml_get(one, "value")};
        }
    }
    snprintf(score, sizeof score, "master-%s", cluster->db->id);
    const char *value = node ? ovnha_cli_pairs_get(&node->attributes, score) : NULL;

    if (value) {
        node->score = value;
    }
}

static long long count_of(const char *text)
{
    return strcmp(text, "INFINITY") == 0 ? INFINITE : strtoll(text, NULL, 10);
}

static void read_history(struct ovnha_cli_cluster *cluster, const xmlNode *of_node)
{
    struct ovnha_cli_node *node = find_node(cluster, ovnha_xml_get(of_node, "name"));

    for (const xmlNode *one = of_node->children; node && one; one = one->next) {
        if (ovnha_xml_is(one, "resource_history") &&
            strcmp(ovnha_xml_get(one, "id"), cluster->db->id) == 0) {
            node->failcount = count_of(ovnha_xml_get(one, "fail-count"));
            node->last_failure = ovnha_xml_get(one, "last-failure");
        }
    }
}

/* Calls `read` with each <node> of a section. */
static void each_node(struct ovnha_cli_cluster *cluster, const xmlNode *section,
                      void (*read)(struct ovnha_cli_cluster *, const xmlNode *))
{
    for (const xmlNode *node = section ? section->children : NULL; node;
         node = node->next) {
        if (ovnha_xml_is(node, "node")) {
            read(cluster, node);
        }
    }
}

/*
 * Resources.
 */

/* "ovndb:2" is an instance of "ovndb". */
static bool is_instance(const xmlNode *node, const char *resource)
{
    const char *id = ovnha_xml_get(node, "id");
    const size_t length = strlen(resource);

    return ovnha_xml_is(node, "resource") && strncmp(id, resource, length) == 0 &&
           (id[length] == '\0' || id[length] == ':');
}

static struct ovnha_cli_resource *find_instance(struct ovnha_cli_cluster *cluster,
                                                const xmlNode *node)
{
    for (size_t i = 0; i < cluster->n_resources; i++) {
        if (is_instance(node, cluster->resource[i].id)) {
            return &cluster->resource[i];
        }
    }
    return NULL;
}

static enum ovnha_cli_role role_of(const xmlNode *instance)
{
    static const enum ovnha_cli_role roles[] = {OVNHA_CLI_PROMOTED, OVNHA_CLI_UNPROMOTED,
                                                OVNHA_CLI_STARTED};
    const char *word = ovnha_role_word(ovnha_xml_get(instance, "role"));

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(word, ovnha_cli_role_to_str(roles[i])) == 0) {
            return roles[i];
        }
    }
    return OVNHA_CLI_STOPPED;
}

static void place_instance(struct ovnha_cli_node *node, const xmlNode *instance,
                           bool managed)
{
    node->role = role_of(instance);
    node->pending_op = ovnha_xml_get(instance, "pending");
    node->managed = managed;
    node->failed = is_true(instance, "failed");
    node->blocked = is_true(instance, "blocked");
}

static void read_instance(struct ovnha_cli_cluster *cluster, const xmlNode *instance,
                          bool managed)
{
    struct ovnha_cli_resource *resource = find_instance(cluster, instance);

    if (!resource) {
        return;
    }
    managed = managed && !is_left_alone(instance);
    resource->managed = resource->managed && managed;
    resource->failed = resource->failed || is_true(instance, "failed");
    resource->blocked = resource->blocked || is_true(instance, "blocked");
    for (const xmlNode *child = instance->children; child; child = child->next) {
        struct ovnha_cli_node *node =
            ovnha_xml_is(child, "node") ? find_node(cluster, ovnha_xml_get(child, "name"))
                                        : NULL;

        if (node && is_true(instance, "active")) {
            *OVNHA_CLI_ADD(resource->on, resource->n_on) = node->name;
        }
        if (node && resource == cluster->db) {
            place_instance(node, instance, managed);
        }
    }
}

static void read_resources(struct ovnha_cli_cluster *cluster, const xmlNode *from,
                           bool managed)
{
    for (const xmlNode *node = from ? from->children : NULL; node; node = node->next) {
        if (ovnha_xml_is(node, "resource")) {
            read_instance(cluster, node, managed);
        } else if (node->type == XML_ELEMENT_NODE) {
            read_resources(cluster, node, managed && !is_left_alone(node));
        }
    }
}

/* A node on which nothing was placed has it stopped, as far as is known. */
static void conclude_roles(struct ovnha_cli_cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_nodes; i++) {
        struct ovnha_cli_node *node = &cluster->node[i];

        if (node->role == OVNHA_CLI_NOTHING && node->online) {
            node->role = OVNHA_CLI_STOPPED;
            node->managed = cluster->db->managed && !node->maintenance;
        }
    }
}

/*
 * What failed, and what is barred.
 */

/* The length of the entity at the beginning of `text`, and what it means; 0: none. */
static size_t entity(const char *text, char *meant)
{
    static const struct {
        const char *text;
        char meant;
    } all[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strncmp(text, all[i].text, strlen(all[i].text)) == 0) {
            *meant = all[i].meant;
            return strlen(all[i].text);
        }
    }
    return 0;
}

/* In place: what is meant is never longer than how it is written. */
static void unescape(char *text)
{
    char *to = text;

    while (*text) {
        const size_t length = entity(text, to);

        if (length == 0) {
            *to = *text;
        }
        to++;
        text += length > 0 ? length : 1;
    }
    *to = '\0';
}

/* crm_mon has escaped it before it was written as XML (seen with 2.1.5). */
static const char *read_reason(const xmlNode *failure)
{
    char *reason = strdup(ovnha_xml_get(failure, "exitreason"));

    if (!reason) {
        abort();
    }
    unescape(reason);
    xmlSetProp((xmlNode *)failure, BAD_CAST "exitreason", BAD_CAST reason);
    free(reason);
    return ovnha_xml_get(failure, "exitreason");
}

static void read_failures(struct ovnha_cli_cluster *cluster, const xmlNode *section)
{
    for (const xmlNode *node = section ? section->children : NULL; node;
         node = node->next) {
        if (ovnha_xml_is(node, "failure")) {
            const char *key = ovnha_xml_get(node, "op_key");
            struct ovnha_cli_failure *failure =
                OVNHA_CLI_ADD(cluster->failure, cluster->n_failures);

            *failure = (struct ovnha_cli_failure){
                .resource = "",
                .node = ovnha_xml_get(node, "node"),
                .task = ovnha_xml_get(node, "task"),
                .status = ovnha_xml_get(node, "status"),
                .exit = ovnha_xml_get(node, "exitstatus"),
                .reason = read_reason(node),
                .when = ovnha_xml_get(node, "last-rc-change"),
            };
            for (size_t i = 0; i < cluster->n_resources; i++) {
                const char *id = cluster->resource[i].id;
                const size_t length = strlen(id);

                if (strncmp(key, id, length) == 0 && key[length] == '_' &&
                    length > strlen(failure->resource)) {
                    failure->resource = id;
                }
            }
        }
    }
}

/* crm_mon names the rule, where there is one. */
static const char *constraint_of(const struct ovnha_cli_cluster *cluster, const char *id)
{
    for (size_t i = 0; i < cluster->n_locations; i++) {
        if (strcmp(cluster->location[i].rule, id) == 0) {
            return cluster->location[i].id;
        }
    }
    return id;
}

static void read_bans(struct ovnha_cli_cluster *cluster, const xmlNode *section)
{
    for (const xmlNode *node = section ? section->children : NULL; node;
         node = node->next) {
        if (ovnha_xml_is(node, "ban")) {
            *OVNHA_CLI_ADD(cluster->ban, cluster->n_bans) = (struct ovnha_cli_ban){
                .constraint = constraint_of(cluster, ovnha_xml_get(node, "id")),
                .resource = ovnha_xml_get(node, "resource"),
                .node = ovnha_xml_get(node, "node"),
                .promoted_only = is_true(node, "promoted-only"),
                .never = strtoll(ovnha_xml_get(node, "weight"), NULL, 10) <= -INFINITE,
            };
        }
    }
}

void ovnha_cli_read_mon(const xmlNode *mon, struct ovnha_cli_cluster *cluster)
{
    read_summary(cluster, mon);
    each_node(cluster, ovnha_xml_child(mon, "nodes"), read_node);
    read_resources(cluster, ovnha_xml_child(mon, "resources"),
                   !cluster->maintenance_mode);
    conclude_roles(cluster);
    each_node(cluster, ovnha_xml_child(mon, "node_attributes"), read_attributes);
    each_node(cluster, ovnha_xml_child(mon, "node_history"), read_history);
    read_failures(cluster, ovnha_xml_child(mon, "failures"));
    read_bans(cluster, ovnha_xml_child(mon, "bans"));
}
