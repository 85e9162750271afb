/* SPDX-License-Identifier: Apache-2.0 */
#include "crm_mon.h"

#include <string.h>

#include <ovnha/role.h>
#include <ovnha/text.h>

#include "xml.h"

/* "ovndb" and "ovndb:2" are instances of resource "ovndb". */
static bool is_instance(const xmlNode *node, const char *resource)
{
    const size_t length = strlen(resource);
    xmlChar *id = xmlGetProp(node, BAD_CAST "id");
    const char *text = (const char *)id;
    const bool is = text && strncmp(text, resource, length) == 0 &&
                    (text[length] == '\0' || text[length] == ':');

    xmlFree(id);
    return is;
}

/* Whether the instance is placed on the node with that name. */
static bool is_on(const xmlNode *instance, const char *node)
{
    for (const xmlNode *child = instance->children; child; child = child->next) {
        if (ovnha_xml_is(child, "node") && ovnha_xml_attribute_is(child, "name", node)) {
            return true;
        }
    }
    return false;
}

static bool hands_off(const xmlNode *node)
{
    return ovnha_xml_attribute_is(node, "managed", "false") ||
           ovnha_xml_attribute_is(node, "maintenance", "true") ||
           ovnha_xml_attribute_is(node, "maintenance-mode", "true");
}

static void read_instance(const xmlNode *instance, const char *node,
                          struct ovnha_cluster_facts *cluster)
{
    const bool promoted =
        ovnha_role_parse(ovnha_xml_get(instance, "role")) == OVNHA_ROLE_ACTIVE;

    if (hands_off(instance) && is_on(instance, node)) {
        cluster->managed = OVNHA_NO;
    }
    for (const xmlNode *child = instance->children; promoted && child;
         child = child->next) {
        if (ovnha_xml_is(child, "node")) {
            xmlChar *name = xmlGetProp(child, BAD_CAST "name");

            ovnha_text_copy(cluster->promoted, sizeof cluster->promoted,
                            name ? (const char *)name : "");
            xmlFree(name);
        }
    }
}

/* True when the subtree holds the resource. */
static bool walk(const xmlNode *from, const char *resource, const char *node,
                 struct ovnha_cluster_facts *cluster)
{
    bool found = false;

    for (const xmlNode *child = from; child; child = child->next) {
        const bool is_it =
            ovnha_xml_is(child, "resource") && is_instance(child, resource);

        if (is_it) {
            read_instance(child, node, cluster);
        }
        const bool holds_it = !is_it && walk(child->children, resource, node, cluster);

        if (holds_it && hands_off(child)) {
            cluster->managed = OVNHA_NO; /* its clone, group or bundle */
        }
        if ((ovnha_xml_is(child, "cluster_options") ||
             (ovnha_xml_is(child, "node") &&
              ovnha_xml_attribute_is(child, "name", node))) &&
            hands_off(child)) {
            cluster->managed = OVNHA_NO;
        }
        found = found || is_it || holds_it;
    }
    return found;
}

enum ovnha_result ovnha_crm_mon_parse(const char *xml, const char *resource,
                                      const char *node,
                                      struct ovnha_cluster_facts *cluster,
                                      struct ovnha_err *err)
{
    xmlDoc *doc = ovnha_xml_parse(xml);

    *cluster = (struct ovnha_cluster_facts){.asked = true};
    if (!doc) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL, "crm_mon's output is not XML");
    }
    cluster->managed = OVNHA_YES;
    const bool found = walk(xmlDocGetRootElement(doc), resource, node, cluster);
    xmlFreeDoc(doc);
    if (!found) {
        *cluster = (struct ovnha_cluster_facts){.asked = true};
        return ovnha_fail(err, OVNHA_ERR_REFUSED, "the cluster has no resource %s",
                          resource);
    }
    cluster->promoted_known = OVNHA_YES;
    return OVNHA_OK;
}
