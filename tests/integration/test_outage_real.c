/* SPDX-License-Identifier: Apache-2.0 */
#include "real_server.h"

#include <ovnha/database.h>

#include "cli/cluster.h"
#include "cli/outage.h"

/* The client that measures an outage, over TCP and over TLS: what a server that serves,
 * one that is read-only, and one of another authority are to it. */

/* A key and a certificate of its own, by which it is also an authority. */
struct identity {
    char key[96], certificate[96];
};

static struct identity make_identity(const struct place *place, const char *name)
{
    struct identity identity;

    snprintf(identity.key, sizeof identity.key, "%s/%s.key", place->dir, name);
    snprintf(identity.certificate, sizeof identity.certificate, "%s/%s.pem", place->dir,
             name);
    const char *const argv[] = {"openssl",  "req",
                                "-x509",    "-newkey",
                                "rsa:2048", "-nodes",
                                "-days",    "2",
                                "-subj",    "/CN=ovn",
                                "-keyout",  identity.key,
                                "-out",     identity.certificate,
                                NULL};

    run_program(argv);
    return identity;
}

/* Listens with TLS beside its socket; the port. */
static uint16_t start_with_tls(struct server *server, const struct identity *own,
                               const struct identity *authority)
{
    const uint16_t port = free_port();
    char remote[64], key[128], certificate[128], ca[128];
    const char *const more[] = {remote, key, certificate, ca, NULL};

    snprintf(remote, sizeof remote, "--remote=pssl:%u:127.0.0.1", port);
    snprintf(key, sizeof key, "--private-key=%s", own->key);
    snprintf(certificate, sizeof certificate, "--certificate=%s", own->certificate);
    snprintf(ca, sizeof ca, "--ca-cert=%s", authority->certificate);
    start_server_with(server, more);
    return port;
}

#define PARAM(name) "<nvpair name='" name "' value='%s'/>"

/* A resource with these files; NULL: over TCP. */
static void make_cluster(struct ovnha_cli_cluster *cluster, uint16_t port,
                         const struct identity *own, const struct identity *authority)
{
    struct ovnha_err err = {""};
    char text[4096], number[8];

    snprintf(number, sizeof number, "%u", port);
    snprintf(text, sizeof text,
             "<cib><configuration><resources><primitive id='ovndb' class='ocf' "
             "provider='ovnha' type='ovndb-servers'><instance_attributes>" PARAM(
                 "master_ip") PARAM("nb_master_port") PARAM("nb_master_protocol")
                 PARAM("ovn_nb_db_privkey") PARAM("ovn_nb_db_cert") PARAM(
                     "ovn_nb_db_cacert") "</instance_attributes></primitive></resources>"
                                         "</configuration></cib>",
             "127.0.0.1", number, own ? "ssl" : "tcp", own ? own->key : "",
             own ? own->certificate : "", own ? authority->certificate : "");
    if (ovnha_cli_cluster_parse("<pacemaker-result/>", text, NULL, cluster, &err) !=
        OVNHA_OK) {
        fail_msg("%s", err.text);
    }
}

/* One measurement, which lasts that long, or until the first success after it. */
static struct ovnha_cli_outage_result measure(const struct ovnha_cli_cluster *cluster,
                                              int ms, int patience_ms)
{
    struct ovnha_cli_outage outage;
    struct ovnha_cli_outage_result result;

    assert_true(ovnha_cli_outage_begin(cluster, ovnha_database_find("nb"), &outage));
    poll(NULL, 0, ms);
    ovnha_cli_outage_end(&outage, patience_ms, 0, &result);
    return result;
}

/* A machine that is busy may be too slow for the first measurements. */
static void expect_writes(const struct ovnha_cli_cluster *cluster)
{
    const ovnha_msec deadline = generous();
    struct ovnha_cli_outage_result result;

    do {
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        result = measure(cluster, 500, 5000);
    } while (result.successes < 2);
    assert_true(result.at_last);
    assert_true(result.longest_ms >= 0);
}

/* At least one attempt is always made. */
static void expect_no_writes(const struct ovnha_cli_cluster *cluster)
{
    const struct ovnha_cli_outage_result result = measure(cluster, 0, 0);

    assert_int_equal(result.successes, 0);
    assert_int_equal(result.longest_ms, -1);
    assert_false(result.at_last);
}

static void turn_read_only(const struct server *server)
{
    tell(server, "ovsdb-server/set-active-ovsdb-server", "unix:/nowhere/at/all");
    tell(server, "ovsdb-server/connect-active-ovsdb-server", NULL);
}

static void test_over_tcp(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_cli_cluster cluster;
    const uint16_t port = free_port();
    char remote[64];

    SKIP_WITHOUT_SERVERS();
    snprintf(remote, sizeof remote, "--remote=ptcp:%u:127.0.0.1", port);
    start_server_with(server, (const char *const[]){remote, NULL});
    make_cluster(&cluster, port, NULL, NULL);
    expect_writes(&cluster);
    turn_read_only(server);
    expect_no_writes(&cluster);
    tell(server, "ovsdb-server/disconnect-active-ovsdb-server", NULL);
    expect_writes(&cluster);
    kill_server(server);
    expect_no_writes(&cluster);
    ovnha_cli_cluster_free(&cluster);
}

static void test_over_tls(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_cli_cluster cluster;

    SKIP_WITHOUT_SERVERS();
    const struct identity own = make_identity(place, "own");
    const uint16_t port = start_with_tls(server, &own, &own);

    make_cluster(&cluster, port, &own, &own);
    expect_writes(&cluster);
    turn_read_only(server);
    expect_no_writes(&cluster);
    tell(server, "ovsdb-server/disconnect-active-ovsdb-server", NULL);
    expect_writes(&cluster);
    ovnha_cli_cluster_free(&cluster);
}

/* Neither side takes the other for what it is not. */
static void test_another_authority(void **state)
{
    struct place *place = *state;
    struct ovnha_cli_cluster cluster;

    SKIP_WITHOUT_SERVERS();
    const struct identity own = make_identity(place, "own");
    const struct identity other = make_identity(place, "other");
    const uint16_t port = start_with_tls(&place->servers[0], &own, &own);

    make_cluster(&cluster, port, &own, &other);
    expect_no_writes(&cluster);
    ovnha_cli_cluster_free(&cluster);
    make_cluster(&cluster, port, &other, &own);
    expect_no_writes(&cluster);
    ovnha_cli_cluster_free(&cluster);
    make_cluster(&cluster, port, NULL, NULL);
    expect_no_writes(&cluster);
    ovnha_cli_cluster_free(&cluster);
    make_cluster(&cluster, port, &own, &own);
    expect_writes(&cluster);
    ovnha_cli_cluster_free(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_over_tcp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_over_tls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_authority, setup, teardown),
    };

    return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}
