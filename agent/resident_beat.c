/* SPDX-License-Identifier: Apache-2.0 */
/* The beat: once a second helpers tell each other what a standstill would hide.
 *
 * A replica says over which streams it replicates, and how far its servers have read
 * them; the active compares that with what its own have sent, and strikes out who does
 * not keep up (progress.h).  It says so in its beat, too, so that the replica withdraws
 * even if that cannot be recorded.  A replica withdraws by itself when its attachment has
 * ended and nobody records that (withdrawal.h).
 *
 * Beats live in memory only.  One that cannot be sent at once is left out. */

#include "resident_beat.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>
#include <ovnha/log_line.h>
#include <ovnha/text.h>

#include "record_file.h"
#include "resident_group.h"
#include "resident_peer.h"
#include "resident_serving.h"
#include "resident_state.h"

#define BEAT_MS 1000

/*
 * The own streams, as a replica.
 */

static uint16_t source_port(const struct ovnha_server_facts *server)
{
    const char *colon = strrchr(server->sync.source, ':');
    const long port = colon ? strtol(colon + 1, NULL, 10) : 0;

    return port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

static enum ovnha_result find_stream(const struct resident *r, size_t i,
                                     struct resident_stream *stream,
                                     struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_server(&r->context, i);
    const uint16_t port = source_port(&r->facts.server[i]);
    struct ovnha_daemon daemon;
    enum ovnha_result result = ovnha_daemon_look(&paths, &daemon, err);

    stream->name[0] = '\0';
    if (result != OVNHA_OK || daemon.pid <= 0 || port == 0) {
        return result;
    }
    return ovnha_stream_find(daemon.pid, port, stream->name, err);
}

/* The one that was there before is looked at first: a search walks all connections. */
static enum ovnha_result sample_stream(const struct resident *r, size_t i,
                                       struct resident_stream *stream,
                                       struct ovnha_err *err)
{
    struct ovnha_stream_position position = {.found = false};
    enum ovnha_result result = OVNHA_OK;

    *stream = r->beat.stream[i];
    if (stream->name[0]) {
        result = ovnha_stream_look(stream->name, false, &position, err);
    }
    if (result == OVNHA_OK && !position.found) {
        result = find_stream(r, i, stream, err);
        if (result == OVNHA_OK && stream->name[0]) {
            result = ovnha_stream_look(stream->name, false, &position, err);
        }
    }
    stream->read = position.read;
    return result;
}

static bool is_due(const struct resident *r)
{
    return ovnha_deadline_passed(r->beat.due, ovnha_now());
}

void ovnha_resident_sample_streams(struct resident *r)
{
    struct ovnha_err err;

    if (!is_due(r) && !r->beat.sessionless) {
        return;
    }
    r->beat.sessionless = false;
    r->beat.sampled = ovnha_condition(&r->facts) == OVNHA_COPY_BACKUP;
    for (size_t i = 0; i < r->facts.settings.n_dbs && r->beat.sampled; i++) {
        if (sample_stream(r, i, &r->beat.sample[i], &err) != OVNHA_OK) {
            qb_log(LOG_DEBUG, "%s", err.text);
            r->beat.sampled = false;
        }
        r->beat.sessionless = r->beat.sessionless || !r->beat.sample[i].name[0];
    }
    r->beat.sessionless = r->beat.sessionless && r->beat.sampled;
}

/* The next look at the servers begins a new one. */
static void end_attachment(struct resident *r, const char *why)
{
    if (r->attachment[0]) {
        qb_log(LOG_NOTICE, OVNHA_LINE_DETACHED, r->attachment, why);
        r->attachment[0] = '\0';
        r->confirmed = false;
        ovnha_resident_tell(r);
    }
}

/* One that was sampled before an attachment began may be of the session before: that it
 * is gone does not end this one. */
void ovnha_resident_forget_streams(struct resident *r)
{
    memset(r->beat.stream, 0, sizeof r->beat.stream);
    r->beat.sampled = false;
}

/* A server that does not answer is where it was when it last did. */
static bool replicates_nothing(const struct resident *r)
{
    const enum ovnha_condition condition = ovnha_condition(&r->facts);

    return condition == OVNHA_COPY_ACTIVE || condition == OVNHA_COPY_SELF_PROMOTED ||
           condition == OVNHA_COPY_STOPPED;
}

/* What was sampled before the look counts once the servers have answered that: by then
 * they have committed what they had read.  sync-status goes on to show a session that is
 * gone, and does not show that another one took its place; its stream does. */
static void take_sample(struct resident *r)
{
    const size_t n = r->facts.settings.n_dbs;

    if (replicates_nothing(r)) {
        memset(r->beat.stream, 0, sizeof r->beat.stream);
    }
    for (size_t i = 0; i < n && r->beat.sampled && r->marks_known; i++) {
        const char *before = r->beat.stream[i].name;

        if (before[0] && strcmp(before, r->beat.sample[i].name) != 0) {
            end_attachment(r, "its session is gone");
        }
        r->beat.stream[i] = r->beat.sample[i];
    }
}

/*
 * Withdrawing.
 */

void ovnha_resident_load_withdrawal(struct resident *r)
{
    struct ovnha_err err;

    if (ovnha_text_file_read(r->context.paths.withdrawn, r->beat.withdrawn,
                             sizeof r->beat.withdrawn, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "%s", err.text);
    }
}

/* On disk, too: what the copy lacks, it lacks after a restart as well. */
static void withdraw(struct resident *r, const char *attachment, const char *why)
{
    struct ovnha_err err;

    if (!attachment[0] || strcmp(r->beat.withdrawn, attachment) == 0) {
        return;
    }
    qb_log(LOG_WARNING, OVNHA_LINE_WITHDRAWS, why);
    ovnha_text_copy(r->beat.withdrawn, sizeof r->beat.withdrawn, attachment);
    if (ovnha_durable_write(r->context.paths.withdrawn, attachment, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "%s", err.text);
    }
}

static bool is_cluster_member(const struct resident *r, uint32_t nodeid)
{
    for (size_t i = 0; i < r->beat.n_members; i++) {
        if (r->beat.member[i] == nodeid) {
            return true;
        }
    }
    return false;
}

static void count_own_beat(struct resident *r)
{
    const struct resident_peer *active = ovnha_resident_peer(r, r->record.active);
    struct ovnha_withdrawal_facts facts = {.record = r->record};

    ovnha_text_copy(facts.self, sizeof facts.self, r->facts.self);
    ovnha_text_copy(facts.attachment, sizeof facts.attachment, r->attachment);
    if (active) {
        facts.active_is_member = is_cluster_member(r, active->nodeid);
        facts.active_serves = active->beat.serves;
    }
    if (ovnha_withdrawal_beat(&r->beat.withdrawal, &facts)) {
        withdraw(r, r->beat.withdrawal.attachment,
                 "its session has ended, and the active does not record that");
    }
}

/* The active struck this copy out while it was attached: what it reads from now on has
 * to be confirmed. */
static void notice_exclusion(struct resident *r)
{
    const struct ovnha_member *member =
        ovnha_members_find(&r->record.in_sync, r->facts.self);
    const bool is_member =
        member && r->attachment[0] && strcmp(member->attachment, r->attachment) == 0;

    if (r->beat.was_member && !member) {
        end_attachment(r, "the active struck it out");
    }
    r->beat.was_member = is_member;
}

/*
 * Who keeps up, as the active.
 */

static void step(const struct resident *r, struct resident_peer *peer, size_t i,
                 ovnha_msec now)
{
    struct resident_stream *told = &peer->beat.stream[i];
    struct ovnha_progress *progress = &peer->beat.progress[i];
    struct ovnha_stream_position position;
    struct ovnha_err err;

    if (strcmp(peer->beat.tracked[i], told->name) != 0) {
        ovnha_text_copy(peer->beat.tracked[i], OVNHA_STREAM_SIZE, told->name);
        ovnha_progress_begin(progress, now);
    }
    if (!told->name[0]) {
        return;
    }
    if (ovnha_stream_look(told->name, true, &position, &err) != OVNHA_OK) {
        qb_log(LOG_DEBUG, "%s", err.text);
        return;
    }
    const struct ovnha_progress_look look = {.found = position.found,
                                             .sent = position.sent,
                                             .backlogged = position.backlogged,
                                             .read = told->read,
                                             .silent = !r->facts.server[i].answered};

    ovnha_progress_step(progress, &look, now);
}

static void watch_peer(struct resident *r, struct resident_peer *peer, ovnha_msec now)
{
    bool late = false;

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        step(r, peer, i, now);
        late = late || ovnha_progress_is_late(&peer->beat.progress[i]);
    }
    if (late != peer->state.late) {
        qb_log(late ? LOG_WARNING : LOG_NOTICE, OVNHA_LINE_PEER_READS, peer->state.node,
               late ? "does not read what it is sent" : "reads again");
        peer->state.late = late;
    }
}

static void watch_peers(struct resident *r)
{
    const ovnha_msec now = ovnha_now();

    for (size_t i = 0; i < r->n_peers; i++) {
        struct resident_peer *peer = &r->peer[i];

        if (ovnha_resident_may_acknowledge(r) && peer->state.present) {
            watch_peer(r, peer, now);
        } else {
            memset(peer->beat.tracked, 0, sizeof peer->beat.tracked);
            memset(peer->beat.progress, 0, sizeof peer->beat.progress);
            peer->state.late = false;
        }
    }
}

/*
 * Telling and hearing.
 */

static json_t *streams_to_json(const struct resident *r)
{
    json_t *streams = json_array();

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        json_array_append_new(streams, json_pack("[s,I]", r->beat.stream[i].name,
                                                 (json_int_t)r->beat.stream[i].read));
    }
    return streams;
}

static json_t *late_to_json(const struct resident *r)
{
    json_t *late = json_object();

    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peer[i].state.late) {
            json_object_set_new(late, r->peer[i].state.node,
                                json_string(r->peer[i].state.attachment));
        }
    }
    return late;
}

static json_t *beat_to_json(const struct resident *r, bool serves)
{
    return json_pack("{s:{s:I,s:b,s:o,s:o}}", "beat", "at", (json_int_t)ovnha_now(),
                     "serves", serves, "streams", streams_to_json(r), "late",
                     late_to_json(r));
}

static void tell_beat(struct resident *r)
{
    r->beat.told_serving = ovnha_resident_may_acknowledge(r);
    ovnha_group_try_tell(r->group, beat_to_json(r, r->beat.told_serving));
}

void ovnha_resident_beat_with(struct resident *r, const char *key, json_t *value)
{
    json_t *message = beat_to_json(r, ovnha_resident_may_acknowledge(r));

    json_object_set_new(message, key, value);
    ovnha_group_try_tell(r->group, message);
}

void ovnha_resident_beat(struct resident *r)
{
    notice_exclusion(r);
    if (is_due(r)) {
        r->beat.due = ovnha_deadline_after(ovnha_now(), BEAT_MS);
        take_sample(r);
        watch_peers(r);
        tell_beat(r);
    } else if (r->beat.told_serving != ovnha_resident_may_acknowledge(r)) {
        tell_beat(r);
    }
}

static void take_streams(struct resident_peer *peer, json_t *streams)
{
    memset(peer->beat.stream, 0, sizeof peer->beat.stream);
    for (size_t i = 0; i < json_array_size(streams) && i < OVNHA_DB_MAX; i++) {
        const char *name;
        json_int_t read;

        if (json_unpack(json_array_get(streams, i), "[s,I]", &name, &read) == 0) {
            ovnha_text_copy(peer->beat.stream[i].name, OVNHA_STREAM_SIZE, name);
            peer->beat.stream[i].read = (uint64_t)read;
        }
    }
}

/* An attachment that was not confirmed yet needs no other one to be. */
static void take_lateness(struct resident *r, json_t *late)
{
    const char *attachment = json_string_value(json_object_get(late, r->facts.self));

    if (attachment && r->confirmed && strcmp(attachment, r->attachment) == 0) {
        withdraw(r, attachment, "it does not keep up with the active");
        end_attachment(r, "it does not keep up with the active");
    }
}

bool ovnha_resident_hear_beat(struct resident *r, uint32_t nodeid, json_t *message)
{
    json_t *beat = json_object_get(message, "beat"), *streams, *late;
    json_int_t at;
    int serves;

    if (!beat) {
        return false;
    }
    if (json_unpack(beat, "{s:I,s:b,s:o,s:o}", "at", &at, "serves", &serves, "streams",
                    &streams, "late", &late) != 0) {
        qb_log(LOG_WARNING, "node %u has a beat that cannot be read", nodeid);
        return true;
    }
    if (nodeid == ovnha_group_self(r->group)) {
        /* One that lay about says nothing of the membership as it is now. */
        if (!ovnha_deadline_passed(at + BEAT_MS, ovnha_now())) {
            count_own_beat(r);
        }
        return true;
    }
    for (size_t i = 0; i < r->n_peers; i++) {
        struct resident_peer *peer = &r->peer[i];

        if (peer->nodeid == nodeid) {
            peer->beat.serves = serves;
            take_streams(peer, streams);
            if (strcmp(peer->state.node, r->record.active) == 0) {
                take_lateness(r, late);
            }
        }
    }
    return true;
}

void ovnha_resident_note_members(struct resident *r, const uint32_t *member, size_t n)
{
    r->beat.n_members = n < OVNHA_NODES_MAX ? n : OVNHA_NODES_MAX;
    memcpy(r->beat.member, member, r->beat.n_members * sizeof *member);
    for (size_t i = 0; i < r->n_peers; i++) {
        if (!is_cluster_member(r, r->peer[i].nodeid)) {
            r->peer[i].beat.serves = false;
        }
    }
}
