/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/params.h"
#include "fake_env.h"

#define VIP                                                                              \
    {                                                                                    \
        "master_ip", "192.0.2.10"                                                        \
    }

#define SET(...)                                                                         \
    (struct fake_variable[])                                                             \
    {                                                                                    \
        VIP, __VA_ARGS__,                                                                \
        {                                                                                \
            NULL, NULL                                                                   \
        }                                                                                \
    }

static void parse(struct fake_variable *set, struct ovnha_params *params)
{
    struct ovnha_err err = {""};
    enum ovnha_result result = ovnha_params_parse(fake_get, set, params, &err);

    if (result != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(struct fake_variable *set, const char *text)
{
    struct ovnha_params params;
    struct ovnha_err err = {""};

    assert_int_equal(ovnha_params_parse(fake_get, set, &params, &err), OVNHA_ERR_INVALID);
    assert_string_equal(err.text, text);
}

static const struct ovnha_param *find(const char *name)
{
    for (size_t i = 0; i < ovnha_n_params; i++) {
        if (!strcmp(ovnha_params_table[i].name, name)) {
            return &ovnha_params_table[i];
        }
    }
    return NULL;
}

/* What ocf:ovn:ovndb-servers has. */
static const struct fake_variable stock[] = {
    {"ovn_ctl", "/usr/share/ovn/scripts/ovn-ctl"},
    {"master_ip", ""},
    {"nb_master_port", "6641"},
    {"nb_master_protocol", "tcp"},
    {"sb_master_port", "6642"},
    {"sb_master_protocol", "tcp"},
    {"manage_northd", "no"},
    {"inactive_probe_interval", "5000"},
    {"inactive_probe_interval_to_master", "60000"},
    {"listen_on_master_ip_only", "yes"},
    {"ovn_nb_db_privkey", "/etc/openvswitch/ovnnb-privkey.pem"},
    {"ovn_nb_db_cert", "/etc/openvswitch/ovnnb-cert.pem"},
    {"ovn_nb_db_cacert", "/etc/openvswitch/cacert.pem"},
    {"ovn_sb_db_privkey", "/etc/openvswitch/ovnsb-privkey.pem"},
    {"ovn_sb_db_cert", "/etc/openvswitch/ovnsb-cert.pem"},
    {"ovn_sb_db_cacert", "/etc/openvswitch/cacert.pem"},
};

static void test_stock_names_and_defaults(void **state)
{
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof stock / sizeof stock[0]; i++) {
        const struct ovnha_param *param = find(stock[i].name);

        assert_non_null(param);
        assert_true(param->stock);
        assert_string_equal(param->fallback, stock[i].value);
    }
    for (size_t i = 0; i < ovnha_n_params; i++) {
        n += ovnha_params_table[i].stock;
    }
    assert_int_equal(n, sizeof stock / sizeof stock[0]);
}

static void test_the_table_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < ovnha_n_params; i++) {
        const struct ovnha_param *param = &ovnha_params_table[i];

        assert_ptr_equal(find(param->name), param);
        assert_true(strlen(param->shortdesc) > 0 && strlen(param->shortdesc) < 60);
        assert_true(strlen(param->longdesc) > 0);
    }
}

static void test_defaults(void **state)
{
    struct ovnha_params params;
    const struct ovnha_settings *settings = &params.settings;

    (void)state;
    parse((struct fake_variable[]){VIP, {NULL, NULL}}, &params);
    assert_int_equal(settings->n_dbs, 2);
    for (size_t i = 0; i < settings->n_dbs; i++) {
        const struct ovnha_db_settings *db = &settings->db[i];

        assert_ptr_equal(db->database, &ovnha_databases[i]);
        assert_int_equal(db->port, db->database->client_port);
        assert_int_equal(db->replication_port, db->database->replication_port);
        assert_int_equal(db->protocol, OVNHA_TCP);
    }
    assert_string_equal(settings->master_ip, "192.0.2.10");
    assert_true(settings->listen_on_master_ip_only);
    assert_false(settings->manage_northd);
    assert_int_equal(settings->on_crash, OVNHA_ON_CRASH_AUTO);
    assert_int_equal(settings->client_probe_ms, 5000);
    assert_int_equal(settings->replica_probe_ms, 60000);
    assert_int_equal(params.node_addresses.n, 0);
    assert_string_equal(params.ovn_rundir, "/var/run/ovn");
    assert_string_equal(params.ovn_dbdir, "/var/lib/ovn");
    assert_string_equal(params.ovn_logdir, "");
    assert_string_equal(params.tls[1].cert, "/etc/openvswitch/ovnsb-cert.pem");
}

static void test_each_value_goes_to_its_field(void **state)
{
    struct ovnha_params params;

    (void)state;
    parse(SET({"ovn_ctl", "/opt/ctl"}, {"nb_master_port", "1"},
              {"sb_master_port", "65535"}, {"nb_replication_port", "2"},
              {"sb_replication_port", "3"}, {"nb_master_protocol", "tcp"},
              {"sb_master_protocol", "ssl"}, {"manage_northd", "yes"},
              {"inactive_probe_interval", "180000"},
              {"inactive_probe_interval_to_master", "0"},
              {"listen_on_master_ip_only", "no"}, {"ovn_nb_db_privkey", "/nk"},
              {"ovn_nb_db_cert", "/nc"}, {"ovn_nb_db_cacert", "/na"},
              {"ovn_sb_db_privkey", "/sk"}, {"ovn_sb_db_cert", "/sc"},
              {"ovn_sb_db_cacert", "/sa"}, {"ovn_rundir", "/r"}, {"ovn_dbdir", "/d"},
              {"ovn_logdir", "/l"}),
          &params);
    assert_string_equal(params.ovn_ctl, "/opt/ctl");
    assert_int_equal(params.settings.db[0].port, 1);
    assert_int_equal(params.settings.db[1].port, 65535);
    assert_int_equal(params.settings.db[0].replication_port, 2);
    assert_int_equal(params.settings.db[1].replication_port, 3);
    assert_int_equal(params.settings.db[0].protocol, OVNHA_TCP);
    assert_int_equal(params.settings.db[1].protocol, OVNHA_SSL);
    assert_true(params.settings.manage_northd);
    assert_int_equal(params.settings.client_probe_ms, 180000);
    assert_int_equal(params.settings.replica_probe_ms, 0);
    assert_false(params.settings.listen_on_master_ip_only);
    assert_string_equal(params.tls[0].privkey, "/nk");
    assert_string_equal(params.tls[0].cert, "/nc");
    assert_string_equal(params.tls[0].cacert, "/na");
    assert_string_equal(params.tls[1].privkey, "/sk");
    assert_string_equal(params.tls[1].cert, "/sc");
    assert_string_equal(params.tls[1].cacert, "/sa");
    assert_string_equal(params.ovn_rundir, "/r");
    assert_string_equal(params.ovn_dbdir, "/d");
    assert_string_equal(params.ovn_logdir, "/l");
}

static void test_an_empty_text_is_the_default(void **state)
{
    struct ovnha_params params;

    (void)state;
    parse(SET({"nb_master_port", ""}, {"manage_northd", ""}, {"ovn_ctl", ""}), &params);
    assert_int_equal(params.settings.db[0].port, 6641);
    assert_string_equal(params.ovn_ctl, "/usr/share/ovn/scripts/ovn-ctl");
}

static void test_booleans(void **state)
{
    static const char *const yes[] = {"yes", "true", "on", "y", "1", "YES", "True"};
    static const char *const no[] = {"no", "false", "off", "n", "0", "NO", "False"};
    struct ovnha_params params;

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        parse(SET({"manage_northd", yes[i]}), &params);
        assert_true(params.settings.manage_northd);
        parse(SET({"manage_northd", no[i]}), &params);
        assert_false(params.settings.manage_northd);
    }
    parse(SET({"on_crash", "restart"}), &params);
    assert_int_equal(params.settings.on_crash, OVNHA_ON_CRASH_RESTART);
    parse(SET({"on_crash", "move"}), &params);
    assert_int_equal(params.settings.on_crash, OVNHA_ON_CRASH_MOVE);
    assert_refused(SET({"on_crash", "Restart"}),
                   "on_crash: 'Restart' is none of the three: "
                   "expected auto, move or restart");
    assert_refused(SET({"manage_northd", "maybe"}),
                   "manage_northd: 'maybe' is neither yes nor no: expected yes or no");
}

static void test_standbys(void **state)
{
    struct ovnha_params params;

    (void)state;
    parse(SET({"northd_standby", ""}), &params);
    assert_int_equal(params.settings.northd_standby, OVNHA_STANDBY_AUTO);
    parse(SET({"northd_standby", "hot"}), &params);
    assert_int_equal(params.settings.northd_standby, OVNHA_STANDBY_HOT);
    parse(SET({"northd_standby", "cold"}), &params);
    assert_int_equal(params.settings.northd_standby, OVNHA_STANDBY_COLD);
    assert_refused(
        SET({"northd_standby", "warm"}),
        "northd_standby: 'warm' is none of the three: expected auto, hot or cold");
}

static void test_wrong_ports(void **state)
{
    static const char *const wrong[] = {
        "0",  "70000", "65536", "-1",    "+1",
        " 1", "1 ",    "0x10",  "6641a", "99999999999999999999",
    };
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text,
                 "nb_master_port: '%s' is not a port: expected a whole number from 1 to "
                 "65535",
                 wrong[i]);
        assert_refused(SET({"nb_master_port", wrong[i]}), text);
    }
}

static void test_ports_must_differ(void **state)
{
    (void)state;
    assert_refused(
        SET({"nb_master_port", "6642"}),
        "sb_master_port: '6642' is the port of nb_master_port, too: expected a "
        "port of its own");
    assert_refused(SET({"sb_replication_port", "6641"}),
                   "sb_replication_port: '6641' is the port of nb_master_port, too: "
                   "expected a port of its own");
}

static void test_wrong_protocols(void **state)
{
    (void)state;
    assert_refused(SET({"sb_master_protocol", "udp"}),
                   "sb_master_protocol: 'udp' is not a protocol: expected tcp or ssl");
    assert_refused(SET({"nb_master_protocol", "SSL"}),
                   "nb_master_protocol: 'SSL' is not a protocol: expected tcp or ssl");
}

static void test_probes(void **state)
{
    static const char *const wrong[] = {"60", "999", "-1", "5s", "2147483648"};
    struct ovnha_params params;
    char text[160];

    (void)state;
    parse(SET({"inactive_probe_interval", "1000"}), &params);
    assert_int_equal(params.settings.client_probe_ms, 1000);
    parse(SET({"inactive_probe_interval", "2147483647"}), &params);
    assert_int_equal(params.settings.client_probe_ms, 2147483647);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(
            text, sizeof text,
            "inactive_probe_interval: '%s' is not a probe interval: expected "
            "milliseconds: 0 for no probes, or a whole number from 1000 to 2147483647",
            wrong[i]);
        assert_refused(SET({"inactive_probe_interval", wrong[i]}), text);
    }
}

static void test_paths_are_absolute(void **state)
{
    (void)state;
    assert_refused(
        SET({"ovn_ctl", "ovn-ctl"}),
        "ovn_ctl: 'ovn-ctl' is not an absolute path: expected an absolute path");
    assert_refused(
        SET({"ovn_dbdir", "../x"}),
        "ovn_dbdir: '../x' is not an absolute path: expected an absolute path");
}

/* A cut one would be another one: its servers would look as if they did not run. */
static void test_paths_have_an_end(void **state)
{
    char path[OVNHA_PARAM_PATH_MAX + 2] = "/", text[512];
    struct ovnha_params params;

    (void)state;
    memset(path + 1, 'x', OVNHA_PARAM_PATH_MAX - 1);
    parse(SET({"ovn_rundir", path}), &params);
    assert_string_equal(params.ovn_rundir, path);
    path[OVNHA_PARAM_PATH_MAX] = 'x';
    snprintf(text, sizeof text,
             "ovn_rundir: '%s' is longer than 200 bytes: expected an absolute path",
             path);
    assert_refused(SET({"ovn_rundir", path}), text);
}

#define WITH_IP(IP)                                                                      \
    (struct fake_variable[])                                                             \
    {                                                                                    \
        {"master_ip", IP},                                                               \
        {                                                                                \
            NULL, NULL                                                                   \
        }                                                                                \
    }

static void test_master_ip(void **state)
{
    struct ovnha_params params;

    (void)state;
    parse(WITH_IP("[2001:DB8::1]"), &params);
    assert_string_equal(params.settings.master_ip, "2001:db8::1");
    parse(WITH_IP("2001:db8:0:0::1"), &params);
    assert_string_equal(params.settings.master_ip, "2001:db8::1");
    assert_refused(
        WITH_IP("192.0.2.256"),
        "master_ip: '192.0.2.256' is not an address: expected a numeric IPv4 or "
        "IPv6 address of one host");
    assert_refused(
        WITH_IP("vip.example.com"),
        "master_ip: 'vip.example.com' is not an address: expected a numeric IPv4 "
        "or IPv6 address of one host");
    assert_refused(WITH_IP("0.0.0.0"),
                   "master_ip: '0.0.0.0' stands for every address: "
                   "expected a numeric IPv4 or IPv6 address of one host");
}

static void test_master_ip_is_needed_to_listen_on_it(void **state)
{
    struct ovnha_params params;

    (void)state;
    assert_refused(WITH_IP(""), "master_ip is needed: expected a numeric IPv4 or IPv6 "
                                "address of one host, or listen_on_master_ip_only=no");
    parse((struct fake_variable[]){{"listen_on_master_ip_only", "no"}, {NULL, NULL}},
          &params);
    assert_string_equal(params.settings.master_ip, "");
}

static void test_node_addresses(void **state)
{
    struct ovnha_params params;
    const struct ovnha_node_list *list = &params.node_addresses;

    (void)state;
    parse(SET({"node_addresses", " node1:10.0.0.1;node2:[fd00::2] ; Node1:fd00::3;"}),
          &params);
    assert_int_equal(list->n, 3);
    assert_string_equal(list->node[0].name, "node1");
    assert_string_equal(list->node[0].addr, "10.0.0.1");
    assert_string_equal(list->node[1].name, "node2");
    assert_string_equal(list->node[1].addr, "fd00::2");
    assert_string_equal(list->node[2].name, "Node1");
    assert_string_equal(list->node[2].addr, "fd00::3");
}

static void test_wrong_node_addresses(void **state)
{
    static const struct {
        const char *text;
        const char *wrong;
    } cases[] = {
        {"node1", "has a node without an address"},
        {"node1:", "has a node without an address"},
        {":10.0.0.1", "has an address without a node"},
        {"node1:10.0.0", "has a wrong address"},
        {"node1:0.0.0.0", "has a wrong address"},
        {"node1:10.0.0.1,node2:10.0.0.2", "has a wrong address"},
        {"a:10.0.0.1;a:10.0.0.2", "names a node twice"},
        {"a:fd00::1;b:[fd00:0::1]", "names an address twice"},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text,
                 "node_addresses: '%s' %s: expected NODE:ADDRESS with numeric addresses, "
                 "separated by ';' or blanks",
                 cases[i].text, cases[i].wrong);
        assert_refused(SET({"node_addresses", cases[i].text}), text);
    }
}

static void test_too_many_nodes(void **state)
{
    struct ovnha_params params;
    struct ovnha_err err;
    char text[4096] = "";

    (void)state;
    for (int i = 0; i <= OVNHA_NODES_MAX; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "n%d:10.0.0.%d ", i,
                 i + 1);
    }
    assert_int_equal(
        ovnha_params_parse(fake_get, SET({"node_addresses", text}), &params, &err),
        OVNHA_ERR_INVALID);
    assert_non_null(strstr(err.text, "names too many nodes"));
}

/* This host: a directory of our own with a script and PEM files. */

static char dir[] = "/tmp/ovnha-test-params-XXXXXX";
static char ctl[64], pem[64], absent[64];

static int make_host(void **state)
{
    (void)state;
    if (!mkdtemp(dir)) {
        return -1;
    }
    snprintf(ctl, sizeof ctl, "%s/ovn-ctl", dir);
    snprintf(pem, sizeof pem, "%s/pem", dir);
    snprintf(absent, sizeof absent, "%s/absent", dir);
    return chmod(dir, 0755) || close(creat(ctl, 0755)) || close(creat(pem, 0600));
}

static int remove_host(void **state)
{
    (void)state;
    unlink(ctl);
    unlink(pem);
    return rmdir(dir);
}

static enum ovnha_ocf check(struct fake_variable *set, struct ovnha_err *err)
{
    struct ovnha_params params;

    parse(set, &params);
    return ovnha_params_check_host(&params, err);
}

static void test_host_ovn_ctl(void **state)
{
    struct ovnha_err err = {""};
    char text[OVNHA_ERR_SIZE];

    (void)state;
    assert_int_equal(check(SET({"ovn_ctl", ctl}), &err), OVNHA_OCF_SUCCESS);
    assert_int_equal(check(SET({"ovn_ctl", absent}), &err), OVNHA_OCF_ERR_INSTALLED);
    snprintf(text, sizeof text,
             "ovn_ctl: '%s' cannot be executed: expected OVN's ovn-ctl script (package "
             "ovn-common): No such file or directory",
             absent);
    assert_string_equal(err.text, text);
    assert_int_equal(check(SET({"ovn_ctl", dir}), &err), OVNHA_OCF_ERR_INSTALLED);
    assert_int_equal(check(SET({"ovn_ctl", pem}), &err), OVNHA_OCF_ERR_PERM);
}

static void test_host_tls_files_matter_with_ssl_only(void **state)
{
    struct ovnha_err err = {""};
    char text[OVNHA_ERR_SIZE];

    (void)state;
    assert_int_equal(check(SET({"ovn_ctl", ctl}, {"ovn_sb_db_cert", absent}), &err),
                     OVNHA_OCF_SUCCESS);
    assert_int_equal(check(SET({"ovn_ctl", ctl}, {"sb_master_protocol", "ssl"},
                               {"ovn_sb_db_privkey", pem}, {"ovn_sb_db_cert", pem},
                               {"ovn_sb_db_cacert", pem}, {"ovn_nb_db_cert", absent}),
                           &err),
                     OVNHA_OCF_SUCCESS);
    assert_int_equal(check(SET({"ovn_ctl", ctl}, {"sb_master_protocol", "ssl"},
                               {"ovn_sb_db_privkey", pem}, {"ovn_sb_db_cert", pem},
                               {"ovn_sb_db_cacert", absent}),
                           &err),
                     OVNHA_OCF_ERR_ARGS);
    snprintf(
        text, sizeof text,
        "ovn_sb_db_cacert: '%s' cannot be read: expected a PEM file: No such file or "
        "directory",
        absent);
    assert_string_equal(err.text, text);
}

/* Root reads everything: as nobody. */
static void test_host_unreadable_key(void **state)
{
    const bool root = geteuid() == 0;
    struct ovnha_err err = {""};
    char text[OVNHA_ERR_SIZE];
    enum ovnha_ocf code;

    (void)state;
    chmod(pem, 0);
    assert_false(root && setresuid(65534, 65534, 0));
    code = check(
        SET({"ovn_ctl", ctl}, {"nb_master_protocol", "ssl"}, {"ovn_nb_db_privkey", pem}),
        &err);
    assert_false(root && setresuid(0, 0, 0));
    chmod(pem, 0600);
    assert_int_equal(code, OVNHA_OCF_ERR_PERM);
    snprintf(text, sizeof text,
             "ovn_nb_db_privkey: '%s' cannot be read: expected a PEM file: Permission "
             "denied",
             pem);
    assert_string_equal(err.text, text);
}

static void test_what_was_given(void **state)
{
    char text[OVNHA_PARAMS_TEXT_SIZE];

    (void)state;
    ovnha_params_format(fake_get,
                        SET({"nb_master_port", "6641"}, {"sb_master_port", "16642"},
                            {"manage_northd", ""}),
                        text);
    assert_string_equal(text, "master_ip=192.0.2.10\nsb_master_port=16642\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stock_names_and_defaults),
        cmocka_unit_test(test_the_table_is_complete),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_each_value_goes_to_its_field),
        cmocka_unit_test(test_an_empty_text_is_the_default),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_standbys),
        cmocka_unit_test(test_wrong_ports),
        cmocka_unit_test(test_ports_must_differ),
        cmocka_unit_test(test_wrong_protocols),
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_paths_are_absolute),
        cmocka_unit_test(test_paths_have_an_end),
        cmocka_unit_test(test_master_ip),
        cmocka_unit_test(test_master_ip_is_needed_to_listen_on_it),
        cmocka_unit_test(test_node_addresses),
        cmocka_unit_test(test_wrong_node_addresses),
        cmocka_unit_test(test_too_many_nodes),
        cmocka_unit_test(test_what_was_given),
        cmocka_unit_test(test_host_ovn_ctl),
        cmocka_unit_test(test_host_tls_files_matter_with_ssl_only),
        cmocka_unit_test(test_host_unreadable_key),
    };

    return cmocka_run_group_tests(tests, make_host, remove_host);
}
