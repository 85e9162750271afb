/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/aside_store.h>
#include <ovnha/spawn.h>
#include <ovnha/text.h>

#define ONE "OVSDB JSON 2 da39a3ee5e6b4b0d3255bfef95601890afd80709\n{}"
#define TWO "OVSDB JSON 3 da39a3ee5e6b4b0d3255bfef95601890afd80709\n[1]"

static char work[] = "/tmp/ovnha-aside-XXXXXX";
static struct ovnha_aside_store store;
static struct ovnha_aside_list list;
static struct ovnha_err err;

static void append(const char *text)
{
    FILE *file = fopen(store.place[0].file, "a");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
    (void)state;
    ovnha_text_copy(work, sizeof work, "/tmp/ovnha-aside-XXXXXX");
    memset(&store, 0, sizeof store);
    if (!mkdtemp(work)) {
        return -1;
    }
    snprintf(store.directory, sizeof store.directory, "%s/durable/ovndb/aside", work);
    store.n_places = 1;
    ovnha_text_copy(store.place[0].db, sizeof store.place[0].db, "nb");
    snprintf(store.place[0].file, sizeof store.place[0].file, "%s/ovnnb_db.db", work);
    append(ONE TWO);
    return 0;
}

static int end(void **state)
{
    const char *const argv[] = {"rm", "-rf", work, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    (void)state;
    return ovnha_spawn_run(&spawn, &result, ovnha_deadline_after(ovnha_now(), 60000),
                           &err) == OVNHA_OK
               ? 0
               : -1;
}

static enum ovnha_result take(void)
{
    struct ovnha_aside_mark mark = {.db = "nb", .kind = OVNHA_ASIDE_DOUBTED};

    return ovnha_aside_take(&store, &store.place[0], &mark, &err);
}

static void look(size_t n)
{
    assert_int_equal(ovnha_aside_list(&store, &list, &err), OVNHA_OK);
    assert_int_equal(list.n, n);
}

static void content_is(const char *path, const char *wanted)
{
    char text[4096] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, wanted);
}

static void a_mark_keeps_what_was_there(void **state)
{
    struct stat copy;

    (void)state;
    assert_int_equal(take(), OVNHA_OK);
    append(TWO TWO);
    assert_int_equal(unlink(store.place[0].file), 0); /* a compaction */
    append(TWO);
    look(1);
    assert_false(list.entry[0].copied);
    assert_int_equal(ovnha_aside_copy(&store, &list.entry[0], &err), OVNHA_OK);
    look(1);
    assert_true(list.entry[0].copied);
    assert_int_equal(list.entry[0].rows, -1);
    content_is(list.entry[0].path, ONE TWO);
    assert_int_equal(stat(list.entry[0].path, &copy), 0);
    assert_int_equal(copy.st_mode & 07777, 0600);
    assert_int_equal(copy.st_nlink, 1);
}

static void the_same_is_marked_once(void **state)
{
    (void)state;
    assert_int_equal(take(), OVNHA_OK);
    assert_int_equal(take(), OVNHA_OK);
    look(1);
    append(TWO);
    assert_int_equal(take(), OVNHA_OK);
    look(2); /* within one second, and under names of their own */
    assert_string_not_equal(list.entry[0].name, list.entry[1].name);
}

static void a_record_that_was_cut_is_left_out(void **state)
{
    (void)state;
    append("OVSDB JSON 5000 da39a3ee5e6b4b0d3255bfef95601890afd80709\n{");
    assert_int_equal(take(), OVNHA_OK);
    look(1);
    assert_int_equal(ovnha_aside_copy(&store, &list.entry[0], &err), OVNHA_OK);
    content_is(list.entry[0].path, ONE TWO);
}

/* As when the process that copies is killed: the mark stays, and what it has written so
 * far is no copy. */
static void half_a_copy_is_none(void **state)
{
    char half[OVNHA_ASIDE_PATH_SIZE + 8];
    FILE *file;

    (void)state;
    assert_int_equal(take(), OVNHA_OK);
    look(1);
    assert_int_equal(ovnha_aside_note(&store, &list.entry[0], &err), OVNHA_OK);
    snprintf(half, sizeof half, "%s/%s.new", store.directory, list.entry[0].name);
    file = fopen(half, "w");
    assert_non_null(file);
    fputs(ONE "something that is longer than what is to be copied, and no record", file);
    fclose(file);
    look(1);
    assert_false(list.entry[0].copied);
    assert_int_equal(ovnha_aside_copy(&store, &list.entry[0], &err), OVNHA_OK);
    look(1);
    content_is(list.entry[0].path, ONE TWO);
    assert_int_equal(access(half, F_OK), -1);
}

static void nothing_is_evicted_that_nobody_salvaged(void **state)
{
    (void)state;
    for (int i = 0; i < OVNHA_ASIDE_MAX; i++) {
        assert_int_equal(take(), OVNHA_OK);
        append(TWO);
    }
    assert_int_equal(take(), OVNHA_ERR_REFUSED);
    assert_non_null(strstr(err.text, "nobody salvaged"));
    look(OVNHA_ASIDE_MAX);
    list.entry[0].salvaged = true;
    assert_int_equal(ovnha_aside_copy(&store, &list.entry[0], &err), OVNHA_OK);
    assert_int_equal(take(), OVNHA_OK);
    look(OVNHA_ASIDE_MAX + 1);
    assert_true(list.entry[0].salvaged);
}

static void a_copy_whose_note_is_lost_counts(void **state)
{
    char note[OVNHA_ASIDE_PATH_SIZE];

    (void)state;
    assert_int_equal(take(), OVNHA_OK);
    look(1);
    assert_int_equal(ovnha_aside_copy(&store, &list.entry[0], &err), OVNHA_OK);
    snprintf(note, sizeof note, "%s/%.100s.json", store.directory, list.entry[0].name);
    assert_int_equal(unlink(note), 0);
    look(1);
    assert_int_equal(ovnha_aside_count(&list, "nb"), 1);
    assert_int_equal(ovnha_aside_drop(&store, &list.entry[0], &err), OVNHA_OK);
    look(0);
}

static void what_others_put_there_is_left_alone(void **state)
{
    char path[OVNHA_ASIDE_PATH_SIZE];
    FILE *file;

    (void)state;
    assert_int_equal(take(), OVNHA_OK);
    snprintf(path, sizeof path, "%s/nb-before-conversion-7.0.0-20260102T030405Z.db",
             store.directory);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    look(1);
}

static void places_are_found_again(void **state)
{
    struct ovnha_aside_store found;

    (void)state;
    assert_int_equal(take(), OVNHA_OK);
    assert_int_equal(ovnha_aside_store_load(store.directory, &found, &err), OVNHA_OK);
    assert_int_equal(found.n_places, 1);
    assert_string_equal(found.place[0].file, store.place[0].file);
    assert_int_equal(ovnha_aside_list(&found, &list, &err), OVNHA_OK);
    assert_int_equal(list.n, 1);
    assert_int_equal(ovnha_aside_store_load("/nowhere", &found, &err), OVNHA_OK);
    assert_int_equal(found.n_places, 0);
}

static void doubts_last(void **state)
{
    (void)state;
    assert_false(ovnha_aside_is_doubted(&store, "nb"));
    assert_int_equal(ovnha_aside_doubt(&store, "nb", &err), OVNHA_OK);
    assert_int_equal(ovnha_aside_doubt(&store, "nb", &err), OVNHA_OK);
    assert_true(ovnha_aside_is_doubted(&store, "nb"));
    assert_false(ovnha_aside_is_doubted(&store, "sb"));
    assert_int_equal(ovnha_aside_trust(&store, "nb", &err), OVNHA_OK);
    assert_int_equal(ovnha_aside_trust(&store, "nb", &err), OVNHA_OK);
    assert_false(ovnha_aside_is_doubted(&store, "nb"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Which make the same directories, and tell the same places. */
static void marks_of_two_databases_at_once(void **state)
{
    (void)state;
    store.n_places = 2;
    ovnha_text_copy(store.place[1].db, sizeof store.place[1].db, "sb");
    ovnha_text_copy(store.place[1].file, sizeof store.place[1].file, store.place[0].file);
    for (int round = 0; round < 30; round++) {
        struct ovnha_aside_mark mark = {.db = "sb", .kind = OVNHA_ASIDE_DOUBTED};
        int status;

        snprintf(store.directory, sizeof store.directory, "%s/%d/aside", work, round);
        const pid_t other = fork();

        if (other == 0) {
            _exit(ovnha_aside_take(&store, &store.place[1], &mark, &err) != OVNHA_OK);
        }
        assert_int_equal(take(), OVNHA_OK);
        assert_int_equal(waitpid(other, &status, 0), other);
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mark_keeps_what_was_there),
        TEST(the_same_is_marked_once),
        TEST(a_record_that_was_cut_is_left_out),
        TEST(half_a_copy_is_none),
        TEST(nothing_is_evicted_that_nobody_salvaged),
        TEST(a_copy_whose_note_is_lost_counts),
        TEST(what_others_put_there_is_left_alone),
        TEST(places_are_found_again),
        TEST(doubts_last),
        TEST(marks_of_two_databases_at_once),
    };

    return cmocka_run_group_tests_name("aside_store", tests, NULL, NULL);
}
