/* SPDX-License-Identifier: Apache-2.0 */

/* wall_clock - a wall clock of its own for a sandbox host, which may jump.
 *
 * Namespaces have monotonic clocks of their own, but share the wall clock.  Loaded into
 * every process of a host (/etc/ld.so.preload), this adds as many seconds to it as
 * WALL_CLOCK says at that moment: "+0000003600\n", rewritten in place.  A process that
 * began when there was no such file has the machine's clock.
 *
 * As with a clock that somebody sets, monotonic time and what waits by it go on as they
 * are, and a wait for a point in wall-clock time is for that point of this clock. */

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define WALL_CLOCK "/etc/wall-clock"
#define TEXT_SIZE  12

static const char *text;

__attribute__((constructor)) static void look(void)
{
    const int fd = open(WALL_CLOCK, O_RDONLY | O_CLOEXEC);
    void *map = MAP_FAILED;

    if (fd >= 0) {
        map = mmap(NULL, TEXT_SIZE, PROT_READ, MAP_SHARED, fd, 0);
        close(fd);
    }
    text = map == MAP_FAILED ? NULL : map;
}

static time_t offset(void)
{
    return text ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    const int result = (int)syscall(SYS_clock_gettime, clock, now);

    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += offset();
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    *now = (struct timeval){.tv_sec = precise.tv_sec, .tv_usec = precise.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *also)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (also) {
        *also = now.tv_sec;
    }
    return now.tv_sec;
}

/* No wall clock is that early, and no machine is up for that long. */
#define MONOTONIC_BELOW 1000000000

/* libknet's, which takes a wait that is over at once for a message that was lost, and so
 * has an MTU that changes all the time, and a membership that does. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition,
                           pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    const struct timespec real = {.tv_sec = until->tv_sec - offset(),
                                  .tv_nsec = until->tv_nsec};

    return until->tv_sec < MONOTONIC_BELOW
               ? pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until)
               : pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &real);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    const struct timespec real = {.tv_sec = until->tv_sec - offset(),
                                  .tv_nsec = until->tv_nsec};

    return sem_clockwait(semaphore, CLOCK_REALTIME, &real);
}
