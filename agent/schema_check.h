/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_SCHEMA_CHECK_H
#define OVNHA_AGENT_SCHEMA_CHECK_H

#include "context.h"

/* Compare the schema of database `i` here with that at `source` ("tcp:ADDR:PORT", or
 * ssl).  OVNHA_ERR_REFUSED: it cannot be replicated from there; any other failure: nobody
 * knows.  Waits for three seconds at most. */
enum ovnha_result ovnha_schema_check(const struct ovnha_context *context, size_t i,
                                     const char *source, ovnha_msec deadline,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

#endif
