/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha status: who may be promoted, and what is waited for. */

#include "common.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

static void print_members(const char *title, const struct ovnha_members *members)
{
    if (members->n > 0) {
        printf("%-12s", title);
        for (size_t i = 0; i < members->n; i++) {
            printf(" %s", members->member[i].node);
        }
        printf("\n");
    }
}

static void print_record(const struct ovnha_record *record)
{
    if (!record->generation.uuid[0]) {
        printf("generation   none yet\n");
        return;
    }
    printf("generation   %.8s, number %llu, opened by %s\n", record->generation.uuid,
           (unsigned long long)record->generation.counter, record->active);
    print_members("in sync", &record->in_sync);
    print_members("leaving", &record->leaving);
    if (record->attempt_node[0]) {
        printf("attempt      %s is being promoted\n", record->attempt_node);
    }
}

static void print_nodes(json_t *nodes)
{
    const char *node;
    json_t *present;

    printf("%-12s", "heard");
    json_object_foreach(nodes, node, present)
    {
        printf(" %s%s", node, json_is_true(present) ? "" : " (absent)");
    }
    printf("\n");
}

/* Whether nobody may be promoted, though copies are good: constraints bar all of them. */
static bool print_bans(const struct ovnha_members *in_sync, json_t *banned)
{
    const char *node;
    json_t *constraint;
    size_t n = 0;

    json_object_foreach(banned, node, constraint)
    {
        printf("banned       %s, by constraint %s\n", node,
               json_string_value(constraint));
    }
    for (size_t i = 0; i < in_sync->n; i++) {
        n += json_object_get(banned, in_sync->member[i].node) != NULL;
    }
    if (n == 0 || n < in_sync->n) {
        return false;
    }
    printf("             nobody in sync may be promoted: remove a constraint (pcs "
           "constraint delete ID)\n");
    return true;
}

/* What a person does who does not want to wait any longer. */
static void print_next_step(json_t *awaited)
{
    const size_t n = json_array_size(awaited);

    if (n > 0) {
        printf("next step    start");
        for (size_t i = 0; i < n; i++) {
            printf("%s %s", i ? "," : "", json_string_value(json_array_get(awaited, i)));
        }
        printf("; if %s lost for good, see: ovnha accept-loss\n",
               n > 1 ? "they are" : "it is");
    }
}

static int print_status(const char *resource, json_t *status)
{
    const size_t aside = ovnha_cli_set_aside(resource);
    const char *text, *reason;
    json_t *nodes, *banned;
    int serving;
    struct ovnha_record record;
    struct ovnha_err err;

    if (json_unpack(status, "{s:s,s:s,s:b,s:o,s:o}", "record", &text, "reason", &reason,
                    "serving", &serving, "nodes", &nodes, "banned", &banned) != 0 ||
        ovnha_record_parse(text, &record, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: cannot understand what the helper says; is it of this "
                        "version?\n");
        return EXIT_UNKNOWN;
    }
    printf("resource     %s\n", resource);
    print_record(&record);
    print_nodes(nodes);
    printf("this node    %s%s\n", serving ? "serves and " : "", reason);
    print_next_step(json_object_get(status, "awaited"));
    const bool barred = print_bans(&record.in_sync, banned);

    if (aside > 0) {
        printf("set aside    %zu copies with rows that nobody salvaged: ovnha salvage\n",
               aside);
    }
    return record.in_sync.n > 1 && aside == 0 && !barred ? EXIT_OK : EXIT_WARNING;
}

int ovnha_cli_status(const struct ovnha_cli *cli)
{
    char resource[OVNHA_NODE_SIZE];
    struct ovnha_err err;
    char *reply = NULL;
    json_t *json;
    int code;

    if (!ovnha_cli_no_operands(cli, "status") ||
        !ovnha_cli_choose_resource(cli, resource)) {
        return EXIT_UNKNOWN;
    }
    if (ovnha_cli_ask(resource, "ovnha/judge", &reply, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        return EXIT_UNKNOWN;
    }
    if (cli->json) {
        puts(reply);
    }
    json = json_loads(reply, 0, NULL);
    code = cli->json ? EXIT_OK : print_status(resource, json);
    json_decref(json);
    free(reply);
    return code;
}
