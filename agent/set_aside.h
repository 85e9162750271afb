/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_SET_ASIDE_H
#define OVNHA_AGENT_SET_ASIDE_H

#include <ovnha/aside_store.h>

#include "context.h"

/* Nothing is silently discarded: copies are marked before a server is told to overwrite
 * them (the agent), and copied or forgotten once it has (`ovnha-helper set-aside`,
 * started by the resident helper or, where there is none, by a monitor). */

void ovnha_set_aside_store(const struct ovnha_context *context,
                           struct ovnha_aside_store *store);

/* Whether clients' rows are in any of the databases: to be asked before the first of
 * them is overwritten. */
enum ovnha_tristate ovnha_set_aside_populated(const struct ovnha_context *context);

/* Whether the copy of database `i` has to be marked before it follows `source`. */
bool ovnha_set_aside_is_needed(const struct ovnha_context *context,
                               const struct ovnha_facts *facts,
                               enum ovnha_tristate populated, size_t i,
                               const char *source, struct ovnha_aside_mark *mark);

/* Remember, in the databases' directory and below the durable one. */
enum ovnha_result ovnha_set_aside_mark(const struct ovnha_context *context, size_t i,
                                       struct ovnha_aside_mark *mark,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* Remember that anybody may have written to database `i`; forget it. */
enum ovnha_result ovnha_set_aside_doubt(const struct ovnha_context *context, size_t i,
                                        struct ovnha_err *err) OVNHA_MUST_USE;
void ovnha_set_aside_trust(const struct ovnha_context *context, size_t i);

/* Whether there is anything to settle, and settle it: only while the servers follow an
 * active, or are active themselves. */
bool ovnha_set_aside_is_pending(const struct ovnha_context *context);
enum ovnha_result ovnha_set_aside_settle(const struct ovnha_context *context,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* How many copies nobody has salvaged. */
size_t ovnha_set_aside_waiting(const struct ovnha_context *context);

#endif
