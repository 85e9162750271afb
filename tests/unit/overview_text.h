/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_OVERVIEW_TEXT_H
#define TESTS_UNIT_OVERVIEW_TEXT_H

/* An overview of three nodes on which all is well, and changes to it in words:
 * "node2 offline; node1/nb hung; in-sync node1".  After cmocka.h. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/text.h>

#include "cli/overview.h"

#define COPY(field, value) ovnha_text_copy(field, sizeof(field), value)

static void say_db(struct ovnha_overview_db *db, const char *name, bool active)
{
    const char *port = strcmp(name, "nb") == 0 ? "1" : "2";
    char replicas[64], clients[64];

    snprintf(replicas, sizeof replicas, "10.77.0.1:664%d", port[0] - '0' + 2);
    snprintf(clients, sizeof clients, "ptcp:664%s:10.77.0.100", port);
    *db = (struct ovnha_overview_db){.answered = true,
                                     .pid = 100,
                                     .sessions = 3,
                                     .bytes = 1234567,
                                     .synced_bytes = 1234567,
                                     .compactions = 1,
                                     .lag_bytes = active ? -1 : 2048,
                                     .lag_ms = active ? -1 : 0};
    COPY(db->name, name);
    COPY(db->presence, "running");
    COPY(db->stalled, "not stalled");
    COPY(db->state, active ? "active" : "backup");
    COPY(db->link, active ? "none" : "replicating");
    if (active) {
        COPY(db->clients, clients);
        snprintf(db->replicas, sizeof db->replicas, "ptcp:664%d:10.77.0.1",
                 port[0] - '0' + 2);
    } else {
        snprintf(db->source, sizeof db->source, "tcp:%s", replicas);
    }
}

static void say_node(struct ovnha_overview_node *node, const char *name, bool active)
{
    *node = (struct ovnha_overview_node){.in_cluster = true,
                                         .online = true,
                                         .managed = true,
                                         .is_dc = active,
                                         .heard = OVNHA_HEARD_ALL,
                                         .serving = active,
                                         .manages_northd = true,
                                         .n_dbs = 2};
    COPY(node->name, name);
    node->role = active ? OVNHA_CLI_PROMOTED : OVNHA_CLI_UNPROMOTED;
    COPY(node->score, active ? "100" : "50");
    COPY(node->version, "0.1.0");
    COPY(node->copy, active ? "active" : "backup");
    COPY(node->candidacy, "may be promoted");
    COPY(node->reason, "is in sync with generation 6a0d2ab2");
    COPY(node->northd, active ? "active" : "paused");
    say_db(&node->db[0], "nb", active);
    say_db(&node->db[1], "sb", active);
}

static void all_is_well(struct ovnha_overview *o)
{
    memset(o, 0, sizeof *o);
    COPY(o->resource, "ovndb");
    COPY(o->top, "ovndb-clone");
    COPY(o->self, "node1");
    COPY(o->dc, "node1");
    o->cluster_known = o->helper_known = o->record_known = true;
    o->quorate = o->guarded = o->serving = o->may_ask = true;
    o->wanted = -1;
    o->changed_at = 1795279714;
    COPY(o->changed_to, "node1");
    COPY(o->changed_why, "a planned move: node2 handed over");
    COPY(o->vip, "vip");
    COPY(o->vip_address, "10.77.0.100");
    COPY(o->vip_node, "node1");
    COPY(o->candidacy, "may be promoted");
    COPY(o->reason, "is in sync with generation 6a0d2ab2");
    ovnha_record_attempt(&o->record, "node1", "6a0d2ab2-7a3e-4c1f-9a5f-0d4b2d1f7c11");
    ovnha_record_open(&o->record);
    ovnha_record_join(&o->record, "node2", "t2");
    ovnha_record_join(&o->record, "node3", "t3");
    o->n_nodes = 3;
    say_node(&o->node[0], "node1", true);
    say_node(&o->node[1], "node2", false);
    say_node(&o->node[2], "node3", false);
    ovnha_overview_complete(o);
}

static bool change_db(struct ovnha_overview_db *db, const char *word)
{
    if (strcmp(word, "absent") == 0) {
        COPY(db->presence, "absent");
        db->answered = false;
    } else if (strcmp(word, "hung") == 0 || strcmp(word, "busy") == 0) {
        COPY(db->stalled, word);
        db->answered = false;
    } else if (strcmp(word, "closed") == 0) {
        db->clients[0] = '\0';
    } else if (strcmp(word, "late") == 0) {
        db->lag_ms = 7000;
    } else if (strcmp(word, "full") == 0) {
        COPY(db->file_trouble, "No space left on device");
    } else if (strcmp(word, "connecting") == 0) {
        COPY(db->link, word);
    } else if (strcmp(word, "active") == 0 || strcmp(word, "backup") == 0) {
        COPY(db->state, word);
    } else {
        return false;
    }
    return true;
}

static void go(struct ovnha_overview_node *node)
{
    node->online = false;
    node->role = OVNHA_CLI_NOTHING;
    node->heard = OVNHA_HEARD_ABSENT;
    node->n_dbs = 0;
    node->version[0] = node->score[0] = '\0';
    node->manages_northd = false;
}

static bool change_node(struct ovnha_overview_node *node, const char *word)
{
    const char *space = strchr(word, ' ');

    if (strcmp(word, "offline") == 0) {
        go(node);
    } else if (strcmp(word, "unclean") == 0) {
        go(node);
        node->unclean = true;
    } else if (strcmp(word, "lost") == 0) { /* Pacemaker has it in its role, still */
        const enum ovnha_cli_role role = node->role;

        go(node);
        node->role = role;
        node->unclean = true;
    } else if (strcmp(word, "joining") == 0) {
        go(node);
        node->online = node->pending = true;
        node->role = OVNHA_CLI_STOPPED;
    } else if (strcmp(word, "standby") == 0 || strcmp(word, "stopped") == 0 ||
               strcmp(word, "excluded") == 0) {
        node->standby = word[2] == 'a';
        node->excluded = word[0] == 'e';
        node->role = OVNHA_CLI_STOPPED;
        node->heard = OVNHA_HEARD_ABSENT;
        node->n_dbs = 0;
        node->manages_northd = false;
    } else if (strcmp(word, "maintenance") == 0) {
        node->maintenance = true;
        node->managed = false;
    } else if (strcmp(word, "unmanaged") == 0) {
        node->managed = false;
    } else if (strcmp(word, "silent") == 0) {
        node->heard = OVNHA_HEARD_SILENT;
        node->n_dbs = 0;
    } else if (strcmp(word, "older") == 0) {
        node->heard = OVNHA_HEARD_OLDER;
        node->n_dbs = 0;
    } else if (strcmp(word, "without-helper") == 0) {
        node->heard = OVNHA_HEARD_ABSENT;
        node->n_dbs = 0;
    } else if (strcmp(word, "unpromoted") == 0) {
        node->role = OVNHA_CLI_UNPROMOTED;
    } else if (strcmp(word, "promoted") == 0) {
        node->role = OVNHA_CLI_PROMOTED;
    } else if (strcmp(word, "promoting") == 0) {
        node->role = OVNHA_CLI_UNPROMOTED;
        COPY(node->pending_op, "Promoting");
    } else if (strcmp(word, "blocked") == 0) {
        node->blocked = true;
    } else if (strcmp(word, "banned") == 0) {
        COPY(node->banned, "ban-1");
    } else if (strcmp(word, "moved-away") == 0) {
        COPY(node->banned, "cli-ban-ovndb-clone-on-node");
    } else if (strcmp(word, "failed") == 0) {
        node->failcount = 2;
    } else if (strcmp(word, "given-up") == 0) {
        node->failcount = 1000000;
        node->role = OVNHA_CLI_STOPPED;
        node->n_dbs = 0;
        node->heard = OVNHA_HEARD_ABSENT;
    } else if (strcmp(word, "aside") == 0) {
        node->set_aside = 2;
    } else if (space && strncmp(word, "northd", 6) == 0) {
        COPY(node->northd, space + 1);
    } else {
        return false;
    }
    return true;
}

static void keep_in_sync(struct ovnha_overview *o, const char *names)
{
    static const char *const nodes[] = {"node1", "node2", "node3"};

    for (size_t i = 0; i < 3; i++) {
        if (!strstr(names, nodes[i])) {
            ovnha_record_leave(&o->record, nodes[i]);
        }
    }
    ovnha_record_settle(&o->record);
}

static bool change_all(struct ovnha_overview *o, const char *word, const char *rest)
{
    if (strcmp(word, "in-sync") == 0) {
        keep_in_sync(o, rest);
    } else if (strcmp(word, "awaits") == 0) {
        COPY(o->awaited[0], rest);
        o->n_awaited = 1;
        snprintf(o->reason, sizeof o->reason, "waits for %.64s", rest);
        o->serving = false;
    } else if (strcmp(word, "vip") == 0) {
        COPY(o->vip_node, strcmp(rest, "nowhere") == 0 ? "" : rest);
    } else if (strcmp(word, "no-reason") == 0) {
        o->reason[0] = '\0';
    } else if (strcmp(word, "no-vip") == 0) {
        o->vip[0] = '\0';
    } else if (strcmp(word, "no-quorum") == 0) {
        o->quorate = false;
    } else if (strcmp(word, "no-device") == 0) {
        o->fencing = OVNHA_CLI_WITHOUT_DEVICE;
    } else if (strcmp(word, "no-fencing") == 0) {
        o->fencing = OVNHA_CLI_FENCING_OFF;
    } else if (strcmp(word, "no-dc") == 0) {
        o->dc[0] = '\0';
    } else if (strcmp(word, "no-record") == 0) {
        memset(&o->record, 0, sizeof o->record);
    } else if (strcmp(word, "maintenance-mode") == 0) {
        o->maintenance_mode = true;
    } else if (strcmp(word, "wanted") == 0) {
        o->wanted = strtoll(rest, NULL, 10);
    } else if (strcmp(word, "failure") == 0 || strcmp(word, "failed-start") == 0) {
        o->n_failures = 1;
        COPY(o->failure[0].resource, "ovndb");
        COPY(o->failure[0].node, rest);
        COPY(o->failure[0].task, strcmp(word, "failure") == 0 ? "monitor" : "start");
        COPY(o->failure[0].reason, "nb is dead");
        COPY(o->failure[0].when, "then");
    } else if (strcmp(word, "no-cluster") == 0) {
        o->cluster_known = false;
        COPY(o->cluster_trouble, "it does not run");
    } else if (strcmp(word, "no-helper") == 0 || strcmp(word, "unguarded") == 0) {
        o->helper_known = false;
        o->guarded = word[0] == 'n';
        o->record_known = o->guarded;
        o->reason[0] = '\0';
        COPY(o->helper_trouble, "nobody listens");
        for (size_t i = 0; i < o->n_nodes; i++) {
            o->node[i].heard = OVNHA_HEARD_NOTHING;
            o->node[i].n_dbs = 0;
            o->node[i].manages_northd = false;
            o->node[i].version[0] = '\0';
        }
    } else if (strcmp(word, "as-member") == 0) {
        o->may_ask = false;
    } else if (strcmp(word, "elsewhere") == 0) {
        COPY(o->self, "node4");
    } else {
        return false;
    }
    return true;
}

static bool change_one(struct ovnha_overview *o, const char *change)
{
    char copy[256], *rest;

    snprintf(copy, sizeof copy, "%s", change);
    rest = strchr(copy, ' ');
    if (rest) {
        *rest++ = '\0';
    }
    char *slash = strchr(copy, '/');

    if (slash) {
        *slash = '\0';
    }
    struct ovnha_overview_node *node = ovnha_overview_node(o, copy);

    if (slash && node && rest) {
        return change_db(&node->db[strcmp(slash + 1, "sb") == 0], rest);
    }
    return node && rest ? change_node(node, rest) : change_all(o, copy, rest ? rest : "");
}

static void change(struct ovnha_overview *o, const char *changes)
{
    char copy[512], *rest = copy;

    snprintf(copy, sizeof copy, "%s", changes);
    for (char *one = strsep(&rest, ";"); one && *one; one = strsep(&rest, ";")) {
        one += strspn(one, " ");
        if (!change_one(o, one)) {
            fail_msg("cannot understand '%s'", one);
        }
    }
    ovnha_overview_complete(o);
}

#endif
