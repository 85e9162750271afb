/* SPDX-License-Identifier: Apache-2.0 */
#include "turn.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <ovnha/process_handle.h>

#include "lock_file.h"
#include "log.h"

#define TURN    0 /* the bytes */
#define RESTART 1
#define CHANGE  2

/* Between two looks at a lock of which nobody says when it ends. */
#define LOOK_AGAIN_MS 5

/* From TERM, at which a restart ends all that it has begun, to KILL, and to going on. */
#define TERM_GRACE_MS 3000
#define KILL_GRACE_MS 500

/* A person's operation beside Pacemaker's. */
#define OTHER_MS 2000

/* Before the first start there is nothing to restart, and no file. */
static enum ovnha_result open_file(const struct ovnha_context *context, bool make,
                                   int *fd, struct ovnha_err *err)
{
    return ovnha_lock_file_open(context, "turn", make, fd, err);
}

static void end_process(int pidfd)
{
    ovnha_log(LOG_NOTICE, "ends the restart that is under way");
    (void)ovnha_process_signal(pidfd, SIGTERM);
    if (ovnha_process_wait(pidfd, ovnha_deadline_after(ovnha_now(), TERM_GRACE_MS)) <=
        0) {
        ovnha_log(LOG_ERR, "the restart does not end by itself");
        (void)ovnha_process_signal(pidfd, SIGKILL);
        (void)ovnha_process_wait(pidfd, ovnha_deadline_after(ovnha_now(), KILL_GRACE_MS));
    }
}

/* False: it is still there. */
static bool await_restart(int fd, ovnha_msec patience, bool end)
{
    pid_t pid;
    const int pidfd = ovnha_lock_file_pin(fd, RESTART, &pid);
    bool over = true;

    if (pidfd >= 0) {
        ovnha_log(LOG_INFO, "waits for a restart that is under way");
        over = ovnha_process_wait(pidfd, patience) > 0;
        if (!over && end) {
            end_process(pidfd);
            over = true;
        }
        close(pidfd);
    }
    return over;
}

/* False, without the turn: a restart has it. */
static bool take(struct ovnha_turn *turn, const struct ovnha_context *context,
                 ovnha_msec patience, bool end)
{
    ovnha_msec others = 0;
    struct ovnha_err err;
    const enum ovnha_result result = open_file(context, end, &turn->fd, &err);

    if (result != OVNHA_OK) {
        ovnha_log(result == OVNHA_ERR_MISSING && !end ? LOG_DEBUG : LOG_WARNING, "%s",
                  err.text);
        return true;
    }
    while (!ovnha_lock_file_take(turn->fd, TURN)) {
        if (!await_restart(turn->fd, patience, end)) {
            ovnha_turn_end(turn);
            return false;
        }
        others = others ? others : ovnha_deadline_after(ovnha_now(), OTHER_MS);
        if (ovnha_deadline_passed(others, ovnha_now())) {
            ovnha_log(LOG_WARNING, "goes on though another operation is under way");
            return true;
        }
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    return true;
}

void ovnha_turn_take(struct ovnha_turn *turn, const struct ovnha_context *context,
                     ovnha_msec patience)
{
    (void)take(turn, context, patience, true);
    if (turn->fd >= 0) {
        (void)ovnha_lock_file_take(
            turn->fd, CHANGE); /* a person's beside Pacemaker's may have it */
    }
}

bool ovnha_turn_await(struct ovnha_turn *turn, const struct ovnha_context *context,
                      ovnha_msec patience)
{
    return take(turn, context, patience, false);
}

enum ovnha_result ovnha_turn_take_for_restart(struct ovnha_turn *turn,
                                              const struct ovnha_context *context,
                                              ovnha_msec deadline, struct ovnha_err *err)
{
    const enum ovnha_result result = open_file(context, true, &turn->fd, err);

    if (result != OVNHA_OK) {
        return result;
    }
    while (!ovnha_lock_file_take(turn->fd, TURN)) {
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            ovnha_turn_end(turn);
            return ovnha_fail(err, OVNHA_ERR_CONFLICT, "an operation is under way");
        }
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    if (!ovnha_lock_file_take(turn->fd, RESTART)) {
        ovnha_turn_end(turn);
        return ovnha_fail(err, OVNHA_ERR_CONFLICT, "another restart is under way");
    }
    return OVNHA_OK;
}

void ovnha_turn_end(struct ovnha_turn *turn)
{
    if (turn->fd >= 0) {
        close(turn->fd);
    }
    turn->fd = -1;
}

bool ovnha_turn_is_for_change(const struct ovnha_context *context)
{
    int fd;

    if (open_file(context, false, &fd, NULL) != OVNHA_OK) {
        return false;
    }
    const bool changes = ovnha_lock_file_holder(fd, CHANGE) != 0;

    close(fd);
    return changes;
}
