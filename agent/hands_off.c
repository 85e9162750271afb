/* SPDX-License-Identifier: Apache-2.0 */
#include "hands_off.h"

#include <stdio.h>

/* Pacemaker's words for true and false, in XPath. */
#define LOWERED          "translate(@value, 'AEFLNORSTUY', 'aeflnorstuy')"
#define IS_ONE_OF(WORDS) "contains(' " WORDS " ', concat(' ', " LOWERED ", ' '))"
#define IS_ON            IS_ONE_OF("true on yes y 1")
#define IS_OFF           IS_ONE_OF("false off no n 0")

/* The resource's primitive and what it is in, a clone for one; its name is to follow. */
#define RESOURCE "//resources//*[descendant-or-self::primitive[@id='%s']]"

/* Everything that keeps Pacemaker's hands off a resource on a node: of the cluster, the
 * node, the resource and, where that says nothing else, of all resources. */
static const char hands_off[] =
    "//crm_config//nvpair[@name='maintenance-mode' and " IS_ON "]"
    " | //nodes/node[@uname='%s']//nvpair[@name='maintenance' and " IS_ON "]"
    " | " RESOURCE "/meta_attributes/nvpair[(@name='is-managed' and " IS_OFF ") or "
    "(@name='maintenance' and " IS_ON ")]"
    " | //rsc_defaults//nvpair[@name='is-managed' and " IS_OFF " and not(" RESOURCE
    "/meta_attributes/nvpair[@name='is-managed'])]";

char *ovnha_hands_off_path(const char *resource, const char *node)
{
    char *path;

    return asprintf(&path, hands_off, node, resource, resource) < 0 ? NULL : path;
}
