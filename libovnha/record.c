/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/record.h>

#include <string.h>

#include <ovnha/text.h>

/* Raised when the meaning of a field changes; an agent that meets a newer format
 * refuses rather than guesses. */
#define RECORD_FORMAT 1

bool ovnha_record_exists(const struct ovnha_record *record)
{
    return record->generation.uuid[0] || record->attempt.uuid[0];
}

static bool same_members(const struct ovnha_members *a, const struct ovnha_members *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct ovnha_member *other = ovnha_members_find(b, a->member[i].node);

        if (!other || strcmp(other->attachment, a->member[i].attachment) != 0) {
            return false;
        }
    }
    return a->n == b->n;
}

static bool same_generation(const struct ovnha_generation *a,
                            const struct ovnha_generation *b)
{
    return a->counter == b->counter && strcmp(a->uuid, b->uuid) == 0;
}

bool ovnha_record_same(const struct ovnha_record *a, const struct ovnha_record *b)
{
    return same_generation(&a->generation, &b->generation) &&
           a->revision == b->revision && strcmp(a->active, b->active) == 0 &&
           same_members(&a->in_sync, &b->in_sync) &&
           same_members(&a->leaving, &b->leaving) &&
           same_generation(&a->attempt, &b->attempt) &&
           strcmp(a->attempt_node, b->attempt_node) == 0;
}

static int compare_counters(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Of one generation and one revision. */
static int compare_attempts(const struct ovnha_record *a, const struct ovnha_record *b)
{
    const int counters = compare_counters(a->attempt.counter, b->attempt.counter);

    if (!same_members(&a->in_sync, &b->in_sync) ||
        !same_members(&a->leaving, &b->leaving)) {
        return 0;
    }
    return counters ? counters : strcmp(a->attempt.uuid, b->attempt.uuid);
}

int ovnha_record_compare(const struct ovnha_record *a, const struct ovnha_record *b)
{
    if (a->generation.counter != b->generation.counter) {
        return compare_counters(a->generation.counter, b->generation.counter);
    }
    if (strcmp(a->generation.uuid, b->generation.uuid) != 0) {
        return 0;
    }
    if (a->revision != b->revision) {
        return compare_counters(a->revision, b->revision);
    }
    return compare_attempts(a, b);
}

/* The last promotion, finished or not. */
static const struct ovnha_generation *last_attempt(const struct ovnha_record *record)
{
    return record->attempt_node[0] ? &record->attempt : &record->generation;
}

bool ovnha_record_supersedes(const struct ovnha_record *told,
                             const struct ovnha_record *own, bool served)
{
    const struct ovnha_generation *last_told = last_attempt(told);
    const struct ovnha_generation *last_own = last_attempt(own);

    if (!ovnha_record_exists(own)) {
        return ovnha_record_exists(told) && (served || !told->generation.uuid[0]);
    }
    return ovnha_record_compare(told, own) > 0 &&
           (last_told->counter > last_own->counter ||
            same_generation(last_told, last_own));
}

const struct ovnha_member *ovnha_members_find(const struct ovnha_members *members,
                                              const char *node)
{
    for (size_t i = 0; i < members->n; i++) {
        if (strcmp(members->member[i].node, node) == 0) {
            return &members->member[i];
        }
    }
    return NULL;
}

static void remove_member(struct ovnha_members *members, const char *node)
{
    for (size_t i = 0; i < members->n; i++) {
        if (strcmp(members->member[i].node, node) == 0) {
            members->member[i] = members->member[--members->n];
            return;
        }
    }
}

static void put_member(struct ovnha_members *members, const char *node,
                       const char *attachment)
{
    remove_member(members, node);
    if (members->n < OVNHA_NODES_MAX) {
        struct ovnha_member *member = &members->member[members->n++];

        ovnha_text_copy(member->node, sizeof member->node, node);
        ovnha_text_copy(member->attachment, sizeof member->attachment, attachment);
    }
}

uint64_t ovnha_record_counter(const struct ovnha_record *record)
{
    return last_attempt(record)->counter;
}

void ovnha_record_attempt(struct ovnha_record *record, const char *node, const char *uuid)
{
    record->attempt.counter = ovnha_record_counter(record) + 1;
    record->revision++;
    ovnha_text_copy(record->attempt.uuid, sizeof record->attempt.uuid, uuid);
    ovnha_text_copy(record->attempt_node, sizeof record->attempt_node, node);
}

void ovnha_record_attempt_above(struct ovnha_record *record, uint64_t heard)
{
    if (record->attempt.counter <= heard) {
        record->attempt.counter = heard + 1;
    }
}

/* By which attachment does not matter, but that it is one whatever comes first. */
static void name_as_leaving(struct ovnha_members *leaving,
                            const struct ovnha_members *members)
{
    for (size_t i = 0; i < members->n; i++) {
        const struct ovnha_member *one = &members->member[i];
        const struct ovnha_member *named = ovnha_members_find(leaving, one->node);

        if (!named || strcmp(named->attachment, one->attachment) < 0) {
            put_member(leaving, one->node, one->attachment);
        }
    }
}

static void keep_common(struct ovnha_members *members, const struct ovnha_members *others)
{
    const struct ovnha_members all = *members;

    members->n = 0;
    for (size_t i = 0; i < all.n; i++) {
        const struct ovnha_member *one = &all.member[i];
        const struct ovnha_member *other = ovnha_members_find(others, one->node);

        if (other && strcmp(other->attachment, one->attachment) == 0) {
            put_member(members, one->node, one->attachment);
        }
    }
}

static void take_higher_attempt(struct ovnha_record *record,
                                const struct ovnha_record *other)
{
    const int counters =
        compare_counters(record->attempt.counter, other->attempt.counter);

    if (counters < 0 ||
        (counters == 0 && strcmp(record->attempt.uuid, other->attempt.uuid) < 0)) {
        record->attempt = other->attempt;
        ovnha_text_copy(record->attempt_node, sizeof record->attempt_node,
                        other->attempt_node);
    }
}

/* Each was made from one revision of the generation: the one of them by its active, who
 * wrote down who joined, left or had left; the other by somebody who began a promotion
 * and had not heard of that.  Whoever is in sync in both was in force all the time, and
 * holds whatever was acknowledged under either. */
bool ovnha_record_merge(struct ovnha_record *record, const struct ovnha_record *other)
{
    if (!same_generation(&record->generation, &other->generation) ||
        record->revision != other->revision ||
        strcmp(record->active, other->active) != 0) {
        return false;
    }
    name_as_leaving(&record->leaving, &record->in_sync);
    name_as_leaving(&record->leaving, &other->in_sync);
    name_as_leaving(&record->leaving, &other->leaving);
    keep_common(&record->in_sync, &other->in_sync);
    for (size_t i = 0; i < record->in_sync.n; i++) {
        remove_member(&record->leaving, record->in_sync.member[i].node);
    }
    take_higher_attempt(record, other);
    return true;
}

/* Whoever else was in sync with the parent, or still on its way out, may hold a
 * record in which it counts. */
void ovnha_record_open(struct ovnha_record *record)
{
    for (size_t i = 0; i < record->in_sync.n; i++) {
        put_member(&record->leaving, record->in_sync.member[i].node,
                   record->in_sync.member[i].attachment);
    }
    remove_member(&record->leaving, record->attempt_node);
    record->generation = record->attempt;
    record->revision = 0;
    ovnha_text_copy(record->active, sizeof record->active, record->attempt_node);
    record->in_sync.n = 0;
    put_member(&record->in_sync, record->active, "");
    memset(&record->attempt, 0, sizeof record->attempt);
    record->attempt_node[0] = '\0';
}

void ovnha_record_join(struct ovnha_record *record, const char *node,
                       const char *attachment)
{
    record->revision++;
    put_member(&record->in_sync, node, attachment);
    remove_member(&record->leaving, node);
}

void ovnha_record_leave(struct ovnha_record *record, const char *node)
{
    const struct ovnha_member *member = ovnha_members_find(&record->in_sync, node);

    if (member) {
        record->revision++;
        put_member(&record->leaving, node, member->attachment);
        remove_member(&record->in_sync, node);
    }
}

void ovnha_record_settle(struct ovnha_record *record)
{
    if (record->leaving.n > 0) {
        record->revision++;
        record->leaving.n = 0;
    }
}

/*
 * Text.
 */

static json_t *members_to_json(const struct ovnha_members *members)
{
    json_t *json = json_object();

    for (size_t i = 0; i < members->n; i++) {
        json_object_set_new(json, members->member[i].node,
                            json_string(members->member[i].attachment));
    }
    return json;
}

char *ovnha_record_format(const struct ovnha_record *record)
{
    json_t *json = json_pack(
        "{s:i,s:s,s:I,s:I,s:s,s:o,s:o,s:s,s:I,s:s}", "format", RECORD_FORMAT,
        "generation", record->generation.uuid, "counter",
        (json_int_t)record->generation.counter, "revision", (json_int_t)record->revision,
        "active", record->active, "in-sync", members_to_json(&record->in_sync), "leaving",
        members_to_json(&record->leaving), "attempt", record->attempt.uuid,
        "attempt-counter", (json_int_t)record->attempt.counter, "attempt-node",
        record->attempt_node);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

    json_decref(json);
    return text;
}

static bool members_from_json(json_t *json, struct ovnha_members *members)
{
    const char *node;
    json_t *attachment;

    if (!json_is_object(json) || json_object_size(json) > OVNHA_NODES_MAX) {
        return false;
    }
    json_object_foreach(json, node, attachment)
    {
        struct ovnha_member *member = &members->member[members->n++];

        if (!json_is_string(attachment) ||
            !ovnha_text_copy(member->node, sizeof member->node, node) ||
            !ovnha_text_copy(member->attachment, sizeof member->attachment,
                             json_string_value(attachment))) {
            return false;
        }
    }
    return true;
}

/* What the JSON holds, before it is copied and checked. */
struct raw {
    int format;
    const char *generation, *active, *attempt, *attempt_node;
    json_int_t counter, revision, attempt_counter;
    json_t *in_sync, *leaving;
};

static bool from_raw(const struct raw *raw, struct ovnha_record *record)
{
    memset(record, 0, sizeof *record);
    record->generation.counter = (uint64_t)raw->counter;
    record->revision = (uint64_t)raw->revision;
    record->attempt.counter = (uint64_t)raw->attempt_counter;
    return raw->format == RECORD_FORMAT && raw->counter >= 0 && raw->revision >= 0 &&
           raw->attempt_counter >= 0 &&
           ovnha_text_copy(record->generation.uuid, OVNHA_UUID_SIZE, raw->generation) &&
           ovnha_text_copy(record->attempt.uuid, OVNHA_UUID_SIZE, raw->attempt) &&
           ovnha_text_copy(record->active, OVNHA_NODE_SIZE, raw->active) &&
           ovnha_text_copy(record->attempt_node, OVNHA_NODE_SIZE, raw->attempt_node) &&
           members_from_json(raw->in_sync, &record->in_sync) &&
           members_from_json(raw->leaving, &record->leaving);
}

enum ovnha_result ovnha_record_parse(const char *text, struct ovnha_record *record,
                                     struct ovnha_err *err)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    struct raw raw;
    const bool ok =
        json &&
        json_unpack(json, "{s:i,s:s,s:I,s:I,s:s,s:o,s:o,s:s,s:I,s:s}", "format",
                    &raw.format, "generation", &raw.generation, "counter", &raw.counter,
                    "revision", &raw.revision, "active", &raw.active, "in-sync",
                    &raw.in_sync, "leaving", &raw.leaving, "attempt", &raw.attempt,
                    "attempt-counter", &raw.attempt_counter, "attempt-node",
                    &raw.attempt_node) == 0 &&
        from_raw(&raw, record);

    json_decref(json);
    return ok ? OVNHA_OK
              : ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                           "not a record this version understands (format %d): %.200s",
                           RECORD_FORMAT, text);
}
