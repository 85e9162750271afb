/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_SOURCE_H
#define OVNHA_SOURCE_H

#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whom a backup should follow, and where that is. */

/* The node known to be promoted, the freshest word first: a notification, then
 * the cluster's answer, then memory.  "" when nobody is, or nobody knows. */
const char *ovnha_source_node(const struct ovnha_facts *facts);

/* The address of a node, or NULL. */
const char *ovnha_source_addr(const struct ovnha_facts *facts, const char *node);

/* Where database `i` of `node` is replicated from: at the node's own address, or
 * at master_ip when that address is unknown.  "" when neither is, and for this
 * node itself: nobody replicates from himself. */
void ovnha_source_method(const struct ovnha_facts *facts, size_t i, const char *node,
                         char method[OVNHA_METHOD_SIZE]);

/* The passive methods of this node.  For replicas: at its own address, or what it
 * was told as the active while that address is not known; "" when neither is, and for a
 * node that the list lacks.  For clients: "" without an address to listen on. */
void ovnha_source_replicas_listener(const struct ovnha_facts *facts, size_t i,
                                    char method[OVNHA_METHOD_SIZE]);
void ovnha_source_clients_listener(const struct ovnha_facts *facts, size_t i,
                                   char method[OVNHA_METHOD_SIZE]);

/* Whether addresses of a guarded copy are in doubt: there is a node list, and it could
 * not be read.  Then nobody new is followed: what else is known of where he is may be
 * wrong. */
bool ovnha_source_is_doubtful(const struct ovnha_facts *facts);

/* ... and where this node would listen for replicas, it does not remember either: as the
 * active nobody could follow it. */
bool ovnha_source_listener_is_doubtful(const struct ovnha_facts *facts);

/* Whether a backup's servers follow what memory says they should, with a
 * session each ... */
bool ovnha_source_is_followed(const struct ovnha_facts *facts);

/* ... and probe it as configured: a monitor has nothing to repair. */
bool ovnha_source_in_order(const struct ovnha_facts *facts);

#ifdef __cplusplus
}
#endif

#endif
