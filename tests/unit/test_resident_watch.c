/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <qb/qblog.h>

#include <ovnha/log_line.h>

#include "agent/resident_loop.h"
#include "agent/resident_state.h"
#include "agent/resident_watch.h"

/* A loop of libqb's own, and processes that the servers are; nb is the first. */
static struct resident *r;
static int woken;
static pid_t nb, sb;

/* A neighbour: it is what ends the loop, too. */
void ovnha_resident_wake(struct resident *resident)
{
    woken++;
    qb_loop_stop(resident->loop);
}

/* Whose end the log told last. */
static int told;

static void hear(int32_t target, struct qb_log_callsite *callsite, struct timespec *at,
                 const char *line)
{
    (void)target;
    (void)callsite;
    (void)at;
    (void)sscanf(line, OVNHA_LINE_PROCESS_ENDED, &told);
}

/* libqb gives its lines to this test only. */
static int hear_the_log(void **state)
{
    (void)state;
    qb_log_init("test", LOG_DAEMON, LOG_INFO);
    const int target = qb_log_custom_open(hear, NULL, NULL, NULL);

    return target >= 0 && qb_log_ctl(QB_LOG_SYSLOG, QB_LOG_CONF_ENABLED, QB_FALSE) == 0 &&
                   qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*",
                                     LOG_INFO) == 0 &&
                   qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE) == 0
               ? 0
               : -1;
}

static pid_t begin(void)
{
    const pid_t pid = fork();

    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    assert_true(pid > 0);
    return pid;
}

static void end(pid_t *pid)
{
    if (*pid > 0) {
        kill(*pid, SIGKILL);
        waitpid(*pid, NULL, 0);
    }
    *pid = 0;
}

static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    r->loop = qb_loop_create();
    r->watch.netlink = -1;
    r->facts.settings.n_dbs = 2;
    woken = 0;
    told = 0;
    nb = r->facts.server[0].pid = begin();
    sb = r->facts.server[1].pid = begin();
    return r->loop ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ovnha_resident_watch_end(r);
    qb_loop_destroy(r->loop);
    free(r);
    end(&nb);
    end(&sb);
    return 0;
}

static void a_death_is_known_at_once(void **state)
{
    const pid_t pid = sb;

    (void)state;
    ovnha_resident_watch_servers(r);
    assert_false(ovnha_resident_has_ended(r, pid));
    end(&sb);
    qb_loop_run(r->loop);
    assert_int_equal(woken, 1);
    assert_int_equal(told, pid);
    assert_true(ovnha_resident_has_ended(r, pid));
    assert_false(ovnha_resident_has_ended(r, nb));
}

static void looks_at_the_same_servers_are_no_news(void **state)
{
    (void)state;
    ovnha_resident_watch_servers(r);
    ovnha_resident_watch_servers(r);
    assert_int_equal(woken, 0);
}

/* What --monitor leaves of a killed server ends in the midst of the look that finds it:
 * until the next one that death would be unknown. */
static void one_that_has_ended_since_is_looked_at_again(void **state)
{
    pid_t gone = begin();

    (void)state;
    r->facts.server[0].pid = gone;
    end(&gone);
    ovnha_resident_watch_servers(r);
    assert_int_equal(woken, 1);
    ovnha_resident_watch_servers(r); /* there is no end of it otherwise */
    assert_int_equal(woken, 1);
}

/* A look that is under way while one dies sees that first. */
static void one_that_a_look_does_not_find_any_more_has_ended_too(void **state)
{
    const pid_t pid = nb;

    (void)state;
    ovnha_resident_watch_servers(r);
    r->facts.server[0].pid = 0;
    end(&nb);
    ovnha_resident_watch_servers(r);
    assert_int_equal(told, pid);
    assert_true(ovnha_resident_has_ended(r, pid));
}

static void but_not_one_that_only_cannot_be_found(void **state)
{
    (void)state;
    ovnha_resident_watch_servers(r);
    r->facts.server[0].pid = 0;
    ovnha_resident_watch_servers(r);
    assert_int_equal(told, 0);
}

static void nothing_is_watched_where_nothing_runs(void **state)
{
    (void)state;
    r->facts.server[0].pid = r->facts.server[1].pid = 0;
    ovnha_resident_watch_servers(r);
    assert_int_equal(woken, 0);
    assert_true(ovnha_resident_has_ended(r, nb));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_death_is_known_at_once),
        TEST(looks_at_the_same_servers_are_no_news),
        TEST(one_that_has_ended_since_is_looked_at_again),
        TEST(one_that_a_look_does_not_find_any_more_has_ended_too),
        TEST(but_not_one_that_only_cannot_be_found),
        TEST(nothing_is_watched_where_nothing_runs),
    };

    return cmocka_run_group_tests_name("resident_watch", tests, hear_the_log, NULL);
}
