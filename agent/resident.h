/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_H
#define OVNHA_AGENT_RESIDENT_H

#include <corosync/quorum.h>
#include <qb/qbloop.h>

#include <ovnha/candidacy.h>
#include <ovnha/northd_watch.h>
#include <ovnha/progress.h>
#include <ovnha/recovery.h>
#include <ovnha/tail.h>
#include <ovnha/upkeep.h>
#include <ovnha/withdrawal.h>

#include "cib_record.h"
#include "compactor.h"
#include "context.h"
#include "control_server.h"
#include "file_sync.h"
#include "group.h"
#include "publisher.h"
#include "stream.h"

/* The resident helper: what must be awake between a resource's operations.
 *
 * It watches the servers of its node, quorum, and the helpers of the other nodes;
 * keeps the record; and publishes the score that the record gives this copy.  It
 * decides nothing itself: ovnha_candidacy(), ovnha_upkeep() and
 * ovnha_eligibility() do.  The agent speaks to it through its control socket. */

/* What the active wrote between its barrier and read-only. */
struct ovnha_tails {
    bool known;
    json_t *rows[OVNHA_DB_MAX]; /* NULL: none */
    char digest[OVNHA_DB_MAX][OVNHA_TAIL_DIGEST_SIZE];
};

/* Over what a replica replicates a database, and how far its server has read it. */
struct resident_stream {
    char name[OVNHA_STREAM_SIZE]; /* "": not known */
    uint64_t read;
};

/* What a node's last beat said, and what follows from it. */
struct resident_peer_beat {
    bool serves;
    struct resident_stream stream[OVNHA_DB_MAX];
    char tracked[OVNHA_DB_MAX][OVNHA_STREAM_SIZE]; /* which of them `progress` is of */
    struct ovnha_progress progress[OVNHA_DB_MAX];
};

struct resident_beat {
    ovnha_msec due; /* the next one */
    bool told_serving;
    bool sampled;     /* the last sample could be taken */
    bool sessionless; /* ... and a server had no session, whatever sync-status says */
    struct resident_stream sample[OVNHA_DB_MAX];
    struct resident_stream stream[OVNHA_DB_MAX]; /* the last sample that counts */
    bool was_member;
    size_t n_members; /* of the cluster, helper or not */
    uint32_t member[OVNHA_NODES_MAX];
    struct ovnha_withdrawal withdrawal;
    char withdrawn[OVNHA_UUID_SIZE]; /* the last attachment that was; as in the file */
};

struct resident_peer {
    uint32_t nodeid;
    struct ovnha_peer state;
    char barrier[OVNHA_UUID_SIZE];      /* it has one out: look often */
    char barrier_seen[OVNHA_UUID_SIZE]; /* the last one that its copy holds */
    struct ovnha_tails tails;           /* what came after its own */
    ovnha_msec record_again_at;         /* not before, when that has failed */
    char completed[OVNHA_UUID_SIZE];    /* the last one whose tails it holds, too */
    struct ovnha_report report;
    bool looked;  /* it knows what its copy holds */
    bool stopped; /* its last words: nobody runs its copy any more */
    struct resident_peer_beat beat;
};

/* A process whose end is waited for. */
struct resident_pin {
    pid_t pid; /* 0: none */
    int pidfd;
};

/* `ovnha-helper restart`, and what there was before it. */
struct resident_restart {
    bool served; /* the copy was whole and open, and no death was dealt with since */
    pid_t pid;   /* 0: none is under way */
    int pidfd;
    struct ovnha_restarts past;
    struct ovnha_request *awaited; /* answered when it is over */
};

/* ovn-northd, as it was left by an operation. */
struct resident_northd {
    pid_t keeping; /* what puts it right; 0: nothing does */
    struct ovnha_northd_tries tries;
    pid_t pid;   /* 0: it does not run */
    bool asking; /* over `fd` */
    int fd;
    bool unanswered;
    ovnha_msec ask_at;
    enum ovnha_northd_status status; /* what it said last */
    ovnha_msec right_at;             /* when that was last what it is to be */
    ovnha_msec hands_off_until;      /* it was not managed when that was asked last */
    struct ovnha_northd_pulse pulse;
    struct ovnha_northd_cost cost;
};

struct resident {
    qb_loop_t *loop;
    qb_loop_timer_handle timer;
    bool woken; /* a look is due at once */
    struct ovnha_context context;
    struct ovnha_control_server *server;
    struct ovnha_group *group;
    struct ovnha_cib *cib;
    struct resident_pin pin[OVNHA_DB_MAX + 1]; /* of the servers, and of northd */
    struct resident_restart restart;
    struct resident_northd northd;
    int netlink;
    quorum_handle_t quorum;
    enum ovnha_tristate quorate;
    bool unmanaged; /* nobody is promoted here; when it was last read */
    ovnha_msec policy_due;
    char no_quorum_policy[32]; /* the cluster's; "" is its default, stop */

    struct ovnha_record record;          /* the newest obeyed; as in the file */
    bool record_broken;                  /* the file is there and cannot be understood */
    struct ovnha_record shared;          /* the CIB's when it was last read */
    char former_active[OVNHA_NODE_SIZE]; /* of the agent that comes with OVN */
    bool unshared;                       /* the CIB may lack a record of ours */
    bool other_is_off; /* of two nodes: the other one is known to be off */
    bool other_went;   /* ... because it was fenced, or went in order */

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
    bool confirmed; /* our token of this attachment was read back */
    bool lived_through;
    bool unbroken;  /* no power loss since the copy was confirmed, or opened */
    bool candidate; /* a copy that may have lost its tail is none while this one is */
    bool banned;    /* a constraint bars this node; when it was last read */
    ovnha_msec bans_due;
    bool told_serving;
    bool served;   /* this node did, when all its servers last said what they are */
    bool stopped;  /* nobody runs this copy any more, and the helper goes, too */
    bool replaced; /* a file is not the one that this node held */
    ovnha_msec attached_at;
    struct resident_beat beat;
    ovnha_msec settled_at; /* when the group had time to speak up */
    ovnha_msec unrecorded; /* since when a leave cannot be recorded; 0: it can */

    size_t n_configured;
    struct ovnha_node configured[OVNHA_NODES_MAX];
    size_t n_peers;
    struct resident_peer peer[OVNHA_NODES_MAX];

    char barrier[OVNHA_UUID_SIZE]; /* ours, of a planned move; "": none is out */
    ovnha_msec barrier_ends_at;
    bool barrier_is_out;                /* it is in every database */
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
    pid_t settling;                     /* what sets copies aside; 0: nothing does */
    ovnha_msec settle_at;

    struct ovnha_record promotion;   /* what the last promotion recorded; or none */
    struct ovnha_request *promoting; /* answered when that counts */
    struct ovnha_request *exiting;   /* answered when the record can do without us */
    ovnha_msec exit_at;              /* ... or then at the latest */
    struct ovnha_publisher publisher;
    bool score_known; /* what was published last, and nobody else has since */
    int score;
    char generation[OVNHA_UUID_SIZE]; /* the record's, and ... */
    ovnha_msec moved_at;              /* ... when it was first heard of */

    struct ovnha_file_sync *files;
    struct ovnha_file_synced synced[OVNHA_DB_MAX]; /* as it was last logged */
    struct ovnha_compactor compactor;
    char compacting[OVNHA_UUID_SIZE];              /* the attachment that it is for */
    char compacted[OVNHA_DB_MAX][OVNHA_UUID_SIZE]; /* the last attachment done */
    uint64_t compacted_size[OVNHA_DB_MAX];
    unsigned n_compacted[OVNHA_DB_MAX];
    ovnha_msec compact_again_at; /* after a failure; or 0 */
};

/* Told once, when commands are answered or when it cannot come to that. */
typedef void ovnha_resident_ready(enum ovnha_result result, const struct ovnha_err *err);

/* Run until told to exit.  Returns an exit code for main(). */
int ovnha_resident_run(const struct ovnha_invocation *invocation,
                       ovnha_resident_ready *ready);

/*
 * The parts (resident_*.c).
 */

/* Read own file and CIB. */
void ovnha_resident_load_record(struct resident *r);
/* Read the CIB, and obey what it has; r->shared is what it was after a failure. */
enum ovnha_result ovnha_resident_read_shared(struct resident *r,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
/* Make the record `fresh` everywhere, or say why not: a revision of this node's record;
 * or, for what a promotion records, in the place of just what r->shared says. */
enum ovnha_result ovnha_resident_change_record(struct resident *r,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_replace_record(struct resident *r,
                                                const struct ovnha_record *fresh,
                                                struct ovnha_err *err) OVNHA_MUST_USE;
/* Obey a record that someone else made, when it supersedes this node's; `served`: its
 * active says so itself. */
void ovnha_resident_obey_record(struct resident *r, const struct ovnha_record *record,
                                bool served);
/* The active puts its record into the CIB, where that has an older one. */
void ovnha_resident_assert_record(struct resident *r);
/* Of two nodes: whether the other one, which is absent, is known to be off. */
void ovnha_resident_look_for_other(struct resident *r);

/* `ovnha-helper TASK MS` (helper_main.c) as a child, for what takes longer than this loop
 * may stand still; `niceness` as of nice(2).  Its pid, which the caller waits for, or 0:
 * it cannot be started, which was logged. */
pid_t ovnha_resident_start_task(const struct resident *r, const char *task, int ms,
                                int niceness);

/* Look soon, once, when what has come is taken in. */
void ovnha_resident_wake(struct resident *r);

/* Wake up when one of the servers that were looked at ends, and when an address of this
 * host appears or goes. */
void ovnha_resident_watch_servers(struct resident *r);
void ovnha_resident_watch_northd(struct resident *r, pid_t pid);
/* Whether the process, which was watched, is not there any more; or was never watched. */
bool ovnha_resident_has_ended(const struct resident *r, pid_t pid);
enum ovnha_result ovnha_resident_watch_addresses(struct resident *r,
                                                 struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_resident_watch_end(struct resident *r);

/* Tell the group all about this node; take in what another one tells. */
void ovnha_resident_tell(struct resident *r);
void ovnha_resident_hear(struct resident *r, uint32_t nodeid, json_t *message);
void ovnha_resident_lose(struct resident *r, uint32_t nodeid);
/* What is known of another node; NULL when it has never been heard.  As strchr(3) does,
 * it leaves to the caller what may be changed. */
struct resident_peer *ovnha_resident_peer(const struct resident *r, const char *node);

/* Look at the own servers and their marks. */
void ovnha_resident_look(struct resident *r);
enum ovnha_result ovnha_resident_write_marker(struct resident *r, const char *uuid,
                                              const char *parent,
                                              struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_complete(struct resident *r,
                                                struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_token(struct resident *r, const char *node,
                                             const char *uuid,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_barrier(struct resident *r,
                                               struct ovnha_err *err) OVNHA_MUST_USE;

enum ovnha_result ovnha_resident_digest_tail(struct resident *r, size_t i, json_t *rows,
                                             char digest[OVNHA_TAIL_DIGEST_SIZE],
                                             struct ovnha_err *err) OVNHA_MUST_USE;

/* A promotion's two records (resident_promote.c), each answered when it counts. */
void ovnha_resident_attempt(struct resident *r, struct ovnha_request *request);
void ovnha_resident_open(struct resident *r, struct ovnha_request *request);
void ovnha_resident_check_promotion(struct resident *r);

/* Whether the host has lost power since the copy was confirmed (resident_unbroken.c). */
void ovnha_resident_load_unbroken(struct resident *r);
void ovnha_resident_set_unbroken(struct resident *r, bool unbroken);
/* Say whether it is a candidate that outranks those that have; by r->facts.lineage. */
void ovnha_resident_stand(struct resident *r);

/* Whether the files are those that this node held (resident_rest.c): looked at when the
 * helper begins, and forgotten when the copy is confirmed or chosen. */
void ovnha_resident_check_rest(struct resident *r);
void ovnha_resident_forget_rest(struct resident *r);

/* A planned move (resident_handover.c): write a barrier and wait for the replicas;
 * then, read-only, record who holds it and all that came after it. */
void ovnha_resident_raise_barrier(struct resident *r, struct ovnha_request *request);
void ovnha_resident_hand_over(struct resident *r, struct ovnha_request *request);
void ovnha_resident_check_handover(struct resident *r);
bool ovnha_resident_awaits_handover(const struct resident *r);
json_t *ovnha_resident_tails_to_json(const struct ovnha_tails *tails);
bool ovnha_resident_tails_read(json_t *json, struct ovnha_tails *tails);
void ovnha_resident_tails_clear(struct ovnha_tails *tails);

/* The database files (resident_files.c): a child syncs and notes them once a second, and
 * a compaction is asked for after a resync.  Nothing here waits for the disk. */
enum ovnha_result ovnha_resident_keep_files(struct resident *r,
                                            struct ovnha_err *err) OVNHA_MUST_USE;
/* As if nothing had been noted before. */
enum ovnha_result ovnha_resident_note_anew(struct resident *r,
                                           struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_resident_watch_files(struct resident *r);
json_t *ovnha_resident_files_to_json(const struct resident *r);
void ovnha_resident_release_files(struct resident *r);

/* northd between operations (resident_northd.c): started again when it has ended, hangs,
 * or is not what it is to be, by a child. */
void ovnha_resident_keep_northd(struct resident *r);
void ovnha_resident_release_northd(struct resident *r);

/* Who stands still (resident_beat.c).  Sample before each look, beat after it. */
void ovnha_resident_load_withdrawal(struct resident *r);
void ovnha_resident_sample_streams(struct resident *r);
void ovnha_resident_forget_streams(struct resident *r); /* an attachment begins */
void ovnha_resident_beat(struct resident *r);
/* False for a message that is no beat. */
bool ovnha_resident_hear_beat(struct resident *r, uint32_t nodeid, json_t *message);
void ovnha_resident_note_members(struct resident *r, const uint32_t *member, size_t n);

/* A server of the active has died (resident_restart.c): start it again in place, in a
 * process of its own, or leave it to the score.  While one runs, nothing else changes the
 * record or publishes. */
void ovnha_resident_recover(struct resident *r);
bool ovnha_resident_is_restarting(const struct resident *r);
/* Answered with "restarted", "failed" or "nothing", when it is over. */
void ovnha_resident_await_restart(struct resident *r, struct ovnha_request *request);
/* End one that is under way, and wait for that, but not long. */
void ovnha_resident_end_restart(struct resident *r);

/* Copies that were overwritten (resident_aside.c). */
void ovnha_resident_settle_aside(struct resident *r);
void ovnha_resident_leave_aside(struct resident *r);

/* A person's choice (resident_accept.c). */
void ovnha_resident_accept_loss(struct resident *r, struct ovnha_request *request);
/* What would be said against it, or "". */
void ovnha_resident_object_to_loss(struct resident *r, struct ovnha_request *request);

/* A new generation of the active, without a move (resident_renew.c): attempted, then
 * opened. */
void ovnha_resident_renew(struct resident *r, struct ovnha_request *request);
void ovnha_resident_renew_open(struct resident *r, struct ovnha_request *request);

/* Whether this node may act as one of a quorate partition: when it is, or when the
 * cluster's no-quorum-policy is ignore. */
enum ovnha_tristate ovnha_resident_quorum(const struct resident *r);

/* As the CIB has it now; while that does not answer, as it was when it last did. */
bool ovnha_resident_is_managed(struct resident *r);

/* The rule's and the upkeep's facts. */
void ovnha_resident_candidacy_facts(struct resident *r,
                                    struct ovnha_candidacy_facts *facts);
void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts);
bool ovnha_resident_is_serving(const struct resident *r);
/* It serves; or it did when all its servers last answered, and since then one says
 * nothing: that one is busy, or stands still, and the others acknowledge what they are
 * sent. */
bool ovnha_resident_may_acknowledge(const struct resident *r);

#endif
