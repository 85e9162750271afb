/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_HELPER_LOCK_H
#define OVNHA_AGENT_HELPER_LOCK_H

#include "context.h"

/* What the resident helper holds as long as it lives (lock_file.h): nobody runs beside
 * it, and one that answers nobody, or does not listen yet or any more, is found. */

/* For the helper, which keeps *fd open.  OVNHA_ERR_CONFLICT when another one has it. */
enum ovnha_result ovnha_helper_lock_take(const struct ovnha_context *context, int *fd,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* For others: whether one has it, and a pidfd of that one, for the caller to close; -1
 * when none has, or none whom we can see. */
bool ovnha_helper_lock_is_held(const struct ovnha_context *context);
int ovnha_helper_lock_pin(const struct ovnha_context *context, pid_t *pid);

#endif
