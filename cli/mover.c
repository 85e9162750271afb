/* SPDX-License-Identifier: Apache-2.0 */
#include "mover.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ovnha/ovsdb.h>
#include <ovnha/spawn.h>

#include "move.h"
#include "outage.h"
#include "stamp.h"

#define LOOK_MS       400          /* a look costs a tenth of a second of a processor */
#define LIFETIME_MS   (120 * 1000) /* beyond the deadline; clocks differ, too */
#define TRY_MS        (10 * 1000)
#define AGAIN_MS      1000
#define GUARD_MS      (150 * 1000)
#define LAST_WRITE_MS 10000
#define NORTHD_MS     5000
#define NORTHD_LOCK   "ovn_northd"

/*
 * The constraint, and who removes it.
 */

struct guard {
    struct ovnha_cli_move_ids ids;
    int fd; /* that the guard watches */
    pid_t pid;
};

/* Nobody interrupts that.  One that is not there is removed, too. */
static bool remove_constraint(const char *constraint, const char *rule,
                              ovnha_msec deadline, struct ovnha_err *err)
{
    char xpath[OVNHA_CLI_MOVE_XPATH_SIZE];
    const char *const argv[] = {"cibadmin", "--delete", "--xpath", xpath, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    ovnha_cli_move_xpath(constraint, rule, xpath);
    for (;;) {
        const ovnha_msec soon = ovnha_deadline_after(ovnha_now(), TRY_MS);

        if (ovnha_spawn_run(&spawn, &result, soon < deadline ? soon : deadline, err) ==
            OVNHA_OK) {
            return true;
        }
        if (ovnha_now() + AGAIN_MS >= deadline) {
            return false;
        }
        poll(NULL, 0, AGAIN_MS);
    }
}

/* Not when one of that id is there, whoever has made it. */
static enum ovnha_result add_constraint(struct ovnha_cli_work *work,
                                        const struct ovnha_cli_cluster *cluster,
                                        const char *to,
                                        const struct ovnha_cli_move_ids *ids,
                                        struct ovnha_err *err)
{
    char xml[OVNHA_CLI_MOVE_XML_SIZE], until[OVNHA_STAMP_SIZE];
    const char *const argv[] = {"cibadmin",   "--create", "--scope", "constraints",
                                "--xml-text", xml,        NULL};

    ovnha_stamp_utc((int64_t)time(NULL) * 1000 +
                        ovnha_deadline_left(work->deadline, ovnha_now()) + LIFETIME_MS,
                    until);
    if (!ovnha_cli_move_xml(cluster, ids, to, until, xml)) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "no constraint can be made for %s", to);
    }
    return ovnha_cli_pacemaker(work, argv, err);
}

/* Outlives the command, however that ends, and its terminal. */
static _Noreturn void watch(const struct guard *guard, int fd)
{
    char removed;

    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    const bool is_removed = read(fd, &removed, 1) == 1 && removed;

    /* When it cannot be removed even now, its lifetime ends it. */
    _exit(is_removed ||
                  remove_constraint(guard->ids.constraint, guard->ids.rule,
                                    ovnha_deadline_after(ovnha_now(), GUARD_MS), NULL)
              ? 0
              : 1);
}

static bool start_guard(struct guard *guard, struct ovnha_err *err)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "no pipe") == OVNHA_OK;
    }
    fflush(NULL);
    guard->pid = fork();
    if (guard->pid == 0) {
        close(fds[1]);
        watch(guard, fds[0]);
    }
    close(fds[0]);
    guard->fd = fds[1];
    return guard->pid > 0 ||
           ovnha_fail(err, OVNHA_ERR_SYSTEM, "no process can be started") == OVNHA_OK;
}

/* `removed`: the constraint is; otherwise the guard goes on trying, and nobody waits.  It
 * is told so: clients that were started after it keep the pipe open. */
static void end_guard(struct guard *guard, bool removed)
{
    const char word = removed;

    if (write(guard->fd, &word, 1) == 1 && removed) {
        waitpid(guard->pid, NULL, 0);
    }
    close(guard->fd);
}

/*
 * Watching it.
 */

static void say_event(void *cookie, const char *line)
{
    ovnha_cli_tell(cookie, "%s", line);
}

static bool read_cluster(struct ovnha_cli_work *work, struct ovnha_cli_cluster *cluster)
{
    return ovnha_cli_cluster_read(work->cli->resource, ovnha_cli_work_limit(work),
                                  cluster, NULL) == OVNHA_OK;
}

/* When the work is over already. */
static bool read_cluster_at_last(struct ovnha_cli_work *work,
                                 struct ovnha_cli_cluster *cluster)
{
    return ovnha_cli_cluster_read(work->cli->resource, ovnha_cli_last_limit(), cluster,
                                  NULL) == OVNHA_OK;
}

/* Until it is over, one way or another; a view that cannot be had is no view.  `why` says
 * what is missing unless it is MOVED. */
static enum ovnha_cli_move_state watch_move(struct ovnha_cli_work *work,
                                            const struct ovnha_cli_cluster *before,
                                            const char *to, char why[300])
{
    enum ovnha_cli_move_state state = OVNHA_CLI_MOVING;
    struct ovnha_cli_cluster earlier = {0}, now = {0};

    snprintf(why, 300, "nothing is known yet");
    while (state == OVNHA_CLI_MOVING && ovnha_cli_pause(work, LOOK_MS)) {
        if (read_cluster(work, &now)) {
            ovnha_cli_move_events(earlier.documents ? &earlier : before, &now, say_event,
                                  work);
            state = ovnha_cli_move_judge(before, &now, to, why);
            ovnha_cli_cluster_free(&earlier);
            earlier = now;
        } else {
            ovnha_cli_cluster_free(&now);
        }
    }
    ovnha_cli_cluster_free(&earlier);
    return state;
}

/*
 * Clients.
 */

struct clients {
    struct ovnha_cli_outage outage[OVNHA_DB_MAX];
    size_t n;
};

static void begin_clients(struct ovnha_cli_work *work,
                          const struct ovnha_cli_cluster *cluster,
                          struct clients *clients)
{
    static const char *const names[] = {"nb", "sb"}; /* as the agent's params.c */

    clients->n = 0;
    if (!ovnha_cli_cluster_promoted(cluster)) {
        return; /* nobody can write before: what lasts is no outage of this move */
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct ovnha_database *database = ovnha_database_find(names[i]);

        if (ovnha_cli_outage_begin(cluster, database, &clients->outage[clients->n])) {
            clients->n++;
        } else {
            ovnha_cli_tell(work, "the outage of %s is not measured: no address is known",
                           database->schema);
        }
    }
}

/* True unless a client that could write cannot any more. */
static bool report_client(struct ovnha_cli_work *work,
                          const struct ovnha_cli_outage *outage,
                          const struct ovnha_cli_outage_result *result)
{
    const char *schema = outage->database->schema;

    if (result->longest_ms < 0) {
        ovnha_cli_tell(work, "the outage of %s is not measured: no writes succeed at %s",
                       schema, outage->method);
        return true;
    }
    if (work->json) {
        json_t *all = json_object_get(work->json, "outage_ms");

        if (!all) {
            all = json_object();
            json_object_set_new(work->json, "outage_ms", all);
        }
        json_object_set_new(all, outage->database->name,
                            result->at_last ? json_integer(result->longest_ms)
                                            : json_null());
    }
    if (!result->at_last) {
        ovnha_cli_complain(work, "%s: clients cannot write at %s yet", schema,
                           outage->method);
        return false;
    }
    ovnha_cli_tell(work, "outage of %s: %ld ms without a write at %s", schema,
                   result->longest_ms, outage->method);
    return true;
}

static bool end_clients(struct ovnha_cli_work *work, struct clients *clients,
                        int patience_ms)
{
    const int stop_fd = ovnha_cli_work_limit(work).stop_fd;
    bool fine = true;

    for (size_t i = 0; i < clients->n; i++) {
        struct ovnha_cli_outage_result result;

        ovnha_cli_outage_end(&clients->outage[i], patience_ms, stop_fd, &result);
        if (result.stopped) {
            ovnha_cli_tell(work, "the outage of %s is not known: interrupted",
                           clients->outage[i].database->schema);
        } else {
            fine = report_client(work, &clients->outage[i], &result) && fine;
        }
    }
    return fine;
}

/*
 * Whether all is as it should be.
 */

/* The record may still name one that was stopped; its own score says that its copy counts
 * now. */
static bool may_be_promoted(const struct ovnha_cli_cluster *cluster, const char *name)
{
    const struct ovnha_cli_node *node = ovnha_cli_cluster_node(cluster, name);

    return node && !node->pending_op[0] &&
           (node->role == OVNHA_CLI_PROMOTED || node->role == OVNHA_CLI_UNPROMOTED) &&
           node->score[0] && node->score[0] != '-';
}

static bool is_in_sync(const struct ovnha_cli_cluster *cluster, const char *active,
                       const char *const *nodes, size_t n, char why[300])
{
    struct ovnha_record record;

    ovnha_cli_record_of(cluster, &record);
    if (!ovnha_record_exists(&record)) {
        return true; /* not guarded: nothing says who is */
    }
    if (active && strcmp(record.active, active) != 0) {
        snprintf(why, 300, "the record does not say yet that %s is the active", active);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!ovnha_members_find(&record.in_sync, nodes[i]) ||
            !may_be_promoted(cluster, nodes[i])) {
            snprintf(why, 300, "%s is not in sync yet", nodes[i]);
            return false;
        }
    }
    return true;
}

static bool is_idle(const struct ovnha_cli_work *work,
                    const struct ovnha_cli_cluster *cluster)
{
    char *state = NULL;
    const bool idle = cluster->dc[0] &&
                      ovnha_cli_cluster_state(cluster->dc, ovnha_cli_work_limit(work),
                                              &state, NULL) == OVNHA_OK &&
                      strcmp(state, "S_IDLE") == 0;

    free(state);
    return idle;
}

bool ovnha_cli_await_sync(struct ovnha_cli_work *work, const char *active,
                          const char *const *nodes, size_t n, char why[300])
{
    struct ovnha_cli_cluster now = {0};
    bool done = false;

    snprintf(why, 300, "%s",
             ovnha_cli_pause(work, 0) ? "Pacemaker does not answer"
                                      : "nobody has looked whether all are in sync");
    do {
        if (read_cluster(work, &now)) {
            const struct ovnha_cli_node *promoted = ovnha_cli_cluster_promoted(&now);

            if (active && (!promoted || strcmp(promoted->name, active) != 0)) {
                snprintf(why, 300, "%s is not promoted", active);
            } else if (!is_idle(work, &now)) {
                snprintf(why, 300, "Pacemaker is at work");
            } else {
                done = is_in_sync(&now, active, nodes, n, why);
            }
        }
        ovnha_cli_cluster_free(&now);
    } while (!done && ovnha_cli_pause(work, LOOK_MS));
    return done;
}

/* Why nobody waits any longer. */
static const char *cause(enum ovnha_cli_move_state state)
{
    if (ovnha_cli_interrupted()) {
        return "interrupted";
    }
    return state == OVNHA_CLI_STRAYED ? "it failed" : "the time is over (--timeout)";
}

/* Who was in sync and up before is to be so again. */
static bool await_others(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                         const char *to)
{
    const char *nodes[OVNHA_NODES_MAX];
    char why[300];
    size_t n = 0;

    for (size_t i = 0; i < view->cluster.n_nodes && n < OVNHA_NODES_MAX; i++) {
        const struct ovnha_cli_node *node = &view->cluster.node[i];

        if ((node->role == OVNHA_CLI_PROMOTED || node->role == OVNHA_CLI_UNPROMOTED) &&
            ovnha_members_find(&view->record.in_sync, node->name)) {
            nodes[n++] = node->name;
        }
    }
    if (!ovnha_cli_await_sync(work, to, nodes, n, why)) {
        ovnha_cli_complain(work, "the role is on %s, but %s: %s; see: ovnha status", to,
                           cause(OVNHA_CLI_MOVING), why);
        return false;
    }
    ovnha_cli_tell(work,
                   "%s is the active by the record, all that were in sync are, "
                   "Pacemaker is idle",
                   to);
    return true;
}

/* By northd's own lock in the Southbound database; TLS is left to others. */
static bool check_northd(struct ovnha_cli_work *work,
                         const struct ovnha_cli_cluster *cluster)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), NORTHD_MS);
    const char *manages = ovnha_cli_pairs_get(&cluster->db->params, "manage_northd");
    struct ovnha_ovsdb *sb = NULL;
    struct ovnha_err err = {""};
    char method[300];
    bool is_free = true;

    if (!manages || !ovnha_cli_is_true(manages) || ovnha_cli_interrupted() ||
        !ovnha_cli_client_method(cluster, ovnha_database_find("sb"), method) ||
        strncmp(method, "tcp:", 4) != 0) {
        return true;
    }
    enum ovnha_result result = ovnha_ovsdb_open(method, deadline, &sb, &err);

    while (result == OVNHA_OK && is_free) {
        result = ovnha_ovsdb_lock_is_free(sb, NORTHD_LOCK, &is_free, deadline, &err);
        if (ovnha_deadline_passed(deadline, ovnha_now()) || !is_free ||
            !ovnha_cli_pause(work, LOOK_MS)) {
            break;
        }
    }
    ovnha_ovsdb_close(sb);
    if (result == OVNHA_OK && is_free) {
        ovnha_cli_complain(work, "no ovn-northd works: nobody has its lock (see: crm_mon "
                                 "-1, and ovn-northd's log)");
        return false;
    }
    ovnha_cli_tell(work, result == OVNHA_OK ? "ovn-northd is active"
                                            : "not known whether ovn-northd is active");
    return true;
}

/*
 * The move.
 */

/* Where the role is, when it is not where it was to be: a person has to know. */
static int report_failure(struct ovnha_cli_work *work, enum ovnha_cli_move_state state,
                          const char *to, const char *why)
{
    struct ovnha_cli_cluster now = {0};
    const struct ovnha_cli_node *promoted = NULL;

    const bool known = read_cluster_at_last(work, &now);

    promoted = known ? ovnha_cli_cluster_promoted(&now) : NULL;
    ovnha_cli_complain(work,
                       "the role is not on %s: %s: %s; the active is %s now, and "
                       "Pacemaker may still be at work (crm_mon -1; crm_resource --wait)",
                       to, cause(state), why[0] ? why : "nothing is known",
                       promoted ? promoted->name
                       : known  ? "nobody"
                                : "not known");
    ovnha_cli_cluster_free(&now);
    return ovnha_cli_interrupted() ? EXIT_UNKNOWN : EXIT_CRITICAL;
}

static int finish(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                  const char *to, struct clients *clients, bool removed)
{
    bool fine = await_others(work, view, to);

    fine = end_clients(work, clients, LAST_WRITE_MS) && fine;
    fine = check_northd(work, &view->cluster) && fine;
    if (ovnha_cli_interrupted()) {
        return EXIT_UNKNOWN;
    }
    return fine && removed ? EXIT_OK : EXIT_WARNING;
}

/* Of a constraint that was not made: another's may be there. */
static int report_refusal(struct ovnha_cli_work *work, const struct guard *guard,
                          enum ovnha_result result, const struct ovnha_err *err)
{
    struct ovnha_cli_cluster now = {0};
    const struct ovnha_cli_location *other =
        read_cluster_at_last(work, &now) ? ovnha_cli_move_of(&now) : NULL;

    if (other && strcmp(other->rule, guard->ids.rule) != 0) {
        ovnha_cli_complain(work,
                           "not done: another move, to %s, has just begun (constraint "
                           "%s, until %s)",
                           other->node, other->id, other->expires);
    } else {
        ovnha_cli_complain(work, "not done: Pacemaker was not told: %s", err->text);
    }
    ovnha_cli_cluster_free(&now);
    return result == OVNHA_ERR_TIMEOUT ? EXIT_UNKNOWN : EXIT_CRITICAL;
}

/* By Pacemaker's own word. */
static bool is_not_there(struct ovnha_cli_work *work,
                         const struct ovnha_cli_move_ids *ids)
{
    struct ovnha_cli_cluster now = {0};
    const bool known = read_cluster_at_last(work, &now);
    const struct ovnha_cli_location *one = known ? ovnha_cli_move_of(&now) : NULL;
    const bool gone = known && !(one && strcmp(one->rule, ids->rule) == 0);

    ovnha_cli_cluster_free(&now);
    return gone;
}

static bool remove_at_last(struct ovnha_cli_work *work, struct guard *guard)
{
    struct ovnha_err err = {""};
    const bool removed = remove_constraint(guard->ids.constraint, guard->ids.rule,
                                           ovnha_cli_last_limit().deadline, &err) ||
                         is_not_there(work, &guard->ids);

    if (!removed) {
        ovnha_cli_complain(work,
                           "constraint %s is not removed yet, and process %d goes on "
                           "trying; it ends by itself, too: %s",
                           guard->ids.constraint, (int)guard->pid, err.text);
    }
    end_guard(guard, removed);
    return removed;
}

/* With the guard on its post. */
static int move_guarded(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                        const char *to, struct guard *guard)
{
    struct ovnha_err err = {""};
    struct clients clients;
    char why[300] = "";
    enum ovnha_cli_move_state state = OVNHA_CLI_MOVING;

    begin_clients(work, &view->cluster, &clients);
    ovnha_cli_tell(work, "Pacemaker is told to promote %s (constraint %s)", to,
                   guard->ids.constraint);
    const enum ovnha_result result =
        add_constraint(work, &view->cluster, to, &guard->ids, &err);

    if (result == OVNHA_OK) {
        state = watch_move(work, &view->cluster, to, why);
    }
    const bool removed = remove_at_last(work, guard);

    if (removed && result == OVNHA_OK) {
        ovnha_cli_tell(work, "constraint %s is removed", guard->ids.constraint);
    }
    if (result == OVNHA_OK && state == OVNHA_CLI_MOVED) {
        return finish(work, view, to, &clients, removed);
    }
    end_clients(work, &clients, 0);
    return result == OVNHA_OK ? report_failure(work, state, to, why)
                              : report_refusal(work, guard, result, &err);
}

/* One that is there is another's, who is at it, or was lost amid. */
static bool make_way(struct ovnha_cli_work *work, const struct ovnha_cli_view *view)
{
    const struct ovnha_cli_location *other = ovnha_cli_move_of(&view->cluster);
    struct ovnha_err err = {""};

    if (!other) {
        return true;
    }
    if (!ovnha_cli_has_expired(other, view->situation.now)) {
        ovnha_cli_complain(work,
                           "not done: another move, to %s, is under way, or was cut off "
                           "(constraint %s, until %s)",
                           other->node, other->id, other->expires);
        return false;
    }
    work->changed = true;
    if (!remove_constraint(other->id, other->rule, ovnha_cli_work_limit(work).deadline,
                           &err)) {
        ovnha_cli_complain(work,
                           "not done: constraint %s, left by another move, cannot be "
                           "removed: %s",
                           other->id, err.text);
        return false;
    }
    ovnha_cli_tell(work, "constraint %s, left by another move, is removed", other->id);
    return true;
}

static bool make_ids(const struct ovnha_cli_cluster *cluster,
                     struct ovnha_cli_move_ids *ids, struct ovnha_err *err)
{
    struct utsname host;
    char who[sizeof host.nodename + 20];

    uname(&host);
    snprintf(who, sizeof who, "%s-%d", host.nodename, (int)getpid());
    return ovnha_cli_move_ids(cluster, who, ids) ||
           ovnha_fail(err, OVNHA_ERR_INVALID, "the resource has no usable name") ==
               OVNHA_OK;
}

int ovnha_cli_move(struct ovnha_cli_work *work, const struct ovnha_cli_view *view,
                   const char *to)
{
    struct ovnha_err err = {""};
    struct guard guard;

    if (!make_way(work, view)) {
        return EXIT_CRITICAL;
    }
    if (!make_ids(&view->cluster, &guard.ids, &err) || !start_guard(&guard, &err)) {
        ovnha_cli_complain(work, "not done: %s", err.text);
        return EXIT_CRITICAL;
    }
    return move_guarded(work, view, to, &guard);
}
