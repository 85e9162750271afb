/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_LOG_ENTRY_H
#define OVNHA_CLI_LOG_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* One line of a log: of Pacemaker's detail log (where the agent writes, too), of
 * corosync's, of syslog or of the journal. */

#define OVNHA_LOG_WORD 64

struct ovnha_log_entry {
    int64_t at;  /* milliseconds since the epoch */
    bool coarse; /* it has whole seconds only */
    char host[OVNHA_LOG_WORD];
    char program[OVNHA_LOG_WORD]; /* "pacemaker-execd", "ovndb-servers(NAME)", ... */
    const char *text;             /* points into the line */
};

/* Stamps without a year are of the last year in which they are not after `now` by more
 * than a day; those without a zone are local.  False: this is no line of a log. */
bool ovnha_log_entry_parse(const char *line, time_t now, struct ovnha_log_entry *entry);

#endif
