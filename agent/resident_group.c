/* SPDX-License-Identifier: Apache-2.0 */
/* What helpers tell each other: always everything about themselves, so that the
 * last message from a node is all there is to know of it, and none depends on an
 * earlier one. */

#include "resident.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include <ovnha/text.h>

/* Helpers of another protocol are not understood; a rolling upgrade meets them. */
#define PROTOCOL 1

void ovnha_resident_tell(struct resident *r)
{
    struct ovnha_err err;
    char *record = ovnha_record_format(&r->record);
    json_t *message = json_pack("{s:i,s:s,s:s,s:b,s:s,s:s}", "protocol", PROTOCOL, "node",
                                r->facts.self, "record", record, "populated",
                                r->populated, "attachment", r->attachment, "confirmed",
                                r->confirmed ? r->attachment : "");

    free(record);
    if (ovnha_group_tell(r->group, message, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
}

static struct resident_peer *peer_of(struct resident *r, uint32_t nodeid,
                                     const char *node)
{
    struct resident_peer *peer;

    for (size_t i = 0; i < r->n_peers; i++) {
        if (strcmp(r->peer[i].state.node, node) == 0) {
            r->peer[i].nodeid = nodeid;
            return &r->peer[i];
        }
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

static void take_in(struct resident_peer *peer, const struct ovnha_record *record,
                    bool populated, const char *attachment, const char *confirmed)
{
    peer->state.present = true;
    ovnha_text_copy(peer->state.attachment, OVNHA_UUID_SIZE, attachment);
    ovnha_text_copy(peer->state.confirmed, OVNHA_UUID_SIZE, confirmed);
    peer->state.kept_counter = record->generation.counter;
    peer->state.kept_revision = record->revision;
    peer->report.record = *record;
    peer->report.populated = populated;
}

void ovnha_resident_hear(struct resident *r, uint32_t nodeid, const json_t *message)
{
    const char *node, *text, *attachment, *confirmed;
    int protocol, populated;
    struct ovnha_record record;
    struct resident_peer *peer;

    if (nodeid == ovnha_group_self(r->group)) {
        return;
    }
    if (json_unpack((json_t *)message, "{s:i,s:s,s:s,s:b,s:s,s:s}", "protocol", &protocol,
                    "node", &node, "record", &text, "populated", &populated, "attachment",
                    &attachment, "confirmed", &confirmed) != 0 ||
        protocol != PROTOCOL || ovnha_record_parse(text, &record, NULL) != OVNHA_OK) {
        qb_log(LOG_WARNING, "node %u speaks another protocol than %d", nodeid, PROTOCOL);
        return;
    }
    peer = peer_of(r, nodeid, node);
    if (peer) {
        take_in(peer, &record, populated, attachment, confirmed);
    }
    ovnha_resident_obey_record(r, &record);
}

void ovnha_resident_lose(struct resident *r, uint32_t nodeid)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peer[i].nodeid == nodeid) {
            r->peer[i].state.present = false;
            r->peer[i].state.attachment[0] = '\0';
            r->peer[i].state.confirmed[0] = '\0';
        }
    }
}
