/* SPDX-License-Identifier: Apache-2.0 */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 512

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

/* Two worlds with one fingerprint would be taken for one: with 10^7 worlds and 64
 * bits that happens once in 10^5 runs. */
static uint64_t fingerprint(const struct world *world)
{
    const unsigned char *byte = (const unsigned char *)world;
    uint64_t h = sizeof *world, word;
    size_t i = 0;

    for (; i + 8 <= sizeof *world; i += 8) {
        memcpy(&word, byte + i, 8);
        h = mix(h ^ word) + 0x9e3779b97f4a7c15u;
    }
    word = 0;
    memcpy(&word, byte + i, sizeof *world - i);
    h = mix(h ^ word);
    return h ? h : 1;
}

static void *allocate(size_t n, size_t size)
{
    void *memory = calloc(n, size);

    if (!memory) {
        fprintf(stderr, "no memory for %zu worlds\n", n);
        abort();
    }
    return memory;
}

/*
 * Traces.
 */

static const char *judge_step(const struct config *config, const struct world *before,
                              struct step step, const struct world *after,
                              size_t *refused)
{
    const char *violation = world_violation(config, before, step, after);

    return violation ? violation : world_stuck(config, after, refused);
}

static void print_trace(const struct config *config, const struct world *start,
                        const struct step *steps, size_t n, const char *violation)
{
    struct world world = *start, next;

    printf("# %s, in %zu steps:\n", violation, n);
    for (size_t i = 0; i < n; i++) {
        printf("# %3zu. ", i + 1);
        world_print_step(steps[i]);
        printf("\n");
        if (!world_step(config, &world, steps[i], &next)) {
            printf("# not possible: the trace is wrong\n");
        }
        world = next;
        if (getenv("OVNHA_MODEL_VERBOSE") || i + 1 == n) {
            world_print(config, &world);
        }
    }
}

/*
 * Every interleaving.
 */

struct visited {
    uint64_t fingerprint;
    uint32_t parent; /* its slot */
    struct step step;
};

struct level {
    struct world *world;
    uint32_t *slot;
    size_t n, room;
};

struct search {
    const struct config *config;
    const struct world *start;
    struct visited *visited;
    size_t slots, states_max;
    struct level now, next;
    struct outcome outcome;
};

static void push(struct level *level, const struct world *world, uint32_t slot)
{
    if (level->n == level->room) {
        level->room = level->room ? 2 * level->room : 1024;
        level->world = realloc(level->world, level->room * sizeof *level->world);
        level->slot = realloc(level->slot, level->room * sizeof *level->slot);
        if (!level->world || !level->slot) {
            abort();
        }
    }
    level->world[level->n] = *world;
    level->slot[level->n++] = slot;
}

/* The slot of a world that is new, or `slots`. */
static size_t enter(struct search *search, const struct world *world, uint32_t parent,
                    struct step step)
{
    const uint64_t print = fingerprint(world);
    size_t i = print % search->slots;

    while (search->visited[i].fingerprint) {
        if (search->visited[i].fingerprint == print) {
            return search->slots;
        }
        i = (i + 1) % search->slots;
    }
    search->visited[i] = (struct visited){print, parent, step};
    search->outcome.states++;
    return i;
}

static void print_path(const struct search *search, uint32_t slot, struct step last,
                       const char *violation)
{
    struct step steps[LENGTH_MAX];
    size_t n = 0;

    steps[LENGTH_MAX - ++n] = last;
    while (search->visited[slot].parent != slot) {
        steps[LENGTH_MAX - ++n] = search->visited[slot].step;
        slot = search->visited[slot].parent;
    }
    print_trace(search->config, search->start, steps + LENGTH_MAX - n, n, violation);
}

static void expand_one(struct search *search, const struct world *world, uint32_t slot,
                       const struct step *steps, size_t n_steps)
{
    struct world next;

    for (size_t i = 0; i < n_steps && !search->outcome.violation; i++) {
        if (!world_step(search->config, world, steps[i], &next)) {
            continue;
        }
        const size_t at = enter(search, &next, slot, steps[i]);

        if (at < search->slots) {
            push(&search->next, &next, (uint32_t)at);
            search->outcome.violation = judge_step(search->config, world, steps[i], &next,
                                                   &search->outcome.refused);
            if (search->outcome.violation) {
                print_path(search, slot, steps[i], search->outcome.violation);
            }
        }
    }
}

static bool next_level(struct search *search)
{
    const struct step *steps;
    const size_t n_steps = world_steps(search->config, &steps);

    search->next.n = 0;
    for (size_t i = 0; i < search->now.n; i++) {
        if (search->outcome.violation || search->outcome.states > search->states_max) {
            return false;
        }
        expand_one(search, &search->now.world[i], search->now.slot[i], steps, n_steps);
    }
    const struct level swap = search->now;

    search->now = search->next;
    search->next = swap;
    search->outcome.depth++;
    return !search->outcome.violation;
}

struct outcome explore_all(const struct config *config, const struct world *start,
                           unsigned depth, size_t states_max)
{
    struct search search = {config,     start, NULL, 2 * states_max,
                            states_max, {0},   {0},  {0}};

    search.visited = allocate(search.slots, sizeof *search.visited);
    const size_t first = enter(&search, start, 0, (struct step){0});

    search.visited[first].parent = (uint32_t)first;
    push(&search.now, start, (uint32_t)first);
    while (search.outcome.depth < depth && search.now.n && next_level(&search)) {
    }
    search.outcome.full = search.outcome.depth < depth;
    free(search.visited);
    free(search.now.world);
    free(search.now.slot);
    free(search.next.world);
    free(search.next.slot);
    return search.outcome;
}

/*
 * Random walks.
 */

static bool possible(const struct config *config, const struct world *start,
                     const struct step *steps, size_t n)
{
    struct world world = *start, next;
    size_t refused = 0;
    const char *violation = NULL;

    for (size_t i = 0; i < n; i++) {
        if (!world_step(config, &world, steps[i], &next)) {
            return false;
        }
        violation = judge_step(config, &world, steps[i], &next, &refused);
        if (violation && i + 1 < n) {
            return false;
        }
        world = next;
    }
    return violation;
}

/* Leave out whatever one or two steps it does not need, until it needs them all. */
static size_t shorten(const struct config *config, const struct world *start,
                      struct step *steps, size_t n)
{
    struct step fewer[LENGTH_MAX];

    for (size_t i = 0; i < n; i++) {
        for (size_t j = n; j-- > i;) {
            size_t m = 0;

            for (size_t k = 0; k < n; k++) {
                if (k != i && k != j) {
                    fewer[m++] = steps[k];
                }
            }
            if (possible(config, start, fewer, m)) {
                memcpy(steps, fewer, m * sizeof *steps);
                return shorten(config, start, steps, m);
            }
        }
    }
    return n;
}

static uint64_t draw(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u;
    return mix(*seed);
}

/* Kinds of events are drawn first, so that many variants of one do not make it
 * likelier; faults are drawn less often, or nothing would ever get done. */
static bool random_step(const struct config *config, const struct world *world,
                        uint64_t *seed, struct step *step, struct world *next)
{
    const struct step *steps;
    const size_t n = world_steps(config, &steps);

    for (unsigned tries = 0; tries < 2000; tries++) {
        *step = steps[draw(seed) % n];
        const bool disruptive = step->event == CRASH || step->event == POWER_OFF ||
                                step->event == BLACKOUT || step->event == DEMOTE ||
                                step->event == CUT || step->c;

        if ((!disruptive || draw(seed) % 6 == 0) &&
            world_step(config, world, *step, next)) {
            return true;
        }
    }
    return false;
}

static size_t walk(const struct config *config, const struct world *start,
                   struct step *steps, unsigned length, uint64_t *seed,
                   struct outcome *outcome)
{
    struct world world = *start, next;

    for (unsigned i = 0; i < length; i++) {
        if (!random_step(config, &world, seed, &steps[i], &next)) {
            return i;
        }
        outcome->states++;
        outcome->violation =
            judge_step(config, &world, steps[i], &next, &outcome->refused);
        if (outcome->violation) {
            return i + 1;
        }
        world = next;
    }
    return length;
}

struct outcome explore_walks(const struct config *config, const struct world *start,
                             size_t walks, unsigned length, uint64_t seed)
{
    struct outcome outcome = {0};
    struct step steps[LENGTH_MAX];

    outcome.depth = length < LENGTH_MAX ? length : LENGTH_MAX;
    for (size_t i = 0; i < walks && !outcome.violation; i++) {
        size_t n = walk(config, start, steps, outcome.depth, &seed, &outcome);

        if (outcome.violation) {
            n = shorten(config, start, steps, n);
            print_trace(config, start, steps, n, outcome.violation);
        }
    }
    return outcome;
}

/*
 * A sample of walks.
 */

/* Nothing of this is up to anybody; in this order things happen when nothing disturbs
 * them. */
static const enum event by_itself[] = {NOTICE, LEAVE,   HEAR,  REWRITE, REPLICATE, SYNC,
                                       ATTACH, LOAD,    TOKEN, SAY,     JOIN,      SETTLE,
                                       BEGIN,  ATTEMPT, MARK,  OPEN,    LISTEN};

/* The same for somebody who has only hands, as test-model-traces names it. */
static const struct {
    enum event event;
    const char *word;
} by_hand[] = {{WRITE, "w"},     {POWER_OFF, "-"}, {BLACKOUT, "blackout"}, {BOOT, "+"},
               {CRASH, "kill:"}, {CUT, "cut:"},    {HEAL, "heal"}};

static bool step_by_itself(const struct config *config, struct world *world)
{
    const struct step *steps;
    const size_t n = world_steps(config, &steps);
    struct world next;

    for (size_t i = 0; i < sizeof by_itself / sizeof by_itself[0]; i++) {
        for (size_t j = 0; j < n; j++) {
            if (steps[j].event == by_itself[i] && !steps[j].c &&
                world_step(config, world, steps[j], &next)) {
                *world = next;
                return true;
            }
        }
    }
    return false;
}

static bool settle_down(const struct config *config, struct world *world)
{
    for (unsigned i = 0; i < LENGTH_MAX; i++) {
        if (!step_by_itself(config, world)) {
            return true;
        }
    }
    return false;
}

/* A kind of event first, so that those of one host do not outnumber the others. */
static void step_by_hand(const struct config *config, struct world *world, uint64_t *seed)
{
    const struct step *steps;
    const size_t n = world_steps(config, &steps);
    struct world next;

    for (;;) {
        const size_t kind = draw(seed) % (sizeof by_hand / sizeof by_hand[0]);
        const struct step step = steps[draw(seed) % n];

        if (step.event == by_hand[kind].event && !step.c &&
            world_step(config, world, step, &next)) {
            *world = next;
            printf(" %s", by_hand[kind].word);
            if (step.event != WRITE && step.event != BLACKOUT && step.event != HEAL) {
                putchar('A' + step.a);
            }
            return;
        }
    }
}

bool explore_sample(const struct config *config, const struct world *start,
                    unsigned events, uint64_t seed)
{
    struct world world = *start;

    for (unsigned i = 0; i < events; i++) {
        step_by_hand(config, &world, &seed);
        if (!settle_down(config, &world)) {
            return false;
        }
        printf("/%s", world_is_served(config, &world) ? "served" : "waits");
    }
    putchar('\n');
    return true;
}
