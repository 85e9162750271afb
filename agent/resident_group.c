/* SPDX-License-Identifier: Apache-2.0 */
/* What helpers tell each other: always everything about themselves, so that the
 * last message from a node is all there is to know of it, and none depends on an
 * earlier one. */

#include "resident_group.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/text.h>

#include "resident_peer.h"
#include "resident_record.h"
#include "resident_serving.h"
#include "resident_state.h"
#include "resident_tails.h"

/* Helpers of another protocol are not understood; a rolling upgrade meets them. */
#define PROTOCOL 5

void ovnha_resident_tell(struct resident *r)
{
    const bool serving = ovnha_resident_is_serving(r);
    struct ovnha_err err;
    char *record = ovnha_record_format(&r->record);
    json_t *message = json_pack(
        "{s:i,s:s,s:s,s:b,s:b,s:b,s:b,s:b,s:b,s:s,s:s,s:s,s:s,s:s,s:o,s:s}", "protocol",
        PROTOCOL, "node", r->facts.self, "record", record, "serving", serving, "stopped",
        r->stopped, "unbroken", r->unbroken, "candidate", r->candidate, "looked",
        r->content_known && !r->unreadable[0], "populated", r->populated, "content",
        r->content, "attachment", r->attachment, "confirmed",
        r->confirmed ? r->attachment : "", "barrier", r->handover.barrier, "barrier-seen",
        r->handover.barrier_seen, "tails",
        ovnha_resident_tails_to_json(&r->handover.tails), "completed",
        r->handover.completed);

    free(record);
    json_object_set_new(message, "version", json_string(PACKAGE_VERSION));
    json_object_set_new(message, "unreadable", json_string(r->unreadable));
    r->told_serving = serving;
    if (ovnha_group_tell(r->group, message, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

static struct resident_peer *peer_of(struct resident *r, uint32_t nodeid,
                                     const char *node)
{
    struct resident_peer *peer = ovnha_resident_peer(r, node);

    if (peer) {
        peer->nodeid = nodeid;
        return peer;
    }
    if (r->n_peers == OVNHA_NODES_MAX) {
        return NULL;
    }
    peer = &r->peer[r->n_peers++];
    memset(peer, 0, sizeof *peer);
    peer->nodeid = nodeid;
    ovnha_text_copy(peer->state.node, sizeof peer->state.node, node);
    ovnha_text_copy(peer->report.node, sizeof peer->report.node, node);
    return peer;
}

struct told {
    int protocol, serving, stopped, unbroken, candidate, looked, populated;
    const char *node, *record, *content, *attachment, *confirmed, *barrier, *barrier_seen;
    const char *completed, *version, *unreadable;
    json_t *tails;
};

/* Three came later than the protocol: who does not say that it is a candidate outranks
 * nobody; who does not say which version it has cannot be asked for its status; and who
 * does not know that a record can be unreadable takes such a node for one that has not
 * looked yet, and waits for it. */
static bool read_told(json_t *message, struct told *told)
{
    told->candidate = false;
    told->version = "";
    told->unreadable = "";
    return json_unpack(
               message,
               "{s:i,s:s,s:s,s:b,s:b,s:b,s?b,s:b,s:b,s:s,s:s,s:s,s:s,s:s,s:o,s:s,s?s,s?s}",
               "protocol", &told->protocol, "node", &told->node, "record", &told->record,
               "serving", &told->serving, "stopped", &told->stopped, "unbroken",
               &told->unbroken, "candidate", &told->candidate, "looked", &told->looked,
               "populated", &told->populated, "content", &told->content, "attachment",
               &told->attachment, "confirmed", &told->confirmed, "barrier",
               &told->barrier, "barrier-seen", &told->barrier_seen, "tails", &told->tails,
               "completed", &told->completed, "version", &told->version, "unreadable",
               &told->unreadable) == 0 &&
           told->protocol == PROTOCOL;
}

static void take_in(struct resident_peer *peer, const struct told *told,
                    const struct ovnha_record *record)
{
    peer->state.present = true;
    ovnha_text_copy(peer->state.attachment, OVNHA_UUID_SIZE, told->attachment);
    ovnha_text_copy(peer->state.confirmed, OVNHA_UUID_SIZE, told->confirmed);
    ovnha_text_copy(peer->barrier, OVNHA_UUID_SIZE, told->barrier);
    ovnha_text_copy(peer->barrier_seen, OVNHA_UUID_SIZE, told->barrier_seen);
    ovnha_text_copy(peer->completed, OVNHA_UUID_SIZE, told->completed);
    if (!ovnha_resident_tails_read(told->tails, &peer->tails)) {
        qb_log(LOG_WARNING, "%s: cannot read what came after its barrier", told->node);
    }
    peer->state.kept = *record;
    peer->report.record = *record;
    ovnha_text_copy(peer->report.unreadable, sizeof peer->report.unreadable,
                    told->unreadable);
    ovnha_text_copy(peer->version, sizeof peer->version, told->version);
    peer->stopped = told->stopped;
    peer->looked = told->looked;
    peer->report.populated = told->populated;
    peer->report.unbroken = told->unbroken;
    peer->report.candidate = told->candidate;
    ovnha_text_copy(peer->report.content, sizeof peer->report.content, told->content);
}

void ovnha_resident_hear(struct resident *r, uint32_t nodeid, json_t *message)
{
    struct ovnha_record record;
    struct resident_peer *peer;
    struct told told;

    if (nodeid == ovnha_group_self(r->group)) {
        return;
    }
    if (!read_told(message, &told) ||
        ovnha_record_parse(told.record, &record, NULL) != OVNHA_OK) {
        qb_log(LOG_WARNING, "node %u speaks another protocol than %d", nodeid, PROTOCOL);
        return;
    }
    peer = peer_of(r, nodeid, told.node);
    if (peer) {
        take_in(peer, &told, &record);
    }
    ovnha_resident_obey_record(r, &record,
                               told.serving && strcmp(record.active, told.node) == 0);
}

void ovnha_resident_lose(struct resident *r, uint32_t nodeid)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peer[i].nodeid == nodeid) {
            r->peer[i].state.present = false;
            r->peer[i].state.attachment[0] = '\0';
            r->peer[i].state.confirmed[0] = '\0';
            r->peer[i].barrier[0] = '\0';
            memset(r->peer[i].beat.stream, 0, sizeof r->peer[i].beat.stream);
            ovnha_resident_tails_clear(&r->peer[i].tails);
        }
    }
}
