/* SPDX-License-Identifier: Apache-2.0 */
#include "ovn_ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ovnha/spawn.h>

#define ARGS_MAX 16

struct args {
    size_t n;
    char text[ARGS_MAX][OVNHA_PATH_SIZE + 64];
    const char *argv[ARGS_MAX + 1];
};

static void add(struct args *args, const char *format, ...) OVNHA_PRINTF(2, 3);

static void add(struct args *args, const char *format, ...)
{
    va_list list;

    if (args->n == ARGS_MAX) {
        return;
    }
    va_start(list, format);
    vsnprintf(args->text[args->n], sizeof args->text[0], format, list);
    va_end(list);
    args->argv[args->n] = args->text[args->n];
    args->argv[++args->n] = NULL;
}

/* Only what the user set is said; everything else stays as the distribution or a
 * wrapper around ovn-ctl has it. */
static void add_env(struct args *env, const struct ovnha_context *context)
{
    const struct {
        const char *parameter, *variable, *value;
    } dirs[] = {
        {"ovn_rundir", "OVN_RUNDIR", context->params.ovn_rundir},
        {"ovn_dbdir", "OVN_DBDIR", context->params.ovn_dbdir},
        {"ovn_logdir", "OVN_LOGDIR", context->params.ovn_logdir},
    };

    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        const char *fallback = ovnha_params_fallback(dirs[i].parameter);

        if (strcmp(dirs[i].value, fallback) != 0) {
            add(env, "%s=%s", dirs[i].variable, dirs[i].value);
        }
    }
}

/* The daemons live longer than this operation: what Pacemaker tells the operation
 * is not for them. */
static enum ovnha_result run(const struct ovnha_context *context, const struct args *args,
                             ovnha_msec deadline, struct ovnha_err *err)
{
    static const char *const drop[] = {"OCF_", "PCMK_", "HA_", NULL};
    struct args env = {0};
    struct ovnha_spawn_result output;
    const struct ovnha_spawn spawn = {
        .argv = args->argv, .env_add = env.argv, .env_drop = drop};

    add_env(&env, context);
    return ovnha_spawn_run(&spawn, &output, deadline, err);
}

static void add_hold(struct args *args, const struct ovnha_context *context,
                     const char *option)
{
    const char *path = strchr(context->params.settings.hold, ':') + 1;
    const char *end = strrchr(path, ':');

    add(args, "--db-%s-sync-from-proto=unix", option);
    add(args, "--db-%s-sync-from-addr=%.*s", option, (int)(end - path), path);
    add(args, "--db-%s-sync-from-port=%s", option, end + 1);
}

static void add_tls(struct args *args, const struct ovnha_context *context, size_t i,
                    const char *option)
{
    const struct ovnha_tls_files *tls = &context->params.tls[i];

    if (context->params.settings.db[i].protocol == OVNHA_SSL) {
        add(args, "--ovn-%s-db-ssl-key=%s", option, tls->privkey);
        add(args, "--ovn-%s-db-ssl-cert=%s", option, tls->cert);
        add(args, "--ovn-%s-db-ssl-ca-cert=%s", option, tls->cacert);
    }
}

enum ovnha_result ovnha_ovn_ctl_start_server(const struct ovnha_context *context,
                                             size_t i, ovnha_msec deadline,
                                             struct ovnha_err *err)
{
    const struct ovnha_database *database = context->params.settings.db[i].database;
    struct args args = {0};

    add(&args, "%s", context->params.ovn_ctl);
    add_hold(&args, context, database->option);
    add(&args, "--db-%s-use-remote-in-db=no", database->option);
    add(&args, "--db-%s-create-insecure-remote=no", database->option);
    add_tls(&args, context, i, database->option);
    add(&args, "%s", database->start_verb);
    return run(context, &args, deadline, err);
}

enum ovnha_result ovnha_ovn_ctl_stop_server(const struct ovnha_context *context, size_t i,
                                            ovnha_msec deadline, struct ovnha_err *err)
{
    struct args args = {0};

    add(&args, "%s", context->params.ovn_ctl);
    add(&args, "%s", context->params.settings.db[i].database->stop_verb);
    return run(context, &args, deadline, err);
}

/* ovn-ctl has no option for northd's own options; it passes those for its log on, word by
 * word.  These are its defaults, in every version. */
#define PAUSED "--ovn-northd-log=-vconsole:emer -vsyslog:err -vfile:info --dry-run"

static enum ovnha_result northd(const struct ovnha_context *context, const char *option,
                                const char *verb, ovnha_msec deadline,
                                struct ovnha_err *err)
{
    struct args args = {0};

    add(&args, "%s", context->params.ovn_ctl);
    add(&args, "--ovn-manage-ovsdb=no");
    if (option) {
        add(&args, "%s", option);
    }
    add(&args, "%s", verb);
    return run(context, &args, deadline, err);
}

enum ovnha_result ovnha_ovn_ctl_start_northd(const struct ovnha_context *context,
                                             bool paused, ovnha_msec deadline,
                                             struct ovnha_err *err)
{
    return northd(context, paused ? PAUSED : NULL, "start_northd", deadline, err);
}

enum ovnha_result ovnha_ovn_ctl_stop_northd(const struct ovnha_context *context,
                                            ovnha_msec deadline, struct ovnha_err *err)
{
    return northd(context, NULL, "stop_northd", deadline, err);
}
