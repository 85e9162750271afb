/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/resident_loop.h"
#include "agent/resident_policy.h"
#include "agent/resident_quorum.h"
#include "agent/resident_restart.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"
#include "agent/resident_task.h"
#include "agent/turn.h"

#include "say.h"

/* Generous: what is waited for comes at once. */
#define SOON 20000

#define LARGE 1000000000 /* bytes: to load them takes longer than a move */

/* What happened, in order; the neighbours write it. */
static char story[512];
static enum ovnha_tristate quorate;
static bool serving, managed, turn_is_taken;
static enum { RUNS, DAWDLES, SUCCEEDS, FAILS, DOES_NOT_START } task;
static pid_t child; /* the task */
static int watched;
static qb_loop_poll_dispatch_fn ended;
static char file[] = "/tmp/ovnha-restart-XXXXXX";
static struct ovnha_request *const first = (struct ovnha_request *)&story[0];
static struct ovnha_request *const second = (struct ovnha_request *)&story[1];
static struct resident *r;

static void tell(const char *who, const char *what)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s%s", used ? "; " : "", who, what);
}

/*
 * The neighbours.
 */

enum ovnha_tristate ovnha_resident_quorum(const struct resident *resident)
{
    (void)resident;
    return quorate;
}

bool ovnha_resident_is_managed(struct resident *resident)
{
    (void)resident;
    return managed;
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return serving;
}

bool ovnha_turn_is_for_change(const struct ovnha_context *context)
{
    (void)context;
    return turn_is_taken;
}

void ovnha_resident_wake(struct resident *resident)
{
    (void)resident;
    tell("", "wake");
}

void ovnha_request_reply(struct ovnha_request *request, const char *text)
{
    tell(request == first ? "first: " : "second: ", text);
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    tell(request == first ? "first refused: " : "second refused: ", text);
}

pid_t ovnha_resident_start_task(const struct resident *resident, const char *name, int ms,
                                int niceness)
{
    (void)resident;
    assert_int_equal(niceness, 0);
    tell(ms >= 5000 ? "" : "too short a ", name);
    signal(SIGTERM, task == DAWDLES ? SIG_IGN : SIG_DFL); /* as the child inherits it */
    child = task == DOES_NOT_START ? 0 : fork();
    signal(SIGTERM, child == 0 && task == DAWDLES ? SIG_IGN : SIG_DFL);
    if (child == 0 && task != DOES_NOT_START) {
        while (task == RUNS || task == DAWDLES) {
            pause();
        }
        _exit(task == SUCCEEDS ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    return child;
}

int32_t qb_loop_poll_add(qb_loop_t *loop, enum qb_loop_priority priority, int32_t fd,
                         int32_t events, void *data, qb_loop_poll_dispatch_fn dispatch)
{
    (void)loop;
    (void)priority;
    assert_int_equal(events, POLLIN);
    assert_ptr_equal(data, r);
    watched = fd;
    ended = dispatch;
    return 0;
}

int32_t qb_loop_poll_del(qb_loop_t *loop, int32_t fd)
{
    (void)loop;
    assert_int_equal(fd, watched);
    watched = -1;
    return 0;
}

/*
 * Fixtures.
 */

/* The active serves, and another node may be promoted. */
static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r || (strstr(file, "XXXXXX") && close(mkstemp(file)) != 0)) {
        return -1;
    }
    story[0] = '\0';
    quorate = OVNHA_YES;
    serving = managed = true;
    turn_is_taken = false;
    task = RUNS;
    child = 0;
    watched = -1;
    facts_text_init(&r->facts);
    say(&r->facts, "settings: guard=yes");
    say(&r->facts, "server nb: active clients-open rows-in-place");
    say(&r->facts, "server sb: active clients-open rows-in-place");
    say(&r->facts, "memory: active promoted=node1 score=100");
    ovnha_text_copy(r->record.active, sizeof r->record.active, r->facts.self);
    ovnha_record_join(&r->record, "other", "session");
    r->n_peers = 1;
    ovnha_text_copy(r->peer[0].state.node, sizeof r->peer[0].state.node, "other");
    r->peer[0].state.present = true;
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        ovnha_text_copy(r->context.paths.file[i], OVNHA_PATH_SIZE, file);
    }
    return truncate(file, 0);
}

static int tear_down(void **state)
{
    (void)state;
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    if (watched >= 0) {
        close(watched);
    }
    free(r);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file);
}

/* nb has died since the last look. */
static void dies(void)
{
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
    serving = false;
    say(&r->facts, "server nb: absent");
    ovnha_resident_recover(r);
}

static void assert_nothing_is_done(void)
{
    dies();
    assert_string_equal(story, "");
    assert_false(ovnha_resident_is_restarting(r));
}

/* The kernel tells the loop that the task has ended. */
static void ends(void)
{
    struct pollfd fd = {.fd = watched, .events = POLLIN};

    assert_int_equal(poll(&fd, 1, SOON), 1);
    (void)ended(watched, POLLIN, r);
}

/*
 * Whether.
 */

static void a_server_that_has_died_is_started_again(void **state)
{
    (void)state;
    dies();
    assert_string_equal(story, "restart");
    assert_true(ovnha_resident_is_restarting(r));
    assert_int_equal(r->restart.pid, child);
    assert_true(watched >= 0);
}

static void one_that_runs_is_not(void **state)
{
    (void)state;
    ovnha_resident_recover(r);
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
}

/* A helper that is as new as the death knows nothing of what there was before. */
static void one_that_was_not_seen_to_serve_is_not(void **state)
{
    (void)state;
    serving = false;
    say(&r->facts, "server nb: absent");
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
}

/* What is left of a killed server says nothing for a moment. */
static void a_look_at_which_it_was_silent_changes_nothing(void **state)
{
    (void)state;
    ovnha_resident_recover(r);
    serving = false;
    say(&r->facts, "server nb: silent");
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
    say(&r->facts, "server nb: absent");
    ovnha_resident_recover(r);
    assert_string_equal(story, "restart");
}

/* What a look in between makes of the copy is not so the next moment. */
static void while_two_die_at_once_that_is_waited_for(void **state)
{
    (void)state;
    ovnha_resident_recover(r);
    assert_false(ovnha_resident_is_dying(r));
    serving = false;
    say(&r->facts, "server nb: absent");
    say(&r->facts, "server sb: silent");
    ovnha_resident_recover(r);
    assert_true(ovnha_resident_is_dying(r));
    assert_string_equal(story, "");
    say(&r->facts, "server sb: absent");
    ovnha_resident_recover(r);
    assert_false(ovnha_resident_is_dying(r));
    assert_string_equal(story, "restart");
}

static void but_not_for_long(void **state)
{
    (void)state;
    ovnha_resident_recover(r);
    serving = false;
    say(&r->facts, "server nb: absent");
    say(&r->facts, "server sb: silent");
    ovnha_resident_recover(r);
    r->restart.near_until = ovnha_now();
    ovnha_resident_recover(r);
    assert_false(ovnha_resident_is_dying(r));
}

static void nor_where_nothing_was_served(void **state)
{
    (void)state;
    serving = false;
    say(&r->facts, "server nb: absent");
    say(&r->facts, "server sb: silent");
    ovnha_resident_recover(r);
    assert_false(ovnha_resident_is_dying(r));
}

static void a_copy_that_was_demoted_meanwhile_is_left_alone(void **state)
{
    (void)state;
    ovnha_resident_recover(r);
    serving = false;
    say(&r->facts, "server nb: absent");
    say(&r->facts, "memory: backup");
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
    say(&r->facts,
        "memory: active promoted=node1 score=100"); /* and has not served since */
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
}

static void nothing_is_started_where_the_resource_is_not_managed(void **state)
{
    (void)state;
    managed = false;
    assert_nothing_is_done();
}

static void nothing_is_started_without_quorum(void **state)
{
    (void)state;
    quorate = OVNHA_UNKNOWN;
    assert_nothing_is_done();
}

static void nothing_is_started_while_an_operation_changes_roles(void **state)
{
    (void)state;
    turn_is_taken = true;
    assert_nothing_is_done();
}

static void nothing_is_started_where_another_is_the_active_by_the_record(void **state)
{
    (void)state;
    ovnha_text_copy(r->record.active, sizeof r->record.active, "other");
    assert_nothing_is_done();
}

static void nothing_is_started_while_somebody_tries_to_be_the_next(void **state)
{
    (void)state;
    ovnha_text_copy(r->record.attempt_node, sizeof r->record.attempt_node, "other");
    assert_nothing_is_done();
}

/* Each death is dealt with once: the score says the rest. */
static void what_was_decided_is_not_decided_again(void **state)
{
    (void)state;
    quorate = OVNHA_UNKNOWN;
    dies();
    quorate = OVNHA_YES;
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
}

/* A demote that had the turn before the death asks for that, and lets go of the turn:
 * what no replica has is in the dead one's file. */
static void what_died_in_an_operation_is_decided_when_that_lets_go(void **state)
{
    (void)state;
    turn_is_taken = true;
    dies();
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
    turn_is_taken = false;
    ovnha_resident_recover(r);
    assert_string_equal(story, "restart");
}

static void unless_it_was_demoted_in_that(void **state)
{
    (void)state;
    turn_is_taken = true;
    dies();
    say(&r->facts, "memory: backup");
    turn_is_taken = false;
    ovnha_resident_recover(r);
    assert_string_equal(story, "");
}

static void a_large_file_moves_the_role(void **state)
{
    (void)state;
    assert_int_equal(truncate(file, LARGE), 0);
    assert_nothing_is_done();
}

static void unless_nobody_else_may_be_promoted(void **state)
{
    (void)state;
    assert_int_equal(truncate(file, LARGE), 0);
    r->peer[0].state.present = false;
    dies();
    assert_string_equal(story, "restart");
}

static void one_that_is_late_may_not(void **state)
{
    (void)state;
    assert_int_equal(truncate(file, LARGE), 0);
    r->peer[0].state.late = true;
    dies();
    assert_string_equal(story, "restart");
}

static void one_that_is_not_in_sync_may_not(void **state)
{
    (void)state;
    assert_int_equal(truncate(file, LARGE), 0);
    ovnha_record_leave(&r->record, "other");
    dies();
    assert_string_equal(story, "restart");
}

/*
 * The process.
 */

static void lives_again(void)
{
    serving = true;
    say(&r->facts, "server nb: active clients-open rows-in-place");
    story[0] = '\0';
}

static void when_it_is_done_all_is_looked_at(void **state)
{
    const ovnha_msec before = ovnha_now();

    (void)state;
    task = SUCCEEDS;
    dies();
    ends();
    child = 0;
    assert_string_equal(story, "restart; wake");
    assert_false(ovnha_resident_is_restarting(r));
    assert_int_equal(watched, -1);
    /* What replicas said of their sessions before counts for nothing. */
    assert_true(r->settled_at > before);
}

static void one_restart_at_a_time(void **state)
{
    (void)state;
    dies();
    r->restart.served = true;
    ovnha_resident_recover(r);
    assert_string_equal(story, "restart");
}

static void after_one_that_has_failed_nothing_is_tried(void **state)
{
    (void)state;
    task = FAILS;
    dies();
    ends();
    child = 0;
    ovnha_resident_recover(r);
    assert_string_equal(story, "restart; wake");
}

static void three_in_a_minute_are_enough(void **state)
{
    (void)state;
    task = SUCCEEDS;
    for (size_t i = 0; i < OVNHA_RESTARTS_PER_MINUTE; i++) {
        dies();
        assert_string_equal(story, "restart");
        ends();
        child = 0;
        lives_again();
    }
    assert_nothing_is_done();
}

static void one_that_cannot_be_started_is_not_waited_for(void **state)
{
    (void)state;
    task = DOES_NOT_START;
    dies();
    assert_false(ovnha_resident_is_restarting(r));
    ovnha_resident_await_restart(r, first);
    assert_string_equal(story, "restart; first: nothing");
}

/*
 * Who waits for it.
 */

static void who_asks_is_told_when_it_is_done(void **state)
{
    (void)state;
    task = SUCCEEDS;
    dies();
    ovnha_resident_await_restart(r, first);
    assert_string_equal(story, "restart");
    ends();
    child = 0;
    assert_string_equal(story, "restart; first: restarted; wake");
}

static void who_asks_is_told_when_it_has_failed(void **state)
{
    (void)state;
    task = FAILS;
    dies();
    ovnha_resident_await_restart(r, first);
    ends();
    child = 0;
    assert_string_equal(story, "restart; first: failed; wake");
}

static void of_two_the_later_waits(void **state)
{
    (void)state;
    task = SUCCEEDS;
    dies();
    ovnha_resident_await_restart(r, first);
    ovnha_resident_await_restart(r, second);
    ends();
    child = 0;
    assert_string_equal(story, "restart; first refused: somebody else waits for the "
                               "restart; second: restarted; wake");
}

static void one_that_is_ended_is_gone(void **state)
{
    (void)state;
    dies();
    ovnha_resident_await_restart(r, first);
    ovnha_resident_end_restart(r);
    assert_string_equal(story, "restart; first: failed");
    assert_false(ovnha_resident_is_restarting(r));
    assert_int_equal(watched, -1);
    assert_int_equal(kill(child, 0), -1); /* it was waited for, too */
    child = 0;
}

/* It kills what it has begun first, which may take longer than this loop waits. */
static void one_that_takes_long_to_end_is_reaped_later(void **state)
{
    siginfo_t info;

    (void)state;
    task = DAWDLES;
    dies();
    const pid_t former = child;

    ovnha_resident_end_restart(r);
    assert_false(ovnha_resident_is_restarting(r));
    r->restart.served = true;
    ovnha_resident_recover(r);
    assert_string_equal(story, "restart"); /* none is started beside it */
    kill(former, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)former, &info, WEXITED | WNOWAIT), 0);
    task = RUNS;
    ovnha_resident_recover(r);
    assert_int_equal(waitpid(former, NULL, WNOHANG), -1); /* nothing is left of it */
    assert_string_equal(story, "restart; restart");
}

static void none_is_ended_where_there_is_none(void **state)
{
    (void)state;
    ovnha_resident_end_restart(r);
    assert_string_equal(story, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_server_that_has_died_is_started_again),
        TEST(one_that_runs_is_not),
        TEST(one_that_was_not_seen_to_serve_is_not),
        TEST(a_look_at_which_it_was_silent_changes_nothing),
        TEST(while_two_die_at_once_that_is_waited_for),
        TEST(but_not_for_long),
        TEST(nor_where_nothing_was_served),
        TEST(a_copy_that_was_demoted_meanwhile_is_left_alone),
        TEST(nothing_is_started_where_the_resource_is_not_managed),
        TEST(nothing_is_started_without_quorum),
        TEST(nothing_is_started_while_an_operation_changes_roles),
        TEST(nothing_is_started_where_another_is_the_active_by_the_record),
        TEST(nothing_is_started_while_somebody_tries_to_be_the_next),
        TEST(what_was_decided_is_not_decided_again),
        TEST(what_died_in_an_operation_is_decided_when_that_lets_go),
        TEST(unless_it_was_demoted_in_that),
        TEST(a_large_file_moves_the_role),
        TEST(unless_nobody_else_may_be_promoted),
        TEST(one_that_is_late_may_not),
        TEST(one_that_is_not_in_sync_may_not),
        TEST(when_it_is_done_all_is_looked_at),
        TEST(one_restart_at_a_time),
        TEST(after_one_that_has_failed_nothing_is_tried),
        TEST(three_in_a_minute_are_enough),
        TEST(one_that_cannot_be_started_is_not_waited_for),
        TEST(who_asks_is_told_when_it_is_done),
        TEST(who_asks_is_told_when_it_has_failed),
        TEST(of_two_the_later_waits),
        TEST(one_that_is_ended_is_gone),
        TEST(one_that_takes_long_to_end_is_reaped_later),
        TEST(none_is_ended_where_there_is_none),
    };

    return cmocka_run_group_tests_name("resident_restart", tests, NULL, remove_file);
}
