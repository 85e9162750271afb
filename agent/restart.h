/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESTART_H
#define OVNHA_AGENT_RESTART_H

#include "context.h"

/* The dead servers of the active started again in place: what `ovnha-helper restart`
 * does.
 *
 * A process of its own runs the plan; this one watches over it and has the turn (turn.h)
 * until nothing is left that the plan has begun and not finished: at TERM, at the
 * deadline, or when the plan fails, whatever it has started is killed, ovn-ctl and the
 * servers themselves.  By then no client was told that a generation is open, or the copy
 * has what it acknowledged in its file, as after any other crash. */
enum ovnha_result ovnha_restart(const struct ovnha_context *context,
                                struct ovnha_err *err) OVNHA_MUST_USE;

#endif
