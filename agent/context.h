/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CONTEXT_H
#define OVNHA_AGENT_CONTEXT_H

#include <ovnha/daemon.h>
#include <ovnha/deadline.h>

#include "env.h"
#include "params.h"

/* What every part of one operation shares: who called, with what, until when, and
 * where this host keeps things. */

#define OVNHA_PATH_SIZE 256

struct ovnha_paths {
    char state_dir[OVNHA_PATH_SIZE]; /* ours: OVNHA_STATE_DIR/RESOURCE */
    char memory[OVNHA_PATH_SIZE];
    char record[OVNHA_PATH_SIZE]; /* survives a reboot, as do the next three */
    char files[OVNHA_PATH_SIZE];  /* what is noted of the database files */
    char withdrawn[OVNHA_PATH_SIZE];
    char aside[OVNHA_PATH_SIZE]; /* a directory */
    char pidfile[OVNHA_DB_MAX][OVNHA_PATH_SIZE];
    char control[OVNHA_DB_MAX][OVNHA_PATH_SIZE];
    char socket[OVNHA_DB_MAX][OVNHA_PATH_SIZE]; /* as a method: "unix:PATH" */
    char file[OVNHA_DB_MAX][OVNHA_PATH_SIZE];
    char northd_pidfile[OVNHA_PATH_SIZE];
};

struct ovnha_context {
    const struct ovnha_invocation *invocation;
    struct ovnha_params params; /* settings.hold and .resource filled in */
    struct ovnha_paths paths;
    bool misconfigured;
    ovnha_msec deadline; /* of the whole operation, with a margin for the exit */
};

/* Parse the parameters and lay out the paths.  OVNHA_ERR_INVALID names the first
 * parameter that is wrong. */
enum ovnha_result ovnha_context_init(struct ovnha_context *context,
                                     const struct ovnha_invocation *invocation,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* The same for what must run with a broken configuration, too: wrong parameters
 * count as absent, and `misconfigured` says so. */
void ovnha_context_init_leniently(struct ovnha_context *context,
                                  const struct ovnha_invocation *invocation);

/* The resident helper's control socket. */
void ovnha_context_helper_socket(const struct ovnha_context *context,
                                 char path[OVNHA_PATH_SIZE]);

/* The witnesses of one server, or of northd. */
struct ovnha_daemon_paths ovnha_context_server(const struct ovnha_context *context,
                                               size_t i);
struct ovnha_daemon_paths ovnha_context_northd(const struct ovnha_context *context);

#endif
