/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CLUSTER_WORDS_H
#define TESTS_UNIT_CLUSTER_WORDS_H

/* Pacemaker's view and the record in words, for cases that are written as text:
 *
 *   node NAME ROLE [WORD...]       off, stopped, started, backup, active; then in-sync,
 *                                  standby, maintenance, unmanaged, pending, unclean,
 *                                  blocked, mixed, score=S, failures=N, doing=PROMOTING
 *   vip NAME [NODE] [unmanaged]    follows the promoted role
 *   ban ID RESOURCE NODE [rather] [promoted]
 *   location ID NODE SCORE [ROLE] [until=TIME]
 *   failed RESOURCE NODE TASK WHEN [REASON]
 *   state S_IDLE, no-device, no-quorum, maintenance-mode, mixed-versions, no-record,
 *   threshold N, schema pacemaker-3.2
 *
 * A node has a score of its role's unless it says otherwise; the resource is ovndb of
 * ovndb-clone. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/record.h>
#include <ovnha/text.h>

#include "cli/cluster.h"

#define WORDS_MAX 16

struct world {
    struct ovnha_cli_cluster cluster;
    struct ovnha_record record;
    const char *state;
    struct ovnha_cli_node node[WORDS_MAX];
    struct ovnha_cli_resource resource[WORDS_MAX];
    const char *on[WORDS_MAX];
    struct ovnha_cli_ban ban[WORDS_MAX];
    struct ovnha_cli_location location[WORDS_MAX];
    struct ovnha_cli_failure failure[WORDS_MAX];
    struct ovnha_cli_pair meta, watchdog;
};

static void world_begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->state = "S_IDLE";
    w->cluster = (struct ovnha_cli_cluster){.dc = "a",
                                            .version = "",
                                            .feature_set = "",
                                            .schema = "pacemaker-3.8",
                                            .quorate = true,
                                            .n_resources = 1,
                                            .node = w->node,
                                            .resource = w->resource,
                                            .failure = w->failure,
                                            .location = w->location,
                                            .ban = w->ban,
                                            .db = w->resource};
    w->watchdog = (struct ovnha_cli_pair){"stonith-watchdog-timeout", "10"};
    w->cluster.properties = (struct ovnha_cli_pairs){1, &w->watchdog};
    w->resource[0] = (struct ovnha_cli_resource){
        .id = "ovndb", .top = "ovndb-clone", .group = "", .managed = true};
    w->record.generation.counter = 7;
    ovnha_text_copy(w->record.generation.uuid, sizeof w->record.generation.uuid,
                    "0123456789");
}

static void world_role(struct ovnha_cli_node *node, const char *role)
{
    static const struct {
        const char *word, *score;
        enum ovnha_cli_role role;
    } roles[] = {{"off", "", OVNHA_CLI_NOTHING},
                 {"stopped", "", OVNHA_CLI_STOPPED},
                 {"started", "", OVNHA_CLI_STARTED},
                 {"backup", "50", OVNHA_CLI_UNPROMOTED},
                 {"active", "100", OVNHA_CLI_PROMOTED}};

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(role, roles[i].word) == 0) {
            node->role = roles[i].role;
            node->score = roles[i].score;
            node->online = node->role != OVNHA_CLI_NOTHING;
            return;
        }
    }
    fprintf(stderr, "no role '%s'\n", role);
    abort();
}

static void world_node_word(struct world *w, struct ovnha_cli_node *node, char *word)
{
    const struct {
        const char *name;
        bool *flag, value;
    } flags[] = {
        {"standby", &node->standby, true},    {"maintenance", &node->maintenance, true},
        {"unmanaged", &node->managed, false}, {"pending", &node->pending, true},
        {"unclean", &node->unclean, true},    {"blocked", &node->blocked, true},
        {"failed", &node->failed, true},      {"leaving", &node->shutdown, true},
        {"sick", &node->standby_onfail, true}};
    struct ovnha_members *in_sync = &w->record.in_sync;

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(word, flags[i].name) == 0) {
            *flags[i].flag = flags[i].value;
            return;
        }
    }
    if (strcmp(word, "in-sync") == 0) {
        ovnha_text_copy(in_sync->member[in_sync->n++].node, OVNHA_NODE_SIZE, node->name);
    } else if (strncmp(word, "score=", 6) == 0) {
        node->score = word + 6;
    } else if (strncmp(word, "failures=", 9) == 0) {
        node->failcount = atoll(word + 9);
    } else if (strncmp(word, "doing=", 6) == 0) {
        node->pending_op = word + 6;
    } else {
        fprintf(stderr, "a node cannot be '%s'\n", word);
        abort();
    }
}

static void world_node(struct world *w, char *const word[], size_t n)
{
    struct ovnha_cli_node *node = &w->node[w->cluster.n_nodes++];

    *node = (struct ovnha_cli_node){.name = word[1],
                                    .managed = true,
                                    .pending_op = "",
                                    .score = "",
                                    .last_failure = "yesterday"};
    world_role(node, word[2]);
    for (size_t i = 3; i < n; i++) {
        world_node_word(w, node, word[i]);
        if (strcmp(word[i], "maintenance") == 0 || strcmp(word[i], "unmanaged") == 0) {
            w->resource[0].managed = false;
        }
    }
}

static void world_vip(struct world *w, char *const word[], size_t n)
{
    const size_t i = w->cluster.n_resources++;

    w->resource[i] = (struct ovnha_cli_resource){
        .id = word[1], .top = "", .group = "", .managed = true, .with_promoted = true};
    if (n > 2) {
        w->on[i] = word[2];
        w->resource[i].on = &w->on[i];
        w->resource[i].n_on = 1;
        w->resource[i].managed = n < 4;
    }
}

/* A blank is '_', since words have none. */
static const char *world_time(char *text)
{
    for (char *c = strchr(text, '_'); c; c = strchr(c, '_')) {
        *c = ' ';
    }
    return text;
}

static void world_location(struct world *w, char *const word[], size_t n)
{
    struct ovnha_cli_location *location = &w->location[w->cluster.n_locations++];

    *location = (struct ovnha_cli_location){.id = word[1],
                                            .rule = "",
                                            .resource = "ovndb-clone",
                                            .node = word[2],
                                            .score = word[3],
                                            .role = "",
                                            .expires = ""};
    for (size_t i = 4; i < n; i++) {
        if (strncmp(word[i], "until=", 6) == 0) {
            location->expires = world_time(word[i] + 6);
        } else {
            location->role = word[i];
        }
    }
}

static void world_ban(struct world *w, char *const word[], size_t n)
{
    struct ovnha_cli_ban *ban = &w->ban[w->cluster.n_bans++];

    *ban = (struct ovnha_cli_ban){
        .constraint = word[1], .resource = word[2], .node = word[3], .never = true};
    for (size_t i = 4; i < n; i++) {
        ban->never = ban->never && strcmp(word[i], "rather") != 0;
        ban->promoted_only = ban->promoted_only || strcmp(word[i], "promoted") == 0;
    }
}

static void world_failure(struct world *w, char *const word[], size_t n)
{
    w->failure[w->cluster.n_failures++] =
        (struct ovnha_cli_failure){.resource = word[1],
                                   .node = word[2],
                                   .task = word[3],
                                   .when = word[4],
                                   .status = "",
                                   .exit = "error",
                                   .reason = n > 5 ? word[5] : ""};
}

/* One line, which is cut into words and has to stay; false when it is none of these. */
static bool world_line(struct world *w, char *line)
{
    char *word[WORDS_MAX];
    size_t n = 0;

    for (char *rest = line, *one = strtok_r(rest, " \n", &rest); one && n < WORDS_MAX;
         one = strtok_r(rest, " \n", &rest)) {
        word[n++] = one;
    }
    if (strcmp(word[0], "node") == 0) {
        world_node(w, word, n);
    } else if (strcmp(word[0], "vip") == 0) {
        world_vip(w, word, n);
    } else if (strcmp(word[0], "ban") == 0) {
        world_ban(w, word, n);
    } else if (strcmp(word[0], "location") == 0) {
        world_location(w, word, n);
    } else if (strcmp(word[0], "failed") == 0) {
        world_failure(w, word, n);
    } else if (strcmp(word[0], "state") == 0) {
        w->state = n > 1 ? word[1] : "";
    } else if (strcmp(word[0], "schema") == 0) {
        w->cluster.schema = word[1];
    } else if (strcmp(word[0], "threshold") == 0) {
        w->meta = (struct ovnha_cli_pair){"migration-threshold", word[1]};
        w->resource[0].meta = (struct ovnha_cli_pairs){1, &w->meta};
    } else if (strcmp(word[0], "no-device") == 0) {
        w->cluster.properties.n = 0;
    } else if (strcmp(word[0], "no-quorum") == 0) {
        w->cluster.quorate = false;
    } else if (strcmp(word[0], "maintenance-mode") == 0) {
        w->cluster.maintenance_mode = true;
    } else if (strcmp(word[0], "mixed-versions") == 0) {
        w->cluster.mixed_version = true;
    } else if (strcmp(word[0], "no-record") == 0) {
        memset(&w->record, 0, sizeof w->record);
    } else {
        return false;
    }
    return true;
}

#endif
