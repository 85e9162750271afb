/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/execute.h"
#include "agent/resident_look.h"
#include "agent/resident_loop.h"
#include "agent/resident_read_only.h"
#include "agent/resident_restart.h"
#include "agent/resident_state.h"

#include "say.h"

/* What happened, in order; the neighbours write it. */
static char story[512];
static bool restarting;
static enum ovnha_result turning;
static const char *turned[OVNHA_DB_MAX]; /* what the servers are after it, in order */
static struct resident *r;

static void tell(const char *what)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s", used ? "; " : "", what);
}

/*
 * The neighbours.
 */

void ovnha_resident_look(struct resident *resident)
{
    (void)resident;
    tell("look");
}

void ovnha_resident_wake(struct resident *resident)
{
    (void)resident;
    tell("wake");
}

bool ovnha_resident_is_restarting(const struct resident *resident)
{
    (void)resident;
    return restarting;
}

void ovnha_resident_end_restart(struct resident *resident)
{
    (void)resident;
    tell("end restart");
    restarting = false;
}

enum ovnha_result ovnha_execute(const struct ovnha_context *context,
                                const struct ovnha_facts *facts,
                                const struct ovnha_plan *plan, struct ovnha_err *err)
{
    assert_ptr_equal(context, &r->context);
    assert_ptr_equal(facts, &r->facts);
    assert_true(plan->run_all);
    tell("turn");
    for (size_t i = 0; i < r->facts.settings.n_dbs; i++) {
        if (turned[i]) {
            say(&r->facts, turned[i]);
        }
    }
    return turning == OVNHA_OK ? OVNHA_OK : ovnha_fail(err, turning, "it hangs");
}

void qb_loop_stop(qb_loop_t *loop)
{
    assert_ptr_equal(loop, r->loop);
    tell("end");
}

/*
 * Fixtures.
 */

/* The active serves. */
static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    story[0] = '\0';
    restarting = false;
    turning = OVNHA_OK;
    turned[0] = "server nb: backup following=tcp:192.0.2.1:6643";
    turned[1] = "server sb: backup following=tcp:192.0.2.1:6644";
    facts_text_init(&r->facts);
    say(&r->facts, "settings: guard=yes");
    say(&r->facts, "server nb: active clients-open rows-in-place");
    say(&r->facts, "server sb: active clients-open rows-in-place");
    say(&r->facts, "memory: active promoted=node1 score=100");
    ovnha_text_copy(r->record.active, sizeof r->record.active, r->facts.self);
    r->quorate = OVNHA_YES;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static void assert_story(const char *expected)
{
    assert_string_equal(story, expected);
    story[0] = '\0';
}

/* nb stands still, and so the attempt to turn it fails; sb turns. */
static void nb_hangs(void)
{
    say(&r->facts, "server nb: silent");
    turning = OVNHA_ERR_TIMEOUT;
    turned[0] = NULL;
}

/* It can be turned from now on. */
static void nb_answers(void)
{
    say(&r->facts, "server nb: active clients-open");
    turning = OVNHA_OK;
    turned[0] = "server nb: backup following=tcp:192.0.2.1:6643";
}

/*
 * Without corosync.
 */

static void what_it_knew_of_quorum_and_a_restart_in_place_end(void **state)
{
    (void)state;
    ovnha_resident_lose_corosync(r);
    assert_true(r->without_corosync);
    assert_int_equal(r->quorate, OVNHA_UNKNOWN);
    assert_story("end restart; wake");
}

static void the_helper_ends_when_the_active_is_read_only(void **state)
{
    (void)state;
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; turn");
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; end");
}

/* It goes on where it stood when it is woken up. */
static void a_server_that_says_nothing_is_waited_for(void **state)
{
    (void)state;
    nb_hangs();
    ovnha_resident_stop_without_corosync(r);
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; turn; look; turn");
    nb_answers();
    ovnha_resident_stop_without_corosync(r);
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; turn; look; end");
}

static void what_is_left_of_the_active_turns_read_only(void **state)
{
    static const char *const left[] = {"server nb: absent", "server nb: mixed",
                                       "server nb: backup following=tcp:192.0.2.1:6643"};

    (void)state;
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        say(&r->facts, left[i]);
        say(&r->facts, "server sb: active clients-open");
        ovnha_resident_stop_without_corosync(r);
        assert_story("look; turn");
    }
}

/* The server that it has started may be writable by then. */
static void a_restart_in_place_ends_first(void **state)
{
    (void)state;
    restarting = true;
    ovnha_resident_turn_read_only(r, "a test wants it");
    assert_story("end restart; look; turn");
}

static void a_copy_that_takes_no_writes_is_left_as_it_is(void **state)
{
    (void)state;
    say(&r->facts, turned[0]);
    say(&r->facts, turned[1]);
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; end");
}

/* A replica's server that says nothing has been read-only all the time. */
static void a_replica_is_left_as_it_is(void **state)
{
    (void)state;
    say(&r->facts, "memory: backup promoted=node2 score=50");
    nb_hangs();
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; end");
}

static void what_is_not_managed_is_left_as_it_is(void **state)
{
    (void)state;
    r->policy.unmanaged = true;
    ovnha_resident_stop_without_corosync(r);
    assert_story("look; end");
}

/*
 * A successor.
 */

static void the_recorded_active_has_no_successor(void **state)
{
    (void)state;
    ovnha_resident_yield_to_successor(r);
    assert_story("");
    r->record.active[0] = '\0';
    ovnha_resident_yield_to_successor(r);
    assert_story("");
}

static void the_active_turns_read_only_for_its_successor(void **state)
{
    (void)state;
    ovnha_text_copy(r->record.active, sizeof r->record.active, "node2");
    ovnha_resident_yield_to_successor(r);
    assert_story("turn");
    ovnha_resident_yield_to_successor(r);
    assert_story("");
}

static void it_turns_until_all_of_it_has(void **state)
{
    (void)state;
    ovnha_text_copy(r->record.active, sizeof r->record.active, "node2");
    nb_hangs();
    ovnha_resident_yield_to_successor(r);
    ovnha_resident_yield_to_successor(r);
    assert_story("turn; turn");
    nb_answers();
    ovnha_resident_yield_to_successor(r);
    ovnha_resident_yield_to_successor(r);
    assert_story("turn");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_knew_of_quorum_and_a_restart_in_place_end),
        TEST(the_helper_ends_when_the_active_is_read_only),
        TEST(a_server_that_says_nothing_is_waited_for),
        TEST(what_is_left_of_the_active_turns_read_only),
        TEST(a_restart_in_place_ends_first),
        TEST(a_copy_that_takes_no_writes_is_left_as_it_is),
        TEST(a_replica_is_left_as_it_is),
        TEST(what_is_not_managed_is_left_as_it_is),
        TEST(the_recorded_active_has_no_successor),
        TEST(the_active_turns_read_only_for_its_successor),
        TEST(it_turns_until_all_of_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
