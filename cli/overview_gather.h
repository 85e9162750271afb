/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_OVERVIEW_GATHER_H
#define OVNHA_CLI_OVERVIEW_GATHER_H

#include "overview.h"

/* Ask Pacemaker and the resident helper of this node.  `resource`: NULL for the only one.
 * Whatever cannot be asked is not known, and the overview says why; free() it. */
struct ovnha_overview *ovnha_overview_gather(const char *resource);

#endif
