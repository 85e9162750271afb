/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_MARKS_H
#define OVNHA_MARKS_H

#include <jansson.h>
#include <ovnha/candidacy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Our keys in the root row of a database: the marker of the generation, and for
 * each node the token under which its copy was last confirmed.  Operators see them
 * in `ovn-nbctl get NB_Global . external_ids`:
 *
 *   ovnha-RESOURCE-generation = UUID
 *   ovnha-RESOURCE-parent = UUID        (of that generation; the first has none)
 *   ovnha-RESOURCE-token-NODE = UUID
 *   ovnha-RESOURCE-barrier = UUID       (of the last planned move)
 *   ovnha-RESOURCE-complete = UUIDs     (generations of which nothing is missing here)
 *
 * OVN's daemons and clients copy or ignore keys they do not know. */

/* The operations that read the root row; new reference. */
json_t *ovnha_marks_query(const struct ovnha_database *database);

/* What its results say about `node`'s copy; all "" when there is no root row. */
enum ovnha_result ovnha_marks_read(const struct ovnha_database *database,
                                   const char *resource, const char *node,
                                   json_t *results, struct ovnha_copy_marks *marks,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* The operations that set keys, new references; without a root row they change nothing,
 * and succeed.  The marker and its parent ("": none) go together, and the server answers
 * once they, and all that was written before, are on its disk. */
json_t *ovnha_marks_set_generation(const struct ovnha_database *database,
                                   const char *resource, const char *uuid,
                                   const char *parent);
json_t *ovnha_marks_set_barrier(const struct ovnha_database *database,
                                const char *resource, const char *uuid);
json_t *ovnha_marks_set_token(const struct ovnha_database *database, const char *resource,
                              const char *node, const char *uuid);

/* Earlier generations of which this copy has everything that was ever written: the
 * active of each turned read-only before the next was opened by a node that then had it
 * all.  The last ones only, newest first, with blanks between them. */
#define OVNHA_COMPLETE_MAX  12
#define OVNHA_COMPLETE_SIZE (OVNHA_COMPLETE_MAX * OVNHA_UUID_SIZE)
void ovnha_marks_read_complete(const struct ovnha_database *database,
                               const char *resource, json_t *results,
                               char complete[OVNHA_COMPLETE_SIZE]);
bool ovnha_marks_complete_has(const char *complete, const char *generation);
void ovnha_marks_complete_add(char complete[OVNHA_COMPLETE_SIZE], const char *generation);
json_t *ovnha_marks_set_complete(const struct ovnha_database *database,
                                 const char *resource, const char *complete);

/* What clients made of a database, and whether there is any: the operations that ask
 * (NULL where nothing counts as content), and what their results come to. */
json_t *ovnha_content_query(const struct ovnha_database *database);
enum ovnha_result ovnha_content_read(json_t *results, char content[OVNHA_CONTENT_SIZE],
                                     bool *populated,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
