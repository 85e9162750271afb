/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_H
#define OVNHA_AGENT_RESIDENT_H

#include <corosync/quorum.h>
#include <qb/qbloop.h>

#include <ovnha/candidacy.h>
#include <ovnha/upkeep.h>

#include "cib_record.h"
#include "context.h"
#include "control_server.h"
#include "group.h"

/* The resident helper: what must be awake between a resource's operations.
 *
 * It watches the servers of its node, quorum, and the helpers of the other nodes;
 * keeps the record; and publishes the score that the record gives this copy.  It
 * decides nothing itself: ovnha_candidacy(), ovnha_upkeep() and
 * ovnha_eligibility() do.  The agent speaks to it through its control socket. */

struct resident_peer {
    uint32_t nodeid;
    struct ovnha_peer state;
    struct ovnha_report report;
};

struct resident {
    qb_loop_t *loop;
    qb_loop_timer_handle timer;
    struct ovnha_context context;
    struct ovnha_control_server *server;
    struct ovnha_group *group;
    struct ovnha_cib *cib;
    quorum_handle_t quorum;
    enum ovnha_tristate quorate;

    struct ovnha_record record; /* the newest obeyed; as in the file */
    bool record_broken;         /* the file is there and cannot be understood */
    struct ovnha_record shared; /* the CIB's when it was last read */

    struct ovnha_facts facts; /* of the last look */
    bool marks_known;
    struct ovnha_copy_marks marks[OVNHA_DB_MAX];
    bool populated;
    char attachment[OVNHA_UUID_SIZE]; /* "": not attached */
    char attached_to[OVNHA_NODE_SIZE];
    bool confirmed; /* our token of this attachment was read back */
    bool lived_through;
    ovnha_msec settled_at; /* when the group had time to speak up */

    size_t n_configured;
    struct ovnha_node configured[OVNHA_NODES_MAX];
    size_t n_peers;
    struct resident_peer peer[OVNHA_NODES_MAX];

    struct ovnha_request *opening; /* answered when its record is kept */
    bool score_known;
    int score;
};

/* Told once, when commands are answered or when it cannot come to that. */
typedef void ovnha_resident_ready(enum ovnha_result result, const struct ovnha_err *err);

/* Run until told to exit.  Returns an exit code for main(). */
int ovnha_resident_run(const struct ovnha_invocation *invocation,
                       ovnha_resident_ready *ready);

/*
 * The parts (resident_*.c).
 */

/* Read own file and CIB; make the record `fresh` everywhere, or say why not. */
void ovnha_resident_load_record(struct resident *r);
enum ovnha_result ovnha_resident_change_record(struct resident *r,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err) OVNHA_MUST_USE;
/* Obey a record that someone else made, when it is newer. */
void ovnha_resident_obey_record(struct resident *r, const struct ovnha_record *record);

/* Tell the group all about this node; take in what another one tells. */
void ovnha_resident_tell(struct resident *r);
void ovnha_resident_hear(struct resident *r, uint32_t nodeid, const json_t *message);
void ovnha_resident_lose(struct resident *r, uint32_t nodeid);

/* Look at the own servers and their marks. */
void ovnha_resident_look(struct resident *r);
enum ovnha_result ovnha_resident_write_marks(struct resident *r, const char *node,
                                             const char *token,
                                             struct ovnha_err *err) OVNHA_MUST_USE;

/* The rule's and the upkeep's facts. */
void ovnha_resident_judge(struct resident *r, struct ovnha_candidacy_verdict *verdict);
void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts);
bool ovnha_resident_is_serving(const struct resident *r);

#endif
