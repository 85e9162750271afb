/* SPDX-License-Identifier: Apache-2.0 */
/* measure - the stopwatch of the benchmark.
 *
 *   measure now              the monotonic clock, in ns
 *   measure runs N CMD...    runs CMD N times, one after the other; a line for each:
 *                            "WALL-US CPU-US EXIT-CODE"
 *   measure use PID...       what these processes hold and have used so far:
 *                            "PSS-KIB CPU-US", summed up
 *
 * The CPU time of a run is that of CMD and of all descendants that were waited for,
 * user's and kernel's; that of `use` includes children that have ended.  It exits with 2
 * for wrong usage, and with 1 when something cannot be measured. */

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* 0, which is no process and no number of runs, for what is none. */
static long number(const char *text)
{
    char *end;
    const long value = strtol(text, &end, 10);

    return *end || value < 0 ? 0 : value;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t microseconds(struct timeval time)
{
    return time.tv_sec * 1000000LL + time.tv_usec;
}

static void become(char *command[])
{
    const int null = open("/dev/null", O_RDWR);

    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    execvp(command[0], command);
    _exit(127);
}

static bool run_once(char *command[])
{
    const int64_t start = now_ns();
    struct rusage usage;
    int status;
    const pid_t pid = fork();

    if (pid < 0) {
        return false;
    }
    if (pid == 0) {
        become(command);
    }
    if (wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status)) {
        return false;
    }
    printf("%lld %lld %d\n", (long long)(now_ns() - start) / 1000,
           (long long)(microseconds(usage.ru_utime) + microseconds(usage.ru_stime)),
           WEXITSTATUS(status));
    return true;
}

static int runs(long n, char *command[])
{
    for (long i = 0; i < n; i++) {
        if (!run_once(command)) {
            perror(command[0]);
            return 1;
        }
    }
    return 0;
}

static FILE *open_proc(const char *pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    return fopen(path, "r");
}

static bool add_memory(const char *pid, long *kib)
{
    FILE *file = open_proc(pid, "smaps_rollup");
    char line[256];
    bool found = false;
    long value;

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "Pss: %ld kB", &value) == 1) {
            *kib += value;
            found = true;
        }
    }
    if (file) {
        fclose(file);
    }
    return found;
}

/* Its own time, that of all its threads, to the nanosecond. */
static bool add_own_time(pid_t pid, int64_t *us)
{
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        return false;
    }
    *us += time.tv_sec * 1000000LL + time.tv_nsec / 1000;
    return true;
}

/* That of children which have ended, in ticks: fields 16 and 17 of its stat. */
static bool add_children_time(const char *pid, int64_t *us)
{
    FILE *file = open_proc(pid, "stat");
    char line[1024] = "";
    const char *rest;
    long user, kernel;
    bool found = false;

    if (file) {
        found = fgets(line, sizeof line, file) != NULL;
        fclose(file);
    }
    rest = strrchr(line, ')');
    if (!found || !rest ||
        sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %ld",
               &user, &kernel) != 2) {
        return false;
    }
    *us += (user + kernel) * (1000000 / sysconf(_SC_CLK_TCK));
    return true;
}

static int use(char *pids[])
{
    long kib = 0;
    int64_t us = 0;

    for (; *pids; pids++) {
        if (!add_memory(*pids, &kib) || !add_own_time((pid_t)number(*pids), &us) ||
            !add_children_time(*pids, &us)) {
            perror(*pids);
            return 1;
        }
    }
    printf("%ld %lld\n", kib, (long long)us);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 2 && !strcmp(argv[1], "now")) {
        printf("%lld\n", (long long)now_ns());
        return 0;
    }
    if (argc > 3 && !strcmp(argv[1], "runs") && number(argv[2])) {
        return runs(number(argv[2]), argv + 3);
    }
    if (argc > 2 && !strcmp(argv[1], "use")) {
        return use(argv + 2);
    }
    fputs("usage: measure now | runs N CMD... | use PID...\n", stderr);
    return 2;
}
