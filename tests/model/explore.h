/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TESTS_MODEL_EXPLORE_H
#define OVNHA_TESTS_MODEL_EXPLORE_H

#include "world.h"

/* Search the worlds that can be reached.  A violation is printed as TAP comments: the
 * shortest trace for the exhaustive search, a shortened one for the random walks. */

struct outcome {
    const char *violation; /* NULL: none was found */
    size_t states;         /* worlds visited */
    size_t refused;        /* of them, where only an operator can choose */
    unsigned depth;        /* to which all were visited */
    bool full;             /* stopped for want of room, or of new worlds */
};

/* Every interleaving, breadth first, to `depth` steps or `states_max` worlds. */
struct outcome explore_all(const struct config *config, const struct world *start,
                           unsigned depth, size_t states_max);

/* `walks` random ones of `length` steps; the seed makes them the same each time. */
struct outcome explore_walks(const struct config *config, const struct world *start,
                             size_t walks, unsigned length, uint64_t seed);

/* Print a random walk of `events` steps that persons and misfortunes take, each after all
 * that happens by itself has happened; false when that never ends.  As one line of words
 * for tests/cluster/test-model-traces, which walks it with real parts: an event, and
 * whether somebody serves once all has settled again. */
bool explore_sample(const struct config *config, const struct world *start,
                    unsigned events, uint64_t seed);

#endif
