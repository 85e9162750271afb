/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_EXECUTE_STEPS_H
#define OVNHA_AGENT_EXECUTE_STEPS_H

#include <ovnha/facts.h>
#include <ovnha/plan.h>
#include <ovnha/record.h>
#include <ovnha/unixctl.h>

#include "context.h"

/* The steps of a plan, for execute.c, which runs them; a file for each kind. */

struct execution {
    const struct ovnha_context *context;
    const struct ovnha_facts *facts;
    bool run_all;        /* the plan's */
    ovnha_msec deadline; /* of the step, as far as it talks to a server */
    struct ovnha_memory memory;
    char generation[OVNHA_UUID_SIZE]; /* of the attempt that was recorded */
    char parent[OVNHA_UUID_SIZE];     /* its parent's */
    bool overwrites;                  /* some copy was to be overwritten ... */
    enum ovnha_tristate populated;    /* ... and what there was before it was */
};

typedef enum ovnha_result
step_function(struct execution *x, const struct ovnha_step *step, struct ovnha_err *err);

/* execute_roles.c */
step_function ovnha_step_make_writable, ovnha_step_follow, ovnha_step_follow_or_hold,
    ovnha_step_note_doubt, ovnha_step_set_probe;
void ovnha_execute_before_following(struct execution *x, const struct ovnha_step *step);
/* execute_remotes.c */
step_function ovnha_step_open_replicas, ovnha_step_close_replicas,
    ovnha_step_open_clients, ovnha_step_close_clients;
/* execute_rows.c */
step_function ovnha_step_write_rows, ovnha_step_write_marker;
/* execute_daemons.c */
step_function ovnha_step_start_server, ovnha_step_stop_server;
/* execute_northd.c */
step_function ovnha_step_start_northd, ovnha_step_start_northd_paused,
    ovnha_step_pause_northd, ovnha_step_resume_northd, ovnha_step_stop_northd,
    ovnha_step_await_northd, ovnha_step_forget_cost;
/* execute_helper.c */
step_function ovnha_step_start_helper, ovnha_step_stop_helper, ovnha_step_tell_helper,
    ovnha_step_await_recovery, ovnha_step_record_attempt, ovnha_step_await_barrier,
    ovnha_step_record_handover, ovnha_step_record_open, ovnha_step_adopt,
    ovnha_step_settle_copies;
/* execute_memory.c */
step_function ovnha_step_publish_score, ovnha_step_remember, ovnha_step_note_stall;

/*
 * What they share (execute_control.c).
 */

/* So many percent of the time that the operation has left. */
ovnha_msec ovnha_execute_part(const struct execution *x, int percent);
const struct ovnha_db_settings *ovnha_execute_settings(const struct execution *x,
                                                       const struct ovnha_step *step);

/* Commands to a server's control socket, in the step's time. */
enum ovnha_result ovnha_execute_control(const struct execution *x, size_t db,
                                        const struct ovnha_unixctl_command *commands,
                                        size_t n, struct ovnha_err *err) OVNHA_MUST_USE;

typedef bool is_done(const struct ovnha_server_facts *server,
                     const struct ovnha_step *step);

/* Look until it is done, in the step's time. */
enum ovnha_result ovnha_execute_verify(const struct execution *x,
                                       const struct ovnha_step *step, is_done *done,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* Commands that may be refused because it is so already: only the look counts. */
enum ovnha_result
ovnha_execute_control_and_verify(const struct execution *x, const struct ovnha_step *step,
                                 const struct ovnha_unixctl_command *commands, size_t n,
                                 is_done *done, struct ovnha_err *err) OVNHA_MUST_USE;

#endif
