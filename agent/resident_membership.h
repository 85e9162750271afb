/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_MEMBERSHIP_H
#define OVNHA_AGENT_RESIDENT_MEMBERSHIP_H

#include <ovnha/err.h>

/* The group of the helpers: joins it, and hands on what is heard and who is lost. */

struct resident;

enum ovnha_result ovnha_resident_join(struct resident *r,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

#endif
