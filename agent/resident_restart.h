/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_RESTART_H
#define OVNHA_AGENT_RESIDENT_RESTART_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/recovery.h>

#include "control_server.h"

/* A server of the active has died: start it again in place, in a process of its own, or
 * leave it to the score.  While one runs, nothing else changes the record or publishes.
 */

struct resident;

/* `ovnha-helper restart`, and what there was before it. */
struct resident_restart {
    bool served; /* the copy was whole and open, and no death was dealt with since */
    ovnha_msec
        near_until; /* a death may be about to be seen, and is waited for; 0: none */
    bool put_off;   /* the last death is to be dealt with later, and that was logged */
    pid_t pid;      /* 0: none is under way */
    int pidfd;
    pid_t leaving; /* was told to end, and has not been waited for; 0: none */
    struct ovnha_restarts past;
    struct ovnha_request *awaited; /* answered when it is over */
};

void ovnha_resident_recover(struct resident *r);
bool ovnha_resident_is_restarting(const struct resident *r);
/* Somebody of the active dies just now: there is nothing to be said of it before it is
 * decided what becomes of that. */
bool ovnha_resident_is_dying(const struct resident *r);
/* Answered with "restarted", "failed" or "nothing", when it is over. */
void ovnha_resident_await_restart(struct resident *r, struct ovnha_request *request);
/* End one that is under way, and wait for that, but not long. */
void ovnha_resident_end_restart(struct resident *r);

#endif
