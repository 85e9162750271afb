/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <ovnha/text.h>

#include "conversion.h"
#include "daemons.h"
#include "log.h"
#include "ovn_ctl.h"

/* A hung ovn-ctl must leave time for TERM and KILL. */
#define OVN_CTL_STOP_PERCENT 40

static bool is_held(const struct ovnha_server_facts *server,
                    const struct ovnha_step *step)
{
    (void)step;
    return server->sync.state == OVNHA_SYNC_BACKUP && !server->clients_open &&
           !server->replicas_open[0];
}

enum ovnha_result ovnha_step_start_server(struct execution *x,
                                          const struct ovnha_step *step,
                                          struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_server(x->context, step->db);
    struct ovnha_daemon daemon;
    enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(x->context, &paths, &daemon, err);

    if (result == OVNHA_OK) {
        result = ovnha_conversion_begin(x->context, step->db, err);
    }
    if (result == OVNHA_OK) {
        result =
            ovnha_ovn_ctl_start_server(x->context, step->db, x->context->deadline, err);
        ovnha_conversion_end(x->context, step->db);
    }
    if (result != OVNHA_OK) {
        return result;
    }
    ovnha_text_copy(x->memory.remote[step->db], OVNHA_METHOD_SIZE,
                    x->facts->settings.hold);
    return ovnha_execute_verify(x, step, is_held, err);
}

enum ovnha_result ovnha_step_stop_server(struct execution *x,
                                         const struct ovnha_step *step,
                                         struct ovnha_err *err)
{
    const struct ovnha_daemon_paths paths = ovnha_context_server(x->context, step->db);
    const char *name = ovnha_execute_settings(x, step)->database->name;
    struct ovnha_daemon daemon;
    struct ovnha_err first;

    ovnha_daemons_ask_to_exit(paths.control, name, x->context->deadline);
    const enum ovnha_result result =
        ovnha_daemons_look_past_pidfile(x->context, &paths, &daemon, err);

    if (result != OVNHA_OK || daemon.presence == OVNHA_PRESENCE_ABSENT) {
        return result;
    }
    if (ovnha_ovn_ctl_stop_server(x->context, step->db,
                                  ovnha_execute_part(x, OVN_CTL_STOP_PERCENT),
                                  &first) != OVNHA_OK) {
        ovnha_log(LOG_WARNING, "%s: %s", name, first.text);
    }
    return ovnha_daemons_end(x->context, &paths, name, err);
}
