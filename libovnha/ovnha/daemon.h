/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_DAEMON_H
#define OVNHA_DAEMON_H

#include <sys/types.h>

#include <ovnha/deadline.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a daemon of the OVS family runs, and how to end it.
 *
 * A pidfile's content proves nothing: it may be stale, empty, or name a pid that
 * another program has by now.  The kernel knows better.  A running daemon holds
 * a POSIX write lock on its pidfile (lib/daemon-unix.c in OVS) and listens on
 * its control socket; an ovsdb-server also holds one on `.NAME.~lock~` beside
 * its database file (lib/lockfile.c).  F_GETLK and SO_PEERCRED name the holder.
 * A daemon that crashed has none of them, but its --monitor will start it again.
 * Stopped is only what shows none of all these. */

enum ovnha_presence {
    OVNHA_PRESENCE_UNKNOWN, /* could not look (the text says why) */
    OVNHA_PRESENCE_ABSENT,  /* surely not running */
    OVNHA_PRESENCE_RUNNING, /* holds its pidfile's lock or its control socket, or is
                             * about to be started again */
    OVNHA_PRESENCE_FOREIGN, /* another process holds the database file's lock */
};

struct ovnha_daemon_paths {
    const char *pidfile;
    const char *control;  /* control socket; NULL when its name holds the pid */
    const char *database; /* database file, NULL for northd */
};

struct ovnha_daemon {
    enum ovnha_presence presence;
    pid_t pid;         /* of the holder; 0 when not visible from here */
    int stale_pidfile; /* a pidfile is there but nobody holds it */
    int restarting;    /* it crashed, and `pid` (--monitor) will start it again */
};

const char *ovnha_presence_to_str(enum ovnha_presence presence);

/* Look, read-only.  Never blocks beyond a connect to a local socket.  Presence is
 * UNKNOWN exactly when the result is not OVNHA_OK.
 *
 * A server on its way out has removed pidfile and socket but still holds its
 * database: it is FOREIGN with its own pid for a moment, and may be ended so. */
enum ovnha_result ovnha_daemon_look(const struct ovnha_daemon_paths *paths,
                                    struct ovnha_daemon *daemon,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* The same, and the connection to the control socket that was made for it, for whoever
 * asks that server next: NULL when there is none. */
struct ovnha_unixctl;
enum ovnha_result ovnha_daemon_look_and_stay(const struct ovnha_daemon_paths *paths,
                                             struct ovnha_daemon *daemon,
                                             struct ovnha_unixctl **ctl,
                                             struct ovnha_err *err) OVNHA_MUST_USE;

/* End process `pid`: TERM, and KILL when it is still there at `term_deadline`;
 * OVNHA_ERR_TIMEOUT when even that has not ended it by `deadline`.  A process
 * that is already gone is a success.  The pid is held by a pidfd while the witnesses
 * of `paths` are asked about it once more, so a recycled pid is never hit. */
enum ovnha_result ovnha_daemon_end(const struct ovnha_daemon_paths *paths, pid_t pid,
                                   ovnha_msec term_deadline, ovnha_msec deadline,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* Ask whoever listens on the control socket to exit, as ovn-ctl does first, and wait for
 * its end.  OVNHA_ERR_UNAVAILABLE when nobody listens, OVNHA_ERR_TIMEOUT when it is still
 * there at the deadline. */
enum ovnha_result ovnha_daemon_ask_to_exit(const char *control, ovnha_msec deadline,
                                           struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
