/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_BANS_H
#define OVNHA_AGENT_BANS_H

#include <jansson.h>
#include <libxml/tree.h>

/* Location constraints that bar nodes from promoting a resource, as `crm_resource --ban`
 * leaves them behind: whose score is -INFINITY, for the promoted role or for any. */

/* The XPath that finds them in the CIB.  To be freed; NULL when there is no memory. */
char *ovnha_bans_path(const char *resource);

/* What it found, one of them or an element that holds several, NULL for none: an object
 * of NODE: CONSTRAINT.  Of a rule only "#uname eq NODE" is understood. */
json_t *ovnha_bans_read(const xmlNode *found);

#endif
