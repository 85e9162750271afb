/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_facts.h"

#include <stddef.h>
#include <string.h>

#include <ovnha/condition.h>
#include <ovnha/text.h>

#include "resident_quorum.h"
#include "resident_serving.h"
#include "resident_state.h"

/* Both kinds of facts have room for what 32 nodes say, half a megabyte, and are made at
 * every look: what nobody has said is left as it is. */

void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts)
{
    memset(facts, 0, offsetof(struct ovnha_upkeep_facts, peer));
    ovnha_text_copy(facts->self, sizeof facts->self, r->facts.self);
    facts->serving = ovnha_resident_is_serving(r);
    facts->silent = ovnha_resident_is_silent(r);
    facts->may_write = ovnha_condition_active_may_write(&r->facts);
    facts->quorate = ovnha_resident_quorum(r);
    facts->serve_without_quorum =
        strcmp(r->policy.no_quorum, "freeze") == 0 || r->policy.unmanaged;
    facts->n_configured = r->n_configured;
    facts->other_is_off = r->other_is_off;
    facts->other_went = r->other_went;
    facts->record = r->record;
    facts->n_peers = r->n_peers;
    for (size_t i = 0; i < r->n_peers; i++) {
        facts->peer[i] = r->peer[i].state;
    }
}

static void add_report(struct ovnha_candidacy_facts *facts,
                       const struct ovnha_report *report)
{
    if (facts->n_reports < OVNHA_NODES_MAX) {
        facts->report[facts->n_reports++] = *report;
    }
}

/* One that has no record has to say what it holds before it counts; one whose record
 * cannot be understood does not count, and the reason names it. */
static bool has_reported(const struct resident_peer *peer)
{
    return peer->state.present &&
           (peer->looked || ovnha_record_exists(&peer->report.record) ||
            peer->report.unreadable[0]);
}

static void add_own_report(const struct resident *r, struct ovnha_candidacy_facts *facts)
{
    struct ovnha_report own = {
        .record = r->record, .populated = r->populated, .unbroken = r->unbroken};

    ovnha_text_copy(own.node, sizeof own.node, r->facts.self);
    ovnha_text_copy(own.content, sizeof own.content, r->content);
    ovnha_text_copy(own.unreadable, sizeof own.unreadable, r->unreadable);
    if (r->content_known || ovnha_record_exists(&r->record) || r->unreadable[0]) {
        add_report(facts, &own);
    }
}

void ovnha_resident_candidacy_facts(struct resident *r,
                                    struct ovnha_candidacy_facts *facts)
{
    const size_t begin = offsetof(struct ovnha_candidacy_facts, report);
    const size_t end = begin + sizeof facts->report;

    memset(facts, 0, begin);
    memset((char *)facts + end, 0, sizeof *facts - end);
    ovnha_text_copy(facts->self, sizeof facts->self, r->facts.self);
    facts->quorate = ovnha_resident_quorum(r);
    facts->n_configured = r->n_configured;
    for (size_t i = 0; i < r->n_configured; i++) {
        ovnha_text_copy(facts->configured[i], OVNHA_NODE_SIZE, r->configured[i].name);
    }
    add_own_report(r, facts);
    for (size_t i = 0; i < r->n_peers; i++) {
        if (has_reported(&r->peer[i])) {
            add_report(facts, &r->peer[i].report);
        }
    }
    facts->shared = r->shared;
    ovnha_text_copy(facts->former_active, sizeof facts->former_active,
                    r->policy.former_active);
    facts->lived_through = r->lived_through;
    ovnha_text_copy(facts->withdrawn, sizeof facts->withdrawn, r->beat.withdrawn);
    facts->marks_known = r->marks_known;
    facts->replaced = r->replaced;
    facts->n_dbs = r->facts.settings.n_dbs;
    memcpy(facts->marks, r->marks, sizeof facts->marks);
}
