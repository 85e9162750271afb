/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_JSON_ANSWER_H
#define OVNHA_CLI_JSON_ANSWER_H

#include <stdio.h>

#include <jansson.h>

/* What --json prints, of whatever command: one object, with "schema" as its first key,
 * and keys of small letters and '_'.  doc/status-json.md tells of all of them.
 *
 * A schema has a new number when a key goes or changes its meaning; more keys may come
 * without one. */

enum ovnha_cli_schema {
    OVNHA_SCHEMA_STATUS = 1,
    OVNHA_SCHEMA_DOCTOR = 2,
    OVNHA_SCHEMA_TIMELINE = 2,
    OVNHA_SCHEMA_SALVAGE = 1,
    OVNHA_SCHEMA_WORK = 2, /* switchover, maintenance, promote, demote */
};

/* An object to be filled. */
json_t *ovnha_cli_json_begin(enum ovnha_cli_schema schema);

/* Prints it, and gives up the reference to it. */
void ovnha_cli_json_print(FILE *out, json_t *answer);

#endif
