/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdio.h>

static char ident[OVNHA_NODE_SIZE + 32];

/* Beside Pacemaker's own lines, in their form, so that one file tells the story. */
static void log_to_file(const char *path, int priority)
{
    const int target = qb_log_file_open(path);

    if (target >= 0) {
        qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*", priority);
        qb_log_format_set(target, "%T %H %-20N[%P] (%n) \t%p: %b");
        qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE);
    }
}

void ovnha_log_init(const struct ovnha_invocation *invocation)
{
    const int priority = invocation->debug ? LOG_DEBUG : LOG_INFO;
    const int facility = qb_log_facility2int(invocation->log_facility);

    snprintf(ident, sizeof ident, "ovndb-servers(%s)", invocation->resource);
    qb_log_init(ident, facility < 0 ? LOG_DAEMON : facility, priority);
    qb_log_format_set(QB_LOG_SYSLOG, "%b");
    if (invocation->log_file[0] == '/') {
        log_to_file(invocation->log_file, priority);
    }
}

void ovnha_log_fini(void)
{
    qb_log_fini();
}
