/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_UNIX_CONNECT_H
#define OVNHA_UNIX_CONNECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Connect to a local socket, whose path may be longer than sun_path (107 bytes): run
 * directories may be deep.  As of connect(2): 0, or -1 with errno; EAGAIN when the
 * listener's backlog is full and `fd` does not block. */
int ovnha_unix_connect(int fd, const char *path);

#ifdef __cplusplus
}
#endif

#endif
