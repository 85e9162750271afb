/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_WATCH_H
#define OVNHA_AGENT_RESIDENT_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/database.h>
#include <ovnha/err.h>

/* Wakes the loop up: when one of the servers that were looked at ends, or northd, and
 * when an address of this host appears or goes. */

struct resident;

/* A process whose end is waited for. */
struct resident_pin {
    pid_t pid; /* 0: none */
    int pidfd;
    pid_t missed; /* had ended already; 0: none */
};

struct resident_watch {
    struct resident_pin pin[OVNHA_DB_MAX + 1]; /* of the servers, and of northd */
    int netlink;                               /* -1: not open */
};

void ovnha_resident_watch_servers(struct resident *r);
void ovnha_resident_watch_northd(struct resident *r, pid_t pid);
/* Whether the process, which was watched, is not there any more; or was never watched. */
bool ovnha_resident_has_ended(const struct resident *r, pid_t pid);
enum ovnha_result ovnha_resident_watch_addresses(struct resident *r,
                                                 struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_resident_watch_end(struct resident *r);

#endif
