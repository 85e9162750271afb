/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_METADATA_H
#define OVNHA_AGENT_METADATA_H

#include <stdio.h>

/* The agent's self-description as OCF 1.1 XML, from the table of parameters.
 * Looks at nothing on the host. */
void ovnha_metadata_print(FILE *out);

#endif
