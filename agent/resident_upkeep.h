/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_UPKEEP_H
#define OVNHA_AGENT_RESIDENT_UPKEEP_H

#include <stdbool.h>

/* What the active does for the record: ovnha_upkeep() says what. */

struct resident;

/* One task a look: each is seen to have worked before the next.  Whether to look again
 * soon: not after a failure, which mostly lasts. */
bool ovnha_resident_keep_up(struct resident *r);

/* Someone removed the marker by hand: it comes back. */
void ovnha_resident_restore_marker(struct resident *r);

#endif
