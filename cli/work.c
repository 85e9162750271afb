/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <ovnha/spawn.h>

#include "json_answer.h"
#include "move.h"

#define WORK_MS (180 * 1000)
#define TOOL_MS (30 * 1000)
#define LAST_MS (10 * 1000)
#define LOOK_MS 300
#define IDLE_MS (10 * 1000) /* what is under way by chance is over by then */

static volatile sig_atomic_t interrupted;
static int stop_fd; /* can be read when it is so; 0: there is none */

static void interrupt(int signum)
{
    const uint64_t one = 1;
    const int errnum = errno;

    (void)signum;
    interrupted = 1;
    (void)!write(stop_fd, &one, sizeof one);
    errno = errnum;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    stop_fd = fd > 0 ? fd : 0;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        sigaction(signals[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL); /* a pager that is left must not end a move */
}

bool ovnha_cli_interrupted(void)
{
    return interrupted;
}

bool ovnha_cli_pause(const struct ovnha_cli_work *work, int msec)
{
    struct pollfd stop = {.fd = stop_fd > 0 ? stop_fd : -1, .events = POLLIN};

    if (!interrupted && !ovnha_deadline_passed(work->deadline, ovnha_now())) {
        poll(&stop, 1, msec);
    }
    return !interrupted && !ovnha_deadline_passed(work->deadline, ovnha_now());
}

struct ovnha_cli_limit ovnha_cli_work_limit(const struct ovnha_cli_work *work)
{
    const ovnha_msec soon = ovnha_deadline_after(ovnha_now(), TOOL_MS);

    return (struct ovnha_cli_limit){soon < work->deadline ? soon : work->deadline,
                                    stop_fd};
}

struct ovnha_cli_limit ovnha_cli_last_limit(void)
{
    return (struct ovnha_cli_limit){ovnha_deadline_after(ovnha_now(), LAST_MS), 0};
}

void ovnha_cli_work_begin(struct ovnha_cli_work *work, const struct ovnha_cli *cli,
                          const char *command)
{
    const ovnha_msec limit = cli->timeout_ms > 0 ? cli->timeout_ms : WORK_MS;

    *work = (struct ovnha_cli_work){.cli = cli, .began = ovnha_now()};
    work->deadline = ovnha_deadline_after(work->began, limit);
    if (cli->json) {
        work->json = ovnha_cli_json_begin(OVNHA_SCHEMA_WORK);
        json_object_set_new(work->json, "command", json_string(command));
        json_object_set_new(work->json, "findings", json_array());
        json_object_set_new(work->json, "events", json_array());
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    catch_signals();
}

static const char *result_of(int code)
{
    switch (code) {
    case EXIT_OK:
        return "done";
    case EXIT_WARNING:
        return "done, look at it";
    case EXIT_CRITICAL:
        return "not done";
    }
    return "not known";
}

int ovnha_cli_work_end(struct ovnha_cli_work *work, int code)
{
    if (work->json) {
        json_object_set_new(work->json, "result", json_string(result_of(code)));
        ovnha_cli_json_print(stdout, work->json);
        work->json = NULL;
    }
    return code;
}

void ovnha_cli_tell(struct ovnha_cli_work *work, const char *format, ...)
{
    const double at = (double)(ovnha_now() - work->began) / 1000;
    char line[700];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (work->json) {
        json_array_append_new(json_object_get(work->json, "events"),
                              json_pack("{s:f,s:s}", "at", at, "text", line));
    } else {
        printf("%6.1f s  %s\n", at, line);
    }
}

void ovnha_cli_complain(struct ovnha_cli_work *work, const char *format, ...)
{
    char line[900];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "ovnha: %s\n", line);
    if (work->json) {
        json_object_set_new(work->json, "error", json_string(line));
    }
}

/*
 * Findings and questions.
 */

static void tell_finding(struct ovnha_cli_work *work, const struct ovnha_cli_finding *one)
{
    const char *level = ovnha_cli_level_to_str(one->level);

    if (work->json) {
        json_array_append_new(json_object_get(work->json, "findings"),
                              json_pack("{s:s,s:s,s:s}", "level", level, "text",
                                        one->text, "next", one->next));
        return;
    }
    printf("  %-8s %s\n", level, one->text);
    if (one->next[0]) {
        printf("           next: %s\n", one->next);
    }
}

bool ovnha_cli_tell_findings(struct ovnha_cli_work *work,
                             const struct ovnha_cli_findings *findings)
{
    for (size_t i = 0; i < findings->n; i++) {
        tell_finding(work, &findings->finding[i]);
    }
    return ovnha_cli_findings_level(findings) != OVNHA_CLI_REFUSE;
}

int ovnha_cli_findings_code(const struct ovnha_cli_findings *findings)
{
    switch (ovnha_cli_findings_level(findings)) {
    case OVNHA_CLI_FINE:
        return EXIT_OK;
    case OVNHA_CLI_DOUBT:
        return EXIT_WARNING;
    case OVNHA_CLI_REFUSE:
        return EXIT_CRITICAL;
    }
    return EXIT_UNKNOWN;
}

bool ovnha_cli_confirm(struct ovnha_cli_work *work, const char *question)
{
    char answer[16] = "";

    if (work->cli->yes) {
        return true;
    }
    if (work->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        ovnha_cli_complain(work, "not done: %s  Say so with --yes.", question);
        return false;
    }
    printf("%s [y/N] ", question);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y')) {
        return true;
    }
    ovnha_cli_complain(work, "not done");
    return false;
}

bool ovnha_cli_accepts(struct ovnha_cli_work *work,
                       const struct ovnha_cli_findings *findings)
{
    switch (ovnha_cli_findings_level(findings)) {
    case OVNHA_CLI_FINE:
        return true;
    case OVNHA_CLI_DOUBT:
        return ovnha_cli_confirm(work, "Some of this is in doubt.  Go on?");
    case OVNHA_CLI_REFUSE:
        ovnha_cli_complain(work, "not done: see what is refused above");
        return false;
    }
    return false;
}

/*
 * Pacemaker.
 */

enum ovnha_result ovnha_cli_pacemaker(struct ovnha_cli_work *work,
                                      const char *const *argv, struct ovnha_err *err)
{
    const struct ovnha_cli_limit limit = ovnha_cli_work_limit(work);
    const struct ovnha_spawn spawn = {.argv = argv, .stop_fd = limit.stop_fd};
    struct ovnha_spawn_result result;

    work->changed = true;
    return ovnha_spawn_run(&spawn, &result, limit.deadline, err);
}

int ovnha_cli_not_done(struct ovnha_cli_work *work, enum ovnha_result result,
                       const struct ovnha_err *err)
{
    if (result == OVNHA_ERR_TIMEOUT) {
        ovnha_cli_complain(work, "not known whether it is done (crm_mon -1): %s",
                           err->text);
        return EXIT_UNKNOWN;
    }
    ovnha_cli_complain(work, "not done: %s", err->text);
    return EXIT_CRITICAL;
}

void ovnha_cli_record_of(const struct ovnha_cli_cluster *cluster,
                         struct ovnha_record *record)
{
    char name[300];

    memset(record, 0, sizeof *record);
    snprintf(name, sizeof name, "ovnha-%s-record", cluster->db->id);
    const char *text = ovnha_cli_cluster_property(cluster, name, "");

    if (text[0] && ovnha_record_parse(text, record, NULL) != OVNHA_OK) {
        memset(record, 0, sizeof *record);
    }
}

/* Its end is nothing to wait for: whoever comes second is told so at once. */
static bool another_move_is_under_way(const struct ovnha_cli_cluster *cluster)
{
    const struct ovnha_cli_location *other = ovnha_cli_move_of(cluster);

    return other && !ovnha_cli_has_expired(other, (int64_t)time(NULL) * 1000);
}

/* The DC's state; waits for an idle one, a moment. */
static char *await_idle(struct ovnha_cli_work *work, const char *dc, int patience_ms)
{
    const ovnha_msec until = ovnha_deadline_after(ovnha_now(), patience_ms);
    char *state = NULL;

    while (dc[0]) {
        free(state);
        if (ovnha_cli_cluster_state(dc, ovnha_cli_work_limit(work), &state, NULL) !=
                OVNHA_OK ||
            strcmp(state, "S_IDLE") == 0 || ovnha_deadline_passed(until, ovnha_now()) ||
            !ovnha_cli_pause(work, LOOK_MS)) {
            break;
        }
    }
    return state;
}

static bool look(struct ovnha_cli_work *work, struct ovnha_cli_cluster *cluster)
{
    struct ovnha_err err = {""};

    if (ovnha_cli_cluster_read(work->cli->resource, ovnha_cli_work_limit(work), cluster,
                               &err) == OVNHA_OK) {
        return true;
    }
    if (interrupted) {
        ovnha_cli_complain(work, "interrupted%s: %s",
                           work->changed ? "" : ", and nothing is changed", err.text);
    } else {
        ovnha_cli_complain(work, "%s", err.text);
    }
    return false;
}

bool ovnha_cli_view_take(struct ovnha_cli_work *work, struct ovnha_cli_view *view)
{
    memset(view, 0, sizeof *view);
    if (!look(work, &view->cluster)) {
        return false;
    }
    view->state = await_idle(work, view->cluster.dc,
                             another_move_is_under_way(&view->cluster) ? 0 : IDLE_MS);
    ovnha_cli_cluster_free(&view->cluster);
    if (!look(work, &view->cluster)) {
        return false;
    }
    ovnha_cli_record_of(&view->cluster, &view->record);
    view->situation =
        (struct ovnha_cli_situation){.cluster = &view->cluster,
                                     .record = &view->record,
                                     .state = view->state ? view->state : "",
                                     .now = (int64_t)time(NULL) * 1000};
    return true;
}

void ovnha_cli_view_free(struct ovnha_cli_view *view)
{
    ovnha_cli_cluster_free(&view->cluster);
    free(view->state);
    memset(view, 0, sizeof *view);
}
