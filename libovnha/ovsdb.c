/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/ovsdb.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/endpoint.h>

#include "jsonrpc_socket.h"

/* RFC 7047, as far as transactions go (4.1.3, 4.1.11).
 *
 * Results stand in the order of operations.  After one that failed the rest are
 * null, and a failure of the commit itself is one more element at the end: any
 * element with an `error` member means that nothing was changed.
 *
 * As in unixctl.c, ids tell late replies of a run that timed out from ours. */

struct ovnha_ovsdb {
    struct jsonrpc_socket *sock;
    json_int_t next_id;
};

/* Cut "ADDR:PORT" in two, brackets off. */
static enum ovnha_result split_tcp(const char *text, char addr[OVNHA_ADDR_SIZE],
                                   const char **port, struct ovnha_err *err)
{
    const char *colon = strrchr(text, ':');
    char written[OVNHA_ADDR_SIZE + 2];
    enum ovnha_family family;

    if (!colon || (size_t)(colon - text) >= sizeof written || colon[1] == '\0') {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "\"tcp:%.80s\" is not tcp:ADDR:PORT",
                          text);
    }
    snprintf(written, sizeof written, "%.*s", (int)(colon - text), text);
    *port = colon + 1;
    return ovnha_addr_parse(written, addr, &family, err);
}

static enum ovnha_result connect_to(const char *method, ovnha_msec deadline,
                                    struct jsonrpc_socket **sock, struct ovnha_err *err)
{
    char addr[OVNHA_ADDR_SIZE];
    const char *port = NULL;
    enum ovnha_result result;

    if (strncmp(method, "unix:", 5) == 0) {
        return jsonrpc_connect_unix(method + 5, deadline, sock, err);
    }
    if (strncmp(method, "tcp:", 4) == 0) {
        result = split_tcp(method + 4, addr, &port, err);
        return result ? result : jsonrpc_connect_tcp(addr, port, deadline, sock, err);
    }
    return ovnha_fail(err, OVNHA_ERR_INVALID,
                      "cannot connect to \"%.80s\": only unix:PATH and tcp:ADDR:PORT are "
                      "spoken here",
                      method);
}

enum ovnha_result ovnha_ovsdb_open(const char *method, ovnha_msec deadline,
                                   struct ovnha_ovsdb **db, struct ovnha_err *err)
{
    struct jsonrpc_socket *sock;
    enum ovnha_result result;

    *db = NULL;
    result = connect_to(method, deadline, &sock, err);
    if (result) {
        return result;
    }
    *db = calloc(1, sizeof **db);
    if (!*db) {
        jsonrpc_close(sock);
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    (*db)->sock = sock;
    return OVNHA_OK;
}

void ovnha_ovsdb_close(struct ovnha_ovsdb *db)
{
    if (db) {
        jsonrpc_close(db->sock);
        free(db);
    }
}

static enum ovnha_result nonsense(const struct ovnha_ovsdb *db, const char *what,
                                  struct ovnha_err *err)
{
    return ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s sent %s", jsonrpc_peer_name(db->sock),
                      what);
}

static enum ovnha_result send_value(struct ovnha_ovsdb *db, json_t *value,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    char *text = NULL;
    enum ovnha_result result = jsonrpc_append(&text, value, err);

    if (!result) {
        result = jsonrpc_send(db->sock, text, deadline, err);
    }
    free(text);
    return result;
}

/* `more` are the parameters behind the schema's name, or NULL. */
static json_t *make_request(const char *method, const char *schema, json_t *more,
                            json_int_t id)
{
    json_t *params = json_array();

    if (json_array_append_new(params, json_string(schema)) < 0 ||
        (more && json_array_extend(params, more) < 0)) {
        json_decref(params);
        return NULL;
    }
    return json_pack("{sI, ss, so}", "id", id, "method", method, "params", params);
}

/* The server asks whether we live; silence would cost us the connection. */
static enum ovnha_result answer_echo(struct ovnha_ovsdb *db, json_t *request,
                                     ovnha_msec deadline, struct ovnha_err *err)
{
    json_t *reply = json_pack("{sO, sO, sn}", "id", json_object_get(request, "id"),
                              "result", json_object_get(request, "params"), "error");

    return reply ? send_value(db, reply, deadline, err)
                 : nonsense(db, "an echo request without id or params", err);
}

/* Read on to the reply with `id`, serving the server meanwhile. */
static enum ovnha_result read_reply(struct ovnha_ovsdb *db, json_int_t id, json_t **reply,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    for (;;) {
        enum ovnha_result result = jsonrpc_receive(db->sock, reply, deadline, err);
        const char *method = json_string_value(json_object_get(*reply, "method"));
        const json_t *number = json_object_get(*reply, "id");

        if (result) {
            return result;
        }
        if (method && strcmp(method, "echo") == 0) {
            result = answer_echo(db, *reply, deadline, err);
        } else if (!method && json_is_integer(number) &&
                   json_integer_value(number) == id) {
            return OVNHA_OK;
        } else if (!method && json_integer_value(number) > id) {
            result = nonsense(db, "a reply that nobody asked for", err);
        }
        json_decref(*reply);
        *reply = NULL;
        if (result) {
            return result;
        }
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "%s did not answer in time",
                              jsonrpc_peer_name(db->sock));
        }
    }
}

/* "SYNTAX: DETAILS" of an error object; some versions put a mere string. */
static enum ovnha_result refused(const struct ovnha_ovsdb *db, const json_t *error,
                                 const json_t *details, struct ovnha_err *err)
{
    const char *what = json_string_value(error);
    const char *more = json_string_value(details);

    return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s refused the transaction: %s%s%s",
                      jsonrpc_peer_name(db->sock), what ? what : "no reason given",
                      more ? ": " : "", more ? more : "");
}

static bool is_set(const json_t *value)
{
    return value && !json_is_null(value);
}

static enum ovnha_result check_operations(const struct ovnha_ovsdb *db, json_t *results,
                                          size_t n, struct ovnha_err *err)
{
    size_t i;
    json_t *one;

    json_array_foreach(results, i, one)
    {
        if (is_set(json_object_get(one, "error"))) {
            return refused(db, json_object_get(one, "error"),
                           json_object_get(one, "details"), err);
        }
        if (!json_is_object(one)) {
            return nonsense(db, "an operation's result that is no object", err);
        }
    }
    return json_array_size(results) == n
               ? OVNHA_OK
               : nonsense(db, "another number of results than operations", err);
}

static enum ovnha_result check_error(const struct ovnha_ovsdb *db, const json_t *reply,
                                     struct ovnha_err *err)
{
    const json_t *error = json_object_get(reply, "error");

    if (json_is_object(error)) {
        return refused(db, json_object_get(error, "error"),
                       json_object_get(error, "details"), err);
    }
    return is_set(error) ? refused(db, error, NULL, err) : OVNHA_OK;
}

static enum ovnha_result check_reply(const struct ovnha_ovsdb *db, const json_t *reply,
                                     size_t n, struct ovnha_err *err)
{
    json_t *results = json_object_get(reply, "result");
    const enum ovnha_result result = check_error(db, reply, err);

    if (result) {
        return result;
    }
    if (!json_is_array(results)) {
        return nonsense(db, "a reply without results", err);
    }
    return check_operations(db, results, n, err);
}

enum ovnha_result ovnha_ovsdb_transact(struct ovnha_ovsdb *db, const char *schema,
                                       json_t *operations, json_t **results,
                                       ovnha_msec deadline, struct ovnha_err *err)
{
    json_int_t id = db->next_id++;
    json_t *reply = NULL;
    enum ovnha_result result;

    *results = NULL;
    if (!json_is_array(operations)) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "operations must be a JSON array");
    }
    result =
        send_value(db, make_request("transact", schema, operations, id), deadline, err);
    if (!result) {
        result = read_reply(db, id, &reply, deadline, err);
    }
    if (!result) {
        result = check_reply(db, reply, json_array_size(operations), err);
    }
    if (!result) {
        *results = json_incref(json_object_get(reply, "result"));
    }
    json_decref(reply);
    return result;
}

/* A method with one name for its parameter.  The reply is a new reference, and no error.
 */
static enum ovnha_result call(struct ovnha_ovsdb *db, const char *method,
                              const char *name, json_t **reply, ovnha_msec deadline,
                              struct ovnha_err *err)
{
    json_int_t id = db->next_id++;
    enum ovnha_result result =
        send_value(db, make_request(method, name, NULL, id), deadline, err);

    *reply = NULL;
    if (!result) {
        result = read_reply(db, id, reply, deadline, err);
    }
    return result ? result : check_error(db, *reply, err);
}

enum ovnha_result ovnha_ovsdb_get_schema(struct ovnha_ovsdb *db, const char *name,
                                         json_t **schema, ovnha_msec deadline,
                                         struct ovnha_err *err)
{
    json_t *reply;
    enum ovnha_result result = call(db, "get_schema", name, &reply, deadline, err);

    *schema = NULL;
    if (!result && !json_is_object(json_object_get(reply, "result"))) {
        result = nonsense(db, "a schema that is no object", err);
    }
    if (!result) {
        *schema = json_incref(json_object_get(reply, "result"));
    }
    json_decref(reply);
    return result;
}

/* Whoever asks for a lock that is held waits for it: so it is given back, or up, at once.
 */
enum ovnha_result ovnha_ovsdb_lock_is_free(struct ovnha_ovsdb *db, const char *name,
                                           bool *is_free, ovnha_msec deadline,
                                           struct ovnha_err *err)
{
    json_t *reply;
    enum ovnha_result result = call(db, "lock", name, &reply, deadline, err);

    *is_free = !result &&
               json_is_true(json_object_get(json_object_get(reply, "result"), "locked"));
    json_decref(reply);
    if (!result) {
        result = call(db, "unlock", name, &reply, deadline, err);
        json_decref(reply);
    }
    return result;
}
