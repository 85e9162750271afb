/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CONVERT_H
#define OVNHA_CONVERT_H

#include <ovnha/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Every role change there is: the one place to audit for two actives.  Each
 * appends to the plan only the steps that the facts leave to do. */

/* From a backup to the active, unreachable until it is writable everywhere; the
 * failure steps see to it that nobody connects to a half-opened copy. */
void ovnha_convert_to_active(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* The servers of the active that have died, from nothing to serving again, while the others
 * go on: a promotion of what died, and a new generation of all.  Whoever was connected to
 * the others stays so: what they acknowledge meanwhile is the parent's until the generation
 * is open, and its own from then on (doc/safety.md).  A failure leaves dead what was. */
void ovnha_convert_to_restarted(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* Whatever it is, make it a held backup that nobody can reach.  A guarded active hands
 * over to its replicas on the way; the steps for that ask the resident helper. */
void ovnha_convert_to_backup(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* The same without a handover, for the helper itself, when quorum is lost: read-only
 * first, and every database whatever becomes of the others and of northd. */
void ovnha_convert_to_backup_at_once(const struct ovnha_facts *facts,
                                     struct ovnha_plan *plan);

/* Bring a backup to the node it should follow.  False, and nothing appended,
 * when nobody is known to be promoted or no address is known. */
bool ovnha_convert_to_follower(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* The steps that an active copy lacks to serve: rows, remotes, northd. */
void ovnha_convert_complete_active(const struct ovnha_facts *facts,
                                   struct ovnha_plan *plan);

/* Take away what only an active copy may listen on, where it is there. */
void ovnha_convert_close(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* The failure steps of a promotion, whatever it had to do: nobody connects to what
 * is not whole, and Pacemaker does not choose it again. */
void ovnha_convert_close_on_failure(const struct ovnha_facts *facts,
                                    struct ovnha_plan *plan);

/* Down to no process; server failures do not keep the others running. */
void ovnha_convert_to_stopped(const struct ovnha_facts *facts, struct ovnha_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
