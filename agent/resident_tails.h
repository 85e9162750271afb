/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_TAILS_H
#define OVNHA_AGENT_RESIDENT_TAILS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <ovnha/database.h>
#include <ovnha/tail.h>

/* Tails: what the active of a planned move wrote between its barrier and read-only. */

struct resident;

struct ovnha_tails {
    bool known;
    json_t *rows[OVNHA_DB_MAX]; /* NULL: none */
    char digest[OVNHA_DB_MAX][OVNHA_TAIL_DIGEST_SIZE];
};

void ovnha_resident_tails_clear(struct ovnha_tails *tails);

/* [[ROWS, DIGEST] of every database], or [] while they are not known. */
json_t *ovnha_resident_tails_to_json(const struct ovnha_tails *tails);
/* False for what is no such thing. */
bool ovnha_resident_tails_read(json_t *json, struct ovnha_tails *tails);

/* Where the database files end, before a barrier is written. */
void ovnha_resident_note_ends(struct resident *r);
/* Of the own copy, which is read-only, into r->handover.tails. */
void ovnha_resident_read_tails(struct resident *r);
/* Whether the own copy has those of another one. */
bool ovnha_resident_holds_tails(struct resident *r, const struct ovnha_tails *tails);

#endif
