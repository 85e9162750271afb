/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_RECORD_H
#define OVNHA_AGENT_RESIDENT_RECORD_H

#include <ovnha/err.h>
#include <ovnha/record.h>

/* The record on this node's disk and in the CIB. */

struct resident;

/* Read own file and CIB. */
void ovnha_resident_load_record(struct resident *r);
/* Read the CIB, and obey what it has; r->shared is what it was after a failure. */
enum ovnha_result ovnha_resident_read_shared(struct resident *r,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
/* Make the record `fresh` everywhere, or say why not: a revision of this node's record;
 * or, for what a promotion records, in the place of just what r->shared says. */
enum ovnha_result ovnha_resident_change_record(struct resident *r,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_replace_record(struct resident *r,
                                                const struct ovnha_record *fresh,
                                                struct ovnha_err *err) OVNHA_MUST_USE;
/* Obey a record that someone else made, when it supersedes this node's; `served`: its
 * active says so itself. */
void ovnha_resident_obey_record(struct resident *r, const struct ovnha_record *record,
                                bool served);
/* The active puts its record into the CIB, where that has an older one. */
void ovnha_resident_assert_record(struct resident *r);
/* Of two nodes: whether the other one, which is absent, is known to be off. */
void ovnha_resident_look_for_other(struct resident *r);

#endif
