/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/text.h>
#include <ovnha/upkeep.h>

/* Generation g1 of a, among three nodes; b is in sync as t1, and c has never been heard.
 */
static struct ovnha_upkeep_facts facts;

static struct ovnha_peer *add_peer(const char *node)
{
    struct ovnha_peer *peer = &facts.peer[facts.n_peers++];

    ovnha_text_copy(peer->node, sizeof peer->node, node);
    peer->present = true;
    peer->kept = facts.record;
    return peer;
}

static void attach(struct ovnha_peer *peer, const char *attachment)
{
    ovnha_text_copy(peer->attachment, OVNHA_UUID_SIZE, attachment);
}

/* The token of its attachment got through, and back. */
static void confirm(struct ovnha_peer *peer)
{
    ovnha_text_copy(peer->token, OVNHA_UUID_SIZE, peer->attachment);
    ovnha_text_copy(peer->confirmed, OVNHA_UUID_SIZE, peer->attachment);
}

static int set_up(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    ovnha_text_copy(facts.self, sizeof facts.self, "a");
    facts.serving = true;
    facts.quorate = OVNHA_YES;
    facts.n_configured = 3;
    ovnha_record_attempt(&facts.record, "a", "g1");
    ovnha_record_open(&facts.record);
    ovnha_record_join(&facts.record, "b", "t1");
    attach(add_peer("b"), "t1");
    confirm(&facts.peer[0]);
    return 0;
}

static void expect(const char *expected)
{
    const struct ovnha_upkeep task = ovnha_upkeep(&facts);
    char text[512];

    snprintf(text, sizeof text, "%s %s %s", ovnha_upkeep_to_str(task.kind), task.node,
             task.attachment);
    assert_string_equal(text, expected);
}

static void test_all_is_well(void **state)
{
    (void)state;
    expect("nothing  ");
}

/* Who is lost is struck out even so; all else can wait. */
static void test_a_server_of_the_active_is_silent(void **state)
{
    (void)state;
    facts.serving = false;
    facts.silent = true;
    expect("nothing  ");
    attach(add_peer("c"), "t2");
    expect("nothing  ");
    confirm(&facts.peer[1]);
    expect("nothing  ");
    facts.peer[0].late = true;
    expect("leave b t1");
    facts.peer[0].late = false;
    facts.peer[0].attachment[0] = '\0';
    expect("leave b t1");
    facts.quorate = OVNHA_NO;
    expect("nothing  ");
}

static void test_only_the_active_keeps_it_up(void **state)
{
    (void)state;
    facts.peer[0].present = false;
    facts.serving = false;
    expect("nothing  ");
    facts.quorate = OVNHA_NO;
    expect("nothing  ");
}

/* Also when one of the servers hangs, or has turned already. */
static void test_quorum(void **state)
{
    (void)state;
    facts.peer[0].present = false;
    facts.quorate = OVNHA_NO;
    facts.may_write = true;
    expect("stop-serving  ");
    facts.serving = false;
    expect("stop-serving  ");
    facts.serve_without_quorum = true;
    expect("nothing  ");
    facts.quorate = OVNHA_UNKNOWN;
    facts.serve_without_quorum = false;
    expect("nothing  ");
}

static void test_who_is_lost_leaves(void **state)
{
    (void)state;
    facts.peer[0].present = false;
    expect("leave b t1");
    facts.peer[0].present = true;
    attach(&facts.peer[0], "");
    expect("leave b t1");
    attach(&facts.peer[0], "t2");
    expect("leave b t1");
    facts.n_peers = 0;
    expect("leave b t1");
}

/* Until it has read what it was sent, the token of its attachment proves nothing. */
static void test_who_is_late_leaves_and_does_not_join(void **state)
{
    (void)state;
    facts.peer[0].late = true;
    expect("leave b t1");
    ovnha_record_leave(&facts.record, "b");
    facts.peer[0].kept = facts.record;
    attach(&facts.peer[0], "t2");
    expect("write-token b t2");
    confirm(&facts.peer[0]);
    expect("settle  ");
    facts.peer[0].late = false;
    expect("join b t2");
}

static void test_of_two_nobody_leaves_who_may_live_elsewhere(void **state)
{
    (void)state;
    facts.n_configured = 2;
    facts.peer[0].present = false;
    expect("nothing  ");
    facts.other_is_off = true;
    expect("leave b t1");
    facts.n_peers = 0;
    expect("leave b t1");
    facts.other_is_off = false;
    expect("nothing  ");
    facts.n_peers = 1;
    facts.peer[0].present = true;
    attach(&facts.peer[0], "");
    expect("leave b t1");
}

static void test_who_attaches_joins(void **state)
{
    struct ovnha_peer *c = add_peer("c");

    (void)state;
    expect("nothing  ");
    attach(c, "t2");
    expect("write-token c t2");
    ovnha_text_copy(c->token, sizeof c->token, "t2");
    expect("nothing  ");
    ovnha_text_copy(c->confirmed, sizeof c->confirmed, "t1"); /* of an earlier one */
    expect("nothing  ");
    confirm(c);
    expect("join c t2");
    c->present = false;
    expect("nothing  ");
}

static void test_who_does_not_keep_the_generation_does_not_join(void **state)
{
    struct ovnha_peer *c = add_peer("c");
    struct ovnha_record other = {.revision = 0};

    (void)state;
    attach(c, "t2");
    confirm(c);
    memset(&c->kept, 0, sizeof c->kept);
    expect("nothing  ");
    ovnha_record_attempt(&other, "c", "g2"); /* of the same counter */
    ovnha_record_open(&other);
    c->kept = other;
    expect("nothing  ");
    c->kept = facts.record;
    c->kept.revision--;
    expect("join c t2");
}

static void test_who_left_is_forgotten_once_a_majority_keeps_it(void **state)
{
    struct ovnha_record before = facts.record;
    struct ovnha_peer *c;

    (void)state;
    ovnha_record_leave(&facts.record, "b");
    facts.peer[0].present = false;
    expect("nothing  ");
    c = add_peer("c");
    expect("settle  ");
    c->kept = before;
    expect("nothing  ");
    facts.peer[0].present = true;
    facts.peer[0].kept = facts.record;
    attach(&facts.peer[0], "");
    expect("settle  ");
}

static void test_of_two_who_cannot_be_seen_is_not_forgotten(void **state)
{
    (void)state;
    facts.n_configured = 2;
    ovnha_record_leave(&facts.record, "b");
    facts.peer[0].present = false;
    facts.other_is_off = true;
    assert_true(ovnha_upkeep_counts(&facts));
    expect("nothing  ");
    facts.other_went = true;
    expect("settle  ");
    facts.other_went = false;
    facts.peer[0].present = true;
    facts.peer[0].kept = facts.record;
    attach(&facts.peer[0], "");
    expect("settle  ");
}

static void test_what_counts_among_three(void **state)
{
    struct ovnha_peer *b = &facts.peer[0];

    (void)state;
    assert_true(ovnha_upkeep_counts(&facts));
    b->kept.revision--;
    assert_false(ovnha_upkeep_counts(&facts));
    add_peer("c");
    assert_true(ovnha_upkeep_counts(&facts));
    facts.peer[1].present = false;
    assert_false(ovnha_upkeep_counts(&facts));
    facts.other_is_off = facts.other_went = true; /* means nothing here */
    assert_false(ovnha_upkeep_counts(&facts));
    memset(&b->kept, 0, sizeof b->kept);
    assert_false(ovnha_upkeep_counts(&facts));
}

static void test_a_record_of_nobody_else_needs_keepers_too(void **state)
{
    (void)state;
    ovnha_record_leave(&facts.record, "b");
    ovnha_record_settle(&facts.record);
    assert_false(ovnha_upkeep_counts(&facts));
    facts.peer[0].kept = facts.record;
    assert_true(ovnha_upkeep_counts(&facts));
}

/* Counters alone do not tell two generations, or two attempts, apart. */
static void test_names_count(void **state)
{
    struct ovnha_record *kept = &facts.peer[0].kept;

    (void)state;
    ovnha_text_copy(kept->generation.uuid, OVNHA_UUID_SIZE, "other");
    assert_false(ovnha_upkeep_counts(&facts));
    *kept = facts.record;
    ovnha_record_attempt(&facts.record, "a", "g2");
    assert_false(ovnha_upkeep_counts(&facts));
    ovnha_record_attempt(kept, "b", "g3");
    assert_int_equal(kept->attempt.counter, facts.record.attempt.counter);
    assert_false(ovnha_upkeep_counts(&facts));
    *kept = facts.record;
    assert_true(ovnha_upkeep_counts(&facts));
    ovnha_record_attempt(kept, "b", "g3"); /* a later promise */
    assert_true(ovnha_upkeep_counts(&facts));
}

static void test_what_counts_among_two(void **state)
{
    struct ovnha_peer *b = &facts.peer[0];

    (void)state;
    facts.n_configured = 2;
    assert_true(ovnha_upkeep_counts(&facts));
    b->kept.revision--;
    assert_false(ovnha_upkeep_counts(&facts));
    b->present = false;
    assert_false(ovnha_upkeep_counts(&facts));
    facts.other_is_off = true;
    assert_true(ovnha_upkeep_counts(&facts));
    facts.n_peers = 0;
    assert_true(ovnha_upkeep_counts(&facts));
    facts.other_is_off = false;
    assert_false(ovnha_upkeep_counts(&facts));
}

/* The other one's node is in standby, say, and this one's resource was started anew. */
static void test_of_two_the_only_one_that_counts_counts_alone(void **state)
{
    (void)state;
    facts.n_configured = 2;
    facts.n_peers = 0;
    ovnha_record_leave(&facts.record, "c");
    ovnha_record_leave(&facts.record, "b");
    assert_false(ovnha_upkeep_counts(&facts));
    ovnha_record_settle(&facts.record);
    assert_true(ovnha_upkeep_counts(&facts));
    ovnha_record_attempt(&facts.record, "a", "g2");
    assert_true(ovnha_upkeep_counts(&facts));
    facts.n_configured = 3;
    assert_false(ovnha_upkeep_counts(&facts));
}

static void test_of_two_who_has_no_record_is_not_waited_for(void **state)
{
    struct ovnha_peer *b = &facts.peer[0];

    (void)state;
    facts.n_configured = 2;
    memset(&b->kept, 0, sizeof b->kept);
    assert_true(ovnha_upkeep_counts(&facts));

    /* but for the first generation, of which everyone has to know */
    memset(&facts.record, 0, sizeof facts.record);
    ovnha_record_attempt(&facts.record, "a", "g1");
    assert_false(ovnha_upkeep_counts(&facts));
    b->kept = facts.record;
    assert_true(ovnha_upkeep_counts(&facts));
}

static void test_a_node_of_its_own(void **state)
{
    (void)state;
    facts.n_configured = 1;
    facts.n_peers = 0;
    ovnha_record_leave(&facts.record, "b");
    assert_true(ovnha_upkeep_counts(&facts));
    expect("settle  ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_is_well, set_up),
        cmocka_unit_test_setup(test_a_server_of_the_active_is_silent, set_up),
        cmocka_unit_test_setup(test_only_the_active_keeps_it_up, set_up),
        cmocka_unit_test_setup(test_quorum, set_up),
        cmocka_unit_test_setup(test_who_is_lost_leaves, set_up),
        cmocka_unit_test_setup(test_who_is_late_leaves_and_does_not_join, set_up),
        cmocka_unit_test_setup(test_of_two_nobody_leaves_who_may_live_elsewhere, set_up),
        cmocka_unit_test_setup(test_who_attaches_joins, set_up),
        cmocka_unit_test_setup(test_who_does_not_keep_the_generation_does_not_join,
                               set_up),
        cmocka_unit_test_setup(test_who_left_is_forgotten_once_a_majority_keeps_it,
                               set_up),
        cmocka_unit_test_setup(test_of_two_who_cannot_be_seen_is_not_forgotten, set_up),
        cmocka_unit_test_setup(test_what_counts_among_three, set_up),
        cmocka_unit_test_setup(test_a_record_of_nobody_else_needs_keepers_too, set_up),
        cmocka_unit_test_setup(test_names_count, set_up),
        cmocka_unit_test_setup(test_what_counts_among_two, set_up),
        cmocka_unit_test_setup(test_of_two_the_only_one_that_counts_counts_alone, set_up),
        cmocka_unit_test_setup(test_of_two_who_has_no_record_is_not_waited_for, set_up),
        cmocka_unit_test_setup(test_a_node_of_its_own, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
