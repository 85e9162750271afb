/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/record_file.h"
#include "agent/resident_group.h"
#include "agent/resident_quorum.h"
#include "agent/resident_record.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"

/* The record of node a, in a real file and in a CIB that is made of these. */
static struct resident *r;
static char base[64];
static struct ovnha_record cib, file_at_swap;
static enum ovnha_result cib_says, reading;
static bool takes_it_all_the_same;
static unsigned told;
static bool off, serving;

/*
 * The neighbours.
 */

enum ovnha_result ovnha_cib_read(struct ovnha_cib *c, struct ovnha_record *record,
                                 struct ovnha_err *err)
{
    (void)c;
    memset(record, 0, sizeof *record);
    if (reading != OVNHA_OK) {
        return ovnha_fail(err, reading, "cannot read");
    }
    *record = cib;
    return OVNHA_OK;
}

static struct ovnha_record in_file(void)
{
    struct ovnha_record record;

    assert_int_equal(ovnha_record_file_read(r->context.paths.record, &record, NULL),
                     OVNHA_OK);
    return record;
}

enum ovnha_result ovnha_cib_swap(struct ovnha_cib *c, const struct ovnha_record *old,
                                 const struct ovnha_record *fresh, struct ovnha_err *err)
{
    (void)c;
    file_at_swap = in_file();
    if (cib_says == OVNHA_OK && !ovnha_record_same(&cib, old)) {
        return ovnha_fail(err, OVNHA_ERR_CONFLICT, "something else is there");
    }
    if (cib_says == OVNHA_OK || takes_it_all_the_same) {
        cib = *fresh;
    }
    return cib_says == OVNHA_OK ? OVNHA_OK : ovnha_fail(err, cib_says, "the CIB says so");
}

enum ovnha_result ovnha_cib_node_is_off(struct ovnha_cib *c, const char *node,
                                        bool *is_off, bool *went, struct ovnha_err *err)
{
    (void)c;
    (void)err;
    assert_string_equal(node, "b");
    *is_off = *went = off;
    return OVNHA_OK;
}

void ovnha_resident_tell(struct resident *resident)
{
    assert_ptr_equal(resident, r);
    told++;
}

enum ovnha_tristate ovnha_resident_quorum(const struct resident *resident)
{
    return resident->quorate;
}

bool ovnha_resident_may_acknowledge(const struct resident *resident)
{
    (void)resident;
    return serving;
}

/*
 * What there is at first: generation g1 of a, in which b is in sync as t1.
 */

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/ovnha-record-XXXXXX");
    r = calloc(1, sizeof *r);
    if (!r || !mkdtemp(base)) {
        return -1;
    }
    snprintf(r->context.paths.record, OVNHA_PATH_SIZE, "%s/ovndb/record.json", base);
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, "a");
    r->quorate = OVNHA_YES;
    ovnha_record_attempt(&r->record, "a", "g1");
    ovnha_record_open(&r->record);
    ovnha_record_join(&r->record, "b", "t1");
    cib = r->shared = r->record;
    cib_says = reading = OVNHA_OK;
    takes_it_all_the_same = false;
    told = 0;
    serving = true;
    return ovnha_record_file_write(r->context.paths.record, &r->record, NULL);
}

static int tear_down(void **state)
{
    char path[OVNHA_PATH_SIZE];

    (void)state;
    (void)unlink(r->context.paths.record);
    snprintf(path, sizeof path, "%s/ovndb", base);
    (void)rmdir(path);
    free(r);
    return rmdir(base);
}

static struct ovnha_record without_b(void)
{
    struct ovnha_record fresh = r->record;

    ovnha_record_leave(&fresh, "b");
    return fresh;
}

static void assert_everywhere(const struct ovnha_record *record)
{
    const struct ovnha_record file = in_file();

    assert_true(ovnha_record_same(&file, record));
    assert_true(ovnha_record_same(&r->record, record));
    assert_true(ovnha_record_same(&cib, record));
    assert_true(ovnha_record_same(&r->shared, record));
}

static void assert_only_here(const struct ovnha_record *record)
{
    const struct ovnha_record file = in_file();

    assert_true(ovnha_record_same(&file, record));
    assert_true(ovnha_record_same(&r->record, record));
    assert_false(ovnha_record_same(&cib, record));
}

/*
 * Making a record.
 */

static void test_the_own_file_comes_first(void **state)
{
    const struct ovnha_record fresh = without_b();

    (void)state;
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_OK);
    assert_true(ovnha_record_same(&file_at_swap, &fresh));
    assert_everywhere(&fresh);
    assert_int_equal(told, 1);
    assert_false(r->unshared);
}

static void test_what_the_cib_surely_refused_is_put_back(void **state)
{
    static const enum ovnha_result sure[] = {OVNHA_ERR_CONFLICT, OVNHA_ERR_UNAVAILABLE};
    const struct ovnha_record before = r->record, fresh = without_b();

    (void)state;
    for (size_t i = 0; i < sizeof sure / sizeof sure[0]; i++) {
        cib_says = sure[i];
        assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), sure[i]);
        assert_true(ovnha_record_same(&file_at_swap, &fresh));
        assert_everywhere(&before);
        assert_int_equal(told, 0);
        assert_false(r->unshared);
    }
    cib_says = OVNHA_OK;
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_OK);
    assert_everywhere(&fresh);
}

/* Put back, the CIB might have what its maker does not remember. */
static void test_what_the_cib_may_have_taken_stays(void **state)
{
    static const enum ovnha_result unknown[] = {OVNHA_ERR_TIMEOUT, OVNHA_ERR_LOST,
                                                OVNHA_ERR_REFUSED};
    struct ovnha_record fresh = r->record;

    (void)state;
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        ovnha_record_join(&fresh, "c", "t2");
        cib_says = unknown[i];
        assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), unknown[i]);
        assert_only_here(&fresh);
        assert_int_equal(told, i + 1);
        assert_true(r->unshared);
    }
    /* the active puts it right */
    cib_says = OVNHA_OK;
    ovnha_resident_assert_record(r);
    assert_everywhere(&fresh);
    assert_false(r->unshared);
}

static void test_the_cib_is_asked_what_became_of_it(void **state)
{
    const struct ovnha_record fresh = without_b();

    (void)state;
    cib_says = OVNHA_ERR_TIMEOUT;
    takes_it_all_the_same = true;
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_OK);
    assert_everywhere(&fresh);
    assert_false(r->unshared);
}

static void test_a_newer_record_in_the_cib_is_obeyed(void **state)
{
    const struct ovnha_record fresh = without_b();

    (void)state;
    ovnha_record_attempt(&cib, "b", "g2");
    ovnha_record_open(&cib);
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_ERR_CONFLICT);
    assert_everywhere(&cib);
}

/* Also one that is not above the revision that was about to be made. */
static void test_another_revision_in_the_cib_is_not_replaced(void **state)
{
    struct ovnha_record fresh = r->record;

    (void)state;
    ovnha_record_join(&fresh, "c", "t2");
    ovnha_record_leave(&fresh, "b");
    ovnha_record_leave(&cib, "b");
    assert_true(ovnha_record_compare(&fresh, &cib) > 0);
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_ERR_CONFLICT);
    assert_everywhere(&cib);
}

static void test_an_older_record_in_the_cib_is_replaced(void **state)
{
    const struct ovnha_record fresh = without_b();

    (void)state;
    cib.revision--;
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_OK);
    assert_everywhere(&fresh);
}

static void test_a_promotion_takes_the_place_of_what_was_judged(void **state)
{
    struct ovnha_record fresh = r->record, other = r->record;
    const struct ovnha_record before = r->record;

    (void)state;
    ovnha_record_attempt(&fresh, "a", "g2");
    ovnha_record_attempt(&other, "b", "g3");
    cib = other;
    assert_int_equal(ovnha_resident_replace_record(r, &fresh, NULL), OVNHA_ERR_CONFLICT);
    assert_only_here(&before);
    r->shared = other;
    assert_int_equal(ovnha_resident_replace_record(r, &fresh, NULL), OVNHA_OK);
    assert_everywhere(&fresh);
}

/* pcs reads the configuration, changes it, and puts all of it back. */
static void test_what_replaces_the_whole_configuration_sets_it_back(void **state)
{
    struct ovnha_record fresh = r->record;

    (void)state;
    ovnha_record_attempt(&fresh, "a", "g2");
    cib.revision--;
    assert_int_equal(ovnha_resident_replace_record(r, &fresh, NULL), OVNHA_OK);
    assert_everywhere(&fresh);
}

static void test_it_may_even_take_it_away(void **state)
{
    struct ovnha_record fresh = r->record;

    (void)state;
    ovnha_record_attempt(&fresh, "a", "g2");
    memset(&cib, 0, sizeof cib);
    assert_int_equal(ovnha_resident_replace_record(r, &fresh, NULL), OVNHA_OK);
    assert_everywhere(&fresh);
}

static void test_the_own_promise_is_kept(void **state)
{
    struct ovnha_record fresh = without_b();
    struct ovnha_err err;

    (void)state;
    ovnha_record_attempt(&r->record, "b", "g2");
    const struct ovnha_record before = r->record;

    assert_int_equal(ovnha_resident_change_record(r, &fresh, &err), OVNHA_ERR_CONFLICT);
    assert_non_null(strstr(err.text, "attempt 2 of b"));
    assert_true(ovnha_record_same(&r->record, &before));
}

static void test_not_without_quorum(void **state)
{
    const struct ovnha_record before = r->record, fresh = without_b();

    (void)state;
    r->quorate = OVNHA_NO;
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_ERR_REFUSED);
    assert_everywhere(&before);
    r->quorate = OVNHA_YES;
    ovnha_text_copy(r->unreadable, sizeof r->unreadable, r->context.paths.record);
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_ERR_REFUSED);
    assert_everywhere(&before);
}

/*
 * A full disk.
 */

static void let_files_grow_to(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_full_disk_refuses_changes_and_nothing_after_it(void **state)
{
    const struct ovnha_record before = r->record, fresh = without_b();
    struct ovnha_err err;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    let_files_grow_to(8);
    const enum ovnha_result result = ovnha_resident_change_record(r, &fresh, &err);

    let_files_grow_to(RLIM_INFINITY);
    assert_int_equal(result, OVNHA_ERR_SYSTEM);
    assert_non_null(strstr(err.text, "this node can keep no new record"));
    assert_non_null(strstr(err.text, r->context.paths.record));
    assert_everywhere(&before);
    assert_int_equal(told, 0);

    assert_int_equal(ovnha_resident_change_record(r, &fresh, &err), OVNHA_OK);
    assert_everywhere(&fresh);
}

/*
 * Obeying.
 */

static void test_what_supersedes_is_obeyed(void **state)
{
    struct ovnha_record theirs = r->record;

    (void)state;
    r->lived_through = true;
    ovnha_resident_obey_record(r, &theirs, true);
    assert_int_equal(told, 0);
    ovnha_record_leave(&theirs, "b");
    ovnha_resident_obey_record(r, &theirs, false);
    assert_only_here(&theirs);
    assert_int_equal(told, 1);
    assert_true(r->lived_through);
    ovnha_record_attempt(&theirs, "b", "g2");
    ovnha_record_open(&theirs);
    ovnha_resident_obey_record(r, &theirs, false);
    assert_only_here(&theirs);
    assert_false(r->lived_through);
}

static void test_a_promise_is_not_broken_by_what_is_told(void **state)
{
    struct ovnha_record theirs = r->record, before;

    (void)state;
    ovnha_record_attempt(&theirs, "b", "g2");
    ovnha_record_open(&theirs);
    ovnha_record_attempt(&r->record, "c", "g3");
    ovnha_record_attempt_above(&r->record, 2);
    before = r->record;
    ovnha_resident_obey_record(r, &theirs, true);
    assert_true(ovnha_record_same(&r->record, &before));
}

static void test_a_blank_node_obeys_only_who_serves(void **state)
{
    const struct ovnha_record none = {.revision = 0};
    const struct ovnha_record theirs = r->record;

    (void)state;
    r->record = none;
    assert_int_equal(ovnha_resident_read_shared(r, NULL), OVNHA_OK);
    assert_false(ovnha_record_exists(&r->record));
    assert_true(ovnha_record_same(&r->shared, &theirs));
    ovnha_resident_obey_record(r, &theirs, false);
    assert_false(ovnha_record_exists(&r->record));
    ovnha_resident_obey_record(r, &theirs, true);
    assert_everywhere(&theirs);
}

static void test_a_broken_file_is_left_as_it_is(void **state)
{
    const struct ovnha_record none = {.revision = 0};
    const struct ovnha_record theirs = r->record, file = in_file();

    (void)state;
    r->record = none;
    ovnha_text_copy(r->unreadable, sizeof r->unreadable, r->context.paths.record);
    ovnha_resident_obey_record(r, &theirs, true);
    assert_false(ovnha_record_exists(&r->record));
    const struct ovnha_record after = in_file();

    assert_true(ovnha_record_same(&file, &after));
}

static void write_file(const char *text)
{
    FILE *file = fopen(r->context.paths.record, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* None is an empty one only where there is no file. */
static void test_a_file_that_cannot_be_understood_is_named(void **state)
{
    static const char *const texts[] = {"", "{}", "{\"format\": 2}", "\377"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file(texts[i]);
        ovnha_resident_load_record(r);
        assert_string_equal(r->unreadable, r->context.paths.record);
        assert_false(ovnha_record_exists(&r->record)); /* nor is the CIB's obeyed */
    }
    assert_int_equal(unlink(r->context.paths.record), 0);
    ovnha_resident_load_record(r);
    assert_string_equal(r->unreadable, "");
}

static void test_a_cib_that_cannot_be_read_changes_nothing(void **state)
{
    const struct ovnha_record before = r->record, fresh = without_b();

    (void)state;
    reading = OVNHA_ERR_TIMEOUT;
    assert_int_equal(ovnha_resident_read_shared(r, NULL), OVNHA_ERR_TIMEOUT);
    assert_true(ovnha_record_same(&r->shared, &before));
    assert_int_equal(ovnha_resident_change_record(r, &fresh, NULL), OVNHA_ERR_TIMEOUT);
    assert_everywhere(&before);
}

static void test_only_the_active_asserts_its_record(void **state)
{
    const struct ovnha_record fresh = without_b(), before = r->record;

    (void)state;
    r->record = fresh;
    serving = false;
    ovnha_resident_assert_record(r);
    assert_true(ovnha_record_same(&cib, &before));
    serving = true;
    r->quorate = OVNHA_NO;
    ovnha_resident_assert_record(r);
    assert_true(ovnha_record_same(&cib, &before));
    r->quorate = OVNHA_YES;
    ovnha_resident_assert_record(r);
    assert_true(ovnha_record_same(&cib, &fresh));
}

/*
 * The other one of two.
 */

static void name_nodes(void)
{
    r->n_configured = 2;
    ovnha_text_copy(r->configured[0].name, OVNHA_NODE_SIZE, "a");
    ovnha_text_copy(r->configured[1].name, OVNHA_NODE_SIZE, "b");
}

static void test_the_other_node_is_asked_for_when_it_matters(void **state)
{
    (void)state;
    name_nodes();
    off = true;
    ovnha_resident_look_for_other(r);
    assert_true(r->other_is_off && r->other_went);
    off = false;
    ovnha_resident_look_for_other(r);
    assert_false(r->other_is_off || r->other_went);
    off = true;
    serving = false;
    ovnha_resident_look_for_other(r);
    assert_false(r->other_is_off);
    serving = true;
    r->n_peers = 1;
    r->peer[0].state.present = true;
    ovnha_resident_look_for_other(r);
    assert_false(r->other_is_off || r->other_went);
}

/* Its node may well be a member of the cluster still. */
static void test_who_said_goodbye_is_off(void **state)
{
    (void)state;
    name_nodes();
    off = false;
    r->n_peers = 1;
    ovnha_text_copy(r->peer[0].state.node, OVNHA_NODE_SIZE, "b");
    r->peer[0].stopped = true;
    ovnha_resident_look_for_other(r);
    assert_true(r->other_is_off && r->other_went);
    r->peer[0].state.present = true; /* it is back, and asked itself */
    ovnha_resident_look_for_other(r);
    assert_false(r->other_is_off || r->other_went);
}

static void test_it_is_asked_for_while_it_is_leaving(void **state)
{
    (void)state;
    name_nodes();
    off = true;
    ovnha_record_leave(&r->record, "b");
    ovnha_resident_look_for_other(r);
    assert_true(r->other_went);
    ovnha_record_settle(&r->record);
    ovnha_resident_look_for_other(r);
    assert_false(r->other_went);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_own_file_comes_first),
        TEST(test_what_the_cib_surely_refused_is_put_back),
        TEST(test_what_the_cib_may_have_taken_stays),
        TEST(test_the_cib_is_asked_what_became_of_it),
        TEST(test_a_newer_record_in_the_cib_is_obeyed),
        TEST(test_another_revision_in_the_cib_is_not_replaced),
        TEST(test_an_older_record_in_the_cib_is_replaced),
        TEST(test_a_promotion_takes_the_place_of_what_was_judged),
        TEST(test_what_replaces_the_whole_configuration_sets_it_back),
        TEST(test_it_may_even_take_it_away),
        TEST(test_the_own_promise_is_kept),
        TEST(test_not_without_quorum),
        TEST(test_a_full_disk_refuses_changes_and_nothing_after_it),
        TEST(test_what_supersedes_is_obeyed),
        TEST(test_a_promise_is_not_broken_by_what_is_told),
        TEST(test_a_blank_node_obeys_only_who_serves),
        TEST(test_a_broken_file_is_left_as_it_is),
        TEST(test_a_file_that_cannot_be_understood_is_named),
        TEST(test_a_cib_that_cannot_be_read_changes_nothing),
        TEST(test_only_the_active_asserts_its_record),
        TEST(test_the_other_node_is_asked_for_when_it_matters),
        TEST(test_it_is_asked_for_while_it_is_leaving),
        TEST(test_who_said_goodbye_is_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
