/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CIB_RECORD_H
#define OVNHA_AGENT_CIB_RECORD_H

#include <ovnha/record.h>

/* The record's copy in the CIB: a permanent crm_config value, for everyone to see.
 *
 * The CIB takes writes on both sides of a partition and the side with the higher
 * epoch wins when it heals: it decides nothing by itself.  What it gives is one
 * order of writes among the members of a quorate partition. */

struct ovnha_cib;

/* For one resource.  The connection is made when it is first needed, and again
 * when it was lost.  Each call below may block for some seconds.  OVNHA_ERR_UNAVAILABLE
 * when there is no CIB to talk to, OVNHA_ERR_LOST when the outcome is unknown. */
struct ovnha_cib *ovnha_cib_new(const char *resource);
void ovnha_cib_free(struct ovnha_cib *cib);

/* Sign on and off again, however long that takes: what `ovnha-helper probe-cib` does,
 * which the others run, with a deadline, before they sign on. */
enum ovnha_result ovnha_cib_probe(struct ovnha_err *err) OVNHA_MUST_USE;

/* *record does not exist when the CIB has none, and after a failure.  OVNHA_ERR_PROTOCOL
 * when the CIB has one that cannot be understood. */
enum ovnha_result ovnha_cib_read(struct ovnha_cib *cib, struct ovnha_record *record,
                                 struct ovnha_err *err) OVNHA_MUST_USE;

/* A cluster property's text; "" when it is not set. */
enum ovnha_result ovnha_cib_property(struct ovnha_cib *cib, const char *name, char *value,
                                     size_t size, struct ovnha_err *err) OVNHA_MUST_USE;

/* Whether Pacemaker manages the resource on `node`: not in maintenance, nor unmanaged.
 * *managed stays as it is after a failure. */
enum ovnha_result ovnha_cib_is_managed(struct ovnha_cib *cib, const char *node,
                                       bool *managed,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* The nodes that constraints bar from being promoted, as of ovnha_bans_read(); empty,
 * too, when the CIB does not say. */
json_t *ovnha_cib_bans(struct ovnha_cib *cib);

/* Whether a node is known to be off, as Pacemaker sees it: not a member, and fenced or
 * gone in order (*went).  Where fencing is switched off, whoever did that has said that a
 * node that cannot be seen is off: that is *off without *went. */
enum ovnha_result ovnha_cib_node_is_off(struct ovnha_cib *cib, const char *node,
                                        bool *off, bool *went,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

/* Put `fresh` in the place of exactly `old`; OVNHA_ERR_CONFLICT when the CIB holds
 * anything else.  An `old` that does not exist means that there is none yet. */
enum ovnha_result ovnha_cib_swap(struct ovnha_cib *cib, const struct ovnha_record *old,
                                 const struct ovnha_record *fresh,
                                 struct ovnha_err *err) OVNHA_MUST_USE;

#endif
