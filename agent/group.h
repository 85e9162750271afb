/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_GROUP_H
#define OVNHA_AGENT_GROUP_H

#include <stdint.h>

#include <jansson.h>

#include <ovnha/err.h>

/* The helpers of one resource on all nodes, as a corosync process group: messages
 * reach every member in the same order, and a member's loss is an event in that
 * order.  Messages are JSON objects; nodes are known here by corosync's numbers. */

struct ovnha_group;

/* Called from ovnha_group_dispatch() only.  They may tell the group something, not
 * leave it. */
struct ovnha_group_callbacks {
    void (*message)(uint32_t nodeid, json_t *message, void *aux);
    void (*left)(uint32_t nodeid, void *aux); /* no helper of that node is there */
    void (*joined)(void *aux);                /* someone, maybe we */
};

/* `resource` is known to every node under the same name.  OVNHA_ERR_UNAVAILABLE when
 * there is no corosync here; other failures as of ovnha_corosync_fail(). */
enum ovnha_result ovnha_group_join(const char *resource,
                                   const struct ovnha_group_callbacks *callbacks,
                                   void *aux, struct ovnha_group **group,
                                   struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_group_leave(struct ovnha_group *group);

uint32_t ovnha_group_self(const struct ovnha_group *group);
int ovnha_group_fd(const struct ovnha_group *group);

/* Deliver what has come; anything but OVNHA_OK means that corosync is gone. */
enum ovnha_result ovnha_group_dispatch(struct ovnha_group *group) OVNHA_MUST_USE;

/* To all, ourselves too.  Takes the message's reference.  Blocks for a second at most
 * while corosync's queue is full. */
enum ovnha_result ovnha_group_tell(struct ovnha_group *group, json_t *message,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* The same for what is told again soon: it never blocks, and is left out while corosync
 * takes nothing. */
void ovnha_group_try_tell(struct ovnha_group *group, json_t *message);

#endif
