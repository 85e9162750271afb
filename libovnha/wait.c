/* SPDX-License-Identifier: Apache-2.0 */
#include "wait.h"

#include <errno.h>

int wait_for_fds(struct pollfd *fds, nfds_t n, ovnha_msec deadline)
{
    for (;;) {
        ovnha_msec now = ovnha_now();
        int ready = poll(fds, n, ovnha_deadline_left(deadline, now));

        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return ready;
        }
        if (ready == 0 && ovnha_deadline_passed(deadline, ovnha_now())) {
            return 0;
        }
    }
}

int wait_for_fd(int fd, short events, ovnha_msec deadline)
{
    struct pollfd one = {.fd = fd, .events = events};

    return wait_for_fds(&one, 1, deadline);
}
