/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_CONTROL_SERVER_H
#define OVNHA_AGENT_CONTROL_SERVER_H

#include <stdbool.h>

#include <qb/qbloop.h>

#include <jansson.h>

#include <ovnha/err.h>

/* The helper's control socket.  It speaks what the control sockets of OVS's own
 * daemons speak, so the agent uses the same client for both and a person may use
 * `ovs-appctl -t SOCKET COMMAND`.  A reply may come later than its command. */

struct ovnha_control_server;
struct ovnha_request;

/* Every request is answered exactly once, by one of the two below, which free it: at once
 * or later, also when the client has hung up meanwhile.  `method` and `argument` ("" for
 * none) last until the command returns. */
typedef void ovnha_control_command(struct ovnha_request *request, const char *method,
                                   const char *argument, void *aux);

/* Listen on the socket `path`, for root only; one that is there is replaced. */
enum ovnha_result ovnha_control_server_open(const char *path, qb_loop_t *loop,
                                            ovnha_control_command *command, void *aux,
                                            struct ovnha_control_server **server,
                                            struct ovnha_err *err) OVNHA_MUST_USE;

/* Whether who connects to its path gets it. */
bool ovnha_control_server_is_found(const struct ovnha_control_server *server);

/* Hang up and stop listening.  NULL is fine.  Requests that are still unanswered must
 * not be answered any more. */
void ovnha_control_server_close(struct ovnha_control_server *server);

void ovnha_request_reply(struct ovnha_request *request, const char *text);
void ovnha_request_refuse(struct ovnha_request *request, const char *text);

/* Whether someone still waits for the answer. */
bool ovnha_request_is_awaited(const struct ovnha_request *request);

#endif
