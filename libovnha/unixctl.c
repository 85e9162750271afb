/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/unixctl.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc_socket.h"

/* One run is: number the commands, send them in one buffer, collect as many
 * replies.  Numbers go on from run to run.  A reply that an earlier run did not
 * wait for any more may thus still come, is known by its number, and passed over.
 *
 * A reply is {"id":N,"result":TEXT,"error":null}; of a command that failed it is
 * {"id":N,"error":TEXT} with or without a null `result` (lib/unixctl.c in OVS). */

#define N_ARGS                                                                           \
    (sizeof((struct ovnha_unixctl_command){0}).args /                                    \
     sizeof((struct ovnha_unixctl_command){0}).args[0])

struct ovnha_unixctl {
    struct jsonrpc_socket *sock;
    json_int_t next_id;
};

/* A run in progress. */
struct run {
    const struct ovnha_unixctl_command *commands;
    size_t n;
    json_int_t first_id;
    char **replies;
    bool *answered;
    size_t n_answered;
    enum ovnha_result result; /* of the first command that was refused */
};

enum ovnha_result ovnha_unixctl_open(const char *path, ovnha_msec deadline,
                                     struct ovnha_unixctl **ctl, struct ovnha_err *err)
{
    struct jsonrpc_socket *sock;
    enum ovnha_result result = jsonrpc_connect_unix(path, deadline, &sock, err);

    *ctl = NULL;
    if (result) {
        return result;
    }
    *ctl = calloc(1, sizeof **ctl);
    if (!*ctl) {
        jsonrpc_close(sock);
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    (*ctl)->sock = sock;
    return OVNHA_OK;
}

void ovnha_unixctl_close(struct ovnha_unixctl *ctl)
{
    if (ctl) {
        jsonrpc_close(ctl->sock);
        free(ctl);
    }
}

pid_t ovnha_unixctl_peer(const struct ovnha_unixctl *ctl)
{
    return jsonrpc_peer_pid(ctl->sock);
}

static json_t *make_request(const struct ovnha_unixctl_command *command, json_int_t id)
{
    json_t *params = json_array();

    for (size_t i = 0; i < N_ARGS && command->args[i]; i++) {
        if (json_array_append_new(params, json_string(command->args[i])) < 0) {
            json_decref(params);
            return NULL;
        }
    }
    return json_pack("{sI, ss, so}", "id", id, "method", command->method, "params",
                     params);
}

static enum ovnha_result send_commands(struct ovnha_unixctl *ctl, const struct run *run,
                                       ovnha_msec deadline, struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;
    char *text = NULL;

    for (size_t i = 0; !result && i < run->n; i++) {
        json_int_t id = run->first_id + (json_int_t)i;

        result = jsonrpc_append(&text, make_request(&run->commands[i], id), err);
    }
    if (!result && text) {
        result = jsonrpc_send(ctl->sock, text, deadline, err);
    }
    free(text);
    return result;
}

static enum ovnha_result nonsense(const struct ovnha_unixctl *ctl, const char *what,
                                  struct ovnha_err *err)
{
    return ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s sent %s", jsonrpc_peer_name(ctl->sock),
                      what);
}

/* The words of an `error` member, which is a string in all known versions. */
static void take_refusal(struct run *run, size_t i, const json_t *error,
                         struct ovnha_err *err)
{
    const char *words = json_string_value(error);

    if (!run->result) {
        run->result =
            ovnha_fail(err, OVNHA_ERR_REFUSED, "%s was refused: %s",
                       run->commands[i].method, words ? words : "no reason given");
    }
}

static enum ovnha_result take_result(const struct ovnha_unixctl *ctl, struct run *run,
                                     size_t i, const json_t *value, struct ovnha_err *err)
{
    /* null is how a command without any output may answer */
    const char *text = json_is_null(value) ? "" : json_string_value(value);

    if (!text) {
        return nonsense(ctl, "a reply without a text as its result", err);
    }
    run->replies[i] = strdup(text);
    if (!run->replies[i]) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory for a reply");
    }
    return OVNHA_OK;
}

static enum ovnha_result take_reply(const struct ovnha_unixctl *ctl, struct run *run,
                                    const json_t *reply, struct ovnha_err *err)
{
    const json_t *id = json_object_get(reply, "id");
    const json_t *error = json_object_get(reply, "error");
    json_int_t i = json_integer_value(id) - run->first_id;

    if (!json_is_integer(id) || json_object_get(reply, "method")) {
        return nonsense(ctl, "something that is no reply", err);
    }
    if (i < 0) {
        return OVNHA_OK;
    }
    if (i >= (json_int_t)run->n || run->answered[i]) {
        return nonsense(ctl, "a reply that nobody asked for", err);
    }
    run->answered[i] = true;
    run->n_answered++;
    if (error && !json_is_null(error)) {
        take_refusal(run, (size_t)i, error, err);
        return OVNHA_OK;
    }
    return take_result(ctl, run, (size_t)i, json_object_get(reply, "result"), err);
}

static enum ovnha_result read_replies(struct ovnha_unixctl *ctl, struct run *run,
                                      ovnha_msec deadline, struct ovnha_err *err)
{
    while (run->n_answered < run->n) {
        json_t *reply;
        enum ovnha_result result = jsonrpc_receive(ctl->sock, &reply, deadline, err);

        if (result) {
            return result;
        }
        result = take_reply(ctl, run, reply, err);
        json_decref(reply);
        if (result) {
            return result;
        }
    }
    return run->result;
}

enum ovnha_result ovnha_unixctl_run(struct ovnha_unixctl *ctl,
                                    const struct ovnha_unixctl_command *commands,
                                    size_t n, char **replies, ovnha_msec deadline,
                                    struct ovnha_err *err)
{
    struct run run = {.commands = commands, .n = n, .replies = replies};
    enum ovnha_result result;

    memset(replies, 0, n * sizeof *replies);
    run.answered = calloc(n + 1, sizeof *run.answered);
    if (!run.answered) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    run.first_id = ctl->next_id;
    ctl->next_id += (json_int_t)n;
    result = send_commands(ctl, &run, deadline, err);
    if (!result) {
        result = read_replies(ctl, &run, deadline, err);
    }
    free(run.answered);
    return result;
}

enum ovnha_result ovnha_unixctl_send(struct ovnha_unixctl *ctl,
                                     const struct ovnha_unixctl_command *commands,
                                     size_t n, ovnha_msec deadline, struct ovnha_err *err)
{
    const struct run run = {.commands = commands, .n = n, .first_id = ctl->next_id};

    ctl->next_id += (json_int_t)n;
    return send_commands(ctl, &run, deadline, err);
}
