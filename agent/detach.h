/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_DETACH_H
#define OVNHA_AGENT_DETACH_H

#include <stdbool.h>

/* How the resident helper leaves whoever starts it, who waits until it is ready. */

/* True in a new process, which goes on: it has a session of its own, and no SIGPIPE ends
 * it, since whoever waits may run out of time.  False in the old one, when the new one is
 * ready or has ended; *code is what to exit with. */
bool ovnha_detach(int *code);

/* Once, in the new process: have the old one exit with `code`, and let go of the standard
 * streams.  False when nobody waits any more. */
bool ovnha_detach_ready(unsigned char code);

#endif
