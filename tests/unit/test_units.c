/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/units.h"

/* What `systemctl show` prints: systemd 252. */
#define UNIT(name, active, file)                                                         \
    "Id=" name ".service\nActiveState=" active "\nUnitFileState=" file "\n"

static void assert_judged(const char *text, const char *reason)
{
    struct ovnha_err err = {""};
    const enum ovnha_ocf code = ovnha_units_judge(text, &err);

    assert_int_equal(code, reason ? OVNHA_OCF_ERR_INSTALLED : OVNHA_OCF_SUCCESS);
    assert_string_equal(err.text, reason ? reason : "");
}

static void test_what_starts_nothing(void **state)
{
    (void)state;
    assert_judged("", NULL);
    assert_judged(UNIT("ovn-central", "inactive", "masked"), NULL);
    assert_judged(UNIT("ovn-central", "inactive", "disabled"), NULL);
    assert_judged(UNIT("ovn-central", "failed", "static"), NULL);
    assert_judged(UNIT("ovn-central", "inactive", ""), NULL);
    assert_judged(UNIT("ovn-central", "inactive", "masked-runtime") "\n" UNIT(
                      "ovn-northd", "deactivating", "indirect"),
                  NULL);
}

static void test_what_starts_something(void **state)
{
    (void)state;
    assert_judged(
        UNIT("ovn-central", "inactive", "enabled"),
        "ovn-central.service is enabled and would start at boot OVN's databases "
        "outside of the cluster: systemctl mask --now ovn-central.service");
    assert_judged(UNIT("a", "active", "masked") "\n" UNIT("b", "inactive", "static"),
                  "a.service is active and started OVN's databases outside of the "
                  "cluster: systemctl mask --now a.service");
    assert_judged(
        UNIT("a", "activating", "static") "\n" UNIT("b", "inactive", "enabled-runtime"),
        "a.service, b.service are enabled and would start at boot OVN's "
        "databases outside of the cluster: systemctl mask --now a.service "
        "b.service");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_starts_nothing),
        cmocka_unit_test(test_what_starts_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
