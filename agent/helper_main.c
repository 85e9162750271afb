/* SPDX-License-Identifier: Apache-2.0 */

/* ovnha-helper: what needs Pacemaker's or libxml2's weight, in a program of its
 * own.  The agent runs it for the few questions that a healthy monitor never asks.
 *
 *   ovnha-helper cluster-facts RESOURCE NODE MS
 *       prints {"managed": BOOL, "promoted": NODE or ""}, after MS milliseconds at most
 *   ovnha-helper probe-cib
 *       ends when the CIB answers
 *   ovnha-helper set-aside MS
 *       settles what becomes of copies that were overwritten (set_aside.h), of the
 *       resource that the environment describes; after MS milliseconds at most
 *   ovnha-helper restart MS
 *       starts the active's dead servers again in place (restart.h), of the resource that
 *       the environment describes; after MS milliseconds at most
 *   ovnha-helper keep-northd MS
 *       puts the ovn-northd right that was left here, which the resident helper has found
 *       dead, hung, or not what it is to be; the resource is managed
 *   ovnha-helper run
 *       becomes the resident helper (resident.h) of the resource that the
 *       environment describes; returns when that answers commands */

#include <limits.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <qb/qblog.h>

#include <ovnha/decide.h>
#include <ovnha/spawn.h>

#include "cib_record.h"
#include "corosync.h"
#include "crm_mon.h"
#include "detach.h"
#include "execute.h"
#include "gather.h"
#include "helper_client.h"
#include "log_qb.h"
#include "nodes.h"
#include "resident.h"
#include "restart.h"
#include "run_northd.h"
#include "set_aside.h"

#define CRM_MON_OUTPUT_MAX (32u * 1024 * 1024)

static void open_log(const struct ovnha_invocation *invocation)
{
    ovnha_log_qb_init(invocation);
    ovnha_log_begin(invocation, ovnha_log_qb_write);
}

/* Whoever ends this program does not reach crm_mon, which has a process group of its own:
 * it is ended here, in time. */
static enum ovnha_result ask_crm_mon(const char *resource, const char *node,
                                     ovnha_msec deadline,
                                     struct ovnha_cluster_facts *cluster,
                                     struct ovnha_err *err)
{
    static const char *const argv[] = {"crm_mon", "--one-shot", "--inactive",
                                       "--output-as=xml", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    char *xml = NULL;
    enum ovnha_result result =
        ovnha_spawn_capture(&spawn, &xml, CRM_MON_OUTPUT_MAX, deadline, err);

    if (result == OVNHA_OK) {
        result = ovnha_crm_mon_parse(xml, resource, node, cluster, err);
    }
    free(xml);
    return result;
}

/* False, and said, for what is no number of milliseconds. */
static bool read_deadline(const char *text, ovnha_msec *deadline)
{
    char *end;

    errno = 0;
    const long ms = strtol(text, &end, 10);

    if (errno != 0 || end == text || *end || ms <= 0 || ms > INT_MAX) {
        fprintf(stderr, "'%s' is no number of milliseconds\n", text);
        return false;
    }
    *deadline = ovnha_deadline_after(ovnha_now(), (int)ms);
    return true;
}

static int cluster_facts(const char *resource, const char *node, const char *ms)
{
    ovnha_msec deadline;
    struct ovnha_cluster_facts cluster;
    struct ovnha_err err;
    json_t *json;

    if (!read_deadline(ms, &deadline)) {
        return EXIT_FAILURE;
    }
    if (ask_crm_mon(resource, node, deadline, &cluster, &err) != OVNHA_OK) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    json = json_pack("{s:b,s:s}", "managed", cluster.managed == OVNHA_YES, "promoted",
                     cluster.promoted);
    json_dumpf(json, stdout, 0);
    putchar('\n');
    json_decref(json);
    return EXIT_SUCCESS;
}

static int probe_cib(void)
{
    struct ovnha_err err;

    if (ovnha_cib_probe(&err) != OVNHA_OK) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/*
 * The resident helper: it outlives the operation that starts it.
 */

static void ready(enum ovnha_result result, const struct ovnha_err *err)
{
    unsigned char code = EXIT_SUCCESS;

    if (result != OVNHA_OK) {
        fprintf(stderr, "%s\n", err->text);
        code = result == OVNHA_ERR_UNAVAILABLE ? OVNHA_HELPER_NO_COROSYNC : EXIT_FAILURE;
    }
    if (!ovnha_detach_ready(code)) {
        qb_log(LOG_WARNING, "nobody waits for this helper");
    }
}

static int run_resident(int argc, char *argv[])
{
    struct ovnha_invocation invocation;
    int code;

    if (!ovnha_detach(&code)) {
        return code;
    }
    ovnha_invocation_read(argc, argv, ovnha_env_variable, NULL, &invocation);
    open_log(&invocation);
    code = ovnha_resident_run(&invocation, ready);
    ovnha_log_qb_fini();
    ovnha_invocation_clear(&invocation);
    return code;
}

/*
 * What is done once, for the resource that the environment describes.
 */

/* What is found is acted on before an operation can change it. */
static enum ovnha_result put_northd_right(const struct ovnha_context *context,
                                          struct ovnha_err *err)
{
    struct ovnha_facts facts;
    struct ovnha_plan plan;
    const int lock = ovnha_run_northd_lock(context, context->deadline);

    if (lock < 0) {
        return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "an operation is at it");
    }
    ovnha_gather_local(context, OVNHA_KEEP_NORTHD, &facts);
    ovnha_gather_northd(context, context->deadline, &facts);
    ovnha_decide(&facts, &plan);
    const enum ovnha_result result = ovnha_execute(context, &facts, &plan, err);

    ovnha_run_northd_unlock(lock);
    return result;
}

static const struct task {
    const char *name;
    enum ovnha_result (*run)(const struct ovnha_context *context, struct ovnha_err *err);
} tasks[] = {
    {"set-aside", ovnha_set_aside_settle},
    {"restart", ovnha_restart},
    {"keep-northd", put_northd_right},
};

static const struct task *find_task(const char *name)
{
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        if (strcmp(tasks[i].name, name) == 0) {
            return &tasks[i];
        }
    }
    return NULL;
}

static int run_task(const struct task *task, int argc, char *argv[],
                    const char *milliseconds)
{
    struct ovnha_invocation invocation;
    struct ovnha_context context;
    struct ovnha_err err = {""};
    ovnha_msec deadline;

    if (!read_deadline(milliseconds, &deadline)) {
        return EXIT_FAILURE;
    }
    ovnha_invocation_read(argc, argv, ovnha_env_variable, NULL, &invocation);
    open_log(&invocation);
    ovnha_context_init_leniently(&context, &invocation);
    context.deadline = deadline;
    const enum ovnha_result result = task->run(&context, &err);
    if (result != OVNHA_OK) {
        qb_log(LOG_ERR, "%s: %s", task->name, err.text);
        fprintf(stderr, "%s\n", err.text);
    }
    ovnha_log_qb_fini();
    ovnha_invocation_clear(&invocation);
    return result == OVNHA_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    ovnha_nodes_from(ovnha_corosync_nodes);
    if (argc == 5 && strcmp(argv[1], "cluster-facts") == 0) {
        return cluster_facts(argv[2], argv[3], argv[4]);
    }
    if (argc == 2 && strcmp(argv[1], "probe-cib") == 0) {
        return probe_cib();
    }
    if (argc == 3 && find_task(argv[1])) {
        return run_task(find_task(argv[1]), argc, argv, argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], "run") == 0) {
        return run_resident(argc, argv);
    }
    fprintf(stderr,
            "usage: %s cluster-facts RESOURCE NODE MS | probe-cib | set-aside MS | "
            "restart MS | keep-northd MS | run\n",
            argv[0]);
    return EXIT_FAILURE;
}
