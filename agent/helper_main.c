/* SPDX-License-Identifier: Apache-2.0 */

/* ovnha-helper: what needs Pacemaker's or libxml2's weight, in a program of its
 * own.  The agent runs it for the few questions that a healthy monitor never asks.
 *
 *   ovnha-helper cluster-facts RESOURCE NODE
 *       prints {"managed": BOOL, "promoted": NODE or ""}
 *   ovnha-helper run
 *       becomes the resident helper (resident.h) of the resource that the
 *       environment describes; returns when that answers commands */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/spawn.h>

#include "crm_mon.h"
#include "helper_client.h"
#include "log.h"
#include "resident.h"

/* The caller has a deadline and ends us; this only bounds an orphan. */
#define CRM_MON_TIMEOUT_MS 60000
#define CRM_MON_OUTPUT_MAX (32u * 1024 * 1024)

static enum ovnha_result ask_crm_mon(const char *resource, const char *node,
                                     struct ovnha_cluster_facts *cluster,
                                     struct ovnha_err *err)
{
    static const char *const argv[] = {"crm_mon", "--one-shot", "--inactive",
                                       "--output-as=xml", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), CRM_MON_TIMEOUT_MS);
    char *xml = NULL;
    enum ovnha_result result =
        ovnha_spawn_capture(&spawn, &xml, CRM_MON_OUTPUT_MAX, deadline, err);

    if (result == OVNHA_OK) {
        result = ovnha_crm_mon_parse(xml, resource, node, cluster, err);
    }
    free(xml);
    return result;
}

static int cluster_facts(const char *resource, const char *node)
{
    struct ovnha_cluster_facts cluster;
    struct ovnha_err err;
    json_t *json;

    if (ask_crm_mon(resource, node, &cluster, &err) != OVNHA_OK) {
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

/*
 * The resident helper: it outlives the operation that starts it.
 */

static int ready_pipe = -1;

/* Whoever reads our output waits for its end. */
static void release_standard_streams(void)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++) {
        dup2(null, fd);
    }
    close(null);
}

static void ready(enum ovnha_result result, const struct ovnha_err *err)
{
    unsigned char code = EXIT_SUCCESS;

    if (result != OVNHA_OK) {
        fprintf(stderr, "%s\n", err->text);
        code = result == OVNHA_ERR_UNAVAILABLE ? OVNHA_HELPER_NO_COROSYNC : EXIT_FAILURE;
    }
    if (write(ready_pipe, &code, 1) != 1) {
        qb_log(LOG_WARNING, "nobody waits for this helper");
    }
    close(ready_pipe);
    release_standard_streams();
}

static int wait_until_ready(int fd)
{
    unsigned char code;

    return read(fd, &code, 1) == 1 ? code : EXIT_FAILURE;
}

static int run_resident(int argc, char *argv[])
{
    struct ovnha_invocation invocation;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        perror("pipe");
        return EXIT_FAILURE;
    }
    const pid_t pid = fork();
    if (pid != 0) {
        close(fds[1]);
        return pid > 0 ? wait_until_ready(fds[0]) : EXIT_FAILURE;
    }
    close(fds[0]);
    ready_pipe = fds[1];
    setsid();
    if (chdir("/") != 0) {
        return EXIT_FAILURE;
    }
    ovnha_invocation_read(argc, argv, ovnha_env_variable, NULL, &invocation);
    ovnha_log_init(&invocation);
    const int code = ovnha_resident_run(&invocation, ready);
    ovnha_log_fini();
    ovnha_invocation_clear(&invocation);
    return code;
}

int main(int argc, char *argv[])
{
    if (argc == 4 && strcmp(argv[1], "cluster-facts") == 0) {
        return cluster_facts(argv[2], argv[3]);
    }
    if (argc == 2 && strcmp(argv[1], "run") == 0) {
        return run_resident(argc, argv);
    }
    fprintf(stderr, "usage: %s cluster-facts RESOURCE NODE | run\n", argv[0]);
    return EXIT_FAILURE;
}
