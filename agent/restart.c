/* SPDX-License-Identifier: Apache-2.0 */
#include "restart.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/decide.h>
#include <ovnha/process_handle.h>
#include <ovnha/process_stat.h>

#include "execute.h"
#include "gather.h"
#include "turn.h"

/* A monitor that is under way takes some milliseconds. */
#define TURN_MS 1000

/* For what was killed to be gone. */
#define KILL_MS       2000
#define LOOK_AGAIN_MS 5

/*
 * The plan.
 */

static int run_plan(const struct ovnha_context *context)
{
    struct ovnha_facts facts;
    struct ovnha_plan plan;
    struct ovnha_err err = {""};

    ovnha_gather(context, OVNHA_RESTART, &facts);
    ovnha_decide(&facts, &plan);
    if (plan.outcome != OVNHA_OUTCOME_SUCCESS) {
        qb_log(LOG_WARNING, "no restart: %s", plan.reason);
        return EXIT_FAILURE;
    }
    if (ovnha_execute(context, &facts, &plan, &err) != OVNHA_OK) {
        qb_log(LOG_ERR, "the restart has failed: %s", err.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/*
 * All that came of it.
 */

/* Our own children: nobody else can be given their pids before we have waited for them.
 */
static void kill_children(void)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;

    while (processes && (entry = readdir(processes))) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10); /* 0: another entry */
        struct ovnha_process_stat stat;

        if (pid > 0 && ovnha_process_stat_read(pid, &stat, NULL) == OVNHA_OK &&
            stat.parent == getpid()) {
            kill(pid, SIGKILL);
        }
    }
    if (processes) {
        closedir(processes);
    }
}

/* What a child leaves behind becomes our child (PR_SET_CHILD_SUBREAPER): when we have
 * none any more, nothing is left. */
static void end_all(void)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), KILL_MS);

    for (;;) {
        const pid_t pid = waitpid(-1, NULL, WNOHANG);

        if (pid < 0 && errno == ECHILD) {
            return;
        }
        if (pid == 0) {
            if (ovnha_deadline_passed(deadline, ovnha_now())) {
                qb_log(LOG_ERR, "what the restart has begun cannot be killed");
                return;
            }
            kill_children();
            poll(NULL, 0, LOOK_AGAIN_MS);
        }
    }
}

/*
 * Watching over it.
 */

static enum ovnha_result judge(pid_t pid, struct ovnha_err *err)
{
    int status;

    if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
        WEXITSTATUS(status) == EXIT_SUCCESS) {
        return OVNHA_OK;
    }
    return ovnha_fail(err, OVNHA_ERR_REFUSED, "the servers were not restarted");
}

static enum ovnha_result attend(pid_t pid, int pidfd, int signals, ovnha_msec deadline,
                                struct ovnha_err *err)
{
    struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN},
                           {.fd = signals, .events = POLLIN}};
    const int ready = poll(fds, 2, ovnha_deadline_left(deadline, ovnha_now()));

    if (ready < 0) {
        return ovnha_fail_errno(err, errno, "cannot wait for the restart");
    }
    if (ready == 0) {
        return ovnha_fail(err, OVNHA_ERR_TIMEOUT, "the restart did not end in time");
    }
    return fds[1].revents ? ovnha_fail(err, OVNHA_ERR_REFUSED, "the restart was ended")
                          : judge(pid, err);
}

static enum ovnha_result supervise(const struct ovnha_context *context, int signals,
                                   struct ovnha_err *err)
{
    const pid_t pid = fork();
    enum ovnha_result result;

    if (pid == 0) {
        _exit(run_plan(context));
    }
    if (pid < 0) {
        return ovnha_fail_errno(err, errno, "cannot fork");
    }
    const int pidfd = ovnha_process_pin(pid);

    result = pidfd < 0 ? ovnha_fail_errno(err, errno, "cannot watch the restart")
                       : attend(pid, pidfd, signals, context->deadline, err);
    if (result != OVNHA_OK) {
        end_all();
    }
    if (pidfd >= 0) {
        close(pidfd);
    }
    return result;
}

enum ovnha_result ovnha_restart(const struct ovnha_context *context,
                                struct ovnha_err *err)
{
    struct ovnha_turn turn;
    sigset_t term;
    enum ovnha_result result;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    const int signals = signalfd(-1, &term, SFD_CLOEXEC);

    if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        return ovnha_fail_errno(err, errno, "cannot watch over a restart");
    }
    result = ovnha_turn_take_for_restart(&turn, context,
                                         ovnha_deadline_after(ovnha_now(), TURN_MS), err);
    if (result == OVNHA_OK) {
        result = supervise(context, signals, err);
        ovnha_turn_end(&turn);
    }
    close(signals);
    return result;
}
