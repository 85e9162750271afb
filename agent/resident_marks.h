/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_MARKS_H
#define OVNHA_AGENT_RESIDENT_MARKS_H

#include <stddef.h>

#include <jansson.h>

#include <ovnha/err.h>
#include <ovnha/tail.h>

/* Our keys in the root rows of the own databases; `err` says what could not be done. */

struct resident;

/* Takes `operations`; the results are the caller's, NULL after a failure. */
enum ovnha_result ovnha_resident_transact(struct resident *r, size_t i,
                                          json_t *operations, json_t **results,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* In every database. */
enum ovnha_result ovnha_resident_write_marker(struct resident *r, const char *uuid,
                                              const char *parent,
                                              struct ovnha_err *err) OVNHA_MUST_USE;
/* That this copy has all there will ever be of r->handover.completed_in. */
enum ovnha_result ovnha_resident_write_complete(struct resident *r,
                                                struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_token(struct resident *r, const char *node,
                                             const char *uuid,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_resident_write_barrier(struct resident *r,
                                               struct ovnha_err *err) OVNHA_MUST_USE;

/* What the own copy makes of rows that came after a barrier. */
enum ovnha_result ovnha_resident_digest_tail(struct resident *r, size_t i, json_t *rows,
                                             char digest[OVNHA_TAIL_DIGEST_SIZE],
                                             struct ovnha_err *err) OVNHA_MUST_USE;

#endif
