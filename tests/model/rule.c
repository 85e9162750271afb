/* SPDX-License-Identifier: Apache-2.0 */
#include "rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 65536
#define BUCKETS     (2 * RECORDS_MAX)
#define MEMO_BITS   20

static struct small_record records[RECORDS_MAX];
static size_t n_records = 1; /* 0 is no record */
static record_id bucket[BUCKETS];

static uint64_t hash(const void *data, size_t size)
{
    const uint8_t *byte = data;
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < size; i++) {
        h = (h ^ byte[i]) * 1099511628211u;
    }
    return h ^ h >> 29;
}

const struct small_record *rule_record(record_id id)
{
    return &records[id];
}

static record_id intern(const struct small_record *record)
{
    const struct small_record none = {0};
    size_t i = hash(record, sizeof *record) % BUCKETS;

    if (memcmp(record, &none, sizeof none) == 0) {
        return 0;
    }
    for (; bucket[i]; i = (i + 1) % BUCKETS) {
        if (memcmp(&records[bucket[i]], record, sizeof *record) == 0) {
            return bucket[i];
        }
    }
    if (n_records == RECORDS_MAX) {
        fprintf(stderr, "more than %d records: explore less\n", RECORDS_MAX);
        abort();
    }
    records[n_records] = *record;
    bucket[i] = (record_id)n_records;
    return (record_id)n_records++;
}

/*
 * Small to real and back.
 */

static void name(char *text, size_t size, char prefix, unsigned number)
{
    text[0] = '\0';
    if (number) {
        snprintf(text, size, "%c%u", prefix, number);
    }
}

static uint8_t number(const char *text)
{
    return text[0] ? (uint8_t)atoi(text + 1) : 0;
}

static void expand_members(uint8_t mask, const uint8_t *attachment,
                           struct ovnha_members *members)
{
    members->n = 0;
    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        if (mask & 1u << h) {
            struct ovnha_member *member = &members->member[members->n++];

            name(member->node, sizeof member->node, 'h', h + 1);
            name(member->attachment, sizeof member->attachment, 't', attachment[h]);
        }
    }
}

static void expand(record_id id, struct ovnha_record *record)
{
    const struct small_record *small = &records[id];

    name(record->generation.uuid, OVNHA_UUID_SIZE, 'g', small->generation);
    record->generation.counter = small->counter;
    record->revision = small->revision;
    name(record->active, OVNHA_NODE_SIZE, 'h', small->active);
    expand_members(small->in_sync, small->in_sync_attachment, &record->in_sync);
    expand_members(small->leaving, small->leaving_attachment, &record->leaving);
    name(record->attempt.uuid, OVNHA_UUID_SIZE, 'g', small->attempt);
    record->attempt.counter = small->attempt_counter;
    name(record->attempt_node, OVNHA_NODE_SIZE, 'h', small->attempt_host);
}

static uint8_t shrink_members(const struct ovnha_members *members, uint8_t *attachment)
{
    uint8_t mask = 0;

    for (size_t i = 0; i < members->n; i++) {
        const unsigned h = number(members->member[i].node) - 1u;

        mask |= (uint8_t)(1u << h);
        attachment[h] = number(members->member[i].attachment);
    }
    return mask;
}

static record_id shrink(const struct ovnha_record *record)
{
    struct small_record small = {
        .generation = number(record->generation.uuid),
        .counter = (uint8_t)record->generation.counter,
        .revision = (uint8_t)record->revision,
        .active = number(record->active),
        .attempt = number(record->attempt.uuid),
        .attempt_counter = (uint8_t)record->attempt.counter,
        .attempt_host = number(record->attempt_node),
    };

    small.in_sync = shrink_members(&record->in_sync, small.in_sync_attachment);
    small.leaving = shrink_members(&record->leaving, small.leaving_attachment);
    return intern(&small);
}

/*
 * Transitions.
 */

enum op {
    OP_NONE,
    OP_ATTEMPT,
    OP_OPEN,
    OP_JOIN,
    OP_LEAVE,
    OP_SETTLE,
    OP_COMPARE,
    OP_SUPERSEDES
};

struct memo {
    record_id a, b;
    uint8_t op, x, y, z;
    int32_t result;
};

static struct memo memos[1u << MEMO_BITS];

static int32_t transit(struct ovnha_record *record, const struct memo *memo)
{
    char node[OVNHA_NODE_SIZE], uuid[OVNHA_UUID_SIZE];

    name(node, sizeof node, 'h', memo->x + 1u);
    name(uuid, sizeof uuid, memo->op == OP_JOIN ? 't' : 'g', memo->y);
    switch ((enum op)memo->op) {
    case OP_ATTEMPT:
        ovnha_record_attempt(record, node, uuid);
        ovnha_record_attempt_above(record, memo->z);
        break;
    case OP_OPEN:
        ovnha_record_open(record);
        break;
    case OP_JOIN:
        ovnha_record_join(record, node, uuid);
        break;
    case OP_LEAVE:
        ovnha_record_leave(record, node);
        break;
    case OP_SETTLE:
        ovnha_record_settle(record);
        break;
    case OP_NONE:
    case OP_COMPARE:
    case OP_SUPERSEDES:
        abort();
    }
    return shrink(record);
}

static int32_t remember(enum op op, record_id a, record_id b, unsigned x, unsigned y,
                        unsigned z)
{
    static struct ovnha_record one, other;
    struct memo memo = {.a = a, .b = b, .op = (uint8_t)op};

    memo.x = (uint8_t)x;
    memo.y = (uint8_t)y;
    memo.z = (uint8_t)z;
    struct memo *slot = &memos[hash(&memo, sizeof memo) >> (64 - MEMO_BITS)];

    if (slot->op == memo.op && slot->a == a && slot->b == b && slot->x == memo.x &&
        slot->y == memo.y && slot->z == memo.z) {
        return slot->result;
    }
    expand(a, &one);
    expand(b, &other);
    if (op == OP_COMPARE) {
        const int order = ovnha_record_compare(&one, &other);

        memo.result = (order > 0) - (order < 0);
    } else if (op == OP_SUPERSEDES) {
        memo.result = ovnha_record_supersedes(&one, &other, memo.x);
    } else {
        memo.result = transit(&one, &memo);
    }
    *slot = memo;
    return memo.result;
}

record_id rule_attempt(record_id id, unsigned host, unsigned generation, unsigned heard)
{
    return (record_id)remember(OP_ATTEMPT, id, 0, host, generation, heard);
}

record_id rule_open(record_id id)
{
    return (record_id)remember(OP_OPEN, id, 0, 0, 0, 0);
}

record_id rule_join(record_id id, unsigned host, unsigned attachment)
{
    return (record_id)remember(OP_JOIN, id, 0, host, attachment, 0);
}

record_id rule_leave(record_id id, unsigned host)
{
    return (record_id)remember(OP_LEAVE, id, 0, host, 0, 0);
}

record_id rule_settle(record_id id)
{
    return (record_id)remember(OP_SETTLE, id, 0, 0, 0, 0);
}

int rule_compare(record_id a, record_id b)
{
    return a == b ? 0 : remember(OP_COMPARE, a, b, 0, 0, 0);
}

bool rule_supersedes(record_id told, record_id own, bool served)
{
    return told != own && remember(OP_SUPERSEDES, told, own, served, 0, 0);
}

/*
 * The rule.
 */

static void fill(const struct rule_question *q, struct ovnha_candidacy_facts *facts)
{
    name(facts->self, sizeof facts->self, 'h', q->self + 1u);
    facts->quorate = q->quorate ? OVNHA_YES : OVNHA_NO;
    facts->n_configured = q->n;
    facts->n_reports = 0;
    for (unsigned h = 0; h < q->n; h++) {
        struct ovnha_report *report = &facts->report[facts->n_reports];

        name(facts->configured[h], OVNHA_NODE_SIZE, 'h', h + 1);
        if (q->heard & 1u << h) {
            facts->n_reports++;
            name(report->node, sizeof report->node, 'h', h + 1);
            expand(q->file[h], &report->record);
            report->populated = q->populated & 1u << h;
            report->unbroken = q->unbroken & 1u << h;
            report->candidate = q->candidates & 1u << h;
        }
    }
    expand(q->shared, &facts->shared);
    facts->lived_through = q->lived;
    facts->marks_known = true;
    facts->n_dbs = 1;
    name(facts->marks[0].generation, OVNHA_UUID_SIZE, 'g', q->marker);
    name(facts->marks[0].parent, OVNHA_UUID_SIZE, 'g', q->parent);
    name(facts->marks[0].attachment, OVNHA_UUID_SIZE, 't', q->token);
}

static struct ovnha_candidacy_facts facts;
static struct ovnha_candidacy_verdict verdict;
static struct ovnha_record newest;

static struct rule_answer ask(const struct rule_question *question)
{
    struct rule_answer answer = {0};

    fill(question, &facts);
    ovnha_candidacy(&facts, &verdict);
    answer.split = !ovnha_candidacy_newest(&facts, &newest);
    answer.newest = answer.split ? 0 : shrink(&newest);
    answer.candidacy = (uint8_t)verdict.candidacy;
    answer.preferred = verdict.preferred;
    answer.counter = (uint8_t)ovnha_candidacy_counter(&facts);
    return answer;
}

static struct judgement {
    struct rule_question question;
    struct rule_answer answer;
} judgements[1u << MEMO_BITS];

struct rule_answer rule_judge(const struct rule_question *question)
{
    struct judgement *slot =
        &judgements[hash(question, sizeof *question) >> (64 - MEMO_BITS)];
    if (memcmp(&slot->question, question, sizeof *question) != 0) {
        slot->answer = ask(question);
        slot->question = *question;
    }
    return slot->answer;
}

void rule_reset(void)
{
    n_records = 1;
    memset(bucket, 0, sizeof bucket);
    memset(memos, 0, sizeof memos);
    memset(judgements, 0, sizeof judgements);
}

/*
 * Printing.
 */

static size_t print_members(char *text, size_t size, const char *what, uint8_t mask,
                            const uint8_t *attachment)
{
    size_t used = 0;

    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        if (mask & 1u << h) {
            used += (size_t)snprintf(text + used, size - used, "%s %c", used ? "" : what,
                                     'A' + (int)h);
            if (attachment[h]) {
                used += (size_t)snprintf(text + used, size - used, ":t%u", attachment[h]);
            }
        }
    }
    return used;
}

const char *rule_print(record_id id)
{
    static char text[4][160];
    static unsigned turn;
    const struct small_record *r = &records[id];
    char *to = text[turn++ % 4];
    size_t used = 0;

    if (!id) {
        return "none";
    }
    used += (size_t)snprintf(to, sizeof text[0], "g%u(%u).%u", r->generation, r->counter,
                             r->revision);
    used += print_members(to + used, sizeof text[0] - used, " in sync", r->in_sync,
                          r->in_sync_attachment);
    used += print_members(to + used, sizeof text[0] - used, " leaving", r->leaving,
                          r->leaving_attachment);
    if (r->attempt) {
        snprintf(to + used, sizeof text[0] - used, " attempt g%u(%u) of %c", r->attempt,
                 r->attempt_counter, 'A' + r->attempt_host - 1);
    }
    return to;
}
