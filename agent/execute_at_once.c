/* SPDX-License-Identifier: Apache-2.0 */
/* A process for each step but the last, which is done here.  Processes, because a step is
 * written as if it were alone: it waits, runs programs, writes to the log.  None of them
 * outlives the operation that has begun it, however that ends. */

#include "execute_at_once.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ovnha/text.h>

/* For a step to end what it has begun, when its time is over. */
#define GRACE_MS 2000

/* What such a process says, in one piece. */
struct told {
    struct ovnha_step_outcome outcome;
    struct ovnha_memory memory;
};

_Static_assert(sizeof(struct told) <= PIPE_BUF, "it might come in pieces");

struct companion {
    pid_t pid;
    int fd; /* it tells here */
};

static void do_step(struct execution *x, step_function *function,
                    const struct ovnha_step *step, struct ovnha_step_outcome *outcome)
{
    outcome->result = function(x, step, &outcome->err);
}

static void work(struct execution *x, step_function *function,
                 const struct ovnha_step *step, pid_t parent, int fd)
{
    struct told told;

    memset(&told, 0, sizeof told);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        _exit(1);
    }
    do_step(x, function, step, &told.outcome);
    told.memory = x->memory;
    _exit(write(fd, &told, sizeof told) == (ssize_t)sizeof told ? 0 : 1);
}

/* False: there is none, for want of memory, processes, descriptors. */
static bool start(struct execution *x, step_function *function,
                  const struct ovnha_step *step, struct companion *companion)
{
    const pid_t self = getpid();
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0) {
        return false;
    }
    companion->fd = fds[0];
    companion->pid = fork();
    if (companion->pid == 0) {
        work(x, function, step, self, fds[1]);
    }
    close(fds[1]);
    if (companion->pid < 0) {
        close(fds[0]);
    }
    return companion->pid > 0;
}

/* What it says, or that it has ended. */
static bool is_heard_of(int fd, ovnha_msec deadline)
{
    struct pollfd pipe = {.fd = fd, .events = POLLIN};
    int ready;

    do {
        ready = poll(&pipe, 1, ovnha_deadline_left(deadline, ovnha_now()));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* As far as it is about the step's own database. */
static void remember(struct ovnha_memory *memory, const struct ovnha_memory *before,
                     const struct ovnha_memory *told, size_t db)
{
    const unsigned bit = 1u << db;

    ovnha_text_copy(memory->remote[db], OVNHA_METHOD_SIZE, told->remote[db]);
    memory->aside_full = (memory->aside_full & ~bit) | (told->aside_full & bit);
    if (told->probe_ms != before->probe_ms) {
        memory->probe_ms = told->probe_ms;
    }
}

static void await(struct execution *x, const struct companion *companion,
                  const struct ovnha_memory *before, const struct ovnha_step *step,
                  struct ovnha_step_outcome *outcome)
{
    const ovnha_msec deadline = ovnha_deadline_after(x->context->deadline, GRACE_MS);
    struct told told;

    if (is_heard_of(companion->fd, deadline) &&
        read(companion->fd, &told, sizeof told) == (ssize_t)sizeof told) {
        *outcome = told.outcome;
        remember(&x->memory, before, &told.memory, step->db);
    } else {
        kill(companion->pid, SIGKILL); /* not waited for yet: nobody else's pid */
        outcome->result =
            ovnha_fail(&outcome->err, OVNHA_ERR_SYSTEM,
                       "%s: the process that was to do this has told nothing",
                       ovnha_execute_settings(x, step)->database->name);
    }
    while (waitpid(companion->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(companion->fd);
}

void ovnha_execute_at_once(struct execution *x, step_function *function,
                           const struct ovnha_step *steps, size_t n,
                           struct ovnha_step_outcome *outcomes)
{
    const struct ovnha_memory before = x->memory;
    struct companion companions[OVNHA_DB_MAX];
    size_t started = 0;

    while (started + 1 < n && start(x, function, &steps[started], &companions[started])) {
        started++;
    }
    for (size_t i = started; i < n; i++) {
        do_step(x, function, &steps[i], &outcomes[i]);
    }
    for (size_t i = 0; i < started; i++) {
        await(x, &companions[i], &before, &steps[i], &outcomes[i]);
    }
}
