/* SPDX-License-Identifier: Apache-2.0 */
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

#include "agent/memory.h"

/* One resource's memory in a directory that is made for the test. */
static struct ovnha_invocation invocation;
static struct ovnha_context context;
static char base[64], state_dir[96];

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/ovnha-memory-XXXXXX");
    if (!mkdtemp(base)) {
        return -1;
    }
    snprintf(state_dir, sizeof state_dir, "%s/ovnha", base);
    memset(&context, 0, sizeof context);
    invocation.state_dir = state_dir;
    context.invocation = &invocation;
    snprintf(context.paths.state_dir, OVNHA_PATH_SIZE, "%s/ovndb", state_dir);
    snprintf(context.paths.memory, OVNHA_PATH_SIZE, "%s/ovndb/memory.json", state_dir);
    context.params.settings.n_dbs = 2;
    context.params.settings.db[0].database = &ovnha_databases[0];
    context.params.settings.db[1].database = &ovnha_databases[1];
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(context.paths.memory);
    (void)rmdir(context.paths.memory);
    (void)rmdir(context.paths.state_dir);
    (void)rmdir(state_dir);
    (void)unlink(state_dir);
    return rmdir(base);
}

static void assert_forgotten(void)
{
    struct ovnha_memory memory;

    memset(&memory, 0xff, sizeof memory);
    ovnha_memory_load(&context, &memory);
    assert_int_equal(memory.role, OVNHA_ROLE_UNKNOWN);
    assert_string_equal(memory.promoted, "");
    assert_false(memory.score_known);
    assert_int_equal(memory.probe_ms, -1);
    assert_string_equal(memory.remote[0], "");
    assert_string_equal(memory.remote[1], "");
}

static const struct ovnha_memory full = {
    .role = OVNHA_ROLE_ACTIVE,
    .promoted = "node1",
    .score_known = true,
    .score = -1000000,
    .remote = {"ptcp:6643:[2001:db8::1]", "ptcp:6644:[2001:db8::1]"},
    .probe_ms = 60000,
    .aside_full = 2,
    .northd = true,
    .northd_paused = true,
};

static void assert_round_trip(const struct ovnha_memory *memory)
{
    struct ovnha_memory again;
    struct ovnha_err err;

    memset(&again, 0xff, sizeof again);
    assert_int_equal(ovnha_memory_save(&context, memory, &err), OVNHA_OK);
    ovnha_memory_load(&context, &again);
    assert_memory_equal(memory, &again, sizeof again);
}

static void test_round_trip(void **state)
{
    static const enum ovnha_role roles[] = {OVNHA_ROLE_UNKNOWN, OVNHA_ROLE_STOPPED,
                                            OVNHA_ROLE_BACKUP, OVNHA_ROLE_ACTIVE};
    struct ovnha_memory memory = full;

    (void)state;
    assert_forgotten();
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        memory.role = roles[i];
        assert_round_trip(&memory);
    }
    memory.score_known = false;
    memory.score = 0;
    memset(memory.promoted, 0, sizeof memory.promoted);
    assert_round_trip(&memory);
}

static void write_file(const char *text)
{
    struct ovnha_err err;
    FILE *file;

    assert_int_equal(ovnha_memory_save(&context, &full, &err), OVNHA_OK);
    file = fopen(context.paths.memory, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_what_is_no_memory(void **state)
{
    static const char *const texts[] = {
        "",
        "garbage",
        "[]",
        "{}",
        "{\"format\":1",
        /* another version's */
        "{\"format\":2,\"role\":\"active\",\"promoted\":\"node1\",\"probe_ms\":60000,"
        "\"remotes\":{\"nb\":\"ptcp:6643:10.77.0.1\"},\"score\":100}",
        /* a field of another type */
        "{\"format\":1,\"role\":7,\"promoted\":\"node1\",\"probe_ms\":60000,"
        "\"remotes\":{},\"score\":100}",
        "{\"format\":1,\"role\":\"active\",\"promoted\":\"node1\",\"probe_ms\":\"x\","
        "\"remotes\":{},\"score\":100}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        print_message("# %s\n", texts[i]);
        write_file(texts[i]);
        assert_forgotten();
    }
}

static void test_what_is_missing_is_unknown(void **state)
{
    struct ovnha_memory memory;

    (void)state;
    write_file("{\"format\":1,\"role\":\"later\",\"promoted\":\"\",\"probe_ms\":5000,"
               "\"remotes\":{\"sb\":\"tcp:10.77.0.2:6644\",\"nb\":3},\"more\":true}");
    ovnha_memory_load(&context, &memory);
    assert_int_equal(memory.role, OVNHA_ROLE_UNKNOWN);
    assert_int_equal(memory.probe_ms, 5000);
    assert_false(memory.score_known);
    assert_string_equal(memory.remote[0], "");
    assert_string_equal(memory.remote[1], "tcp:10.77.0.2:6644");
}

/* Root may write anywhere, so a file stands where a directory should. */
static void test_a_directory_that_cannot_be_made(void **state)
{
    struct ovnha_err err = {""};
    FILE *file = fopen(state_dir, "w");

    (void)state;
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(ovnha_memory_save(&context, &full, &err), OVNHA_ERR_SYSTEM);
    assert_non_null(strstr(err.text, state_dir));
    assert_forgotten();
}

/* What cannot be replaced is reported, and nothing half-written stays beside it. */
static void test_a_file_that_cannot_be_written(void **state)
{
    struct ovnha_err err = {""};

    (void)state;
    assert_int_equal(mkdir(state_dir, 0700), 0);
    assert_int_equal(mkdir(context.paths.state_dir, 0700), 0);
    assert_int_equal(mkdir(context.paths.memory, 0700), 0);
    assert_int_equal(ovnha_memory_save(&context, &full, &err), OVNHA_ERR_SYSTEM);
    assert_non_null(strstr(err.text, context.paths.memory));
    assert_int_equal(rmdir(context.paths.memory), 0);
    assert_int_equal(rmdir(context.paths.state_dir), 0);
    assert_forgotten();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_missing_is_unknown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_directory_that_cannot_be_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_cannot_be_written, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
