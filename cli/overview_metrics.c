/* SPDX-License-Identifier: Apache-2.0 */
/* The overview for Prometheus: OpenMetrics text.  What is not known has no sample, so
 * that an alert can ask for its absence; nothing is made up. */

#include "overview.h"

#include <math.h>
#include <string.h>

#include <ovnha/text.h>

/* Every sample has resource; those of nodes have node; those of databases have database,
 * too. */
struct cluster_metric {
    const char *name, *type, *help;
    double (*value)(const struct ovnha_overview *o,
                    const struct ovnha_overview_findings *findings);
};

struct node_metric {
    const char *name, *type, *help;
    double (*value)(const struct ovnha_overview *o, const struct ovnha_overview_node *n);
};

struct db_metric {
    const char *name, *type, *help;
    double (*value)(const struct ovnha_overview_db *db);
};

static double known(int64_t value)
{
    return value >= 0 ? (double)value : NAN;
}

static double truth(bool is_known, bool value)
{
    return is_known ? value : NAN;
}

/*
 * The cluster.
 */

static double status(const struct ovnha_overview *o,
                     const struct ovnha_overview_findings *f)
{
    (void)o;
    return ovnha_severity_code(f->worst);
}

static double pacemaker_up(const struct ovnha_overview *o,
                           const struct ovnha_overview_findings *f)
{
    (void)f;
    return o->cluster_known;
}

static double helper_up(const struct ovnha_overview *o,
                        const struct ovnha_overview_findings *f)
{
    (void)f;
    return o->helper_known;
}

static double quorate(const struct ovnha_overview *o,
                      const struct ovnha_overview_findings *f)
{
    (void)f;
    return truth(o->cluster_known, o->quorate);
}

static double promoted_nodes(const struct ovnha_overview *o,
                             const struct ovnha_overview_findings *f)
{
    double n = 0;

    (void)f;
    for (size_t i = 0; i < o->n_nodes; i++) {
        n += o->node[i].role == OVNHA_CLI_PROMOTED;
    }
    return o->cluster_known ? n : NAN;
}

static double in_sync_nodes(const struct ovnha_overview *o,
                            const struct ovnha_overview_findings *f)
{
    (void)f;
    return o->record_known ? (double)o->record.in_sync.n : NAN;
}

static double generation(const struct ovnha_overview *o,
                         const struct ovnha_overview_findings *f)
{
    (void)f;
    return o->record_known && ovnha_record_exists(&o->record)
               ? (double)o->record.generation.counter
               : NAN;
}

static double promoted_at(const struct ovnha_overview *o,
                          const struct ovnha_overview_findings *f)
{
    (void)f;
    return o->changed_to[0] ? known(o->changed_at) : NAN;
}

static double vip_up(const struct ovnha_overview *o,
                     const struct ovnha_overview_findings *f)
{
    (void)f;
    return truth(o->cluster_known && o->vip[0], o->vip_node[0] != '\0');
}

static double failures(const struct ovnha_overview *o,
                       const struct ovnha_overview_findings *f)
{
    (void)f;
    return o->cluster_known ? (double)o->n_failures : NAN;
}

static const struct cluster_metric of_cluster[] = {
    {"ovnha_status", "gauge",
     "What ovnha status exits with: 0 OK, 1 warning, 2 critical, 3 not known.", status},
    {"ovnha_pacemaker_up", "gauge", "Whether Pacemaker has answered.", pacemaker_up},
    {"ovnha_helper_up", "gauge", "Whether the resident helper of this node has answered.",
     helper_up},
    {"ovnha_quorate", "gauge", "Whether this partition has quorum.", quorate},
    {"ovnha_promoted_nodes", "gauge", "Nodes that are promoted; one is right.",
     promoted_nodes},
    {"ovnha_in_sync_nodes", "gauge", "Nodes that have all of the data, by the record.",
     in_sync_nodes},
    {"ovnha_generation", "gauge", "The number of the data's generation.", generation},
    {"ovnha_last_promotion_timestamp_seconds", "gauge", "When the active was promoted.",
     promoted_at},
    {"ovnha_vip_up", "gauge", "Whether the virtual address is on some node.", vip_up},
    {"ovnha_failed_actions", "gauge", "Failed actions that nobody has cleaned up.",
     failures},
};

/*
 * Nodes.
 */

static double online(const struct ovnha_overview *o, const struct ovnha_overview_node *n)
{
    (void)o;
    return truth(n->in_cluster, n->online);
}

static double promoted(const struct ovnha_overview *o,
                       const struct ovnha_overview_node *n)
{
    (void)o;
    return truth(n->in_cluster, n->role == OVNHA_CLI_PROMOTED);
}

static double in_sync(const struct ovnha_overview *o, const struct ovnha_overview_node *n)
{
    return truth(o->record_known, n->in_sync);
}

static double node_helper_up(const struct ovnha_overview *o,
                             const struct ovnha_overview_node *n)
{
    return truth(o->helper_known, n->heard == OVNHA_HEARD_ALL);
}

static double has_vip(const struct ovnha_overview *o, const struct ovnha_overview_node *n)
{
    return truth(o->cluster_known && o->vip[0], strcmp(o->vip_node, n->name) == 0);
}

static double failcount(const struct ovnha_overview *o,
                        const struct ovnha_overview_node *n)
{
    (void)o;
    return n->in_cluster ? known(n->failcount) : NAN;
}

static double set_aside(const struct ovnha_overview *o,
                        const struct ovnha_overview_node *n)
{
    (void)o;
    return known(n->set_aside);
}

static double northd_active(const struct ovnha_overview *o,
                            const struct ovnha_overview_node *n)
{
    (void)o;
    return truth(n->manages_northd, strcmp(n->northd, "active") == 0);
}

static const struct node_metric of_node[] = {
    {"ovnha_node_online", "gauge", "Whether Pacemaker has the node online.", online},
    {"ovnha_node_promoted", "gauge", "Whether the node is promoted.", promoted},
    {"ovnha_node_in_sync", "gauge", "Whether the node has all of the data.", in_sync},
    {"ovnha_node_helper_up", "gauge", "Whether the node's resident helper has answered.",
     node_helper_up},
    {"ovnha_node_vip", "gauge", "Whether the virtual address is on the node.", has_vip},
    {"ovnha_node_failcount", "gauge", "Failures that Pacemaker counts on the node.",
     failcount},
    {"ovnha_node_set_aside_copies", "gauge",
     "Copies with rows that nobody has salvaged on the node.", set_aside},
    {"ovnha_northd_active", "gauge", "Whether ovn-northd is active on the node.",
     northd_active},
};

/*
 * Databases.
 */

static double db_up(const struct ovnha_overview_db *db)
{
    return db->answered;
}

static double db_active(const struct ovnha_overview_db *db)
{
    return truth(db->answered, strcmp(db->state, "active") == 0);
}

static double db_replicating(const struct ovnha_overview_db *db)
{
    return truth(db->answered && strcmp(db->state, "backup") == 0,
                 strcmp(db->link, "replicating") == 0);
}

static double db_sessions(const struct ovnha_overview_db *db)
{
    return known(db->sessions);
}

static double db_file(const struct ovnha_overview_db *db)
{
    return known(db->bytes);
}

static double db_synced(const struct ovnha_overview_db *db)
{
    return known(db->synced_bytes);
}

static double db_lag_bytes(const struct ovnha_overview_db *db)
{
    return known(db->lag_bytes);
}

static double db_lag_seconds(const struct ovnha_overview_db *db)
{
    return known(db->lag_ms) / 1000;
}

static double db_compactions(const struct ovnha_overview_db *db)
{
    return known(db->compactions);
}

static const struct db_metric of_db[] = {
    {"ovnha_database_up", "gauge", "Whether the database's server has answered.", db_up},
    {"ovnha_database_active", "gauge", "Whether the server takes writes.", db_active},
    {"ovnha_database_replicating", "gauge",
     "Whether a backup has a session with its source.", db_replicating},
    {"ovnha_database_sessions", "gauge", "Sessions that the server has.", db_sessions},
    {"ovnha_database_file_bytes", "gauge", "Size of the database file.", db_file},
    {"ovnha_database_synced_bytes", "gauge", "How much of the file is surely on disk.",
     db_synced},
    {"ovnha_database_lag_bytes", "gauge",
     "What the active has sent to the replica and that it has not read.", db_lag_bytes},
    {"ovnha_database_lag_seconds", "gauge",
     "For how long the replica has not read what it was sent.", db_lag_seconds},
    {"ovnha_database_compactions", "counter",
     "Compactions that the resident helper has asked for.", db_compactions},
};

/*
 * Text.
 */

static void put_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=\"", name);
    for (const char *c = value; *c; c++) {
        if (*c == '\\' || *c == '"') {
            fputc('\\', out);
        }
        fputs(*c == '\n' ? "\\n" : (char[]){*c, '\0'}, out);
    }
    fputc('"', out);
}

static void put_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

/* A counter's sample has a name of its own. */
static void begin_sample(FILE *out, const char *name, const char *type,
                         const struct ovnha_overview *o)
{
    fprintf(out, "%s%s{", name, strcmp(type, "counter") == 0 ? "_total" : "");
    put_label(out, "resource", o->resource);
}

static void end_sample(FILE *out, double value)
{
    fprintf(out, "} %.17g\n", value);
}

static void put_cluster(FILE *out, const struct ovnha_overview *o,
                        const struct ovnha_overview_findings *findings)
{
    for (size_t i = 0; i < sizeof of_cluster / sizeof of_cluster[0]; i++) {
        const struct cluster_metric *metric = &of_cluster[i];
        const double value = metric->value(o, findings);

        put_head(out, metric->name, metric->type, metric->help);
        if (!isnan(value)) {
            begin_sample(out, metric->name, metric->type, o);
            end_sample(out, value);
        }
    }
}

static void put_findings(FILE *out, const struct ovnha_overview *o,
                         const struct ovnha_overview_findings *findings)
{
    static const enum ovnha_severity severities[] = {OVNHA_CRITICAL, OVNHA_WARNING,
                                                     OVNHA_NOT_KNOWN};

    put_head(out, "ovnha_findings", "gauge", "What is wrong, by its severity.");
    for (size_t s = 0; s < sizeof severities / sizeof severities[0]; s++) {
        size_t n = 0;

        for (size_t i = 0; i < findings->n; i++) {
            n += findings->finding[i].severity == severities[s];
        }
        begin_sample(out, "ovnha_findings", "gauge", o);
        fputc(',', out);
        put_label(out, "severity", ovnha_severity_to_str(severities[s]));
        end_sample(out, (double)n);
    }
}

static void put_nodes(FILE *out, const struct ovnha_overview *o)
{
    for (size_t i = 0; i < sizeof of_node / sizeof of_node[0]; i++) {
        const struct node_metric *metric = &of_node[i];

        put_head(out, metric->name, metric->type, metric->help);
        for (size_t n = 0; n < o->n_nodes; n++) {
            const double value = metric->value(o, &o->node[n]);

            if (!isnan(value)) {
                begin_sample(out, metric->name, metric->type, o);
                fputc(',', out);
                put_label(out, "node", o->node[n].name);
                end_sample(out, value);
            }
        }
    }
}

static void put_versions(FILE *out, const struct ovnha_overview *o)
{
    /* Of type info, it would be no Prometheus text any more, which textfiles are. */
    put_head(out, "ovnha_node_info", "gauge",
             "The version of the node's resident helper.");
    for (size_t n = 0; n < o->n_nodes; n++) {
        if (o->node[n].version[0]) {
            begin_sample(out, "ovnha_node_info", "gauge", o);
            fputc(',', out);
            put_label(out, "node", o->node[n].name);
            fputc(',', out);
            put_label(out, "version", o->node[n].version);
            end_sample(out, 1);
        }
    }
}

static void put_dbs_of(FILE *out, const struct ovnha_overview *o,
                       const struct ovnha_overview_node *node,
                       const struct db_metric *metric)
{
    for (size_t d = 0; d < node->n_dbs; d++) {
        const double value = metric->value(&node->db[d]);

        if (!isnan(value)) {
            begin_sample(out, metric->name, metric->type, o);
            fputc(',', out);
            put_label(out, "node", node->name);
            fputc(',', out);
            put_label(out, "database", node->db[d].name);
            end_sample(out, value);
        }
    }
}

static void put_dbs(FILE *out, const struct ovnha_overview *o)
{
    for (size_t i = 0; i < sizeof of_db / sizeof of_db[0]; i++) {
        put_head(out, of_db[i].name, of_db[i].type, of_db[i].help);
        for (size_t n = 0; n < o->n_nodes; n++) {
            put_dbs_of(out, o, &o->node[n], &of_db[i]);
        }
    }
}

void ovnha_overview_print_metrics(FILE *out, const struct ovnha_overview *o,
                                  const struct ovnha_overview_findings *findings)
{
    put_cluster(out, o, findings);
    put_findings(out, o, findings);
    put_nodes(out, o);
    put_versions(out, o);
    put_dbs(out, o);
    fputs("# EOF\n", out);
}
