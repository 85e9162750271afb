/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/announcement.h>

#define NOW    100000
#define STEADY OVNHA_ANNOUNCEMENT_STEADY_MS

/* Written at NOW: "node1 node2". */
static struct ovnha_announcement in_sync;

static int set_up(void **state)
{
    (void)state;
    memset(&in_sync, 0, sizeof in_sync);
    assert_false(ovnha_announcement_is_due(&in_sync, "node1 node2", true, NOW - STEADY));
    assert_true(ovnha_announcement_is_due(&in_sync, "node1 node2", true, NOW));
    ovnha_announcement_begin(&in_sync);
    ovnha_announcement_end(&in_sync, true, NOW);
    return 0;
}

static bool is_due(const char *value, ovnha_msec now)
{
    return ovnha_announcement_is_due(&in_sync, value, true, now);
}

static void test_what_has_not_changed_is_not_written(void **state)
{
    (void)state;
    assert_false(is_due("node1 node2", NOW + 1));
    assert_false(is_due("node1 node2", NOW + 10 * STEADY));
}

static void test_a_change_is_written_once_it_is_steady(void **state)
{
    (void)state;
    assert_false(is_due("node1", NOW));
    assert_false(is_due("node1", NOW + STEADY - 1));
    assert_true(is_due("node1", NOW + STEADY));
}

static void test_another_change_begins_anew(void **state)
{
    (void)state;
    assert_false(is_due("node1", NOW));
    assert_false(is_due("none", NOW + STEADY - 1));
    assert_false(is_due("none", NOW + STEADY));
    assert_true(is_due("none", NOW + 2 * STEADY - 1));
}

static void test_what_was_taken_back_is_not_written(void **state)
{
    (void)state;
    assert_false(is_due("node1", NOW));
    assert_false(is_due("node1 node2", NOW + 1));
    assert_false(is_due("node1 node2", NOW + 2 * STEADY));
}

static void test_nothing_is_written_while_something_moves(void **state)
{
    (void)state;
    for (ovnha_msec now = NOW; now < NOW + 5 * STEADY; now += STEADY / 2) {
        assert_false(ovnha_announcement_is_due(&in_sync, "node1", false, now));
    }
    assert_false(is_due("node1", NOW + 5 * STEADY));
    assert_true(is_due("node1", NOW + 6 * STEADY));
}

static void test_what_changes_while_it_is_written_is_written_again(void **state)
{
    (void)state;
    assert_false(is_due("node1", NOW));
    ovnha_announcement_begin(&in_sync);
    assert_false(ovnha_announcement_is_due(&in_sync, "none", false, NOW + 1));
    ovnha_announcement_end(&in_sync, true, NOW + 2);
    assert_false(is_due("none", NOW + STEADY));
    assert_true(is_due("none", NOW + STEADY + 2));
}

static void test_what_may_not_be_there_is_written_again(void **state)
{
    (void)state;
    ovnha_announcement_end(&in_sync, false, NOW);
    assert_false(is_due("node1 node2", NOW + STEADY - 1));
    assert_true(is_due("node1 node2", NOW + STEADY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_has_not_changed_is_not_written, set_up),
        cmocka_unit_test_setup(test_a_change_is_written_once_it_is_steady, set_up),
        cmocka_unit_test_setup(test_another_change_begins_anew, set_up),
        cmocka_unit_test_setup(test_what_was_taken_back_is_not_written, set_up),
        cmocka_unit_test_setup(test_nothing_is_written_while_something_moves, set_up),
        cmocka_unit_test_setup(test_what_changes_while_it_is_written_is_written_again,
                               set_up),
        cmocka_unit_test_setup(test_what_may_not_be_there_is_written_again, set_up),
    };

    return cmocka_run_group_tests_name("announcement", tests, NULL, NULL);
}
