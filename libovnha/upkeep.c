/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/upkeep.h>

#include <string.h>

#include <ovnha/text.h>

static struct ovnha_upkeep task(enum ovnha_upkeep_kind kind, const char *node,
                                const char *attachment)
{
    struct ovnha_upkeep upkeep = {.kind = kind};

    ovnha_text_copy(upkeep.node, sizeof upkeep.node, node);
    ovnha_text_copy(upkeep.attachment, sizeof upkeep.attachment, attachment);
    return upkeep;
}

static const struct ovnha_peer *find_peer(const struct ovnha_upkeep_facts *facts,
                                          const char *node)
{
    for (size_t i = 0; i < facts->n_peers; i++) {
        if (strcmp(facts->peer[i].node, node) == 0) {
            return &facts->peer[i];
        }
    }
    return NULL;
}

/* Of two nodes, one that is absent may be serving, too, until it is known to be off:
 * either would strike out the other. */
static bool is_gone(const struct ovnha_upkeep_facts *facts, const struct ovnha_peer *peer)
{
    return (!peer || !peer->present) && (facts->n_configured > 2 || facts->other_is_off);
}

/* A member that is gone, or attached under another id than it was confirmed for, or that
 * lacks what it was sent. */
static const struct ovnha_member *find_lost(const struct ovnha_upkeep_facts *facts)
{
    for (size_t i = 0; i < facts->record.in_sync.n; i++) {
        const struct ovnha_member *member = &facts->record.in_sync.member[i];
        const struct ovnha_peer *peer = find_peer(facts, member->node);

        const bool lacks =
            peer && peer->present &&
            (peer->late || strcmp(peer->attachment, member->attachment) != 0);

        if (strcmp(member->node, facts->self) != 0 && (lacks || is_gone(facts, peer))) {
            return member;
        }
    }
    return NULL;
}

static bool is_member(const struct ovnha_upkeep_facts *facts,
                      const struct ovnha_peer *peer)
{
    return ovnha_members_find(&facts->record.in_sync, peer->node) != NULL;
}

/* One that does not keep the record could not remember that it joined. */
static bool keeps_generation(const struct ovnha_upkeep_facts *facts,
                             const struct ovnha_peer *peer)
{
    return strcmp(peer->kept.generation.uuid, facts->record.generation.uuid) == 0;
}

static const struct ovnha_peer *find_confirmed(const struct ovnha_upkeep_facts *facts)
{
    for (size_t i = 0; i < facts->n_peers; i++) {
        const struct ovnha_peer *peer = &facts->peer[i];

        if (peer->present && !peer->late && peer->attachment[0] &&
            strcmp(peer->attachment, peer->confirmed) == 0 &&
            keeps_generation(facts, peer) && !is_member(facts, peer)) {
            return peer;
        }
    }
    return NULL;
}

static const struct ovnha_peer *find_tokenless(const struct ovnha_upkeep_facts *facts)
{
    for (size_t i = 0; i < facts->n_peers; i++) {
        const struct ovnha_peer *peer = &facts->peer[i];

        if (peer->present && peer->attachment[0] &&
            strcmp(peer->attachment, peer->token) != 0) {
            return peer;
        }
    }
    return NULL;
}

/* This one, or a newer one of the same generation: a node that made a later promise keeps
 * what an earlier one asked of it, too. */
static bool keeps(const struct ovnha_peer *peer, const struct ovnha_record *record)
{
    return peer->present &&
           (ovnha_record_same(&peer->kept, record) ||
            (strcmp(peer->kept.generation.uuid, record->generation.uuid) == 0 &&
             ovnha_record_supersedes(&peer->kept, record, false)));
}

static bool majority_keeps(const struct ovnha_upkeep_facts *facts)
{
    size_t keepers = 1;

    for (size_t i = 0; i < facts->n_peers; i++) {
        keepers += keeps(&facts->peer[i], &facts->record);
    }
    return keepers > facts->n_configured / 2;
}

static const struct ovnha_peer *find_present(const struct ovnha_upkeep_facts *facts)
{
    for (size_t i = 0; i < facts->n_peers; i++) {
        if (facts->peer[i].present) {
            return &facts->peer[i];
        }
    }
    return NULL;
}

/* Whatever record the other of two nodes has, it makes that one wait for this one. */
static bool nobody_else_counts(const struct ovnha_upkeep_facts *facts)
{
    const struct ovnha_record *record = &facts->record;

    return record->leaving.n == 0 && record->in_sync.n == 1 &&
           strcmp(record->in_sync.member[0].node, facts->self) == 0;
}

bool ovnha_upkeep_counts(const struct ovnha_upkeep_facts *facts)
{
    const struct ovnha_peer *other = find_present(facts);

    if (facts->n_configured == 2 && !other) {
        return facts->other_is_off || nobody_else_counts(facts);
    }
    /* Before the first generation, it has an attempt to keep. */
    if (facts->n_configured == 2 && !ovnha_record_exists(&other->kept) &&
        facts->record.generation.uuid[0]) {
        return true;
    }
    return majority_keeps(facts);
}

/* Of two nodes, nobody could strike this one out without its keeping that, so the record
 * that the other one comes back with makes it wait for this one.  Unless it was not off
 * at all, but served beyond a cut: one that merely cannot be seen is not struck out. */
static bool may_settle(const struct ovnha_upkeep_facts *facts)
{
    return facts->record.leaving.n > 0 &&
           (majority_keeps(facts) || (facts->n_configured == 2 && facts->other_went));
}

struct ovnha_upkeep ovnha_upkeep(const struct ovnha_upkeep_facts *facts)
{
    const struct ovnha_member *lost;
    const struct ovnha_peer *peer;

    if (facts->may_write && facts->quorate == OVNHA_NO && !facts->serve_without_quorum) {
        return task(OVNHA_UPKEEP_STOP_SERVING, "", "");
    }
    if (!(facts->serving || facts->silent) || facts->quorate != OVNHA_YES) {
        return task(OVNHA_UPKEEP_NOTHING, "", "");
    }
    lost = find_lost(facts);
    if (lost) {
        return task(OVNHA_UPKEEP_LEAVE, lost->node, lost->attachment);
    }
    /* Its other servers acknowledge writes meanwhile, so who lacks them leaves at once.
     * Nothing else is that urgent. */
    if (facts->silent) {
        return task(OVNHA_UPKEEP_NOTHING, "", "");
    }
    peer = find_confirmed(facts);
    if (peer) {
        return task(OVNHA_UPKEEP_JOIN, peer->node, peer->attachment);
    }
    peer = find_tokenless(facts);
    if (peer) {
        return task(OVNHA_UPKEEP_WRITE_TOKEN, peer->node, peer->attachment);
    }
    return task(may_settle(facts) ? OVNHA_UPKEEP_SETTLE : OVNHA_UPKEEP_NOTHING, "", "");
}

const char *ovnha_upkeep_to_str(enum ovnha_upkeep_kind kind)
{
    switch (kind) {
    case OVNHA_UPKEEP_NOTHING:
        return "nothing";
    case OVNHA_UPKEEP_STOP_SERVING:
        return "stop-serving";
    case OVNHA_UPKEEP_LEAVE:
        return "leave";
    case OVNHA_UPKEEP_WRITE_TOKEN:
        return "write-token";
    case OVNHA_UPKEEP_JOIN:
        return "join";
    case OVNHA_UPKEEP_SETTLE:
        return "settle";
    }
    return "?";
}
