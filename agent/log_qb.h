/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_LOG_QB_H
#define OVNHA_AGENT_LOG_QB_H

#include "env.h"
#include "log.h"

/* libqb's log: of qb_log(), and of ovnha_log() with this writer. */

void ovnha_log_qb_init(const struct ovnha_invocation *invocation);
ovnha_log_writer ovnha_log_qb_write;
void ovnha_log_qb_fini(void);

#endif
