/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_MOVER_H
#define OVNHA_CLI_MOVER_H

#include "work.h"

/* Makes Pacemaker move the role, by one constraint of our own, and leaves none behind.
 *
 * The constraint (move.h) is in the CIB while the role moves and no longer.  A promoted
 * instance's score keeps the role where it is afterwards.  It is removed when the role
 * has arrived, when it does not, on SIGINT, SIGTERM and SIGHUP; by a guard, a process
 * that waits for that, when this one is killed; and when this host is lost, its rule ends
 * by itself two minutes after the deadline.  Until then no other move is begun: there is
 * one at a time.  What such a host has left, the next move removes.
 *
 * `crm_resource --move` would do the same by a constraint "cli-prefer-...", but its
 * `--clear` takes away constraints that others have made. */

/* To `to`, with progress, and what follows: an exit code.  EXIT_OK: the role and what
 * follows it are there, all servers that were up are, and are in sync again, and clients
 * were able to write at last. */
int ovnha_cli_move(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                   const char *to);

/* Waits until Pacemaker is idle and all nodes of `nodes` are in sync, by the record that
 * `active` (NULL: anybody) has opened; the first that is not is in `why`. */
bool ovnha_cli_await_sync(struct ovnha_cli_work *work, const char *active,
                          const char *const *nodes, size_t n, char why[300]);

#endif
