/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_JSON_STREAM_H
#define OVNHA_JSON_STREAM_H

#include <stddef.h>

#include <jansson.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Feed bytes in, get JSON values out; no socket in here.
 *
 * JSON-RPC as OVSDB speaks it has no framing (RFC 7047, 4): values follow one
 * another, and a read may end anywhere, also inside a string escape or a UTF-8
 * sequence.  A top-level value is always an object; anything else between
 * values but white space is a protocol error, and after one the stream stays
 * in error. */

/* A reply larger than this is refused rather than buffered: the agent never
 * asks for whole databases. */
#define OVNHA_JSON_STREAM_MAX (64u * 1024 * 1024)

struct ovnha_json_stream;

struct ovnha_json_stream *ovnha_json_stream_new(void);
void ovnha_json_stream_free(struct ovnha_json_stream *stream);

/* Take `size` bytes.  OVNHA_ERR_PROTOCOL once the stream is in error. */
enum ovnha_result ovnha_json_stream_feed(struct ovnha_json_stream *stream,
                                         const char *bytes, size_t size,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* The next whole value (a new reference for the caller), or *value == NULL with
 * OVNHA_OK when more bytes are needed. */
enum ovnha_result ovnha_json_stream_get(struct ovnha_json_stream *stream, json_t **value,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
