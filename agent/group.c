/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <corosync/cpg.h>

#include "corosync.h"

struct ovnha_group {
    cpg_handle_t cpg;
    uint32_t self;
    struct cpg_name name;
    struct ovnha_group_callbacks callbacks;
    void *aux;
};

static struct ovnha_group *group_of(cpg_handle_t cpg)
{
    void *context = NULL;

    return cpg_context_get(cpg, &context) == CS_OK ? context : NULL;
}

static void deliver(cpg_handle_t cpg, const struct cpg_name *name, uint32_t nodeid,
                    uint32_t pid, void *bytes, size_t size)
{
    struct ovnha_group *group = group_of(cpg);
    json_t *message = json_loadb(bytes, size, 0, NULL);

    (void)name;
    (void)pid;
    if (group && json_is_object(message)) {
        group->callbacks.message(nodeid, message, group->aux);
    }
    json_decref(message);
}

static bool is_among(const struct cpg_address *members, size_t n, uint32_t nodeid)
{
    for (size_t i = 0; i < n; i++) {
        if (members[i].nodeid == nodeid) {
            return true;
        }
    }
    return false;
}

/* Members are processes: a node whose old helper leaves after its new one has joined
 * is not lost. */
static void change(cpg_handle_t cpg, const struct cpg_name *name,
                   const struct cpg_address *members, size_t n_members,
                   const struct cpg_address *left, size_t n_left,
                   const struct cpg_address *joined, size_t n_joined)
{
    struct ovnha_group *group = group_of(cpg);

    (void)name;
    (void)joined;
    for (size_t i = 0; group && i < n_left; i++) {
        if (!is_among(members, n_members, left[i].nodeid)) {
            group->callbacks.left(left[i].nodeid, group->aux);
        }
    }
    if (group && n_joined > 0) {
        group->callbacks.joined(group->aux);
    }
}

static enum ovnha_result join(struct ovnha_group *group, struct ovnha_err *err)
{
    static cpg_callbacks_t callbacks = {.cpg_deliver_fn = deliver,
                                        .cpg_confchg_fn = change};
    cs_error_t error;
    int tries = 0;

    do {
        error = cpg_initialize(&group->cpg, &callbacks);
    } while (ovnha_corosync_again(error, &tries));
    if (error != CS_OK) {
        return ovnha_corosync_fail(err, error, "reach corosync");
    }
    cpg_context_set(group->cpg, group);
    do {
        error = cpg_local_get(group->cpg, &group->self);
        error = error == CS_OK ? cpg_join(group->cpg, &group->name) : error;
    } while (ovnha_corosync_again(error, &tries));
    if (error != CS_OK) {
        cpg_finalize(group->cpg);
        return ovnha_corosync_fail(err, error, "join corosync's group of helpers");
    }
    return OVNHA_OK;
}

enum ovnha_result ovnha_group_join(const char *resource,
                                   const struct ovnha_group_callbacks *callbacks,
                                   void *aux, struct ovnha_group **group,
                                   struct ovnha_err *err)
{
    struct ovnha_group *fresh = calloc(1, sizeof *fresh);
    enum ovnha_result result;
    int length;

    *group = NULL;
    if (!fresh) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    fresh->callbacks = *callbacks;
    fresh->aux = aux;
    length = snprintf(fresh->name.value, sizeof fresh->name.value, "ovnha/%s", resource);
    fresh->name.length =
        length < CPG_MAX_NAME_LENGTH ? (uint32_t)length : CPG_MAX_NAME_LENGTH - 1;
    result = join(fresh, err);
    if (result != OVNHA_OK) {
        free(fresh);
        return result;
    }
    *group = fresh;
    return OVNHA_OK;
}

void ovnha_group_leave(struct ovnha_group *group)
{
    if (group) {
        cpg_leave(group->cpg, &group->name);
        cpg_finalize(group->cpg);
        free(group);
    }
}

uint32_t ovnha_group_self(const struct ovnha_group *group)
{
    return group->self;
}

int ovnha_group_fd(const struct ovnha_group *group)
{
    int fd = -1;

    return cpg_fd_get(group->cpg, &fd) == CS_OK ? fd : -1;
}

enum ovnha_result ovnha_group_dispatch(struct ovnha_group *group)
{
    const cs_error_t error = cpg_dispatch(group->cpg, CS_DISPATCH_ALL);

    return error == CS_OK || error == CS_ERR_TRY_AGAIN ? OVNHA_OK : OVNHA_ERR_LOST;
}

void ovnha_group_try_tell(struct ovnha_group *group, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    struct iovec iov = {.iov_base = text, .iov_len = text ? strlen(text) : 0};

    if (text) {
        (void)cpg_mcast_joined(group->cpg, CPG_TYPE_AGREED, &iov, 1);
    }
    free(text);
    json_decref(message);
}

enum ovnha_result ovnha_group_tell(struct ovnha_group *group, json_t *message,
                                   struct ovnha_err *err)
{
    char *text = json_dumps(message, JSON_COMPACT);
    struct iovec iov = {.iov_base = text, .iov_len = text ? strlen(text) : 0};
    cs_error_t error = CS_ERR_NO_MEMORY;
    int tries = 0;

    do {
        error = text ? cpg_mcast_joined(group->cpg, CPG_TYPE_AGREED, &iov, 1) : error;
    } while (ovnha_corosync_again(error, &tries));
    free(text);
    json_decref(message);
    return error == CS_OK ? OVNHA_OK
                          : ovnha_fail(err, OVNHA_ERR_LOST, "cannot tell the others: %s",
                                       cs_strerror(error));
}
