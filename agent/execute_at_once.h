/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_EXECUTE_AT_ONCE_H
#define OVNHA_AGENT_EXECUTE_AT_ONCE_H

#include <ovnha/plan_run.h>

#include "execute_steps.h"

/* Steps of one kind, each for another database, at the same time, in the same time that
 * each would have alone.  All are awaited, whatever becomes of the others, and all that
 * they remember is in `x` afterwards. */
void ovnha_execute_at_once(struct execution *x, step_function *function,
                           const struct ovnha_step *steps, size_t n,
                           struct ovnha_step_outcome *outcomes);

#endif
