/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/publication.h>

#include <ovnha/eligibility.h>

/* Not the score of an active: whoever was demoted must not look like one. */
static bool may_be_confirmed_soon(const struct ovnha_publication_facts *facts,
                                  ovnha_msec now)
{
    return facts->left_out && facts->published > OVNHA_SCORE_NEVER &&
           facts->published < OVNHA_SCORE_ACTIVE &&
           !ovnha_deadline_passed(facts->moved_at + OVNHA_PUBLICATION_CALM_MS, now);
}

/* Nobody is active yet who could lose the role to this one. */
static bool may_be_succeeded_soon(const struct ovnha_publication_facts *facts,
                                  ovnha_msec now)
{
    return facts->unsucceeded && facts->published == OVNHA_SCORE_ACTIVE &&
           facts->score > OVNHA_SCORE_NEVER &&
           !ovnha_deadline_passed(facts->demoted_at + OVNHA_PUBLICATION_CALM_MS, now);
}

bool ovnha_publication_is_due(const struct ovnha_publication_facts *facts, ovnha_msec now)
{
    const bool is_barred = facts->score == OVNHA_SCORE_NEVER;

    if (facts->known && facts->published == facts->score) {
        return false;
    }
    return !(is_barred && (facts->converting || may_be_confirmed_soon(facts, now))) &&
           !may_be_succeeded_soon(facts, now);
}
