/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_DAEMONS_H
#define OVNHA_AGENT_DAEMONS_H

#include "context.h"

/* What ovn-ctl does not do with a daemon, before it starts and after it stops one. */

/* As ovnha_daemon_look(), but ovn-ctl is spared a pidfile that nobody holds, and whoever
 * is about to start the dead one again is ended. */
enum ovnha_result ovnha_daemons_look_past_pidfile(const struct ovnha_context *context,
                                                  const struct ovnha_daemon_paths *paths,
                                                  struct ovnha_daemon *daemon,
                                                  struct ovnha_err *err) OVNHA_MUST_USE;

/* Ask it to exit, which it mostly does within milliseconds: ovn-ctl asks the same, but
 * then sleeps before it looks, a tenth of a second and more for each daemon.  It is for
 * those that do not. */
void ovnha_daemons_ask_to_exit(const char *control, const char *what,
                               ovnha_msec deadline);

/* What is there after ovn-ctl is ended by its pid. */
enum ovnha_result ovnha_daemons_end(const struct ovnha_context *context,
                                    const struct ovnha_daemon_paths *paths,
                                    const char *what,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

#endif
