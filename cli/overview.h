/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_OVERVIEW_H
#define OVNHA_CLI_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include <ovnha/endpoint.h>
#include <ovnha/err.h>
#include <ovnha/record.h>

#include "cluster.h"

/* All that `ovnha status` and `ovnha metrics` show, gathered once: what Pacemaker says of
 * the cluster, and what the resident helpers say of each node.  Either may be missing.
 *
 * Texts are "" and numbers -1 where nothing is known.  States are in the words of the
 * helper's answer (agent/resident_answer.c), which are those of libovnha's _to_str(). */

#define OVNHA_OVERVIEW_WORD     32
#define OVNHA_OVERVIEW_TEXT     256
#define OVNHA_OVERVIEW_FAILURES 16

/* One database on one node. */
struct ovnha_overview_db {
    char name[OVNHA_OVERVIEW_WORD];     /* "nb" */
    char presence[OVNHA_OVERVIEW_WORD]; /* "running", "absent", "foreign", "unknown" */
    bool answered;                      /* its server has, at the last look */
    char stalled[OVNHA_OVERVIEW_TEXT];  /* why not, in words for a sentence */
    char state[OVNHA_OVERVIEW_WORD];    /* "active", "backup", "mixed", "unknown" */
    char link[OVNHA_OVERVIEW_WORD];     /* "replicating", "connecting", "none" */
    char source[OVNHA_METHOD_SIZE];     /* whom it follows */
    char clients[OVNHA_METHOD_SIZE];    /* where it listens to clients */
    char replicas[OVNHA_METHOD_SIZE];   /* ... and to replicas */
    char trouble[OVNHA_ERR_SIZE];
    char file_trouble[OVNHA_OVERVIEW_TEXT];
    int64_t pid, sessions, bytes, synced_bytes, compactions;
    int64_t lag_bytes; /* sent by the active, and not read */
    int64_t lag_ms;    /* for how long it has not read what it was sent */
};

/* What is known from a node's helper. */
enum ovnha_heard {
    OVNHA_HEARD_NOTHING, /* nobody could be asked */
    OVNHA_HEARD_ABSENT,  /* it has no helper, or none that the others hear */
    OVNHA_HEARD_OLDER,   /* it has one of a version that cannot be asked */
    OVNHA_HEARD_SILENT,  /* it was asked and did not answer in time */
    OVNHA_HEARD_ALL,     /* it has answered: the rest is known */
};

struct ovnha_overview_node {
    char name[OVNHA_NODE_SIZE];

    bool in_cluster; /* Pacemaker knows it: the next are known */
    bool online, standby, maintenance, pending, unclean, is_dc;
    bool managed, failed, blocked;
    bool excluded; /* a constraint keeps the databases away from it */
    enum ovnha_cli_role role;
    char pending_op[OVNHA_OVERVIEW_WORD];
    char score[OVNHA_OVERVIEW_WORD];
    int64_t failcount;

    bool in_sync, leaving;            /* by the record */
    char banned[OVNHA_OVERVIEW_TEXT]; /* the constraint that keeps it from being promoted
                                       */

    enum ovnha_heard heard;
    char version[OVNHA_OVERVIEW_WORD];
    char copy[OVNHA_OVERVIEW_WORD]; /* its databases together: "active", "backup" ... */
    char trouble[OVNHA_ERR_SIZE];
    bool serving, restarting;
    char candidacy[OVNHA_OVERVIEW_WORD], reason[OVNHA_OVERVIEW_TEXT];
    int64_t set_aside; /* copies with rows that nobody has salvaged */
    bool manages_northd, northd_costly;
    char northd[OVNHA_OVERVIEW_WORD]; /* "active", "paused", "absent" ... */
    size_t n_dbs;
    struct ovnha_overview_db db[OVNHA_DB_MAX];
};

struct ovnha_overview_failure {
    char resource[OVNHA_NODE_SIZE], node[OVNHA_NODE_SIZE];
    char task[OVNHA_OVERVIEW_WORD], reason[OVNHA_OVERVIEW_TEXT], when[64];
};

struct ovnha_overview {
    char resource[OVNHA_NODE_SIZE];
    char top[OVNHA_NODE_SIZE];  /* its clone, which constraints are about, or itself */
    char self[OVNHA_NODE_SIZE]; /* the node that this runs on */

    bool cluster_known;
    char cluster_trouble[OVNHA_ERR_SIZE]; /* why not */
    char dc[OVNHA_NODE_SIZE];
    bool quorate, maintenance_mode, guarded;
    enum ovnha_cli_fencing fencing;
    int64_t wanted;            /* on so many nodes at most; -1: on all */
    char vip[OVNHA_NODE_SIZE]; /* the resource's name; "": there is none to be seen */
    char vip_address[OVNHA_ADDR_SIZE];
    char vip_node[OVNHA_NODE_SIZE];
    size_t n_failures;
    struct ovnha_overview_failure failure[OVNHA_OVERVIEW_FAILURES];
    int64_t changed_at;                    /* the last promotion, in s since 1970 */
    char changed_to[OVNHA_NODE_SIZE];      /* ... of whom, or "" */
    char changed_why[OVNHA_OVERVIEW_TEXT]; /* ... and why, as far as that can be seen */

    bool helper_known;                   /* the helper of this node has answered */
    char helper_trouble[OVNHA_ERR_SIZE]; /* why not */
    bool helper_older;                   /* it knows of this node only */
    bool may_ask;                        /* who runs this may ask it: is root */
    bool serving;
    char candidacy[OVNHA_OVERVIEW_WORD], reason[OVNHA_OVERVIEW_TEXT];
    size_t n_awaited;
    char awaited[OVNHA_NODES_MAX][OVNHA_NODE_SIZE];

    bool record_known; /* by the helper, or else by the CIB */
    struct ovnha_record record;

    size_t n_nodes;
    struct ovnha_overview_node node[OVNHA_NODES_MAX];
};

/*
 * Gathered (overview_read.c).  Pacemaker's part first; both are pure.
 */

void ovnha_overview_take_cluster(struct ovnha_overview *overview,
                                 const struct ovnha_cli_cluster *cluster);
/* The helper's answer to ovnha/status, or an older one's to ovnha/judge. */
enum ovnha_result ovnha_overview_take_report(struct ovnha_overview *overview,
                                             const char *text,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
/* What both together give. */
void ovnha_overview_complete(struct ovnha_overview *overview);

/* NULL when nothing names such a node. */
struct ovnha_overview_node *ovnha_overview_node(const struct ovnha_overview *overview,
                                                const char *name);
const struct ovnha_overview_node *
ovnha_overview_promoted(const struct ovnha_overview *overview);

/*
 * Judged (overview_judge.c): what is wrong, and what to do about it.  Pure.
 */

enum ovnha_severity { OVNHA_FINE, OVNHA_NOT_KNOWN, OVNHA_WARNING, OVNHA_CRITICAL };

struct ovnha_overview_finding {
    enum ovnha_severity severity; /* FINE: worth a word */
    const char *code;             /* for programs; never changes its meaning */
    char node[OVNHA_NODE_SIZE];   /* "": the cluster */
    char text[OVNHA_ERR_SIZE];    /* one sentence without a full stop */
    char next[OVNHA_ERR_SIZE];    /* what to do, or "" */
};

#define OVNHA_OVERVIEW_FINDINGS_MAX 64

struct ovnha_overview_findings {
    enum ovnha_severity worst;
    size_t n;
    /* The worst first. */
    struct ovnha_overview_finding finding[OVNHA_OVERVIEW_FINDINGS_MAX];
};

void ovnha_overview_judge(const struct ovnha_overview *overview,
                          struct ovnha_overview_findings *findings);

/* As monitoring plugins exit: 0 to 3. */
int ovnha_severity_code(enum ovnha_severity severity);
const char *ovnha_severity_to_str(enum ovnha_severity severity);
const char *ovnha_heard_to_str(enum ovnha_heard heard);

/*
 * Printed.
 */

void ovnha_overview_print(FILE *out, const struct ovnha_overview *overview,
                          const struct ovnha_overview_findings *findings, bool colour);
/* doc/status-json.md describes it. */
json_t *ovnha_overview_to_json(const struct ovnha_overview *overview,
                               const struct ovnha_overview_findings *findings);
/* OpenMetrics text, with its end. */
void ovnha_overview_print_metrics(FILE *out, const struct ovnha_overview *overview,
                                  const struct ovnha_overview_findings *findings);

#endif
