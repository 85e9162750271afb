/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_INQUIRY_H
#define OVNHA_AGENT_RESIDENT_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <qb/qbloop.h>

#include <ovnha/deadline.h>

#include "control_server.h"

/* How all nodes are, for `ovnha status`: asked of the group when somebody wants it, and
 * answered within a second by whoever can. */

struct resident;

/* One question at a time, for whoever wants to know then. */
#define RESIDENT_INQUIRERS_MAX 16

struct resident_inquiry {
    int64_t number;  /* of the last question */
    json_t *answers; /* by node; NULL: none is awaited */
    json_t *judged;  /* as this node judges itself */
    size_t n_requests;
    struct ovnha_request *request[RESIDENT_INQUIRERS_MAX];
    qb_loop_timer_handle timer;
    json_t *given; /* this node's last answer, and ... */
    ovnha_msec given_at;
};

/* `judged` is this node's own judgement; the reference is taken. */
void ovnha_resident_inquire(struct resident *r, struct ovnha_request *request,
                            json_t *judged);
/* False for a message that is no part of it. */
bool ovnha_resident_hear_inquiry(struct resident *r, uint32_t nodeid, json_t *message);
void ovnha_resident_forget_inquiry(struct resident *r);

#endif
