/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_PUBLISHER_H
#define OVNHA_AGENT_PUBLISHER_H

#include <stdbool.h>

#include "child.h"
#include "context.h"

/* Publishes a score, and lets nobody wait for it: attrd_updater takes as long as all of a
 * promotion's records, and the loop has better things to do meanwhile. */

struct ovnha_publisher {
    struct ovnha_child child;
    int score; /* what it is at, or was */
};

/* Only while none is running.  `child.fd` is readable when it is done. */
enum ovnha_result ovnha_publisher_start(struct ovnha_publisher *publisher,
                                        const struct ovnha_context *context, int score,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

bool ovnha_publisher_runs(const struct ovnha_publisher *publisher);

/* Once it is done: what came of it. */
enum ovnha_result ovnha_publisher_take(struct ovnha_publisher *publisher,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

#endif
