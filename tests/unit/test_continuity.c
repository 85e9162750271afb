/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/continuity.h>

#define DAY 86400000

static const struct ovnha_file_note note = {
    .first = "1111", .last = "9999", .date = 100 * (int64_t)DAY};

/* Compacted by its server a moment after that. */
static const struct ovnha_file_look rewritten = {
    .first = "2222", .first_date = 100 * (int64_t)DAY + 10, .first_is_servers = true};

static void expect(enum ovnha_continuity wanted, const struct ovnha_file_look *look)
{
    assert_int_equal(ovnha_continuity(&note, look), wanted);
}

static void test_nothing_is_known_without_a_note(void **state)
{
    const struct ovnha_file_note blank = {.last = ""};

    (void)state;
    assert_int_equal(ovnha_continuity(&blank, &rewritten), OVNHA_FILE_UNKNOWN);
}

static void test_what_has_the_last_record_goes_on(void **state)
{
    const struct ovnha_file_look look = {.first = "1111", .has_last = true};

    (void)state;
    expect(OVNHA_FILE_CONTINUES, &look);
}

static void test_a_compaction_after_the_note(void **state)
{
    struct ovnha_file_look look = rewritten;

    (void)state;
    expect(OVNHA_FILE_REWRITTEN, &look);
    look.first_date = note.date; /* within the same millisecond */
    expect(OVNHA_FILE_REWRITTEN, &look);
}

/* A snapshot: compacted long before, or never. */
static void test_an_earlier_file(void **state)
{
    struct ovnha_file_look look = rewritten;

    (void)state;
    look.first_date = note.date - 1;
    expect(OVNHA_FILE_REPLACED, &look);
    look.first[0] = '\0';
    expect(OVNHA_FILE_REPLACED, &look);
}

/* Whatever clock dated it. */
static void test_the_same_file_of_an_earlier_time(void **state)
{
    struct ovnha_file_look look = rewritten;

    (void)state;
    strcpy(look.first, note.first);
    expect(OVNHA_FILE_REPLACED, &look);
    look.watched_at = look.first_date;
    expect(OVNHA_FILE_REPLACED, &look);
}

/* A snapshot that somebody has compacted or converted today. */
static void test_what_no_server_wrote(void **state)
{
    struct ovnha_file_look look = rewritten;

    (void)state;
    look.first_is_servers = false;
    expect(OVNHA_FILE_REPLACED, &look);
}

static void test_no_compaction_makes_up_for_what_was_replaced(void **state)
{
    struct ovnha_file_note never = note;

    (void)state;
    never.date = OVNHA_CONTINUITY_NEVER;
    assert_int_equal(ovnha_continuity(&never, &rewritten), OVNHA_FILE_REPLACED);
}

/* The clock was set back, and the server compacts: who watches goes by the new time. */
static void test_a_clock_that_was_set_back(void **state)
{
    struct ovnha_file_look look = rewritten;

    (void)state;
    look.first_date = note.date - DAY;
    expect(OVNHA_FILE_REPLACED, &look);
    look.watched_at = look.first_date + 1500;
    expect(OVNHA_FILE_REWRITTEN, &look);
    look.watched_at = look.first_date - 1500;
    expect(OVNHA_FILE_REWRITTEN, &look);
    look.watched_at = look.first_date + OVNHA_CONTINUITY_FRESH_MS + 1;
    expect(OVNHA_FILE_REPLACED, &look);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_without_a_note),
        cmocka_unit_test(test_what_has_the_last_record_goes_on),
        cmocka_unit_test(test_a_compaction_after_the_note),
        cmocka_unit_test(test_an_earlier_file),
        cmocka_unit_test(test_the_same_file_of_an_earlier_time),
        cmocka_unit_test(test_what_no_server_wrote),
        cmocka_unit_test(test_no_compaction_makes_up_for_what_was_replaced),
        cmocka_unit_test(test_a_clock_that_was_set_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
