/* SPDX-License-Identifier: Apache-2.0 */
#include "resident.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/eligibility.h>

#include "corosync.h"
#include "gather.h"
#include "helper_lock.h"
#include "resident_aside.h"
#include "resident_attributes.h"
#include "resident_beat.h"
#include "resident_change.h"
#include "resident_commands.h"
#include "resident_files.h"
#include "resident_inquiry.h"
#include "resident_loop.h"
#include "resident_membership.h"
#include "resident_northd.h"
#include "resident_policy.h"
#include "resident_quorum.h"
#include "resident_record.h"
#include "resident_rest.h"
#include "resident_restart.h"
#include "resident_state.h"
#include "resident_unbroken.h"
#include "resident_watch.h"

static enum ovnha_result read_nodes(struct resident *r, struct ovnha_err *err)
{
    const struct ovnha_node_list *list = &r->context.params.node_addresses;

    if (list->n > 0) {
        memcpy(r->configured, list->node, list->n * sizeof list->node[0]);
        r->n_configured = list->n;
        return OVNHA_OK;
    }
    return ovnha_corosync_nodes(r->configured, &r->n_configured, err);
}

static enum ovnha_result set_up(struct resident *r, struct ovnha_err *err)
{
    char control[OVNHA_PATH_SIZE];
    enum ovnha_result result = ovnha_helper_lock_take(&r->context, &r->lock, err);

    if (result == OVNHA_OK) {
        result = ovnha_resident_begin_turns(r, err);
    }
    if (result == OVNHA_OK) {
        result = read_nodes(r, err);
    }
    ovnha_gather_local(&r->context, OVNHA_MONITOR, &r->facts);
    if (result == OVNHA_OK) {
        result = ovnha_resident_watch_quorum(r, err);
    }
    /* First of what may stand still: the next one to start finds us by the socket. */
    if (result == OVNHA_OK) {
        ovnha_context_helper_socket(&r->context, control);
        result = ovnha_control_server_open(control, r->loop, ovnha_resident_command, r,
                                           &r->server, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_resident_join(r, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_resident_watch_addresses(r, err);
    }
    if (result == OVNHA_OK) {
        ovnha_resident_load_record(r);
        ovnha_resident_load_unbroken(r);
        ovnha_resident_check_rest(r);
        ovnha_resident_load_withdrawal(r);
        ovnha_resident_load_change(r);
        ovnha_resident_read_policy(r);
        ovnha_resident_read_former_active(r);
        result = ovnha_resident_keep_files(r, err);
    }
    return result;
}

static void tear_down(struct resident *r)
{
    ovnha_resident_leave_aside(r);
    ovnha_resident_release_attributes(r);
    ovnha_resident_end_restart(r);
    ovnha_resident_release_northd(r);
    ovnha_control_server_close(r->server);
    ovnha_resident_forget_inquiry(r);
    json_decref(r->change);
    ovnha_group_leave(r->group);
    ovnha_resident_leave_quorum(r);
    ovnha_resident_watch_end(r);
    ovnha_cib_free(r->cib);
    ovnha_resident_release_files(r);
    ovnha_loop_timer_close(r->timer);
    if (r->lock >= 0) {
        close(r->lock);
    }
}

int ovnha_resident_run(const struct ovnha_invocation *invocation,
                       ovnha_resident_ready *ready)
{
    struct resident *r = calloc(1, sizeof *r);
    qb_loop_t *loop = qb_loop_create();
    struct ovnha_cib *cib = ovnha_cib_new(invocation->resource);
    struct ovnha_err err = {""};
    enum ovnha_result result;

    if (!r || !loop || !cib) {
        ready(ovnha_fail(&err, OVNHA_ERR_SYSTEM, "out of memory"), &err);
        return EXIT_FAILURE;
    }
    r->loop = loop;
    r->cib = cib;
    r->files.compactor.child.fd = -1;
    r->score.publisher.child.fd = -1;
    r->attributes.child.fd = -1;
    r->score.published = OVNHA_SCORE_NEVER;
    r->watch.netlink = -1;
    r->lock = -1;
    ovnha_context_init_leniently(&r->context, invocation);
    result = set_up(r, &err);
    ready(result, &err);
    if (result == OVNHA_OK) {
        qb_log(LOG_NOTICE, "helper %s is up", PACKAGE_VERSION);
        ovnha_resident_wake(r);
        qb_loop_run(r->loop);
    }
    tear_down(r);
    qb_loop_destroy(r->loop);
    free(r);
    return result == OVNHA_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
