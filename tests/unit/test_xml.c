/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/xml.h"

/* What is read, and what is refused, of XML that Pacemaker has not written, too. */

static void test_an_attribute_is_one_piece(void **state)
{
    xmlDoc *doc = ovnha_xml_parse(
        "<a b='1 &lt;2&gt; &amp;&amp; &quot;3&quot; &#65;&#x42;&apos;' c=''/>");

    (void)state;
    assert_non_null(doc);
    const xmlNode *root = xmlDocGetRootElement(doc);

    assert_string_equal(ovnha_xml_get(root, "b"), "1 <2> && \"3\" AB'");
    assert_string_equal(ovnha_xml_get(root, "c"), "");
    assert_string_equal(ovnha_xml_get(root, "d"), "");
    assert_true(ovnha_xml_attribute_is(root, "b", "1 <2> && \"3\" AB'"));
    assert_false(ovnha_xml_attribute_is(root, "d", ""));
    xmlFreeDoc(doc);
}

#define TEN(X) X X X X X X X X X X

static const char *const refused[] = {
    "",
    "crm_mon: Error: cluster is not available on this node",
    "<a>",
    "<a/><b/>",
    "<a b='&unknown;'/>",
    "<!DOCTYPE a><a/>",
    "<!DOCTYPE a [<!ENTITY e 'text'>]><a b='x&e;y'/>",
    "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
    "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>",
    "<!DOCTYPE a [<!ENTITY e '" TEN(TEN("x")) "'><!ENTITY f '" TEN(TEN("&e;")) "'><!ENTITY g '" TEN(
        TEN("&f;")) "'><!ENTITY h '" TEN(TEN("&g;")) "'>]><a b='&h;'>&h;</a>",
};

static void test_what_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (ovnha_xml_parse(refused[i])) {
            fail_msg("case %zu is taken: %.80s", i, refused[i]);
        }
    }
}

/* `times` times `text`, with `first` before and `last` behind. */
static char *repeat(const char *first, const char *text, size_t times, const char *last)
{
    const size_t length = strlen(text), before = strlen(first);
    char *all = malloc(before + length * times + strlen(last) + 1);

    assert_non_null(all);
    memcpy(all, first, before);
    for (size_t i = 0; i < times; i++) {
        memcpy(all + before + length * i, text, length);
    }
    strcpy(all + before + length * times, last);
    return all;
}

/* Recursion, ours and the parser's, ends somewhere; Pacemaker's does not come that far. */
static void test_one_that_is_too_deep(void **state)
{
    char *opened = repeat("", "<a>", 1000, "");
    char *text = repeat(opened, "</a>", 1000, "");

    (void)state;
    assert_null(ovnha_xml_parse(text));
    free(opened);
    free(text);
}

/* As of a cluster with very many resources: more than the ten megabytes at which some of
 * the parser's limits are. */
static void test_a_large_one(void **state)
{
    char *text = repeat(
        "<cib>",
        "<primitive id='p' class='ocf' provider='heartbeat' type='Dummy'><op/></primitive>",
        200000, "<last/></cib>");
    xmlDoc *doc = ovnha_xml_parse(text);

    (void)state;
    assert_non_null(doc);
    assert_non_null(ovnha_xml_child(xmlDocGetRootElement(doc), "last"));
    xmlFreeDoc(doc);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_attribute_is_one_piece),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_one_that_is_too_deep),
        cmocka_unit_test(test_a_large_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
