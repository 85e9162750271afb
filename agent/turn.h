/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_TURN_H
#define OVNHA_AGENT_TURN_H

#include <stdbool.h>

#include "context.h"

/* Whose turn it is: an operation of the resource, or a restart in place (restart.h).
 *
 * A file of locks (lock_file.h): the first byte is the turn itself; a restart holds the
 * second, too, and an operation that changes roles the third.
 *
 * northd has a lock of its own (run_northd.h): this one is held for a whole operation,
 * and a promote must not wait for it while northd is put right, nor end what puts it
 * right. */

struct ovnha_turn {
    int fd; /* -1: not ours */
};

/* For an operation that may change roles: wait until no restart is under way, until
 * `patience` at the latest, and end it then.  Somebody else's operation is not waited for
 * long, since Pacemaker runs one at a time.  It goes on in any case, also without the
 * file: only a restart needs the turn. */
void ovnha_turn_take(struct ovnha_turn *turn, const struct ovnha_context *context,
                     ovnha_msec patience);

/* For one that looks: false when a restart is still under way at `patience`. */
bool ovnha_turn_await(struct ovnha_turn *turn, const struct ovnha_context *context,
                      ovnha_msec patience);

/* For a restart, by `deadline`, or nothing. */
enum ovnha_result ovnha_turn_take_for_restart(struct ovnha_turn *turn,
                                              const struct ovnha_context *context,
                                              ovnha_msec deadline,
                                              struct ovnha_err *err) OVNHA_MUST_USE;

void ovnha_turn_end(struct ovnha_turn *turn);

/* Whether an operation that may change roles is under way, in another process. */
bool ovnha_turn_is_for_change(const struct ovnha_context *context);

#endif
