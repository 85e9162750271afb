/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ENDPOINT_H
#define OVNHA_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Addresses and OVSDB connection methods as text, both ways.
 *
 * OVSDB writes an active method `tcp:ADDR:PORT`, `ssl:ADDR:PORT`, `unix:PATH`,
 * and a passive one `ptcp:PORT[:ADDR]`, `pssl:PORT[:ADDR]`, `punix:PATH`; an
 * IPv6 address stands in brackets in both (ovsdb(7), "Connection Methods"). */

#define OVNHA_ADDR_SIZE   64  /* INET6_ADDRSTRLEN is 46; a scope id fits too */
#define OVNHA_METHOD_SIZE 160 /* sun_path is 108; "unix:" and a NUL fit */

enum ovnha_protocol { OVNHA_TCP, OVNHA_SSL };

enum ovnha_family { OVNHA_IPV4, OVNHA_IPV6 };

/* Parse one numeric address, with or without brackets, into canonical text
 * without brackets.  OVNHA_ERR_INVALID for anything else. */
enum ovnha_result ovnha_addr_parse(const char *text, char addr[OVNHA_ADDR_SIZE],
                                   enum ovnha_family *family,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

/* Like ovnha_addr_parse(), but a host name is resolved (corosync's ring0_addr
 * may be a name).  Blocks in the resolver: never on the hot path. */
enum ovnha_result ovnha_addr_resolve(const char *text, char addr[OVNHA_ADDR_SIZE],
                                     enum ovnha_family *family,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* "tcp" or "ssl", exactly. */
enum ovnha_result ovnha_protocol_parse(const char *text, enum ovnha_protocol *protocol,
                                       struct ovnha_err *err) OVNHA_MUST_USE;
const char *ovnha_protocol_to_str(enum ovnha_protocol protocol);

/* "tcp:192.0.2.1:6641", "ssl:[2001:db8::1]:6642"; `addr` is canonical text. */
void ovnha_method_active(char method[OVNHA_METHOD_SIZE], enum ovnha_protocol protocol,
                         const char *addr, uint16_t port);

/* "ptcp:6641:192.0.2.1", "pssl:6642:[2001:db8::1]"; `addr` may be "0.0.0.0" or
 * "::" for every address (OVSDB listens on IPv4 only when none is given). */
void ovnha_method_passive(char method[OVNHA_METHOD_SIZE], enum ovnha_protocol protocol,
                          const char *addr, uint16_t port);

/* Whether a server that listens on passive method `have` already serves
 * everything that `want` would: same protocol and port, and the same address or
 * a wildcard that includes it.  Two such methods cannot be bound together. */
bool ovnha_method_covers(const char *have, const char *want);

#ifdef __cplusplus
}
#endif

#endif
