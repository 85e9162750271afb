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

/* A member that is gone, or attached under another id than it was confirmed for. */
static const struct ovnha_member *find_lost(const struct ovnha_upkeep_facts *facts)
{
    for (size_t i = 0; i < facts->record.in_sync.n; i++) {
        const struct ovnha_member *member = &facts->record.in_sync.member[i];
        const struct ovnha_peer *peer = find_peer(facts, member->node);

        if (strcmp(member->node, facts->self) != 0 &&
            (!peer || !peer->present ||
             strcmp(peer->attachment, member->attachment) != 0)) {
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

static const struct ovnha_peer *find_confirmed(const struct ovnha_upkeep_facts *facts)
{
    for (size_t i = 0; i < facts->n_peers; i++) {
        const struct ovnha_peer *peer = &facts->peer[i];

        if (peer->present && peer->attachment[0] &&
            strcmp(peer->attachment, peer->confirmed) == 0 && !is_member(facts, peer)) {
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

static bool keeps(const struct ovnha_peer *peer, const struct ovnha_record *record)
{
    return peer->present && peer->kept_counter == record->generation.counter &&
           peer->kept_revision >= record->revision;
}

/* Nobody else is in sync, and a majority has kept that nobody else is any more: an
 * older record that someone has makes him wait for us, or says that he does not count. */
static bool counts_alone(const struct ovnha_record *record)
{
    return record->in_sync.n == 1 && record->leaving.n == 0 &&
           strcmp(record->in_sync.member[0].node, record->active) == 0;
}

bool ovnha_upkeep_is_kept(const struct ovnha_upkeep_facts *facts)
{
    size_t keepers = 1, present = 1;

    if (counts_alone(&facts->record)) {
        return true;
    }
    for (size_t i = 0; i < facts->n_peers; i++) {
        keepers += keeps(&facts->peer[i], &facts->record);
        present += facts->peer[i].present;
    }
    if (facts->n_configured <= 2) {
        return keepers >= present;
    }
    return keepers > facts->n_configured / 2;
}

/* Of two nodes, an absent one may come back with a record in which it counts. */
static bool may_settle(const struct ovnha_upkeep_facts *facts)
{
    if (facts->record.leaving.n == 0 || !ovnha_upkeep_is_kept(facts)) {
        return false;
    }
    for (size_t i = 0; i < facts->record.leaving.n && facts->n_configured <= 2; i++) {
        const struct ovnha_peer *peer =
            find_peer(facts, facts->record.leaving.member[i].node);

        if (!peer || !keeps(peer, &facts->record)) {
            return false;
        }
    }
    return true;
}

struct ovnha_upkeep ovnha_upkeep(const struct ovnha_upkeep_facts *facts)
{
    const struct ovnha_member *lost;
    const struct ovnha_peer *peer;

    if (!facts->serving) {
        return task(OVNHA_UPKEEP_NOTHING, "", "");
    }
    if (facts->quorate != OVNHA_YES) {
        return task(facts->quorate == OVNHA_NO && !facts->serve_without_quorum
                        ? OVNHA_UPKEEP_STOP_SERVING
                        : OVNHA_UPKEEP_NOTHING,
                    "", "");
    }
    lost = find_lost(facts);
    if (lost) {
        return task(OVNHA_UPKEEP_LEAVE, lost->node, lost->attachment);
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
