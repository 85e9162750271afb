/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/text.h>
#include <ovnha/unixctl.h>

static bool replicas_are_open(const struct ovnha_server_facts *server,
                              const struct ovnha_step *step)
{
    return strcmp(server->replicas_open, step->text) == 0;
}

enum ovnha_result ovnha_step_open_replicas(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    const struct ovnha_unixctl_command add = {"ovsdb-server/add-remote", {step->text}};
    const enum ovnha_result result =
        ovnha_execute_control_and_verify(x, step, &add, 1, replicas_are_open, err);

    if (result == OVNHA_OK) {
        ovnha_text_copy(x->memory.remote[step->db], OVNHA_METHOD_SIZE, step->text);
    }
    return result;
}

static bool replicas_are_closed(const struct ovnha_server_facts *server,
                                const struct ovnha_step *step)
{
    (void)step;
    return !server->replicas_open[0];
}

/* The TCP remotes that the server itself lists; there may be some that we never
 * opened. */
static enum ovnha_result remove_tcp_remotes(const struct execution *x, size_t db,
                                            char *list, struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;
    char *rest = list;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        const struct ovnha_unixctl_command remove = {"ovsdb-server/remove-remote",
                                                     {line}};

        if (strncmp(line, "ptcp:", 5) == 0 || strncmp(line, "pssl:", 5) == 0) {
            result = ovnha_execute_control(x, db, &remove, 1, err);
        }
    }
    return result;
}

enum ovnha_result ovnha_step_close_replicas(struct execution *x,
                                            const struct ovnha_step *step,
                                            struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command list = {.method =
                                                          "ovsdb-server/list-remotes"};
    struct ovnha_unixctl *ctl;
    char *reply = NULL;
    enum ovnha_result result =
        ovnha_unixctl_open(x->context->paths.control[step->db], x->deadline, &ctl, err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, &list, 1, &reply, x->deadline, err);
        ovnha_unixctl_close(ctl);
    }
    if (result == OVNHA_OK) {
        result = remove_tcp_remotes(x, step->db, reply, err);
    }
    free(reply);
    return result == OVNHA_OK ? ovnha_execute_verify(x, step, replicas_are_closed, err)
                              : result;
}

static bool clients_are_open(const struct ovnha_server_facts *server,
                             const struct ovnha_step *step)
{
    (void)step;
    return server->clients_open;
}

static bool clients_are_closed(const struct ovnha_server_facts *server,
                               const struct ovnha_step *step)
{
    (void)step;
    return !server->clients_open;
}

static enum ovnha_result change_clients(const struct execution *x,
                                        const struct ovnha_step *step, const char *method,
                                        is_done *done, struct ovnha_err *err)
{
    const struct ovnha_database *database = ovnha_execute_settings(x, step)->database;
    char remote[OVNHA_METHOD_SIZE];
    const struct ovnha_unixctl_command command = {method, {remote}};

    snprintf(remote, sizeof remote, "db:%s,%s,%s", database->schema, database->root_table,
             database->connections);
    return ovnha_execute_control_and_verify(x, step, &command, 1, done, err);
}

enum ovnha_result ovnha_step_open_clients(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    return change_clients(x, step, "ovsdb-server/add-remote", clients_are_open, err);
}

enum ovnha_result ovnha_step_close_clients(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    return change_clients(x, step, "ovsdb-server/remove-remote", clients_are_closed, err);
}
