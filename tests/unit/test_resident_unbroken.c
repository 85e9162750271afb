/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include <cmocka.h>

#include "agent/resident.h"

static struct resident *r;
static char directory[64], file[96];
static unsigned told;

void ovnha_resident_tell(struct resident *resident)
{
    assert_ptr_equal(resident, r);
    told++;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/ovnha-unbroken-XXXXXX");
    r = calloc(1, sizeof *r);
    if (!r || !mkdtemp(directory)) {
        return -1;
    }
    snprintf(file, sizeof file, "%s/unbroken", directory);
    snprintf(r->context.paths.state_dir, OVNHA_PATH_SIZE, "%s", directory);
    told = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(file);
    free(r);
    return rmdir(directory);
}

static bool after_a_restart(void)
{
    r->unbroken = !r->unbroken;
    ovnha_resident_load_unbroken(r);
    return r->unbroken;
}

static void test_it_outlives_the_helper(void **state)
{
    (void)state;
    ovnha_resident_load_unbroken(r);
    assert_false(r->unbroken);
    ovnha_resident_set_unbroken(r, true);
    assert_true(r->unbroken);
    assert_true(after_a_restart());
    ovnha_resident_set_unbroken(r, false);
    assert_false(r->unbroken);
    assert_false(after_a_restart());
}

static void test_it_goes_with_the_power(void **state)
{
    (void)state;
    ovnha_resident_set_unbroken(r, true);
    assert_int_equal(unlink(file), 0);
    assert_false(after_a_restart());
}

static void test_what_is_new_is_told(void **state)
{
    (void)state;
    ovnha_resident_set_unbroken(r, false);
    assert_int_equal(told, 0);
    ovnha_resident_set_unbroken(r, true);
    ovnha_resident_set_unbroken(r, true);
    assert_int_equal(told, 1);
    assert_int_equal(unlink(file), 0); /* someone cleans up */
    ovnha_resident_set_unbroken(r, false);
    assert_false(r->unbroken);
    assert_int_equal(told, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_outlives_the_helper),
        TEST(test_it_goes_with_the_power),
        TEST(test_what_is_new_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
