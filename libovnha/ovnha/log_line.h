/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_LOG_LINE_H
#define OVNHA_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The lines of the agent's log that tell the story of a role change: the format that
 * writes a line is also what `ovnha timeline` reads it with, so that the two cannot
 * differ. doc/logging.md says what each of them means. */

/* Something was noticed ... */
#define OVNHA_LINE_PROCESS_ENDED "process %d has ended"
#define OVNHA_LINE_QUORUM        "quorum: %s"
#define OVNHA_LINE_STALL         "server %s %s"
#define OVNHA_LINE_PEER_READS    "replica %s %s"
#define OVNHA_LINE_COROSYNC_GONE "corosync is gone: %s"
#define OVNHA_LINE_DETACHED      "attachment %.8s ends: %s"
#define OVNHA_LINE_NORTHD        "ovn-northd (pid %d, %s) is put right: %s"
/* ... something was decided, and why ... */
#define OVNHA_LINE_SCORE        "score %s: %s"
#define OVNHA_LINE_RECOVERY     "a server of the active has died: %s: %s"
#define OVNHA_LINE_RESTART_OVER "the restart in place %s"
#define OVNHA_LINE_READ_ONLY    "this copy turns read-only: %s"
#define OVNHA_LINE_WITHDRAWS    "this copy withdraws: %s"
#define OVNHA_LINE_MAY          "may be promoted: %s"
#define OVNHA_LINE_MAY_NOT      "may not be promoted: %s"
#define OVNHA_LINE_LEFT_OUT     "%s does not hold everything and is left out"
#define OVNHA_LINE_UPKEEP       "upkeep: %s %s: %s"
#define OVNHA_LINE_ACCEPTED     "a person chose this copy: what only others hold is lost"
#define OVNHA_LINE_RENEWED      "a person replaced the content: opens generation %s"
#define OVNHA_LINE_ADOPTED      "serves already, and nobody has a record of it: opens generation %s"
/* ... the record of generations has become another ... */
#define OVNHA_LINE_RECORDS       "records %s"
#define OVNHA_LINE_RECORDS_ALONE "has recorded, perhaps not in the CIB, %s"
#define OVNHA_LINE_OBEYS         "obeys %s"
#define OVNHA_LINE_ATTACHED      "attached to %s as %s"
/* ... and an action of the agent was executed: ACTION: STEP. */
#define OVNHA_LINE_STEP_DONE   "%s: %s: done"
#define OVNHA_LINE_STEP_FAILED "%s: %s: failed, %s: %s"
#define OVNHA_LINE_RESULT      "%s ends with %s: %s"

enum ovnha_line_kind {
    OVNHA_LINE_IS_SIGN,
    OVNHA_LINE_IS_DECISION,
    OVNHA_LINE_IS_RECORD,
    OVNHA_LINE_IS_STEP,
};

struct ovnha_log_line {
    enum ovnha_line_kind kind;
    const char *format;
};

extern const struct ovnha_log_line ovnha_log_lines[];
extern const size_t ovnha_n_log_lines;

/* What a line had in the place of its format's conversions. */
#define OVNHA_LINE_VALUES     6
#define OVNHA_LINE_VALUE_SIZE 256

struct ovnha_line_values {
    size_t n;
    char value[OVNHA_LINE_VALUES][OVNHA_LINE_VALUE_SIZE]; /* cut where they are longer */
};

/* Whether `text` may have been printed with `format`, of which %s and %d (with what
 * printf allows in between) are understood; a %s takes as little as it can. */
bool ovnha_log_line_match(const char *format, const char *text,
                          struct ovnha_line_values *values);

/* The line of the table that fits, or NULL. */
const struct ovnha_log_line *ovnha_log_line_find(const char *text,
                                                 struct ovnha_line_values *values);

const char *ovnha_line_kind_to_str(enum ovnha_line_kind kind);

#ifdef __cplusplus
}
#endif

#endif
