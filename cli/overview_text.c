/* SPDX-License-Identifier: Apache-2.0 */
/* The overview for people: a screen. */

#include "overview.h"

#include <inttypes.h>
#include <string.h>

#include "stamp.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

struct page {
    FILE *out;
    bool colour;
};

static void put(const struct page *page, const char *colour, const char *text)
{
    if (page->colour) {
        fprintf(page->out, "%s%s" PLAIN, colour, text);
    } else {
        fputs(text, page->out);
    }
}

static void label(const struct page *page, const char *text)
{
    fprintf(page->out, "%-12s ", text);
}

static void put_size(const struct page *page, int64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;

    for (; size >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++) {
        size /= 1000;
    }
    fprintf(page->out, unit && size < 9.95 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

/*
 * The cluster.
 */

static void print_members(const struct page *page, const char *title,
                          const struct ovnha_members *members)
{
    if (members->n > 0) {
        fprintf(page->out, "%-12s", title);
        for (size_t i = 0; i < members->n; i++) {
            fprintf(page->out, " %s", members->member[i].node);
        }
        fprintf(page->out, "\n");
    }
}

static void print_record(const struct page *page, const struct ovnha_record *record)
{
    label(page, "generation");
    if (!record->generation.uuid[0]) {
        fprintf(page->out, "none yet\n");
        return;
    }
    fprintf(page->out, "%.8s, number %" PRIu64 ", opened by %s\n",
            record->generation.uuid, record->generation.counter, record->active);
    print_members(page, "in sync", &record->in_sync);
    print_members(page, "leaving", &record->leaving);
    if (record->attempt_node[0]) {
        label(page, "attempt");
        fprintf(page->out, "%s is being promoted\n", record->attempt_node);
    }
}

static void print_quorum(const struct page *page, const struct ovnha_overview *o)
{
    size_t online = 0, n = 0;

    for (size_t i = 0; i < o->n_nodes; i++) {
        n += o->node[i].in_cluster;
        online += o->node[i].in_cluster && o->node[i].online;
    }
    label(page, "quorum");
    put(page, o->quorate ? GREEN : RED, o->quorate ? "yes" : "no");
    fprintf(page->out, ", %zu of %zu nodes online", online, n);
    fprintf(page->out, o->dc[0] ? ", coordinator %s\n" : "\n", o->dc);
}

static void print_vip(const struct page *page, const struct ovnha_overview *o)
{
    if (o->vip[0]) {
        label(page, "vip");
        fprintf(page->out, "%s ", o->vip_address);
        if (o->vip_node[0]) {
            fprintf(page->out, "on %s (%s)\n", o->vip_node, o->vip);
        } else {
            put(page, RED, "is nowhere");
            fprintf(page->out, " (%s)\n", o->vip);
        }
    }
}

static void print_change(const struct page *page, const struct ovnha_overview *o)
{
    char text[OVNHA_STAMP_SIZE];

    if (o->changed_to[0]) {
        ovnha_stamp_local(o->changed_at * 1000, text);
        label(page, "last change");
        fprintf(page->out, "%s: %s was promoted%s%s\n", text, o->changed_to,
                o->changed_why[0] ? ": " : "", o->changed_why);
    }
}

static void print_this_node(const struct page *page, const struct ovnha_overview *o)
{
    if (o->helper_known) {
        label(page, "this node");
        fprintf(page->out, "%s%s\n", o->serving ? "serves and " : "", o->reason);
    }
}

/*
 * Nodes.
 */

static void print_role(const struct page *page, const struct ovnha_overview_node *node)
{
    const char *role = ovnha_cli_role_to_str(node->role);

    if (node->pending && !node->unclean) {
        put(page, YELLOW, "joining");
    } else if (node->in_cluster && !node->online) {
        put(page, RED, node->unclean ? "offline, and to be fenced" : "offline");
    } else if (node->pending_op[0]) {
        put(page, YELLOW, node->pending_op);
    } else if (node->role == OVNHA_CLI_PROMOTED) {
        put(page, GREEN, role);
    } else if (role[0]) {
        fputs(role, page->out);
    } else {
        fputs(node->serving   ? "serves"
              : node->copy[0] ? node->copy
                              : "not known",
              page->out);
    }
}

static void print_conditions(const struct page *page, const struct ovnha_overview *o,
                             const struct ovnha_overview_node *node)
{
    if (node->standby) {
        put(page, YELLOW, ", standby");
    }
    if (node->maintenance) {
        put(page, YELLOW, ", maintenance");
    }
    if (node->online && !node->managed) {
        put(page, YELLOW, ", unmanaged");
    }
    if (o->record_known && ovnha_record_exists(&o->record) && !node->in_sync) {
        put(page, YELLOW, ", not in sync");
    }
    if (node->restarting) {
        put(page, YELLOW, ", restarts a server in place");
    }
    if (node->failcount > 0) {
        put(page, YELLOW, ", has failed");
    }
    if (node->banned[0]) {
        put(page, YELLOW, ", banned");
    }
}

static void print_node(const struct page *page, const struct ovnha_overview *o,
                       const struct ovnha_overview_node *node)
{
    char name[OVNHA_NODE_SIZE + 8];

    snprintf(name, sizeof name, "%-12s ", node->name);
    put(page, BOLD, name);
    print_role(page, node);
    print_conditions(page, o, node);
    if (node->score[0]) {
        fprintf(page->out, ", score %s", node->score);
    }
    if (node->manages_northd) {
        fprintf(page->out, ", northd %s%s", node->northd,
                node->northd_costly ? " (it costs too much while it waits)" : "");
    }
    if (node->heard == OVNHA_HEARD_SILENT || node->heard == OVNHA_HEARD_OLDER) {
        put(page, YELLOW,
            node->heard == OVNHA_HEARD_OLDER ? ", an older helper" : ", does not answer");
    }
    fputc('\n', page->out);
}

static void print_lag(const struct page *page, const struct ovnha_overview_db *db)
{
    if (db->lag_bytes >= 0) {
        fprintf(page->out, ", ");
        put_size(page, db->lag_bytes);
        fprintf(page->out, " behind");
    }
    if (db->lag_ms >= 1000) {
        fprintf(page->out, " for %" PRId64 " s", db->lag_ms / 1000);
    }
}

static void print_state(const struct page *page, const struct ovnha_overview_db *db)
{
    if (strcmp(db->presence, "running") != 0) {
        put(page, RED, db->presence);
    } else if (!db->answered) {
        put(page, RED, strcmp(db->stalled, "busy") == 0 ? "is busy" : "does not answer");
    } else if (db->source[0] && strcmp(db->state, "backup") == 0) {
        fprintf(page->out, "%s of %s, ", db->state, db->source);
        put(page, strcmp(db->link, "replicating") == 0 ? GREEN : YELLOW, db->link);
        print_lag(page, db);
    } else {
        put(page, GREEN, db->state);
    }
}

static void print_db(const struct page *page, const struct ovnha_overview_db *db)
{
    fprintf(page->out, "  %-10s ", db->name);
    print_state(page, db);
    if (db->bytes >= 0) {
        fprintf(page->out, ", ");
        put_size(page, db->bytes);
    }
    if (db->sessions >= 0) {
        fprintf(page->out, ", %" PRId64 " session%s", db->sessions,
                db->sessions == 1 ? "" : "s");
    }
    if (db->clients[0]) {
        fprintf(page->out, ", clients %s", db->clients);
    }
    if (db->replicas[0]) {
        fprintf(page->out, ", replicas %s", db->replicas);
    }
    fputc('\n', page->out);
}

/*
 * What is wrong.
 */

static void print_finding(const struct page *page,
                          const struct ovnha_overview_finding *finding)
{
    const bool fine = finding->severity == OVNHA_FINE;
    char title[16];

    snprintf(title, sizeof title, "%-12s ",
             fine ? "note" : ovnha_severity_to_str(finding->severity));
    put(page, fine ? PLAIN : finding->severity == OVNHA_CRITICAL ? RED : YELLOW, title);
    fprintf(page->out, "%s\n", finding->text);
    if (finding->next[0]) {
        label(page, "next step");
        fprintf(page->out, "%s\n", finding->next);
    }
}

void ovnha_overview_print(FILE *out, const struct ovnha_overview *o,
                          const struct ovnha_overview_findings *findings, bool colour)
{
    const struct page page = {out, colour};

    label(&page, "resource");
    fprintf(out, "%s\n", o->resource);
    if (o->cluster_known) {
        print_quorum(&page, o);
    }
    if (o->record_known) {
        print_record(&page, &o->record);
    }
    print_vip(&page, o);
    print_change(&page, o);
    print_this_node(&page, o);
    fputc('\n', out);
    for (size_t i = 0; i < o->n_nodes; i++) {
        print_node(&page, o, &o->node[i]);
        for (size_t d = 0; d < o->node[i].n_dbs; d++) {
            print_db(&page, &o->node[i].db[d]);
        }
    }
    fputs(findings->n > 0 ? "\n" : "", out);
    for (size_t i = 0; i < findings->n; i++) {
        print_finding(&page, &findings->finding[i]);
    }
}
