/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_EXECUTE_H
#define OVNHA_AGENT_EXECUTE_H

#include <ovnha/plan.h>

#include "context.h"

/* Do what the plan says, against the real servers.  Memory is kept up to date with
 * what was done, also when a step fails. */
enum ovnha_result ovnha_execute(const struct ovnha_context *context,
                                const struct ovnha_facts *facts,
                                const struct ovnha_plan *plan,
                                struct ovnha_err *err) OVNHA_MUST_USE;

#endif
