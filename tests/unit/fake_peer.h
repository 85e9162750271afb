/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_PEER_H
#define FAKE_PEER_H

/* The other end of a JSON-RPC conversation, under the test's control.
 *
 * A connection to a listening socket is complete before anybody accepts it, and
 * what is written to it waits in its buffer: a test opens its client, accepts it,
 * says in advance what the peer will have answered, runs the client, and looks at
 * what arrived.  Only what must happen while the client waits takes a process of
 * its own (peer_later). */

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/deadline.h>

#define GENEROUS_MS 30000 /* for what must happen; no test waits for it to pass */
#define SHORT_MS    30    /* for what must not */

struct peer {
    char dir[64];
    char path[96];
    int listener;
    int fd; /* the accepted connection, or -1 */
    char heard[65536];
};

static inline ovnha_msec generous(void)
{
    return ovnha_deadline_after(ovnha_now(), GENEROUS_MS);
}

static inline ovnha_msec shortly(void)
{
    return ovnha_deadline_after(ovnha_now(), SHORT_MS);
}

static inline int peer_listen(const char *path, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

static inline int peer_setup(void **state)
{
    struct peer *peer = calloc(1, sizeof *peer);

    assert_non_null(peer);
    snprintf(peer->dir, sizeof peer->dir, "/tmp/ovnha-peer.XXXXXX");
    assert_non_null(mkdtemp(peer->dir));
    snprintf(peer->path, sizeof peer->path, "%s/peer.ctl", peer->dir);
    peer->listener = peer_listen(peer->path, 8);
    peer->fd = -1;
    *state = peer;
    return 0;
}

static inline int peer_teardown(void **state)
{
    struct peer *peer = *state;

    if (peer->fd >= 0) {
        close(peer->fd);
    }
    if (peer->listener >= 0) {
        close(peer->listener);
    }
    unlink(peer->path);
    rmdir(peer->dir);
    free(peer);
    return 0;
}

static inline void peer_accept(struct peer *peer)
{
    peer->fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(peer->fd >= 0);
}

static inline void peer_say(struct peer *peer, const char *text)
{
    size_t n = strlen(text);

    assert_int_equal(send(peer->fd, text, n, MSG_NOSIGNAL), n);
}

static inline void peer_hang_up(struct peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
}

/* What the client sent and nobody has looked at. */
static inline const char *peer_heard(struct peer *peer)
{
    ssize_t n = recv(peer->fd, peer->heard, sizeof peer->heard - 1, MSG_DONTWAIT);

    peer->heard[n > 0 ? n : 0] = '\0';
    return peer->heard;
}

/* From now on in a process of its own: wait for the client's first byte, say
 * `text` byte by byte, then leave.  To be reaped by peer_reap(). */
static inline pid_t peer_later(struct peer *peer, const char *text)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        struct pollfd in = {.fd = peer->fd, .events = POLLIN};

        if (poll(&in, 1, GENEROUS_MS) != 1) {
            _exit(1);
        }
        for (; *text; text++) {
            if (send(peer->fd, text, 1, MSG_NOSIGNAL) != 1) {
                _exit(2);
            }
            poll(NULL, 0, 1);
        }
        _exit(0);
    }
    return pid;
}

static inline void peer_reap(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

#endif
