/* SPDX-License-Identifier: Apache-2.0 */
#include "env.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include <ovnha/role.h>

#define META "OCF_RESKEY_CRM_meta_"

const char *ovnha_env_variable(const char *name, void *aux)
{
    (void)aux;
    return getenv(name);
}

const char *ovnha_env_parameter(const char *name, void *aux)
{
    char variable[128];

    (void)aux;
    if (snprintf(variable, sizeof variable, "OCF_RESKEY_%s", name) >=
        (int)sizeof variable) {
        return NULL;
    }
    return getenv(variable);
}

static const char *directory(ovnha_env_get *get, void *aux, const char *variable,
                             const char *usual)
{
    const char *given = get(variable, aux);

    return given && *given ? given : usual;
}

const char *ovnha_env_durable_dir(ovnha_env_get *get, void *aux)
{
    return directory(get, aux, "OVNHA_DURABLE_DIR", "/var/lib/ovnha");
}

const char *ovnha_env_state_dir(ovnha_env_get *get, void *aux)
{
    return directory(get, aux, "OVNHA_STATE_DIR", "/run/ovnha");
}

/*
 * Words.
 */

ovnha_msec ovnha_interval_parse(const char *text)
{
    static const struct {
        const char *unit;
        ovnha_msec ms;
    } units[] = {
        {"", 1},      {"ms", 1},      {"msec", 1},    {"s", 1000},     {"sec", 1000},
        {"m", 60000}, {"min", 60000}, {"h", 3600000}, {"hr", 3600000},
    };
    char *unit;
    long number;

    if (!*text || !strchr("0123456789", *text)) {
        return -1;
    }
    errno = 0;
    number = strtol(text, &unit, 10);
    for (size_t i = 0; i < sizeof units / sizeof units[0] && !errno; i++) {
        if (!strcasecmp(unit, units[i].unit) && number <= INT_MAX) {
            return number * units[i].ms;
        }
    }
    return -1;
}

/* The level supported next below, as OCF 1.1 recommends. */
static int check_level_parse(const char *text)
{
    char *end;
    long level = strtol(text, &end, 10);

    if (*end || level < 10) {
        return 0;
    }
    return level < 20 ? 10 : 20;
}

/* Pacemaker numbers the instances of a clone "NAME:N".  A colon cannot occur in
 * an XML id otherwise, but only digits are cut. */
static void resource_parse(const char *text, char resource[OVNHA_NODE_SIZE])
{
    const char *colon = strrchr(text, ':');
    size_t length = strlen(text);

    if (colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")]) {
        length = (size_t)(colon - text);
    }
    snprintf(resource, OVNHA_NODE_SIZE, "%.*s", (int)length, text);
}

/* Pacemaker's words for true, and those of the shell agents' ocf_is_true. */
static bool is_true(const char *text)
{
    static const char *const words[] = {"1", "y", "yes", "true", "on", "ja"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!strcasecmp(text, words[i])) {
            return true;
        }
    }
    return false;
}

/* PCMK_debug is true, or it lists daemons: the one that runs agents stands for them. */
static bool is_debug(const char *text)
{
    return is_true(text) || strstr(text, "pacemaker-execd");
}

/*
 * Lists.
 */

static void *must(void *memory)
{
    if (!memory) {
        abort();
    }
    return memory;
}

static void names_parse(const char *text, struct ovnha_names *names)
{
    static const char blanks[] = " \t\n";

    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        size_t length = strcspn(text, blanks);

        names->name = must(realloc(names->name, (names->n + 1) * sizeof *names->name));
        names->name[names->n++] = must(strndup(text, length));
        text += length;
    }
}

static void names_clear(struct ovnha_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->name[i]);
    }
    free(names->name);
    memset(names, 0, sizeof *names);
}

bool ovnha_names_contain(const struct ovnha_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!strcmp(names->name[i], name)) {
            return true;
        }
    }
    return false;
}

/*
 * The invocation.
 */

struct reader {
    ovnha_env_get *get;
    void *aux;
};

static const char *read_text(const struct reader *reader, const char *name)
{
    const char *text = reader->get(name, reader->aux);

    return text ? text : "";
}

/* What Pacemaker tells agents, or else what its administrator told Pacemaker. */
static const char *read_either(const struct reader *reader, const char *name,
                               const char *other)
{
    const char *text = read_text(reader, name);

    return *text ? text : read_text(reader, other);
}

/* `older` is the name before Pacemaker 2.1, or NULL. */
static void read_names(const struct reader *reader, const char *name, const char *older,
                       struct ovnha_names *names)
{
    const char *text = reader->get(name, reader->aux);

    if (!text && older) {
        text = reader->get(older, reader->aux);
    }
    names_parse(text ? text : "", names);
}

static enum ovnha_notify_type notify_type_parse(const char *text)
{
    if (!strcmp(text, "pre")) {
        return OVNHA_NOTIFY_PRE;
    }
    return strcmp(text, "post") ? OVNHA_NOTIFY_NONE : OVNHA_NOTIFY_POST;
}

static void read_notification(const struct reader *reader,
                              struct ovnha_notification *notify)
{
    notify->type = notify_type_parse(read_text(reader, META "notify_type"));
    notify->operation = read_text(reader, META "notify_operation");
    read_names(reader, META "notify_promoted_uname", META "notify_master_uname",
               &notify->promoted);
    read_names(reader, META "notify_unpromoted_uname", META "notify_slave_uname",
               &notify->unpromoted);
    read_names(reader, META "notify_active_uname", NULL, &notify->active);
    read_names(reader, META "notify_inactive_uname", NULL, &notify->inactive);
    read_names(reader, META "notify_promote_uname", NULL, &notify->promote);
    read_names(reader, META "notify_demote_uname", NULL, &notify->demote);
    read_names(reader, META "notify_start_uname", NULL, &notify->start);
    read_names(reader, META "notify_stop_uname", NULL, &notify->stop);
}

static const char *read_attribute_node(const struct reader *reader, const char *node)
{
    const char *target = read_text(reader, META "container_attribute_target");
    const char *host = read_text(reader, META "physical_host");

    return !strcasecmp(target, "host") && *host ? host : node;
}

/* A call by hand says nothing of nodes; Pacemaker names a node after its host
 * unless told otherwise. */
static const char *own_host_name(void)
{
    static struct utsname host;

    return uname(&host) == 0 ? host.nodename : "";
}

static ovnha_msec read_timeout(const struct reader *reader)
{
    ovnha_msec timeout = ovnha_interval_parse(read_text(reader, META "timeout"));

    return timeout > 0 ? timeout : OVNHA_TIMEOUT_DEFAULT_MS;
}

/* Pacemaker's way (PCMK_debug) and that of the shell agents (trace_ra). */
static void read_debugging(const struct reader *reader, struct ovnha_invocation *in)
{
    in->traced = is_true(read_text(reader, "OCF_TRACE_RA")) ||
                 is_true(read_text(reader, "OCF_RESKEY_trace_ra"));
    in->trace_file = read_text(reader, "OCF_RESKEY_trace_file");
    if (!*in->trace_file) {
        in->trace_file = read_text(reader, "OCF_TRACE_FILE");
    }
    in->trace_dir = read_text(reader, "OCF_RESKEY_trace_dir");
    if (!*in->trace_dir) {
        in->trace_dir = "/var/lib/heartbeat/trace_ra";
    }
    in->debug = in->traced || is_debug(read_text(reader, "PCMK_debug")) ||
                is_true(read_text(reader, "HA_debug"));
}

void ovnha_invocation_read(int argc, char *argv[], ovnha_env_get *get, void *aux,
                           struct ovnha_invocation *invocation)
{
    const struct reader reader = {get, aux};
    struct ovnha_invocation in = {.action = argc > 1 ? argv[1] : ""};

    resource_parse(read_text(&reader, "OCF_RESOURCE_INSTANCE"), in.resource);
    in.timeout_ms = read_timeout(&reader);
    in.interval_ms = ovnha_interval_parse(read_text(&reader, META "interval"));
    in.expected = ovnha_role_parse(read_text(&reader, META "role"));
    in.unnotified = !strcmp(read_text(&reader, META "notify"), "false");
    in.is_probe = !strcmp(in.action, "monitor") && in.interval_ms <= 0;
    in.check_level = check_level_parse(read_text(&reader, "OCF_CHECK_LEVEL"));
    in.node = read_text(&reader, META "on_node");
    if (!*in.node) {
        in.node = own_host_name();
    }
    in.attribute_node = read_attribute_node(&reader, in.node);
    in.exit_reason_prefix = read_text(&reader, "OCF_EXIT_REASON_PREFIX");
    in.helper = read_text(&reader, "OVNHA_HELPER");
    if (!*in.helper) {
        in.helper = OVNHA_HELPER_PATH;
    }
    in.module = read_text(&reader, "OVNHA_MODULE");
    if (!*in.module) {
        in.module = OVNHA_MODULE_PATH;
    }
    in.durable_dir = ovnha_env_durable_dir(get, aux);
    in.state_dir = ovnha_env_state_dir(get, aux);
    in.log_facility = read_either(&reader, "HA_LOGFACILITY", "PCMK_logfacility");
    in.log_file = read_either(&reader, "HA_LOGFILE", "PCMK_logfile");
    read_debugging(&reader, &in);
    read_notification(&reader, &in.notify);
    *invocation = in;
}

void ovnha_invocation_clear(struct ovnha_invocation *invocation)
{
    struct ovnha_notification *notify = &invocation->notify;

    names_clear(&notify->promoted);
    names_clear(&notify->unpromoted);
    names_clear(&notify->active);
    names_clear(&notify->inactive);
    names_clear(&notify->promote);
    names_clear(&notify->demote);
    names_clear(&notify->start);
    names_clear(&notify->stop);
}
