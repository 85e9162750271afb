/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdio.h>

static char ident[OVNHA_NODE_SIZE + 32];

void ovnha_log_init(const struct ovnha_invocation *invocation)
{
    const int priority = invocation->debug ? LOG_DEBUG : LOG_INFO;
    const int facility = qb_log_facility2int(invocation->log_facility);

    snprintf(ident, sizeof ident, "ovndb-servers(%s)", invocation->resource);
    qb_log_init(ident, facility < 0 ? LOG_DAEMON : facility, priority);
    qb_log_format_set(QB_LOG_SYSLOG, "%b");
}

void ovnha_log_fini(void)
{
    qb_log_fini();
}
