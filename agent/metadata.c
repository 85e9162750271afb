/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata.h"

#include <stdint.h>

#include <ovnha/text.h>

#include "params.h"

/* Timeouts are what tools put into a new resource's operations.  start and stop
 * may convert or write back large databases; the two monitors must differ in
 * their interval, or Pacemaker takes one for the other. */
const struct ovnha_ocf_action ovnha_ocf_actions[] = {
    {.name = "start", .timeout = "60s"},
    {.name = "stop", .timeout = "60s"},
    {.name = "promote", .timeout = "50s"},
    {.name = "demote", .timeout = "50s"},
    {.name = "notify", .timeout = "20s"},
    {.name = "monitor", .timeout = "20s", .interval = "10s", .role = "Promoted"},
    {.name = "monitor", .timeout = "20s", .interval = "30s", .role = "Unpromoted"},
    {.name = "reload-agent", .timeout = "20s"},
    {.name = "status", .timeout = "20s"},
    {.name = "validate-all", .timeout = "20s"},
    {.name = "meta-data", .timeout = "5s"},
};

const size_t ovnha_n_ocf_actions = sizeof ovnha_ocf_actions / sizeof ovnha_ocf_actions[0];

static const char shortdesc[] = "OVN databases, one active and the others replicating";

static const char longdesc[] =
    "Runs OVN's Northbound and Southbound ovsdb-server as a promotable clone: the "
    "promoted instance accepts writes, the others replicate from it. With "
    "manage_northd=yes, ovn-northd runs on the promoted node, too. Let an IPaddr2 "
    "resource with the address master_ip follow the promoted role. Set notify=true.";

static void print_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    ovnha_text_print_xml(out, value, SIZE_MAX);
    fputc('"', out);
}

static void print_description(FILE *out, const char *indent, const char *element,
                              const char *text)
{
    fprintf(out, "%s<%s lang=\"en\">", indent, element);
    ovnha_text_print_xml(out, text, SIZE_MAX);
    fprintf(out, "</%s>\n", element);
}

/* OCF 1.1 knows boolean, integer, string and select. */
static const char *type_to_ocf(enum ovnha_param_type type)
{
    switch (type) {
    case OVNHA_PARAM_PORT:
    case OVNHA_PARAM_PROBE:
        return "integer";
    case OVNHA_PARAM_BOOLEAN:
        return "boolean";
    case OVNHA_PARAM_PROTOCOL:
    case OVNHA_PARAM_STANDBY:
    case OVNHA_PARAM_ON_CRASH:
        return "select";
    case OVNHA_PARAM_PATH:
    case OVNHA_PARAM_ADDRESS:
    case OVNHA_PARAM_NODES:
        return "string";
    }
    return "string";
}

static void print_content(FILE *out, const struct ovnha_param *param)
{
    fputs("<content", out);
    print_attribute(out, "type", type_to_ocf(param->type));
    print_attribute(out, "default", param->fallback);
    if (!ovnha_param_option(param->type, 0)) {
        fputs("/>\n", out);
        return;
    }
    fputc('>', out);
    for (int i = 0; ovnha_param_option(param->type, i); i++) {
        fprintf(out, "<option value=\"%s\"/>", ovnha_param_option(param->type, i));
    }
    fputs("</content>\n", out);
}

static void print_param(FILE *out, const struct ovnha_param *param)
{
    fputs("<parameter", out);
    print_attribute(out, "name", param->name);
    if (param->unique_group) {
        print_attribute(out, "unique-group", param->unique_group);
    }
    print_attribute(out, "required", param->required ? "1" : "0");
    print_attribute(out, "reloadable", param->reloadable ? "1" : "0");
    fputs(">\n", out);
    print_description(out, "", "longdesc", param->longdesc);
    print_description(out, "", "shortdesc", param->shortdesc);
    print_content(out, param);
    fputs("</parameter>\n", out);
}

static void print_action(FILE *out, const struct ovnha_ocf_action *action)
{
    fputs("<action", out);
    print_attribute(out, "name", action->name);
    print_attribute(out, "timeout", action->timeout);
    if (action->interval) {
        print_attribute(out, "interval", action->interval);
        print_attribute(out, "depth", "0");
    }
    if (action->role) {
        print_attribute(out, "role", action->role);
    }
    fputs("/>\n", out);
}

void ovnha_metadata_print(FILE *out)
{
    fputs("<?xml version=\"1.0\"?>\n", out);
    fprintf(out, "<resource-agent name=\"ovndb-servers\" version=\"%s\">\n",
            PACKAGE_VERSION);
    fputs("<version>1.1</version>\n", out);
    print_description(out, "", "longdesc", longdesc);
    print_description(out, "", "shortdesc", shortdesc);
    fputs("<parameters>\n", out);
    for (size_t i = 0; i < ovnha_n_params; i++) {
        print_param(out, &ovnha_params_table[i]);
    }
    fputs("</parameters>\n<actions>\n", out);
    for (size_t i = 0; i < ovnha_n_ocf_actions; i++) {
        print_action(out, &ovnha_ocf_actions[i]);
    }
    fputs("</actions>\n</resource-agent>\n", out);
}
