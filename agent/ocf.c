/* SPDX-License-Identifier: Apache-2.0 */
#include "ocf.h"

const char *ovnha_ocf_to_str(enum ovnha_ocf code)
{
    switch (code) {
    case OVNHA_OCF_SUCCESS:
        return "OCF_SUCCESS";
    case OVNHA_OCF_ERR_GENERIC:
        return "OCF_ERR_GENERIC";
    case OVNHA_OCF_ERR_ARGS:
        return "OCF_ERR_ARGS";
    case OVNHA_OCF_ERR_UNIMPLEMENTED:
        return "OCF_ERR_UNIMPLEMENTED";
    case OVNHA_OCF_ERR_PERM:
        return "OCF_ERR_PERM";
    case OVNHA_OCF_ERR_INSTALLED:
        return "OCF_ERR_INSTALLED";
    case OVNHA_OCF_ERR_CONFIGURED:
        return "OCF_ERR_CONFIGURED";
    case OVNHA_OCF_NOT_RUNNING:
        return "OCF_NOT_RUNNING";
    case OVNHA_OCF_RUNNING_PROMOTED:
        return "OCF_RUNNING_PROMOTED";
    case OVNHA_OCF_FAILED_PROMOTED:
        return "OCF_FAILED_PROMOTED";
    case OVNHA_OCF_DEGRADED:
        return "OCF_DEGRADED";
    case OVNHA_OCF_DEGRADED_PROMOTED:
        return "OCF_DEGRADED_PROMOTED";
    }
    return "not an OCF code";
}

/* A wrong parameter is wrong on every node.  What is only wrong on this host
 * (ovnha_params_check_host()) names its code itself. */
enum ovnha_ocf ovnha_ocf_from_result(enum ovnha_result result)
{
    switch (result) {
    case OVNHA_OK:
        return OVNHA_OCF_SUCCESS;
    case OVNHA_ERR_INVALID:
        return OVNHA_OCF_ERR_CONFIGURED;
    case OVNHA_ERR_MISSING:
        return OVNHA_OCF_ERR_INSTALLED;
    case OVNHA_ERR_TIMEOUT:
    case OVNHA_ERR_UNAVAILABLE:
    case OVNHA_ERR_LOST:
    case OVNHA_ERR_REFUSED:
    case OVNHA_ERR_PROTOCOL:
    case OVNHA_ERR_SYSTEM:
    case OVNHA_ERR_CONFLICT:
        return OVNHA_OCF_ERR_GENERIC;
    }
    return OVNHA_OCF_ERR_GENERIC;
}

enum ovnha_ocf ovnha_ocf_from_outcome(enum ovnha_outcome outcome)
{
    switch (outcome) {
    case OVNHA_OUTCOME_SUCCESS:
        return OVNHA_OCF_SUCCESS;
    case OVNHA_OUTCOME_PROMOTED:
        return OVNHA_OCF_RUNNING_PROMOTED;
    case OVNHA_OUTCOME_STOPPED:
        return OVNHA_OCF_NOT_RUNNING;
    case OVNHA_OUTCOME_FAILED:
        return OVNHA_OCF_ERR_GENERIC;
    case OVNHA_OUTCOME_FAILED_PROMOTED:
        return OVNHA_OCF_FAILED_PROMOTED;
    case OVNHA_OUTCOME_DEGRADED:
        return OVNHA_OCF_DEGRADED;
    case OVNHA_OUTCOME_DEGRADED_PROMOTED:
        return OVNHA_OCF_DEGRADED_PROMOTED;
    case OVNHA_OUTCOME_DECIDE_AGAIN: /* nothing that an operation may end with */
        return OVNHA_OCF_ERR_GENERIC;
    }
    return OVNHA_OCF_ERR_GENERIC;
}

void ovnha_ocf_print_reason(FILE *out, const char *prefix, const char *reason)
{
    fputs(prefix && *prefix ? prefix : OVNHA_OCF_REASON_PREFIX, out);
    for (const char *p = reason; *p; p++) {
        fputc((unsigned char)*p < ' ' ? ' ' : *p, out);
    }
    fputc('\n', out);
}
