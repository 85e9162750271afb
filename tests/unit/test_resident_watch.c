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
        TEST(nothing_is_watched_where_nothing_runs),
    };

    return cmocka_run_group_tests_name("resident_watch", tests, NULL, NULL);
}
