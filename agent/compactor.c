/* SPDX-License-Identifier: Apache-2.0 */
#include "compactor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ovnha/unixctl.h>

/* A server that takes longer than this is not waited for; it goes on. */
#define COMPACT_MS 300000

struct order {
    const char *control, *schema;
};

struct outcome {
    enum ovnha_result result;
    struct ovnha_err err;
};

static void compact(int fd, void *aux)
{
    const struct order *order = aux;
    const struct ovnha_unixctl_command command = {"ovsdb-server/compact",
                                                  {order->schema}};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), COMPACT_MS);
    struct outcome outcome = {.err = {""}};
    struct ovnha_unixctl *ctl = NULL;
    char *reply = NULL;

    outcome.result = ovnha_unixctl_open(order->control, deadline, &ctl, &outcome.err);
    if (outcome.result == OVNHA_OK) {
        outcome.result =
            ovnha_unixctl_run(ctl, &command, 1, &reply, deadline, &outcome.err);
    }
    free(reply);
    ovnha_unixctl_close(ctl);
    (void)!write(fd, &outcome, sizeof outcome);
}

enum ovnha_result ovnha_compactor_start(struct ovnha_compactor *compactor, size_t db,
                                        const char *control, const char *schema,
                                        struct ovnha_err *err)
{
    struct order order = {control, schema};

    compactor->db = db;
    return ovnha_child_start(&compactor->child, "ovnha-compact", compact, &order, err);
}

bool ovnha_compactor_runs(const struct ovnha_compactor *compactor)
{
    return compactor->child.pid > 0;
}

bool ovnha_compactor_take(struct ovnha_compactor *compactor, enum ovnha_result *result,
                          struct ovnha_err *err)
{
    struct outcome outcome;

    if (!ovnha_compactor_runs(compactor) || ovnha_child_runs(&compactor->child)) {
        return false;
    }
    if (recv(compactor->child.fd, &outcome, sizeof outcome, MSG_DONTWAIT) ==
        (ssize_t)sizeof outcome) {
        *result = outcome.result;
        *err = outcome.err;
    } else {
        *result = ovnha_fail(err, OVNHA_ERR_LOST, "the one that asked for it was killed");
    }
    ovnha_child_release(&compactor->child);
    return true;
}
