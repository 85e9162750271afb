/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/database_file.h"
#include "agent/file_notes.h"
#include "agent/resident_files.h"
#include "agent/resident_rest.h"
#include "agent/resident_state.h"

/* Two database files, and a helper that begins. */
static struct resident *r;
static char directory[64];
static const char *const names[] = {"nb", "sb"};
static unsigned n_noted_anew;

/* The child that notes is a neighbour. */
enum ovnha_result ovnha_resident_note_anew(struct resident *resident,
                                           struct ovnha_err *err)
{
    (void)resident;
    (void)err;
    n_noted_anew++;
    return OVNHA_OK;
}

#define SCHEMA  "OVSDB JSON 34 aaaa\n{\"cksum\":\"1 2\",\"version\":\"1.0.0\"}\n"
#define FIRST   "OVSDB JSON 15 1111\n{\"_date\":1001}\n"
#define SECOND  "OVSDB JSON 22 2222\n{\"T\":{},\"_date\":2002}\n"
#define WRITTEN SCHEMA FIRST SECOND
#define COMPACTED                                                                        \
    "OVSDB JSON 55 4444\n{\"_comment\":\"compacting database online\",\"_date\":"

static void write_file(size_t i, const char *text)
{
    FILE *file = fopen(r->context.paths.file[i], "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/ovnha-rest-XXXXXX");
    r = calloc(1, sizeof *r);
    if (!r || !mkdtemp(directory)) {
        return -1;
    }
    snprintf(r->context.paths.files, OVNHA_PATH_SIZE, "%s/files.json", directory);
    r->facts.settings.n_dbs = 2;
    for (size_t i = 0; i < 2; i++) {
        r->facts.settings.db[i].database = &ovnha_databases[i];
        snprintf(r->context.paths.file[i], OVNHA_PATH_SIZE, "%s/%zu.db", directory, i);
        write_file(i, WRITTEN);
    }
    n_noted_anew = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(r->context.paths.file[0]);
    (void)unlink(r->context.paths.file[1]);
    (void)unlink(r->context.paths.files);
    free(r);
    return rmdir(directory);
}

static struct ovnha_database_file look_at(size_t i, const char *wanted)
{
    struct ovnha_database_file file;

    assert_int_equal(
        ovnha_database_file_read_named(r->context.paths.file[i], wanted, &file, NULL),
        OVNHA_OK);
    return file;
}

/* As the child does. */
static void note_files(void)
{
    struct ovnha_file_note notes[2];

    for (size_t i = 0; i < 2; i++) {
        const struct ovnha_database_file file = look_at(i, "");

        notes[i] = ovnha_database_file_note(&file);
    }
    assert_int_equal(
        ovnha_file_notes_write(r->context.paths.files, names, notes, 2, NULL), OVNHA_OK);
}

static bool is_replaced_after_a_start(void)
{
    r->replaced = false;
    ovnha_resident_check_rest(r);
    return r->replaced;
}

static bool is_noted(void)
{
    return access(r->context.paths.files, F_OK) == 0;
}

/*
 * Files.
 */

static void test_records(void **state)
{
    const char *path = r->context.paths.file[0];
    struct ovnha_database_file file = look_at(0, "1111");

    (void)state;
    assert_string_equal(file.first, "1111");
    assert_string_equal(file.last, "2222");
    assert_int_equal(file.date, 2002);
    assert_int_equal(file.end, strlen(WRITTEN));
    assert_true(file.look.has_last);
    assert_int_equal(file.look.first_date, 1001);
    assert_false(file.look.first_is_servers);
    file = look_at(0, "111");
    assert_false(file.look.has_last);

    write_file(0, SCHEMA FIRST "OVSDB JSON 22 2222\n{\"T\":{},"); /* cut off */
    file = look_at(0, "2222");
    assert_string_equal(file.last, "1111");
    assert_int_equal(file.date, 1001);
    assert_false(file.look.has_last);

    write_file(0, "something else\n");
    assert_int_equal(ovnha_database_file_read_named(path, "", &file, NULL),
                     OVNHA_ERR_PROTOCOL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ovnha_database_file_read_named(path, "", &file, NULL),
                     OVNHA_ERR_SYSTEM);
}

static void test_what_a_server_wrote_anew(void **state)
{
    (void)state;
    write_file(0, SCHEMA COMPACTED "3003}\n");
    assert_true(look_at(0, "").look.first_is_servers);
    assert_int_equal(look_at(0, "").look.first_date, 3003);
    write_file(0,
               SCHEMA "OVSDB JSON 41 4\n{\"_comment\":\"converted by ovsdb-server\"}\n");
    assert_true(look_at(0, "").look.first_is_servers);
    /* A person's words are no key. */
    write_file(0, SCHEMA
               "OVSDB JSON 52 4\n"
               "{\"T\":\"\\\"_comment\\\":\\\"compacting database online\\\"\"}\n");
    assert_false(look_at(0, "").look.first_is_servers);
}

/* The text that is looked for crosses the border of what is read at a time. */
static void test_a_record_as_large_as_a_database(void **state)
{
    static const char keys[] =
        "\"_comment\":\"compacting database online\",\"_date\":4004}";
    const size_t around = 65536;
    char *text = malloc(2 * around + 128);

    (void)state;
    assert_non_null(text);
    for (size_t at = around - sizeof keys; at <= around + 4; at++) {
        int n = sprintf(text, SCHEMA "OVSDB JSON %zu 4444\n", at + sizeof keys - 1);

        memset(text + n, ' ', at);
        memcpy(text + n + at, keys, sizeof keys);
        write_file(0, text);
        assert_true(look_at(0, "").look.first_is_servers);
        assert_int_equal(look_at(0, "").date, 4004);
    }
    free(text);
}

static bool read_on(struct ovnha_database_file *file)
{
    const int fd = open(r->context.paths.file[0], O_RDONLY | O_CLOEXEC);
    const off_t size = lseek(fd, 0, SEEK_END);
    const bool same = ovnha_database_file_read_on(fd, size, file);

    close(fd);
    return same;
}

static void test_what_was_appended(void **state)
{
    struct ovnha_database_file file = look_at(0, "");

    (void)state;
    assert_true(read_on(&file));
    assert_string_equal(file.last, "2222");
    write_file(0, WRITTEN "OVSDB JSON 15 3333\n{\"_date\":3003}\nOVSDB JS");
    assert_true(read_on(&file));
    assert_string_equal(file.first, "1111");
    assert_string_equal(file.last, "3333");
    assert_int_equal(file.date, 3003);
    write_file(0, SCHEMA FIRST);
    assert_false(read_on(&file));
    write_file(0, SCHEMA SECOND FIRST "OVSDB JSON 15 4444\n{\"_date\":3003}\n");
    assert_false(read_on(&file));
}

/* From a database that was empty. */
static void test_the_first_record_is_appended(void **state)
{
    struct ovnha_database_file file;

    (void)state;
    write_file(0, SCHEMA);
    file = look_at(0, "");
    assert_string_equal(file.first, "");
    assert_string_equal(file.last, "aaaa");
    write_file(0, WRITTEN);
    assert_true(read_on(&file));
    assert_string_equal(file.first, "1111");
}

/*
 * Notes.
 */

static void test_notes(void **state)
{
    const struct ovnha_file_note fresh[2] = {{"1", "2", OVNHA_CONTINUITY_NEVER},
                                             {.last = ""}};
    const char *path = r->context.paths.files;
    struct ovnha_file_note notes[2];

    (void)state;
    assert_int_equal(ovnha_file_notes_read(path, names, notes, 2, NULL), OVNHA_OK);
    assert_string_equal(notes[0].last, "");
    note_files();
    assert_int_equal(ovnha_file_notes_write(path, names, fresh, 2, NULL), OVNHA_OK);
    assert_int_equal(ovnha_file_notes_read(path, names, notes, 2, NULL), OVNHA_OK);
    assert_string_equal(notes[0].first, "1");
    assert_string_equal(notes[0].last, "2");
    assert_true(notes[0].date == OVNHA_CONTINUITY_NEVER);
    assert_string_equal(notes[1].last, "2222"); /* a blank one changes nothing */
    assert_int_equal(notes[1].date, 2002);
}

/* Another process is at it, and stays: it is not waited for for ever. */
static void test_one_writes_at_a_time(void **state)
{
    const struct ovnha_file_note fresh = {"1", "2", 3};
    const int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_int_equal(flock(lock, LOCK_EX), 0);
    assert_int_equal(
        ovnha_file_notes_write(r->context.paths.files, names, &fresh, 1, NULL),
        OVNHA_ERR_SYSTEM);
    close(lock);
    assert_int_equal(
        ovnha_file_notes_write(r->context.paths.files, names, &fresh, 1, NULL), OVNHA_OK);
}

/*
 * The helper begins.
 */

static void test_what_was_noted_is_there(void **state)
{
    (void)state;
    assert_false(is_replaced_after_a_start()); /* nothing is known of it */
    note_files();
    assert_false(is_replaced_after_a_start());
    assert_true(is_noted());
    write_file(1, WRITTEN "OVSDB JSON 4 3333\n{3}\n");
    assert_false(is_replaced_after_a_start());
}

static void test_a_restored_file_lacks_the_end(void **state)
{
    (void)state;
    note_files();
    write_file(1, SCHEMA FIRST);
    assert_true(is_replaced_after_a_start());

    /* and does not become another one by being written to, or compacted */
    write_file(1, SCHEMA FIRST "OVSDB JSON 15 3333\n{\"_date\":3003}\n");
    assert_true(is_replaced_after_a_start());
    write_file(1, SCHEMA COMPACTED "3003}\n");
    assert_true(is_replaced_after_a_start());
    assert_true(is_noted());
    assert_int_equal(n_noted_anew, 0);

    /* only by being confirmed anew, or chosen */
    ovnha_resident_forget_rest(r);
    assert_false(r->replaced);
    assert_false(is_noted());
    assert_int_equal(n_noted_anew, 1);
    assert_false(is_replaced_after_a_start());
    ovnha_resident_forget_rest(r);
    assert_int_equal(n_noted_anew, 1);
}

static void test_the_right_file_is_put_back(void **state)
{
    (void)state;
    note_files();
    write_file(1, SCHEMA FIRST);
    assert_true(is_replaced_after_a_start());
    write_file(1, WRITTEN);
    assert_false(is_replaced_after_a_start());
}

static void test_a_file_that_is_gone_is_no_candidate(void **state)
{
    (void)state;
    note_files();
    assert_int_equal(unlink(r->context.paths.file[0]), 0);
    assert_true(is_replaced_after_a_start());
}

/* Between the last note and the power loss. */
static void test_a_file_that_its_server_compacted(void **state)
{
    (void)state;
    note_files();
    write_file(0, SCHEMA COMPACTED "2002}\n" SECOND);
    assert_false(is_replaced_after_a_start());
    write_file(0,
               SCHEMA COMPACTED "2001}\n" SECOND "OVSDB JSON 15 5\n{\"_date\":5005}\n");
    assert_false(is_replaced_after_a_start()); /* it has what was noted */
    write_file(0, SCHEMA COMPACTED "2001}\n"
                                   "OVSDB JSON 15 5\n{\"_date\":5005}\n");
    assert_true(is_replaced_after_a_start());
}

static void test_a_restored_file_that_was_compacted_by_a_tool(void **state)
{
    (void)state;
    note_files();
    write_file(0, SCHEMA
               "OVSDB JSON 58 4444\n"
               "{\"_date\":9009,\"_comment\":\"compacted by ovsdb-tool 3.1.0\"}\n");
    assert_true(is_replaced_after_a_start());
}

static void test_a_note_that_cannot_be_understood(void **state)
{
    FILE *file = fopen(r->context.paths.files, "we");

    (void)state;
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_true(is_replaced_after_a_start());
    ovnha_resident_forget_rest(r);
    assert_false(is_replaced_after_a_start());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_records),
        TEST(test_what_a_server_wrote_anew),
        TEST(test_a_record_as_large_as_a_database),
        TEST(test_what_was_appended),
        TEST(test_the_first_record_is_appended),
        TEST(test_notes),
        TEST(test_one_writes_at_a_time),
        TEST(test_what_was_noted_is_there),
        TEST(test_a_restored_file_lacks_the_end),
        TEST(test_the_right_file_is_put_back),
        TEST(test_a_file_that_is_gone_is_no_candidate),
        TEST(test_a_file_that_its_server_compacted),
        TEST(test_a_restored_file_that_was_compacted_by_a_tool),
        TEST(test_a_note_that_cannot_be_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
