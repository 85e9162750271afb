/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include <cmocka.h>

#include "agent/resident_group.h"
#include "agent/resident_state.h"
#include "agent/resident_unbroken.h"

static struct resident *r;
static char directory[64], file[96];
static unsigned told;
static bool banned, managed, managed_elsewhere;

void ovnha_resident_tell(struct resident *resident)
{
    assert_ptr_equal(resident, r);
    told++;
}

json_t *ovnha_cib_bans(struct ovnha_cib *cib)
{
    (void)cib;
    return banned ? json_pack("{s:s}", "a", "a-constraint") : json_object();
}

/* node "": whatever is said of the whole resource. */
enum ovnha_result ovnha_cib_is_managed(struct ovnha_cib *cib, const char *node,
                                       bool *is_managed, struct ovnha_err *err)
{
    (void)cib;
    (void)err;
    *is_managed = node[0] ? managed : managed_elsewhere;
    return OVNHA_OK;
}

/* a's servers are backups that may be promoted, and nobody serves. */
static void may_be_promoted(void)
{
    snprintf(r->facts.self, sizeof r->facts.self, "a");
    r->facts.settings.n_dbs = 1;
    r->facts.server[0].presence = OVNHA_PRESENCE_RUNNING;
    r->facts.server[0].answered = true;
    r->facts.server[0].sync.state = OVNHA_SYNC_BACKUP;
    r->facts.lineage.candidacy = OVNHA_MAY;
    r->unbroken = true;
    r->n_peers = 1;
    r->peer[0].state.present = true;
    banned = false;
    managed = managed_elsewhere = true;
}

static bool stands(void)
{
    r->barred_due = 0;
    ovnha_resident_stand(r);
    return r->candidate;
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

static void test_a_candidate(void **state)
{
    (void)state;
    may_be_promoted();
    assert_true(stands());
    assert_int_equal(told, 1);
    assert_true(stands());
    assert_int_equal(told, 1); /* what is new is told */
    banned = true;
    assert_false(stands());
    assert_int_equal(told, 2);
    banned = false;
    assert_true(stands());
    managed = false; /* this node is in maintenance */
    assert_false(stands());
    managed_elsewhere = false; /* everything is */
    assert_true(stands());
}

/* Those that lost power would give way to nobody. */
static void test_who_is_no_candidate(void **state)
{
    (void)state;
    may_be_promoted();
    r->facts.lineage.candidacy = OVNHA_MUST_WAIT;
    assert_false(stands());
    may_be_promoted();
    r->unbroken = false;
    assert_false(stands());
    may_be_promoted();
    r->facts.server[0].sync.state = OVNHA_SYNC_ACTIVE;
    assert_false(stands());
    may_be_promoted();
    r->facts.server[0].answered = false;
    assert_false(stands());
    may_be_promoted();
    r->peer[0].beat.serves = true;
    assert_false(stands());
    r->peer[0].state.present = false; /* it is gone */
    assert_true(stands());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_outlives_the_helper), TEST(test_it_goes_with_the_power),
        TEST(test_what_is_new_is_told),    TEST(test_a_candidate),
        TEST(test_who_is_no_candidate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
