/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/eligibility.h>

#include <stdio.h>
#include <string.h>

#include <ovnha/condition.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

static struct ovnha_eligibility verdict(int score, const char *reason)
{
    struct ovnha_eligibility eligibility = {.score = score};

    ovnha_text_copy(eligibility.reason, sizeof eligibility.reason, reason);
    return eligibility;
}

/* The source of every server is where the promoted node is, and a session with
 * it was there when we looked. */
static bool follows_promoted(const struct ovnha_facts *facts)
{
    const char *node = ovnha_source_node(facts);

    return node[0] && strcmp(node, facts->memory.promoted) == 0 &&
           ovnha_source_is_followed(facts);
}

/* When the active dies, its replicas' sessions break before anyone is told; what
 * they followed until then still counts.  A session that is broken while the
 * cluster says the active is there counts no more. */
static bool followed_until_loss(const struct ovnha_facts *facts)
{
    return facts->memory.score_known && facts->memory.score == OVNHA_SCORE_FOLLOWING &&
           facts->cluster.promoted_known == OVNHA_YES && !facts->cluster.promoted[0];
}

/* By the record.  Of several that may, the one that was the active is preferred: it has
 * what the others had, and maybe more (ovnha_candidacy()). */
static struct ovnha_eligibility guarded_eligibility(const struct ovnha_facts *facts)
{
    const struct ovnha_lineage_facts *lineage = &facts->lineage;

    if (!lineage->known) {
        return verdict(
            OVNHA_SCORE_NEVER,
            "the resident helper does not say whether this copy may be: a monitor revives it");
    }
    if (lineage->candidacy != OVNHA_MAY) {
        return verdict(OVNHA_SCORE_NEVER, lineage->reason);
    }
    return verdict(lineage->preferred ? OVNHA_SCORE_PREFERRED : OVNHA_SCORE_FOLLOWING,
                   lineage->reason);
}

static bool is_unfit(const struct ovnha_facts *facts)
{
    char why[OVNHA_ERR_SIZE];

    ovnha_condition_unfit(facts, why);
    return why[0] != '\0';
}

static struct ovnha_eligibility backup_eligibility(const struct ovnha_facts *facts)
{
    if (ovnha_facts_guarded(facts)) {
        return guarded_eligibility(facts);
    }
    if (is_unfit(facts)) {
        return verdict(OVNHA_SCORE_NEVER, "cannot replicate from the promoted node");
    }
    if (follows_promoted(facts)) {
        return verdict(OVNHA_SCORE_FOLLOWING, "follows the promoted node");
    }
    if (followed_until_loss(facts)) {
        return verdict(OVNHA_SCORE_FOLLOWING, "followed the active until it was lost");
    }
    return verdict(OVNHA_SCORE_HELD, "has a copy but follows nobody");
}

struct ovnha_eligibility ovnha_eligibility(const struct ovnha_facts *facts)
{
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_ACTIVE:
        return verdict(OVNHA_SCORE_ACTIVE, "is active");
    case OVNHA_COPY_BACKUP:
        return backup_eligibility(facts);
    case OVNHA_COPY_SELF_PROMOTED:
        return verdict(OVNHA_SCORE_NEVER, "made itself active, its data may be gone");
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_MIXED:
        return verdict(OVNHA_SCORE_NEVER, "its servers are not in one known state");
    case OVNHA_COPY_STOPPED:
        return verdict(OVNHA_SCORE_NEVER, "is stopped");
    }
    return verdict(OVNHA_SCORE_NEVER, "unknown condition");
}

void ovnha_score_format(int score, char text[16])
{
    if (score <= OVNHA_SCORE_NEVER) {
        snprintf(text, 16, "-INFINITY");
    } else {
        snprintf(text, 16, "%d", score);
    }
}
