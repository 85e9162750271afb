/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_OCF_H
#define OVNHA_AGENT_OCF_H

#include <stdio.h>

#include <ovnha/err.h>
#include <ovnha/plan.h>

/* What the agent says to Pacemaker: an exit code and, when it is not a success,
 * one line with the reason.  Codes as of OCF 1.1 (0-7) and Pacemaker's own
 * (8, 9, 190, 191; crm/common/results.h).
 *
 * How far a code reaches: 1 is retried; 2, 4 and 5 bar this node only; 6 bars
 * the resource from the whole cluster; 190 and 191 count as 0 and 8. */
enum ovnha_ocf {
    OVNHA_OCF_SUCCESS = 0,
    OVNHA_OCF_ERR_GENERIC = 1,
    OVNHA_OCF_ERR_ARGS = 2, /* a parameter that does not fit this host */
    OVNHA_OCF_ERR_UNIMPLEMENTED = 3,
    OVNHA_OCF_ERR_PERM = 4,
    OVNHA_OCF_ERR_INSTALLED = 5,
    OVNHA_OCF_ERR_CONFIGURED = 6, /* a parameter that is wrong everywhere */
    OVNHA_OCF_NOT_RUNNING = 7,
    OVNHA_OCF_RUNNING_PROMOTED = 8, /* from here on: monitor only */
    OVNHA_OCF_FAILED_PROMOTED = 9,
    OVNHA_OCF_DEGRADED = 190,
    OVNHA_OCF_DEGRADED_PROMOTED = 191,
};

/* "OCF_ERR_GENERIC", as documents and logs name it. */
const char *ovnha_ocf_to_str(enum ovnha_ocf code);

/* The code for a failed call and for a plan's outcome. */
enum ovnha_ocf ovnha_ocf_from_result(enum ovnha_result result);
enum ovnha_ocf ovnha_ocf_from_outcome(enum ovnha_outcome outcome);

#define OVNHA_OCF_REASON_PREFIX "ocf-exit-reason:"

/* Write the reason in the form Pacemaker picks up from stderr: one line behind
 * `prefix` (NULL for the default). */
void ovnha_ocf_print_reason(FILE *out, const char *prefix, const char *reason);

#endif
