/* SPDX-License-Identifier: Apache-2.0 */
#include "loop_timer.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct ovnha_loop_timer {
    qb_loop_t *loop;
    int fd;
    void (*expired)(void *aux);
    void *aux;
};

static int32_t readable(int32_t fd, int32_t events, void *data)
{
    const struct ovnha_loop_timer *timer = data;
    uint64_t times;

    (void)events;
    /* One that was set anew since it expired has nothing to be read. */
    if (read(fd, &times, sizeof times) == (ssize_t)sizeof times) {
        timer->expired(timer->aux);
    }
    return 0;
}

/* errno's value, 0 for success. */
static int set_up(struct ovnha_loop_timer *timer)
{
    timer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer->fd < 0) {
        return errno;
    }
    const int rc =
        qb_loop_poll_add(timer->loop, QB_LOOP_MED, timer->fd, POLLIN, timer, readable);

    if (rc != 0) {
        close(timer->fd);
    }
    return -rc;
}

enum ovnha_result ovnha_loop_timer_open(qb_loop_t *loop, void (*expired)(void *aux),
                                        void *aux, struct ovnha_loop_timer **timer,
                                        struct ovnha_err *err)
{
    struct ovnha_loop_timer *fresh = calloc(1, sizeof *fresh);
    int errnum = ENOMEM;

    *timer = NULL;
    if (fresh) {
        fresh->loop = loop;
        fresh->expired = expired;
        fresh->aux = aux;
        errnum = set_up(fresh);
    }
    if (errnum != 0) {
        free(fresh);
        return ovnha_fail_errno(err, errnum, "cannot make a timer");
    }
    *timer = fresh;
    return OVNHA_OK;
}

/* All zeros would put it out. */
void ovnha_loop_timer_set(struct ovnha_loop_timer *timer, int ms)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L + (ms == 0)}};

    timerfd_settime(timer->fd, 0, &when, NULL);
}

void ovnha_loop_timer_close(struct ovnha_loop_timer *timer)
{
    if (timer) {
        qb_loop_poll_del(timer->loop, timer->fd);
        close(timer->fd);
        free(timer);
    }
}
