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
        cmocka_unit_test(test_prints_XML),
        cmocka_unit_test(test_of_UTF_8_whole_characters),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
