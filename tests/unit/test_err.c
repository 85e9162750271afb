/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include <ovnha/err.h>

static void test_every_result_has_a_name(void **state)
{
    (void)state;
    for (int i = OVNHA_OK; i <= OVNHA_ERR_CONFLICT; i++) {
        for (int j = OVNHA_OK; j < i; j++) {
            assert_string_not_equal(ovnha_result_to_str((enum ovnha_result)i),
                                    ovnha_result_to_str((enum ovnha_result)j));
        }
    }
    assert_string_equal(ovnha_result_to_str(OVNHA_ERR_TIMEOUT), "timeout");
}

static void test_fail_writes_and_hands_back(void **state)
{
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_fail(&err, OVNHA_ERR_LOST, "%s is %d", "x", 7),
                     OVNHA_ERR_LOST);
    assert_string_equal(err.text, "x is 7");
}

static void test_nobody_needs_to_read(void **state)
{
    (void)state;
    assert_int_equal(ovnha_fail(NULL, OVNHA_ERR_LOST, "x"), OVNHA_ERR_LOST);
    assert_int_equal(ovnha_fail_errno(NULL, EACCES, "x"), OVNHA_ERR_SYSTEM);
    ovnha_err_wrap(NULL, "x");
}

static void test_errno_has_words(void **state)
{
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_fail_errno(&err, EACCES, "cannot open %s", "/f"),
                     OVNHA_ERR_SYSTEM);
    assert_string_equal(err.text, "cannot open /f: Permission denied");
}

static void test_wrapping_reads_from_intention_to_cause(void **state)
{
    struct ovnha_err err;

    (void)state;
    (void)ovnha_fail(&err, OVNHA_ERR_LOST, "hung up");
    ovnha_err_wrap(&err, "asking %s", "nb");
    ovnha_err_wrap(&err, "monitor");
    assert_string_equal(err.text, "monitor: asking nb: hung up");
}

static void test_the_text_may_be_its_own_argument(void **state)
{
    struct ovnha_err err;

    (void)state;
    (void)ovnha_fail(&err, OVNHA_ERR_LOST, "hung up");
    (void)ovnha_fail(&err, OVNHA_ERR_LOST, "first %s then %s", err.text, err.text);
    assert_string_equal(err.text, "first hung up then hung up");
    (void)ovnha_fail_errno(&err, EACCES, "<%s>", err.text);
    assert_string_equal(err.text, "<first hung up then hung up>: Permission denied");
    ovnha_err_wrap(&err, "%.5s", err.text);
    assert_string_equal(err.text,
                        "<firs: <first hung up then hung up>: Permission denied");
}

static void test_one_line_comes_out(void **state)
{
    struct ovnha_err err;

    (void)state;
    (void)ovnha_fail(&err, OVNHA_ERR_REFUSED, "two\nlines\tand a tab\x7f!\r\n\n");
    assert_string_equal(err.text, "two lines and a tab !");
    (void)ovnha_fail(&err, OVNHA_ERR_REFUSED, " \n ");
    assert_string_equal(err.text, "");
}

static void test_too_long_is_cut_at_the_end(void **state)
{
    struct ovnha_err err;
    char filler[2 * OVNHA_ERR_SIZE];

    (void)state;
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    (void)ovnha_fail(&err, OVNHA_ERR_LOST, "begin %s", filler);
    assert_int_equal(strlen(err.text), OVNHA_ERR_SIZE - 1);
    assert_memory_equal(err.text, "begin xxx", 9);
    ovnha_err_wrap(&err, "context");
    assert_int_equal(strlen(err.text), OVNHA_ERR_SIZE - 1);
    assert_memory_equal(err.text, "context: begin xxx", 18);
}

/* `text` after `front` bytes of filler must be cut to `kept` of its bytes. */
static void assert_cut(size_t front, const char *text, size_t kept)
{
    struct ovnha_err err;

    (void)ovnha_fail(&err, OVNHA_ERR_LOST, "%0*d%s%s", (int)front, 0, text, "tail");
    assert_int_equal(strlen(err.text), front + kept);
}

static void test_no_character_is_cut_in_two(void **state)
{
    const size_t end = OVNHA_ERR_SIZE - 1;

    (void)state;
    assert_cut(end - 2, "\xc3\xbc", 2);
    assert_cut(end - 1, "\xc3\xbc", 0);
    assert_cut(end - 3, "\xe2\x82\xac", 3);
    assert_cut(end - 2, "\xe2\x82\xac", 0);
    assert_cut(end - 1, "\xe2\x82\xac", 0);
    assert_cut(end - 4, "\xf0\x9f\x90\xa7", 4);
    assert_cut(end - 3, "\xf0\x9f\x90\xa7", 0);
    assert_cut(end - 2, "\xf0\x9f\x90\xa7", 0);
    assert_cut(end - 1, "\xf0\x9f\x90\xa7", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_result_has_a_name),
        cmocka_unit_test(test_fail_writes_and_hands_back),
        cmocka_unit_test(test_nobody_needs_to_read),
        cmocka_unit_test(test_errno_has_words),
        cmocka_unit_test(test_wrapping_reads_from_intention_to_cause),
        cmocka_unit_test(test_the_text_may_be_its_own_argument),
        cmocka_unit_test(test_one_line_comes_out),
        cmocka_unit_test(test_too_long_is_cut_at_the_end),
        cmocka_unit_test(test_no_character_is_cut_in_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
