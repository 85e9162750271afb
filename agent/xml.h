/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_XML_H
#define OVNHA_AGENT_XML_H

#include <stdbool.h>

#include <libxml/tree.h>

/* Questions to Pacemaker's XML, for the helper and for the command `ovnha`. */

/* A document from memory; no file and no network is read for it.  NULL when it is not XML,
 * or has a DTD. */
xmlDoc *ovnha_xml_parse(const char *text);

bool ovnha_xml_is(const xmlNode *node, const char *name);

/* An attribute's value, "" when it is not there; owned by the document, which has to come
 * from ovnha_xml_parse(): only there is a value one piece. */
const char *ovnha_xml_get(const xmlNode *node, const char *attribute);

bool ovnha_xml_attribute_is(const xmlNode *node, const char *name, const char *value);

/* The first child element of that name; NULL. */
const xmlNode *ovnha_xml_child(const xmlNode *node, const char *name);

/* The first element of that name in the subtree of `node`, itself included; NULL. */
const xmlNode *ovnha_xml_find(const xmlNode *node, const char *name);

#endif
