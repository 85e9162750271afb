/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ovnha/role.h>

static void test_both_vocabularies(void **state)
{
    static const struct {
        const char *word, *newer;
        enum ovnha_role role;
    } cases[] = {
        {"Promoted", "Promoted", OVNHA_ROLE_ACTIVE},
        {"promoted", "Promoted", OVNHA_ROLE_ACTIVE},
        {"Master", "Promoted", OVNHA_ROLE_ACTIVE},
        {"MASTER", "Promoted", OVNHA_ROLE_ACTIVE},
        {"Unpromoted", "Unpromoted", OVNHA_ROLE_BACKUP},
        {"Slave", "Unpromoted", OVNHA_ROLE_BACKUP},
        {"started", "Started", OVNHA_ROLE_BACKUP},
        {"Stopped", "Stopped", OVNHA_ROLE_STOPPED},
        {"", "", OVNHA_ROLE_UNKNOWN},
        {"Promoter", "Promoter", OVNHA_ROLE_UNKNOWN},
        {"Promote", "Promote", OVNHA_ROLE_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(ovnha_role_word(cases[i].word), cases[i].newer);
        assert_int_equal(ovnha_role_parse(cases[i].word), cases[i].role);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_vocabularies),
    };

    return cmocka_run_group_tests_name("role", tests, NULL, NULL);
}
