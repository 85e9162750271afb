/* SPDX-License-Identifier: Apache-2.0 */
/* What a node says of itself when it is asked for `ovnha status`: mostly what the helper
 * knows already.  Only sessions and versions are asked for, of what has answered the last
 * look. */

#include "resident_answer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <qb/qblog.h>

#include <ovnha/aside_store.h>
#include <ovnha/condition.h>
#include <ovnha/source.h>
#include <ovnha/unixctl.h>

#include "resident_files.h"
#include "run_northd.h"
#include "resident_restart.h"
#include "resident_serving.h"
#include "resident_state.h"

/* The loop stands still for it. */
#define ASK_MS 100

/* The last word of "ovsdb-server (Open vSwitch) 3.1.0", which may have more lines. */
static void add_version(json_t *to, const char *reply)
{
    const size_t length = reply ? strcspn(reply, "\n") : 0;
    size_t begin = length;

    while (begin > 0 && reply[begin - 1] != ' ') {
        begin--;
    }
    if (begin > 0) {
        json_object_set_new(to, "version", json_stringn(reply + begin, length - begin));
    }
}

/* By the server's own count, which has those from this host in it.  It leaves out what is
 * zero. */
static void add_sessions(json_t *database, const char *reply)
{
    const char *sessions = reply ? strstr(reply, "sessions:") : NULL;

    if (reply) {
        json_object_set_new(
            database, "sessions",
            json_integer(sessions ? strtoll(strchr(sessions, ':') + 1, NULL, 10) : 0));
    }
}

/* What the server itself says; what it does not say is not added. */
static void ask_server(const struct resident *r, size_t i, json_t *database)
{
    static const struct ovnha_unixctl_command commands[] = {{.method = "memory/show"},
                                                            {.method = "version"}};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), ASK_MS);
    struct ovnha_unixctl *ctl;
    char *reply[2] = {NULL, NULL};

    if (!r->facts.server[i].answered ||
        ovnha_unixctl_open(r->context.paths.control[i], deadline, &ctl, NULL) !=
            OVNHA_OK) {
        return;
    }
    (void)!ovnha_unixctl_run(ctl, commands, 2, reply, deadline, NULL);
    ovnha_unixctl_close(ctl);
    add_sessions(database, reply[0]);
    add_version(database, reply[1]);
    free(reply[0]);
    free(reply[1]);
}

/* The same of ovn-northd, unless it has not answered of late. */
static void ask_northd(const struct resident *r, json_t *northd)
{
    static const struct ovnha_unixctl_command command = {.method = "version"};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), ASK_MS);
    struct ovnha_unixctl *ctl;
    char path[OVNHA_PATH_SIZE], *reply = NULL;

    if (!r->northd.pid || r->northd.unanswered) {
        return;
    }
    ovnha_run_northd_control(&r->context, r->northd.pid, path);
    if (ovnha_unixctl_open(path, deadline, &ctl, NULL) == OVNHA_OK) {
        (void)!ovnha_unixctl_run(ctl, &command, 1, &reply, deadline, NULL);
        ovnha_unixctl_close(ctl);
    }
    add_version(northd, reply);
    free(reply);
}

static json_int_t size_of(const char *path)
{
    struct stat file;

    return stat(path, &file) == 0 ? (json_int_t)file.st_size : -1;
}

/* How far this node's server has read what it replicates, now. */
static void add_position(const struct resident *r, size_t i, json_t *database)
{
    const struct resident_stream *stream = &r->beat.stream[i];
    struct ovnha_stream_position position;

    if (stream->name[0] &&
        ovnha_stream_look(stream->name, false, &position, NULL) == OVNHA_OK &&
        position.found) {
        json_object_set_new(database, "stream", json_string(stream->name));
        json_object_set_new(database, "read", json_integer((json_int_t)position.read));
    }
}

static json_t *database_to_json(const struct resident *r, size_t i, json_t *files)
{
    const char *name = r->facts.settings.db[i].database->name;
    const struct ovnha_server_facts *server = &r->facts.server[i];
    char clients[OVNHA_METHOD_SIZE] = "";
    json_t *database;

    if (server->clients_open) {
        ovnha_source_clients_listener(&r->facts, i, clients);
    }
    database = json_pack(
        "{s:s,s:s,s:I,s:b,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:O?}", "name", name,
        "presence", ovnha_presence_to_str(server->presence), "pid",
        (json_int_t)server->pid, "answered", server->answered, "stalled",
        ovnha_stall_verdict_to_str(server->stalled), "state",
        ovnha_sync_state_to_str(server->sync.state), "link",
        ovnha_sync_link_to_str(server->sync.link), "source", server->sync.source,
        "clients", clients, "replicas", server->replicas_open, "trouble", server->trouble,
        "sessions", (json_int_t)-1, "bytes", size_of(r->context.paths.file[i]), "file",
        json_object_get(files, name));
    ask_server(r, i, database);
    add_position(r, i, database);
    return database;
}

/* How far behind a replica is, as the active sees it. */
static void add_replica(const struct resident *r, const struct resident_peer *peer,
                        size_t i, json_t *replicas)
{
    const struct resident_stream *stream = &peer->beat.stream[i];
    struct ovnha_stream_position position;

    if (stream->name[0] &&
        ovnha_stream_look(stream->name, true, &position, NULL) == OVNHA_OK &&
        position.found) {
        json_array_append_new(
            replicas, json_pack("{s:s,s:s,s:s,s:I,s:I}", "node", peer->state.node,
                                "database", r->facts.settings.db[i].database->name,
                                "stream", stream->name, "sent", (json_int_t)position.sent,
                                "late-ms", (json_int_t)peer->beat.progress[i].late));
    }
}

static json_t *replicas_to_json(const struct resident *r)
{
    json_t *replicas = json_array();

    for (size_t p = 0; p < r->n_peers && ovnha_resident_is_serving(r); p++) {
        for (size_t i = 0; i < r->facts.settings.n_dbs && r->peer[p].state.present; i++) {
            add_replica(r, &r->peer[p], i, replicas);
        }
    }
    return replicas;
}

static enum ovnha_northd_status northd_status(const struct resident *r)
{
    if (!r->northd.pid) {
        return OVNHA_NORTHD_ABSENT;
    }
    return r->northd.status;
}

static json_t *northd_to_json(const struct resident *r)
{
    json_t *northd = json_pack(
        "{s:b,s:s,s:b}", "managed", r->facts.settings.manage_northd, "status",
        ovnha_northd_status_to_str(northd_status(r)), "costly", r->facts.northd_costly);

    ask_northd(r, northd);
    return northd;
}

/* Of the wall's clock, to be compared with that of other nodes. */
static json_int_t time_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (json_int_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

json_t *ovnha_resident_answer_to_json(const struct resident *r)
{
    char trouble[OVNHA_ERR_SIZE];
    json_t *answer, *databases = json_array();
    json_t *files = ovnha_resident_files_to_json(r);

    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        json_array_append_new(databases, database_to_json(r, i, files));
    }
    json_decref(files);
    ovnha_condition_explain(&r->facts, trouble);
    answer = json_pack(
        "{s:s,s:I,s:s,s:s,s:b,s:s,s:b,s:I,s:s,s:o,s:o,s:o}", "version", PACKAGE_VERSION,
        "time", time_ms(), "copy", ovnha_condition_to_str(ovnha_condition(&r->facts)),
        "trouble", trouble, "serving", ovnha_resident_is_serving(r), "quorate",
        ovnha_tristate_to_str(r->quorate), "restarting", ovnha_resident_is_restarting(r),
        "set-aside", (json_int_t)ovnha_aside_unsalvaged(r->context.paths.aside),
        "master-ip", r->facts.settings.master_ip, "northd", northd_to_json(r),
        "databases", databases, "replicas", replicas_to_json(r));
    if (r->facts.lineage.known) {
        json_object_set_new(
            answer, "candidacy",
            json_string(ovnha_candidacy_to_str(r->facts.lineage.candidacy)));
        json_object_set_new(answer, "reason", json_string(r->facts.lineage.reason));
    }
    if (r->change) {
        json_object_set(answer, "change", r->change);
    }
    if (r->score.known) {
        json_object_set_new(answer, "score", json_integer(r->score.published));
    }
    return answer;
}
