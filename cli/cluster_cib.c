/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: `cibadmin --query`. */

#include <string.h>

#include <ovnha/role.h>

#include "cluster_parts.h"

static void add_pairs(struct ovnha_cli_pairs *pairs, const xmlNode *set)
{
    for (const xmlNode *one = set->children; one; one = one->next) {
        if (ovnha_xml_is(one, "nvpair") &&
            !ovnha_cli_pairs_get(pairs, ovnha_xml_get(one, "name"))) {
            struct ovnha_cli_pair *pair = OVNHA_CLI_ADD(pairs->pair, pairs->n);

            pair->name = ovnha_xml_get(one, "name");
            pair->value = ovnha_xml_get(one, "value");
        }
    }
}

/* Of all sets of that kind; what is said first counts. */
static void read_pairs(struct ovnha_cli_pairs *pairs, const xmlNode *from,
                       const char *kind)
{
    for (const xmlNode *set = from ? from->children : NULL; set; set = set->next) {
        if (ovnha_xml_is(set, kind)) {
            add_pairs(pairs, set);
        }
    }
}

/*
 * Resources.
 */

struct place {
    const xmlNode *top, *group;
    const xmlNode *all; /* the section, with templates */
};

static void read_op(struct ovnha_cli_resource *resource, const xmlNode *node)
{
    struct ovnha_cli_op *op = OVNHA_CLI_ADD(resource->op, resource->n_ops);

    *op = (struct ovnha_cli_op){.id = ovnha_xml_get(node, "id"),
                                .name = ovnha_xml_get(node, "name"),
                                .role = ovnha_role_word(ovnha_xml_get(node, "role")),
                                .interval = ovnha_xml_get(node, "interval"),
                                .timeout = ovnha_xml_get(node, "timeout"),
                                .on_fail = ovnha_xml_get(node, "on-fail"),
                                .enabled = ovnha_xml_get(node, "enabled")};
    op->interval_ms = op->interval[0] ? ovnha_cli_msec(op->interval) : 0;
    op->timeout_ms = ovnha_cli_msec(op->timeout);
}

/* What a role comes to when Pacemaker compares operations with those of a template. */
static const char *role_of(const struct ovnha_cli_op *op)
{
    return strcmp(op->role, "Started") == 0 || strcmp(op->role, "Unpromoted") == 0
               ? ""
               : op->role;
}

/* Whether the newest operation is one that the first `n_own` have another one for: of the
 * same name and role, whatever the intervals are. */
static bool is_overridden(const struct ovnha_cli_resource *resource, size_t n_own)
{
    const struct ovnha_cli_op *newest = &resource->op[resource->n_ops - 1];

    for (size_t i = 0; i < n_own; i++) {
        if (strcmp(resource->op[i].name, newest->name) == 0 &&
            strcmp(role_of(&resource->op[i]), role_of(newest)) == 0) {
            return true;
        }
    }
    return false;
}

static void read_ops(struct ovnha_cli_resource *resource, const xmlNode *ops)
{
    const size_t n_own = resource->n_ops;

    for (const xmlNode *op = ops ? ops->children : NULL; op; op = op->next) {
        if (ovnha_xml_is(op, "op")) {
            read_op(resource, op);
            resource->n_ops -= is_overridden(resource, n_own);
        }
    }
}

/* A primitive's own words; then its template's, where it has none of its own. */
static void read_words(struct ovnha_cli_resource *resource, const xmlNode *node)
{
    read_pairs(&resource->params, node, "instance_attributes");
    read_pairs(&resource->meta, node, "meta_attributes");
    read_ops(resource, ovnha_xml_child(node, "operations"));
}

static const xmlNode *find_template(const xmlNode *all, const char *id)
{
    for (const xmlNode *one = all->children; one && id[0]; one = one->next) {
        if (ovnha_xml_is(one, "template") && strcmp(ovnha_xml_get(one, "id"), id) == 0) {
            return one;
        }
    }
    return NULL;
}

static void read_primitive(struct ovnha_cli_cluster *cluster, const xmlNode *node,
                           const struct place *place)
{
    const xmlNode *template = find_template(place->all, ovnha_xml_get(node, "template"));
    const xmlNode *kind = template ? template : node;
    struct ovnha_cli_resource *resource =
        OVNHA_CLI_ADD(cluster->resource, cluster->n_resources);

    resource->id = ovnha_xml_get(node, "id");
    resource->top = place->top ? ovnha_xml_get(place->top, "id") : "";
    resource->top_kind = place->top ? (const char *)place->top->name : "";
    resource->group = place->group ? ovnha_xml_get(place->group, "id") : "";
    resource->class = ovnha_xml_get(kind, "class");
    resource->provider = ovnha_xml_get(kind, "provider");
    resource->type = ovnha_xml_get(kind, "type");
    resource->managed = true;
    read_words(resource, node);
    if (template) {
        read_words(resource, template);
    }
    read_pairs(&resource->top_meta, place->top, "meta_attributes");
}

static void read_resources(struct ovnha_cli_cluster *cluster, const xmlNode *from,
                           const struct place *place)
{
    for (const xmlNode *node = from->children; node; node = node->next) {
        struct place in = *place;

        if (ovnha_xml_is(node, "primitive")) {
            read_primitive(cluster, node, place);
        } else if (ovnha_xml_is(node, "clone") || ovnha_xml_is(node, "master") ||
                   ovnha_xml_is(node, "group") || ovnha_xml_is(node, "bundle")) {
            in.top = in.top ? in.top : node;
            in.group = ovnha_xml_is(node, "group") ? node : in.group;
            read_resources(cluster, node, &in);
        }
    }
}

/*
 * Location constraints.
 */

static void read_expression(struct ovnha_cli_location *location, const xmlNode *node)
{
    if (ovnha_xml_is(node, "date_expression")) {
        location->expires = ovnha_xml_get(node, "end");
        if (!location->expires[0]) {
            location->conditional = true;
        }
    } else if (ovnha_xml_is(node, "expression") && !location->node[0] &&
               strcmp(ovnha_xml_get(node, "attribute"), "#uname") == 0 &&
               strcmp(ovnha_xml_get(node, "operation"), "eq") == 0) {
        location->node = ovnha_xml_get(node, "value");
    } else if (node->type == XML_ELEMENT_NODE) {
        location->conditional = true;
    }
}

static void read_rule(struct ovnha_cli_location *location, const xmlNode *rule)
{
    const char *role = ovnha_xml_get(rule, "role");

    location->rule = ovnha_xml_get(rule, "id");
    location->score = ovnha_xml_get(rule, "score");
    if (role[0]) {
        location->role = ovnha_role_word(role);
    }
    for (const xmlNode *node = rule->children; node; node = node->next) {
        read_expression(location, node);
    }
}

static void read_location(struct ovnha_cli_cluster *cluster, const xmlNode *node,
                          const char *resource)
{
    const struct ovnha_cli_location plain = {
        .id = ovnha_xml_get(node, "id"),
        .rule = "",
        .resource = resource,
        .node = ovnha_xml_get(node, "node"),
        .role = ovnha_role_word(ovnha_xml_get(node, "role")),
        .score = ovnha_xml_get(node, "score"),
        .expires = "",
    };

    if (!ovnha_xml_child(node, "rule")) {
        *OVNHA_CLI_ADD(cluster->location, cluster->n_locations) = plain;
    }
    for (const xmlNode *rule = node->children; rule; rule = rule->next) {
        if (ovnha_xml_is(rule, "rule")) {
            struct ovnha_cli_location *location =
                OVNHA_CLI_ADD(cluster->location, cluster->n_locations);

            *location = plain;
            read_rule(location, rule);
        }
    }
}

static void read_locations(struct ovnha_cli_cluster *cluster, const xmlNode *node)
{
    const xmlNode *set = ovnha_xml_child(node, "resource_set");

    if (!set) {
        read_location(cluster, node, ovnha_xml_get(node, "rsc"));
    }
    for (const xmlNode *one = set ? set->children : NULL; one; one = one->next) {
        if (ovnha_xml_is(one, "resource_ref")) {
            read_location(cluster, node, ovnha_xml_get(one, "id"));
        }
    }
}

/*
 * Colocations and orders.
 */

/* One resource of a set, or the two of a plain constraint. */
struct end {
    const char *resource, *role, *action;
};

static struct end end_of(const xmlNode *set, const xmlNode *reference)
{
    return (struct end){ovnha_xml_get(reference, "id"),
                        ovnha_role_word(ovnha_xml_get(set, "role")),
                        ovnha_xml_get(set, "action")};
}

static void add_colocation(struct ovnha_cli_cluster *cluster, const xmlNode *node,
                           const struct end *one, const struct end *with, bool from_set)
{
    *OVNHA_CLI_ADD(cluster->colocation, cluster->n_colocations) =
        (struct ovnha_cli_colocation){.id = ovnha_xml_get(node, "id"),
                                      .resource = one->resource,
                                      .role = one->role,
                                      .with = with->resource,
                                      .with_role = with->role,
                                      .score = ovnha_xml_get(node, "score"),
                                      .from_set = from_set};
}

static const char *order_kind(const xmlNode *node)
{
    const char *kind = ovnha_xml_get(node, "kind");

    if (kind[0]) {
        return kind;
    }
    return strcmp(ovnha_xml_get(node, "score"), "0") == 0 ? "Optional" : "Mandatory";
}

static void add_order(struct ovnha_cli_cluster *cluster, const xmlNode *node,
                      const struct end *first, const struct end *then, bool from_set)
{
    *OVNHA_CLI_ADD(cluster->order, cluster->n_orders) =
        (struct ovnha_cli_order){.id = ovnha_xml_get(node, "id"),
                                 .first = first->resource,
                                 .first_action = first->action,
                                 .then = then->resource,
                                 .then_action = then->action,
                                 .kind = order_kind(node),
                                 .symmetrical = ovnha_xml_get(node, "symmetrical"),
                                 .from_set = from_set};
}

typedef void add_pair(struct ovnha_cli_cluster *cluster, const xmlNode *node,
                      const struct end *one, const struct end *other, bool from_set);

/* Every resource of a set with every one of the sets after it; those of one set are not
 * told apart from each other here. */
static void read_sets(struct ovnha_cli_cluster *cluster, const xmlNode *node,
                      add_pair *add)
{
    for (const xmlNode *set = node->children; set; set = set->next) {
        for (const xmlNode *later = set->next; later; later = later->next) {
            for (const xmlNode *a = set->children; a; a = a->next) {
                for (const xmlNode *b = later->children; b; b = b->next) {
                    if (ovnha_xml_is(a, "resource_ref") &&
                        ovnha_xml_is(b, "resource_ref")) {
                        const struct end one = end_of(set, a), other = end_of(later, b);

                        add(cluster, node, &one, &other, true);
                    }
                }
            }
        }
    }
}

static void read_colocation(struct ovnha_cli_cluster *cluster, const xmlNode *node)
{
    const struct end one = {ovnha_xml_get(node, "rsc"),
                            ovnha_role_word(ovnha_xml_get(node, "rsc-role")), ""};
    const struct end with = {ovnha_xml_get(node, "with-rsc"),
                             ovnha_role_word(ovnha_xml_get(node, "with-rsc-role")), ""};

    if (one.resource[0]) {
        add_colocation(cluster, node, &one, &with, false);
    } else {
        read_sets(cluster, node, add_colocation);
    }
}

static void read_order(struct ovnha_cli_cluster *cluster, const xmlNode *node)
{
    const struct end first = {ovnha_xml_get(node, "first"), "",
                              ovnha_xml_get(node, "first-action")};
    const struct end then = {ovnha_xml_get(node, "then"), "",
                             ovnha_xml_get(node, "then-action")};

    if (first.resource[0]) {
        add_order(cluster, node, &first, &then, false);
    } else {
        read_sets(cluster, node, add_order);
    }
}

static void read_constraints(struct ovnha_cli_cluster *cluster, const xmlNode *section)
{
    for (const xmlNode *node = section ? section->children : NULL; node;
         node = node->next) {
        if (ovnha_xml_is(node, "rsc_location")) {
            read_locations(cluster, node);
        } else if (ovnha_xml_is(node, "rsc_colocation")) {
            read_colocation(cluster, node);
        } else if (ovnha_xml_is(node, "rsc_order")) {
            read_order(cluster, node);
        }
    }
}

void ovnha_cli_read_cib(const xmlNode *cib, struct ovnha_cli_cluster *cluster)
{
    const xmlNode *configuration = ovnha_xml_find(cib, "configuration");
    const xmlNode *resources = ovnha_xml_child(configuration, "resources");

    cluster->schema = cib ? ovnha_xml_get(cib, "validate-with") : "";
    cluster->feature_set = cib ? ovnha_xml_get(cib, "crm_feature_set") : "";
    read_pairs(&cluster->properties, ovnha_xml_child(configuration, "crm_config"),
               "cluster_property_set");
    read_pairs(&cluster->rsc_defaults, ovnha_xml_child(configuration, "rsc_defaults"),
               "meta_attributes");
    read_pairs(&cluster->op_defaults, ovnha_xml_child(configuration, "op_defaults"),
               "meta_attributes");
    if (resources) {
        read_resources(cluster, resources, &(struct place){.all = resources});
    }
    read_constraints(cluster, ovnha_xml_child(configuration, "constraints"));
}
