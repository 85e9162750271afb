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
    char barrier[OVNHA_UUID_SIZE];      /* it has one out: look often */
    char barrier_seen[OVNHA_UUID_SIZE]; /* the last one that its copy holds */
    struct ovnha_report report;
    bool looked; /* it knows what its copy holds */
};

struct resident {
    qb_loop_t *loop;
    qb_loop_timer_handle timer;
    bool woken; /* a look is due at once */
    struct ovnha_context context;
    struct ovnha_control_server *server;
    struct ovnha_group *group;
    struct ovnha_cib *cib;
    quorum_handle_t quorum;
    enum ovnha_tristate quorate;
    char no_quorum_policy[32]; /* the cluster's; "" is its default, stop */

    struct ovnha_record record; /* the newest obeyed; as in the file */
    bool record_broken;         /* the file is there and cannot be understood */
    struct ovnha_record shared; /* the CIB's when it was last read */

    struct ovnha_facts facts; /* of the last look */
    bool marks_known;
    struct ovnha_copy_marks marks[OVNHA_DB_MAX];
    bool content_known; /* these two are; looked at while there is no record */
    bool populated;
    char content[OVNHA_CONTENT_SIZE];
    char attachment[OVNHA_UUID_SIZE]; /* "": not attached */
    char attached_to[OVNHA_NODE_SIZE];
    bool confirmed; /* our token of this attachment was read back */
    bool lived_through;
    ovnha_msec settled_at; /* when the group had time to speak up */
    ovnha_msec unrecorded; /* since when a leave cannot be recorded; 0: it can */

    size_t n_configured;
    struct ovnha_node configured[OVNHA_NODES_MAX];
    size_t n_peers;
    struct resident_peer peer[OVNHA_NODES_MAX];

    char barrier[OVNHA_UUID_SIZE];      /* ours, of a planned move; "": none is out */
    struct ovnha_request *at_barrier;   /* answered when all in sync hold it */
    char barrier_seen[OVNHA_UUID_SIZE]; /* the last that our copy holds */

    struct ovnha_request *opening; /* answered when its record is kept */
    struct ovnha_request *exiting; /* answered when the record can do without us */
    ovnha_msec exit_at;            /* ... or then at the latest */
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
void ovnha_resident_hear(struct resident *r, uint32_t nodeid, json_t *message);
void ovnha_resident_lose(struct resident *r, uint32_t nodeid);

/* Look at the own servers and their marks. */
void ovnha_resident_look(struct resident *r);
enum ovnha_result ovnha_resident_write_marker(struct resident *r, const char *uuid,
                                              struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_token(struct resident *r, const char *node,
                                             const char *uuid,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_barrier(struct resident *r,
                                               struct ovnha_err *err) OVNHA_MUST_USE;

/* A planned move (resident_handover.c): write a barrier and wait for the replicas;
 * then, read-only, record who holds it and nothing less. */
void ovnha_resident_raise_barrier(struct resident *r, struct ovnha_request *request);
void ovnha_resident_check_barrier(struct resident *r);
bool ovnha_resident_awaits_barrier(const struct resident *r);
void ovnha_resident_hand_over(struct resident *r, struct ovnha_request *request);

/* A person's choice (resident_accept.c). */
void ovnha_resident_accept_loss(struct resident *r, struct ovnha_request *request);

/* Whether this node may act as one of a quorate partition: when it is, or when the
 * cluster's no-quorum-policy is ignore. */
enum ovnha_tristate ovnha_resident_quorum(const struct resident *r);

/* The rule's and the upkeep's facts. */
void ovnha_resident_judge(struct resident *r, struct ovnha_candidacy_verdict *verdict);
void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts);
bool ovnha_resident_is_serving(const struct resident *r);

#endif
