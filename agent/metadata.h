/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_METADATA_H
#define OVNHA_AGENT_METADATA_H

#include <stddef.h>
#include <stdio.h>

/* The agent's self-description as OCF 1.1 XML, from the table of parameters.
 * Looks at nothing on the host. */
void ovnha_metadata_print(FILE *out);

/* What Pacemaker may ask for, with what tools suggest for a new resource. */
struct ovnha_ocf_action {
    const char *name;
    const char *timeout;
    const char *interval; /* NULL: not recurring */
    const char *role;     /* NULL: any */
};

extern const struct ovnha_ocf_action ovnha_ocf_actions[];
extern const size_t ovnha_n_ocf_actions;

#endif
