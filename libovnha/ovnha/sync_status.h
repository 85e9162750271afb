/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_SYNC_STATUS_H
#define OVNHA_SYNC_STATUS_H

#include <ovnha/endpoint.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What `ovsdb-server/sync-status` says, in the words of every version.
 *
 * Up to OVS 3.2 one block per process, `state:` first; from 3.3 on a block per
 * database with `database:` in front.  The process is active when every block
 * says so and backup when every block says so; anything else is mixed, never
 * guessed. */

enum ovnha_sync_state {
    OVNHA_SYNC_UNKNOWN,
    OVNHA_SYNC_ACTIVE,
    OVNHA_SYNC_BACKUP,
    OVNHA_SYNC_MIXED,
};

enum ovnha_sync_link {
    OVNHA_LINK_NONE,        /* active */
    OVNHA_LINK_CONNECTING,  /* no session with the source yet, or again */
    OVNHA_LINK_REPLICATING, /* had one; stays so for a while after its loss */
};

struct ovnha_sync_status {
    enum ovnha_sync_state state;
    enum ovnha_sync_link link;
    char source[OVNHA_METHOD_SIZE]; /* "tcp:192.0.2.1:6643", or "" */
};

/* OVNHA_ERR_PROTOCOL when there is no `state:` line or one that says neither
 * active nor backup; *status is then UNKNOWN. */
enum ovnha_result ovnha_sync_status_parse(const char *text,
                                          struct ovnha_sync_status *status,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

const char *ovnha_sync_state_to_str(enum ovnha_sync_state state);
const char *ovnha_sync_link_to_str(enum ovnha_sync_link link);

#ifdef __cplusplus
}
#endif

#endif
