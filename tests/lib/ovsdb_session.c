/* SPDX-License-Identifier: Apache-2.0 */

/* One session with an OVSDB server that stays open, for tests of what becomes of
 * sessions when a server changes its role.  ovn-nbctl reconnects by itself and so
 * cannot show it.
 *
 *   ovsdb_session METHOD
 *
 * says "open" when connected.  Every line it reads is "SCHEMA OPERATIONS", a JSON
 * array of operations; it answers each with "ok RESULTS", or with the name of the
 * error (ovnha_result_to_str()) and the text. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <ovnha/deadline.h>
#include <ovnha/ovsdb.h>

/* Only ends a hopeless wait. */
#define LIMIT_MS 30000

static ovnha_msec limit(void)
{
    return ovnha_deadline_after(ovnha_now(), LIMIT_MS);
}

static void answer(struct ovnha_ovsdb *db, const char *schema, const char *text)
{
    json_t *operations = json_loads(text, 0, NULL);
    json_t *results = NULL;
    struct ovnha_err err = {""};
    const enum ovnha_result result =
        ovnha_ovsdb_transact(db, schema, operations, &results, limit(), &err);

    if (result == OVNHA_OK) {
        char *said = json_dumps(results, JSON_COMPACT);

        printf("ok %s\n", said);
        free(said);
    } else {
        printf("%s %s\n", ovnha_result_to_str(result), err.text);
    }
    json_decref(operations);
    json_decref(results);
}

int main(int argc, char *argv[])
{
    struct ovnha_ovsdb *db;
    struct ovnha_err err;
    char *line = NULL;
    size_t size = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 2) {
        fprintf(stderr, "usage: ovsdb_session METHOD\n");
        return 2;
    }
    if (ovnha_ovsdb_open(argv[1], limit(), &db, &err) != OVNHA_OK) {
        printf("closed %s\n", err.text);
        return 1;
    }
    printf("open\n");
    while (getline(&line, &size, stdin) > 0) {
        char *operations = strchr(line, ' ');

        if (operations) {
            *operations++ = '\0';
            answer(db, line, operations);
        }
    }
    free(line);
    ovnha_ovsdb_close(db);
    return 0;
}
