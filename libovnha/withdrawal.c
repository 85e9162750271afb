/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/withdrawal.h>

#include <string.h>

#include <ovnha/text.h>

/* The attachment that the record names and that has ended, or "". */
static const char *ended(const struct ovnha_withdrawal_facts *facts)
{
    const struct ovnha_member *member =
        ovnha_members_find(&facts->record.in_sync, facts->self);

    return member && strcmp(member->attachment, facts->attachment) != 0
               ? member->attachment
               : "";
}

bool ovnha_withdrawal_beat(struct ovnha_withdrawal *withdrawal,
                           const struct ovnha_withdrawal_facts *facts)
{
    const char *attachment = ended(facts);

    if (!attachment[0] || !facts->active_is_member || !facts->active_serves) {
        attachment = "";
    }
    if (strcmp(withdrawal->attachment, attachment) != 0) {
        withdrawal->beats = 0;
        ovnha_text_copy(withdrawal->attachment, sizeof withdrawal->attachment,
                        attachment);
    }
    return attachment[0] && ++withdrawal->beats >= OVNHA_WITHDRAWAL_BEATS;
}
