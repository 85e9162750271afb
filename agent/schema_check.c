/* SPDX-License-Identifier: Apache-2.0 */
#include "schema_check.h"

#include <stdlib.h>
#include <string.h>

#include <ovnha/ovsdb.h>
#include <ovnha/schema.h>
#include <ovnha/spawn.h>

#define CHECK_MS   3000
#define SCHEMA_MAX (4 * 1024 * 1024)

static enum ovnha_result get_schema(const char *method, const char *name, json_t **schema,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    struct ovnha_ovsdb *db = NULL;
    enum ovnha_result result = ovnha_ovsdb_open(method, deadline, &db, err);

    *schema = NULL;
    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_get_schema(db, name, schema, deadline, err);
    }
    ovnha_ovsdb_close(db);
    return result;
}

/* Over TLS, by the distribution's own tool.  What it is refused, it does not tell apart
 * from what it cannot reach. */
static enum ovnha_result get_schema_over_tls(const struct ovnha_tls_files *tls,
                                             const char *method, const char *name,
                                             json_t **schema, ovnha_msec deadline,
                                             struct ovnha_err *err)
{
    const char *const argv[] = {"ovsdb-client", "-p", tls->privkey, "-c",
                                tls->cert,      "-C", tls->cacert,  "get-schema",
                                method,         name, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    char *text = NULL;
    enum ovnha_result result =
        ovnha_spawn_capture(&spawn, &text, SCHEMA_MAX, deadline, err);

    *schema = result == OVNHA_OK ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (result == OVNHA_OK && *schema) {
        return OVNHA_OK;
    }
    return result == OVNHA_OK || result == OVNHA_ERR_REFUSED
               ? ovnha_fail(err, OVNHA_ERR_UNAVAILABLE, "%s does not tell its schema",
                            method)
               : result;
}

enum ovnha_result ovnha_schema_check(const struct ovnha_context *context, size_t i,
                                     const char *source, ovnha_msec deadline,
                                     struct ovnha_err *err)
{
    const struct ovnha_params *params = &context->params;
    const char *name = params->settings.db[i].database->schema;
    const ovnha_msec limit = ovnha_deadline_after(ovnha_now(), CHECK_MS);
    json_t *ours = NULL, *theirs = NULL;
    enum ovnha_result result;

    deadline = limit < deadline ? limit : deadline;
    result =
        strncmp(source, "ssl:", 4) == 0
            ? get_schema_over_tls(&params->tls[i], source, name, &theirs, deadline, err)
            : get_schema(source, name, &theirs, deadline, err);
    if (result == OVNHA_OK) {
        result = get_schema(context->paths.socket[i], name, &ours, deadline, err);
        result = result == OVNHA_ERR_REFUSED ? OVNHA_ERR_PROTOCOL : result;
    }
    if (result == OVNHA_OK) {
        result = ovnha_schema_replicates(ours, theirs, err);
    }
    json_decref(ours);
    json_decref(theirs);
    return result;
}
