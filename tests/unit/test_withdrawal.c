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
#include <ovnha/withdrawal.h>

static struct ovnha_withdrawal_facts facts;
static struct ovnha_withdrawal withdrawal;

/* b, in sync as tb with a, which serves; and its attachment has ended. */
static int set_up(void **state)
{
    (void)state;
    memset(&facts, 0, sizeof facts);
    memset(&withdrawal, 0, sizeof withdrawal);
    ovnha_text_copy(facts.self, sizeof facts.self, "b");
    ovnha_record_attempt(&facts.record, "a", "g1");
    ovnha_record_open(&facts.record);
    ovnha_record_join(&facts.record, "b", "tb");
    facts.active_is_member = true;
    facts.active_serves = true;
    return 0;
}

static void attach(const char *attachment)
{
    ovnha_text_copy(facts.attachment, sizeof facts.attachment, attachment);
}

/* Whether it withdraws within `n` beats. */
static bool beats(unsigned n)
{
    bool withdraws = false;

    for (unsigned i = 0; i < n; i++) {
        withdraws = ovnha_withdrawal_beat(&withdrawal, &facts) || withdraws;
    }
    return withdraws;
}

static void test_an_end_that_nobody_records(void **state)
{
    (void)state;
    assert_false(beats(OVNHA_WITHDRAWAL_BEATS - 1));
    assert_true(beats(1));
    assert_string_equal(withdrawal.attachment, "tb");
    /* Until the record says so: what keeps it on disk may fail. */
    assert_true(beats(1));
}

/* Attached anew, it has to be confirmed anew: the record still names the old one. */
static void test_a_new_attachment_does_not_help(void **state)
{
    (void)state;
    attach("tb2");
    assert_true(beats(OVNHA_WITHDRAWAL_BEATS));
}

static void test_one_that_lasts_stays(void **state)
{
    (void)state;
    attach("tb");
    assert_false(beats(100));
}

static void test_one_that_is_struck_out_need_not(void **state)
{
    (void)state;
    assert_false(beats(OVNHA_WITHDRAWAL_BEATS - 1));
    ovnha_record_leave(&facts.record, "b");
    assert_false(beats(100));
    assert_string_equal(withdrawal.attachment, "");
}

/* The ordinary failover. */
static void test_the_loss_of_the_active_is_no_reason(void **state)
{
    (void)state;
    assert_false(beats(OVNHA_WITHDRAWAL_BEATS - 1));
    facts.active_is_member = false;
    assert_false(beats(100));
    facts.active_is_member = true;
    assert_false(beats(OVNHA_WITHDRAWAL_BEATS - 1));
}

/* Nothing is acknowledged there that this copy could lack. */
static void test_an_active_that_serves_nobody_is_no_reason(void **state)
{
    (void)state;
    facts.active_serves = false;
    assert_false(beats(100));
}

static void test_the_active_itself_never_withdraws(void **state)
{
    (void)state;
    ovnha_text_copy(facts.self, sizeof facts.self, "a");
    assert_false(beats(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_an_end_that_nobody_records, set_up),
        cmocka_unit_test_setup(test_a_new_attachment_does_not_help, set_up),
        cmocka_unit_test_setup(test_one_that_lasts_stays, set_up),
        cmocka_unit_test_setup(test_one_that_is_struck_out_need_not, set_up),
        cmocka_unit_test_setup(test_the_loss_of_the_active_is_no_reason, set_up),
        cmocka_unit_test_setup(test_an_active_that_serves_nobody_is_no_reason, set_up),
        cmocka_unit_test_setup(test_the_active_itself_never_withdraws, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
