/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/sync_status.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define OK(state, link, source) OVNHA_OK, OVNHA_SYNC_##state, OVNHA_LINK_##link, source
#define BAD                     OVNHA_ERR_PROTOCOL, OVNHA_SYNC_UNKNOWN, OVNHA_LINK_NONE, ""

static const struct {
    const char *text;
    enum ovnha_result result;
    enum ovnha_sync_state state;
    enum ovnha_sync_link link;
    const char *source;
} cases[] = {
    /* 3.1 */
    {"state: active\n", OK(ACTIVE, NONE, "")},
    {"state: active", OK(ACTIVE, NONE, "")},
    {"state: backup\nconnecting: tcp:10.0.0.1:6643",
     OK(BACKUP, CONNECTING, "tcp:10.0.0.1:6643")},
    {"state: backup\nconnecting: tcp:10.0.0.1:6643\n",
     OK(BACKUP, CONNECTING, "tcp:10.0.0.1:6643")},
    {"state: backup\nreplicating: tcp:10.0.0.1:6643\ndatabase: OVN_Northbound",
     OK(BACKUP, REPLICATING, "tcp:10.0.0.1:6643")},
    {"state: backup\nreplicating: ssl:[2001:db8::1]:6643\ndatabase: A, B\n"
     "exclude: A:Connection,A:SSL\n",
     OK(BACKUP, REPLICATING, "ssl:[2001:db8::1]:6643")},
    {"state: backup\nreplicating: unix:/run/other.sock\ndatabase: A\n",
     OK(BACKUP, REPLICATING, "unix:/run/other.sock")},
    /* the other words that ovsdb/replication.c has */
    {"state: backup\nnot connected to tcp:10.0.0.1:6643",
     OK(BACKUP, CONNECTING, "tcp:10.0.0.1:6643")},
    {"state: backup\nReplication to (tcp:10.0.0.1:6643) failed\n",
     OK(BACKUP, CONNECTING, "")},
    {"state: backup\n", OK(BACKUP, CONNECTING, "")},
    /* 3.3 and later */
    {"database: OVN_Northbound\nstate: active\n\n", OK(ACTIVE, NONE, "")},
    {"database: OVN_Northbound\nstate: backup\nreplicating: tcp:10.0.0.1:6643\n\n",
     OK(BACKUP, REPLICATING, "tcp:10.0.0.1:6643")},
    {"database: OVN_Northbound\nstate: backup\nconnecting: tcp:10.0.0.1:6643\n\n",
     OK(BACKUP, CONNECTING, "tcp:10.0.0.1:6643")},
    {"database: A\nstate: backup\nreplicating: tcp:10.0.0.1:6643\n\n"
     "database: B\nstate: backup\nreplicating: tcp:10.0.0.1:6643\n\n",
     OK(BACKUP, REPLICATING, "tcp:10.0.0.1:6643")},
    {"database: A\nstate: backup\nreplicating: tcp:10.0.0.1:6643\n\n"
     "database: B\nstate: backup\nconnecting: tcp:10.0.0.1:6643\n\n",
     OK(BACKUP, CONNECTING, "tcp:10.0.0.1:6643")},
    {"database: A\nstate: backup\nreplicating: tcp:10.0.0.1:6643\n\n"
     "database: B\nstate: backup\nreplicating: tcp:10.0.0.2:6643\n\n",
     OK(BACKUP, REPLICATING, "")},
    {"database: A\nstate: active\n\n"
     "database: B\nstate: backup\nreplicating: tcp:10.0.0.1:6643\n\n",
     OK(MIXED, REPLICATING, "tcp:10.0.0.1:6643")},
    {"database: A\nstate: backup\nconnecting: tcp:10.0.0.1:6643\n\n"
     "database: B\nstate: active\n\n",
     OK(MIXED, CONNECTING, "tcp:10.0.0.1:6643")},
    /* names that look like lines, and lines of versions to come */
    {"database: state\nstate: active\n\n", OK(ACTIVE, NONE, "")},
    {"state: active\nlag: state: backup\n", OK(ACTIVE, NONE, "")},
    {"state: active\nconnecting: tcp:10.0.0.1:6643\n", OK(ACTIVE, NONE, "")},
    /* nonsense */
    {"", BAD},
    {"\n\n", BAD},
    {"database: OVN_Northbound\n", BAD},
    {"state:\n", BAD},
    {"state: \n", BAD},
    {"state: activ\n", BAD},
    {"state: active!\n", BAD},
    {"state: Active\n", BAD},
    {"sstate: active\n", BAD},
    {" state: active\n", BAD},
    {"state: active\nstate: standby\n", BAD},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        struct ovnha_sync_status status;
        struct ovnha_err err = {""};
        enum ovnha_result result = ovnha_sync_status_parse(cases[i].text, &status, &err);

        print_message("# case %zu\n", i);
        assert_int_equal(result, cases[i].result);
        assert_int_equal(status.state, cases[i].state);
        assert_int_equal(status.link, cases[i].link);
        assert_string_equal(status.source, cases[i].source);
        assert_int_equal(err.text[0] != '\0', result != OVNHA_OK);
    }
}

static void test_a_source_as_long_as_it_may_be(void **state)
{
    char text[OVNHA_METHOD_SIZE + 100];
    struct ovnha_sync_status status;
    struct ovnha_err err;

    (void)state;
    snprintf(text, sizeof text, "state: backup\nconnecting: %0*d\n",
             OVNHA_METHOD_SIZE - 1, 0);
    assert_int_equal(ovnha_sync_status_parse(text, &status, &err), OVNHA_OK);
    assert_int_equal(strlen(status.source), OVNHA_METHOD_SIZE - 1);
    snprintf(text, sizeof text, "state: backup\nconnecting: %0*d\n", OVNHA_METHOD_SIZE,
             0);
    assert_int_equal(ovnha_sync_status_parse(text, &status, &err), OVNHA_ERR_PROTOCOL);
    assert_int_equal(status.state, OVNHA_SYNC_UNKNOWN);
    assert_string_equal(status.source, "");
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ovnha_sync_state_to_str(OVNHA_SYNC_UNKNOWN), "unknown");
    assert_string_equal(ovnha_sync_state_to_str(OVNHA_SYNC_ACTIVE), "active");
    assert_string_equal(ovnha_sync_state_to_str(OVNHA_SYNC_BACKUP), "backup");
    assert_string_equal(ovnha_sync_state_to_str(OVNHA_SYNC_MIXED), "mixed");
    assert_string_equal(ovnha_sync_link_to_str(OVNHA_LINK_NONE), "none");
    assert_string_equal(ovnha_sync_link_to_str(OVNHA_LINK_CONNECTING), "connecting");
    assert_string_equal(ovnha_sync_link_to_str(OVNHA_LINK_REPLICATING), "replicating");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_a_source_as_long_as_it_may_be),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
