/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include <ovnha/compaction.h>

#include "agent/resident_files.h"
#include "agent/resident_state.h"

/* A replica with a large Northbound file and a small Southbound one. */
static struct resident *r;
static char directory[64];

/*
 * The children are neighbours.
 */

static bool running, ended;
static unsigned n_started;
static size_t started;
static enum ovnha_result outcome;

enum ovnha_result ovnha_file_sync_start(const struct ovnha_files *files,
                                        int (*sync)(int fd), struct ovnha_file_sync **to,
                                        struct ovnha_err *err)
{
    (void)files;
    (void)sync;
    (void)err;
    *to = NULL;
    return OVNHA_OK;
}

enum ovnha_result ovnha_file_sync_revive(struct ovnha_file_sync *files,
                                         struct ovnha_err *err)
{
    (void)files;
    (void)err;
    return OVNHA_OK;
}

struct ovnha_file_synced ovnha_file_sync_look(const struct ovnha_file_sync *files,
                                              size_t i)
{
    (void)files;
    (void)i;
    return (struct ovnha_file_synced){.length = 0};
}

void ovnha_file_sync_stop(struct ovnha_file_sync *files)
{
    (void)files;
}

bool ovnha_compactor_runs(const struct ovnha_compactor *compactor)
{
    (void)compactor;
    return running;
}

enum ovnha_result ovnha_compactor_start(struct ovnha_compactor *compactor, size_t i,
                                        const char *control, const char *database,
                                        struct ovnha_err *err)
{
    (void)control;
    (void)database;
    (void)err;
    compactor->db = started = i;
    running = true;
    n_started++;
    return OVNHA_OK;
}

bool ovnha_compactor_take(struct ovnha_compactor *compactor, enum ovnha_result *result,
                          struct ovnha_err *err)
{
    const bool was = ended;

    (void)compactor;
    *result = outcome;
    if (outcome != OVNHA_OK) {
        *result = ovnha_fail(err, outcome, "no room");
    }
    ended = false;
    return was;
}

static void end_compaction(enum ovnha_result result)
{
    running = false;
    ended = true;
    outcome = result;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/ovnha-files-XXXXXX");
    r = calloc(1, sizeof *r);
    if (!r || !mkdtemp(directory)) {
        return -1;
    }
    r->facts.settings.n_dbs = 2;
    for (size_t i = 0; i < 2; i++) {
        r->facts.settings.db[i].database = &ovnha_databases[i];
        snprintf(r->context.paths.file[i], OVNHA_PATH_SIZE, "%s/%zu.db", directory, i);
        FILE *file = fopen(r->context.paths.file[i], "we");

        if (!file || fclose(file) != 0) {
            return -1;
        }
    }
    running = ended = false;
    n_started = 0;
    return truncate(r->context.paths.file[0], OVNHA_COMPACTION_MIN_SIZE);
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(r->context.paths.file[0]);
    (void)unlink(r->context.paths.file[1]);
    free(r);
    return rmdir(directory);
}

static void confirm(const char *attachment)
{
    r->confirmed = true;
    snprintf(r->attachment, sizeof r->attachment, "%s", attachment);
}

/* So much time has passed since it was first wanted. */
static void let_pass(int ms)
{
    r->files.wanted_at[0] -= ms;
}

static void test_after_a_resync(void **state)
{
    (void)state;
    ovnha_resident_watch_files(r);
    assert_int_equal(r->files.wanted_at[0], 0); /* nothing was read anew */
    confirm("first");
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 0);
    let_pass(OVNHA_COMPACTION_CALM_MS);
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 1);
    assert_int_equal(started, 0);
    end_compaction(OVNHA_OK);
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 1);
}

/* Who reads everything anew again and again does not put it off each time. */
static void test_another_resync_meanwhile(void **state)
{
    (void)state;
    confirm("first");
    ovnha_resident_watch_files(r);
    let_pass(OVNHA_COMPACTION_CALM_MS / 2);
    r->confirmed = false;
    ovnha_resident_watch_files(r);
    confirm("second");
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 0);
    let_pass(OVNHA_COMPACTION_CALM_MS / 2);
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 1);
}

/* What is read anew after a compaction has a minute of its own. */
static void test_a_resync_later(void **state)
{
    (void)state;
    confirm("first");
    ovnha_resident_watch_files(r);
    let_pass(OVNHA_COMPACTION_CALM_MS);
    ovnha_resident_watch_files(r);
    end_compaction(OVNHA_OK);
    ovnha_resident_watch_files(r);
    confirm("second");
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 1);
    let_pass(OVNHA_COMPACTION_CALM_MS);
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 2);
}

static void test_a_failure(void **state)
{
    (void)state;
    confirm("first");
    ovnha_resident_watch_files(r);
    let_pass(OVNHA_COMPACTION_CALM_MS);
    ovnha_resident_watch_files(r);
    end_compaction(OVNHA_ERR_REFUSED);
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 1);
    r->files.compact_again_at -= OVNHA_COMPACTION_RETRY_MS;
    ovnha_resident_watch_files(r);
    assert_int_equal(n_started, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_after_a_resync, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_resync_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_resync_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failure, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
