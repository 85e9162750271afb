/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_FACTS_H
#define OVNHA_AGENT_RESIDENT_FACTS_H

#include <ovnha/candidacy.h>
#include <ovnha/upkeep.h>

/* The facts of the rule and of the upkeep, out of what this helper knows. */

struct resident;

void ovnha_resident_candidacy_facts(struct resident *r,
                                    struct ovnha_candidacy_facts *facts);
void ovnha_resident_upkeep_facts(const struct resident *r,
                                 struct ovnha_upkeep_facts *facts);

#endif
