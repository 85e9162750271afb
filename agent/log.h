/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_LOG_H
#define OVNHA_AGENT_LOG_H

#include <syslog.h>

#include <ovnha/log_line.h>

#include "env.h"

/* One line per step and per refusal, to syslog and to Pacemaker's detail log, with the
 * resource in front; debug lines when Pacemaker runs with PCMK_debug.
 *
 * libqb writes them (log_qb.h).  To load it, and what it needs, costs more than all that
 * a monitor does which has nothing to say; so the OCF binary loads it with the first line
 * (cluster_module.h), and the helper has it linked. */

/* Who writes a line. */
typedef void ovnha_log_writer(int priority, const char *function, const char *file,
                              unsigned line, const char *text);

/* What is less important than `invocation` asks for never gets to the writer; without
 * one, nothing is written. */
void ovnha_log_begin(const struct ovnha_invocation *invocation, ovnha_log_writer *writer);
static inline int ovnha_log_priority(const struct ovnha_invocation *invocation)
{
    return invocation->debug ? LOG_DEBUG : LOG_INFO;
}

/* PRIORITY is syslog(3)'s. */
#define ovnha_log(PRIORITY, ...)                                                         \
    ovnha_log_line(PRIORITY, __func__, __FILE__, __LINE__, __VA_ARGS__)

void ovnha_log_line(int priority, const char *function, const char *file, unsigned line,
                    const char *format, ...) OVNHA_PRINTF(5, 6);

#endif
