/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_ASIDE_H
#define OVNHA_AGENT_RESIDENT_ASIDE_H

#include <sys/types.h>

#include <ovnha/deadline.h>

/* Copies that were overwritten: a child settles what becomes of them. */

struct resident;

struct resident_aside {
    pid_t settling; /* 0: nothing does */
    ovnha_msec settle_at;
};

void ovnha_resident_settle_aside(struct resident *r);
void ovnha_resident_leave_aside(struct resident *r);

#endif
