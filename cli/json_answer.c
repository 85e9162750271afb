/* SPDX-License-Identifier: Apache-2.0 */
#include "json_answer.h"

json_t *ovnha_cli_json_begin(enum ovnha_cli_schema schema)
{
    return json_pack("{s:i}", "schema", (int)schema);
}

void ovnha_cli_json_print(FILE *out, json_t *answer)
{
    json_dumpf(answer, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(answer);
}
