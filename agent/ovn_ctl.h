/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_OVN_CTL_H
#define OVNHA_AGENT_OVN_CTL_H

#include "context.h"

/* The distribution's ovn-ctl starts and stops daemons: schema conversion, paths,
 * users, wrappers and logging are its business. */

/* As a held backup without a TCP listener. */
enum ovnha_result ovnha_ovn_ctl_start_server(const struct ovnha_context *context,
                                             size_t i, ovnha_msec deadline,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_ovn_ctl_stop_server(const struct ovnha_context *context, size_t i,
                                            ovnha_msec deadline,
                                            struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_ovn_ctl_start_northd(const struct ovnha_context *context,
                                             bool paused, ovnha_msec deadline,
                                             struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result ovnha_ovn_ctl_stop_northd(const struct ovnha_context *context,
                                            ovnha_msec deadline,
                                            struct ovnha_err *err) OVNHA_MUST_USE;

#endif
