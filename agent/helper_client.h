/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_HELPER_CLIENT_H
#define OVNHA_AGENT_HELPER_CLIENT_H

#include <ovnha/record.h>

#include "context.h"

/* The agent's side of the resident helper (resident.h). */

/* Start it.  One of this version that runs is told to look and to publish its score
 * again, which the agent may have overwritten; one of another version, that was started
 * with other parameters, or that hangs is ended first, and none is started beside it.
 * OVNHA_ERR_UNAVAILABLE when this node has no corosync to keep a record with. */
enum ovnha_result ovnha_helper_start(const struct ovnha_context *context,
                                     ovnha_msec deadline,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* End it, by force when it does not answer; one that does not run is a success.
 * OVNHA_ERR_TIMEOUT when one is left. */
enum ovnha_result ovnha_helper_stop(const struct ovnha_context *context,
                                    ovnha_msec deadline,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* One command; *reply (may be NULL) is malloc'ed for the caller. */
enum ovnha_result ovnha_helper_ask(const struct ovnha_context *context,
                                   const char *command, char **reply, ovnha_msec deadline,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* Have it look and publish at once, and go on: it may have the record to write first. */
enum ovnha_result ovnha_helper_tell(const struct ovnha_context *context,
                                    ovnha_msec deadline,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* Whether it answers, and was started with `parameters` (as ovnha_params_format() has
 * them; "": whatever it has; NO: nobody listens, for sure), and who is the active by its record
 * ("": it does not know); and what it says of this copy. */
enum ovnha_tristate ovnha_helper_runs(const struct ovnha_context *context,
                                      const char *parameters,
                                      char active[OVNHA_NODE_SIZE], ovnha_msec deadline);
enum ovnha_result ovnha_helper_judge(const struct ovnha_context *context,
                                     struct ovnha_lineage_facts *lineage,
                                     ovnha_msec deadline,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* Record an attempt to promote this node's copy: the generation that its marker is to
 * name, and that one's parent ("": none).  Comes back when the attempt counts. */
enum ovnha_result ovnha_helper_attempt(const struct ovnha_context *context,
                                       char generation[OVNHA_UUID_SIZE],
                                       char parent[OVNHA_UUID_SIZE], ovnha_msec deadline,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* The exit code of `ovnha-helper run` that says: no corosync here. */
#define OVNHA_HELPER_NO_COROSYNC 3

#endif
