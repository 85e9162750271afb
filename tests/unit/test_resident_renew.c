/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/resident_look.h"
#include "agent/resident_marks.h"
#include "agent/resident_promote.h"
#include "agent/resident_quorum.h"
#include "agent/resident_renew.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"

/* What happened, in order; the neighbours write it. */
static char story[512];
static enum ovnha_tristate quorate;
static bool serving;
static enum ovnha_result writing;
static struct resident *r;

static void tell(const char *what)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s", used ? "; " : "", what);
}

void ovnha_request_reply(struct ovnha_request *request, const char *text)
{
    (void)request;
    tell(text);
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    char what[256];

    (void)request;
    snprintf(what, sizeof what, "refused: %s", text);
    tell(what);
}

void ovnha_resident_look(struct resident *resident)
{
    (void)resident;
    tell("look");
}

enum ovnha_tristate ovnha_resident_quorum(const struct resident *resident)
{
    (void)resident;
    return quorate;
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return serving;
}

enum ovnha_result ovnha_resident_write_marker(struct resident *resident, const char *uuid,
                                              const char *parent, struct ovnha_err *err)
{
    char what[256];

    (void)resident;
    snprintf(what, sizeof what, "mark %s of %s", uuid, parent);
    tell(what);
    return writing == OVNHA_OK ? OVNHA_OK : ovnha_fail(err, writing, "no server");
}

void ovnha_resident_attempt(struct resident *resident, struct ovnha_request *request)
{
    (void)resident;
    (void)request;
    tell("attempt");
}

void ovnha_resident_open(struct resident *resident, struct ovnha_request *request)
{
    (void)resident;
    (void)request;
    tell("open");
}

static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    story[0] = '\0';
    quorate = OVNHA_YES;
    serving = true;
    writing = OVNHA_OK;
    return r ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static void attempted(void)
{
    ovnha_text_copy(r->promotion.generation.uuid, OVNHA_UUID_SIZE, "g1");
    ovnha_text_copy(r->promotion.attempt.uuid, OVNHA_UUID_SIZE, "g2");
    ovnha_text_copy(r->promotion.attempt_node, OVNHA_NODE_SIZE, "a");
}

static void the_active_makes_an_attempt(void **state)
{
    (void)state;
    ovnha_resident_renew(r, NULL);
    assert_string_equal(story, "look; attempt");
}

static void holds_no_record(enum ovnha_role role)
{
    serving = false;
    r->facts.settings.n_dbs = 1;
    r->facts.memory.role = role;
    r->facts.server[0].presence = OVNHA_PRESENCE_RUNNING;
    r->facts.server[0].answered = true;
    r->facts.server[0].sync.state = OVNHA_SYNC_ACTIVE;
}

static void one_that_serves_without_a_record_begins_one(void **state)
{
    (void)state;
    holds_no_record(OVNHA_ROLE_ACTIVE);
    ovnha_resident_renew(r, NULL);
    assert_string_equal(story, "look; attempt");
}

/* It may have made itself active. */
static void but_not_one_that_nobody_promoted(void **state)
{
    (void)state;
    holds_no_record(OVNHA_ROLE_BACKUP);
    ovnha_resident_renew(r, NULL);
    assert_string_equal(
        story,
        "look; refused: this node does not serve: only the active one can do this");
}

static void nor_one_where_another_has_the_record(void **state)
{
    (void)state;
    holds_no_record(OVNHA_ROLE_ACTIVE);
    ovnha_text_copy(r->record.generation.uuid, OVNHA_UUID_SIZE, "g1");
    ovnha_resident_renew(r, NULL);
    assert_string_equal(
        story,
        "look; refused: this node does not serve: only the active one can do this");
}

static void nor_one_whose_record_cannot_be_understood(void **state)
{
    (void)state;
    holds_no_record(OVNHA_ROLE_ACTIVE);
    ovnha_text_copy(r->unreadable, sizeof r->unreadable, "/lib/record");
    ovnha_resident_renew(r, NULL);
    assert_string_equal(story, "look; refused: this node's record cannot be understood");
}

static void nobody_else_does(void **state)
{
    (void)state;
    serving = false;
    ovnha_resident_renew(r, NULL);
    assert_string_equal(
        story,
        "look; refused: this node does not serve: only the active one can do this");
}

static void nor_without_quorum(void **state)
{
    (void)state;
    quorate = OVNHA_UNKNOWN;
    ovnha_resident_renew(r, NULL);
    assert_string_equal(story, "look; refused: this partition has no quorum");
}

/* A copy that has the new marker names the parent: broken off here, it is the parent's.
 */
static void it_is_marked_before_it_opens(void **state)
{
    (void)state;
    attempted();
    ovnha_resident_renew_open(r, NULL);
    assert_string_equal(story, "look; mark g2 of g1; open");
}

static void what_cannot_be_marked_does_not_open(void **state)
{
    (void)state;
    attempted();
    writing = OVNHA_ERR_LOST;
    ovnha_resident_renew_open(r, NULL);
    assert_string_equal(story, "look; mark g2 of g1; refused: no server");
}

static void what_was_not_attempted_does_not_open(void **state)
{
    (void)state;
    ovnha_resident_renew_open(r, NULL);
    assert_string_equal(story, "look; refused: nothing was renewed");
}

static void nor_when_quorum_was_lost_meanwhile(void **state)
{
    (void)state;
    attempted();
    quorate = OVNHA_NO;
    ovnha_resident_renew_open(r, NULL);
    assert_string_equal(story, "look; refused: this partition has no quorum");
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_active_makes_an_attempt),
        TEST(one_that_serves_without_a_record_begins_one),
        TEST(but_not_one_that_nobody_promoted),
        TEST(nor_one_where_another_has_the_record),
        TEST(nor_one_whose_record_cannot_be_understood),
        TEST(nobody_else_does),
        TEST(nor_without_quorum),
        TEST(it_is_marked_before_it_opens),
        TEST(what_cannot_be_marked_does_not_open),
        TEST(what_was_not_attempted_does_not_open),
        TEST(nor_when_quorum_was_lost_meanwhile),
    };

    return cmocka_run_group_tests_name("resident_renew", tests, NULL, NULL);
}
