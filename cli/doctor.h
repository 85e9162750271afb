/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_DOCTOR_H
#define OVNHA_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/facts.h>

#include "cluster.h"
#include "doctor_report.h"

/* The configuration, looked at for known mistakes: facts in, findings out.
 *
 * A check is a row of a table and a function of a dozen lines.  It is about the cluster's
 * configuration, which every node has, or about this node, of which the others know
 * nothing, or about what nodes have in common, by what their helpers say. */

enum ovnha_doctor_severity {
    OVNHA_DOCTOR_WARNING,  /* it works, until something else goes wrong */
    OVNHA_DOCTOR_CRITICAL, /* a failure will not be survived, or data may be lost */
};

#define OVNHA_DOCTOR_PORTS 4

struct ovnha_doctor_port {
    char url[96];  /* "tcp:10.0.0.1:6643" */
    bool replicas; /* what replicas connect to; else clients */
    bool reached;
    char why[160];
};

/* What only this node knows.  What was asked for may be unknown: negative numbers,
 * OVNHA_UNKNOWN, empty texts. */
struct ovnha_doctor_host {
    bool looked;  /* false: a file was given, not a node */
    bool as_root; /* others do not see keys, nor what runs */
    char node[64];
    char host_trouble[512]; /* ovn-ctl or a key that is missing: one sentence */
    char unit_trouble[512]; /* the distribution's units: one sentence */
    char installed[64];     /* the version of ovsdb-server on disk, and running */
    char running[64];
    enum ovnha_tristate clock_synced;
    long long token_ms; /* corosync's, with what it adds for more nodes */
    long long
        ping_timeout_ms; /* its link 0 is down when it answers nothing for so long */
    int n_nodes;         /* of corosync */
    enum ovnha_tristate two_node, wait_for_all, qdevice;
    long long database_bytes; /* of both files */
    long long free_bytes;     /* on the disk of these, and on that of copies set aside */
    long long aside_free_bytes;
    long long aside_bytes;
    size_t aside_copies; /* that nobody has salvaged */
    bool northd_costly;  /* the helper has found that it costs too much while it waits */
    struct ovnha_doctor_report report; /* of all nodes, by their helpers */
    size_t n_ports;
    struct ovnha_doctor_port port[OVNHA_DOCTOR_PORTS];
};

struct ovnha_doctor_facts {
    const struct ovnha_cli_cluster *cluster;
    struct ovnha_doctor_host host;
};

#define OVNHA_DOCTOR_TEXT 700

struct ovnha_doctor_finding {
    const char *check;
    enum ovnha_doctor_severity severity;
    char meaning[OVNHA_DOCTOR_TEXT]; /* one sentence */
    char pcs[OVNHA_DOCTOR_TEXT];     /* commands, or what to do by hand */
    char crm[OVNHA_DOCTOR_TEXT];
};

#define OVNHA_DOCTOR_FINDINGS_MAX 64

struct ovnha_doctor_findings {
    const char *check; /* that runs now */
    size_t n;
    struct ovnha_doctor_finding finding[OVNHA_DOCTOR_FINDINGS_MAX];
};

enum ovnha_check_about {
    OVNHA_ABOUT_CLUSTER, /* its configuration */
    OVNHA_ABOUT_NODE,    /* this one: it has to be run on every node */
    OVNHA_ABOUT_NODES,   /* all, by what their helpers say to this one's */
};

struct ovnha_check {
    const char *name;
    const char *what; /* one line */
    enum ovnha_check_about about;
    void (*run)(const struct ovnha_doctor_facts *facts,
                struct ovnha_doctor_findings *findings);
};

extern const struct ovnha_check ovnha_checks[];
extern const size_t ovnha_n_checks;

/* All checks; of a file, without those of a node. */
void ovnha_doctor_examine(const struct ovnha_doctor_facts *facts,
                          struct ovnha_doctor_findings *findings);

const char *ovnha_doctor_severity_to_str(enum ovnha_doctor_severity severity);

/* Look at this node, read-only and for some seconds at most. */
void ovnha_doctor_look(const struct ovnha_cli_cluster *cluster,
                       struct ovnha_doctor_host *host);

/* A parameter of the databases' resource, or its default. */
const char *ovnha_doctor_parameter(const struct ovnha_cli_resource *resource,
                                   const char *name);

#endif
