/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha doctor: the configuration, looked at for known mistakes. */

#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/deadline.h>

#include "doctor.h"
#include "json_answer.h"

#define CLUSTER_MS 10000

static const char *about_to_str(enum ovnha_check_about about)
{
    switch (about) {
    case OVNHA_ABOUT_CLUSTER:
        return "";
    case OVNHA_ABOUT_NODE:
        return " (of this node)";
    case OVNHA_ABOUT_NODES:
        return " (of all nodes)";
    }
    return "?";
}

static int list_checks(void)
{
    for (size_t i = 0; i < ovnha_n_checks; i++) {
        printf("%-22s %s%s\n", ovnha_checks[i].name, ovnha_checks[i].what,
               about_to_str(ovnha_checks[i].about));
    }
    return EXIT_OK;
}

static int code_of(const struct ovnha_doctor_findings *findings)
{
    int code = EXIT_OK;

    for (size_t i = 0; i < findings->n; i++) {
        const int own = findings->finding[i].severity == OVNHA_DOCTOR_CRITICAL
                            ? EXIT_CRITICAL
                            : EXIT_WARNING;

        code = own > code ? own : code;
    }
    return code;
}

static void print_finding(const struct ovnha_doctor_finding *finding)
{
    printf("%-9s %s: %s\n", ovnha_doctor_severity_to_str(finding->severity),
           finding->check, finding->meaning);
    if (strcmp(finding->pcs, finding->crm) == 0) {
        printf("          do:  %s\n", finding->pcs);
    } else {
        printf("          pcs: %s\n          crm: %s\n", finding->pcs, finding->crm);
    }
}

static void print(const struct ovnha_doctor_facts *facts,
                  const struct ovnha_doctor_findings *findings)
{
    size_t of_node = 0, of_nodes = 0;

    for (size_t i = 0; i < findings->n; i++) {
        print_finding(&findings->finding[i]);
    }
    if (findings->n == 0) {
        printf("no known mistake is found\n");
    }
    for (size_t i = 0; i < ovnha_n_checks; i++) {
        of_node += ovnha_checks[i].about == OVNHA_ABOUT_NODE;
        of_nodes += ovnha_checks[i].about == OVNHA_ABOUT_NODES;
    }
    if (facts->host.looked) {
        const char *node = facts->host.node[0] ? facts->host.node : "this node";

        printf("%zu checks were about %s only: run it on the other nodes, too (ovnha "
               "doctor --list)\n%s",
               of_node, node,
               facts->host.as_root
                   ? ""
                   : "what only root sees there (keys, versions that run, corosync's "
                     "settings, copies set aside) was left out\n");
    } else {
        printf("%zu checks that are about nodes were left out\n", of_node + of_nodes);
    }
}

static void print_json(const struct ovnha_doctor_facts *facts,
                       const struct ovnha_doctor_findings *findings)
{
    json_t *all = ovnha_cli_json_begin(OVNHA_SCHEMA_DOCTOR), *list = json_array();

    for (size_t i = 0; i < findings->n; i++) {
        const struct ovnha_doctor_finding *one = &findings->finding[i];

        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "check", one->check, "severity",
                            ovnha_doctor_severity_to_str(one->severity), "meaning",
                            one->meaning, "pcs", one->pcs, "crm", one->crm));
    }
    json_object_set_new(all, "resource", json_string(facts->cluster->db->id));
    json_object_set_new(all, "node", json_string(facts->host.node));
    json_object_set_new(all, "findings", list);
    ovnha_cli_json_print(stdout, all);
}

static bool read_cluster(const struct ovnha_cli *cli, struct ovnha_cli_cluster *cluster)
{
    struct ovnha_err err = {""};
    enum ovnha_result result;

    if (cli->cib) {
        char *text = ovnha_cli_read_text(cli->cib);

        if (!text) {
            fprintf(stderr, "ovnha: cannot read %s: %s\n", cli->cib, strerror(errno));
            return false;
        }
        result = ovnha_cli_cluster_parse("<pacemaker-result/>", text, cli->resource,
                                         cluster, &err);
        free(text);
    } else {
        result = ovnha_cli_cluster_read(
            cli->resource,
            (struct ovnha_cli_limit){ovnha_deadline_after(ovnha_now(), CLUSTER_MS), 0},
            cluster, &err);
    }
    if (result != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
    }
    return result == OVNHA_OK;
}

static int examine(const struct ovnha_cli *cli, const struct ovnha_cli_cluster *cluster)
{
    struct ovnha_doctor_facts facts = {.cluster = cluster};
    struct ovnha_doctor_findings *findings = calloc(1, sizeof *findings);

    if (!findings) {
        abort();
    }
    if (!cli->cib) {
        ovnha_doctor_look(cluster, &facts.host);
    }
    ovnha_doctor_examine(&facts, findings);
    if (cli->json) {
        print_json(&facts, findings);
    } else {
        print(&facts, findings);
    }
    const int code = code_of(findings);

    free(findings);
    return code;
}

int ovnha_cli_doctor(const struct ovnha_cli *cli)
{
    struct ovnha_cli_cluster cluster = {0};
    int code = EXIT_UNKNOWN;

    if (cli->list) {
        return list_checks();
    }
    if (!ovnha_cli_no_operands(cli, "doctor")) {
        return EXIT_UNKNOWN;
    }
    if (read_cluster(cli, &cluster)) {
        code = examine(cli, &cluster);
    }
    ovnha_cli_cluster_free(&cluster);
    return code;
}
