/* SPDX-License-Identifier: Apache-2.0 */
#include "row_index.h"

const char *row_uuid(json_t *row)
{
    const char *uuid =
        json_string_value(json_array_get(json_object_get(row, "_uuid"), 1));

    return uuid ? uuid : "";
}

json_t *rows_by_uuid(json_t *rows)
{
    json_t *index = json_object(), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        json_object_set(index, row_uuid(row), row);
    }
    return index;
}
