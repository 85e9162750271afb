/* SPDX-License-Identifier: Apache-2.0 */
/* What makes the helper look at once instead of at its next turn.
 *
 * A server that dies: every millisecond until the score says so is one of an outage.
 * An address that appears: ovsdb-server tries again to listen on it when it wakes up,
 * by itself up to 2.5 s later; to be looked at wakes it up. */

#include "resident_watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>
#include <ovnha/process_handle.h>

#include "resident_loop.h"
#include "resident_state.h"

/* From a process's letting go of its locks, which a look sees, to its end. */
#define END_MS 100

/*
 * Deaths.
 */

static void unpin(struct resident *r, struct resident_pin *pin)
{
    if (pin->pid) {
        qb_loop_poll_del(r->loop, pin->pidfd);
        close(pin->pidfd);
        pin->pid = 0;
    }
}

static void log_end(const struct resident_pin *pin)
{
    qb_log(LOG_NOTICE, OVNHA_LINE_PROCESS_ENDED, (int)pin->pid);
}

static int32_t has_ended(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;

    (void)events;
    for (size_t i = 0; i < sizeof r->watch.pin / sizeof r->watch.pin[0]; i++) {
        if (r->watch.pin[i].pid && r->watch.pin[i].pidfd == fd) {
            log_end(&r->watch.pin[i]);
            unpin(r, &r->watch.pin[i]);
        }
    }
    ovnha_resident_wake(r);
    return 0;
}

/* One that has ended since it was looked at: what was seen is not so any more.  A killed
 * server's --monitor ends in this way, right after the server. */
static void miss(struct resident *r, struct resident_pin *pin, pid_t pid)
{
    if (pin->missed != pid) {
        pin->missed = pid;
        ovnha_resident_wake(r);
    }
}

/* The look that does not find it any more may be quicker than the kernel's word of its
 * end, which nobody would hear then. */
static void let_go(struct resident *r, struct resident_pin *pin)
{
    if (pin->pid &&
        ovnha_process_wait(pin->pidfd, ovnha_deadline_after(ovnha_now(), END_MS)) > 0) {
        log_end(pin);
    }
    unpin(r, pin);
}

/* A process that cannot be pinned otherwise is missed at the next turn. */
static void pin(struct resident *r, struct resident_pin *pin, pid_t pid)
{
    if (pin->pid == pid) {
        return;
    }
    let_go(r, pin);
    if (pid <= 0) {
        return;
    }
    pin->pidfd = ovnha_process_pin(pid);
    if (pin->pidfd < 0) {
        if (errno == ESRCH) {
            miss(r, pin, pid);
        }
        return;
    }
    if (qb_loop_poll_add(r->loop, QB_LOOP_HIGH, pin->pidfd, POLLIN, r, has_ended) == 0) {
        pin->pid = pid;
    } else {
        close(pin->pidfd);
    }
}

void ovnha_resident_watch_servers(struct resident *r)
{
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        pin(r, &r->watch.pin[i], r->facts.server[i].pid);
    }
}

void ovnha_resident_watch_northd(struct resident *r, pid_t pid)
{
    pin(r, &r->watch.pin[OVNHA_DB_MAX], pid);
}

bool ovnha_resident_has_ended(const struct resident *r, pid_t pid)
{
    for (size_t i = 0; i < sizeof r->watch.pin / sizeof r->watch.pin[0]; i++) {
        if (pid > 0 && r->watch.pin[i].pid == pid) {
            return false;
        }
    }
    return true;
}

/*
 * Addresses.
 */

static int32_t address_changed(int32_t fd, int32_t events, void *aux)
{
    char message[4096];

    (void)events;
    while (recv(fd, message, sizeof message, MSG_DONTWAIT) > 0 || errno == ENOBUFS) {
    }
    ovnha_resident_wake(aux);
    return 0;
}

enum ovnha_result ovnha_resident_watch_addresses(struct resident *r,
                                                 struct ovnha_err *err)
{
    const struct sockaddr_nl address = {
        .nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    int rc;

    r->watch.netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (r->watch.netlink < 0 ||
        bind(r->watch.netlink, (const struct sockaddr *)&address, sizeof address) != 0) {
        return ovnha_fail_errno(err, errno, "cannot watch the host's addresses");
    }
    rc = qb_loop_poll_add(r->loop, QB_LOOP_HIGH, r->watch.netlink, POLLIN, r,
                          address_changed);
    return rc == 0 ? OVNHA_OK
                   : ovnha_fail_errno(err, -rc, "cannot watch the host's addresses");
}

void ovnha_resident_watch_end(struct resident *r)
{
    for (size_t i = 0; i < sizeof r->watch.pin / sizeof r->watch.pin[0]; i++) {
        unpin(r, &r->watch.pin[i]);
    }
    if (r->watch.netlink >= 0) {
        close(r->watch.netlink);
    }
}
