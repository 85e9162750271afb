/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TAIL_H
#define OVNHA_TAIL_H

#include <stddef.h>

#include <jansson.h>

#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was written to a database after a barrier: in the time that it takes to turn a
 * server read-only, clients go on writing.  A replica holds everything when it holds the
 * barrier and, of every row that was touched after it, exactly what the read-only active
 * holds: replication keeps the order, so all other rows are as the barrier found them.
 *
 * The rows are JSON, {TABLE: [UUID, ...], ...}, so that nodes can tell each other. */

#define OVNHA_TAIL_DIGEST_SIZE 48

/* By this, the record of the barrier itself is known in a file: its value alone may be in
 * any later record too, where a server writes whole columns, and in a compaction's. */
#define OVNHA_TAIL_COMMENT_SIZE 64
void ovnha_tail_comment(const char *barrier, char comment[OVNHA_TAIL_COMMENT_SIZE]);

/* More rows than this are not worth telling. */
#define OVNHA_TAIL_ROWS_MAX 2000

/* The rows that the records after the barrier's touched, a new reference, from the end
 * of a database file (ovsdb(5)): `bytes` may begin in the middle of a record.  An error
 * when the barrier's record is not in them, as after a compaction, a record is damaged,
 * or there are too many rows. */
enum ovnha_result ovnha_tail_read(const char *bytes, size_t n, const char *barrier,
                                  json_t **rows, struct ovnha_err *err) OVNHA_MUST_USE;

/* The operations that ask for these rows, new reference; NULL when there are none. */
json_t *ovnha_tail_query(json_t *rows);

/* The same text for the same rows, from the results of that query. */
enum ovnha_result ovnha_tail_digest(json_t *rows, json_t *results,
                                    char digest[OVNHA_TAIL_DIGEST_SIZE],
                                    struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
