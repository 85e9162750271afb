/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_MEMORY_H
#define OVNHA_AGENT_MEMORY_H

#include "context.h"

/* struct ovnha_memory as a small JSON file under /run: what this node did last on
 * purpose.  It is replaced as a whole, so a reader sees the old one or the new
 * one.  An absent, unreadable or foreign one is no memory: role unknown. */

void ovnha_memory_load(const struct ovnha_context *context, struct ovnha_memory *memory);

enum ovnha_result ovnha_memory_save(const struct ovnha_context *context,
                                    const struct ovnha_memory *memory,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

#endif
