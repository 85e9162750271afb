/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_LOG_ENTRY_H
#define OVNHA_CLI_LOG_ENTRY_H

#include <stdbool.h>

#include "stamp.h"

/* One line of a log: of Pacemaker's detail log (where the agent writes, too), of
 * corosync's, of syslog or of the journal. */

#define OVNHA_LOG_WORD 64

struct ovnha_log_entry {
    struct ovnha_stamp stamp;
    char host[OVNHA_LOG_WORD];
    char program[OVNHA_LOG_WORD]; /* "pacemaker-execd", "ovndb-servers(NAME)", ... */
    const char *text;             /* points into the line */
};

/* `now`: as ovnha_stamp_read() wants it.  False: this is no line of a log. */
bool ovnha_log_entry_parse(const char *line, time_t now, struct ovnha_log_entry *entry);

#endif
