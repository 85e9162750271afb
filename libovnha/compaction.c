/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/compaction.h>

bool ovnha_compaction_is_due(const struct ovnha_compaction_facts *facts, ovnha_msec now)
{
    const bool doubled = facts->base && facts->size >= 2 * facts->base;

    if (!facts->loaded || facts->moving || facts->running) {
        return false;
    }
    return (!facts->done || doubled) && facts->size >= OVNHA_COMPACTION_MIN_SIZE &&
           ovnha_deadline_passed(facts->retry_at, now);
}
