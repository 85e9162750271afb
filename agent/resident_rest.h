/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_REST_H
#define OVNHA_AGENT_RESIDENT_REST_H

/* Whether the files are those that this node held: looked at when the helper begins, and
 * forgotten when the copy is confirmed or chosen. */

struct resident;

void ovnha_resident_check_rest(struct resident *r);
void ovnha_resident_forget_rest(struct resident *r);

#endif
