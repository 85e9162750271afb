/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_EXIT_H
#define OVNHA_AGENT_RESIDENT_EXIT_H

#include <ovnha/deadline.h>

#include "control_server.h"

/* The helper's end: not before the record can do without it, but not long after it was
 * asked to go. */

struct resident;

struct resident_exit {
    struct ovnha_request *request; /* answered when the record can do without us */
    ovnha_msec at;                 /* ... or then at the latest */
};

void ovnha_resident_begin_exit(struct resident *r, struct ovnha_request *request);
/* Ends the loop when it is time. */
void ovnha_resident_check_exit(struct resident *r);

#endif
