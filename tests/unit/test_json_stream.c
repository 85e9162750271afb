/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/json_stream.h>

/* A conversation is written as a table: what comes in and, after each piece, the
 * values that come out, one per line, as jansson prints them sorted and compact.
 * "!" stands for OVNHA_ERR_PROTOCOL. */

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_OUT  4096

/* Append what `stream` has to `out`. */
static void take_all(struct ovnha_json_stream *stream, char *out)
{
    struct ovnha_err err = {""};
    json_t *value;

    for (;;) {
        size_t used = strlen(out);
        char *text;

        if (ovnha_json_stream_get(stream, &value, &err) != OVNHA_OK) {
            assert_null(value);
            assert_int_not_equal(err.text[0], '\0');
            snprintf(out + used, MAX_OUT - used, "!");
            return;
        }
        if (!value) {
            return;
        }
        text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
        snprintf(out + used, MAX_OUT - used, "%s\n", text);
        free(text);
        json_decref(value);
    }
}

static const struct {
    const char *in;
    const char *out;
} conversations[] = {
    {"", ""},
    {" \t\r\n ", ""},
    {"{}", "{}\n"},
    {"{}{}\n{}", "{}\n{}\n{}\n"},
    {"{\"id\":0,\"result\":\"state: active\\n\",\"error\":null}",
     "{\"error\":null,\"id\":0,\"result\":\"state: active\\n\"}\n"},
    {" {\"a\" : [ 1 , 2 ] }\n {\"b\":{}}", "{\"a\":[1,2]}\n{\"b\":{}}\n"},
    {"{\"a\":[[],{},[{}]]}", "{\"a\":[[],{},[{}]]}\n"},
    /* brackets and quotes in strings */
    {"{\"}\":\"{[\"}{\"\\\"}\":\"\\\\\"}", "{\"}\":\"{[\"}\n{\"\\\"}\":\"\\\\\"}\n"},
    {"{\"a\":\"\\\\\\\"}\"}", "{\"a\":\"\\\\\\\"}\"}\n"},
    {"{\"a\":\"\\u0022}\"}", "{\"a\":\"\\\"}\"}\n"},
    /* two to four bytes to the character, and a surrogate pair */
    {"{\"\xc3\xbc\":\"\xe2\x82\xac\xf0\x9f\x90\xa7\"}",
     "{\"\xc3\xbc\":\"\xe2\x82\xac\xf0\x9f\x90\xa7\"}\n"},
    {"{\"a\":\"\\ud83d\\udc27\"}", "{\"a\":\"\xf0\x9f\x90\xa7\"}\n"},
    /* unfinished */
    {"{", ""},
    {"{\"a", ""},
    {"{\"a\\", ""},
    {"{}{\"a\":[}", "{}\n"},
    /* not an object */
    {"[]", "!"},
    {"1", "!"},
    {"null{}", "!"},
    {"\"a\"", "!"},
    {"}", "!"},
    {"{},{}", "{}\n!"},
    {"{}x{}", "{}\n!"},
    {"\xef\xbb\xbf{}", "!"},
    /* not JSON */
    {"{a:1}", "!"},
    {"{\"a\":}", "!"},
    {"{\"a\":1,}", "!"},
    {"{]", "!"},
    {"{\"a\":[1}]", "!"},
    {"{}{]{}", "{}\n!"},
    {"{\"a\":\"\xff\"}", "!"},
    {"{\"a\":\"\xc3\"}", "!"},
    {"{\"a\":\"\xed\xa0\x80\"}", "!"},
    {"{\"a\":\"\n\"}", "!"},
    {"{\"a\":01}", "!"},
};

static enum ovnha_result feed(struct ovnha_json_stream *stream, const char *bytes,
                              size_t n)
{
    return ovnha_json_stream_feed(stream, bytes, n, NULL);
}

static void test_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(conversations); i++) {
        struct ovnha_json_stream *stream = ovnha_json_stream_new();
        const char *in = conversations[i].in;
        char out[MAX_OUT] = "";

        print_message("# %s\n", in);
        assert_int_equal(feed(stream, in, strlen(in)), OVNHA_OK);
        take_all(stream, out);
        assert_string_equal(out, conversations[i].out);
        ovnha_json_stream_free(stream);
    }
}

/* Read in between or only after the second piece: nothing else comes out. */
static void converse_split(size_t i, size_t at, int read_between)
{
    struct ovnha_json_stream *stream = ovnha_json_stream_new();
    const char *in = conversations[i].in;
    char out[MAX_OUT] = "";

    assert_int_equal(feed(stream, in, at), OVNHA_OK);
    if (read_between) {
        take_all(stream, out);
    }
    if (!strchr(out, '!')) {
        assert_int_equal(feed(stream, in + at, strlen(in) - at), OVNHA_OK);
        take_all(stream, out);
    }
    assert_string_equal(out, conversations[i].out);
    ovnha_json_stream_free(stream);
}

static void test_every_split_position(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(conversations); i++) {
        print_message("# %s\n", conversations[i].in);
        for (size_t at = 0; at <= strlen(conversations[i].in); at++) {
            converse_split(i, at, 0);
            converse_split(i, at, 1);
        }
    }
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(conversations); i++) {
        struct ovnha_json_stream *stream = ovnha_json_stream_new();
        char out[MAX_OUT] = "";

        print_message("# %s\n", conversations[i].in);
        for (const char *in = conversations[i].in; *in && !strchr(out, '!'); in++) {
            assert_int_equal(feed(stream, in, 1), OVNHA_OK);
            take_all(stream, out);
        }
        assert_string_equal(out, conversations[i].out);
        ovnha_json_stream_free(stream);
    }
}

static void test_an_error_lasts(void **state)
{
    struct ovnha_json_stream *stream = ovnha_json_stream_new();
    struct ovnha_err first;
    struct ovnha_err again = {""};
    json_t *value;

    (void)state;
    assert_int_equal(feed(stream, "x", 1), OVNHA_OK);
    assert_int_equal(ovnha_json_stream_get(stream, &value, &first), OVNHA_ERR_PROTOCOL);
    assert_int_equal(ovnha_json_stream_feed(stream, "{}", 2, &again), OVNHA_ERR_PROTOCOL);
    assert_string_equal(again.text, first.text);
    assert_int_equal(ovnha_json_stream_get(stream, &value, &again), OVNHA_ERR_PROTOCOL);
    assert_string_equal(again.text, first.text);
    assert_null(value);
    ovnha_json_stream_free(stream);
}

static void test_a_nul_byte_is_an_error(void **state)
{
    struct ovnha_json_stream *stream = ovnha_json_stream_new();
    json_t *value;

    (void)state;
    assert_int_equal(feed(stream, "{}\0", 3), OVNHA_OK);
    assert_int_equal(ovnha_json_stream_get(stream, &value, NULL), OVNHA_OK);
    json_decref(value);
    assert_int_equal(ovnha_json_stream_get(stream, &value, NULL), OVNHA_ERR_PROTOCOL);
    ovnha_json_stream_free(stream);
}

/* {"a":[[[...]]]} with `depth` brackets. */
static char *nested(size_t depth)
{
    char *text = malloc(2 * depth + 8);

    assert_non_null(text);
    memcpy(text, "{\"a\":", 5);
    memset(text + 5, '[', depth);
    memset(text + 5 + depth, ']', depth);
    memcpy(text + 5 + 2 * depth, "}", 2);
    return text;
}

static void test_deep_nesting(void **state)
{
    static const struct {
        size_t depth;
        enum ovnha_result result;
    } depths[] = {{100, OVNHA_OK}, {1000, OVNHA_OK}, {100000, OVNHA_ERR_PROTOCOL}};

    (void)state;
    for (size_t i = 0; i < N(depths); i++) {
        struct ovnha_json_stream *stream = ovnha_json_stream_new();
        char *text = nested(depths[i].depth);
        json_t *value;

        assert_int_equal(feed(stream, text, strlen(text)), OVNHA_OK);
        assert_int_equal(ovnha_json_stream_get(stream, &value, NULL), depths[i].result);
        json_decref(value);
        free(text);
        ovnha_json_stream_free(stream);
    }
}

/* Many values through one stream: the buffer is used again and again. */
static void test_a_long_conversation(void **state)
{
    struct ovnha_json_stream *stream = ovnha_json_stream_new();
    size_t n_out = 0;
    json_t *value;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        char text[64];
        int n = snprintf(text, sizeof text, "{\"id\":%zu,\"x\":\"%0*d\"}", i,
                         (int)(i % 31), 0);
        size_t cut = i % (size_t)n;

        assert_int_equal(feed(stream, text, cut), OVNHA_OK);
        for (int part = 0; part < 2; part++) {
            while (ovnha_json_stream_get(stream, &value, NULL) == OVNHA_OK && value) {
                assert_int_equal(json_integer_value(json_object_get(value, "id")), n_out);
                n_out++;
                json_decref(value);
            }
            if (part == 0) {
                assert_int_equal(feed(stream, text + cut, (size_t)n - cut), OVNHA_OK);
            }
        }
    }
    assert_int_equal(n_out, 20000);
    ovnha_json_stream_free(stream);
}

/* Fed by the byte, a scan from the start each time would take hours here. */
static void test_one_long_value_by_small_pieces(void **state)
{
    struct ovnha_json_stream *stream = ovnha_json_stream_new();
    const size_t size = 4 * 1024 * 1024;
    char *filler = malloc(size);
    json_t *value;

    (void)state;
    assert_non_null(filler);
    memset(filler, 'x', size);
    assert_int_equal(feed(stream, "{\"a\":\"", 6), OVNHA_OK);
    for (size_t at = 0; at < size; at += 8) {
        assert_int_equal(feed(stream, filler + at, 8), OVNHA_OK);
        assert_int_equal(ovnha_json_stream_get(stream, &value, NULL), OVNHA_OK);
        assert_null(value);
    }
    assert_int_equal(feed(stream, "\"}", 2), OVNHA_OK);
    assert_int_equal(ovnha_json_stream_get(stream, &value, NULL), OVNHA_OK);
    assert_int_equal(json_string_length(json_object_get(value, "a")), size);
    json_decref(value);
    free(filler);
    ovnha_json_stream_free(stream);
}

static void test_too_large_is_refused(void **state)
{
    struct ovnha_json_stream *stream = ovnha_json_stream_new();
    const size_t chunk = 1024 * 1024;
    char *filler = malloc(chunk);
    enum ovnha_result result;
    size_t fed = 6;
    json_t *value;

    (void)state;
    assert_non_null(filler);
    memset(filler, 'x', chunk);
    result = feed(stream, "{\"a\":\"", 6);
    while (result == OVNHA_OK) {
        result = feed(stream, filler, chunk);
        fed += chunk;
        assert_true(fed <= OVNHA_JSON_STREAM_MAX + chunk);
    }
    assert_int_equal(result, OVNHA_ERR_PROTOCOL);
    assert_true(fed > OVNHA_JSON_STREAM_MAX);
    assert_int_equal(ovnha_json_stream_get(stream, &value, NULL), OVNHA_ERR_PROTOCOL);
    free(filler);
    ovnha_json_stream_free(stream);
}

static void test_freeing_nothing(void **state)
{
    (void)state;
    ovnha_json_stream_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_every_split_position),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_an_error_lasts),
        cmocka_unit_test(test_a_nul_byte_is_an_error),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_a_long_conversation),
        cmocka_unit_test(test_one_long_value_by_small_pieces),
        cmocka_unit_test(test_too_large_is_refused),
        cmocka_unit_test(test_freeing_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
