/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_DECIDE_H
#define OVNHA_DECIDE_H

#include <ovnha/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The policy: facts in, plan out; pure. */
void ovnha_decide(const struct ovnha_facts *facts, struct ovnha_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
