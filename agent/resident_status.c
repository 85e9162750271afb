/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_status.h"

#include <stdlib.h>
#include <string.h>

#include "resident_files.h"
#include "resident_peer.h"
#include "resident_score.h"
#include "resident_serving.h"
#include "resident_state.h"

/* Every configured node, and whether it has been heard. */
static json_t *nodes_to_json(struct resident *r)
{
    json_t *nodes = json_object();

    for (size_t i = 0; i < r->n_configured; i++) {
        const char *node = r->configured[i].name;
        const struct resident_peer *peer = ovnha_resident_peer(r, node);
        const bool heard =
            strcmp(node, r->facts.self) == 0 || (peer && peer->state.present);

        json_object_set_new(nodes, node, json_boolean(heard));
    }
    return nodes;
}

/* Where this node has what: [{name: "nb", socket: "unix:..."}, ...]. */
static json_t *databases_to_json(const struct resident *r)
{
    json_t *databases = json_array();

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        json_array_append_new(databases, json_pack("{s:s,s:s}", "name",
                                                   r->facts.settings.db[i].database->name,
                                                   "socket", r->context.paths.socket[i]));
    }
    return databases;
}

static json_t *awaited_to_json(const struct ovnha_candidacy_verdict *verdict)
{
    json_t *awaited = json_array();

    for (size_t i = 0; i < verdict->n_awaited && verdict->candidacy == OVNHA_MUST_WAIT;
         i++) {
        json_array_append_new(awaited, json_string(verdict->awaited[i]));
    }
    return awaited;
}

json_t *ovnha_resident_judgement_to_json(struct resident *r)
{
    struct ovnha_candidacy_verdict verdict;
    char *record = ovnha_record_format(&r->record);
    json_t *status;

    ovnha_resident_take_verdict(r, &verdict);
    status = json_pack("{s:s,s:b,s:s,s:s,s:s,s:b,s:b,s:o,s:o,s:o}", "candidacy",
                       ovnha_candidacy_to_str(r->facts.lineage.candidacy), "preferred",
                       r->facts.lineage.preferred, "reason", r->facts.lineage.reason,
                       "record", record, "attachment", r->attachment, "confirmed",
                       r->confirmed, "serving", ovnha_resident_is_serving(r), "nodes",
                       nodes_to_json(r), "files", ovnha_resident_files_to_json(r),
                       "banned", ovnha_cib_bans(r->cib));
    json_object_set_new(status, "node", json_string(r->facts.self));
    json_object_set_new(status, "databases", databases_to_json(r));
    json_object_set_new(status, "record-file", json_string(r->context.paths.record));
    json_object_set_new(status, "awaited", awaited_to_json(&verdict));
    json_object_set_new(status, "first", json_boolean(verdict.first));
    free(record);
    return status;
}
