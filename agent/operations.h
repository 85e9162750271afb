/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_OPERATIONS_H
#define OVNHA_AGENT_OPERATIONS_H

#include "env.h"
#include "ocf.h"

/* The actions that look at or change servers: gather, decide, execute, report. */

enum ovnha_ocf ovnha_operation_start(const struct ovnha_invocation *invocation);
enum ovnha_ocf ovnha_operation_stop(const struct ovnha_invocation *invocation);
enum ovnha_ocf ovnha_operation_monitor(const struct ovnha_invocation *invocation);
enum ovnha_ocf ovnha_operation_promote(const struct ovnha_invocation *invocation);
enum ovnha_ocf ovnha_operation_demote(const struct ovnha_invocation *invocation);
enum ovnha_ocf ovnha_operation_notify(const struct ovnha_invocation *invocation);
enum ovnha_ocf ovnha_operation_reload(const struct ovnha_invocation *invocation);

#endif
