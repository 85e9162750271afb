/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <poll.h>
#include <stdlib.h>

#include <ovnha/unixctl.h>

#include "gather.h"

/* Between two looks at a server that is about to change. */
#define LOOK_AGAIN_MS 10

ovnha_msec ovnha_execute_part(const struct execution *x, int percent)
{
    return ovnha_deadline_part(x->context->deadline, ovnha_now(), percent);
}

const struct ovnha_db_settings *ovnha_execute_settings(const struct execution *x,
                                                       const struct ovnha_step *step)
{
    return &x->facts->settings.db[step->db];
}

/* False when there is no time left to look again. */
static bool may_look_again(ovnha_msec deadline)
{
    if (ovnha_deadline_passed(deadline, ovnha_now())) {
        return false;
    }
    poll(NULL, 0, LOOK_AGAIN_MS);
    return true;
}

enum ovnha_result ovnha_execute_control(const struct execution *x, size_t db,
                                        const struct ovnha_unixctl_command *commands,
                                        size_t n, struct ovnha_err *err)
{
    struct ovnha_unixctl *ctl;
    char *replies[8] = {NULL};
    enum ovnha_result result =
        ovnha_unixctl_open(x->context->paths.control[db], x->deadline, &ctl, err);

    if (result != OVNHA_OK) {
        return result;
    }
    result = ovnha_unixctl_run(ctl, commands, n, replies, x->deadline, err);
    for (size_t i = 0; i < n; i++) {
        free(replies[i]);
    }
    ovnha_unixctl_close(ctl);
    return result;
}

enum ovnha_result ovnha_execute_verify(const struct execution *x,
                                       const struct ovnha_step *step, is_done *done,
                                       struct ovnha_err *err)
{
    struct ovnha_server_facts server;

    do {
        ovnha_gather_server(x->context, step->db, x->deadline, &server);
        if (server.answered && done(&server, step)) {
            return OVNHA_OK;
        }
    } while (may_look_again(x->deadline));
    return ovnha_fail(
        err, OVNHA_ERR_TIMEOUT,
        "%s: not done in time: the server is %s, %s, source '%s', replicas at '%s', clients %s%s%s",
        ovnha_execute_settings(x, step)->database->name,
        ovnha_presence_to_str(server.presence),
        ovnha_sync_state_to_str(server.sync.state), server.sync.source,
        server.replicas_open, server.clients_open ? "open" : "closed",
        server.trouble[0] ? ": " : "", server.trouble);
}

/* Commands that may be refused because it is so already: only the look counts. */
enum ovnha_result
ovnha_execute_control_and_verify(const struct execution *x, const struct ovnha_step *step,
                                 const struct ovnha_unixctl_command *commands, size_t n,
                                 is_done *done, struct ovnha_err *err)
{
    const enum ovnha_result result = ovnha_execute_control(x, step->db, commands, n, err);

    if (result != OVNHA_OK && result != OVNHA_ERR_REFUSED) {
        return result;
    }
    return ovnha_execute_verify(x, step, done, err);
}
