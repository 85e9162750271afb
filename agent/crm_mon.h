/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CRM_MON_H
#define OVNHA_AGENT_CRM_MON_H

#include <ovnha/facts.h>

/* What the cluster says of a resource, read from `crm_mon --output-as=xml`, whose
 * format is Pacemaker's public one (api/crm_mon-*.rng). */

/* `managed` is NO when anything keeps Pacemaker's hands off the resource on
 * `node`: is-managed=false, maintenance of the resource, the node or the cluster. */
enum ovnha_result ovnha_crm_mon_parse(const char *xml, const char *resource,
                                      const char *node,
                                      struct ovnha_cluster_facts *cluster,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

#endif
