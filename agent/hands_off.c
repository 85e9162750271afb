/* SPDX-License-Identifier: Apache-2.0 */
#include "hands_off.h"

#include <stdio.h>

/* Pacemaker's words for true and false, in XPath. */
#define LOWERED          "translate(@value, 'AEFLNORSTUY', 'aeflnorstuy')"
#define IS_ONE_OF(WORDS) "contains(' " WORDS " ', concat(' ', " LOWERED ", ' '))"
#define IS_ON            IS_ONE_OF("true on yes y 1")
#define IS_OFF           IS_ONE_OF("false off no n 0")

/* The resource's primitive; that and what it is in, a clone for one; and its template. */
#define PRIMITIVE "//resources//primitive[@id='%1$s']"
#define RESOURCE  "//resources//*[descendant-or-self::primitive[@id='%1$s']]"
#define TEMPLATE  "//resources/template[@id=" PRIMITIVE "/@template]"

#define META "/meta_attributes/nvpair"
#define SAYS_SO                                                                          \
    "((@name='is-managed' and " IS_OFF ") or (@name='maintenance' and " IS_ON "))"

/* A node's attribute until it leaves the cluster: it hides a permanent one. */
#define TRANSIENT                                                                        \
    "//node_state[@uname='%2$s']/transient_attributes//nvpair[@name='maintenance']"

/* Everything that keeps Pacemaker's hands off a resource on a node: of the cluster, the
 * node and the resource; where its primitive says nothing else, of its template; and
 * where none of them does, of all resources. */
static const char hands_off[] =
    "//crm_config//nvpair[@name='maintenance-mode' and " IS_ON "]"
    " | " TRANSIENT "[" IS_ON "]"
    " | //nodes/node[@uname='%2$s']//nvpair[@name='maintenance' and " IS_ON
    " and not(" TRANSIENT ")]"
    " | " RESOURCE META "[" SAYS_SO "]"
    " | " TEMPLATE META "[" SAYS_SO " and not(@name=" PRIMITIVE META "/@name)]"
    " | //rsc_defaults//nvpair[" SAYS_SO " and not(@name=" RESOURCE META "/@name)"
    " and not(@name=" TEMPLATE META "/@name)]";

char *ovnha_hands_off_path(const char *resource, const char *node)
{
    char *path;

    return asprintf(&path, hands_off, resource, node) < 0 ? NULL : path;
}
