/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_UPKEEP_H
#define OVNHA_UPKEEP_H

#include <ovnha/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the active has to do for the record, given what the other nodes have said:
 * a pure function that names one thing at a time, the most urgent first.  The
 * resident helper does it and asks again. */

struct ovnha_peer {
    char node[OVNHA_NODE_SIZE];
    bool present;                     /* its helper is in the group */
    char attachment[OVNHA_UUID_SIZE]; /* it replicates from us since then; "" not */
    char token[OVNHA_UUID_SIZE];      /* the attachment whose token is in our data */
    char confirmed[OVNHA_UUID_SIZE];  /* the token it has read back from its own */
    bool late;                        /* it has not read in time what we sent it */
    struct ovnha_record kept;         /* the record that it says it keeps */
};

struct ovnha_upkeep_facts {
    char self[OVNHA_NODE_SIZE];
    bool serving;   /* this node is the active of the record's generation */
    bool silent;    /* ... by the last that all its servers said; one says nothing now */
    bool may_write; /* it was promoted, and one of its servers at least may take writes */
    enum ovnha_tristate quorate;
    bool serve_without_quorum; /* no-quorum-policy freeze; or it is not managed */
    size_t n_configured;
    bool other_is_off; /* of two: the other node is not there, and known to be off */
    bool other_went;   /* ... because it was fenced, or went in order */
    struct ovnha_record record;
    size_t n_peers; /* all other nodes ever heard of */
    struct ovnha_peer peer[OVNHA_NODES_MAX];
};

enum ovnha_upkeep_kind {
    OVNHA_UPKEEP_NOTHING,
    OVNHA_UPKEEP_STOP_SERVING, /* turn read-only: quorum is lost */
    OVNHA_UPKEEP_LEAVE,        /* node: record that it is out of sync */
    OVNHA_UPKEEP_WRITE_TOKEN,  /* node, attachment: into every database */
    OVNHA_UPKEEP_JOIN,         /* node, attachment: record that it is in sync */
    OVNHA_UPKEEP_SETTLE,       /* record that nobody is leaving any more */
};

struct ovnha_upkeep {
    enum ovnha_upkeep_kind kind;
    char node[OVNHA_NODE_SIZE];
    char attachment[OVNHA_UUID_SIZE];
};

struct ovnha_upkeep ovnha_upkeep(const struct ovnha_upkeep_facts *facts);

/* Whether the record counts: a majority of the configured nodes keeps it.  Of two, also
 * when the other one is known to be off, or has no record that it could lose; while it
 * may live elsewhere, nothing counts. */
bool ovnha_upkeep_counts(const struct ovnha_upkeep_facts *facts);

const char *ovnha_upkeep_to_str(enum ovnha_upkeep_kind kind);

#ifdef __cplusplus
}
#endif

#endif
