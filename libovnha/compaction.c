/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/compaction.h>

bool ovnha_compaction_is_wanted(const struct ovnha_compaction_facts *facts)
{
    const bool doubled = facts->base && facts->size >= 2 * facts->base;

    return facts->loaded && (!facts->done || doubled) &&
           facts->size >= OVNHA_COMPACTION_MIN_SIZE;
}

static bool is_calm(const struct ovnha_compaction_facts *facts, ovnha_msec now)
{
    return !facts->moving && !facts->running && facts->wanted_at &&
           ovnha_deadline_passed(facts->wanted_at + OVNHA_COMPACTION_CALM_MS, now) &&
           ovnha_deadline_passed(facts->retry_at, now);
}

bool ovnha_compaction_is_due(const struct ovnha_compaction_facts *facts, ovnha_msec now)
{
    return ovnha_compaction_is_wanted(facts) && is_calm(facts, now);
}
