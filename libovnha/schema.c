/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/schema.h>

#include <stddef.h>

const char *ovnha_schema_version(json_t *schema)
{
    const char *version = json_string_value(json_object_get(schema, "version"));

    return version ? version : "?";
}

/* What is wrong with a table's columns, and which column it is; or NULL. */
static const char *compare_columns(json_t *replica, json_t *active, const char **column)
{
    json_t *theirs, *ours;

    json_object_foreach(active, *column, theirs)
    {
        ours = json_object_get(replica, *column);
        if (!ours) {
            return "is not in";
        }
        if (!json_equal(ours, theirs)) {
            return "is another in";
        }
    }
    return NULL;
}

enum ovnha_result ovnha_schema_replicates(json_t *replica, json_t *active,
                                          struct ovnha_err *err)
{
    json_t *replicas = json_object_get(replica, "tables"), *ours;
    json_t *actives = json_object_get(active, "tables"), *theirs;
    const char *table, *column, *difference;

    if (!json_is_object(replicas) || !json_is_object(actives)) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL, "a schema has no tables");
    }
    json_object_foreach(actives, table, theirs)
    {
        ours = json_object_get(replicas, table);
        column = NULL;
        difference = ours ? compare_columns(json_object_get(ours, "columns"),
                                            json_object_get(theirs, "columns"), &column)
                          : "is not in";
        if (difference) {
            return ovnha_fail(err, OVNHA_ERR_REFUSED,
                              "%s%s%s of the active's schema (%s) %s this one's (%s)",
                              table, column ? "." : "", column ? column : "",
                              ovnha_schema_version(active), difference,
                              ovnha_schema_version(replica));
        }
    }
    return OVNHA_OK;
}
