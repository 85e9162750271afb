/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/ocf.h"

static void test_a_wrong_parameter_bars_the_cluster(void **state)
{
    (void)state;
    assert_int_equal(ovnha_ocf_from_result(OVNHA_OK), 0);
    assert_int_equal(ovnha_ocf_from_result(OVNHA_ERR_INVALID), 6);
    assert_int_equal(ovnha_ocf_from_result(OVNHA_ERR_MISSING), 5);
}

static void test_doubt_is_a_generic_error(void **state)
{
    static const enum ovnha_result doubts[] = {
        OVNHA_ERR_TIMEOUT,  OVNHA_ERR_UNAVAILABLE, OVNHA_ERR_LOST,     OVNHA_ERR_REFUSED,
        OVNHA_ERR_PROTOCOL, OVNHA_ERR_SYSTEM,      OVNHA_ERR_CONFLICT,
    };

    (void)state;
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
        assert_int_equal(ovnha_ocf_from_result(doubts[i]), 1);
    }
}

static void test_outcomes(void **state)
{
    (void)state;
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_SUCCESS), 0);
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_PROMOTED), 8);
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_STOPPED), 7);
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_FAILED), 1);
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_FAILED_PROMOTED), 9);
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_DEGRADED), 190);
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_DEGRADED_PROMOTED), 191);
    /* Nobody may take it for success. */
    assert_int_equal(ovnha_ocf_from_outcome(OVNHA_OUTCOME_DECIDE_AGAIN), 1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ovnha_ocf_to_str(OVNHA_OCF_SUCCESS), "OCF_SUCCESS");
    assert_string_equal(ovnha_ocf_to_str(OVNHA_OCF_NOT_RUNNING), "OCF_NOT_RUNNING");
    assert_string_equal(ovnha_ocf_to_str(OVNHA_OCF_DEGRADED_PROMOTED),
                        "OCF_DEGRADED_PROMOTED");
}

static void assert_printed(const char *prefix, const char *reason, const char *line)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    ovnha_ocf_print_reason(out, prefix, reason);
    fclose(out);
    assert_string_equal(text, line);
    free(text);
}

static void test_the_reason_is_one_line(void **state)
{
    (void)state;
    assert_printed(NULL, "no", "ocf-exit-reason:no\n");
    assert_printed("", "no", "ocf-exit-reason:no\n");
    assert_printed("why:", "first\nsecond\t3", "why:first second 3\n");
    assert_printed(NULL, "caf\xc3\xa9", "ocf-exit-reason:caf\xc3\xa9\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wrong_parameter_bars_the_cluster),
        cmocka_unit_test(test_doubt_is_a_generic_error),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_the_reason_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
