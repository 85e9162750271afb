/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_BEAT_H
#define OVNHA_AGENT_RESIDENT_BEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <ovnha/database.h>
#include <ovnha/deadline.h>
#include <ovnha/facts.h>
#include <ovnha/progress.h>
#include <ovnha/record.h>
#include <ovnha/withdrawal.h>

#include "stream.h"

/* Who stands still: once a second helpers tell each other how far they have read. */

struct resident;

/* Over what a replica replicates a database, and how far its server has read it. */
struct resident_stream {
    char name[OVNHA_STREAM_SIZE]; /* "": not known */
    uint64_t read;
};

/* What a node's last beat said, and what follows from it. */
struct resident_peer_beat {
    bool serves;
    struct resident_stream stream[OVNHA_DB_MAX];
    char tracked[OVNHA_DB_MAX][OVNHA_STREAM_SIZE]; /* which of them `progress` is of */
    struct ovnha_progress progress[OVNHA_DB_MAX];
};

struct resident_beat {
    ovnha_msec due; /* the next one */
    bool told_serving;
    bool sampled;     /* the last sample could be taken */
    bool sessionless; /* ... and a server had no session, whatever sync-status says */
    struct resident_stream sample[OVNHA_DB_MAX];
    struct resident_stream stream[OVNHA_DB_MAX]; /* the last sample that counts */
    bool was_member;
    size_t n_members; /* of the cluster, helper or not */
    uint32_t member[OVNHA_NODES_MAX];
    struct ovnha_withdrawal withdrawal;
    char withdrawn[OVNHA_UUID_SIZE]; /* the last attachment that was; as in the file */
};

/* Sample before each look, beat after it. */
void ovnha_resident_load_withdrawal(struct resident *r);
void ovnha_resident_sample_streams(struct resident *r);
void ovnha_resident_forget_streams(struct resident *r); /* an attachment begins */
void ovnha_resident_beat(struct resident *r);
/* False for a message that is no beat. */
bool ovnha_resident_hear_beat(struct resident *r, uint32_t nodeid, json_t *message);
void ovnha_resident_note_members(struct resident *r, const uint32_t *member, size_t n);
/* A beat with something else beside it: a helper that does not know that takes the beat
 * and leaves the rest, as it should.  Takes the reference. */
void ovnha_resident_beat_with(struct resident *r, const char *key, json_t *value);

#endif
