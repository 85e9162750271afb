/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#define ID_MAX 15 /* generations, and attachments, that may be in use at once */
#define W      1  /* in a queue: the write; a token is 128 + 16 * host + id */

#define EACH(h) (unsigned h = 0; h < config->n; h++)

/*
 * Membership.
 */

static unsigned side(const struct world *world, unsigned h)
{
    return world->cut_off == h + 1;
}

static bool connected(const struct world *world, unsigned a, unsigned b)
{
    return world->host[a].on && world->host[b].on && side(world, a) == side(world, b);
}

static uint8_t members(const struct config *config, const struct world *world, unsigned h)
{
    uint8_t mask = 0;

    for
        EACH(i)
        {
            mask |= (uint8_t)(connected(world, h, i) << i);
        }
    return mask;
}

static bool quorate(const struct config *config, const struct world *world, unsigned h)
{
    if (!world->host[h].on) {
        return false;
    }
    if (config->n == 2) { /* two_node */
        return !config->wait_for_all || world->host[h].met;
    }
    return __builtin_popcount(members(config, world, h)) * 2 > (int)config->n;
}

static record_id *cib_of(struct world *world, unsigned h)
{
    return &world->cib[side(world, h)];
}

/*
 * Records.
 */

static bool higher(record_id a, record_id b)
{
    return a && (!b || rule_compare(a, b) > 0);
}

static bool keeps(record_id file, record_id record)
{
    return file == record ||
           (rule_record(file)->generation == rule_record(record)->generation &&
            rule_supersedes(file, record, 0));
}

static bool kept_by_majority(const struct config *config, const struct world *world,
                             record_id record)
{
    unsigned n = 0;

    for
        EACH(h)
        {
            n += keeps(world->host[h].file, record);
        }
    return n * 2 > config->n;
}

static bool counts(const struct config *config, const struct world *world, unsigned h,
                   record_id record)
{
    if (config->n == 2 && !connected(world, 0, 1)) {
        return !world->host[h].unclean || config->mutation == ABSENT_IS_OFF;
    }
    if (config->n == 2 && !world->host[!h].file && rule_record(record)->generation) {
        return true; /* a blank one cannot promise anything */
    }
    return kept_by_majority(config, world, record);
}

/*
 * Fresh names: the lowest that nothing refers to.
 */

static unsigned lowest_free(unsigned used)
{
    for (unsigned id = 1; id <= ID_MAX; id++) {
        if (!(used & 1u << id)) {
            return id;
        }
    }
    return 0;
}

static unsigned generations_in(record_id id)
{
    return 1u << rule_record(id)->generation | 1u << rule_record(id)->attempt;
}

static unsigned attachments_in(record_id id)
{
    const struct small_record *r = rule_record(id);
    unsigned used = 0;

    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        used |= 1u << r->in_sync_attachment[h] | 1u << r->leaving_attachment[h];
    }
    return used;
}

static unsigned in_records(const struct world *world, unsigned (*in)(record_id))
{
    unsigned used = in(world->cib[0]) | in(world->cib[1]);

    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        const struct host *host = &world->host[h];

        used |= in(host->file) | in(host->base) | in(host->seen);
    }
    return used;
}

static unsigned fresh_generation(const struct world *world)
{
    unsigned used = in_records(world, generations_in);

    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        const struct copy *memory = &world->host[h].memory, *disk = &world->host[h].disk;

        used |= 1u << memory->marker | 1u << memory->parent | 1u << disk->marker |
                1u << disk->parent;
    }
    return lowest_free(used);
}

static unsigned fresh_attachment(const struct world *world)
{
    unsigned used = in_records(world, attachments_in);

    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        const struct host *host = &world->host[h];

        used |= 1u << host->attached | 1u << host->said | 1u << world->tail[h];
        for (unsigned i = 0; i < HOSTS_MAX; i++) {
            used |= 1u << host->session[i] | 1u << host->memory.token[i] |
                    1u << host->disk.token[i];
        }
        for (unsigned i = 0; i < QUEUE_MAX; i++) {
            used |= 1u << (host->queue[i] & 15);
        }
    }
    return lowest_free(used);
}

/*
 * What happens by itself.
 */

static void follow_nobody(struct host *host)
{
    host->source = 0;
    host->attached = 0;
    host->loaded = 0;
    memset(host->queue, 0, sizeof host->queue);
}

static void hold(struct host *host)
{
    follow_nobody(host);
    host->role = BACKUP;
    host->base = host->seen = 0;
    host->heard = host->force = 0;
    host->dazed = 0;
    memset(host->session, 0, sizeof host->session);
}

static void power_off(const struct config *config, struct world *world, unsigned h)
{
    struct host *host = &world->host[h];

    hold(host);
    host->on = host->met = host->lived = host->unbroken = host->unclean = 0;
    host->memory = host->disk;
    if (config->mutation == NO_FILE) {
        host->file = 0;
    }
    for
        EACH(i)
        {
            world->host[i].unclean = 0; /* only two hosts have it: that is the peer's */
        }
}

static void notice_quorum(const struct config *config, struct world *world)
{
    bool whole = true;

    for
        EACH(h)
        {
            whole = whole && connected(world, h, 0);
        }
    for
        EACH(h)
        {
            struct host *host = &world->host[h];

            host->met |= whole;
            if (host->on && !quorate(config, world, h)) {
                host->lived = 0;
                host->dazed = host->role == ACTIVE;
            } else if (host->dazed) {
                hold(host);
            }
        }
}

/* A stale active serves on until quorum returns at the latest: that it stops at once
 * is not relied on. */
static void settle_world(const struct config *config, struct world *world)
{
    notice_quorum(config, world);
    for
        EACH(h)
        {
            struct host *host = &world->host[h];
            const unsigned source = host->source - 1u;

            if (host->source &&
                (!connected(world, h, source) || world->host[source].role != ACTIVE)) {
                follow_nobody(host);
            }
        }
    for
        EACH(h)
        {
            struct host *host = &world->host[h];

            if (host->role == ACTIVE) {
                const uint8_t in_sync = rule_record(host->file)->in_sync;

                host->force = counts(config, world, h, host->file)
                                  ? in_sync
                                  : (uint8_t)(host->force | in_sync);
            }
        }
}

/* See the head of world.h. */
static void protect(const struct config *config, struct world *world)
{
    for
        EACH(h)
        {
            const struct host *host = &world->host[h];
            uint8_t memory = 0, disk = 0;

        for
            EACH(i)
            {
                memory |= (uint8_t)(world->host[i].memory.write << i);
                disk |= (uint8_t)(world->host[i].disk.write << i);
            }
        if (host->role == ACTIVE && host->memory.write) {
            world->protected_ |= (host->force & ~disk) == 0;
            world->kept |= (host->force & ~memory) == 0;
        }
        }
}

/*
 * The data.
 */

static bool enqueue(const struct config *config, struct world *world, unsigned from,
                    uint8_t item)
{
    for
        EACH(h)
        {
            struct host *host = &world->host[h];
            unsigned i = 0;

            if (host->source != from + 1 || !host->loaded) {
                continue;
            }
            while (i < QUEUE_MAX && host->queue[i]) {
                i++;
            }
            if (i == QUEUE_MAX) {
                return false;
            }
            host->queue[i] = item;
        }
    return true;
}

static bool write_(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    if (host->role != ACTIVE || world->written) {
        return false;
    }
    world->written = 1;
    host->memory.write = 1;
    memcpy(world->tail, host->memory.token, sizeof world->tail);
    return enqueue(config, world, a, W);
}

static bool replicate(struct host *host)
{
    const uint8_t item = host->queue[0];

    if (item == W) {
        host->memory.write = 1;
    } else if (item) {
        host->memory.token[item >> 4 & 7] = item & 15;
    }
    memmove(host->queue, host->queue + 1, QUEUE_MAX - 1);
    host->queue[QUEUE_MAX - 1] = 0;
    return item;
}

static bool attach(struct world *world, unsigned a, unsigned source)
{
    struct host *host = &world->host[a];
    const unsigned id = fresh_attachment(world);

    if (host->role != BACKUP || host->source || !connected(world, a, source) ||
        world->host[source].role != ACTIVE || !id) {
        return false;
    }
    memset(&host->memory, 0, sizeof host->memory);
    host->unbroken = 0;
    host->source = (uint8_t)(source + 1);
    host->attached = (uint8_t)id;
    world->host[source].session[a] = (uint8_t)id;
    return true;
}

static bool load(struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    if (!host->source || host->loaded) {
        return false;
    }
    host->loaded = 1;
    host->memory = world->host[host->source - 1].memory;
    return true;
}

static bool token(const struct config *config, struct world *world, unsigned a,
                  unsigned b)
{
    struct host *host = &world->host[a];

    if (host->role != ACTIVE || !host->session[b] ||
        host->memory.token[b] == host->session[b]) {
        return false;
    }
    host->memory.token[b] = host->session[b];
    return enqueue(config, world, a, (uint8_t)(128 | b << 4 | host->session[b]));
}

static bool say(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];
    const bool confirmed = host->loaded && host->memory.token[a] == host->attached;

    if (!host->attached || host->said == host->attached ||
        !(confirmed || (config->mutation == JOIN_BY_STATUS && host->loaded))) {
        return false;
    }
    host->said = host->attached;
    return true;
}

/*
 * Revisions by the active.
 */

/* Into the own file, then into the CIB, and all or nothing but for a crash in between:
 * a file whose swap fails is put back.  `dies`: 1 the power, 2 the agent or helper. */
static void publish(const struct config *config, struct world *world, unsigned a,
                    record_id record, unsigned dies)
{
    const bool cib_first = config->mutation == CIB_FIRST;

    if (!dies || !cib_first) {
        world->host[a].file = record;
    }
    if (!dies || cib_first) {
        *cib_of(world, a) = record;
    }
    if (dies == 1) {
        power_off(config, world, a);
    }
}

static bool make_revision(const struct config *config, struct world *world, unsigned a,
                          record_id record, unsigned dies)
{
    struct host *host = &world->host[a];
    const record_id cib = *cib_of(world, a);

    if (!quorate(config, world, a) ||
        (cib != host->file && !higher(host->file, cib) && !config->blind_swap)) {
        return false;
    }
    publish(config, world, a,
            config->mutation == NO_LEAVING ? rule_settle(record) : record, dies);
    return true;
}

/* A write after the token may be on its way to the replica yet: it is back in the
 * window, as any write that a member does not hold.  One before the token is not. */
static void widen_window(struct world *world, unsigned a, unsigned b, uint8_t attachment)
{
    if (world->tail[b] == attachment && world->host[a].session[b] == attachment) {
        world->protected_ &= world->host[b].disk.write;
        world->kept &= world->host[b].memory.write;
    }
}

/* A node that joins keeps a record already: one that has none counts for nothing. */
static bool join(const struct config *config, struct world *world, unsigned a, unsigned b,
                 unsigned dies)
{
    struct host *host = &world->host[a];
    const struct small_record *record = rule_record(host->file);
    const uint8_t said = world->host[b].said;
    const bool by_status = config->mutation == JOIN_BY_STATUS;

    if (host->role != ACTIVE || a == b || !said ||
        rule_record(world->host[b].file)->generation != record->generation ||
        (host->session[b] != said && config->mutation != JOIN_LATE && !by_status) ||
        (record->in_sync & 1u << b &&
         (by_status || record->in_sync_attachment[b] == said))) {
        return false;
    }
    widen_window(world, a, b, said);
    return make_revision(config, world, a, rule_join(host->file, b, by_status ? 0 : said),
                         dies);
}

static bool notice(struct world *world, unsigned a, unsigned b)
{
    struct host *host = &world->host[a];

    if (host->role != ACTIVE || !host->session[b] ||
        (world->host[b].source == a + 1 && world->host[b].attached == host->session[b])) {
        return false;
    }
    host->session[b] = 0;
    return true;
}

static bool leave(const struct config *config, struct world *world, unsigned a,
                  unsigned b, unsigned dies)
{
    struct host *host = &world->host[a];
    const struct small_record *record = rule_record(host->file);
    const bool gone = config->mutation == JOIN_BY_STATUS
                          ? !host->session[b]
                          : record->in_sync_attachment[b] != host->session[b];

    if (host->role != ACTIVE || a == b || !(record->in_sync & 1u << b) || !gone) {
        return false;
    }
    return make_revision(config, world, a, rule_leave(host->file, b), dies);
}

static bool settle(const struct config *config, struct world *world, unsigned a,
                   unsigned dies)
{
    struct host *host = &world->host[a];

    return host->role == ACTIVE && rule_record(host->file)->leaving &&
           (kept_by_majority(config, world, host->file) ||
            (config->n == 2 && !connected(world, 0, 1) && !host->unclean)) &&
           make_revision(config, world, a, rule_settle(host->file), dies);
}

static bool obeys(const struct config *config, record_id told, record_id own, bool served)
{
    if (config->mutation == OBEY_LOWER) {
        return told;
    }
    if (config->mutation == BREAK_PROMISE || (config->mutation == TRUST_BLANK && !own)) {
        return higher(told, own);
    }
    return rule_supersedes(told, own, served);
}

static void tell(const struct config *config, struct host *host, record_id told,
                 bool served)
{
    if (obeys(config, told, host->file, served)) {
        host->file = told;
    }
}

/* All tell their record to all, also one that a promotion which broke off has left. */
static void tell_all(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    for
        EACH(h)
        {
            if (connected(world, a, h) && h != a) {
                tell(config, host, world->host[h].file, world->host[h].role == ACTIVE);
            }
        }
    tell(config, host, *cib_of(world, a), false);
}

/* By the record it keeps. */
static bool confirmed(const struct host *host, unsigned a)
{
    const struct small_record *record = rule_record(host->file);

    return record->in_sync & 1u << a &&
           (host->role == ACTIVE ||
            (host->attached && record->in_sync_attachment[a] == host->attached));
}

static bool hear(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];
    const struct host before = *host;

    if (!host->on) {
        return false;
    }
    tell_all(config, world, a);
    if (host->role == ACTIVE && rule_record(host->file)->active != a + 1) {
        hold(host);
    }
    if (!(rule_record(host->file)->in_sync & 1u << a)) {
        host->lived = 0;
    } else if (confirmed(host, a)) {
        host->lived = quorate(config, world, a);
        host->unbroken = 1;
    }
    return memcmp(&before, host, sizeof before) != 0;
}

static bool rewrite(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    if (host->role != ACTIVE || !quorate(config, world, a) ||
        !higher(host->file, *cib_of(world, a))) {
        return false;
    }
    *cib_of(world, a) = host->file;
    return true;
}

/*
 * Power and network.
 */

static bool blackout(const struct config *config, struct world *world)
{
    unsigned on = 0;

    for
        EACH(h)
        {
            on += world->host[h].on;
        }
    for
        EACH(h)
        {
            power_off(config, world, h);
        }
    return on > 1;
}

/* The CIB that a booting host finds or brings: the one there is; an older one of its
 * own; none, when it is the first. */
static bool boot(const struct config *config, struct world *world, unsigned a, unsigned c)
{
    struct host *host = &world->host[a];
    record_id *cib = cib_of(world, a);

    if (host->on) {
        return false;
    }
    host->on = 1;
    host->said = 0;
    host->unclean = config->n == 2 && world->host[!a].on && !connected(world, 0, 1);
    if (c == 0) {
        return true;
    }
    const record_id brought = c == 1 ? host->file : 0;
    const bool alone = members(config, world, a) == 1u << a;

    if (!config->lost_cib || brought == *cib || (c == 2 && (!alone || !host->file))) {
        return false;
    }
    *cib = brought;
    return true;
}

static bool crash(struct host *host)
{
    if (host->role == BACKUP && !host->source) {
        return false;
    }
    hold(host);
    return true;
}

static bool cut(const struct config *config, struct world *world, unsigned a)
{
    if (!config->cuts || world->cut_off || (config->n == 2 && a == 0)) {
        return false;
    }
    if (config->n == 2) {
        const uint8_t both = connected(world, 0, 1);

        world->host[0].unclean = world->host[1].unclean = both;
    }
    world->cut_off = (uint8_t)(a + 1);
    world->cib[1] = world->cib[0];
    return true;
}

static bool heal(struct world *world, unsigned winner)
{
    if (!world->cut_off || (winner && world->cib[0] == world->cib[1])) {
        return false;
    }
    world->cib[0] = world->cib[winner];
    world->cib[1] = 0;
    world->cut_off = 0;
    for (unsigned h = 0; h < HOSTS_MAX; h++) {
        world->host[h].unclean = 0;
    }
    return true;
}

static bool blank(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    if (host->on || !config->blanks || world->blanked || !host->file) {
        return false;
    }
    world->blanked = 1;
    host->file = 0;
    memset(&host->memory, 0, sizeof host->memory);
    memset(&host->disk, 0, sizeof host->disk);
    return true;
}

/*
 * A promotion.
 */

static void question_of(const struct config *config, const struct world *world,
                        unsigned a, uint8_t heard, struct rule_question *question)
{
    const struct host *host = &world->host[a];

    *question = (struct rule_question){
        .n = (uint8_t)config->n,
        .self = (uint8_t)a,
        .quorate = quorate(config, world, a),
        .heard = heard,
        .shared = world->cib[side(world, a)],
        .lived = host->lived,
        .marker = host->memory.marker,
        .parent = host->memory.parent,
        .token = host->memory.token[a],
    };
    for
        EACH(h)
        {
            if (heard & 1u << h) {
                question->file[h] = world->host[h].file;
                question->populated |= (uint8_t)(world->host[h].memory.write << h);
                question->unbroken |= (uint8_t)(world->host[h].unbroken << h);
            }
        }
}

/* With a mutation, a fact is not what it was. */
static struct rule_answer judge_beside(const struct config *config,
                                       const struct world *world, unsigned a,
                                       uint8_t heard, uint8_t candidates)
{
    struct rule_question question;
    struct rule_answer answer;

    question_of(config, world, a, heard, &question);
    question.candidates = candidates;
    if (config->mutation == NO_WAITING) {
        question.lived = 1;
    }
    answer = rule_judge(&question);
    if (config->mutation == NO_TOKEN_CHECK) {
        question.token = rule_record(answer.newest)->in_sync_attachment[a];
        answer = rule_judge(&question);
    } else if (config->mutation == NO_PARENT) {
        question.parent = 0;
        answer = rule_judge(&question);
    } else if (config->mutation == NO_MARKER_CHECK) {
        question.marker = rule_record(answer.newest)->generation;
        answer = rule_judge(&question);
    }
    return answer;
}

/* As they say themselves, having heard each other. */
static uint8_t candidates(const struct config *config, const struct world *world,
                          uint8_t heard)
{
    uint8_t mask = 0;

    for
        EACH(h)
        {
            if (heard & 1u << h && world->host[h].on && world->host[h].role == BACKUP &&
                judge_beside(config, world, h, members(config, world, h), 0).candidacy ==
                    OVNHA_MAY) {
                mask |= (uint8_t)(1u << h);
            }
        }
    return config->mutation == POWER_IS_NO_RANK ? 0 : mask;
}

static struct rule_answer judge(const struct config *config, const struct world *world,
                                unsigned a, uint8_t heard)
{
    return judge_beside(config, world, a, heard, candidates(config, world, heard));
}

/* Scores: a constraint may outweigh all but -INFINITY, so any candidate may be the one
 * that Pacemaker promotes.  One that is none, once all reports are in, comes after those
 * that are. */
static bool chosen(const struct config *config, const struct world *world, unsigned a)
{
    const uint8_t all = members(config, world, a);

    if (judge(config, world, a, all).candidacy == OVNHA_MAY) {
        return true;
    }
    for
        EACH(h)
        {
            if (h != a && connected(world, a, h)) {
                const struct rule_answer other = judge(config, world, h, all);

                if (other.candidacy == OVNHA_MAY && other.preferred) {
                    return false;
                }
            }
        }
    return true;
}

static bool somebody_is_promoted(const struct config *config, const struct world *world,
                                 unsigned a)
{
    for
        EACH(h)
        {
            if (connected(world, a, h) && world->host[h].role != BACKUP) {
                return true;
            }
        }
    return false;
}

/* Reports may be late: `unheard` members are not in the facts. */
static bool begin(const struct config *config, struct world *world, unsigned a,
                  uint8_t unheard)
{
    struct host *host = &world->host[a];
    const uint8_t all = members(config, world, a);

    if (!host->on || host->unclean || (unheard & ~all) || unheard & 1u << a ||
        somebody_is_promoted(config, world, a) || !chosen(config, world, a)) {
        return false;
    }
    const struct rule_answer answer = judge(config, world, a, (uint8_t)(all & ~unheard));

    if (answer.candidacy != OVNHA_MAY) {
        return false;
    }
    follow_nobody(host);
    host->role = JUDGED;
    host->base = answer.newest;
    host->heard = answer.counter;
    host->seen = *cib_of(world, a);
    return true;
}

static bool record_promotion(const struct config *config, struct world *world, unsigned a,
                             record_id seen, record_id record, unsigned dies)
{
    struct host *host = &world->host[a];
    const record_id cib = *cib_of(world, a);

    if (!quorate(config, world, a) ||
        (cib != seen && !higher(seen, cib) && !config->blind_swap) ||
        (host->file != record && !obeys(config, record, host->file, true))) {
        return false;
    }
    host->base = record;
    host->heard = 0;
    publish(config, world, a, record, dies);
    if (dies) {
        hold(host);
    }
    return true;
}

static bool attempt(const struct config *config, struct world *world, unsigned a,
                    unsigned dies)
{
    struct host *host = &world->host[a];
    const unsigned generation = fresh_generation(world);

    if (host->role != JUDGED || !generation) {
        return false;
    }
    host->role = ATTEMPTED;
    return record_promotion(config, world, a, host->seen,
                            rule_attempt(host->base, a, generation, host->heard), dies);
}

static bool promised(const struct config *config, const struct world *world, unsigned a)
{
    return config->mutation == OPEN_UNPROMISED ||
           counts(config, world, a, world->host[a].base);
}

static bool mark(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    if (host->role != ATTEMPTED || host->file != host->base ||
        !promised(config, world, a)) {
        return false;
    }
    host->memory.parent = rule_record(host->base)->generation;
    host->memory.marker = rule_record(host->base)->attempt;
    if (config->mutation != MARKER_NOT_SYNCED) {
        host->disk = host->memory;
    }
    host->role = MARKED;
    return true;
}

static bool open_(const struct config *config, struct world *world, unsigned a,
                  unsigned dies)
{
    struct host *host = &world->host[a];
    record_id opened;

    if (host->role != MARKED) {
        return false;
    }
    opened = rule_open(host->base);
    if (config->mutation == NO_LEAVING) {
        opened = rule_settle(opened);
    }
    host->role = OPENED;
    return record_promotion(config, world, a, host->base, opened, dies);
}

static bool listen_(const struct config *config, struct world *world, unsigned a)
{
    struct host *host = &world->host[a];

    if (host->role != OPENED || host->file != host->base ||
        (!counts(config, world, a, host->base) && config->mutation != LISTEN_EARLY)) {
        return false;
    }
    host->role = ACTIVE;
    host->force = (uint8_t)(1u << a);
    host->base = host->seen = 0;
    host->heard = 0;
    host->lived = quorate(config, world, a);
    host->unbroken = 1;
    return true;
}

/*
 * Steps.
 */

static bool demote(struct host *host)
{
    if (host->role != ACTIVE) {
        return false;
    }
    hold(host);
    return true;
}

static bool sync_(struct host *host)
{
    const bool differs = memcmp(&host->memory, &host->disk, sizeof host->disk) != 0;

    host->disk = host->memory;
    return host->on && differs;
}

/* What happens to hosts and between them. */
static bool befall(const struct config *config, struct world *world, struct step step)
{
    struct host *host = &world->host[step.a];

    switch ((enum event)step.event) {
    case SYNC:
        return sync_(host);
    case POWER_OFF:
        if (!host->on) {
            return false;
        }
        power_off(config, world, step.a);
        return true;
    case BLACKOUT:
        return blackout(config, world);
    case BOOT:
        return boot(config, world, step.a, step.c);
    case CRASH:
        return crash(host);
    case CUT:
        return cut(config, world, step.a);
    case HEAL:
        return heal(world, step.c);
    case BLANK:
        return blank(config, world, step.a);
    case WRITE:
    case REPLICATE:
    case ATTACH:
    case LOAD:
    case TOKEN:
    case SAY:
    case JOIN:
    case NOTICE:
    case LEAVE:
    case SETTLE:
    case HEAR:
    case REWRITE:
    case BEGIN:
    case ATTEMPT:
    case MARK:
    case OPEN:
    case LISTEN:
    case DEMOTE:
    case N_EVENTS:
        break;
    }
    return false;
}

/* What copies and their helpers do; the rest befalls them. */
static bool take(const struct config *config, struct world *world, struct step step)
{
    switch ((enum event)step.event) {
    case WRITE:
        return write_(config, world, step.a);
    case REPLICATE:
        return replicate(&world->host[step.a]);
    case ATTACH:
        return attach(world, step.a, step.b);
    case LOAD:
        return load(world, step.a);
    case TOKEN:
        return token(config, world, step.a, step.b);
    case SAY:
        return say(config, world, step.a);
    case JOIN:
        return join(config, world, step.a, step.b, step.c);
    case NOTICE:
        return notice(world, step.a, step.b);
    case LEAVE:
        return leave(config, world, step.a, step.b, step.c);
    case SETTLE:
        return settle(config, world, step.a, step.c);
    case HEAR:
        return hear(config, world, step.a);
    case REWRITE:
        return rewrite(config, world, step.a);
    case BEGIN:
        return begin(config, world, step.a, step.c);
    case ATTEMPT:
        return attempt(config, world, step.a, step.c);
    case MARK:
        return mark(config, world, step.a);
    case OPEN:
        return open_(config, world, step.a, step.c);
    case LISTEN:
        return listen_(config, world, step.a);
    case DEMOTE:
        return demote(&world->host[step.a]);
    case SYNC:
    case POWER_OFF:
    case BLACKOUT:
    case BOOT:
    case CRASH:
    case CUT:
    case HEAL:
    case BLANK:
    case N_EVENTS:
        break;
    }
    return befall(config, world, step);
}

static bool is_fault(struct step step)
{
    switch ((enum event)step.event) {
    case POWER_OFF:
    case BLACKOUT:
    case CRASH:
    case CUT:
    case BLANK:
    case DEMOTE:
        return true;
    case BOOT:
    case JOIN:
    case LEAVE:
    case SETTLE:
    case ATTEMPT:
    case OPEN:
        return step.c;
    case WRITE:
    case REPLICATE:
    case ATTACH:
    case LOAD:
    case TOKEN:
    case SAY:
    case NOTICE:
    case HEAR:
    case REWRITE:
    case SYNC:
    case HEAL:
    case BEGIN:
    case MARK:
    case LISTEN:
    case N_EVENTS:
        break;
    }
    return false;
}

bool world_step(const struct config *config, const struct world *world, struct step step,
                struct world *next)
{
    *next = *world;
    if (config->faults && is_fault(step) && next->faults++ == config->faults) {
        return false;
    }
    if (!take(config, next, step)) {
        return false;
    }
    settle_world(config, next);
    protect(config, next);
    return true;
}

/* How far a, b and c go for an event; 0: only 0. */
static const struct {
    const char *name, *text; /* %a, %b: hosts */
    bool a, b;
    uint8_t c; /* the highest */
} events[N_EVENTS] = {
    [WRITE] = {"write", "%a commits and acknowledges the write", true, false, 0},
    [REPLICATE] = {"replicate", "%a receives one transaction", true, false, 0},
    [ATTACH] = {"attach", "%a attaches to %b and resets its copy", true, true, 0},
    [LOAD] = {"load", "%a loads its source's data", true, false, 0},
    [TOKEN] = {"token", "%a writes the token of %b's attachment", true, true, 0},
    [SAY] = {"say", "%a says it has read its token back", true, false, 0},
    [JOIN] = {"join", "%a records that %b joins", true, true, 2},
    [NOTICE] = {"notice", "%a notices that %b's session is gone", true, true, 0},
    [LEAVE] = {"leave", "%a records that %b leaves", true, true, 2},
    [SETTLE] = {"settle", "%a records that nobody is leaving any more", true, false, 2},
    [HEAR] = {"hear", "%a hears of the newest record", true, false, 0},
    [REWRITE] = {"rewrite", "%a rewrites the CIB's older record", true, false, 0},
    [SYNC] = {"sync", "%a's files are synced", true, false, 0},
    [POWER_OFF] = {"power-off", "%a loses power", true, false, 0},
    [BLACKOUT] = {"blackout", "all lose power", false, false, 0},
    [BOOT] = {"boot", "%a boots", true, false, 2},
    [CRASH] = {"crash", "%a's server or agent dies, or its session drops", true, false,
               0},
    [CUT] = {"cut", "%a is cut off", true, false, 0},
    [HEAL] = {"heal", "the network heals", false, false, 1},
    [BEGIN] = {"begin", "%a is to be promoted: cuts its source, may", true, false, 7},
    [ATTEMPT] = {"attempt", "%a records its attempt", true, false, 2},
    [MARK] = {"mark", "%a writes the marker", true, false, 0},
    [OPEN] = {"open", "%a records its generation as open", true, false, 2},
    [LISTEN] = {"listen", "%a listens", true, false, 0},
    [DEMOTE] = {"demote", "%a is demoted", true, false, 0},
    [BLANK] = {"blank", "%a gets a blank disk", true, false, 0},
};

size_t world_steps(const struct config *config, const struct step **steps)
{
    static struct step all[1024];
    size_t n = 0;

    for (unsigned e = 0; e < N_EVENTS; e++) {
        for (unsigned a = 0; a < (events[e].a ? config->n : 1); a++) {
            for (unsigned b = 0; b < (events[e].b ? config->n : 1); b++) {
                for (unsigned c = 0; c <= events[e].c; c++) {
                    all[n++] =
                        (struct step){(uint8_t)e, (uint8_t)a, (uint8_t)b, (uint8_t)c};
                }
            }
        }
    }
    *steps = all;
    return n;
}

static bool find_event(const char *name, size_t size, struct step *step)
{
    for (unsigned e = 0; e < N_EVENTS; e++) {
        if (strlen(events[e].name) == size && strncmp(events[e].name, name, size) == 0) {
            *step = (struct step){.event = (uint8_t)e};
            return true;
        }
    }
    return false;
}

bool world_read_step(const char **text, struct step *step)
{
    const size_t size = strcspn(*text, " ,");
    unsigned hosts = 0;

    if (!find_event(*text, size, step)) {
        return false;
    }
    for (*text += size; **text && **text != ','; (*text)++) {
        if (**text >= 'A' && **text <= 'C') {
            *(hosts++ ? &step->b : &step->a) = (uint8_t)(**text - 'A');
        } else if (**text >= '0' && **text <= '9') {
            step->c = (uint8_t)(**text - '0');
        }
    }
    *text += strspn(*text, ", ");
    return true;
}

/*
 * Properties.
 */

static bool two_actives(const struct config *config, const struct world *world)
{
    for
        EACH(a)
        {
            for (unsigned b = 0; b < a; b++) {
                if (world->host[a].role == ACTIVE && world->host[b].role == ACTIVE &&
                    connected(world, a, b) && quorate(config, world, a)) {
                    return true;
                }
            }
        }
    return false;
}

/* Somebody else may be promoted as well, and kept what `a` lost with its power.  When
 * all have lost power, each may lack what was not on its disk. */
static bool better_is_there(const struct config *config, const struct world *world,
                            unsigned a)
{
    for
        EACH(h)
        {
            if (h != a && connected(world, a, h) && world->host[h].memory.write &&
                world->host[h].unbroken &&
                judge(config, world, h, members(config, world, h)).candidacy ==
                    OVNHA_MAY) {
                return true;
            }
        }
    return false;
}

bool world_is_served(const struct config *config, const struct world *world)
{
    for
        EACH(h)
        {
            if (world->host[h].role == ACTIVE && quorate(config, world, h)) {
                return true;
            }
        }
    return false;
}

const char *world_violation(const struct config *config, const struct world *before,
                            struct step step, const struct world *after)
{
    const struct copy *copy = &after->host[step.a].memory;

    if (step.event == LISTEN && before->protected_ && !copy->write) {
        return "a generation opens without an acknowledged write that all members had";
    }
    if (step.event == BEGIN && before->kept && !copy->write &&
        better_is_there(config, before, step.a)) {
        return "a copy is chosen that lost its tail, though a better one is there";
    }
    return two_actives(config, after) ? "two actives in one quorate cluster" : NULL;
}

static void bring_all_up(const struct config *config, struct world *world, record_id cib)
{
    world->cut_off = 0;
    world->cib[0] = cib;
    world->cib[1] = 0;
    for
        EACH(h)
        {
            world->host[h].on = 1;
            world->host[h].unclean = 0;
            if (world->host[h].role != ACTIVE) {
                hold(&world->host[h]);
            }
        }
    settle_world(config, world);
}

static void all_hear(const struct config *config, struct world *world)
{
    for
        EACH(h)
        {
            (void)hear(config, world, h);
        }
}

/* The promotion of `a`, undisturbed, to its end. */
static bool promote(const struct config *config, struct world *world, unsigned a)
{
    if (!begin(config, world, a, 0) || !attempt(config, world, a, 0)) {
        return false;
    }
    all_hear(config, world);
    if (!mark(config, world, a) || !open_(config, world, a, 0)) {
        return false;
    }
    all_hear(config, world);
    return listen_(config, world, a);
}

static const char *stuck_with(const struct config *config, struct world world,
                              record_id cib, size_t *refused)
{
    const uint8_t all = (uint8_t)((1u << config->n) - 1);
    bool split = false;

    bring_all_up(config, &world, cib);
    for
        EACH(h)
        {
            struct world copy = world;

            if (world.host[h].role == ACTIVE || promote(config, &copy, h)) {
                return NULL;
            }
            split = split || judge(config, &world, h, all).split;
        }
    split = split && config->mutation;
    *refused += split || world.blanked;
    return split || world.blanked ? NULL : "all hosts are up and none can be promoted";
}

const char *world_stuck(const struct config *config, const struct world *world,
                        size_t *refused)
{
    const char *stuck = stuck_with(config, *world, world->cib[0], refused);

    if (!stuck && world->cib[1]) {
        stuck = stuck_with(config, *world, world->cib[1], refused);
    }
    if (!stuck && config->lost_cib) {
        stuck = stuck_with(config, *world, 0, refused);
    }
    return stuck;
}

/*
 * Where to start.
 */

static void all_on(const struct config *config, struct world *world)
{
    memset(world, 0, sizeof *world);
    for
        EACH(h)
        {
            world->host[h].on = world->host[h].met = 1;
        }
}

/* A is active, all others are confirmed, everything is on the disks. */
void world_start_running(const struct config *config, struct world *world)
{
    record_id record = rule_open(rule_attempt(0, 0, 1, 0));
    struct copy copy = {.marker = 1};

    all_on(config, world);
    for (unsigned h = 1; h < config->n; h++) {
        copy.token[h] = (uint8_t)h;
        record = rule_join(record, h, h);
        world->host[0].session[h] = (uint8_t)h;
        world->host[h].source = 1;
        world->host[h].loaded = 1;
        world->host[h].attached = world->host[h].said = (uint8_t)h;
    }
    for
        EACH(h)
        {
            world->host[h].memory = world->host[h].disk = copy;
            world->host[h].file = record;
            world->host[h].lived = world->host[h].unbroken = 1;
        }
    world->cib[0] = record;
    world->host[0].role = ACTIVE;
    settle_world(config, world);
}

/* The first start: nobody has a record; A's data is all there is, or there is none. */
void world_start_empty(const struct config *config, struct world *world, bool populated)
{
    all_on(config, world);
    if (populated) {
        world->written = world->protected_ = world->kept = 1;
        world->host[0].memory.write = world->host[0].disk.write = 1;
    }
    settle_world(config, world);
}

/*
 * Printing.
 */

static void print_detail(struct step step)
{
    if (step.event == BOOT && step.c) {
        printf(step.c == 1 ? " and brings its old CIB" : " and finds no CIB");
    } else if (step.event == HEAL) {
        printf(step.c ? " and the cut-off side's CIB wins" : "");
    } else if (step.event == BEGIN && step.c) {
        printf(", unheard:%s%s%s", step.c & 1 ? " A" : "", step.c & 2 ? " B" : "",
               step.c & 4 ? " C" : "");
    } else if (step.c) {
        printf(", and %s between file and CIB",
               step.c == 1 ? "loses power" : "its agent or helper dies");
    }
}

void world_print_step(struct step step)
{
    for (const char *p = events[step.event].text; *p; p++) {
        if (*p == '%') {
            p++;
            putchar('A' + (*p == 'a' ? step.a : step.b));
        } else {
            putchar(*p);
        }
    }
    print_detail(step);
}

static void print_copy(const char *what, const struct copy *copy, unsigned self)
{
    printf(" %s{%sg%u<g%u t%u}", what, copy->write ? "w " : "", copy->marker,
           copy->parent, copy->token[self]);
}

void world_print(const struct config *config, const struct world *world)
{
    static const char *const roles[] = {"backup", "judged", "attempted",
                                        "marked", "opened", "ACTIVE"};

    printf("#      CIB: %s", rule_print(world->cib[0]));
    if (world->cut_off) {
        printf(" | %c's: %s", 'A' + world->cut_off - 1, rule_print(world->cib[1]));
    }
    printf("%s\n", world->protected_ ? "; the write is protected"
                   : world->written  ? "; the write is made"
                                     : "");
    for
        EACH(h)
        {
            const struct host *host = &world->host[h];

            printf("#      %c %s%s%s%s", 'A' + (int)h,
                   host->on ? roles[host->role] : "off", host->lived ? " lived" : "",
                   host->unbroken ? " unbroken" : "",
                   host->unclean ? " peer-unclean" : "");
            print_copy("mem", &host->memory, h);
            print_copy("disk", &host->disk, h);
            if (host->source) {
                printf(" follows %c as t%u", 'A' + host->source - 1, host->attached);
            }
            printf(" file: %s\n", rule_print(host->file));
        }
}
