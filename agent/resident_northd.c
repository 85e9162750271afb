/* SPDX-License-Identifier: Apache-2.0 */
/* ovn-northd, between operations: it is looked at without ever waiting for it, and put
 * right by a process of its own (`ovnha-helper keep-northd`).
 *
 * Only one that an operation has left here is looked after.  Its death is known by its
 * pidfd; whether it hangs, by a question once a second and by its processor time; what a
 * paused one costs, by the same.  Another is only asked: people want to know what runs.
 */

#include "resident_northd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/condition.h>
#include <ovnha/cpu_clock.h>
#include <ovnha/json_stream.h>
#include <ovnha/log_line.h>
#include <ovnha/unix_connect.h>

#include "resident_policy.h"
#include "resident_state.h"
#include "resident_task.h"
#include "resident_watch.h"
#include "run_northd.h"

#define ASK_EVERY_MS 1000

/* It is not what it is to be: for longer than a start, or a resume, takes. */
#define WRONG_MS 2000

/* For the child; an operation that waits for it does so for a little longer. */
#define KEEP_MS 5000

/* As late is it noticed that it is managed again. */
#define HANDS_OFF_MS 5000

static const char request[] = "{\"id\":0,\"method\":\"status\",\"params\":[]}";

/*
 * Questions.
 */

static void hang_up(struct resident *r)
{
    if (r->northd.asking) {
        qb_loop_poll_del(r->loop, r->northd.fd);
        close(r->northd.fd);
        ovnha_json_stream_free(r->northd.answer);
        r->northd.asking = false;
    }
}

/* {"id": 0, "result": "Status: paused\n", "error": null} */
static void take_answer(struct resident *r, json_t *answer)
{
    const char *text = json_string_value(json_object_get(answer, "result"));
    const char *status = text ? strstr(text, "Status: ") : NULL;

    r->northd.status = ovnha_run_northd_status_of(status ? status : "");
    r->northd.unanswered = false;
}

/* The answer may arrive in pieces. */
static int32_t answered(int32_t fd, int32_t events, void *aux)
{
    struct resident *r = aux;
    char bytes[512];
    const ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    json_t *answer = NULL;

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    const bool is_understood =
        n > 0 &&
        ovnha_json_stream_feed(r->northd.answer, bytes, (size_t)n, NULL) == OVNHA_OK &&
        ovnha_json_stream_get(r->northd.answer, &answer, NULL) == OVNHA_OK;

    if (answer) {
        take_answer(r, answer);
    }
    if (answer || !is_understood) {
        hang_up(r);
    }
    json_decref(answer);
    return 0;
}

static bool send_question(const struct resident *r)
{
    return send(r->northd.fd, request, sizeof request - 1, MSG_DONTWAIT | MSG_NOSIGNAL) ==
           (ssize_t)sizeof request - 1;
}

/* Whether it is northd's turn to say something: it has the question, or does not take it,
 * since it has stopped to listen or its backlog is full.  What fails on our side says
 * nothing of it. */
static bool put_question(struct resident *r)
{
    char path[OVNHA_PATH_SIZE];

    ovnha_run_northd_control(&r->context, r->northd.pid, path);
    if (ovnha_unix_connect(r->northd.fd, path) != 0) {
        return errno == ECONNREFUSED || errno == EAGAIN;
    }
    r->northd.asking =
        send_question(r) &&
        qb_loop_poll_add(r->loop, QB_LOOP_MED, r->northd.fd, POLLIN, r, answered) == 0;
    return r->northd.asking;
}

/* One that has not answered by the next question is asked anew. */
static void ask(struct resident *r)
{
    const ovnha_msec now = ovnha_now();

    if (!ovnha_deadline_passed(r->northd.ask_at, now)) {
        return;
    }
    hang_up(r);
    r->northd.ask_at = ovnha_deadline_after(now, ASK_EVERY_MS);
    r->northd.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r->northd.answer = ovnha_json_stream_new();
    r->northd.unanswered = r->northd.fd >= 0 && r->northd.answer && put_question(r);
    if (!r->northd.asking) {
        ovnha_json_stream_free(r->northd.answer);
        if (r->northd.fd >= 0) {
            close(r->northd.fd);
        }
    }
}

/*
 * What follows from the answers.
 */

/* What it did before says nothing of what it does from now on. */
static void forget_faults(struct resident *r)
{
    r->northd.right_at = ovnha_now();
    memset(&r->northd.pulse, 0, sizeof r->northd.pulse);
    memset(&r->northd.cost, 0, sizeof r->northd.cost);
}

static void forget(struct resident *r, pid_t pid)
{
    hang_up(r);
    r->northd.pid = pid;
    r->northd.ask_at = 0;
    r->northd.unanswered = false;
    r->northd.status = OVNHA_NORTHD_UNKNOWN;
    forget_faults(r);
}

/* What an operation has left here to be kept, outside of operations. */
static bool is_to_be_kept(const struct resident *r)
{
    const struct ovnha_memory *memory = &r->facts.memory;
    const enum ovnha_condition condition = ovnha_condition(&r->facts);

    if (!r->facts.settings.manage_northd || !memory->northd || r->northd.keeping > 0) {
        return false;
    }
    return memory->northd_paused
               ? condition == OVNHA_COPY_BACKUP && memory->role == OVNHA_ROLE_BACKUP &&
                     (ovnha_facts_northd_waits_hot(&r->facts) || r->northd.pid > 0)
               : condition == OVNHA_COPY_ACTIVE && memory->role == OVNHA_ROLE_ACTIVE;
}

/* Somebody started it, and no operation has taken it over yet, nor may in maintenance. */
static bool is_only_shown(const struct resident *r)
{
    return r->facts.settings.manage_northd && !r->facts.memory.northd &&
           r->northd.keeping == 0 && r->northd.pid > 0;
}

static bool is_wrong(struct resident *r, ovnha_msec now)
{
    const enum ovnha_northd_status wanted =
        r->facts.memory.northd_paused ? OVNHA_NORTHD_PAUSED : OVNHA_NORTHD_ACTIVE;

    if (r->northd.status == wanted || r->northd.status == OVNHA_NORTHD_UNKNOWN) {
        r->northd.right_at = now;
    }
    return ovnha_deadline_passed(r->northd.right_at + WRONG_MS, now);
}

static bool is_paused_by_choice(const struct resident *r)
{
    return r->facts.settings.northd_standby == OVNHA_STANDBY_AUTO &&
           r->northd.status == OVNHA_NORTHD_PAUSED && r->facts.memory.northd_paused;
}

/* Noted and said once: where the resource is not managed, it stays there all the same. */
static bool costs_too_much(struct resident *r, uint64_t used_ms, ovnha_msec now)
{
    struct ovnha_err err;

    if (!is_paused_by_choice(r) || r->facts.northd_costly) {
        return is_paused_by_choice(r);
    }
    if (!ovnha_northd_costs(&r->northd.cost, used_ms, now)) {
        return false;
    }
    if (ovnha_run_northd_note_costly(&r->context, r->northd.pid, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "%s", err.text);
        return false;
    }
    qb_log(LOG_WARNING,
           "ovn-northd takes more than %d %% of a processor while it is paused: it does "
           "not wait here any more, until its package changes or the resource is "
           "restarted",
           OVNHA_NORTHD_COST_PERCENT);
    return true;
}

/* Why it is to be put right, or NULL. */
static const char *find_fault(struct resident *r)
{
    uint64_t used_ms;
    const ovnha_msec now = ovnha_now();
    const bool has_answered = !r->northd.unanswered; /* it has had the time to */

    if (r->northd.pid <= 0) {
        return "it does not run";
    }
    ask(r);
    if (!ovnha_cpu_clock_used(r->northd.pid, &used_ms)) {
        return NULL; /* if it has ended, the kernel tells us */
    }
    if (is_wrong(r, now)) {
        return "it is not what it is to be";
    }
    if (ovnha_northd_hangs(&r->northd.pulse, has_answered || !r->northd.unanswered,
                           used_ms, now)) {
        return "it hangs";
    }
    return costs_too_much(r, used_ms, now) ? "it costs too much" : NULL;
}

/*
 * What is done about it.
 */

/* The CIB is not asked at every look while nothing may be done. */
static bool may_be_put_right(struct resident *r)
{
    if (!ovnha_deadline_passed(r->northd.hands_off_until, ovnha_now())) {
        return false;
    }
    if (!ovnha_resident_is_managed(r)) {
        r->northd.hands_off_until = ovnha_deadline_after(ovnha_now(), HANDS_OFF_MS);
        return false;
    }
    return ovnha_northd_try(&r->northd.tries, ovnha_now());
}

static void keep(struct resident *r, const char *fault)
{
    qb_log(LOG_WARNING, OVNHA_LINE_NORTHD, (int)r->northd.pid,
           ovnha_northd_status_to_str(r->northd.status), fault);
    r->northd.keeping = ovnha_resident_start_task(r, "keep-northd", KEEP_MS, 0);
}

/* What it has left behind is looked at afresh. */
static void reap(struct resident *r)
{
    if (r->northd.keeping > 0 && waitpid(r->northd.keeping, NULL, WNOHANG) != 0) {
        r->northd.keeping = 0;
        forget(r, 0);
    }
}

static void find(struct resident *r)
{
    const struct ovnha_daemon_paths paths = ovnha_context_northd(&r->context);
    struct ovnha_daemon daemon;

    if (!ovnha_resident_has_ended(r, r->northd.pid)) {
        return;
    }
    if (ovnha_daemon_look(&paths, &daemon, NULL) != OVNHA_OK ||
        (daemon.presence != OVNHA_PRESENCE_ABSENT && daemon.pid <= 0)) {
        daemon.pid = r->northd.pid;
    } else if (daemon.restarting) {
        daemon.pid = 0; /* up to 10 s later, which is too late */
    }
    if (daemon.pid != r->northd.pid) {
        forget(r, daemon.pid);
    }
    ovnha_resident_watch_northd(r, r->northd.pid);
}

void ovnha_resident_keep_northd(struct resident *r)
{
    const char *fault;

    reap(r);
    if (r->facts.settings.manage_northd) {
        find(r);
    }
    if (is_only_shown(r)) {
        ask(r);
        forget_faults(r);
        return;
    }
    if (!is_to_be_kept(r)) {
        forget(r, r->northd.pid);
        return;
    }
    fault = find_fault(r);
    if (fault && may_be_put_right(r)) {
        keep(r, fault);
    }
}

void ovnha_resident_release_northd(struct resident *r)
{
    hang_up(r);
}
