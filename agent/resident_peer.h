/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_PEER_H
#define OVNHA_AGENT_RESIDENT_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <ovnha/candidacy.h>
#include <ovnha/upkeep.h>

#include "resident_beat.h"
#include "resident_tails.h"

/* What is known of the helper of another node: its last words, and its last beat. */

struct resident;

#define RESIDENT_VERSION_SIZE 32

struct resident_peer {
    uint32_t nodeid;
    struct ovnha_peer state;
    char barrier[OVNHA_UUID_SIZE];      /* it has one out: look often */
    char barrier_seen[OVNHA_UUID_SIZE]; /* the last one that its copy holds */
    struct ovnha_tails tails;           /* what came after its own */
    char completed[OVNHA_UUID_SIZE];    /* the last one whose tails it holds, too */
    struct ovnha_report report;
    char version[RESIDENT_VERSION_SIZE]; /* of its helper; "": one that does not say */
    bool looked;                         /* it knows what its copy holds */
    bool stopped; /* its last words: nobody runs its copy any more */
    struct resident_peer_beat beat;
};

/* NULL when it has never been heard.  As strchr(3) does, it leaves to the caller what may
 * be changed. */
struct resident_peer *ovnha_resident_peer(const struct resident *r, const char *node);
/* Whoever said in his last beat that he serves, and has not gone since; or NULL. */
const struct resident_peer *ovnha_resident_serving_peer(const struct resident *r);

#endif
