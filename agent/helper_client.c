/* SPDX-License-Identifier: Apache-2.0 */
#include "helper_client.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>
#include <ovnha/candidacy.h>
#include <ovnha/process_handle.h>
#include <ovnha/spawn.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "helper_lock.h"
#include "log.h"

#define LOOK_AGAIN_MS 10

/* From KILL to going on without its end. */
#define KILL_GRACE_MS 1000

/* Of the time to start in: one that does not answer in this share is hung. */
#define HUNG_PERCENT 30

static enum ovnha_result ask(const struct ovnha_context *context, const char *command,
                             const char *argument, char **reply, ovnha_msec deadline,
                             struct ovnha_err *err)
{
    const struct ovnha_unixctl_command commands[] = {{command, {argument}}};
    char path[OVNHA_PATH_SIZE];
    char *text = NULL;
    struct ovnha_unixctl *ctl;
    enum ovnha_result result;

    ovnha_context_helper_socket(context, path);
    result = ovnha_unixctl_open(path, deadline, &ctl, err);
    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, commands, 1, &text, deadline, err);
        ovnha_unixctl_close(ctl);
    }
    if (result == OVNHA_OK && reply) {
        *reply = text;
    } else {
        free(text);
    }
    return result;
}

enum ovnha_result ovnha_helper_ask(const struct ovnha_context *context,
                                   const char *command, char **reply, ovnha_msec deadline,
                                   struct ovnha_err *err)
{
    return ask(context, command, NULL, reply, deadline, err);
}

enum ovnha_result ovnha_helper_tell(const struct ovnha_context *context,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command look = {.method = "ovnha/look"};
    char path[OVNHA_PATH_SIZE];
    struct ovnha_unixctl *ctl;
    enum ovnha_result result;

    ovnha_context_helper_socket(context, path);
    result = ovnha_unixctl_open(path, deadline, &ctl, err);
    if (result == OVNHA_OK) {
        result = ovnha_unixctl_send(ctl, &look, 1, deadline, err);
        ovnha_unixctl_close(ctl);
    }
    return result;
}

enum ovnha_tristate ovnha_helper_runs(const struct ovnha_context *context,
                                      const char *parameters,
                                      char active[OVNHA_NODE_SIZE], ovnha_msec deadline)
{
    char *reply = NULL;

    active[0] = '\0';
    switch (ask(context, "ovnha/active", parameters, &reply, deadline, NULL)) {
    case OVNHA_OK:
        ovnha_text_copy(active, OVNHA_NODE_SIZE, reply);
        free(reply);
        return OVNHA_YES;
    case OVNHA_ERR_UNAVAILABLE:
        return OVNHA_NO;
    case OVNHA_ERR_TIMEOUT:
    case OVNHA_ERR_LOST:
    case OVNHA_ERR_REFUSED:
    case OVNHA_ERR_PROTOCOL:
    case OVNHA_ERR_INVALID:
    case OVNHA_ERR_MISSING:
    case OVNHA_ERR_SYSTEM:
    case OVNHA_ERR_CONFLICT:
        return OVNHA_UNKNOWN;
    }
    return OVNHA_UNKNOWN;
}

/* Its socket goes first, and it with its lock. */
static enum ovnha_result ask_to_exit(const struct ovnha_context *context,
                                     ovnha_msec deadline, struct ovnha_err *err)
{
    char active[OVNHA_NODE_SIZE];
    const enum ovnha_result result =
        ovnha_helper_ask(context, "ovnha/exit", NULL, deadline, err);

    if (result != OVNHA_OK && result != OVNHA_ERR_UNAVAILABLE) {
        return result;
    }
    while (ovnha_helper_runs(context, "", active, deadline) != OVNHA_NO ||
           ovnha_helper_lock_is_held(context)) {
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            return ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                              "the resident helper does not exit");
        }
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    return OVNHA_OK;
}

/* Whoever holds its lock is it, or else whoever listens on its socket.
 * OVNHA_ERR_UNAVAILABLE when nobody does. */
static enum ovnha_result pin_helper(const struct ovnha_context *context, pid_t *pid,
                                    int *pidfd, struct ovnha_err *err)
{
    char path[OVNHA_PATH_SIZE];
    struct ovnha_unixctl *ctl;

    *pidfd = ovnha_helper_lock_pin(context, pid);
    if (*pidfd >= 0) {
        return OVNHA_OK;
    }
    ovnha_context_helper_socket(context, path);
    const enum ovnha_result result = ovnha_unixctl_open(path, ovnha_now(), &ctl, err);

    if (result != OVNHA_OK) {
        return result;
    }
    *pid = ovnha_unixctl_peer(ctl);
    *pidfd = *pid > 0 ? ovnha_process_pin(*pid) : -1;
    ovnha_unixctl_close(ctl);
    return *pidfd >= 0 ? OVNHA_OK
                       : ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                                    "the resident helper does not answer, and its "
                                    "process is not to be seen from here");
}

/* A helper that stands still guards nothing, and keeps others from doing it: they take
 * this node for what it said last. */
static enum ovnha_result end_hung(const struct ovnha_context *context,
                                  struct ovnha_err *err)
{
    pid_t pid;
    int pidfd;
    const enum ovnha_result result = pin_helper(context, &pid, &pidfd, err);

    if (result != OVNHA_OK) {
        return result == OVNHA_ERR_UNAVAILABLE ? OVNHA_OK : result;
    }
    ovnha_log(LOG_ERR, "the resident helper (pid %d) does not answer: it is ended",
              (int)pid);
    (void)ovnha_process_signal(pidfd, SIGKILL);
    const bool ended =
        ovnha_process_wait(pidfd, ovnha_deadline_after(ovnha_now(), KILL_GRACE_MS)) > 0;

    close(pidfd);
    return ended ? OVNHA_OK
                 : ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                              "the resident helper (pid %d) outlives SIGKILL", (int)pid);
}

enum ovnha_result ovnha_helper_stop(const struct ovnha_context *context,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    const enum ovnha_result result = ask_to_exit(context, deadline, err);

    return result == OVNHA_ERR_TIMEOUT ? end_hung(context, err) : result;
}

/* One that runs and does not listen yet, or not any more, is waited for.
 * OVNHA_ERR_TIMEOUT: it is hung. */
static enum ovnha_result ask_version(const struct ovnha_context *context, char **version,
                                     ovnha_msec deadline, struct ovnha_err *err)
{
    char parameters[OVNHA_PARAMS_TEXT_SIZE];

    ovnha_params_format(ovnha_env_parameter, NULL, parameters);
    for (;;) {
        const enum ovnha_result result =
            ask(context, "ovnha/version", parameters, version, deadline, err);

        if (result != OVNHA_ERR_UNAVAILABLE || !ovnha_helper_lock_is_held(context)) {
            return result;
        }
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            return ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                              "the resident helper runs and does not listen");
        }
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
}

/* It keeps what it was started with. */
static enum ovnha_result end_other(const struct ovnha_context *context, bool *runs,
                                   ovnha_msec deadline, struct ovnha_err *err)
{
    char *version = NULL;
    enum ovnha_result result = ask_version(
        context, &version, ovnha_deadline_part(deadline, ovnha_now(), HUNG_PERCENT), err);

    *runs = result == OVNHA_OK && strcmp(version, PACKAGE_VERSION) == 0;
    free(version);
    if (result == OVNHA_OK && !*runs) {
        result = ovnha_helper_stop(context, deadline, err);
    } else if (result == OVNHA_ERR_TIMEOUT) {
        result = end_hung(context, err);
    }
    return result == OVNHA_ERR_UNAVAILABLE ? OVNHA_OK : result;
}

enum ovnha_result ovnha_helper_start(const struct ovnha_context *context,
                                     ovnha_msec deadline, struct ovnha_err *err)
{
    const char *const argv[] = {context->invocation->helper, "run", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result output = {.status = 0};
    bool runs;
    enum ovnha_result result = end_other(context, &runs, deadline, err);

    if (result != OVNHA_OK) {
        return result;
    }
    if (runs) {
        return ovnha_helper_ask(context, "ovnha/look", NULL, deadline, err);
    }
    result = ovnha_spawn_run(&spawn, &output, deadline, err);
    if (result == OVNHA_ERR_REFUSED && WIFEXITED(output.status) &&
        WEXITSTATUS(output.status) == OVNHA_HELPER_NO_COROSYNC) {
        return OVNHA_ERR_UNAVAILABLE;
    }
    return result;
}

static enum ovnha_result not_understood(const char *text, struct ovnha_err *err)
{
    return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                      "cannot read what the resident helper says: %s", text);
}

enum ovnha_result ovnha_helper_attempt(const struct ovnha_context *context,
                                       char generation[OVNHA_UUID_SIZE],
                                       char parent[OVNHA_UUID_SIZE], ovnha_msec deadline,
                                       struct ovnha_err *err)
{
    const char *uuid, *before;
    char *text = NULL;
    json_t *json;
    enum ovnha_result result =
        ovnha_helper_ask(context, "ovnha/attempt", &text, deadline, err);

    if (result != OVNHA_OK) {
        return result;
    }
    json = json_loads(text, 0, NULL);
    if (json_unpack(json, "{s:s,s:s}", "generation", &uuid, "parent", &before) != 0 ||
        !ovnha_text_copy(generation, OVNHA_UUID_SIZE, uuid) ||
        !ovnha_text_copy(parent, OVNHA_UUID_SIZE, before)) {
        result = not_understood(text, err);
    }
    json_decref(json);
    free(text);
    return result;
}

static enum ovnha_candidacy candidacy_of(const char *text)
{
    if (strcmp(text, ovnha_candidacy_to_str(OVNHA_MAY)) == 0) {
        return OVNHA_MAY;
    }
    return strcmp(text, ovnha_candidacy_to_str(OVNHA_MUST_WAIT)) == 0 ? OVNHA_MUST_WAIT
                                                                      : OVNHA_MAY_NOT;
}

static enum ovnha_result
read_lineage(const char *text, struct ovnha_lineage_facts *lineage, struct ovnha_err *err)
{
    json_t *json = json_loads(text, 0, NULL);
    const char *candidacy, *reason;
    int preferred, first = false;

    if (json_unpack(json, "{s:s,s:b,s:s,s?b}", "candidacy", &candidacy, "preferred",
                    &preferred, "reason", &reason, "first", &first) != 0) {
        json_decref(json);
        return not_understood(text, err);
    }
    lineage->known = true;
    lineage->candidacy = candidacy_of(candidacy);
    lineage->preferred = preferred;
    lineage->first = first;
    ovnha_text_copy(lineage->reason, sizeof lineage->reason, reason);
    json_decref(json);
    return OVNHA_OK;
}

enum ovnha_result ovnha_helper_judge(const struct ovnha_context *context,
                                     struct ovnha_lineage_facts *lineage,
                                     ovnha_msec deadline, struct ovnha_err *err)
{
    char *text = NULL;
    enum ovnha_result result =
        ovnha_helper_ask(context, "ovnha/judge", &text, deadline, err);

    if (result == OVNHA_OK) {
        result = read_lineage(text, lineage, err);
    }
    free(text);
    return result;
}
