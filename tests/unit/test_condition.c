/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/condition.h>

#include "say.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Two servers, what this node remembers, and what the copy is. */
static const struct {
    const char *nb, *sb, *memory;
    enum ovnha_condition condition;
    bool may_write;
    const char *text;
} cases[] = {
    {"absent", "absent", "none", OVNHA_COPY_STOPPED, false,
     "nb is not running, sb is not running"
     "; ovsdb-server's log says why"},
    {"absent stale-pidfile", "absent", "active", OVNHA_COPY_STOPPED, false,
     "nb is dead (its pidfile was left behind), sb is not running"
     "; ovsdb-server's log says why"},
    {"active", "active", "none", OVNHA_COPY_ACTIVE, true, ""},
    {"active", "active", "active", OVNHA_COPY_ACTIVE, true, ""},
    {"active", "active", "stopped", OVNHA_COPY_ACTIVE, true, ""},
    {"active", "active", "backup", OVNHA_COPY_SELF_PROMOTED, true,
     "made itself active without being promoted: nb active, sb active"
     "; what it wrote is set aside when it follows again"},
    {"backup", "backup", "active", OVNHA_COPY_BACKUP, false, ""},
    {"active", "backup", "active", OVNHA_COPY_MIXED, true,
     "is neither wholly active nor wholly a backup: nb active, sb backup"},
    {"backup", "active", "backup", OVNHA_COPY_MIXED, true,
     "is neither wholly active nor wholly a backup: nb backup, sb active"},
    {"mixed", "mixed", "backup", OVNHA_COPY_MIXED, true,
     "is neither wholly active nor wholly a backup: nb mixed, sb mixed"},
    {"mixed", "backup", "backup", OVNHA_COPY_MIXED, true,
     "is neither wholly active nor wholly a backup: nb mixed, sb backup"},
    {"active", "absent", "active", OVNHA_COPY_PARTIAL, true,
     "nb active, sb is not running"
     "; ovsdb-server's log says why"},
    {"absent", "backup", "backup", OVNHA_COPY_PARTIAL, false,
     "nb is not running, sb backup"
     "; ovsdb-server's log says why"},
    {"silent", "backup", "backup", OVNHA_COPY_SILENT, true,
     "nb runs but does not answer, sb backup"},
    {"silent because timeout", "absent", "backup", OVNHA_COPY_SILENT, true,
     "nb runs but does not answer (timeout), sb is not running"},
    {"foreign", "silent", "none", OVNHA_COPY_FOREIGN, true,
     "nb has its database file held by a server this resource did not start, "
     "sb runs but does not answer"
     "; end that server, then clean up this failure"},
    {"foreign", "absent", "none", OVNHA_COPY_FOREIGN, false,
     "nb has its database file held by a server this resource did not start, "
     "sb is not running"
     "; end that server, then clean up this failure"},
    /* doubt wins */
    {"unknown because no permission", "foreign", "none", OVNHA_COPY_UNKNOWN, true,
     "nb cannot be looked at (no permission), "
     "sb has its database file held by a server this resource did not start"
     "; nothing is done to it until it can be"},
    {"absent", "unknown", "none", OVNHA_COPY_UNKNOWN, true,
     "nb is not running, sb cannot be looked at"
     "; nothing is done to it until it can be"},
};

static void say_two(struct ovnha_facts *facts, const char *nb, const char *sb,
                    const char *memory)
{
    char line[512];

    facts_text_init(facts);
    snprintf(line, sizeof line, "server nb: %s", nb);
    say(facts, line);
    snprintf(line, sizeof line, "server sb: %s", sb);
    say(facts, line);
    snprintf(line, sizeof line, "memory: %s", memory);
    say(facts, line);
}

static void test_conditions(void **state)
{
    static struct ovnha_facts facts;
    char text[OVNHA_ERR_SIZE];

    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        print_message("# %s, %s\n", cases[i].nb, cases[i].sb);
        say_two(&facts, cases[i].nb, cases[i].sb, cases[i].memory);
        assert_string_equal(ovnha_condition_to_str(ovnha_condition(&facts)),
                            ovnha_condition_to_str(cases[i].condition));
        assert_int_equal(ovnha_condition_may_write(&facts), cases[i].may_write);
        ovnha_condition_explain(&facts, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_a_text_that_is_too_long_is_cut(void **state)
{
    static struct ovnha_facts facts;
    char text[OVNHA_ERR_SIZE];

    (void)state;
    say_two(&facts, "unknown", "unknown", "none");
    memset(facts.server[0].trouble, 'x', OVNHA_ERR_SIZE - 1);
    memset(facts.server[1].trouble, 'y', OVNHA_ERR_SIZE - 1);
    ovnha_condition_explain(&facts, text);
    assert_int_equal(strlen(text), OVNHA_ERR_SIZE - 1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ovnha_condition_to_str(OVNHA_COPY_SELF_PROMOTED),
                        "self-promoted");
    assert_string_equal(ovnha_condition_to_str(OVNHA_COPY_BACKUP), "backup");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_a_text_that_is_too_long_is_cut),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
