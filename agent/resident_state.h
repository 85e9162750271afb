/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_STATE_H
#define OVNHA_AGENT_RESIDENT_STATE_H

#include <corosync/quorum.h>
#include <qb/qbloop.h>

#include "cib_record.h"
#include "context.h"
#include "control_server.h"
#include "group.h"
#include "loop_timer.h"
#include "resident_aside.h"
#include "resident_attributes.h"
#include "resident_beat.h"
#include "resident_exit.h"
#include "resident_files.h"
#include "resident_handover.h"
#include "resident_inquiry.h"
#include "resident_northd.h"
#include "resident_peer.h"
#include "resident_policy.h"
#include "resident_restart.h"
#include "resident_score.h"
#include "resident_watch.h"

/* What the parts of the resident helper share.  A part's own state is in its header. */
struct resident {
    qb_loop_t *loop;
    struct ovnha_loop_timer *timer; /* of the turns */
    bool woken;                     /* a look is due at once */
    ovnha_msec stirred_at;          /* when something last happened, or was awaited */
    struct ovnha_context context;
    int lock; /* helper_lock.h */
    struct ovnha_control_server *server;
    struct ovnha_group *group;
    struct ovnha_cib *cib;
    quorum_handle_t quorum;
    enum ovnha_tristate quorate;
    bool without_corosync; /* it is gone; so is this helper, once its copy is read-only */

    struct ovnha_record record;             /* the newest obeyed; as in the file */
    char unreadable[OVNHA_UNREADABLE_SIZE]; /* that file, when it is there and cannot be
                                             * understood; else "" */
    struct ovnha_record shared;             /* the CIB's when it was last read */
    bool unshared;                          /* the CIB may lack a record of ours */
    bool other_is_off;               /* of two nodes: the other one is known to be off */
    bool other_went;                 /* ... because it was fenced, or went in order */
    struct ovnha_record promotion;   /* what the last promotion recorded; or none */
    struct ovnha_request *promoting; /* answered when that counts */
    ovnha_msec unrecorded;           /* since when a leave cannot be; 0: it can */

    struct ovnha_facts facts; /* of the last look */
    struct ovnha_stall stall[OVNHA_DB_MAX];
    enum ovnha_stall_verdict stalled[OVNHA_DB_MAX]; /* as it was last logged */
    bool marks_known;
    struct ovnha_copy_marks marks[OVNHA_DB_MAX];
    bool content_known; /* these two are; looked at while there is no record */
    bool populated;
    char content[OVNHA_CONTENT_SIZE];
    char attachment[OVNHA_UUID_SIZE]; /* "": not attached */
    char attached_to[OVNHA_NODE_SIZE];
    ovnha_msec attached_at;
    bool confirmed; /* our token of this attachment was read back */
    bool lived_through;
    bool unbroken;  /* no power loss since the copy was confirmed, or opened */
    bool replaced;  /* a file is not the one that this node held */
    bool candidate; /* a copy that may have lost its tail is none while this one is */
    bool barred;    /* Pacemaker cannot promote this node; when that was last read */
    ovnha_msec barred_due;
    bool told_serving;
    bool served;  /* this node did, when all its servers last said what they are */
    bool stopped; /* nobody runs this copy any more, and the helper goes, too */

    ovnha_msec settled_at; /* when the group had time to speak up */
    size_t n_configured;
    struct ovnha_node configured[OVNHA_NODES_MAX];
    size_t n_peers;
    struct resident_peer peer[OVNHA_NODES_MAX];

    struct resident_watch watch;
    struct resident_policy policy;
    struct resident_beat beat;
    struct resident_handover handover;
    struct resident_restart restart;
    struct resident_northd northd;
    struct resident_aside aside;
    struct resident_files files;
    struct resident_score score;
    struct resident_attributes attributes;
    struct resident_exit exit;
    struct resident_inquiry inquiry;
    json_t *change; /* when and why this node was promoted last; NULL: not known */
};

#endif
