/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_H
#define OVNHA_AGENT_RESIDENT_H

#include <ovnha/err.h>

#include "context.h"

/* The resident helper: what must be awake between a resource's operations.
 *
 * It watches the servers of its node, quorum, and the helpers of the other nodes;
 * keeps the record; and publishes the score that the record gives this copy.  It
 * decides nothing itself: ovnha_candidacy(), ovnha_upkeep() and
 * ovnha_eligibility() do.  The agent speaks to it through its control socket.
 *
 * Its parts are resident_*.c, one behaviour each, with a header of the same name; what
 * they share is in resident_state.h.  resident_loop.c calls them in turn. */

/* Told once, when commands are answered or when it cannot come to that. */
typedef void ovnha_resident_ready(enum ovnha_result result, const struct ovnha_err *err);

/* Run until told to exit.  Returns an exit code for main(). */
int ovnha_resident_run(const struct ovnha_invocation *invocation,
                       ovnha_resident_ready *ready);

#endif
