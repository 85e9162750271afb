/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

/* The rule and the protocol around it, in every order in which hosts can fail.
 *
 * Each row of `explorations` has to hold: no protected write is lost, there are never
 * two actives in one quorate cluster, and whenever all hosts are up somebody can be
 * promoted, but for lost disks, which are an operator's.  Each row of `mutations` takes
 * one rule away and has to be caught: that is what shows that the model can see, and what
 * the rule is good for.
 *
 * OVNHA_MODEL_STATES: worlds per exploration; more go deeper.  OVNHA_MODEL_WALKS:
 * random walks each, far beyond that depth.  OVNHA_MODEL_VERBOSE: print the world
 * after each step of a trace.
 *
 *   test_model sample N EVENTS SEED    print N walks for test-model-traces instead
 */

#define STATES_DEFAULT 300000
#define WALKS_DEFAULT  1500
#define WALK_LENGTH    150
#define MUTATION_MAX   2500000 /* enough for the shortest trace of each */

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum start { RUNNING, EMPTY, POPULATED };

/* What has happened before. */
static const char b_is_out[] = "crash B, notice A B, leave A B, hear B, hear C";
static const char b_is_on_its_way[] =
    "crash B, notice A B, leave A B, hear B, settle A, attach B A, "
    "token A B, load B, say B, hear B";
static const char b_is_being_promoted[] =
    "crash A, power-off A, begin B, attempt B, hear C, mark B";
static const char all_were_off[] = "write A, replicate B, sync A, sync B, blackout";

static const char b_left_on_A_alone[] =
    "write A, sync A, crash B, notice A B, leave A B 1, begin B, attempt B, boot A";

static const struct exploration {
    struct config config;
    enum start start;
    const char *scene;
} explorations[] = {
    {{.name = "2 hosts, wait_for_all, fencing",
      .n = 2,
      .wait_for_all = true,
      .cuts = true,
      .lost_cib = true},
     RUNNING,
     NULL},
    {{.name = "2 hosts, fencing", .n = 2, .cuts = true, .lost_cib = true}, RUNNING, NULL},
    {{.name = "2 hosts, never cut", .n = 2, .lost_cib = true}, RUNNING, NULL},
    {{.name = "2 hosts, a replica joins", .n = 2, .cuts = true, .lost_cib = true},
     RUNNING,
     b_is_on_its_way},
    {{.name = "2 hosts, two records in one place",
      .n = 2,
      .cuts = true,
      .lost_cib = true},
     RUNNING,
     b_left_on_A_alone},
    {{.name = "2 hosts, a cold start", .n = 2, .cuts = true, .lost_cib = true},
     RUNNING,
     all_were_off},
    {{.name = "2 hosts, a disk is replaced", .n = 2, .cuts = true, .blanks = true},
     RUNNING,
     NULL},
    {{.name = "2 hosts, the first start", .n = 2, .cuts = true, .lost_cib = true},
     EMPTY,
     NULL},
    {{.name = "3 hosts", .n = 3, .cuts = true, .lost_cib = true}, RUNNING, NULL},
    {{.name = "3 hosts, one replica is out", .n = 3, .cuts = true, .lost_cib = true},
     RUNNING,
     b_is_out},
    {{.name = "3 hosts, in a promotion", .n = 3, .cuts = true, .lost_cib = true},
     RUNNING,
     b_is_being_promoted},
    {{.name = "3 hosts, two records in one place",
      .n = 3,
      .cuts = true,
      .lost_cib = true},
     RUNNING,
     b_left_on_A_alone},
    {{.name = "3 hosts, a cold start", .n = 3, .cuts = true, .lost_cib = true},
     RUNNING,
     all_were_off},
    {{.name = "3 hosts, a disk is replaced",
      .n = 3,
      .cuts = true,
      .blanks = true,
      .lost_cib = true},
     RUNNING,
     NULL},
    {{.name = "3 hosts, a CIB that orders nothing",
      .n = 3,
      .cuts = true,
      .lost_cib = true,
      .blind_swap = true},
     RUNNING,
     NULL},
    {{.name = "3 hosts, the first start", .n = 3, .cuts = true, .lost_cib = true},
     EMPTY,
     NULL},
    {{.name = "3 hosts, the first start with data",
      .n = 3,
      .cuts = true,
      .lost_cib = true},
     POPULATED,
     NULL},
};

static const struct exploration mutations[] = {
    {{.name = "a member's token is not looked for",
      .n = 3,
      .faults = 2,
      .mutation = NO_TOKEN_CHECK},
     RUNNING,
     "crash B, crash C, notice A B, notice A C, leave A B, leave A C, "
     "hear C, write A, sync A, attach B A, token A B, load B, say B, "
     "hear B, join A B, hear C"},
    {{.name = "the marker is not looked for",
      .n = 3,
      .faults = 2,
      .blanks = true,
      .mutation = NO_MARKER_CHECK},
     RUNNING,
     "write A, replicate B, replicate C, sync A, sync B, sync C, "
     "blackout, blank A, boot A, boot B, boot C"},
    {{.name = "nobody is waited for", .n = 2, .cuts = true, .mutation = NO_WAITING},
     RUNNING,
     NULL},
    {{.name = "who leaves is forgotten at once",
      .n = 2,
      .lost_cib = true,
      .faults = 2,
      .mutation = NO_LEAVING},
     RUNNING,
     "crash B, notice A B, leave A B 1, begin B, attempt B, mark B, "
     "open B, listen B, write B, sync B"},
    {{.name = "a lower record is obeyed",
      .n = 2,
      .cuts = true,
      .lost_cib = true,
      .mutation = OBEY_LOWER},
     RUNNING,
     NULL},
    {{.name = "it listens before the record counts",
      .n = 2,
      .cuts = true,
      .faults = 3,
      .mutation = LISTEN_EARLY},
     RUNNING,
     NULL},
    {{.name = "a replica joins on its sync-status",
      .n = 2,
      .cuts = true,
      .mutation = JOIN_BY_STATUS},
     RUNNING,
     NULL},
    {{.name = "the CIB knows before the maker's file",
      .n = 2,
      .lost_cib = true,
      .faults = 2,
      .mutation = CIB_FIRST},
     RUNNING,
     "crash B, notice A B, leave A B, hear B, settle A, attach B A, token A B, load B, "
     "say B, hear B, join A B 2, hear B, power-off A, begin B, attempt B, mark B, "
     "open B, listen B, write B, sync B"},
    {{.name = "an old confirmation counts", .n = 3, .faults = 1, .mutation = JOIN_LATE},
     RUNNING,
     "crash B, notice A B, leave A B, hear C, hear B, write A, "
     "replicate C, sync A, sync C"},
    {{.name = "the record is in the CIB only",
      .n = 2,
      .lost_cib = true,
      .mutation = NO_FILE},
     RUNNING,
     NULL},
    {{.name = "an absent peer counts as off",
      .n = 2,
      .cuts = true,
      .faults = 3,
      .mutation = ABSENT_IS_OFF},
     RUNNING,
     NULL},
    {{.name = "the marker is not synced", .n = 3, .mutation = MARKER_NOT_SYNCED},
     RUNNING,
     NULL},
    {{.name = "the marker does not name its parent", .n = 2, .mutation = NO_PARENT},
     RUNNING,
     NULL},
    {{.name = "it opens before the attempt counts",
      .n = 3,
      .lost_cib = true,
      .faults = 2,
      .mutation = OPEN_UNPROMISED},
     RUNNING,
     "power-off A, begin B, attempt B, mark B, open B 1, boot B, begin B, "
     "attempt B, mark B, open B 1, power-off C, boot C 2, boot A, "
     "begin A, attempt A, hear C, mark A, open A, hear C, listen A, "
     "write A, sync A"},
    {{.name = "a new disk is heard",
      .n = 3,
      .blanks = true,
      .lost_cib = true,
      .faults = 2,
      .mutation = TRUST_BLANK},
     RUNNING,
     "crash B, notice A B, leave A B, hear C, write A, replicate C, sync A, sync C, "
     "blackout, blank A, boot A, boot B 1"},
    {{.name = "a copy that kept its power outranks nobody",
      .n = 3,
      .faults = 3,
      .mutation = POWER_IS_NO_RANK},
     RUNNING,
     NULL},
    {{.name = "a promise is broken, and the CIB orders nothing",
      .n = 3,
      .cuts = true,
      .faults = 1,
      .blind_swap = true,
      .mutation = BREAK_PROMISE},
     RUNNING,
     "power-off A, begin B, attempt B, hear C, mark B, cut B, boot A, begin C, "
     "attempt C, hear A, mark C, heal"},
};

static size_t from_environment(const char *name, size_t otherwise)
{
    const char *text = getenv(name);
    const long number = text ? atol(text) : 0;

    return number > 0 ? (size_t)number : otherwise;
}

static bool set_scene(const struct exploration *e, struct world *world)
{
    struct config config = e->config;
    const char *text = e->scene;
    struct world next;
    struct step step;

    rule_reset();
    if (e->start == RUNNING) {
        world_start_running(&config, world);
    } else {
        world_start_empty(&config, world, e->start == POPULATED);
    }
    config.faults = 0;
    while (text && *text) {
        if (!world_read_step(&text, &step) || !world_step(&config, world, step, &next)) {
            printf("# the scene of \"%s\" is impossible before \"%s\"\n", config.name,
                   text);
            return false;
        }
        *world = next;
    }
    return true;
}

static void report(bool ok, unsigned number, const char *what, const char *name,
                   const struct outcome *outcome)
{
    printf("%s %u - %s: %s (%u steps deep, %zu worlds, %zu for an operator)\n",
           ok ? "ok" : "not ok", number, what, name, outcome->depth, outcome->states,
           outcome->refused);
    fflush(stdout);
}

static bool test_all(const struct exploration *e, unsigned number)
{
    struct outcome outcome = {.violation = "no scene"};
    struct world world;

    if (set_scene(e, &world)) {
        outcome = explore_all(&e->config, &world, UINT32_MAX,
                              from_environment("OVNHA_MODEL_STATES", STATES_DEFAULT));
    }
    report(!outcome.violation, number, "every interleaving", e->config.name, &outcome);
    return !outcome.violation;
}

static bool test_walks(const struct exploration *e, unsigned number)
{
    struct outcome outcome = {.violation = "no scene"};
    struct world world;

    if (set_scene(e, &world)) {
        outcome = explore_walks(&e->config, &world,
                                from_environment("OVNHA_MODEL_WALKS", WALKS_DEFAULT),
                                WALK_LENGTH, number);
    }
    report(!outcome.violation, number, "random walks", e->config.name, &outcome);
    return !outcome.violation;
}

static bool test_mutation(const struct exploration *e, unsigned number)
{
    struct outcome outcome = {.violation = NULL};
    struct world world;

    if (set_scene(e, &world)) {
        outcome = explore_all(&e->config, &world, UINT32_MAX, MUTATION_MAX);
    }
    report(outcome.violation, number, "caught", e->config.name, &outcome);
    return outcome.violation;
}

/* Lines "walk SEED: ...", of three hosts. */
static int sample(unsigned n, unsigned events, uint64_t seed)
{
    const struct exploration e = {
        {.name = "a sample", .n = 3, .cuts = true}, RUNNING, NULL};
    struct world world;

    for (unsigned i = 0; i < n; i++, seed++) {
        printf("walk %llu:", (unsigned long long)seed);
        if (!set_scene(&e, &world) || !explore_sample(&e.config, &world, events, seed)) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    unsigned number = 0;
    bool ok = true;

    if (argc == 5 && strcmp(argv[1], "sample") == 0) {
        return sample((unsigned)atol(argv[2]), (unsigned)atol(argv[3]),
                      (uint64_t)atoll(argv[4]));
    }
    printf("1..%zu\n", 2 * N(explorations) + N(mutations));
    for (size_t i = 0; i < N(mutations); i++) {
        ok = test_mutation(&mutations[i], ++number) && ok;
    }
    for (size_t i = 0; i < N(explorations); i++) {
        ok = test_walks(&explorations[i], ++number) && ok;
    }
    for (size_t i = 0; i < N(explorations); i++) {
        ok = test_all(&explorations[i], ++number) && ok;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
