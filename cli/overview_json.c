/* SPDX-License-Identifier: Apache-2.0 */
/* The overview for programs: doc/status-json.md, which a test holds to this. */

#include "overview.h"

#include "json_answer.h"

/* What is not known is null. */
static json_t *text(const char *value)
{
    return value[0] ? json_string(value) : json_null();
}

static json_t *number(int64_t value)
{
    return value >= 0 ? json_integer((json_int_t)value) : json_null();
}

static json_t *seconds(int64_t ms)
{
    return ms >= 0 ? json_real((double)ms / 1000) : json_null();
}

static json_t *truth(bool known, bool value)
{
    return known ? json_boolean(value) : json_null();
}

static json_t *members(const struct ovnha_members *list)
{
    json_t *names = json_array();

    for (size_t i = 0; i < list->n; i++) {
        json_array_append_new(names, json_string(list->member[i].node));
    }
    return names;
}

static json_t *sources(const struct ovnha_overview *o)
{
    return json_pack("{s:{s:b,s:o},s:{s:b,s:b,s:o}}", "pacemaker", "answered",
                     o->cluster_known, "trouble", text(o->cluster_trouble), "helper",
                     "answered", o->helper_known, "older", o->helper_older, "trouble",
                     text(o->helper_trouble));
}

static json_t *cluster(const struct ovnha_overview *o)
{
    if (!o->cluster_known) {
        return json_null();
    }
    return json_pack("{s:b,s:o,s:b,s:b}", "quorate", o->quorate, "coordinator",
                     text(o->dc), "maintenance", o->maintenance_mode, "guarded",
                     o->guarded);
}

static json_t *vip(const struct ovnha_overview *o)
{
    if (!o->vip[0]) {
        return json_null();
    }
    return json_pack("{s:s,s:s,s:o}", "resource", o->vip, "address", o->vip_address,
                     "node", text(o->vip_node));
}

static json_t *record(const struct ovnha_overview *o)
{
    const struct ovnha_record *r = &o->record;

    if (!o->record_known || !ovnha_record_exists(r)) {
        return json_null();
    }
    return json_pack(
        "{s:o,s:I,s:I,s:o,s:o,s:o,s:o}", "generation", text(r->generation.uuid), "number",
        (json_int_t)r->generation.counter, "revision", (json_int_t)r->revision, "active",
        text(r->active), "in_sync", members(&r->in_sync), "leaving", members(&r->leaving),
        "attempt", text(r->attempt_node));
}

static json_t *judgement(const struct ovnha_overview *o)
{
    json_t *awaited = json_array();

    for (size_t i = 0; i < o->n_awaited; i++) {
        json_array_append_new(awaited, json_string(o->awaited[i]));
    }
    return json_pack("{s:o,s:o,s:o,s:o}", "serving", truth(o->helper_known, o->serving),
                     "candidacy", text(o->candidacy), "reason", text(o->reason),
                     "awaited", awaited);
}

static json_t *change(const struct ovnha_overview *o)
{
    if (!o->changed_to[0]) {
        return json_null();
    }
    return json_pack("{s:o,s:s,s:o}", "at", number(o->changed_at), "node", o->changed_to,
                     "why", text(o->changed_why));
}

static json_t *database(const struct ovnha_overview_db *db)
{
    json_t *json = json_pack(
        "{s:s,s:o,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "name", db->name, "presence",
        text(db->presence), "answered", db->answered, "stalled", text(db->stalled),
        "state", text(db->state), "link", text(db->link), "source", text(db->source),
        "clients", text(db->clients), "replicas", text(db->replicas), "trouble",
        text(db->trouble), "file_trouble", text(db->file_trouble));

    json_object_set_new(json, "pid", number(db->pid));
    json_object_set_new(json, "sessions", number(db->sessions));
    json_object_set_new(json, "file_bytes", number(db->bytes));
    json_object_set_new(json, "synced_bytes", number(db->synced_bytes));
    json_object_set_new(json, "compactions", number(db->compactions));
    json_object_set_new(json, "lag_bytes", number(db->lag_bytes));
    json_object_set_new(json, "lag_seconds", seconds(db->lag_ms));
    return json;
}

static void add_pacemaker(const struct ovnha_overview_node *node, json_t *json)
{
    const bool known = node->in_cluster;

    json_object_set_new(json, "online", truth(known, node->online));
    json_object_set_new(json, "standby", truth(known, node->standby));
    json_object_set_new(json, "maintenance", truth(known, node->maintenance));
    json_object_set_new(json, "unclean", truth(known, node->unclean));
    json_object_set_new(json, "managed", truth(known, node->managed));
    json_object_set_new(json, "blocked", truth(known, node->blocked));
    json_object_set_new(json, "role", text(ovnha_cli_role_to_str(node->role)));
    json_object_set_new(json, "pending", text(node->pending_op));
    json_object_set_new(json, "score", text(node->score));
    json_object_set_new(json, "failcount", number(known ? node->failcount : -1));
    json_object_set_new(json, "banned_by", text(node->banned));
}

static void add_answer(const struct ovnha_overview_node *node, json_t *json)
{
    const bool known = node->heard == OVNHA_HEARD_ALL;

    json_object_set_new(json, "helper", json_string(ovnha_heard_to_str(node->heard)));
    json_object_set_new(json, "version", text(node->version));
    json_object_set_new(json, "copy", text(node->copy));
    json_object_set_new(json, "trouble", text(node->trouble));
    json_object_set_new(json, "serving", truth(known, node->serving));
    json_object_set_new(json, "restarting", truth(known, node->restarting));
    json_object_set_new(json, "candidacy", text(node->candidacy));
    json_object_set_new(json, "reason", text(node->reason));
    json_object_set_new(json, "set_aside", number(node->set_aside));
    json_object_set_new(json, "northd", text(node->manages_northd ? node->northd : ""));
    json_object_set_new(json, "northd_costly", truth(known, node->northd_costly));
}

static json_t *nodes(const struct ovnha_overview *o)
{
    const bool known = o->record_known && ovnha_record_exists(&o->record);
    json_t *list = json_array();

    for (size_t i = 0; i < o->n_nodes; i++) {
        const struct ovnha_overview_node *node = &o->node[i];
        json_t *databases = json_array();
        json_t *json = json_pack("{s:s,s:o,s:o,s:o}", "name", node->name, "in_sync",
                                 truth(known, node->in_sync), "leaving",
                                 truth(known, node->leaving), "databases", databases);

        add_pacemaker(node, json);
        add_answer(node, json);
        for (size_t d = 0; d < node->n_dbs; d++) {
            json_array_append_new(databases, database(&node->db[d]));
        }
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *failures(const struct ovnha_overview *o)
{
    json_t *list = json_array();

    for (size_t i = 0; i < o->n_failures; i++) {
        const struct ovnha_overview_failure *one = &o->failure[i];

        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:o,s:o}", "resource",
                                              one->resource, "node", one->node, "task",
                                              one->task, "reason", text(one->reason),
                                              "when", text(one->when)));
    }
    return list;
}

static json_t *findings_list(const struct ovnha_overview_findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < findings->n; i++) {
        const struct ovnha_overview_finding *one = &findings->finding[i];

        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:o,s:s,s:o}", "severity",
                                        ovnha_severity_to_str(one->severity), "code",
                                        one->code, "node", text(one->node), "text",
                                        one->text, "next", text(one->next)));
    }
    return list;
}

json_t *ovnha_overview_to_json(const struct ovnha_overview *o,
                               const struct ovnha_overview_findings *findings)
{
    json_t *all = ovnha_cli_json_begin(OVNHA_SCHEMA_STATUS);
    json_t *rest = json_pack(
        "{s:s,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "status",
        ovnha_severity_to_str(findings->worst), "code",
        ovnha_severity_code(findings->worst), "resource", text(o->resource), "node",
        text(o->self), "sources", sources(o), "cluster", cluster(o), "vip", vip(o),
        "record", record(o), "judgement", judgement(o), "last_change", change(o), "nodes",
        nodes(o), "failures", failures(o), "findings", findings_list(findings));

    json_object_update(all, rest);
    json_decref(rest);
    return all;
}
