/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_HANDS_OFF_H
#define OVNHA_AGENT_HANDS_OFF_H

/* The XPath of everything in the CIB that keeps Pacemaker's hands off a resource on a
 * node: maintenance of the cluster or the node, for good or until it leaves; maintenance
 * and is-managed=false of the resource, of what it is in, of its template, or of all
 * resources.  Finds nothing when the resource is managed.  Rules are not evaluated: what
 * is set under one counts.
 * To be freed; NULL when there is no memory. */
char *ovnha_hands_off_path(const char *resource, const char *node);

#endif
