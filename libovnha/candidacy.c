/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/candidacy.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ovnha/text.h>

static void conclude(struct ovnha_candidacy_verdict *verdict,
                     enum ovnha_candidacy candidacy, const char *format, ...)
    OVNHA_PRINTF(3, 4);

static void conclude(struct ovnha_candidacy_verdict *verdict,
                     enum ovnha_candidacy candidacy, const char *format, ...)
{
    va_list args;

    verdict->candidacy = candidacy;
    va_start(args, format);
    vsnprintf(verdict->reason, sizeof verdict->reason, format, args);
    va_end(args);
}

/*
 * The newest record heard.
 */

static bool take_newer(struct ovnha_record *newest, const struct ovnha_record *other)
{
    if (!ovnha_record_exists(other)) {
        return true;
    }
    if (!ovnha_record_exists(newest)) {
        *newest = *other;
        return true;
    }
    const int order = ovnha_record_compare(newest, other);

    if (order < 0) {
        *newest = *other;
    }
    return order != 0 || ovnha_record_same(newest, other) ||
           ovnha_record_merge(newest, other);
}

static bool take_all(const struct ovnha_candidacy_facts *facts,
                     struct ovnha_record *newest)
{
    bool whole = take_newer(newest, &facts->shared);

    for (size_t i = 0; i < facts->n_reports; i++) {
        whole = take_newer(newest, &facts->report[i].record) && whole;
    }
    return whole;
}

/* Two records may claim the same place in history and both be older than a third:
 * only a split at the top matters. */
bool ovnha_candidacy_newest(const struct ovnha_candidacy_facts *facts,
                            struct ovnha_record *newest)
{
    memset(newest, 0, sizeof *newest);
    (void)take_all(facts, newest);
    return take_all(facts, newest);
}

uint64_t ovnha_candidacy_counter(const struct ovnha_candidacy_facts *facts)
{
    uint64_t highest = ovnha_record_counter(&facts->shared);

    for (size_t i = 0; i < facts->n_reports; i++) {
        const uint64_t counter = ovnha_record_counter(&facts->report[i].record);

        highest = counter > highest ? counter : highest;
    }
    return highest;
}

/*
 * Who has reported.
 */

static const struct ovnha_report *find_report(const struct ovnha_candidacy_facts *facts,
                                              const char *node)
{
    for (size_t i = 0; i < facts->n_reports; i++) {
        if (strcmp(facts->report[i].node, node) == 0) {
            return &facts->report[i];
        }
    }
    return NULL;
}

/* One that remembers: not a new node, nor one with a new disk. */
static bool is_heard(const struct ovnha_candidacy_facts *facts, const char *node)
{
    const struct ovnha_report *report = find_report(facts, node);

    return report && ovnha_record_exists(&report->record);
}

/* Why it counts as not heard, though it has reported; or NULL. */
static const char *find_unreadable(const struct ovnha_candidacy_facts *facts,
                                   const char *node)
{
    const struct ovnha_report *report = find_report(facts, node);

    return report && report->unreadable[0] ? report->unreadable : NULL;
}

static void await(struct ovnha_candidacy_verdict *verdict, const char *node)
{
    ovnha_text_copy(verdict->awaited[verdict->n_awaited++], OVNHA_NODE_SIZE, node);
}

static void await_members(const struct ovnha_candidacy_facts *facts,
                          const struct ovnha_members *members,
                          struct ovnha_candidacy_verdict *verdict)
{
    for (size_t i = 0; i < members->n && verdict->n_awaited < OVNHA_NODES_MAX; i++) {
        if (!is_heard(facts, members->member[i].node)) {
            await(verdict, members->member[i].node);
        }
    }
}

static bool majority_is_heard(const struct ovnha_candidacy_facts *facts)
{
    size_t heard = 0;

    for (size_t i = 0; i < facts->n_configured; i++) {
        heard += is_heard(facts, facts->configured[i]);
    }
    return heard > facts->n_configured / 2;
}

/* Rule (2).  Whoever made the newest revision is one of those that the one before
 * names; `awaited` are those of them that have not been heard. */
static bool newest_is_heard(const struct ovnha_candidacy_facts *facts,
                            const struct ovnha_record *newest,
                            struct ovnha_candidacy_verdict *verdict)
{
    await_members(facts, &newest->in_sync, verdict);
    await_members(facts, &newest->leaving, verdict);
    if (newest->attempt_node[0] && !is_heard(facts, newest->attempt_node) &&
        verdict->n_awaited < OVNHA_NODES_MAX) {
        await(verdict, newest->attempt_node);
    }
    return verdict->n_awaited == 0 || majority_is_heard(facts) || facts->lived_through;
}

static void append(struct ovnha_candidacy_verdict *verdict, const char *format, ...)
    OVNHA_PRINTF(2, 3);

static void append(struct ovnha_candidacy_verdict *verdict, const char *format, ...)
{
    const size_t used = strlen(verdict->reason);
    va_list args;

    va_start(args, format);
    vsnprintf(verdict->reason + used, sizeof verdict->reason - used, format, args);
    va_end(args);
}

static void name_awaited(const struct ovnha_candidacy_facts *facts,
                         struct ovnha_candidacy_verdict *verdict, const char *why)
{
    conclude(verdict, OVNHA_MUST_WAIT, "waits for");
    for (size_t i = 0; i < verdict->n_awaited; i++) {
        const char *file = find_unreadable(facts, verdict->awaited[i]);

        append(verdict, "%s %s", i ? "," : "", verdict->awaited[i]);
        if (file) {
            append(verdict, " (its record %s cannot be understood)", file);
        }
    }
    append(verdict, ": %s", why);
}

/*
 * The own copy.
 */

/* A promotion that broke off leaves its marker in some databases or in all.  Nobody
 * can have seen its generation, or there would be a newer record; so nothing else was
 * written since, and the copy is its parent's.  The marker names the parent; should it
 * not, the record may name the attempt, unless another one took its place. */
static bool broke_off(const struct ovnha_candidacy_facts *facts,
                      const struct ovnha_copy_marks *marks,
                      const struct ovnha_record *newest)
{
    return strcmp(marks->parent, newest->generation.uuid) == 0 ||
           (strcmp(newest->attempt_node, facts->self) == 0 &&
            strcmp(marks->generation, newest->attempt.uuid) == 0);
}

static bool carries(const struct ovnha_candidacy_facts *facts,
                    const struct ovnha_record *newest)
{
    for (size_t i = 0; i < facts->n_dbs; i++) {
        const struct ovnha_copy_marks *marks = &facts->marks[i];

        if (strcmp(marks->generation, newest->generation.uuid) != 0 &&
            !broke_off(facts, marks, newest)) {
            return false;
        }
    }
    return true;
}

static bool holds_attachment(const struct ovnha_candidacy_facts *facts,
                             const struct ovnha_member *member)
{
    for (size_t i = 0; i < facts->n_dbs && member->attachment[0]; i++) {
        if (strcmp(facts->marks[i].attachment, member->attachment) != 0) {
            return false;
        }
    }
    return true;
}

static int rank(const struct ovnha_report *report, const struct ovnha_record *newest)
{
    return (report->unbroken ? 2 : 0) + (strcmp(newest->active, report->node) == 0);
}

static bool is_preferred(const struct ovnha_candidacy_facts *facts,
                         const struct ovnha_record *newest)
{
    const struct ovnha_report *own = find_report(facts, facts->self);
    const int own_rank = own ? rank(own, newest) : 0;

    for (size_t i = 0; i < facts->n_reports; i++) {
        if (ovnha_members_find(&newest->in_sync, facts->report[i].node) &&
            rank(&facts->report[i], newest) > own_rank) {
            return false;
        }
    }
    return true;
}

/* Who may be promoted in the place of this one, whose host has lost power since its copy
 * was confirmed, and has lost nothing himself; or NULL.  An unbroken one outranks nobody
 * that is unbroken, so somebody is always left. */
static const struct ovnha_report *find_better(const struct ovnha_candidacy_facts *facts,
                                              const struct ovnha_record *newest)
{
    const struct ovnha_report *own = find_report(facts, facts->self);

    for (size_t i = 0; i < facts->n_reports && !(own && own->unbroken); i++) {
        const struct ovnha_report *report = &facts->report[i];

        if (report != own && report->unbroken && report->candidate &&
            ovnha_members_find(&newest->in_sync, report->node)) {
            return report;
        }
    }
    return NULL;
}

/* Nothing is wrong with the copy. */
static void judge_rank(const struct ovnha_candidacy_facts *facts,
                       const struct ovnha_record *newest,
                       struct ovnha_candidacy_verdict *verdict)
{
    const struct ovnha_report *better = find_better(facts, newest);

    if (better) {
        conclude(verdict, OVNHA_MAY_NOT, "%s's copy is better: its host kept its power",
                 better->node);
    } else {
        verdict->preferred = is_preferred(facts, newest);
        conclude(verdict, OVNHA_MAY, "is in sync with generation %.8s",
                 newest->generation.uuid);
    }
}

/* While somebody who is in sync is there, this one will be able to follow. */
static void judge_outsider(const struct ovnha_candidacy_facts *facts,
                           const struct ovnha_record *newest,
                           struct ovnha_candidacy_verdict *verdict)
{
    verdict->n_awaited = 0;
    await_members(facts, &newest->in_sync, verdict);
    if (verdict->n_awaited < newest->in_sync.n) {
        conclude(verdict, OVNHA_MAY_NOT, "is not in sync with generation %.8s",
                 newest->generation.uuid);
    } else {
        name_awaited(facts, verdict,
                     verdict->n_awaited == 1 ? "it alone holds everything"
                                             : "only they hold everything");
    }
}

static void judge_copy(const struct ovnha_candidacy_facts *facts,
                       const struct ovnha_record *newest,
                       struct ovnha_candidacy_verdict *verdict)
{
    const struct ovnha_member *member = ovnha_members_find(&newest->in_sync, facts->self);

    if (!facts->marks_known) {
        conclude(verdict, OVNHA_MAY_NOT,
                 "its databases cannot be read: see ovsdb-server's logs on this node");
    } else if (!member) {
        judge_outsider(facts, newest, verdict);
    } else if (facts->replaced) {
        conclude(
            verdict, OVNHA_MAY_NOT,
            "its database file is not the one that this node held: it is loaded anew from "
            "an active, or see 'ovnha accept-loss'");
    } else if (member->attachment[0] &&
               strcmp(member->attachment, facts->withdrawn) == 0) {
        conclude(verdict, OVNHA_MAY_NOT,
                 "may lack what %s acknowledged: replication had ended or stood still, "
                 "and that was not recorded",
                 newest->active);
    } else if (!carries(facts, newest)) {
        conclude(verdict, OVNHA_MAY_NOT, "its copy lacks the marker of generation %.8s",
                 newest->generation.uuid);
    } else if (!holds_attachment(facts, member)) {
        conclude(verdict, OVNHA_MAY_NOT, "its copy is older than its confirmation");
    } else {
        judge_rank(facts, newest, verdict);
    }
}

/*
 * No history.
 */

/* A first promotion that broke off has left a marker without a parent, and a record of
 * the attempt; any other marker comes from a history that nobody remembers. */
static bool has_lost_marker(const struct ovnha_candidacy_facts *facts,
                            const struct ovnha_record *newest)
{
    for (size_t i = 0; i < facts->n_dbs; i++) {
        const struct ovnha_copy_marks *marks = &facts->marks[i];

        if (marks->generation[0] && (marks->parent[0] || !ovnha_record_exists(newest))) {
            return true;
        }
    }
    return false;
}

static size_t count_populated(const struct ovnha_candidacy_facts *facts,
                              const char **which)
{
    size_t n = 0;

    for (size_t i = 0; i < facts->n_reports; i++) {
        if (facts->report[i].populated) {
            *which = facts->report[i].node;
            n++;
        }
    }
    return n;
}

/* The replicas of an agent that kept no record hold the same; any of them will do. */
static bool all_hold_the_same(const struct ovnha_candidacy_facts *facts)
{
    const char *first = NULL;

    for (size_t i = 0; i < facts->n_reports; i++) {
        const struct ovnha_report *report = &facts->report[i];

        if (report->populated && !first) {
            first = report->content;
        }
        if (report->populated && (!first[0] || strcmp(report->content, first) != 0)) {
            return false;
        }
    }
    return true;
}

static bool is_populated(const struct ovnha_candidacy_facts *facts, const char *node)
{
    const struct ovnha_report *report = find_report(facts, node);

    return report && report->populated;
}

/* All have reported.  Of copies that differ nobody knows which is newer, but for what the
 * agent that ran them before us noted. */
static void judge_contents(const struct ovnha_candidacy_facts *facts,
                           struct ovnha_candidacy_verdict *verdict)
{
    const char *populated = facts->self, *former = facts->former_active;
    const size_t n = count_populated(facts, &populated);
    const bool named = is_populated(facts, former);

    if (n > 0 && !is_populated(facts, facts->self)) {
        conclude(verdict, OVNHA_MAY_NOT, "is empty and %s holds data", populated);
    } else if (n > 1 && !all_hold_the_same(facts) && !named) {
        conclude(verdict, OVNHA_MAY_NOT,
                 "%zu nodes hold different data and there is no history: choose one with "
                 "'ovnha accept-loss' there",
                 n);
    } else if (n > 1 && !all_hold_the_same(facts) && strcmp(former, facts->self) != 0) {
        conclude(verdict, OVNHA_MAY_NOT,
                 "%zu nodes hold different data, and %s was the active (OVN_REPL_INFO)",
                 n, former);
    } else {
        verdict->preferred = named && strcmp(former, facts->self) == 0;
        conclude(verdict, OVNHA_MAY, "%s",
                 n == 0               ? "first start, all are empty"
                 : verdict->preferred ? "holds data, and was the active (OVN_REPL_INFO)"
                                      : "holds the only data");
    }
}

/* The first generation needs every configured node: the populated one may be the
 * last to come up. */
static void judge_first_start(const struct ovnha_candidacy_facts *facts,
                              const struct ovnha_record *newest,
                              struct ovnha_candidacy_verdict *verdict)
{
    verdict->first = true;
    for (size_t i = 0; i < facts->n_configured; i++) {
        const char *node = facts->configured[i];

        if (!find_report(facts, node) || find_unreadable(facts, node)) {
            await(verdict, node);
        }
    }
    if (!facts->marks_known) {
        conclude(verdict, OVNHA_MAY_NOT,
                 "its databases cannot be read: see ovsdb-server's logs on this node");
    } else if (has_lost_marker(facts, newest)) {
        conclude(verdict, OVNHA_MAY_NOT,
                 "carries a marker but nobody has a record: its history is lost; see "
                 "'ovnha accept-loss'");
    } else if (verdict->n_awaited > 0) {
        name_awaited(facts, verdict, "the first start needs every node");
    } else {
        judge_contents(facts, verdict);
    }
}

void ovnha_candidacy(const struct ovnha_candidacy_facts *facts,
                     struct ovnha_candidacy_verdict *verdict)
{
    struct ovnha_record newest;
    const bool whole = ovnha_candidacy_newest(facts, &newest);

    memset(verdict, 0, sizeof *verdict);
    if (facts->quorate != OVNHA_YES) {
        conclude(verdict, OVNHA_MUST_WAIT,
                 facts->quorate == OVNHA_NO ? "waits for quorum"
                                            : "waits: quorum is unknown");
    } else if (find_unreadable(facts, facts->self)) {
        conclude(
            verdict, OVNHA_MAY_NOT,
            "its record, %s, cannot be understood: move it away while the resource is "
            "stopped on this node",
            find_unreadable(facts, facts->self));
    } else if (!whole) {
        conclude(
            verdict, OVNHA_MAY_NOT,
            "history split: two generations claim the same place; choose a copy with "
            "'ovnha accept-loss'");
    } else if (!newest.generation.uuid[0]) {
        judge_first_start(facts, &newest, verdict);
    } else if (!newest_is_heard(facts, &newest, verdict)) {
        name_awaited(facts, verdict, "may hold newer data");
    } else {
        judge_copy(facts, &newest, verdict);
    }
}

const char *ovnha_candidacy_to_str(enum ovnha_candidacy candidacy)
{
    switch (candidacy) {
    case OVNHA_MAY_NOT:
        return "may not be promoted";
    case OVNHA_MUST_WAIT:
        return "waits";
    case OVNHA_MAY:
        return "may be promoted";
    }
    return "?";
}
