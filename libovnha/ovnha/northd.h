/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_NORTHD_H
#define OVNHA_NORTHD_H

#include <ovnha/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of ovn-northd in every role change, and between them.  Each appends to the
 * plan only the steps that the facts leave to do.
 *
 * The databases serve without northd, so no step here that brings it up ends a plan. What
 * OVS 3.1 demands of the order: it is paused while its databases are still writable, and
 * resumed when they are writable again.  One that asks a read-only server for its lock is
 * refused, and does not ask again. */

/* The copy is writable and open: it is to be active. */
void ovnha_northd_activate(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* The copy is about to turn read-only.  It stays, paused, where it is to wait hot. */
void ovnha_northd_retire(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* The copy is a backup that follows the active. */
void ovnha_northd_stand_by(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* Whether it is as a backup wants it already. */
bool ovnha_northd_stands_by(const struct ovnha_facts *facts);

/* What was started here is stopped here, also when it is not managed any more; one that
 * somebody else runs then is his. */
void ovnha_northd_stop(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* Put right what the helper has seen: nothing but what an operation had left running. */
void ovnha_northd_keep(const struct ovnha_facts *facts, struct ovnha_plan *plan);

/* Whether the one that waits here is in trouble. */
bool ovnha_northd_fails_to_stand_by(const struct ovnha_facts *facts);

#ifdef __cplusplus
}
#endif

#endif
