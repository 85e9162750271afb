/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_PREFLIGHT_H
#define OVNHA_CLI_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include <ovnha/record.h>

#include "cluster.h"

/* Whether the role can be moved, and where to: pure.  Facts are Pacemaker's view and the
 * record; nothing is asked, and no clock is read. */

enum ovnha_cli_level {
    OVNHA_CLI_FINE,
    OVNHA_CLI_DOUBT,  /* somebody has to say that it is all right */
    OVNHA_CLI_REFUSE, /* it would fail, or do harm */
};

struct ovnha_cli_finding {
    enum ovnha_cli_level level;
    char text[400];
    char next[300]; /* what to do about it; "" for nothing */
};

#define OVNHA_CLI_FINDINGS_MAX 48

struct ovnha_cli_findings {
    size_t n;
    struct ovnha_cli_finding finding[OVNHA_CLI_FINDINGS_MAX];
};

struct ovnha_cli_situation {
    const struct ovnha_cli_cluster *cluster;
    const struct ovnha_record *record; /* not existing where the copy is not guarded */
    const char *state;                 /* of the DC's controller; "" when not known */
    int64_t now;                       /* milliseconds since the epoch */
};

struct ovnha_cli_preflight {
    const char *from, *to; /* nodes' names, of the cluster; "" when there is none */
    struct ovnha_cli_findings findings;
};

/* A move to `wanted`, or to the best node when that is NULL. */
void ovnha_cli_preflight(const struct ovnha_cli_situation *situation, const char *wanted,
                         struct ovnha_cli_preflight *preflight);

/* Whether `node` may go away, into standby: that others can serve.  What speaks against
 * it is a refusal. */
void ovnha_cli_preflight_leave(const struct ovnha_cli_situation *situation,
                               const char *node, struct ovnha_cli_findings *findings);

/* Whether `node` could have the role: everything that speaks against it. */
void ovnha_cli_preflight_target(const struct ovnha_cli_situation *situation,
                                const struct ovnha_cli_node *node,
                                struct ovnha_cli_findings *findings);

/* The highest level among them. */
enum ovnha_cli_level ovnha_cli_findings_level(const struct ovnha_cli_findings *findings);

/* "fine", "doubt", "refused". */
const char *ovnha_cli_level_to_str(enum ovnha_cli_level level);

#endif
