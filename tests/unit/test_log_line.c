/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/log_line.h>

#include "cli/log_entry.h"

#define NOW 1795280400 /* 2026-11-21 17:00:00 UTC */

static void test_values(void **state)
{
    struct ovnha_line_values values;

    (void)state;
    assert_true(ovnha_log_line_match("%s: %s: done",
                                     "promote: follow nb tcp:1.2.3.4:5: done", &values));
    assert_int_equal(values.n, 2);
    assert_string_equal(values.value[0], "promote");
    assert_string_equal(values.value[1], "follow nb tcp:1.2.3.4:5");
    assert_true(ovnha_log_line_match("pid %d of %.8s", "pid -12 of abc", &values));
    assert_string_equal(values.value[0], "-12");
    assert_string_equal(values.value[1], "abc");
}

static void test_what_does_not_fit(void **state)
{
    struct ovnha_line_values values;

    (void)state;
    assert_false(
        ovnha_log_line_match("process %d has ended", "process x has ended", &values));
    assert_false(
        ovnha_log_line_match("process %d has ended", "process 1 has ended.", &values));
    assert_false(ovnha_log_line_match("process %d has ended", "process 1 has", &values));
    assert_false(
        ovnha_log_line_match("process %d has ended", "process  has ended", &values));
    assert_false(ovnha_log_line_match("a %s", "", &values));
}

/* Whatever a format prints, the table finds that format again. */
static void test_what_is_written_is_found(void **state)
{
    struct ovnha_line_values values;
    char text[512];

    (void)state;
#define FINDS(FORMAT, ...)                                                               \
    do {                                                                                 \
        snprintf(text, sizeof text, FORMAT, __VA_ARGS__);                                \
        const struct ovnha_log_line *found = ovnha_log_line_find(text, &values);         \
        assert_non_null(found);                                                          \
        assert_string_equal(found->format, FORMAT);                                      \
    } while (0)
    FINDS(OVNHA_LINE_PROCESS_ENDED, 12);
    FINDS(OVNHA_LINE_QUORUM, "no");
    FINDS(OVNHA_LINE_STALL, "nb", "hangs");
    FINDS(OVNHA_LINE_PEER_READS, "node1", "reads again");
    FINDS(OVNHA_LINE_COROSYNC_GONE, "CS_ERR_LIBRARY");
    FINDS(OVNHA_LINE_DETACHED, "01234567-89", "its connection is gone");
    FINDS(OVNHA_LINE_NORTHD, 12, "gone", "it is dead");
    FINDS(OVNHA_LINE_SCORE, "-INFINITY", "is not in sync: far from it");
    FINDS(OVNHA_LINE_RECOVERY, "the role moves", "on_crash is move");
    FINDS(OVNHA_LINE_RESTART_OVER, "is done");
    FINDS(OVNHA_LINE_READ_ONLY, "quorum is lost");
    FINDS(OVNHA_LINE_WITHDRAWS, "it stands still");
    FINDS(OVNHA_LINE_MAY, "is in sync");
    FINDS(OVNHA_LINE_MAY_NOT, "is not in sync");
    FINDS(OVNHA_LINE_LEFT_OUT, "node2");
    FINDS(OVNHA_LINE_UPKEEP, "join", "node2", "done");
    FINDS(OVNHA_LINE_UPKEEP, "settle", "", "done");
    FINDS(OVNHA_LINE_RENEWED, "0123");
    FINDS(OVNHA_LINE_RECORDS, "{}");
    FINDS(OVNHA_LINE_RECORDS_ALONE, "{}");
    FINDS(OVNHA_LINE_OBEYS, "{}");
    FINDS(OVNHA_LINE_ATTACHED, "nobody", "");
    FINDS(OVNHA_LINE_STEP_DONE, "promote", "open-clients nb");
    FINDS(OVNHA_LINE_STEP_FAILED, "promote", "open-clients nb", "timeout",
          "it: was late");
    FINDS(OVNHA_LINE_RESULT, "monitor", "OCF_ERR_GENERIC", "nb is dead: killed");
    assert_non_null(ovnha_log_line_find(OVNHA_LINE_ACCEPTED, &values));
    assert_null(ovnha_log_line_find("helper 1.0 is up", &values));
}

static void expect(const char *line, int64_t at, const char *program, const char *text)
{
    struct ovnha_log_entry entry;

    assert_true(ovnha_log_entry_parse(line, NOW, &entry));
    assert_int_equal(entry.stamp.at, at);
    assert_string_equal(entry.host, "node1");
    assert_string_equal(entry.program, program);
    assert_string_equal(entry.text, text);
}

static void test_all_logs(void **state)
{
    const int64_t at = (int64_t)(NOW - 60) * 1000;

    (void)state;
    expect("Nov 21 16:59:00.123 node1 pacemaker-execd     [111] (log_execute) \tinfo: "
           "executing (so to say)",
           at + 123, "pacemaker-execd", "executing (so to say)");
    expect("Nov 21 16:59:00.004 node1 ovndb-servers(ovndb)[282] (has_ended) \tnotice: "
           "process 1 has ended",
           at + 4, "ovndb-servers(ovndb)", "process 1 has ended");
    expect("Nov 21 16:59:00.128 [86] node1 corosync notice  [TOTEM ] A processor failed",
           at + 128, "corosync", "A processor failed");
    expect("Nov 21 16:59:00 node1 pacemaker-controld[12]:  notice: Result of it", at,
           "pacemaker-controld", "Result of it");
    expect("2026-11-21T16:59:00.250000+00:00 node1 pacemaker-attrd[7]:  notice: Setting",
           at + 250, "pacemaker-attrd", "Setting");
    expect("2026-11-21T17:59:00+0100 node1 ovndb-servers(ovndb)[7]: score 100: is active",
           at, "ovndb-servers(ovndb)", "score 100: is active");
}

static void test_a_stamp_of_last_year(void **state)
{
    struct ovnha_log_entry entry;

    (void)state;
    assert_true(ovnha_log_entry_parse("Dec 31 23:59:59.5 node1 a[1]: x", NOW, &entry));
    assert_int_equal(entry.stamp.at, 1767225599500); /* of 2025 */
    assert_false(entry.stamp.coarse);
}

static void test_no_lines_of_logs(void **state)
{
    struct ovnha_log_entry entry;

    (void)state;
    assert_false(ovnha_log_entry_parse("", NOW, &entry));
    assert_false(ovnha_log_entry_parse("Nov", NOW, &entry));
    assert_false(ovnha_log_entry_parse("Nov 21 16:59:00.123", NOW, &entry));
    assert_false(ovnha_log_entry_parse("Set r/w permissions for the log", NOW, &entry));
    assert_false(ovnha_log_entry_parse("2026-11-21T16:59:00", NOW, &entry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_what_is_written_is_found),
        cmocka_unit_test(test_all_logs),
        cmocka_unit_test(test_a_stamp_of_last_year),
        cmocka_unit_test(test_no_lines_of_logs),
    };

    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("log_line", tests, NULL, NULL);
}
