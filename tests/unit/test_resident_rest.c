/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "agent/database_file.h"
#include "agent/resident.h"

/* Two database files, stopped and started again. */
static struct resident *r;
static char directory[64], note[96];

#define SCHEMA  "OVSDB JSON 34 aaaa\n{\"cksum\":\"1 2\",\"version\":\"1.0.0\"}\n"
#define FIRST   "OVSDB JSON 12 1111\n{\"first\":1}\n"
#define SECOND  "OVSDB JSON 4 2222\n{2}\n"
#define NEWER   "OVSDB JSON 34 bbbb\n{\"cksum\":\"3 4\",\"version\":\"2.0.0\"}\n"
#define REWRITE "OVSDB JSON 34 cccc\n{\"version\":\"1.0.0\",\"cksum\":\"1 2\"}\n"
#define WRITTEN SCHEMA FIRST SECOND

static void write_file(size_t i, const char *text)
{
    FILE *file = fopen(r->context.paths.file[i], "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void set_presence(enum ovnha_presence presence)
{
    for (size_t i = 0; i < 2; i++) {
        r->facts.server[i].presence = presence;
    }
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/ovnha-rest-XXXXXX");
    r = calloc(1, sizeof *r);
    if (!r || !mkdtemp(directory)) {
        return -1;
    }
    snprintf(note, sizeof note, "%s/rest.json", directory);
    snprintf(r->context.paths.record, OVNHA_PATH_SIZE, "%s/record.json", directory);
    r->facts.settings.n_dbs = 2;
    for (size_t i = 0; i < 2; i++) {
        r->facts.settings.db[i].database = &ovnha_databases[i];
        snprintf(r->context.paths.file[i], OVNHA_PATH_SIZE, "%s/%zu.db", directory, i);
        write_file(i, WRITTEN);
    }
    set_presence(OVNHA_PRESENCE_ABSENT);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(r->context.paths.file[0]);
    (void)unlink(r->context.paths.file[1]);
    (void)unlink(note);
    free(r);
    return rmdir(directory);
}

static bool is_replaced_after_a_start(void)
{
    r->replaced = false;
    ovnha_resident_check_rest(r);
    return r->replaced;
}

static bool is_noted(void)
{
    return access(note, F_OK) == 0;
}

static void test_headers(void **state)
{
    struct ovnha_database_file file;
    const char *path = r->context.paths.file[0];

    (void)state;
    assert_int_equal(ovnha_database_file_read(path, "1111", &file, NULL), OVNHA_OK);
    assert_string_equal(file.schema, "1.0.0 1 2");
    assert_string_equal(file.last, "2222");
    assert_true(file.has);
    assert_int_equal(ovnha_database_file_read(path, "111", &file, NULL), OVNHA_OK);
    assert_false(file.has);
    write_file(0, SCHEMA FIRST "OVSDB JSON 4 2222\n{2"); /* cut off */
    assert_int_equal(ovnha_database_file_read(path, "2222", &file, NULL), OVNHA_OK);
    assert_string_equal(file.last, "1111");
    assert_false(file.has);
    write_file(0, "something else\n");
    assert_int_equal(ovnha_database_file_read(path, "", &file, NULL), OVNHA_ERR_PROTOCOL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ovnha_database_file_read(path, "", &file, NULL), OVNHA_ERR_SYSTEM);
}

static void test_what_was_stopped_runs_again(void **state)
{
    (void)state;
    assert_false(is_replaced_after_a_start()); /* nothing is known of it */
    ovnha_resident_note_rest(r);
    assert_true(is_noted());
    assert_false(is_replaced_after_a_start());
    assert_false(is_noted());
}

static void test_what_has_grown_is_the_same(void **state)
{
    (void)state;
    ovnha_resident_note_rest(r);
    write_file(1, WRITTEN "OVSDB JSON 4 3333\n{3}\n");
    assert_false(is_replaced_after_a_start());
}

static void test_a_restored_file_lacks_the_end(void **state)
{
    (void)state;
    ovnha_resident_note_rest(r);
    write_file(1, SCHEMA FIRST);
    assert_true(is_replaced_after_a_start());

    /* and does not become another one by being stopped, too */
    ovnha_resident_note_rest(r);
    assert_true(is_replaced_after_a_start());
    assert_true(is_noted());

    /* only by being confirmed anew, or chosen */
    ovnha_resident_forget_rest(r);
    assert_false(r->replaced);
    assert_false(is_noted());
    ovnha_resident_note_rest(r);
    assert_false(is_replaced_after_a_start());
}

static void test_a_file_that_is_gone_is_no_candidate(void **state)
{
    (void)state;
    ovnha_resident_note_rest(r);
    assert_int_equal(unlink(r->context.paths.file[0]), 0);
    assert_true(is_replaced_after_a_start());
}

/* Compaction writes the schema in another order of words. */
static void test_a_restored_file_that_was_compacted(void **state)
{
    (void)state;
    ovnha_resident_note_rest(r);
    write_file(0, REWRITE "OVSDB JSON 4 4444\n{4}\n");
    assert_true(is_replaced_after_a_start());
}

static void test_a_converted_file_cannot_be_told(void **state)
{
    (void)state;
    ovnha_resident_note_rest(r);
    write_file(0, NEWER "OVSDB JSON 4 4444\n{4}\n");
    assert_false(is_replaced_after_a_start());
}

/* They write, and compact: a note would soon be an old one. */
static void test_nothing_is_noted_while_they_run(void **state)
{
    (void)state;
    set_presence(OVNHA_PRESENCE_RUNNING);
    ovnha_resident_note_rest(r);
    assert_false(is_noted());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_headers),
        TEST(test_what_was_stopped_runs_again),
        TEST(test_what_has_grown_is_the_same),
        TEST(test_a_restored_file_lacks_the_end),
        TEST(test_a_file_that_is_gone_is_no_candidate),
        TEST(test_a_restored_file_that_was_compacted),
        TEST(test_a_converted_file_cannot_be_told),
        TEST(test_nothing_is_noted_while_they_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
