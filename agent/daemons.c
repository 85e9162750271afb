/* SPDX-License-Identifier: Apache-2.0 */
#include "daemons.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "log.h"

/* A server that its monitor had just started again has its pidfile by then. */
#define RESTART_MS 200

/* One with tens of megabytes to free takes a fraction of this, and one that is busy or
 * hangs must leave time for ovn-ctl. */
#define EXIT_MS      1000
#define EXIT_PERCENT 10

/* Of what is left. */
#define TERM_PERCENT 50

/* ovn-ctl trusts a pidfile: it does not start a server while some process has the
 * pid in it, and it stops that process.  After a crash or a power cut this is just
 * anybody, so it gets no pidfile to see that nobody holds. */
enum ovnha_result ovnha_daemons_look_past_pidfile(const struct ovnha_context *context,
                                                  const struct ovnha_daemon_paths *paths,
                                                  struct ovnha_daemon *daemon,
                                                  struct ovnha_err *err)
{
    enum ovnha_result result = ovnha_daemon_look(paths, daemon, err);

    /* ovn-ctl would remove the pidfile and leave the one that starts it again.  That one
     * has nothing to clean up, and while it waits it only notes a TERM. */
    if (result == OVNHA_OK && daemon->restarting) {
        result =
            ovnha_daemon_end(paths, daemon->pid, ovnha_now(), context->deadline, err);
        poll(NULL, 0, RESTART_MS);
        result = result == OVNHA_OK ? ovnha_daemon_look(paths, daemon, err) : result;
    }
    if (result == OVNHA_OK && daemon->stale_pidfile && unlink(paths->pidfile) != 0 &&
        errno != ENOENT) {
        return ovnha_fail_errno(err, errno, "cannot remove %s, which nobody holds",
                                paths->pidfile);
    }
    return result;
}

void ovnha_daemons_ask_to_exit(const char *control, const char *what, ovnha_msec deadline)
{
    const ovnha_msec now = ovnha_now();
    const ovnha_msec limit = ovnha_deadline_after(now, EXIT_MS);
    const ovnha_msec part = ovnha_deadline_part(deadline, now, EXIT_PERCENT);
    struct ovnha_err err;

    if (ovnha_daemon_ask_to_exit(control, part < limit ? part : limit, &err) !=
        OVNHA_OK) {
        ovnha_log(LOG_INFO, "%s: %s", what, err.text);
    }
}

enum ovnha_result ovnha_daemons_end(const struct ovnha_context *context,
                                    const struct ovnha_daemon_paths *paths,
                                    const char *what, struct ovnha_err *err)
{
    struct ovnha_daemon daemon;
    const enum ovnha_result result = ovnha_daemon_look(paths, &daemon, err);

    if (result != OVNHA_OK || daemon.presence == OVNHA_PRESENCE_ABSENT) {
        return result;
    }
    if (daemon.presence == OVNHA_PRESENCE_FOREIGN) {
        ovnha_log(LOG_WARNING, "%s: leaving pid %d alone, which this resource did not start",
               what, (int)daemon.pid);
        return OVNHA_OK;
    }
    ovnha_log(LOG_WARNING, "%s: pid %d outlives ovn-ctl, ending it", what, (int)daemon.pid);
    return ovnha_daemon_end(
        paths, daemon.pid,
        ovnha_deadline_part(context->deadline, ovnha_now(), TERM_PERCENT),
        context->deadline, err);
}
