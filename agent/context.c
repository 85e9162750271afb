/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdarg.h>
#include <stdio.h>

#include <ovnha/text.h>

#include "log.h"

/* Kept for printing the reason and exiting, so that Pacemaker hears from us and
 * not from its own timer. */
#define EXIT_MARGIN_PERCENT 95

/* Below the runtime directory, so that a reboot forgets it. */
static void path(char to[OVNHA_PATH_SIZE], const char *format, ...) OVNHA_PRINTF(2, 3);

static void path(char to[OVNHA_PATH_SIZE], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(to, OVNHA_PATH_SIZE, format, args);
    va_end(args);
}

_Static_assert(OVNHA_PARAM_PATH_MAX + sizeof "/ovn-northd.2147483647.ctl" <=
                       OVNHA_PATH_SIZE &&
                   OVNHA_PARAM_PATH_MAX + sizeof "unix:/ovn_ic_nb_db.sock" <=
                       OVNHA_PATH_SIZE,
               "a cut path would be another one");

static void lay_out_paths(struct ovnha_context *context)
{
    const struct ovnha_params *params = &context->params;
    const struct ovnha_invocation *invocation = context->invocation;
    struct ovnha_paths *paths = &context->paths;

    path(paths->state_dir, "%s/%s", invocation->state_dir, invocation->resource);
    path(paths->memory, "%s/memory.json", paths->state_dir);
    path(paths->record, "%s/%s/record.json", invocation->durable_dir,
         invocation->resource);
    path(paths->files, "%s/%s/files.json", invocation->durable_dir, invocation->resource);
    path(paths->withdrawn, "%s/%s/withdrawn", invocation->durable_dir,
         invocation->resource);
    path(paths->aside, "%s/%s/aside", invocation->durable_dir, invocation->resource);
    path(paths->northd_pidfile, "%s/ovn-northd.pid", params->ovn_rundir);
    for (size_t i = 0; i < params->settings.n_dbs; i++) {
        const char *base = params->settings.db[i].database->basename;

        path(paths->pidfile[i], "%s/%s.pid", params->ovn_rundir, base);
        path(paths->control[i], "%s/%s.ctl", params->ovn_rundir, base);
        path(paths->socket[i], "unix:%s/%s.sock", params->ovn_rundir, base);
        path(paths->file[i], "%s/%s.db", params->ovn_dbdir, base);
    }
}

/* A path that never exists.  ovn-ctl builds the source as PROTOCOL:ADDRESS:PORT, so
 * it ends like one. */
static void set_hold(struct ovnha_context *context)
{
    char hold[OVNHA_PATH_SIZE];

    path(hold, "unix:%s/nobody:0", context->invocation->state_dir);
    ovnha_text_copy(context->params.settings.hold, OVNHA_METHOD_SIZE, hold);
}

static void complete(struct ovnha_context *context)
{
    const struct ovnha_invocation *invocation = context->invocation;
    const ovnha_msec now = ovnha_now();

    context->deadline = ovnha_deadline_part(
        ovnha_deadline_after(now, invocation->timeout_ms), now, EXIT_MARGIN_PERCENT);
    ovnha_text_copy(context->params.settings.resource, OVNHA_NODE_SIZE,
                    invocation->resource);
    set_hold(context);
    lay_out_paths(context);
}

enum ovnha_result ovnha_context_init(struct ovnha_context *context,
                                     const struct ovnha_invocation *invocation,
                                     struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_params_parse(ovnha_env_parameter, NULL, &context->params, err);

    context->invocation = invocation;
    context->misconfigured = result != OVNHA_OK;
    if (result == OVNHA_OK) {
        complete(context);
    }
    return result;
}

void ovnha_context_init_leniently(struct ovnha_context *context,
                                  const struct ovnha_invocation *invocation)
{
    struct ovnha_err err;

    if (ovnha_context_init(context, invocation, &err) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "%s: going on without the wrong parameter: %s",
               invocation->action, err.text);
        ovnha_params_parse_leniently(ovnha_env_parameter, NULL, &context->params);
        complete(context);
    }
}

struct ovnha_daemon_paths ovnha_context_server(const struct ovnha_context *context,
                                               size_t i)
{
    return (struct ovnha_daemon_paths){
        .pidfile = context->paths.pidfile[i],
        .control = context->paths.control[i],
        .database = context->paths.file[i],
    };
}

struct ovnha_daemon_paths ovnha_context_northd(const struct ovnha_context *context)
{
    return (struct ovnha_daemon_paths){.pidfile = context->paths.northd_pidfile};
}

void ovnha_context_helper_socket(const struct ovnha_context *context,
                                 char to[OVNHA_PATH_SIZE])
{
    path(to, "%s/helper.ctl", context->paths.state_dir);
}
