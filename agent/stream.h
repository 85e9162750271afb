/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_STREAM_H
#define OVNHA_AGENT_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ovnha/err.h>

/* The TCP connection over which a replica replicates, and how far it is.
 *
 * OVSDB's replication has no log position, but the connection has one: the kernels of
 * both ends count the bytes of its stream.  What the active's server has written into it
 * and what the replica's server has read from it are positions in the same stream,
 * whatever of it the network, or a process that stands still, holds up; and a replica
 * commits what it has read before it reads on.  The kernel is asked by sock_diag(7),
 * which costs the servers nothing. */

#define OVNHA_STREAM_SIZE 160 /* four words: "ADDR PORT ADDR PORT" */

struct ovnha_stream_position {
    bool found;      /* the connection is established, as far as this end knows */
    uint64_t sent;   /* bytes that the program at this end has written into it */
    uint64_t read;   /* bytes that the program at this end has read from it */
    bool backlogged; /* the kernel may have refused to take more of them */
};

/* The connection of process `pid` to port `remote_port` of another host, as the words
 * "LOCAL-ADDR PORT REMOTE-ADDR PORT"; "" when there is none. */
enum ovnha_result ovnha_stream_find(pid_t pid, uint16_t remote_port,
                                    char stream[OVNHA_STREAM_SIZE],
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* Look at an end of it: the one that `stream` calls local, or (`other_end`) the one that
 * it calls remote. */
enum ovnha_result ovnha_stream_look(const char *stream, bool other_end,
                                    struct ovnha_stream_position *position,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

#endif
