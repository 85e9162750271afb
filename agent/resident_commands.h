/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_COMMANDS_H
#define OVNHA_AGENT_RESIDENT_COMMANDS_H

#include "control_server.h"

/* The commands of the control socket; doc/architecture.md has a table of them.  `aux` is
 * the struct resident. */
void ovnha_resident_command(struct ovnha_request *request, const char *method,
                            const char *argument, void *aux);

#endif
