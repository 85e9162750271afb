/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_RECORD_H
#define OVNHA_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <ovnha/err.h>
#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The record of a resource: which generation of the data is the truth, and whose
 * copies hold all of it.
 *
 * OVSDB's active/backup replication has no log position to compare, so this takes
 * its place.  Each promotion opens a generation; its UUID is written into the data
 * of every database (the marker) and into the record.  The record also names the
 * in-sync set: the active, and the replicas that have read back a value which was
 * written after they attached.  Only they may be promoted.
 *
 * A record is kept in a file of every node, fsynced, and in the CIB for everyone
 * to see.  Only the active (or the node that is being promoted) makes a new
 * revision, from the one before, by the functions below; the higher one always
 * wins, and a lower one is never obeyed.  Its maker keeps it in its own file before
 * anybody else can know it: that is how a node knows what it has to wait for. */

#define OVNHA_UUID_SIZE 37 /* RFC 9562's text form, with a NUL */

/* A node whose copy counts, by the attachment under which it was confirmed: a
 * replica that attaches anew has to be confirmed anew.  The active's is "". */
struct ovnha_member {
    char node[OVNHA_NODE_SIZE];
    char attachment[OVNHA_UUID_SIZE];
};

struct ovnha_members {
    size_t n;
    struct ovnha_member member[OVNHA_NODES_MAX];
};

struct ovnha_generation {
    char uuid[OVNHA_UUID_SIZE]; /* "": none */
    uint64_t counter;           /* higher than that of any that was tried before */
};

struct ovnha_record {
    struct ovnha_generation generation; /* the last that was opened */
    uint64_t revision;                  /* within the generation */
    char active[OVNHA_NODE_SIZE];       /* who opened it */
    struct ovnha_members in_sync;       /* who may be promoted */
    /* Who was in sync before, until enough nodes keep this revision: one of them may
     * hold an older record in which it still counts. */
    struct ovnha_members leaving;
    /* A promotion that has begun and not opened yet.  The generation above stays
     * the truth meanwhile.  Whoever keeps it has promised to keep no generation of an
     * earlier attempt any more. */
    struct ovnha_generation attempt;
    char attempt_node[OVNHA_NODE_SIZE];
};

/* The counter of the last promotion, opened or not. */
uint64_t ovnha_record_counter(const struct ovnha_record *record);

bool ovnha_record_exists(const struct ovnha_record *record);
bool ovnha_record_same(const struct ovnha_record *a, const struct ovnha_record *b);

/* Which is newer: negative, zero, positive.  Zero for records that differ means
 * that both claim the same place in history.  Attempts alone do not do that:
 * they change nothing of what is true. */
int ovnha_record_compare(const struct ovnha_record *a, const struct ovnha_record *b);

/* Of two records that compare as zero: make `record` what both vouch for.  In sync is who is
 * so in both, by one attachment; whoever else either names is leaving, so that he is
 * waited for; of two attempts it is the higher.  False, and nothing is done, when they are
 * not of one generation: then nothing is common to them. */
bool ovnha_record_merge(struct ovnha_record *record, const struct ovnha_record *other);

/* Whether a node that has `own` in its file is to keep `told` instead, be it another
 * node's or one that it is about to make itself: when it is newer, and does not break the
 * promise that keeping an attempt is.  A node without a record may have forgotten a newer
 * one: but for the very first attempt it takes only what an active itself says of the
 * generation it serves. */
bool ovnha_record_supersedes(const struct ovnha_record *told,
                             const struct ovnha_record *own, bool served);

const struct ovnha_member *ovnha_members_find(const struct ovnha_members *members,
                                              const char *node);

/* The only ways from one revision to the next.  An attempt has to be above `heard`,
 * the highest counter that anybody keeps (ovnha_candidacy_counter()), or those who
 * promised more will not keep it. */
void ovnha_record_attempt(struct ovnha_record *record, const char *node,
                          const char *uuid);
void ovnha_record_attempt_above(struct ovnha_record *record, uint64_t heard);
void ovnha_record_open(struct ovnha_record *record);
void ovnha_record_join(struct ovnha_record *record, const char *node,
                       const char *attachment);
void ovnha_record_leave(struct ovnha_record *record, const char *node);
/* Enough nodes keep this revision: nobody is leaving any more. */
void ovnha_record_settle(struct ovnha_record *record);

/* The text kept in the file and in the CIB: one line of JSON with sorted keys, so
 * that equal records are equal texts. */
char *ovnha_record_format(const struct ovnha_record *record);
enum ovnha_result ovnha_record_parse(const char *text, struct ovnha_record *record,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
