/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/compaction.h>

#define NOW 1000000

static const struct ovnha_compaction_facts resynced = {
    .size = 10 * OVNHA_COMPACTION_MIN_SIZE,
    .loaded = true,
    .wanted_at = NOW - OVNHA_COMPACTION_CALM_MS};

static void test_once_per_resync(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    assert_true(ovnha_compaction_is_due(&facts, NOW));
    facts.done = true;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
}

static void test_not_before_the_resync_is_complete(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.loaded = false;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
}

static void test_not_during_a_move(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.moving = true;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
}

static void test_one_at_a_time(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.running = true;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
}

static void test_not_for_a_small_file(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.size = OVNHA_COMPACTION_MIN_SIZE;
    assert_true(ovnha_compaction_is_due(&facts, NOW));
    facts.size--;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
}

static void test_a_resync_that_nobody_saw_shows_in_the_file(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.done = true;
    facts.base = facts.size / 2;
    assert_true(ovnha_compaction_is_due(&facts, NOW));
    facts.base++;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
    facts.base = facts.size / 3;
    facts.loaded = false;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
}

static void test_not_at_once_after_a_resync(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    assert_true(ovnha_compaction_is_wanted(&facts));
    facts.wanted_at++;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
    facts.wanted_at = 0;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
    facts.done = true;
    assert_false(ovnha_compaction_is_wanted(&facts));
}

/* What keeps one from being done now is no reason not to count from now on. */
static void test_wanted_all_the_same(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.moving = facts.running = true;
    facts.retry_at = NOW + 1;
    assert_true(ovnha_compaction_is_wanted(&facts));
    facts.loaded = false;
    assert_false(ovnha_compaction_is_wanted(&facts));
}

static void test_not_at_once_after_a_failure(void **state)
{
    struct ovnha_compaction_facts facts = resynced;

    (void)state;
    facts.retry_at = NOW + OVNHA_COMPACTION_RETRY_MS;
    assert_false(ovnha_compaction_is_due(&facts, NOW));
    assert_true(ovnha_compaction_is_due(&facts, NOW + OVNHA_COMPACTION_RETRY_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_per_resync),
        cmocka_unit_test(test_not_before_the_resync_is_complete),
        cmocka_unit_test(test_not_during_a_move),
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_not_for_a_small_file),
        cmocka_unit_test(test_a_resync_that_nobody_saw_shows_in_the_file),
        cmocka_unit_test(test_not_at_once_after_a_resync),
        cmocka_unit_test(test_wanted_all_the_same),
        cmocka_unit_test(test_not_at_once_after_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
