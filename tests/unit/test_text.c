/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/text.h>

static void test_copies(void **state)
{
    char to[4] = "xyz";

    (void)state;
    assert_true(ovnha_text_copy(to, sizeof to, "abc"));
    assert_string_equal(to, "abc");
    assert_false(ovnha_text_copy(to, sizeof to, "defg"));
    assert_string_equal(to, "def");
}

static void test_utf8_is_copied(void **state)
{
    static const char *const texts[] = {"",
                                        "plain",
                                        "\x7f",
                                        "\u00e4\u07ff",
                                        "\u0800\ud7ff\uffff",
                                        "\U00010000\U0010ffff"};
    char to[32];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(ovnha_text_copy_utf8(to, sizeof to, texts[i]));
        assert_string_equal(to, texts[i]);
    }
}

static void test_utf8_is_cut_between_characters(void **state)
{
    char to[32];

    (void)state;
    assert_true(ovnha_text_copy_utf8(to, 6, "a\U0001f600"));
    assert_string_equal(to, "a\U0001f600");
    for (size_t size = 2; size < 6; size++) {
        assert_false(ovnha_text_copy_utf8(to, size, "a\U0001f600"));
        assert_string_equal(to, "a");
    }
}

static void test_other_bytes_are_told(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"\xe4hnlich", "?hnlich"},    /* another encoding */
        {"a\xe2\x82", "a??"},         /* cut by somebody else */
        {"\xe2\x82z", "??z"},         /* broken off */
        {"\x80", "?"},                /* no beginning */
        {"\xc0\xaf", "??"},           /* longer than it has to be: two bytes, */
        {"\xe0\x9f\xbf", "???"},      /* three, */
        {"\xf0\x8f\xbf\xbf", "????"}, /* four */
        {"\xed\xa0\x80", "???"},      /* a half of a pair */
        {"\xf4\x90\x80\x80", "????"}, /* beyond the last character */
        {"\xff", "?"},
    };
    char to[32];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(ovnha_text_copy_utf8(to, sizeof to, cases[i].from));
        assert_string_equal(to, cases[i].to);
    }
}

static void test_cut(void **state)
{
    static const char text[] = "a\u20acb";

    (void)state;
    assert_int_equal(ovnha_text_cut(text, 0), 0);
    assert_int_equal(ovnha_text_cut(text, 1), 1);
    assert_int_equal(ovnha_text_cut(text, 2), 1);
    assert_int_equal(ovnha_text_cut(text, 3), 1);
    assert_int_equal(ovnha_text_cut(text, 4), 4);
    assert_int_equal(ovnha_text_cut(text, 5), 5);
    assert_int_equal(ovnha_text_cut(text, 99), 5);
}

static void expect(const char *text, size_t limit, const char *expected)
{
    char *printed = NULL;
    size_t size;
    FILE *out = open_memstream(&printed, &size);

    assert_non_null(out);
    ovnha_text_print_xml(out, text, limit);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(printed, expected);
    free(printed);
}

static void test_prints_XML(void **state)
{
    (void)state;
    expect("", SIZE_MAX, "");
    expect("a<b> & \"c\"", SIZE_MAX, "a&lt;b&gt; &amp; &quot;c&quot;");
    expect("two\nlines\tand 'so'", SIZE_MAX, "two\nlines\tand 'so'");
    expect("&&&", 2, "&amp;&amp;");
    expect("\x01\x1f\x7f", SIZE_MAX, "??\x7f");
}

static void test_of_UTF_8_whole_characters(void **state)
{
    static const char euro[] = "\xe2\x82\xac", clef[] = "\xf0\x9d\x84\x9e";

    (void)state;
    expect(euro, SIZE_MAX, euro);
    expect(clef, SIZE_MAX, clef);
    expect(euro, 3, euro);
    expect(euro, 2, "");
    expect("a\xc3\xa4", 2, "a");
    expect("\xe2\x82", SIZE_MAX, "??");           /* the rest is missing */
    expect("\xff\x80z", SIZE_MAX, "??z");         /* nothing begins so */
    expect("\xc0\xaf", SIZE_MAX, "??");           /* longer than it has to be */
    expect("\xed\xa0\x80", SIZE_MAX, "???");      /* half of a pair of UTF-16 */
    expect("\xf4\x90\x80\x80", SIZE_MAX, "????"); /* beyond Unicode */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_utf8_is_copied),
        cmocka_unit_test(test_utf8_is_cut_between_characters),
        cmocka_unit_test(test_other_bytes_are_told),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_prints_XML),
        cmocka_unit_test(test_of_UTF_8_whole_characters),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
