/* SPDX-License-Identifier: Apache-2.0 */

/* ovnha-helper: what needs Pacemaker's or libxml2's weight, in a program of its
 * own.  The agent runs it for the few questions that a healthy monitor never asks.
 *
 *   ovnha-helper cluster-facts RESOURCE NODE
 *       prints {"managed": BOOL, "promoted": NODE or ""} */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <ovnha/spawn.h>

#include "crm_mon.h"

/* The caller has a deadline and ends us; this only bounds an orphan. */
#define CRM_MON_TIMEOUT_MS 60000
#define CRM_MON_OUTPUT_MAX (32u * 1024 * 1024)

static enum ovnha_result ask_crm_mon(const char *resource, const char *node,
                                     struct ovnha_cluster_facts *cluster,
                                     struct ovnha_err *err)
{
    static const char *const argv[] = {"crm_mon", "--one-shot", "--inactive",
                                       "--output-as=xml", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), CRM_MON_TIMEOUT_MS);
    char *xml = NULL;
    enum ovnha_result result =
        ovnha_spawn_capture(&spawn, &xml, CRM_MON_OUTPUT_MAX, deadline, err);

    if (result == OVNHA_OK) {
        result = ovnha_crm_mon_parse(xml, resource, node, cluster, err);
    }
    free(xml);
    return result;
}

static int cluster_facts(const char *resource, const char *node)
{
    struct ovnha_cluster_facts cluster;
    struct ovnha_err err;
    json_t *json;

    if (ask_crm_mon(resource, node, &cluster, &err) != OVNHA_OK) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    json = json_pack("{s:b,s:s}", "managed", cluster.managed == OVNHA_YES, "promoted",
                     cluster.promoted);
    json_dumpf(json, stdout, 0);
    putchar('\n');
    json_decref(json);
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    if (argc == 4 && strcmp(argv[1], "cluster-facts") == 0) {
        return cluster_facts(argv[2], argv[3]);
    }
    fprintf(stderr, "usage: %s cluster-facts RESOURCE NODE\n", argv[0]);
    return EXIT_FAILURE;
}
