/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <stdio.h>
#include <string.h>

#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "log.h"
#include "schema_check.h"
#include "set_aside.h"

static bool is_active(const struct ovnha_server_facts *server,
                      const struct ovnha_step *step)
{
    (void)step;
    return server->sync.state == OVNHA_SYNC_ACTIVE;
}

enum ovnha_result ovnha_step_make_writable(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    static const struct ovnha_unixctl_command disconnect = {
        .method = "ovsdb-server/disconnect-active-ovsdb-server"};

    const enum ovnha_result result =
        ovnha_execute_control_and_verify(x, step, &disconnect, 1, is_active, err);
    if (result == OVNHA_OK) {
        /* A source left there would be taken for a listener of the active. */
        x->memory.remote[step->db][0] = '\0';
    }
    return result;
}

static bool is_following(const struct ovnha_server_facts *server,
                         const struct ovnha_step *step)
{
    return server->sync.state == OVNHA_SYNC_BACKUP &&
           strcmp(server->sync.source, step->text) == 0;
}

/* One buffer: the server takes no write between the three last commands.  From OVS
 * 3.3 on a backup ignores connect-active, so it is disconnected first. */
static enum ovnha_result connect_to(struct execution *x, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    char probe[16];
    const struct ovnha_unixctl_command commands[] = {
        {"ovsdb-server/set-active-ovsdb-server-probe-interval", {probe}},
        {"ovsdb-server/disconnect-active-ovsdb-server", {NULL}},
        {"ovsdb-server/set-active-ovsdb-server", {step->text}},
        {"ovsdb-server/connect-active-ovsdb-server", {NULL}},
    };

    snprintf(probe, sizeof probe, "%d", x->facts->settings.replica_probe_ms);
    const enum ovnha_result result =
        ovnha_execute_control_and_verify(x, step, commands, 4, is_following, err);
    if (result == OVNHA_OK) {
        ovnha_text_copy(x->memory.remote[step->db], OVNHA_METHOD_SIZE, step->text);
        x->memory.probe_ms = x->facts->settings.replica_probe_ms;
    }
    return result;
}

static enum ovnha_result hold(struct execution *x, const struct ovnha_step *step,
                              struct ovnha_err *err)
{
    struct ovnha_step held = *step;

    ovnha_text_copy(held.text, sizeof held.text, x->facts->settings.hold);
    return connect_to(x, &held, err);
}

/* Whatever this copy holds must be found again after the source has overwritten it.  What
 * that is can be told only here, once it is held: until then it may grow, or a server
 * that this plan has started did not run yet. */
static enum ovnha_result set_aside(struct execution *x, const struct ovnha_step *step,
                                   struct ovnha_err *err)
{
    struct ovnha_aside_mark mark;
    enum ovnha_result result = hold(x, step, err);

    if (result == OVNHA_OK &&
        ovnha_set_aside_is_needed(x->context, x->facts, x->populated, step->db,
                                  step->text, &mark)) {
        result = ovnha_set_aside_mark(x->context, step->db, &mark, err);
    }
    x->memory.aside_full &= ~(1u << step->db);
    x->memory.aside_full |= (unsigned)(result == OVNHA_ERR_REFUSED) << step->db;
    return result;
}

static bool is_hold(const struct execution *x, const struct ovnha_step *step)
{
    return strcmp(step->text, x->facts->settings.hold) == 0;
}

/* Once, for all databases: what one of them is told may change what is found there. */
void ovnha_execute_before_following(struct execution *x, const struct ovnha_step *step)
{
    if (!x->overwrites && !is_hold(x, step)) {
        x->overwrites = true;
        x->populated = ovnha_set_aside_populated(x->context);
    }
}

enum ovnha_result ovnha_step_follow(struct execution *x, const struct ovnha_step *step,
                                    struct ovnha_err *err)
{
    enum ovnha_result result;

    if (is_hold(x, step)) {
        return connect_to(x, step, err);
    }
    result = set_aside(x, step, err);
    if (result == OVNHA_OK) {
        result = connect_to(x, step, err);
    }
    if (result == OVNHA_OK) {
        ovnha_set_aside_trust(x->context, step->db);
    }
    return result;
}

/* A server whose schema does not fit its source's would make itself active, and say
 * nothing.  Held, it is a backup all the same, and the next monitor says why.  A source
 * that cannot be asked now is tried; such a server is found out then. */
enum ovnha_result ovnha_step_follow_or_hold(struct execution *x,
                                            const struct ovnha_step *step,
                                            struct ovnha_err *err)
{
    enum ovnha_result result =
        ovnha_schema_check(x->context, step->db, step->text, x->context->deadline, err);

    if (result != OVNHA_ERR_REFUSED) {
        result = ovnha_step_follow(x, step, err);
    }
    if (result != OVNHA_ERR_REFUSED) {
        return result;
    }
    ovnha_log(LOG_WARNING, "%s does not follow %s: %s",
           ovnha_execute_settings(x, step)->database->name, step->text, err->text);
    return hold(x, step, err);
}

enum ovnha_result ovnha_step_note_doubt(struct execution *x,
                                        const struct ovnha_step *step,
                                        struct ovnha_err *err)
{
    return ovnha_set_aside_doubt(x->context, step->db, err);
}

enum ovnha_result ovnha_step_set_probe(struct execution *x, const struct ovnha_step *step,
                                       struct ovnha_err *err)
{
    char probe[16];
    const struct ovnha_unixctl_command command = {
        "ovsdb-server/set-active-ovsdb-server-probe-interval", {probe}};

    snprintf(probe, sizeof probe, "%d", step->number);
    const enum ovnha_result result = ovnha_execute_control(x, step->db, &command, 1, err);
    if (result == OVNHA_OK) {
        x->memory.probe_ms = step->number;
    }
    return result;
}
