/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_WORK_H
#define OVNHA_CLI_WORK_H

#include <stdbool.h>

#include <jansson.h>
#include <ovnha/deadline.h>

#include "cluster.h"
#include "common.h"
#include "preflight.h"

/* A command that changes something, while it works: its deadline, what it says, what it
 * sees, and how it is interrupted. */

struct ovnha_cli_work {
    const struct ovnha_cli *cli;
    ovnha_msec began, deadline;
    bool changed; /* Pacemaker was told to change something */
    json_t *json; /* what --json prints at the end; NULL without it */
};

/* `command`: its name; from now on SIGINT, SIGTERM and SIGHUP interrupt it in order. */
void ovnha_cli_work_begin(struct ovnha_cli_work *work, const struct ovnha_cli *cli,
                          const char *command);

/* Prints what --json wants, with the result that `code` stands for; the code again. */
int ovnha_cli_work_end(struct ovnha_cli_work *work, int code);

/* A line of progress, with the time since the work began. */
void ovnha_cli_tell(struct ovnha_cli_work *work, const char *format, ...)
    OVNHA_PRINTF(2, 3);

/* What is wrong, on stderr; --json has it as "error". */
void ovnha_cli_complain(struct ovnha_cli_work *work, const char *format, ...)
    OVNHA_PRINTF(2, 3);

/* The findings, one a line and the next step below; true when one may go on: nothing is
 * refused, and whatever is in doubt somebody says yes to (--yes, or on a terminal). */
bool ovnha_cli_tell_findings(struct ovnha_cli_work *work,
                             const struct ovnha_cli_findings *findings);
bool ovnha_cli_accepts(struct ovnha_cli_work *work,
                       const struct ovnha_cli_findings *findings);

/* What --dry-run exits with. */
int ovnha_cli_findings_code(const struct ovnha_cli_findings *findings);

/* Asks on a terminal, for what --yes would say; false, and said how, where nobody can. */
bool ovnha_cli_confirm(struct ovnha_cli_work *work, const char *question);

bool ovnha_cli_interrupted(void);

/* How long a look or a change may take: as long as the work, and not forever; it ends
 * when somebody interrupts. */
struct ovnha_cli_limit ovnha_cli_work_limit(const struct ovnha_cli_work *work);

/* The same for what is done at the end, however that has come: some seconds, which nobody
 * interrupts. */
struct ovnha_cli_limit ovnha_cli_last_limit(void);

/* False when that is no use: the deadline has passed, or somebody has interrupted. */
bool ovnha_cli_pause(const struct ovnha_cli_work *work, int msec);

/* One look at everything that a decision wants. */
struct ovnha_cli_view {
    struct ovnha_cli_cluster cluster;
    struct ovnha_record record; /* of the CIB */
    char *state;                /* of the DC's controller, NULL when not known */
    struct ovnha_cli_situation situation; /* of these */
};

/* Looks, at an idle cluster if it is so within a moment; false, and said why, when
 * Pacemaker does not answer.  Then and otherwise ovnha_cli_view_free(). */
bool ovnha_cli_view_take(struct ovnha_cli_work *work, struct ovnha_cli_view *view);
void ovnha_cli_view_free(struct ovnha_cli_view *view);

/* The record that the CIB has; one that does not exist when it has none. */
void ovnha_cli_record_of(const struct ovnha_cli_cluster *cluster,
                         struct ovnha_record *record);

/* Runs one of Pacemaker's tools, which changes something, to its end. */
enum ovnha_result ovnha_cli_pacemaker(struct ovnha_cli_work *work,
                                      const char *const *argv,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

/* Says that it did not; an exit code. */
int ovnha_cli_not_done(struct ovnha_cli_work *work, enum ovnha_result result,
                       const struct ovnha_err *err);

#endif
