/* SPDX-License-Identifier: Apache-2.0 */
#include "detach.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int ready_pipe = -1;

static int wait_until_ready(int fd)
{
    unsigned char code;

    return read(fd, &code, 1) == 1 ? code : EXIT_FAILURE;
}

bool ovnha_detach(int *code)
{
    int fds[2];

    *code = EXIT_FAILURE;
    if (pipe2(fds, O_CLOEXEC) != 0) {
        perror("pipe");
        return false;
    }
    const pid_t pid = fork();
    if (pid != 0) {
        close(fds[1]);
        if (pid > 0) {
            *code = wait_until_ready(fds[0]);
        }
        return false;
    }
    close(fds[0]);
    ready_pipe = fds[1];
    (void)signal(SIGPIPE, SIG_IGN);
    setsid();
    if (chdir("/") != 0) {
        _exit(EXIT_FAILURE);
    }
    return true;
}

/* Whoever reads our output waits for its end. */
static void release_standard_streams(void)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++) {
        dup2(null, fd);
    }
    close(null);
}

bool ovnha_detach_ready(unsigned char code)
{
    const bool is_awaited = write(ready_pipe, &code, 1) == 1;

    close(ready_pipe);
    release_standard_streams();
    return is_awaited;
}
