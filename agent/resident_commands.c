/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_commands.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>

#include "resident_accept.h"
#include "resident_attributes.h"
#include "resident_exit.h"
#include "resident_handover.h"
#include "resident_inquiry.h"
#include "resident_look.h"
#include "resident_loop.h"
#include "resident_policy.h"
#include "resident_promote.h"
#include "resident_record.h"
#include "resident_renew.h"
#include "resident_restart.h"
#include "resident_serving.h"
#include "resident_state.h"
#include "resident_status.h"

/* By what is there now, not at the last look. */
static json_t *judge_anew(struct resident *r)
{
    struct ovnha_err err;

    ovnha_resident_look(r);
    if (ovnha_resident_read_shared(r, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
    }
    ovnha_resident_read_former_active(r);
    ovnha_resident_live_through(r);
    return ovnha_resident_judgement_to_json(r);
}

static void judge(struct resident *r, struct ovnha_request *request)
{
    json_t *judged = judge_anew(r);
    char *text = json_dumps(judged, JSON_COMPACT);

    ovnha_request_reply(request, text);
    free(text);
    json_decref(judged);
}

static void say_status(struct resident *r, struct ovnha_request *request)
{
    ovnha_resident_inquire(r, request, judge_anew(r));
}

static void look(struct resident *r, struct ovnha_request *request)
{
    ovnha_request_reply(request, ""); /* the rest may take the CIB's time */
    r->score.known = false;
    ovnha_resident_forget_attributes(r);
    ovnha_resident_turn(r);
}

static void recover(struct resident *r, struct ovnha_request *request)
{
    ovnha_resident_turn(r);
    ovnha_resident_await_restart(r, request);
}

/* They were read when this helper was started, and since then others may have been given.
 */
static bool has_parameters(const char *expected)
{
    char own[OVNHA_PARAMS_TEXT_SIZE];

    ovnha_params_format(ovnha_env_parameter, NULL, own);
    return strcmp(own, expected) == 0;
}

/* Without parameters, whatever this helper has. */
static void say_active(struct resident *r, struct ovnha_request *request,
                       const char *parameters)
{
    if (parameters[0] && !has_parameters(parameters)) {
        ovnha_request_refuse(request, "this helper was started with other parameters");
    } else {
        ovnha_request_reply(request, r->record.active);
    }
}

static void say_version(struct resident *r, struct ovnha_request *request,
                        const char *parameters)
{
    (void)r;
    ovnha_request_reply(request, has_parameters(parameters) ? PACKAGE_VERSION
                                                            : PACKAGE_VERSION
                                     " with other parameters");
}

static void end(struct resident *r, struct ovnha_request *request)
{
    ovnha_resident_begin_exit(r, request);
    ovnha_resident_wake(r);
}

typedef void command(struct resident *r, struct ovnha_request *request);
typedef void parameter_command(struct resident *r, struct ovnha_request *request,
                               const char *parameters);

static const struct {
    const char *method;
    command *run;
} commands[] = {
    {"ovnha/judge", judge},
    {"ovnha/status", say_status},
    {"ovnha/attempt", ovnha_resident_attempt},
    {"ovnha/open", ovnha_resident_open},
    {"ovnha/barrier", ovnha_resident_raise_barrier},
    {"ovnha/handover", ovnha_resident_hand_over},
    {"ovnha/object-to-loss", ovnha_resident_object_to_loss},
    {"ovnha/accept-loss", ovnha_resident_accept_loss},
    {"ovnha/renew", ovnha_resident_renew},
    {"ovnha/renew-open", ovnha_resident_renew_open},
    {"ovnha/look", look},
    {"ovnha/recover", recover},
    {"ovnha/exit", end},
};

/* The asker says which parameters he was given. */
static const struct {
    const char *method;
    parameter_command *run;
} parameter_commands[] = {
    {"ovnha/active", say_active},
    {"ovnha/version", say_version},
};

/* One that ends once its copy is read-only is neither hung, nor to be ended before, and
 * has nothing to say. */
static bool is_left_without_corosync(const char *method)
{
    return strcmp(method, "ovnha/version") == 0 || strcmp(method, "ovnha/look") == 0 ||
           strcmp(method, "ovnha/exit") == 0;
}

void ovnha_resident_command(struct ovnha_request *request, const char *method,
                            const char *argument, void *aux)
{
    const struct resident *r = aux;

    if (r->without_corosync && !is_left_without_corosync(method)) {
        ovnha_request_refuse(request, "corosync is gone, and this helper ends");
        return;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(method, commands[i].method) == 0) {
            commands[i].run(aux, request);
            return;
        }
    }
    for (size_t i = 0; i < sizeof parameter_commands / sizeof parameter_commands[0];
         i++) {
        if (strcmp(method, parameter_commands[i].method) == 0) {
            parameter_commands[i].run(aux, request, argument);
            return;
        }
    }
    ovnha_request_refuse(request, "unknown command");
}
