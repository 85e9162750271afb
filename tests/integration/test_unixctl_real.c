/* SPDX-License-Identifier: Apache-2.0 */
#include "real_server.h"

#include <ovnha/ovsdb.h>
#include <ovnha/sync_status.h>
#include <ovnha/unixctl.h>

/* Both clients against real servers: what one says and what it does.  Nothing
 * here depends on the version of OVS. */

static struct ovnha_unixctl *open_ctl(const struct server *server)
{
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;

    if (ovnha_unixctl_open(server->control, generous(), &ctl, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    return ctl;
}

static struct ovnha_ovsdb *open_db(const char *method)
{
    struct ovnha_ovsdb *db;
    struct ovnha_err err;

    if (ovnha_ovsdb_open(method, generous(), &db, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    return db;
}

/* One command on a connection of its own; its reply is the caller's to free. */
static char *ask(const struct server *server, const char *method, const char *arg)
{
    const struct ovnha_unixctl_command command = {method, {arg}};
    struct ovnha_unixctl *ctl = open_ctl(server);
    struct ovnha_err err;
    char *reply;

    if (ovnha_unixctl_run(ctl, &command, 1, &reply, generous(), &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    ovnha_unixctl_close(ctl);
    return reply;
}

static struct ovnha_sync_status sync_status(const struct server *server)
{
    char *reply = ask(server, "ovsdb-server/sync-status", NULL);
    struct ovnha_sync_status status;
    struct ovnha_err err;

    if (ovnha_sync_status_parse(reply, &status, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    free(reply);
    return status;
}

static void assert_status(const struct server *server, enum ovnha_sync_state state,
                          enum ovnha_sync_link link, const char *source)
{
    struct ovnha_sync_status status = sync_status(server);

    assert_string_equal(ovnha_sync_state_to_str(status.state),
                        ovnha_sync_state_to_str(state));
    assert_string_equal(ovnha_sync_link_to_str(status.link),
                        ovnha_sync_link_to_str(link));
    assert_string_equal(status.source, source);
}

static void wait_replicating(const struct server *server, const char *source)
{
    ovnha_msec deadline = generous();
    struct ovnha_sync_status status = sync_status(server);

    while (status.link != OVNHA_LINK_REPLICATING || strcmp(status.source, source) != 0) {
        assert_int_equal(status.state, OVNHA_SYNC_BACKUP);
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        poll(NULL, 0, 10);
        status = sync_status(server);
    }
}

static enum ovnha_result transact(struct ovnha_ovsdb *db, const char *operations,
                                  json_t **results, struct ovnha_err *err)
{
    json_t *parsed = json_loads(operations, 0, NULL);
    enum ovnha_result result;

    assert_non_null(parsed);
    result = ovnha_ovsdb_transact(db, "OVN_Northbound", parsed, results, generous(), err);
    json_decref(parsed);
    return result;
}

static enum ovnha_result add_switch(const char *method, const char *name,
                                    struct ovnha_err *err)
{
    struct ovnha_ovsdb *db = open_db(method);
    enum ovnha_result result;
    char operations[256];
    json_t *results;

    snprintf(
        operations, sizeof operations,
        "[{\"op\":\"insert\",\"table\":\"Logical_Switch\",\"row\":{\"name\":\"%s\"}}]",
        name);
    result = transact(db, operations, &results, err);
    json_decref(results);
    ovnha_ovsdb_close(db);
    return result;
}

static bool has_switch(const char *method, const char *name)
{
    struct ovnha_ovsdb *db = open_db(method);
    struct ovnha_err err;
    char operations[256];
    json_t *results;
    bool has;

    snprintf(operations, sizeof operations,
             "[{\"op\":\"select\",\"table\":\"Logical_Switch\",\"columns\":[\"name\"],"
             "\"where\":[[\"name\",\"==\",\"%s\"]]}]",
             name);
    if (transact(db, operations, &results, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    has = json_array_size(json_object_get(json_array_get(results, 0), "rows")) > 0;
    json_decref(results);
    ovnha_ovsdb_close(db);
    return has;
}

static void wait_switch(const char *method, const char *name)
{
    ovnha_msec deadline = generous();

    while (!has_switch(method, name)) {
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        poll(NULL, 0, 10);
    }
}

/* --- control socket ---------------------------------------------------------- */

static void test_a_fresh_server_is_active(void **state)
{
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_unixctl *ctl;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    assert_status(server, OVNHA_SYNC_ACTIVE, OVNHA_LINK_NONE, "");
    ctl = open_ctl(server);
    assert_int_equal(ovnha_unixctl_peer(ctl), server->pid);
    ovnha_unixctl_close(ctl);
}

static void test_refusals(void **state)
{
    static const struct ovnha_unixctl_command commands[] = {
        {"version", {NULL}},
        {"no-such-command", {NULL}},
        {"version", {"a", "b", "c", "d"}},
        {"ovsdb-server/sync-status", {NULL}},
    };
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;
    char *replies[4];

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    ctl = open_ctl(server);
    assert_int_equal(ovnha_unixctl_run(ctl, commands, 4, replies, generous(), &err),
                     OVNHA_ERR_REFUSED);
    assert_non_null(strstr(err.text, "\"no-such-command\" is not a valid command"));
    assert_non_null(strstr(replies[0], "Open vSwitch"));
    assert_null(replies[1]);
    assert_null(replies[2]);
    assert_non_null(strstr(replies[3], "state: active"));
    free(replies[0]);
    free(replies[3]);
    ovnha_unixctl_close(ctl);
}

/* More than the server takes from one connection in a turn. */
static void test_many_in_one_buffer(void **state)
{
    enum { N = 50 };
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_unixctl_command commands[N];
    struct ovnha_unixctl *ctl;
    char *replies[N];

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    ctl = open_ctl(server);
    for (int i = 0; i < N; i++) {
        commands[i] = (struct ovnha_unixctl_command){"version", {NULL}};
    }
    assert_int_equal(ovnha_unixctl_run(ctl, commands, N, replies, generous(), NULL),
                     OVNHA_OK);
    for (int i = 0; i < N; i++) {
        assert_string_equal(replies[i], replies[0]);
    }
    for (int i = 0; i < N; i++) {
        free(replies[i]);
    }
    ovnha_unixctl_close(ctl);
}

static void test_remotes(void **state)
{
    struct server *server = &((struct place *)*state)->servers[0];
    char remote[128];
    char more[160];
    char *reply;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    snprintf(remote, sizeof remote, "punix:%s\n", server->socket);
    reply = ask(server, "ovsdb-server/list-remotes", NULL);
    assert_string_equal(reply, remote);
    free(reply);
    snprintf(more, sizeof more, "punix:%s.more", server->socket);
    tell(server, "ovsdb-server/add-remote", more);
    reply = ask(server, "ovsdb-server/list-remotes", NULL);
    assert_non_null(strstr(reply, more));
    free(reply);
    snprintf(more, sizeof more, "unix:%s.more", server->socket);
    assert_false(has_switch(more, "x"));
    snprintf(more, sizeof more, "punix:%s.more", server->socket);
    tell(server, "ovsdb-server/remove-remote", more);
    reply = ask(server, "ovsdb-server/list-remotes", NULL);
    assert_string_equal(reply, remote);
    free(reply);
}

static void test_a_stopped_server_is_a_timeout(void **state)
{
    static const struct ovnha_unixctl_command version[] = {{"version", {NULL}}};
    static const struct ovnha_unixctl_command status[] = {
        {"ovsdb-server/sync-status", {NULL}}};
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_unixctl *ctl;
    char *reply;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    assert_int_equal(kill(server->pid, SIGSTOP), 0);
    assert_int_equal(waitpid(server->pid, NULL, WUNTRACED), server->pid);
    ctl = open_ctl(server); /* the backlog lets us in */
    assert_int_equal(ovnha_unixctl_run(ctl, version, 1, &reply, shortly(), NULL),
                     OVNHA_ERR_TIMEOUT);
    assert_int_equal(kill(server->pid, SIGCONT), 0);
    assert_int_equal(ovnha_unixctl_run(ctl, status, 1, &reply, generous(), NULL),
                     OVNHA_OK);
    assert_non_null(strstr(reply, "state:")); /* not the late version */
    free(reply);
    ovnha_unixctl_close(ctl);
}

static void test_a_killed_server_is_lost_and_then_unavailable(void **state)
{
    static const struct ovnha_unixctl_command version[] = {{"version", {NULL}}};
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_unixctl *ctl;
    struct ovnha_ovsdb *db;
    json_t *results;
    char *reply;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    ctl = open_ctl(server);
    db = open_db(server->method);
    kill_server(server);
    assert_int_equal(ovnha_unixctl_run(ctl, version, 1, &reply, generous(), NULL),
                     OVNHA_ERR_LOST);
    assert_int_equal(transact(db, "[]", &results, NULL), OVNHA_ERR_LOST);
    ovnha_unixctl_close(ctl);
    ovnha_ovsdb_close(db);
    assert_int_equal(ovnha_unixctl_open(server->control, generous(), &ctl, NULL),
                     OVNHA_ERR_UNAVAILABLE);
    assert_int_equal(ovnha_ovsdb_open(server->method, generous(), &db, NULL),
                     OVNHA_ERR_UNAVAILABLE);
}

/* --- database socket --------------------------------------------------------- */

static void test_transactions(void **state)
{
    static const struct {
        const char *operations;
        enum ovnha_result result;
        const char *words;
    } cases[] = {
        {"[]", OVNHA_OK, ""},
        {"[{\"op\":\"insert\",\"table\":\"NB_Global\",\"row\":{}}]", OVNHA_OK, ""},
        {"[{\"op\":\"mutate\",\"table\":\"NB_Global\",\"where\":[],\"mutations\":"
         "[[\"external_ids\",\"insert\",[\"map\",[[\"k\",\"v\"]]]]]},"
         "{\"op\":\"select\",\"table\":\"NB_Global\",\"where\":[]}]",
         OVNHA_OK, ""},
        {"[{\"op\":\"wait\",\"timeout\":0,\"table\":\"NB_Global\",\"where\":"
         "[[\"external_ids\",\"includes\",[\"map\",[[\"k\",\"v\"]]]]],"
         "\"columns\":[\"_uuid\"],\"until\":\"!=\",\"rows\":[]}]",
         OVNHA_OK, ""},
        {"[{\"op\":\"wait\",\"timeout\":0,\"table\":\"NB_Global\",\"where\":"
         "[[\"external_ids\",\"includes\",[\"map\",[[\"k\",\"w\"]]]]],"
         "\"columns\":[\"_uuid\"],\"until\":\"!=\",\"rows\":[]},"
         "{\"op\":\"select\",\"table\":\"NB_Global\",\"where\":[]}]",
         OVNHA_ERR_REFUSED, "timed out"},
        {"[{\"op\":\"select\",\"table\":\"NB_Global\",\"where\":[]},{\"op\":\"x\"}]",
         OVNHA_ERR_REFUSED, "No operation \"x\""},
        /* at the commit: a second row in a table of one */
        {"[{\"op\":\"insert\",\"table\":\"NB_Global\",\"row\":{}}]", OVNHA_ERR_REFUSED,
         "constraint violation"},
    };
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_ovsdb *db;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    db = open_db(server->method);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ovnha_err err = {""};
        json_t *results;

        print_message("# %s\n", cases[i].operations);
        assert_int_equal(transact(db, cases[i].operations, &results, &err),
                         cases[i].result);
        assert_non_null(strstr(err.text, cases[i].words));
        assert_int_equal(results == NULL, cases[i].result != OVNHA_OK);
        json_decref(results);
    }
    ovnha_ovsdb_close(db);
}

static void test_an_unknown_database(void **state)
{
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_ovsdb *db;
    struct ovnha_err err;
    json_t *none;
    json_t *results;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    db = open_db(server->method);
    none = json_array();
    assert_int_equal(
        ovnha_ovsdb_transact(db, "Nothing", none, &results, generous(), &err),
        OVNHA_ERR_REFUSED);
    assert_non_null(strstr(err.text, "unknown database"));
    assert_null(results);
    json_decref(none);
    ovnha_ovsdb_close(db);
}

static void test_over_tcp(void **state)
{
    struct server *server = &((struct place *)*state)->servers[0];
    char passive[OVNHA_METHOD_SIZE];
    char active[OVNHA_METHOD_SIZE];
    struct ovnha_err err;
    uint16_t port;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    port = free_port();
    ovnha_method_passive(passive, OVNHA_TCP, "127.0.0.1", port);
    ovnha_method_active(active, OVNHA_TCP, "127.0.0.1", port);
    tell(server, "ovsdb-server/add-remote", passive);
    /* It listens after it has replied, but before it answers the next one. */
    free(ask(server, "ovsdb-server/list-remotes", NULL));
    assert_int_equal(add_switch(active, "over-tcp", &err), OVNHA_OK);
    assert_true(has_switch(server->method, "over-tcp"));
}

/* --- roles -------------------------------------------------------------------- */

static void test_connect_and_disconnect(void **state)
{
    struct server *server = &((struct place *)*state)->servers[0];
    struct ovnha_err err;
    char nowhere[160];

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    assert_int_equal(add_switch(server->method, "before", &err), OVNHA_OK);
    snprintf(nowhere, sizeof nowhere, "%s.nowhere", server->method);
    tell(server, "ovsdb-server/set-active-ovsdb-server", nowhere);
    assert_status(server, OVNHA_SYNC_ACTIVE, OVNHA_LINK_NONE, "");
    tell(server, "ovsdb-server/connect-active-ovsdb-server", NULL);
    assert_status(server, OVNHA_SYNC_BACKUP, OVNHA_LINK_CONNECTING, nowhere);
    assert_int_equal(add_switch(server->method, "during", &err), OVNHA_ERR_REFUSED);
    assert_non_null(strstr(err.text, "not allowed"));
    assert_true(has_switch(server->method, "before")); /* an absent active: data stay */
    tell(server, "ovsdb-server/disconnect-active-ovsdb-server", NULL);
    assert_status(server, OVNHA_SYNC_ACTIVE, OVNHA_LINK_NONE, "");
    assert_int_equal(add_switch(server->method, "after", &err), OVNHA_OK);
    assert_false(has_switch(server->method, "during"));
}

static void follow(const struct server *server, const struct server *source)
{
    const struct ovnha_unixctl_command commands[] = {
        {"ovsdb-server/disconnect-active-ovsdb-server", {NULL}},
        {"ovsdb-server/set-active-ovsdb-server", {source->method}},
        {"ovsdb-server/connect-active-ovsdb-server", {NULL}},
    };
    struct ovnha_unixctl *ctl = open_ctl(server);
    struct ovnha_err err;
    char *replies[3];

    if (ovnha_unixctl_run(ctl, commands, 3, replies, generous(), &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    for (int i = 0; i < 3; i++) {
        assert_string_equal(replies[i], "");
        free(replies[i]);
    }
    ovnha_unixctl_close(ctl);
}

static void test_a_pair_and_a_retarget(void **state)
{
    struct place *place = *state;
    struct server *one = &place->servers[0];
    struct server *two = &place->servers[1];
    struct server *backup = &place->servers[2];
    struct ovnha_err err;

    SKIP_WITHOUT_SERVERS();
    start_server(one);
    start_server(two);
    start_server(backup);
    assert_int_equal(add_switch(one->method, "of-one", &err), OVNHA_OK);
    assert_int_equal(add_switch(two->method, "of-two", &err), OVNHA_OK);
    follow(backup, one);
    wait_replicating(backup, one->method);
    wait_switch(backup->method, "of-one");
    assert_int_equal(add_switch(one->method, "later", &err), OVNHA_OK);
    wait_switch(backup->method, "later");
    assert_int_equal(add_switch(backup->method, "mine", &err), OVNHA_ERR_REFUSED);
    assert_non_null(strstr(err.text, "read only mode"));
    follow(backup, two);
    wait_replicating(backup, two->method);
    wait_switch(backup->method, "of-two");
    assert_false(has_switch(backup->method, "of-one"));
    kill_server(two); /* what was replicated outlives its source */
    tell(backup, "ovsdb-server/disconnect-active-ovsdb-server", NULL);
    assert_status(backup, OVNHA_SYNC_ACTIVE, OVNHA_LINK_NONE, "");
    assert_true(has_switch(backup->method, "of-two"));
    assert_int_equal(add_switch(backup->method, "mine", &err), OVNHA_OK);
}

#define AT_PLACE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_PLACE(test_a_fresh_server_is_active),
        AT_PLACE(test_refusals),
        AT_PLACE(test_many_in_one_buffer),
        AT_PLACE(test_remotes),
        AT_PLACE(test_a_stopped_server_is_a_timeout),
        AT_PLACE(test_a_killed_server_is_lost_and_then_unavailable),
        AT_PLACE(test_transactions),
        AT_PLACE(test_an_unknown_database),
        AT_PLACE(test_over_tcp),
        AT_PLACE(test_connect_and_disconnect),
        AT_PLACE(test_a_pair_and_a_retarget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
