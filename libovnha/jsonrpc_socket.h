/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBOVNHA_JSONRPC_SOCKET_H
#define LIBOVNHA_JSONRPC_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

#include <jansson.h>
#include <ovnha/deadline.h>
#include <ovnha/err.h>

/* Internal: a stream socket that carries JSON values, what the clients of the
 * control socket and of the database have in common.  Texts of errors name the
 * peer as it was given to the connecting function. */
#pragma GCC visibility push(hidden)

struct jsonrpc_socket;

/* OVNHA_ERR_UNAVAILABLE when nobody listens there, OVNHA_ERR_TIMEOUT when the
 * listener's backlog is full or the network is silent. */
enum ovnha_result jsonrpc_connect_unix(const char *path, ovnha_msec deadline,
                                       struct jsonrpc_socket **sock,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* `addr` is numeric text without brackets, `port` a number as text. */
enum ovnha_result jsonrpc_connect_tcp(const char *addr, const char *port,
                                      ovnha_msec deadline, struct jsonrpc_socket **sock,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

void jsonrpc_close(struct jsonrpc_socket *sock);

/* The peer's name for error texts, and its process (0 when not visible). */
const char *jsonrpc_peer_name(const struct jsonrpc_socket *sock);
pid_t jsonrpc_peer_pid(const struct jsonrpc_socket *sock);

/* Append the compact text of `value` (a reference that is taken over) to *text,
 * a malloc'ed string or NULL. */
enum ovnha_result jsonrpc_append(char **text, json_t *value,
                                 struct ovnha_err *err) OVNHA_MUST_USE;

/* Send all of it in as few pieces as the socket takes.  After a failure the
 * peer may have half a message, so the connection is shut down. */
enum ovnha_result jsonrpc_send(struct jsonrpc_socket *sock, const char *text,
                               ovnha_msec deadline, struct ovnha_err *err) OVNHA_MUST_USE;

/* The next value (a new reference).  OVNHA_ERR_LOST when the peer hung up. */
enum ovnha_result jsonrpc_receive(struct jsonrpc_socket *sock, json_t **value,
                                  ovnha_msec deadline,
                                  struct ovnha_err *err) OVNHA_MUST_USE;

#pragma GCC visibility pop
#endif
