/* SPDX-License-Identifier: Apache-2.0 */
#include "helper_client.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>
#include <ovnha/candidacy.h>
#include <ovnha/spawn.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "log.h"

#define LOOK_AGAIN_MS 10

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

/* Its socket goes with it. */
static enum ovnha_result ask_to_exit(const struct ovnha_context *context,
                                     ovnha_msec deadline, struct ovnha_err *err)
{
    char active[OVNHA_NODE_SIZE];
    enum ovnha_result result =
        ovnha_helper_ask(context, "ovnha/exit", NULL, deadline, err);

    while (result == OVNHA_OK &&
           ovnha_helper_runs(context, "", active, deadline) != OVNHA_NO) {
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            return ovnha_fail(err, OVNHA_ERR_TIMEOUT,
                              "the resident helper does not exit");
        }
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    return result == OVNHA_ERR_UNAVAILABLE ? OVNHA_OK : result;
}

/* A helper that stands still guards nothing, and keeps others from doing it: they take
 * this node for what it said last.  Whoever listens on its socket is it. */
static void end_hung(const struct ovnha_context *context)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer = {.pid = 0};
    socklen_t size = sizeof peer;
    char path[OVNHA_PATH_SIZE];
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    ovnha_context_helper_socket(context, path);
    if (fd >= 0 && ovnha_text_copy(address.sun_path, sizeof address.sun_path, path) &&
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0) {
        ovnha_log(LOG_ERR, "the resident helper (pid %d) does not answer: it is ended",
               (int)peer.pid);
        kill(peer.pid, SIGKILL);
    }
    if (fd >= 0) {
        close(fd);
    }
}

enum ovnha_result ovnha_helper_stop(const struct ovnha_context *context,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    const enum ovnha_result result = ask_to_exit(context, deadline, err);

    if (result != OVNHA_ERR_TIMEOUT) {
        return result;
    }
    end_hung(context);
    return OVNHA_OK;
}

/* It keeps what it was started with. */
static enum ovnha_result end_other(const struct ovnha_context *context, bool *runs,
                                   ovnha_msec deadline, struct ovnha_err *err)
{
    char parameters[OVNHA_PARAMS_TEXT_SIZE];
    char *version = NULL;

    ovnha_params_format(ovnha_env_parameter, NULL, parameters);
    enum ovnha_result result =
        ask(context, "ovnha/version", parameters, &version,
            ovnha_deadline_part(deadline, ovnha_now(), HUNG_PERCENT), err);

    *runs = result == OVNHA_OK && strcmp(version, PACKAGE_VERSION) == 0;
    free(version);
    if (result == OVNHA_OK && !*runs) {
        result = ovnha_helper_stop(context, deadline, err);
    } else if (result == OVNHA_ERR_TIMEOUT) {
        end_hung(context);
        result = OVNHA_OK;
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
