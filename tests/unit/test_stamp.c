/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/stamp.h"

#define NOW 1795280400 /* 2026-11-21 17:00:00 UTC, 18:00:00 here */

static void test_of_logs_and_rules(void **state)
{
    static const struct {
        const char *text;
        int64_t before; /* now, in milliseconds */
        bool coarse;
        const char *rest;
    } cases[] = {
        {"2026-11-21T16:59:00Z", 60000, true, ""},
        {"2026-11-21 16:59:00Z", 60000, true, ""},
        {"2026-11-21T17:59:00", 60000, true, ""},
        {"2026-11-21 17:59:00+01:00", 60000, true, ""},
        {"2026-11-21 17:59:00 +01:00", 60000, true, ""},
        {"2026-11-21 15:29:00 -01:30", 60000, true, ""},
        {"2026-11-21T16:59:00.250000+0000 node1", 59750, false, " node1"},
        {"2026-11-21T17:59:00 -node", 60000, true, " -node"},
        {"Nov 21 17:59:00.004 node1", 59996, false, " node1"},
        {"Nov 21 17:59:00 node1", 60000, true, " node1"},
        {"Nov 22 17:00:00", -82800000, true, ""},
        {"Nov 23 17:00:00", 363LL * 86400000 + 3600000, true, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ovnha_stamp stamp;
        const char *rest = ovnha_stamp_read(cases[i].text, NOW, &stamp);

        if (!rest || strcmp(rest, cases[i].rest) != 0 ||
            stamp.at != NOW * 1000LL - cases[i].before ||
            stamp.coarse != cases[i].coarse) {
            fail_msg("%s: %lld before, and '%s'", cases[i].text,
                     (long long)(NOW * 1000LL - stamp.at), rest ? rest : "(none)");
        }
    }
}

static void test_none(void **state)
{
    static const char *const texts[] = {"",         "soon",       "Nov",
                                        "16:59:00", "2026-11-21", "2026-11-21T16:59"};
    struct ovnha_stamp stamp;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (ovnha_stamp_read(texts[i], NOW, &stamp)) {
            fail_msg("'%s' is one", texts[i]);
        }
    }
}

static void test_of_people(void **state)
{
    static const struct {
        const char *text;
        int64_t before; /* now, in seconds */
    } cases[] = {
        {"90s", 90},
        {"10min", 600},
        {"10m", 600},
        {"2h", 7200},
        {"7d", 7 * 86400},
        {"17:30", 1800},
        {"17:59:30", 30},
        {"2026-11-21", 18 * 3600},
        {"2026-11-21 17:30", 1800},
        {"2026-11-20 18:00:01", 86399},
        {"2026-11-20T18:00:01", 86399},
    };
    static const char *const none[] = {"",    "noon",        "2",          "2w",
                                       "-2h", "9999999999d", "17:30 or so"};
    int64_t at;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (!ovnha_stamp_read_since(cases[i].text, NOW, &at) ||
            at != (NOW - cases[i].before) * 1000) {
            fail_msg("%s: %lld s before", cases[i].text, (long long)(NOW - at / 1000));
        }
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (ovnha_stamp_read_since(none[i], NOW, &at)) {
            fail_msg("'%s' is one", none[i]);
        }
    }
}

/* What is written to a rule is read from it. */
static void test_ours(void **state)
{
    char text[OVNHA_STAMP_SIZE];
    struct ovnha_stamp stamp;

    (void)state;
    ovnha_stamp_utc(NOW * 1000LL + 999, text);
    assert_string_equal(text, "2026-11-21 17:00:00Z");
    assert_string_equal(ovnha_stamp_read(text, 0, &stamp), "");
    assert_int_equal(stamp.at, NOW * 1000LL);
    ovnha_stamp_local(NOW * 1000LL, text);
    assert_string_equal(text, "2026-11-21 18:00:00");
    assert_string_equal(ovnha_stamp_read(text, 0, &stamp), "");
    assert_int_equal(stamp.at, NOW * 1000LL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_logs_and_rules),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_of_people),
        cmocka_unit_test(test_ours),
    };

    setenv("TZ", "CET-1", 1);
    return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
