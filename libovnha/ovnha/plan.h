/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_PLAN_H
#define OVNHA_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/endpoint.h>
#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A plan: steps to run in order, steps for the case that one fails, and the
 * outcome to report.  It is plain data; whoever executes it verifies each step
 * and stops at the first that fails, except those marked `tolerated`. */

enum ovnha_step_kind {
    OVNHA_STEP_NOTE_DOUBT,   /* db: anybody may have written to it (aside.h) */
    OVNHA_STEP_START_SERVER, /* db: ovn-ctl starts it held, without TCP listeners */
    OVNHA_STEP_STOP_SERVER,  /* db: ovn-ctl stops it; TERM, KILL if need be */
    OVNHA_STEP_START_NORTHD,
    OVNHA_STEP_STOP_NORTHD,
    OVNHA_STEP_START_NORTHD_PAUSED,
    OVNHA_STEP_PAUSE_NORTHD,   /* until it says so; ends one that does not */
    OVNHA_STEP_RESUME_NORTHD,  /* until it says active; starts it anew when it does not */
    OVNHA_STEP_AWAIT_NORTHD,   /* until it says active */
    OVNHA_STEP_MAKE_WRITABLE,  /* db */
    OVNHA_STEP_FOLLOW,         /* db, text: the source, or the hold; what a source would
                                * overwrite is set aside first (aside.h) */
    OVNHA_STEP_FOLLOW_OR_HOLD, /* the same; held if it cannot: its schema does not fit the
                                * source's, or there is no room to set it aside */
    OVNHA_STEP_SET_PROBE,      /* db, number: a replica's probe of its source, in ms */
    OVNHA_STEP_WRITE_ROWS,     /* db, text: replicas' listener; our rows into the data */
    OVNHA_STEP_OPEN_REPLICAS,  /* db, text: passive method */
    OVNHA_STEP_CLOSE_REPLICAS, /* db: every plain TCP remote */
    OVNHA_STEP_OPEN_CLIENTS,   /* db */
    OVNHA_STEP_CLOSE_CLIENTS,  /* db */
    OVNHA_STEP_START_HELPER,   /* the resident one, unless it runs */
    OVNHA_STEP_STOP_HELPER,
    OVNHA_STEP_TELL_HELPER,     /* to look at what has changed, and publish */
    OVNHA_STEP_AWAIT_RECOVERY,  /* until the helper has dealt with what has died */
    OVNHA_STEP_RECORD_ATTEMPT,  /* the helper judges the copy again and records */
    OVNHA_STEP_WRITE_MARKER,    /* db: of the generation attempted */
    OVNHA_STEP_AWAIT_BARRIER,   /* until the replicas hold what the active does */
    OVNHA_STEP_RECORD_HANDOVER, /* only those that do are in sync from now on */
    OVNHA_STEP_RECORD_OPEN,     /* the generation; returns when it is kept */
    OVNHA_STEP_ADOPT,           /* record a first generation of the copy that serves */
    OVNHA_STEP_SETTLE_COPIES,   /* that were overwritten (aside.h) */
    OVNHA_STEP_PUBLISH_SCORE,   /* number */
    OVNHA_STEP_FORGET_COST,     /* that ovn-northd costs too much here while it waits */
    OVNHA_STEP_NOTE_STALL,      /* which servers do not answer, and since when */
    OVNHA_STEP_REMEMBER,        /* role, text: who is promoted */
};

struct ovnha_step {
    enum ovnha_step_kind kind;
    size_t db;
    bool tolerated; /* its failure is logged and the plan goes on */
    int number;
    enum ovnha_role role;
    char text[OVNHA_NODE_SIZE];
};

/* What the action reports; the agent maps it to an OCF code in one place. */
enum ovnha_outcome {
    OVNHA_OUTCOME_SUCCESS,           /* 0: done; for monitor: runs as a backup */
    OVNHA_OUTCOME_PROMOTED,          /* 8: monitor: runs as the active */
    OVNHA_OUTCOME_STOPPED,           /* 7: monitor: surely not running */
    OVNHA_OUTCOME_FAILED,            /* 1 */
    OVNHA_OUTCOME_FAILED_PROMOTED,   /* 9: monitor: should be the active and is broken */
    OVNHA_OUTCOME_DEGRADED,          /* 190: backup, but not fit */
    OVNHA_OUTCOME_DEGRADED_PROMOTED, /* 191: active, but not fit */
    OVNHA_OUTCOME_DECIDE_AGAIN,      /* none yet: what the plan does, others may go on
                                      * with; its facts are to be gathered anew */
};

#define OVNHA_PLAN_STEPS_MAX 64

struct ovnha_plan {
    size_t n_steps;
    struct ovnha_step step[OVNHA_PLAN_STEPS_MAX];
    bool run_all; /* go on after a failed step; the first failure is the result */
    size_t n_failure_steps; /* run, all of them, after a step has failed */
    struct ovnha_step failure_step[16];
    enum ovnha_outcome outcome;
    char reason[OVNHA_ERR_SIZE]; /* for people; "" when all is well */
};

void ovnha_plan_init(struct ovnha_plan *plan);

/* Append a step and return it for its arguments to be filled in. */
struct ovnha_step *ovnha_plan_add(struct ovnha_plan *plan, enum ovnha_step_kind kind,
                                  size_t db);
struct ovnha_step *ovnha_plan_add_failure(struct ovnha_plan *plan,
                                          enum ovnha_step_kind kind, size_t db);

void ovnha_plan_end(struct ovnha_plan *plan, enum ovnha_outcome outcome,
                    const char *reason, ...) OVNHA_PRINTF(3, 4);

/* Whether such steps for several databases, one after the other in a plan, wait for
 * nothing but each its own server, and long enough for it to be worth while that they run
 * at once. */
bool ovnha_step_runs_at_once(enum ovnha_step_kind kind);

const char *ovnha_outcome_to_str(enum ovnha_outcome outcome);

/* "follow nb tcp:192.0.2.1:6643"; `settings` names the databases. */
#define OVNHA_STEP_TEXT_SIZE 384
void ovnha_step_format(const struct ovnha_step *step,
                       const struct ovnha_settings *settings,
                       char text[OVNHA_STEP_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
