/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/resident_facts.h"
#include "agent/resident_quorum.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"

/* Node a, before anybody has a record; b has been heard. */
static struct resident *r;
static struct ovnha_candidacy_facts facts;

/*
 * The neighbours.
 */

enum ovnha_tristate ovnha_resident_quorum(const struct resident *resident)
{
    (void)resident;
    return OVNHA_YES;
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return false;
}

bool ovnha_resident_is_silent(const struct resident *resident)
{
    (void)resident;
    return false;
}

static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, "a");
    r->marks_known = r->content_known = true;
    r->n_peers = 1;
    ovnha_text_copy(r->peer[0].report.node, OVNHA_NODE_SIZE, "b");
    r->peer[0].state.present = r->peer[0].looked = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static const struct ovnha_report *report_of(const char *node)
{
    ovnha_resident_candidacy_facts(r, &facts);
    for (size_t i = 0; i < facts.n_reports; i++) {
        if (strcmp(facts.report[i].node, node) == 0) {
            return &facts.report[i];
        }
    }
    return NULL;
}

static void whoever_has_looked_has_reported(void **state)
{
    (void)state;
    assert_non_null(report_of("a"));
    assert_non_null(report_of("b"));
    r->content_known = r->peer[0].looked = false;
    assert_null(report_of("a"));
    assert_null(report_of("b"));
}

static void whoever_has_a_record_need_not_look(void **state)
{
    (void)state;
    r->content_known = r->peer[0].looked = false;
    ovnha_record_attempt(&r->record, "a", "g1");
    r->peer[0].report.record = r->record;
    assert_non_null(report_of("a"));
    assert_non_null(report_of("b"));
}

static void who_is_absent_has_not_reported(void **state)
{
    (void)state;
    r->peer[0].state.present = false;
    assert_null(report_of("b"));
}

/* It does not say that it has looked; what is wrong is known all the same. */
static void a_record_that_cannot_be_read_is_reported(void **state)
{
    (void)state;
    r->content_known = r->peer[0].looked = false;
    ovnha_text_copy(r->unreadable, sizeof r->unreadable, "/lib/a");
    ovnha_text_copy(r->peer[0].report.unreadable, OVNHA_UNREADABLE_SIZE, "/lib/b");
    assert_string_equal(report_of("a")->unreadable, "/lib/a");
    assert_string_equal(report_of("b")->unreadable, "/lib/b");
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

/* They are made where those of the last look were. */
static void what_was_there_before_is_no_fact(void **state)
{
    const size_t begin = offsetof(struct ovnha_candidacy_facts, report);
    const size_t end = begin + sizeof facts.report;
    struct ovnha_candidacy_facts *other = malloc(sizeof *other);
    struct ovnha_upkeep_facts *upkeep = malloc(2 * sizeof *upkeep);

    (void)state;
    assert_non_null(other);
    assert_non_null(upkeep);
    memset(&facts, 0x55, sizeof facts);
    memset(other, 0xaa, sizeof *other);
    ovnha_resident_candidacy_facts(r, &facts);
    ovnha_resident_candidacy_facts(r, other);
    assert_int_equal(facts.n_reports, 2);
    assert_memory_equal(&facts, other, begin);
    for (size_t i = 0; i < facts.n_reports; i++) {
        assert_string_equal(facts.report[i].node, other->report[i].node);
        assert_string_equal(facts.report[i].content, other->report[i].content);
        assert_true(ovnha_record_same(&facts.report[i].record, &other->report[i].record));
    }
    assert_memory_equal((char *)&facts + end, (char *)other + end, sizeof facts - end);
    memset(&upkeep[0], 0x55, sizeof *upkeep);
    memset(&upkeep[1], 0xaa, sizeof *upkeep);
    ovnha_resident_upkeep_facts(r, &upkeep[0]);
    ovnha_resident_upkeep_facts(r, &upkeep[1]);
    assert_int_equal(upkeep[0].n_peers, 1);
    assert_memory_equal(&upkeep[0], &upkeep[1],
                        offsetof(struct ovnha_upkeep_facts, peer[1]));
    free(upkeep);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_has_looked_has_reported),
        TEST(whoever_has_a_record_need_not_look),
        TEST(who_is_absent_has_not_reported),
        TEST(a_record_that_cannot_be_read_is_reported),
        TEST(what_was_there_before_is_no_fact),
    };

    return cmocka_run_group_tests_name("resident_facts", tests, NULL, NULL);
}
