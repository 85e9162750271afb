/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_HANDOVER_H
#define OVNHA_AGENT_RESIDENT_HANDOVER_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/database.h>
#include <ovnha/deadline.h>
#include <ovnha/record.h>

#include "control_server.h"
#include "resident_tails.h"

/* A planned move: write a barrier and wait for the replicas; then, read-only, record who
 * holds it and all that came after it. */

struct resident;

struct resident_handover {
    char barrier[OVNHA_UUID_SIZE]; /* ours; "": none is out */
    ovnha_msec barrier_ends_at;
    bool barrier_is_out;                /* it is in every database */
    off_t barrier_from[OVNHA_DB_MAX];   /* no byte of a file before that is of it */
    struct ovnha_request *at_barrier;   /* answered when all in sync hold it */
    char barrier_seen[OVNHA_UUID_SIZE]; /* the last that our copy holds */
    struct ovnha_tails tails;           /* what came after ours */
    struct ovnha_request *handing_over; /* answered when that is recorded */
    bool tails_unread;                  /* a server that turned read-only is busy */
    ovnha_msec hand_over_at;            /* ... without who is not complete by then */
    ovnha_msec record_again_at;         /* not before, when that has failed */
    char completed[OVNHA_UUID_SIZE];    /* the last one whose tails our copy holds */
    char completed_in[OVNHA_UUID_SIZE]; /* the generation of which our copy has all that
                                         * will ever be, seen in its handover */
};

void ovnha_resident_raise_barrier(struct resident *r, struct ovnha_request *request);
void ovnha_resident_hand_over(struct resident *r, struct ovnha_request *request);
void ovnha_resident_check_handover(struct resident *r);
bool ovnha_resident_awaits_handover(const struct resident *r);

#endif
