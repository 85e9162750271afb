/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/json_stream.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* jansson parses whole texts only, so the end of a value must be known before
 * it is parsed.  A value is an object, and its end is the bracket that closes
 * the first one: nesting depth, "inside a string" and "after a backslash" are
 * all there is to know.  Whether the brackets match in kind, and everything
 * else about grammar and UTF-8, is jansson's part.
 *
 * A UTF-8 continuation byte is never '"', '\\' or a bracket, so bytes will do.
 *
 * Layout of the buffer:   [0 taken | head .. scanned | scanned .. used | room]
 * Each byte is scanned once; what is left moves to the front only when at least
 * as much was taken, so that all the moving is linear in the input, too. */

struct ovnha_json_stream {
    char *bytes;
    size_t size;
    size_t head;    /* start of the value in the making */
    size_t scanned; /* everything before went through the machine */
    size_t used;
    size_t depth; /* 0 between values */
    bool in_string;
    bool escaped;
    enum ovnha_result broken; /* OVNHA_OK, or what every call answers from now on */
    struct ovnha_err why;
};

struct ovnha_json_stream *ovnha_json_stream_new(void)
{
    return calloc(1, sizeof(struct ovnha_json_stream));
}

void ovnha_json_stream_free(struct ovnha_json_stream *stream)
{
    if (stream) {
        free(stream->bytes);
        free(stream);
    }
}

static enum ovnha_result repeat_failure(const struct ovnha_json_stream *stream,
                                        struct ovnha_err *err)
{
    return ovnha_fail(err, stream->broken, "%s", stream->why.text);
}

static void drop_taken(struct ovnha_json_stream *stream)
{
    size_t left = stream->used - stream->head;

    if (stream->head < left) {
        return;
    }
    if (left > 0) {
        memmove(stream->bytes, stream->bytes + stream->head, left);
    }
    stream->scanned -= stream->head;
    stream->used = left;
    stream->head = 0;
}

static enum ovnha_result make_room(struct ovnha_json_stream *stream, size_t more)
{
    size_t size = stream->size ? stream->size : 4096;
    char *bytes;

    if (more > OVNHA_JSON_STREAM_MAX ||
        stream->used - stream->head > OVNHA_JSON_STREAM_MAX - more) {
        return ovnha_fail(&stream->why, OVNHA_ERR_PROTOCOL,
                          "a message of more than %u bytes", OVNHA_JSON_STREAM_MAX);
    }
    while (size - stream->used < more) {
        size *= 2; /* `used` is below twice the maximum: no overflow */
    }
    if (size == stream->size) {
        return OVNHA_OK;
    }
    bytes = realloc(stream->bytes, size);
    if (!bytes) {
        return ovnha_fail(&stream->why, OVNHA_ERR_SYSTEM, "out of memory for a message");
    }
    stream->bytes = bytes;
    stream->size = size;
    return OVNHA_OK;
}

enum ovnha_result ovnha_json_stream_feed(struct ovnha_json_stream *stream,
                                         const char *bytes, size_t size,
                                         struct ovnha_err *err)
{
    if (stream->broken) {
        return repeat_failure(stream, err);
    }
    if (size == 0) {
        return OVNHA_OK;
    }
    drop_taken(stream);
    stream->broken = make_room(stream, size);
    if (stream->broken) {
        return repeat_failure(stream, err);
    }
    memcpy(stream->bytes + stream->used, bytes, size);
    stream->used += size;
    return OVNHA_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Pass over what stands between values; true at the start of one. */
static bool find_start(struct ovnha_json_stream *stream)
{
    while (stream->head < stream->used && is_space(stream->bytes[stream->head])) {
        stream->head++;
    }
    stream->scanned = stream->head;
    if (stream->head == stream->used) {
        return false;
    }
    if (stream->bytes[stream->head] != '{') {
        unsigned char c = (unsigned char)stream->bytes[stream->head];

        stream->broken =
            ovnha_fail(&stream->why, OVNHA_ERR_PROTOCOL,
                       "a message must start with '{', not with byte 0x%02x", c);
        return false;
    }
    return true;
}

/* One byte of a value through the machine. */
static void step(struct ovnha_json_stream *stream, char c)
{
    if (stream->escaped) {
        stream->escaped = false;
    } else if (stream->in_string) {
        stream->escaped = c == '\\';
        stream->in_string = c != '"';
    } else if (c == '"') {
        stream->in_string = true;
    } else if (c == '{' || c == '[') {
        stream->depth++;
    } else if (c == '}' || c == ']') {
        stream->depth--;
    }
}

static bool find_end(struct ovnha_json_stream *stream)
{
    while (stream->scanned < stream->used) {
        step(stream, stream->bytes[stream->scanned++]);
        if (stream->depth == 0) {
            return true;
        }
    }
    return false;
}

enum ovnha_result ovnha_json_stream_get(struct ovnha_json_stream *stream, json_t **value,
                                        struct ovnha_err *err)
{
    json_error_t error;

    *value = NULL;
    if (!stream->broken && (stream->depth > 0 || find_start(stream)) &&
        find_end(stream)) {
        *value = json_loadb(stream->bytes + stream->head, stream->scanned - stream->head,
                            0, &error);
        stream->head = stream->scanned;
        if (!*value) {
            stream->broken = ovnha_fail(&stream->why, OVNHA_ERR_PROTOCOL,
                                        "a message is not JSON: %s", error.text);
        }
    }
    return stream->broken ? repeat_failure(stream, err) : OVNHA_OK;
}
