/* SPDX-License-Identifier: Apache-2.0 */
#include "bans.h"

#include <stdio.h>
#include <string.h>

#include <ovnha/role.h>

#include "xml.h"

#define NEVER "@score='-INFINITY'"
#define PROMOTED                                                                         \
    "(not(@role) or @role='" OVNHA_WORD_PROMOTED "' or @role='" OVNHA_WORD_MASTER        \
    "' or @role='" OVNHA_WORD_STARTED "')"

char *ovnha_bans_path(const char *resource)
{
    char *path;

    return asprintf(&path,
                    "//constraints/rsc_location["
                    "@rsc=//resources//*[descendant-or-self::primitive[@id='%s']]/@id"
                    " and ((" NEVER " and " PROMOTED ") or rule[" NEVER " and " PROMOTED
                    "])]",
                    resource) < 0
               ? NULL
               : path;
}

static void add(json_t *bans, const xmlNode *from, const char *attribute,
                const xmlNode *constraint)
{
    xmlChar *node = xmlGetProp(from, BAD_CAST attribute);
    xmlChar *id = xmlGetProp(constraint, BAD_CAST "id");

    if (node && id) {
        json_object_set_new(bans, (const char *)node, json_string((const char *)id));
    }
    xmlFree(node);
    xmlFree(id);
}

/* As PROMOTED has it: of a constraint that was found, not every rule need be one. */
static bool bars_from_the_role(const xmlNode *rule)
{
    xmlChar *role = xmlGetProp(rule, BAD_CAST "role");
    const char *word = role ? ovnha_role_word((const char *)role) : OVNHA_WORD_STARTED;
    const bool bars =
        ovnha_xml_attribute_is(rule, "score", "-INFINITY") &&
        (strcmp(word, OVNHA_WORD_PROMOTED) == 0 || strcmp(word, OVNHA_WORD_STARTED) == 0);

    xmlFree(role);
    return bars;
}

static void read_rule(json_t *bans, const xmlNode *rule, const xmlNode *constraint)
{
    const xmlNode *expression = rule->children;

    while (expression && !ovnha_xml_is(expression, "expression")) {
        expression = expression->next;
    }
    if (expression && bars_from_the_role(rule) &&
        ovnha_xml_attribute_is(expression, "attribute", "#uname") &&
        ovnha_xml_attribute_is(expression, "operation", "eq")) {
        add(bans, expression, "value", constraint);
    }
}

static void read_constraint(json_t *bans, const xmlNode *constraint)
{
    add(bans, constraint, "node", constraint);
    for (const xmlNode *child = constraint->children; child; child = child->next) {
        if (ovnha_xml_is(child, "rule")) {
            read_rule(bans, child, constraint);
        }
    }
}

json_t *ovnha_bans_read(const xmlNode *found)
{
    json_t *bans = json_object();

    if (found && ovnha_xml_is(found, "rsc_location")) {
        read_constraint(bans, found);
        return bans;
    }
    for (const xmlNode *one = found ? found->children : NULL; one; one = one->next) {
        if (ovnha_xml_is(one, "rsc_location")) {
            read_constraint(bans, one);
        }
    }
    return bans;
}
