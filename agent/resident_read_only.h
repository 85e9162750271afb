/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_READ_ONLY_H
#define OVNHA_AGENT_RESIDENT_READ_ONLY_H

#include <ovnha/err.h>

/* Turning read-only, without waiting for Pacemaker: quorum is lost, corosync is gone,
 * another node was promoted since, or what is acknowledged cannot be recorded. */

struct resident;

enum ovnha_result ovnha_resident_stop_serving(struct resident *r, const char *why,
                                              struct ovnha_err *err) OVNHA_MUST_USE;
/* The same; a failure is logged. */
void ovnha_resident_turn_read_only(struct resident *r, const char *why);

void ovnha_resident_yield_to_successor(struct resident *r);
/* The helper ends, but not before its copy is read-only: at every turn of the loop. */
void ovnha_resident_lose_corosync(struct resident *r);
void ovnha_resident_stop_without_corosync(struct resident *r);

#endif
