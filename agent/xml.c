/* SPDX-License-Identifier: Apache-2.0 */
#include "xml.h"

#include <string.h>

#include <libxml/parser.h>

/* Not XML_PARSE_NOENT, which would replace entities by what they stand for, a file's
 * content maybe; nor XML_PARSE_HUGE, which lifts libxml2's limits on depth and on what
 * entities grow to.  The largest CIB has its size by many elements, which nothing
 * limits. */
#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

xmlDoc *ovnha_xml_parse(const char *text)
{
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "pacemaker", NULL, OPTIONS);

    /* Pacemaker's has no DTD.  Without one there are no entities but XML's own, and the
     * text of an attribute is one piece. */
    if (doc && doc->intSubset) {
        xmlFreeDoc(doc);
        return NULL;
    }
    return doc;
}

bool ovnha_xml_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

const char *ovnha_xml_get(const xmlNode *node, const char *attribute)
{
    const xmlAttr *found = xmlHasProp(node, BAD_CAST attribute);

    return found && found->children && found->children->content
               ? (const char *)found->children->content
               : "";
}

bool ovnha_xml_attribute_is(const xmlNode *node, const char *name, const char *value)
{
    xmlChar *text = xmlGetProp(node, BAD_CAST name);
    const bool same = text && strcmp((const char *)text, value) == 0;

    xmlFree(text);
    return same;
}

const xmlNode *ovnha_xml_child(const xmlNode *node, const char *name)
{
    const xmlNode *child = node ? node->children : NULL;

    while (child && !ovnha_xml_is(child, name)) {
        child = child->next;
    }
    return child;
}

const xmlNode *ovnha_xml_find(const xmlNode *node, const char *name)
{
    const xmlNode *found = node && ovnha_xml_is(node, name) ? node : NULL;

    for (const xmlNode *child = node ? node->children : NULL; child && !found;
         child = child->next) {
        found = ovnha_xml_find(child, name);
    }
    return found;
}
