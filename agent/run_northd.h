/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RUN_NORTHD_H
#define OVNHA_AGENT_RUN_NORTHD_H

#include "context.h"

/* ovn-northd: what it says, and what is done to it.  It has no state of its own, so one
 * that does not do what it is told is ended and, where it is needed, started anew. */

/* `pid`, unless NULL: 0 when it is not known. */
enum ovnha_northd_status ovnha_run_northd_look(const struct ovnha_context *context,
                                               ovnha_msec deadline, pid_t *pid);

/* The same in parts, for whoever does not wait: where to ask, and what "Status: ..."
 * says. */
void ovnha_run_northd_control(const struct ovnha_context *context, pid_t pid,
                              char path[OVNHA_PATH_SIZE]);
enum ovnha_northd_status ovnha_run_northd_status_of(const char *text);

enum ovnha_result ovnha_run_northd_start(const struct ovnha_context *context,
                                         ovnha_msec deadline,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* OVNHA_ERR_REFUSED when it does not start paused; it is ended then. */
enum ovnha_result ovnha_run_northd_start_paused(const struct ovnha_context *context,
                                                ovnha_msec deadline,
                                                struct ovnha_err *err) OVNHA_MUST_USE;

/* When it fails, it has been ended. */
enum ovnha_result ovnha_run_northd_pause(const struct ovnha_context *context,
                                         ovnha_msec deadline,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

/* One that does not become active, or is not there, is started anew. */
enum ovnha_result ovnha_run_northd_resume(const struct ovnha_context *context,
                                          ovnha_msec deadline,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* Until it is active, does not get on, or has ended. */
enum ovnha_result ovnha_run_northd_await(const struct ovnha_context *context,
                                         ovnha_msec deadline,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

enum ovnha_result ovnha_run_northd_stop(const struct ovnha_context *context,
                                        ovnha_msec deadline,
                                        struct ovnha_err *err) OVNHA_MUST_USE;

/* Held for each step that changes northd, by an operation or by the resident helper's
 * child; not for an operation as a whole, which has the turn (turn.h): the databases do
 * not wait for northd.  -1 when it cannot be had by then, or at all: an operation goes on
 * without it. */
int ovnha_run_northd_lock(const struct ovnha_context *context, ovnha_msec deadline);
void ovnha_run_northd_unlock(int lock);

/* Whether the program that northd is run from was found to cost too much while it is
 * paused; note that of the one that runs as `pid`, and forget it. */
bool ovnha_run_northd_is_costly(const struct ovnha_context *context);
enum ovnha_result ovnha_run_northd_note_costly(const struct ovnha_context *context,
                                               pid_t pid,
                                               struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_run_northd_forget_costly(const struct ovnha_context *context,
                                                 struct ovnha_err *err) OVNHA_MUST_USE;

#endif
