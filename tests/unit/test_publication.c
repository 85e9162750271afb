/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ovnha/eligibility.h>
#include <ovnha/publication.h>

#define NOW 100000

/* A replica with 50 that is not in sync with a generation which has just begun. */
static struct ovnha_publication_facts facts;

static int set_up(void **state)
{
    (void)state;
    facts = (struct ovnha_publication_facts){.published = OVNHA_SCORE_FOLLOWING,
                                             .known = true,
                                             .score = OVNHA_SCORE_NEVER,
                                             .left_out = true,
                                             .moved_at = NOW};
    return 0;
}

static bool is_due(void)
{
    return ovnha_publication_is_due(&facts, NOW);
}

static void test_what_is_published_is_not_published_again(void **state)
{
    (void)state;
    facts.score = OVNHA_SCORE_FOLLOWING;
    assert_false(is_due());
    facts.known = false;
    assert_true(is_due());
}

static void test_a_replica_has_a_while_to_be_confirmed_anew(void **state)
{
    (void)state;
    assert_false(is_due());
    assert_true(ovnha_publication_is_due(&facts, NOW + OVNHA_PUBLICATION_CALM_MS));
}

static void test_also_when_somebody_else_may_have_published(void **state)
{
    (void)state;
    facts.known = false;
    assert_false(is_due());
}

static void test_without_an_active_it_is_barred_at_once(void **state)
{
    (void)state;
    facts.left_out = false; /* or a server has ended */
    assert_true(is_due());
}

static void test_a_demoted_active_does_not_look_like_one(void **state)
{
    (void)state;
    facts.published = OVNHA_SCORE_ACTIVE;
    assert_true(is_due());
    facts.score = OVNHA_SCORE_PREFERRED;
    assert_true(is_due());
}

static void demote_active(void)
{
    facts = (struct ovnha_publication_facts){.published = OVNHA_SCORE_ACTIVE,
                                             .known = true,
                                             .score = OVNHA_SCORE_PREFERRED,
                                             .unsucceeded = true,
                                             .demoted_at = NOW};
}

static void test_a_demoted_active_waits_for_its_successor(void **state)
{
    (void)state;
    demote_active();
    assert_false(is_due());
    facts.known = false; /* told to look */
    assert_false(is_due());
    facts.unsucceeded = false;
    assert_true(is_due());
}

static void test_it_does_not_wait_for_ever(void **state)
{
    (void)state;
    demote_active();
    assert_true(ovnha_publication_is_due(&facts, NOW + OVNHA_PUBLICATION_CALM_MS));
}

static void test_a_demoted_active_is_barred_at_once(void **state)
{
    (void)state;
    demote_active();
    facts.score = OVNHA_SCORE_NEVER; /* stopped, without quorum, not a candidate */
    assert_true(is_due());
}

static void test_whoever_was_barred_before_its_demote_does_not_wait(void **state)
{
    (void)state;
    demote_active();
    facts.published = OVNHA_SCORE_NEVER;
    assert_true(is_due());
}

static void test_a_better_score_does_not_wait(void **state)
{
    (void)state;
    facts.published = OVNHA_SCORE_NEVER;
    facts.score = OVNHA_SCORE_FOLLOWING;
    assert_true(is_due());
}

static void test_a_promotion_or_demotion_does_not_bar_its_own_node(void **state)
{
    (void)state;
    facts.left_out = false;
    facts.converting = true;
    assert_false(is_due());
    facts.score = OVNHA_SCORE_ACTIVE;
    assert_true(is_due());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_published_is_not_published_again, set_up),
        cmocka_unit_test_setup(test_a_replica_has_a_while_to_be_confirmed_anew, set_up),
        cmocka_unit_test_setup(test_also_when_somebody_else_may_have_published, set_up),
        cmocka_unit_test_setup(test_without_an_active_it_is_barred_at_once, set_up),
        cmocka_unit_test_setup(test_a_demoted_active_does_not_look_like_one, set_up),
        cmocka_unit_test_setup(test_a_demoted_active_waits_for_its_successor, set_up),
        cmocka_unit_test_setup(test_it_does_not_wait_for_ever, set_up),
        cmocka_unit_test_setup(test_a_demoted_active_is_barred_at_once, set_up),
        cmocka_unit_test_setup(test_whoever_was_barred_before_its_demote_does_not_wait,
                               set_up),
        cmocka_unit_test_setup(test_a_better_score_does_not_wait, set_up),
        cmocka_unit_test_setup(test_a_promotion_or_demotion_does_not_bar_its_own_node,
                               set_up),
    };

    return cmocka_run_group_tests_name("publication", tests, NULL, NULL);
}
