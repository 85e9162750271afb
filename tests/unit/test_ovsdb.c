/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ovnha/ovsdb.h>

static struct ovnha_ovsdb *open_db(struct peer *peer)
{
    struct ovnha_ovsdb *db;
    struct ovnha_err err;
    char method[128];

    snprintf(method, sizeof method, "unix:%s", peer->path);
    assert_int_equal(ovnha_ovsdb_open(method, generous(), &db, &err), OVNHA_OK);
    peer_accept(peer);
    return db;
}

static void assert_says(const struct ovnha_err *err, const char *words)
{
    if (!strstr(err->text, words)) {
        fail_msg("\"%s\" does not say \"%s\"", err->text, words);
    }
}

/* Two operations, so that there can be a first and a last. */
static enum ovnha_result transact(struct ovnha_ovsdb *db, json_t **results,
                                  ovnha_msec deadline, struct ovnha_err *err)
{
    json_t *operations = json_pack("[{ss}, {ss}]", "op", "one", "op", "two");
    enum ovnha_result result =
        ovnha_ovsdb_transact(db, "Some_DB", operations, results, deadline, err);

    json_decref(operations);
    return result;
}

#define REQUEST(ID)                                                                      \
    "{\"id\":" ID ",\"method\":\"transact\",\"params\":"                                 \
    "[\"Some_DB\",{\"op\":\"one\"},{\"op\":\"two\"}]}"

static void test_results_stand_in_order(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    struct ovnha_err err = {""};
    json_t *results;

    peer_say(peer, "{\"id\":0,\"result\":[{\"rows\":[]},{\"count\":1}],\"error\":null}");
    assert_int_equal(transact(db, &results, generous(), &err), OVNHA_OK);
    assert_int_equal(json_array_size(results), 2);
    assert_int_equal(
        json_integer_value(json_object_get(json_array_get(results, 1), "count")), 1);
    assert_string_equal(peer_heard(peer), REQUEST("0"));
    assert_string_equal(err.text, "");
    json_decref(results);
    ovnha_ovsdb_close(db);
}

static void test_in_pieces(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    json_t *results;
    pid_t pid = peer_later(peer, "{\"id\":0,\"result\":[{},{\"uuid\":[\"uuid\",\"0\"]}],"
                                 "\"error\":null}");

    assert_int_equal(transact(db, &results, generous(), NULL), OVNHA_OK);
    json_decref(results);
    peer_reap(pid);
    ovnha_ovsdb_close(db);
}

static void test_an_echo_is_answered_meanwhile(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    json_t *results;

    peer_say(peer, "{\"id\":\"echo\",\"method\":\"echo\",\"params\":[]}"
                   "{\"id\":[7],\"method\":\"echo\",\"params\":[\"x\"]}"
                   "{\"id\":0,\"result\":[{},{}],\"error\":null}");
    assert_int_equal(transact(db, &results, generous(), NULL), OVNHA_OK);
    assert_string_equal(peer_heard(peer),
                        REQUEST("0") "{\"id\":\"echo\",\"result\":[],\"error\":null}"
                                     "{\"id\":[7],\"result\":[\"x\"],\"error\":null}");
    json_decref(results);
    ovnha_ovsdb_close(db);
}

static void test_notifications_are_passed_over(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    json_t *results;

    peer_say(peer, "{\"id\":null,\"method\":\"update\",\"params\":[null,{}]}"
                   "{\"id\":0,\"result\":[{},{}],\"error\":null}");
    assert_int_equal(transact(db, &results, generous(), NULL), OVNHA_OK);
    assert_string_equal(peer_heard(peer), REQUEST("0"));
    json_decref(results);
    ovnha_ovsdb_close(db);
}

/* A peer that only ever asks whether we live is as good as silent. */
static void test_echoes_do_not_move_the_deadline(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    json_t *results;

    peer_say(peer, "{\"id\":0,\"method\":\"echo\",\"params\":[]}"
                   "{\"id\":1,\"method\":\"echo\",\"params\":[]}"
                   "{\"id\":0,\"result\":[{},{}],\"error\":null}");
    assert_int_equal(transact(db, &results, ovnha_now() - 1, NULL), OVNHA_ERR_TIMEOUT);
    assert_null(results);
    ovnha_ovsdb_close(db);
}

static const struct {
    const char *reply;
    const char *words[2];
} refusals[] = {
    {"{\"id\":0,\"result\":[{\"details\":\"insert operation not allowed when database "
     "server is in read only mode\",\"error\":\"not allowed\"},null],\"error\":null}",
     {"not allowed", "read only mode"}},
    {"{\"id\":0,\"result\":[{},{\"error\":\"timed out\",\"details\":\"waited\"}],"
     "\"error\":null}",
     {"timed out", "waited"}},
    {"{\"id\":0,\"result\":[{\"error\":\"aborted\"},null],\"error\":null}",
     {"aborted", "transaction"}},
    /* of the commit itself: one element more */
    {"{\"id\":0,\"result\":[{},{},{\"error\":\"referential integrity violation\","
     "\"details\":\"x\"}],\"error\":null}",
     {"referential integrity violation", "x"}},
    /* of the request as a whole */
    {"{\"id\":0,\"result\":null,\"error\":{\"error\":\"unknown database\","
     "\"details\":\"Some_DB\",\"syntax\":\"[]\"}}",
     {"unknown database", "Some_DB"}},
    {"{\"id\":0,\"error\":\"canceled\",\"result\":null}", {"canceled", ""}},
    {"{\"id\":0,\"error\":\"canceled\"}", {"canceled", ""}},
    {"{\"id\":0,\"error\":{},\"result\":null}", {"no reason", ""}},
};

static void test_refusals(void **state)
{
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct ovnha_ovsdb *db = open_db(peer);
        struct ovnha_err err;
        json_t *results;

        print_message("# %s\n", refusals[i].reply);
        peer_say(peer, refusals[i].reply);
        assert_int_equal(transact(db, &results, generous(), &err), OVNHA_ERR_REFUSED);
        assert_null(results);
        assert_says(&err, refusals[i].words[0]);
        assert_says(&err, refusals[i].words[1]);
        peer_hang_up(peer);
        ovnha_ovsdb_close(db);
    }
}

static void test_nonsense(void **state)
{
    static const char *const replies[] = {
        "x",
        "{\"id\":0}",
        "{\"id\":0,\"result\":null,\"error\":null}",
        "{\"id\":0,\"result\":{},\"error\":null}",
        "{\"id\":0,\"result\":[{}],\"error\":null}",
        "{\"id\":0,\"result\":[{},{},{}],\"error\":null}",
        "{\"id\":0,\"result\":[{},null],\"error\":null}",
        "{\"id\":0,\"result\":[{},7],\"error\":null}",
        "{\"id\":1,\"result\":[{},{}],\"error\":null}",
        "{\"method\":\"echo\"}",
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        struct ovnha_ovsdb *db = open_db(peer);
        struct ovnha_err err;
        json_t *results;

        print_message("# %s\n", replies[i]);
        peer_say(peer, replies[i]);
        assert_int_equal(transact(db, &results, generous(), &err), OVNHA_ERR_PROTOCOL);
        assert_null(results);
        assert_says(&err, peer->path);
        peer_hang_up(peer);
        ovnha_ovsdb_close(db);
    }
}

static void test_a_hang_up_midway(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    struct ovnha_err err;
    json_t *results;

    peer_say(peer, "{\"id\":0,\"resu");
    shutdown(peer->fd, SHUT_WR);
    assert_int_equal(transact(db, &results, generous(), &err), OVNHA_ERR_LOST);
    assert_null(results);
    assert_says(&err, peer->path);
    ovnha_ovsdb_close(db);
}

static void test_silence_and_a_late_reply(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    json_t *results;

    assert_int_equal(transact(db, &results, shortly(), NULL), OVNHA_ERR_TIMEOUT);
    assert_null(results);
    peer_say(peer, "{\"id\":0,\"result\":[],\"error\":null}"
                   "{\"id\":1,\"result\":[{},{}],\"error\":null}");
    assert_int_equal(transact(db, &results, generous(), NULL), OVNHA_OK);
    assert_int_equal(json_array_size(results), 2);
    assert_string_equal(peer_heard(peer), REQUEST("0") REQUEST("1"));
    json_decref(results);
    ovnha_ovsdb_close(db);
}

static void test_operations_are_an_array(void **state)
{
    struct peer *peer = *state;
    struct ovnha_ovsdb *db = open_db(peer);
    json_t *object = json_object();
    json_t *results;

    assert_int_equal(
        ovnha_ovsdb_transact(db, "Some_DB", object, &results, generous(), NULL),
        OVNHA_ERR_INVALID);
    assert_null(results);
    assert_string_equal(peer_heard(peer), "");
    json_decref(object);
    ovnha_ovsdb_close(db);
}

static void test_methods(void **state)
{
    static const struct {
        const char *method;
        enum ovnha_result result;
    } cases[] = {
        {"unix:/nonexistent/x.sock", OVNHA_ERR_UNAVAILABLE},
        {"ssl:127.0.0.1:6641", OVNHA_ERR_INVALID},
        {"ptcp:6641", OVNHA_ERR_INVALID},
        {"127.0.0.1:6641", OVNHA_ERR_INVALID},
        {"", OVNHA_ERR_INVALID},
        {"tcp:", OVNHA_ERR_INVALID},
        {"tcp:127.0.0.1", OVNHA_ERR_INVALID},
        {"tcp:127.0.0.1:", OVNHA_ERR_INVALID},
        {"tcp:127.0.0.1:x", OVNHA_ERR_INVALID},
        {"tcp:[::1]", OVNHA_ERR_INVALID},
        {"tcp:localhost:6641", OVNHA_ERR_INVALID},
    };
    struct ovnha_ovsdb *db;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ovnha_err err = {""};

        print_message("# %s\n", cases[i].method);
        assert_int_equal(ovnha_ovsdb_open(cases[i].method, generous(), &db, &err),
                         cases[i].result);
        assert_null(db);
        assert_int_not_equal(err.text[0], '\0');
    }
    ovnha_ovsdb_close(NULL);
}

/* A socket on a free port of `addr`; bound, not yet listening. */
static int bind_tcp(int family, uint16_t *port)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address =
        family == AF_INET6 ? (struct sockaddr *)&in6 : (struct sockaddr *)&in;
    socklen_t size = family == AF_INET6 ? sizeof in6 : sizeof in;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, address, size) < 0) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    assert_int_equal(getsockname(fd, address, &size), 0);
    *port = ntohs(family == AF_INET6 ? in6.sin6_port : in.sin_port);
    return fd;
}

static void converse_tcp(struct peer *peer, int family, const char *format)
{
    struct ovnha_ovsdb *db;
    struct ovnha_err err;
    json_t *results;
    uint16_t port;
    char method[64];
    int listener = bind_tcp(family, &port);

    if (listener < 0) {
        print_message("# left out: no loopback address of family %d\n", family);
        return;
    }
    snprintf(method, sizeof method, "tcp:%s:%u", format, port);
    assert_int_equal(ovnha_ovsdb_open(method, generous(), &db, &err),
                     OVNHA_ERR_UNAVAILABLE);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(ovnha_ovsdb_open(method, generous(), &db, &err), OVNHA_OK);
    close(peer->listener);
    peer->listener = listener;
    peer_accept(peer);
    peer_say(peer, "{\"id\":0,\"result\":[{},{}],\"error\":null}");
    assert_int_equal(transact(db, &results, generous(), &err), OVNHA_OK);
    json_decref(results);
    ovnha_ovsdb_close(db);
    peer_hang_up(peer);
}

static void test_over_tcp(void **state)
{
    converse_tcp(*state, AF_INET, "127.0.0.1");
    converse_tcp(*state, AF_INET6, "[::1]");
}

#define WITH_PEER(test) cmocka_unit_test_setup_teardown(test, peer_setup, peer_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PEER(test_results_stand_in_order),
        WITH_PEER(test_in_pieces),
        WITH_PEER(test_an_echo_is_answered_meanwhile),
        WITH_PEER(test_notifications_are_passed_over),
        WITH_PEER(test_echoes_do_not_move_the_deadline),
        WITH_PEER(test_refusals),
        WITH_PEER(test_nonsense),
        WITH_PEER(test_a_hang_up_midway),
        WITH_PEER(test_silence_and_a_late_reply),
        WITH_PEER(test_operations_are_an_array),
        WITH_PEER(test_methods),
        WITH_PEER(test_over_tcp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
