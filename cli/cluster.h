/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_CLUSTER_H
#define OVNHA_CLI_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/deadline.h>
#include <ovnha/err.h>

/* Pacemaker's view of the cluster, as of one moment: what `crm_mon` says of its state and
 * `cibadmin` of its configuration, both in Pacemaker's public XML (2.1.5 to 3.0).
 *
 * Texts belong to the struct, are never NULL, and are "" where nothing is said.  Of two
 * vocabularies (Master/Promoted, Slave/Unpromoted) the struct has the newer one.  Scores
 * are texts as Pacemaker writes them: "50", "-INFINITY". */

struct ovnha_cli_pair {
    const char *name, *value;
};

struct ovnha_cli_pairs {
    size_t n;
    struct ovnha_cli_pair *pair;
};

/* A configured operation; those that are not configured have Pacemaker's default timeout
 * (op_defaults, else 20 s), whatever the agent's metadata advises. */
struct ovnha_cli_op {
    const char *id, *name;
    const char *role;               /* "Promoted", "Unpromoted", "Started" or "" */
    const char *interval, *timeout; /* as written */
    long long interval_ms;          /* 0: none */
    long long timeout_ms;           /* -1: not set, or not understood */
    const char *on_fail, *enabled;
};

/* A primitive, and where it runs. */
struct ovnha_cli_resource {
    const char *id;
    const char *top; /* the outermost of what it is in: a clone, group, bundle; its id */
    const char *top_kind; /* "clone", "master", "group", "bundle"; "" for none */
    const char *group;    /* the group that it is in, "" for none */
    const char *class, *provider, *type;
    struct ovnha_cli_pairs params, meta;
    struct ovnha_cli_pairs top_meta; /* of the clone, group or bundle */
    size_t n_ops;
    struct ovnha_cli_op *op;
    size_t n_on;
    const char **on;      /* the nodes on which it is active */
    bool managed;         /* all its instances are, and it, its clone, the cluster too */
    bool failed, blocked; /* an instance is; blocked: by a failed stop */
    bool with_promoted;   /* colocated with the promoted role of the databases: the VIP */
};

enum ovnha_cli_role {
    OVNHA_CLI_NOTHING, /* nothing said: no instance, or the node is off */
    OVNHA_CLI_STOPPED,
    OVNHA_CLI_STARTED, /* by a clone that is not promotable */
    OVNHA_CLI_UNPROMOTED,
    OVNHA_CLI_PROMOTED,
};

/* In Pacemaker's words; "" for NOTHING. */
const char *ovnha_cli_role_to_str(enum ovnha_cli_role role);

/* A node, and the databases' instance on it. */
struct ovnha_cli_node {
    const char *name, *id;
    const char *type; /* "member", "remote", "container" */
    const char *feature_set;
    bool online, standby, maintenance, pending, unclean, shutdown, is_dc;
    bool standby_onfail;
    struct ovnha_cli_pairs
        attributes; /* as crm_mon shows them: permanent and transient */
    enum ovnha_cli_role role;
    const char *pending_op; /* as "Promoting", while the instance changes */
    bool managed, failed, blocked;
    const char *score;   /* for promotion */
    long long failcount; /* of the databases; INFINITY is 1000000 */
    const char *last_failure;
};

struct ovnha_cli_failure {
    const char *resource, *node, *task;
    const char *status; /* "complete", "Timed Out" ... */
    const char *exit, *reason;
    const char *when;
};

/* One node of a location constraint, or one rule. */
struct ovnha_cli_location {
    const char *id, *rule; /* the constraint's, and that of its rule or "" */
    const char *resource;  /* or "", for a pattern */
    const char *node;      /* "" when a rule says it otherwise than by #uname eq NODE */
    const char *role, *score;
    const char *expires; /* the end of its lifetime, as written */
    bool conditional;    /* by more than the node's name and a lifetime */
};

/* A pair of resources; of a resource set every such pair, from_set then. */
struct ovnha_cli_colocation {
    const char *id, *resource, *role, *with, *with_role, *score;
    bool from_set;
};

struct ovnha_cli_order {
    const char *id, *first, *first_action, *then, *then_action;
    const char *kind; /* "Mandatory", "Optional", "Serialize"; made of an old score */
    const char *symmetrical;
    bool from_set;
};

/* What a location constraint that is in force does, by Pacemaker's own judgement: rules
 * and lifetimes are evaluated. */
struct ovnha_cli_ban {
    const char *constraint; /* that can be deleted */
    const char *resource, *node;
    bool promoted_only;
    bool never; /* -INFINITY */
};

struct ovnha_cli_cluster {
    struct ovnha_cli_documents *documents; /* private: they own the texts */

    const char *dc, *version, *feature_set;
    const char *schema; /* of the CIB: "pacemaker-3.8" */
    bool quorate, mixed_version, maintenance_mode, stop_all;
    struct ovnha_cli_pairs properties, rsc_defaults, op_defaults;

    size_t n_nodes, n_resources, n_failures, n_locations, n_colocations, n_orders, n_bans;
    struct ovnha_cli_node *node;
    struct ovnha_cli_resource *resource;
    struct ovnha_cli_failure *failure;
    struct ovnha_cli_location *location;
    struct ovnha_cli_colocation *colocation;
    struct ovnha_cli_order *order;
    struct ovnha_cli_ban *ban;

    const struct ovnha_cli_resource *db; /* the databases' primitive */
};

/* How long Pacemaker's tools are waited for: until then, or until stop_fd can be read (0:
 * there is none). */
struct ovnha_cli_limit {
    ovnha_msec deadline;
    int stop_fd;
};

/* Read all of it.  `resource`: the name of the databases' primitive, or of what it is in;
 * NULL for the only one of our agent.  OVNHA_ERR_MISSING: there is none of it, or it has
 * to be named; otherwise the cluster does not answer, and the text says what this takes.
 * Afterwards, whatever the result, ovnha_cli_cluster_free(). */
enum ovnha_result ovnha_cli_cluster_read(const char *resource,
                                         struct ovnha_cli_limit limit,
                                         struct ovnha_cli_cluster *cluster,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* The same of texts. */
enum ovnha_result ovnha_cli_cluster_parse(const char *mon, const char *cib,
                                          const char *resource,
                                          struct ovnha_cli_cluster *cluster,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

void ovnha_cli_cluster_free(struct ovnha_cli_cluster *cluster);

/* What the controller of the node `dc` is at, "S_IDLE" when nothing is under way; free().
 */
enum ovnha_result ovnha_cli_cluster_state(const char *dc, struct ovnha_cli_limit limit,
                                          char **state,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* NULL when there is none of that name. */
const struct ovnha_cli_node *
ovnha_cli_cluster_node(const struct ovnha_cli_cluster *cluster, const char *name);
const char *ovnha_cli_pairs_get(const struct ovnha_cli_pairs *pairs, const char *name);

/* A cluster property, or what Pacemaker takes when it is not set. */
const char *ovnha_cli_cluster_property(const struct ovnha_cli_cluster *cluster,
                                       const char *name, const char *otherwise);

/* The one that has the promoted role; NULL when nobody has it, or several have. */
const struct ovnha_cli_node *
ovnha_cli_cluster_promoted(const struct ovnha_cli_cluster *cluster);

/* Whether nodes that are lost get fenced, by what is configured. */
enum ovnha_cli_fencing {
    OVNHA_CLI_FENCED,
    OVNHA_CLI_WITHOUT_DEVICE, /* it is waited for, and nobody does it */
    OVNHA_CLI_FENCING_OFF,
};

enum ovnha_cli_fencing ovnha_cli_cluster_fencing(const struct ovnha_cli_cluster *cluster);

/* The name under which Pacemaker reads a property: the older one is an alias, heard where
 * that of now is not set. */
const char *ovnha_cli_name_in_force(const struct ovnha_cli_cluster *cluster,
                                    const char *name, const char *older);

/* What to do about the unclean node `name`.  To confirm before fencing has failed would
 * promote another while this one may still write. */
void ovnha_cli_advise_on_unclean(enum ovnha_cli_fencing fencing, const char *name,
                                 char *text, size_t size);

/* A lifetime that has ended at `now`, in milliseconds since the epoch; what is written
 * otherwise has not. */
bool ovnha_cli_has_expired(const struct ovnha_cli_location *location, int64_t now);

/* Pacemaker's ways of writing a score; none is 0. */
#define OVNHA_CLI_INFINITE 1000000
long ovnha_cli_score(const char *text);

/* Pacemaker's ways of writing true; and time: "10", "10s", "500ms", "2min", "PT1M30S".
 * -1: none of them, or longer than the result can say. */
bool ovnha_cli_is_true(const char *text);
long long ovnha_cli_msec(const char *text);

#endif
