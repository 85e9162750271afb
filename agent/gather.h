/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_GATHER_H
#define OVNHA_AGENT_GATHER_H

#include "context.h"

/* Look at everything, change nothing. */
void ovnha_gather(const struct ovnha_context *context, enum ovnha_action action,
                  struct ovnha_facts *facts);

/* Only what is on this host and cheap: the servers, memory. */
void ovnha_gather_local(const struct ovnha_context *context, enum ovnha_action action,
                        struct ovnha_facts *facts);

/* What northd says; for an action that must not wait, a second at most. */
void ovnha_gather_northd(const struct ovnha_context *context, ovnha_msec deadline,
                         struct ovnha_facts *facts);

/* One server's part, which execute uses to verify a step. */
void ovnha_gather_server(const struct ovnha_context *context, size_t i,
                         ovnha_msec deadline, struct ovnha_server_facts *server);

#endif
