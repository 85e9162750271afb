/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_report.h"

#include <jansson.h>

#include <ovnha/text.h>

static void take_version(json_t *from, char version[32])
{
    const char *text = json_string_value(json_object_get(from, "version"));

    ovnha_text_copy(version, 32, text ? text : "");
}

/* Of a helper of an older version, some of that is missing. */
static void take_node(const char *name, json_t *answer, struct ovnha_doctor_node *node)
{
    json_t *time = json_object_get(answer, "time");

    ovnha_text_copy(node->name, sizeof node->name, name);
    take_version(answer, node->helper);
    take_version(json_array_get(json_object_get(answer, "databases"), 0), node->server);
    take_version(json_object_get(answer, "northd"), node->northd);
    node->time_ms = json_is_integer(time) ? json_integer_value(time) : -1;
}

void ovnha_doctor_take_report(const char *text, struct ovnha_doctor_report *report)
{
    json_t *all = json_loads(text, 0, NULL), *answer;
    const char *name;

    report->n = 0;
    json_object_foreach(json_object_get(all, "nodes"), name, answer)
    {
        if (json_is_object(answer) && report->n < OVNHA_NODES_MAX) {
            take_node(name, answer, &report->node[report->n++]);
        }
    }
    json_decref(all);
}
