/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_NORTHD_H
#define OVNHA_AGENT_RESIDENT_NORTHD_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/deadline.h>
#include <ovnha/facts.h>
#include <ovnha/northd_watch.h>

/* northd between operations: started again when it has ended, hangs, or is not what it is
 * to be, by a child. */

struct ovnha_json_stream;
struct resident;

/* ovn-northd, as it was left by an operation. */
struct resident_northd {
    pid_t keeping; /* what puts it right; 0: nothing does */
    struct ovnha_northd_tries tries;
    pid_t pid;   /* 0: it does not run */
    bool asking; /* over `fd` */
    int fd;
    struct ovnha_json_stream *answer; /* as far as it has come, while it is asked */
    bool unanswered;
    ovnha_msec ask_at;
    enum ovnha_northd_status status; /* what it said last */
    ovnha_msec right_at;             /* when that was last what it is to be */
    ovnha_msec hands_off_until;      /* it was not managed when that was asked last */
    struct ovnha_northd_pulse pulse;
    struct ovnha_northd_cost cost;
};

void ovnha_resident_keep_northd(struct resident *r);
void ovnha_resident_release_northd(struct resident *r);

#endif
