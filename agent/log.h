/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_LOG_H
#define OVNHA_AGENT_LOG_H

#include <syslog.h>

#include <ovnha/log_line.h>
#include <qb/qblog.h>

#include "env.h"

/* One line per step and per refusal, by qb_log() to syslog and to Pacemaker's detail log,
 * with the resource in front; debug lines when Pacemaker runs with PCMK_debug. */

void ovnha_log_init(const struct ovnha_invocation *invocation);
void ovnha_log_fini(void);

#endif
