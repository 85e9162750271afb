/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CONVERSION_H
#define OVNHA_AGENT_CONVERSION_H

#include "context.h"

/* A copy from before a schema conversion.
 *
 * ovn-ctl converts a database file whose schema is not the installed one when it starts
 * the server.  There is no way back from that: what the other schema has no column for is
 * gone; and when it fails, ovn-ctl begins an empty database.  Which schema is installed
 * ovn-ctl alone knows.  So the file gets a second name before each start; a conversion
 * puts another file in its place, and this one is then set aside. */

/* Before the start.  The one before may have broken off: what it left is dealt with. */
enum ovnha_result ovnha_conversion_begin(const struct ovnha_context *context, size_t i,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* After it, whether it has worked or not.  What cannot be set aside keeps the second
 * name until the next start. */
void ovnha_conversion_end(const struct ovnha_context *context, size_t i);

#endif
