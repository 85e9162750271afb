/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_COMPACTOR_H
#define OVNHA_AGENT_COMPACTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/err.h>

#include "child.h"

/* Asks a server to compact its database, and lets nobody wait for it: a child sends the
 * command and reads the answer, which comes when it is done. */

struct ovnha_compactor {
    struct ovnha_child child;
    size_t db; /* which one it is at; of the caller's */
};

/* Only while none is running. */
enum ovnha_result ovnha_compactor_start(struct ovnha_compactor *compactor, size_t db,
                                        const char *control, const char *schema,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

bool ovnha_compactor_runs(const struct ovnha_compactor *compactor);

/* Whether one has ended since the last call: then *result is what came of it. */
bool ovnha_compactor_take(struct ovnha_compactor *compactor, enum ovnha_result *result,
                          struct ovnha_err *err);

#endif
