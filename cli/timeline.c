/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha timeline: the last failover, rebuilt from logs and from Pacemaker's history. */

#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ovnha/deadline.h>
#include <ovnha/spawn.h>

#include "agent/xml.h"
#include "json_answer.h"
#include "stamp.h"
#include "timeline_print.h"
#include "vip.h"

/* Of a log only the end is read. */
#define LOG_LIMIT (256L * 1024 * 1024)

/* A line of it is 200 bytes as a rule: far below LOG_LIMIT. */
#define JOURNAL_SINCE "-7d"
#define JOURNAL_LINES "500000"

/* A Pacemaker or a journal that hangs is often why somebody asks. */
#define JOURNAL_MS 30000
#define CIB_MS     10000

static enum ovnha_result capture(const char *const *argv, int ms, char **text,
                                 struct ovnha_err *err)
{
    const struct ovnha_spawn spawn = {.argv = argv};

    return ovnha_spawn_capture(&spawn, text, LOG_LIMIT,
                               ovnha_deadline_after(ovnha_now(), ms), err);
}

/*
 * Logs.
 */

static bool read_stream(FILE *log, struct ovnha_events *events)
{
    char *line = NULL;
    size_t size = 0;
    const time_t now = time(NULL);

    while (getline(&line, &size, log) > 0) {
        line[strcspn(line, "\n")] = '\0';
        ovnha_events_add_line(events, line, now);
    }
    free(line);
    return !ferror(log);
}

static bool read_log(const char *path, struct ovnha_events *events)
{
    FILE *log = fopen(path, "re");

    if (!log) {
        return false;
    }
    if (fseek(log, 0, SEEK_END) == 0 && ftell(log) > LOG_LIMIT) {
        fseek(log, -LOG_LIMIT, SEEK_END);
    } else {
        rewind(log);
    }
    const bool ok = read_stream(log, events);

    fclose(log);
    return ok;
}

/* "KEY value" or "KEY=value" in a file of settings. */
static bool read_setting(const char *path, const char *key, char value[512])
{
    char line[1024];
    FILE *file = fopen(path, "re");
    bool found = false;

    while (file && fgets(line, sizeof line, file)) {
        const char *text = line + strspn(line, " \t");
        const size_t length = strlen(key);

        if (strncmp(text, key, length) == 0 && strchr("=: \t", text[length])) {
            text += length + strspn(text + length, "=: \t\"");
            snprintf(value, 512, "%.*s", (int)strcspn(text, "\" \t\n"), text);
            found = value[0] != '\0';
        }
    }
    if (file) {
        fclose(file);
    }
    return found;
}

/* As Pacemaker's daemons find it, which have these files as their environment; "none": it
 * writes none. */
static bool read_pacemakers_log(struct ovnha_events *events)
{
    const char *set = getenv("PCMK_logfile");
    char path[512];

    if (set && set[0]) {
        snprintf(path, sizeof path, "%s", set);
    } else if (!read_setting("/etc/default/pacemaker", "PCMK_logfile", path) &&
               !read_setting("/etc/sysconfig/pacemaker", "PCMK_logfile", path)) {
        snprintf(path, sizeof path, "/var/log/pacemaker/pacemaker.log");
    }
    return path[0] == '/' && read_log(path, events);
}

static void read_corosyncs_log(struct ovnha_events *events)
{
    char path[512];

    if (read_setting("/etc/corosync/corosync.conf", "logfile", path) && path[0] == '/') {
        (void)read_log(path, events);
    }
}

/* It has less than the detail log: nothing below "notice". */
static bool read_journal(struct ovnha_events *events)
{
    static const char *const argv[] = {
        "journalctl", "-q",          "-o", "short-iso-precise", "-S", JOURNAL_SINCE,
        "-n",         JOURNAL_LINES, "-u", "pacemaker",         "-u", "corosync",
        NULL};
    const size_t before = events->n;
    struct ovnha_err err;
    char *text;

    if (capture(argv, JOURNAL_MS, &text, &err) != OVNHA_OK) {
        return false;
    }
    FILE *journal = *text ? fmemopen(text, strlen(text), "r") : NULL;

    if (journal) {
        (void)read_stream(journal, events);
        fclose(journal);
    }
    free(text);
    return events->n > before;
}

static bool read_given(const struct ovnha_cli *cli, struct ovnha_events *events)
{
    bool ok = true;

    for (size_t i = 0; i < cli->n_logs + cli->n_operands; i++) {
        const char *path = i < cli->n_logs ? cli->log[i] : cli->operand[i - cli->n_logs];

        if (!read_log(path, events)) {
            fprintf(stderr, "ovnha: cannot read the log %s: %s\n", path, strerror(errno));
            ok = false;
        }
    }
    return ok;
}

static void read_own_logs(struct ovnha_events *events)
{
    if (!read_pacemakers_log(events) && !read_journal(events)) {
        fprintf(stderr,
                "ovnha: neither Pacemaker's detail log nor the journal can be read "
                "here (as root, or a member of haclient?): what follows is by the "
                "CIB alone\n");
    }
    read_corosyncs_log(events);
}

/*
 * Pacemaker's history.
 */

/* NULL, and said why; free(). */
static char *read_cib(const struct ovnha_cli *cli)
{
    static const char *const argv[] = {"cibadmin", "-Q", NULL};
    struct ovnha_err err;
    char *text = NULL;

    if (cli->cib) {
        text = ovnha_cli_read_text(cli->cib);
        if (!text) {
            fprintf(stderr, "ovnha: cannot read %s: %s\n", cli->cib, strerror(errno));
        }
    } else if (capture(argv, CIB_MS, &text, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: the history in the CIB is missing: %s\n", err.text);
        text = NULL;
    }
    return text;
}

static void add_addresses(const struct ovnha_cli_cluster *cluster,
                          struct ovnha_events *events)
{
    for (size_t i = 0; i < cluster->n_resources; i++) {
        if (ovnha_cli_is_vip(cluster, &cluster->resource[i])) {
            ovnha_events_add_address(events, cluster->resource[i].id);
        }
    }
}

static void add_history(const char *text, struct ovnha_events *events)
{
    xmlDoc *cib = ovnha_xml_parse(text);

    if (cib) {
        ovnha_events_add_cib(events, xmlDocGetRootElement(cib));
    }
    xmlFreeDoc(cib);
}

/* The resource that was named, though the CIB may not have it any more, or the only one
 * that it has. */
static bool begin(const struct ovnha_cli *cli, const char *cib,
                  struct ovnha_events *events)
{
    struct ovnha_cli_cluster cluster = {0};
    struct ovnha_err err = {"without a CIB, name the resource with --resource"};
    const bool known =
        cib && ovnha_cli_cluster_parse("<pacemaker-result/>", cib, cli->resource,
                                       &cluster, &err) == OVNHA_OK;

    if (!known && !cli->resource) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        ovnha_cli_cluster_free(&cluster);
        return false;
    }
    ovnha_events_init(events, known ? cluster.db->id : cli->resource);
    if (known) {
        add_addresses(&cluster, events);
    }
    if (cib) {
        add_history(cib, events);
    }
    ovnha_cli_cluster_free(&cluster);
    return true;
}

/*
 * Output.
 */

static bool write_svg(const char *path, const struct ovnha_events *events,
                      const struct ovnha_failover *failover)
{
    FILE *file = fopen(path, "we");

    if (file) {
        ovnha_timeline_svg(file, events, failover);
    }
    if (!file || fclose(file) != 0) {
        fprintf(stderr, "ovnha: cannot write %s: %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

static void print_json(const struct ovnha_events *events,
                       const struct ovnha_failover *failover, size_t n)
{
    json_t *all = ovnha_cli_json_begin(OVNHA_SCHEMA_TIMELINE), *list = json_array();

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, ovnha_timeline_json(events, &failover[i]));
    }
    json_object_set_new(all, "resource", json_string(events->resource));
    json_object_set_new(all, "failovers", list);
    ovnha_cli_json_print(stdout, all);
}

static int print(const struct ovnha_cli *cli, const struct ovnha_events *events,
                 const struct ovnha_failover *failover, size_t n)
{
    if (cli->json) {
        print_json(events, failover, n);
    }
    for (size_t i = 0; i < n && !cli->json; i++) {
        fputs(i ? "\n" : "", stdout);
        ovnha_timeline_text(stdout, events, &failover[i], cli->all);
    }
    if (cli->svg && !write_svg(cli->svg, events, &failover[n - 1])) {
        return EXIT_UNKNOWN;
    }
    return EXIT_OK;
}

/* All since then; without `since`, the last one. */
static int find_and_print(const struct ovnha_cli *cli, const struct ovnha_events *events,
                          int64_t since)
{
    struct ovnha_failover *list = calloc(events->n + 1, sizeof *list);
    struct ovnha_failover next;
    size_t n = 0;
    int code = EXIT_UNKNOWN;

    for (size_t from = 0; list && ovnha_failover_next(events, from, &next);
         from = next.last) {
        if (!cli->since) {
            n = 0;
        }
        if (next.to >= since) {
            list[n++] = next;
        }
    }
    if (list && n > 0) {
        code = print(cli, events, list, n);
    } else {
        fprintf(stderr, "ovnha: no promotion of %s is found%s\n", events->resource,
                cli->since ? " since then" : " in the logs or in the CIB");
    }
    free(list);
    return code;
}

int ovnha_cli_timeline(const struct ovnha_cli *cli)
{
    struct ovnha_events events;
    int64_t since = 0;
    int code = EXIT_UNKNOWN;

    if (cli->since && !ovnha_stamp_read_since(cli->since, time(NULL), &since)) {
        fprintf(stderr,
                "ovnha: --since %s is no time: give 2h, 09:30 or '2026-01-31 09:30'\n",
                cli->since);
        return EXIT_UNKNOWN;
    }
    char *cib = read_cib(cli);
    if (begin(cli, cib, &events)) {
        if (read_given(cli, &events)) {
            if (!cli->cib) {
                read_own_logs(&events);
            }
            ovnha_events_settle(&events);
            code = find_and_print(cli, &events, since);
        }
        ovnha_events_clear(&events);
    }
    free(cib);
    return code;
}
