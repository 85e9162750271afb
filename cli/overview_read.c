/* SPDX-License-Identifier: Apache-2.0 */
/* What Pacemaker and the helpers say, into one overview. */

#include "overview.h"

#include <stdlib.h>
#include <string.h>

#include <ovnha/candidacy.h>
#include <ovnha/text.h>

#include "vip.h"

struct ovnha_overview_node *ovnha_overview_node(const struct ovnha_overview *overview,
                                                const char *name)
{
    for (size_t i = 0; i < overview->n_nodes; i++) {
        if (strcmp(overview->node[i].name, name) == 0) {
            return (struct ovnha_overview_node *)&overview->node[i];
        }
    }
    return NULL;
}

const struct ovnha_overview_node *
ovnha_overview_promoted(const struct ovnha_overview *overview)
{
    const struct ovnha_overview_node *found = NULL;

    for (size_t i = 0; i < overview->n_nodes; i++) {
        if (overview->node[i].role == OVNHA_CLI_PROMOTED) {
            if (found) {
                return NULL;
            }
            found = &overview->node[i];
        }
    }
    return found;
}

/* NULL when there are too many. */
static struct ovnha_overview_node *add_node(struct ovnha_overview *overview,
                                            const char *name)
{
    struct ovnha_overview_node *node = ovnha_overview_node(overview, name);

    if (node || overview->n_nodes == OVNHA_NODES_MAX) {
        return node;
    }
    node = &overview->node[overview->n_nodes++];
    memset(node, 0, sizeof *node);
    ovnha_text_copy(node->name, sizeof node->name, name);
    node->managed = true;
    node->set_aside = -1;
    return node;
}

/*
 * Pacemaker's part.
 */

static void take_node(struct ovnha_overview *overview, const struct ovnha_cli_node *from)
{
    struct ovnha_overview_node *node = add_node(overview, from->name);

    if (!node) {
        return;
    }
    node->in_cluster = true;
    node->online = from->online;
    /* Nothing may run yet on one that is joining: Pacemaker calls that standby, too. */
    node->standby = !from->pending && (from->standby || from->standby_onfail);
    node->maintenance = from->maintenance;
    node->pending = from->pending;
    node->unclean = from->unclean;
    node->is_dc = from->is_dc;
    node->managed = from->managed;
    node->failed = from->failed;
    node->blocked = from->blocked;
    node->role = from->role;
    node->failcount = from->failcount;
    ovnha_text_copy(node->pending_op, sizeof node->pending_op, from->pending_op);
    ovnha_text_copy(node->score, sizeof node->score, from->score);
}

static void take_vip(struct ovnha_overview *overview,
                     const struct ovnha_cli_cluster *cluster)
{
    const struct ovnha_cli_resource *vip = ovnha_cli_vip(cluster);

    if (!vip) {
        return;
    }
    ovnha_text_copy(overview->vip, sizeof overview->vip, vip->id);
    ovnha_text_copy(overview->vip_address, sizeof overview->vip_address,
                    ovnha_cli_pairs_get(&vip->params, "ip"));
    if (vip->n_on > 0) {
        ovnha_text_copy(overview->vip_node, sizeof overview->vip_node, vip->on[0]);
    }
}

static void take_failures(struct ovnha_overview *overview,
                          const struct ovnha_cli_cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_failures; i++) {
        const struct ovnha_cli_failure *from = &cluster->failure[i];
        struct ovnha_overview_failure *failure = &overview->failure[overview->n_failures];

        if (overview->n_failures == OVNHA_OVERVIEW_FAILURES) {
            return;
        }
        if (strcmp(from->resource, overview->resource) != 0 &&
            strcmp(from->resource, overview->vip) != 0) {
            continue;
        }
        ovnha_text_copy(failure->resource, sizeof failure->resource, from->resource);
        ovnha_text_copy(failure->node, sizeof failure->node, from->node);
        ovnha_text_copy(failure->task, sizeof failure->task, from->task);
        ovnha_text_copy(failure->reason, sizeof failure->reason,
                        *from->reason ? from->reason : from->exit);
        ovnha_text_copy(failure->when, sizeof failure->when, from->when);
        overview->n_failures++;
    }
}

/* Without the helper, which knows it better. */
static void take_shared_record(struct ovnha_overview *overview,
                               const struct ovnha_cli_cluster *cluster)
{
    char name[OVNHA_NODE_SIZE + 32];
    const char *text;

    snprintf(name, sizeof name, "ovnha-%s-record", overview->resource);
    text = ovnha_cli_cluster_property(cluster, name, "");
    overview->record_known =
        *text && ovnha_record_parse(text, &overview->record, NULL) == OVNHA_OK;
}

static void take_bans(struct ovnha_overview *overview,
                      const struct ovnha_cli_cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_bans; i++) {
        const struct ovnha_cli_ban *ban = &cluster->ban[i];
        struct ovnha_overview_node *node = ovnha_overview_node(overview, ban->node);

        if (node && ban->never &&
            (strcmp(ban->resource, cluster->db->id) == 0 ||
             strcmp(ban->resource, cluster->db->top) == 0)) {
            ovnha_text_copy(node->banned, sizeof node->banned, ban->constraint);
            node->excluded = node->excluded || !ban->promoted_only;
        }
    }
}

static int64_t clone_max(const struct ovnha_cli_resource *db)
{
    const char *text = ovnha_cli_pairs_get(&db->top_meta, "clone-max");

    return text && *text ? strtoll(text, NULL, 10) : -1;
}

void ovnha_overview_take_cluster(struct ovnha_overview *overview,
                                 const struct ovnha_cli_cluster *cluster)
{
    const char *guard = ovnha_cli_pairs_get(&cluster->db->params, "guard");

    overview->cluster_known = true;
    overview->quorate = cluster->quorate;
    overview->maintenance_mode = cluster->maintenance_mode;
    overview->fencing = ovnha_cli_cluster_fencing(cluster);
    overview->wanted = clone_max(cluster->db);
    overview->guarded = !guard || !*guard || ovnha_cli_is_true(guard);
    ovnha_text_copy(overview->resource, sizeof overview->resource, cluster->db->id);
    ovnha_text_copy(overview->top, sizeof overview->top,
                    cluster->db->top[0] ? cluster->db->top : cluster->db->id);
    ovnha_text_copy(overview->dc, sizeof overview->dc, cluster->dc);
    for (size_t i = 0; i < cluster->n_nodes; i++) {
        take_node(overview, &cluster->node[i]);
    }
    take_vip(overview, cluster);
    take_failures(overview, cluster);
    take_shared_record(overview, cluster);
    take_bans(overview, cluster);
}

/*
 * The helpers' part.  What an answer lacks is not known: its helper may be older, or
 * newer.
 */

static void word(json_t *object, const char *key, char *text, size_t size)
{
    const char *value = json_string_value(json_object_get(object, key));

    ovnha_text_copy(text, size, value ? value : "");
}

static int64_t number(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
}

static bool flag(json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

#define WORD(object, key, field) word(object, key, field, sizeof(field))

static void take_db(struct ovnha_overview_db *db, json_t *from)
{
    json_t *file = json_object_get(from, "file");

    memset(db, 0, sizeof *db);
    WORD(from, "name", db->name);
    WORD(from, "presence", db->presence);
    db->answered = flag(from, "answered");
    WORD(from, "stalled", db->stalled);
    WORD(from, "state", db->state);
    WORD(from, "link", db->link);
    WORD(from, "source", db->source);
    WORD(from, "clients", db->clients);
    WORD(from, "replicas", db->replicas);
    WORD(from, "trouble", db->trouble);
    WORD(file, "trouble", db->file_trouble);
    db->pid = number(from, "pid");
    db->sessions = number(from, "sessions");
    db->bytes = number(from, "bytes");
    db->synced_bytes = number(file, "synced");
    db->compactions = number(file, "compactions");
    db->lag_bytes = db->lag_ms = -1;
}

static void take_answer(struct ovnha_overview_node *node, json_t *from)
{
    json_t *northd = json_object_get(from, "northd");
    json_t *one;
    size_t i;

    node->heard = OVNHA_HEARD_ALL;
    WORD(from, "version", node->version);
    WORD(from, "copy", node->copy);
    WORD(from, "trouble", node->trouble);
    WORD(from, "candidacy", node->candidacy);
    WORD(from, "reason", node->reason);
    WORD(northd, "status", node->northd);
    node->serving = flag(from, "serving");
    node->restarting = flag(from, "restarting");
    node->set_aside = number(from, "set-aside");
    node->manages_northd = flag(northd, "managed");
    node->northd_costly = flag(northd, "costly");
    json_array_foreach(json_object_get(from, "databases"), i, one)
    {
        if (node->n_dbs < OVNHA_DB_MAX) {
            take_db(&node->db[node->n_dbs++], one);
        }
    }
}

static struct ovnha_overview_db *find_db(const struct ovnha_overview *overview,
                                         const char *node, const char *name)
{
    struct ovnha_overview_node *found = ovnha_overview_node(overview, node);

    for (size_t i = 0; found && i < found->n_dbs; i++) {
        if (strcmp(found->db[i].name, name) == 0) {
            return &found->db[i];
        }
    }
    return NULL;
}

/* Where the replica is, by its own answer, in the stream that the active speaks of. */
static int64_t position_of(json_t *nodes, const char *node, const char *name,
                           const char *stream)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(nodes, node), "databases"), i, one)
    {
        const char *own_name = json_string_value(json_object_get(one, "name"));
        const char *own_stream = json_string_value(json_object_get(one, "stream"));

        if (own_name && own_stream && strcmp(own_name, name) == 0 &&
            strcmp(own_stream, stream) == 0) {
            return number(one, "read");
        }
    }
    return -1;
}

/* Both looked at nearly the same time: one that seems to have read more than was sent has
 * read all of it. */
static void take_lag(struct ovnha_overview *overview, json_t *nodes, json_t *replica)
{
    const char *node, *database, *stream;
    json_int_t sent, late;

    if (json_unpack(replica, "{s:s,s:s,s:s,s:I,s:I}", "node", &node, "database",
                    &database, "stream", &stream, "sent", &sent, "late-ms", &late) != 0) {
        return;
    }
    struct ovnha_overview_db *db = find_db(overview, node, database);
    const int64_t read = position_of(nodes, node, database, stream);

    if (db && read >= 0) {
        db->lag_bytes = sent > read ? sent - read : 0;
        db->lag_ms = late;
    }
}

/* Of the one that serves: what others remember is older. */
static void take_change(struct ovnha_overview *overview, const char *name, json_t *answer)
{
    json_t *change = json_object_get(answer, "change");

    if (flag(answer, "serving") && change) {
        overview->changed_at = number(change, "at");
        WORD(change, "why", overview->changed_why);
        ovnha_text_copy(overview->changed_to, sizeof overview->changed_to, name);
    }
}

static void take_answers(struct ovnha_overview *overview, json_t *nodes)
{
    const char *name;
    json_t *answer, *replica;
    size_t i;

    json_object_foreach(nodes, name, answer)
    {
        struct ovnha_overview_node *node = add_node(overview, name);

        if (node && json_is_object(answer)) {
            take_answer(node, answer);
        } else if (node) {
            node->heard = OVNHA_HEARD_SILENT;
        }
    }
    json_object_foreach(nodes, name, answer)
    {
        take_change(overview, name, answer);
        json_array_foreach(json_object_get(answer, "replicas"), i, replica)
        {
            take_lag(overview, nodes, replica);
        }
    }
}

/* Who is heard and says nothing of himself has an older helper. */
static void take_heard(struct ovnha_overview *overview, json_t *nodes)
{
    const char *name;
    json_t *heard;

    json_object_foreach(nodes, name, heard)
    {
        struct ovnha_overview_node *node = add_node(overview, name);

        if (node) {
            node->heard = json_is_true(heard) ? OVNHA_HEARD_OLDER : OVNHA_HEARD_ABSENT;
        }
    }
}

static enum ovnha_result take_judgement(struct ovnha_overview *overview, json_t *judged,
                                        struct ovnha_err *err)
{
    const char *record = json_string_value(json_object_get(judged, "record"));
    json_t *one;
    size_t i;

    if (!record || ovnha_record_parse(record, &overview->record, err) != OVNHA_OK) {
        return ovnha_fail(
            err, OVNHA_ERR_PROTOCOL,
            "cannot understand what the helper says; is it of this version?");
    }
    overview->record_known = true;
    overview->serving = flag(judged, "serving");
    WORD(judged, "candidacy", overview->candidacy);
    WORD(judged, "reason", overview->reason);
    WORD(judged, "node", overview->self);
    json_array_foreach(json_object_get(judged, "awaited"), i, one)
    {
        if (overview->n_awaited < OVNHA_NODES_MAX && json_is_string(one)) {
            ovnha_text_copy(overview->awaited[overview->n_awaited++], OVNHA_NODE_SIZE,
                            json_string_value(one));
        }
    }
    take_heard(overview, json_object_get(judged, "nodes"));
    return OVNHA_OK;
}

/* The same as Pacemaker's, when that was asked; and it knows what a rule comes to. */
static void take_banned(struct ovnha_overview *overview, json_t *banned)
{
    const char *name;
    json_t *constraint;

    json_object_foreach(banned, name, constraint)
    {
        struct ovnha_overview_node *node = ovnha_overview_node(overview, name);

        if (node && json_is_string(constraint)) {
            ovnha_text_copy(node->banned, sizeof node->banned,
                            json_string_value(constraint));
        }
    }
}

enum ovnha_result ovnha_overview_take_report(struct ovnha_overview *overview,
                                             const char *text, struct ovnha_err *err)
{
    json_t *report = json_loads(text, 0, NULL);
    json_t *judged = json_object_get(report, "judged");
    enum ovnha_result result;

    overview->helper_older = !judged;
    result = take_judgement(overview, judged ? judged : report, err);
    if (result == OVNHA_OK) {
        if (judged) {
            take_answers(overview, json_object_get(report, "nodes"));
        }
        take_banned(overview, json_object_get(judged ? judged : report, "banned"));
        overview->helper_known = true;
    }
    json_decref(report);
    return result;
}

void ovnha_overview_complete(struct ovnha_overview *overview)
{
    const struct ovnha_record *record = &overview->record;

    for (size_t i = 0; i < record->in_sync.n && overview->record_known; i++) {
        (void)add_node(overview, record->in_sync.member[i].node);
    }
    for (size_t i = 0; i < overview->n_nodes; i++) {
        struct ovnha_overview_node *node = &overview->node[i];

        node->in_sync = overview->record_known &&
                        ovnha_members_find(&record->in_sync, node->name) != NULL;
        node->leaving = overview->record_known &&
                        ovnha_members_find(&record->leaving, node->name) != NULL;
    }
}
