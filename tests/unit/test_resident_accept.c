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

#include "agent/execute.h"
#include "agent/resident_accept.h"
#include "agent/resident_facts.h"
#include "agent/resident_look.h"
#include "agent/resident_marks.h"
#include "agent/resident_quorum.h"
#include "agent/resident_record.h"
#include "agent/resident_rest.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"

#define CHOSEN "this node's copy is the one: Pacemaker may promote it"

/* What happened, in order; the neighbours write it. */
static char story[512];
static enum ovnha_tristate quorate;
static bool serves;
static struct resident *r;

static void tell(const char *who, const char *what)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s%s", used ? "; " : "", who, what);
}

/*
 * The neighbours.
 */

void ovnha_request_reply(struct ovnha_request *request, const char *text)
{
    (void)request;
    tell("", text);
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    (void)request;
    tell("refused: ", text);
}

void ovnha_resident_look(struct resident *resident)
{
    (void)resident;
}

enum ovnha_tristate ovnha_resident_quorum(const struct resident *resident)
{
    (void)resident;
    return quorate;
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return serves;
}

void ovnha_resident_candidacy_facts(struct resident *resident,
                                    struct ovnha_candidacy_facts *facts)
{
    (void)resident;
    memset(facts, 0, sizeof *facts);
}

enum ovnha_result ovnha_resident_read_shared(struct resident *resident,
                                             struct ovnha_err *err)
{
    (void)resident;
    (void)err;
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_write_marker(struct resident *resident, const char *uuid,
                                              const char *parent, struct ovnha_err *err)
{
    (void)resident;
    (void)uuid;
    (void)parent;
    (void)err;
    tell("", "mark");
    return OVNHA_OK;
}

enum ovnha_result ovnha_execute(const struct ovnha_context *context,
                                const struct ovnha_facts *facts,
                                const struct ovnha_plan *plan, struct ovnha_err *err)
{
    char text[OVNHA_STEP_TEXT_SIZE];

    (void)context;
    (void)err;
    ovnha_step_format(&plan->step[0], &facts->settings, text);
    tell("", text);
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_replace_record(struct resident *resident,
                                                const struct ovnha_record *fresh,
                                                struct ovnha_err *err)
{
    (void)resident;
    (void)err;
    tell("record ", fresh->active);
    return OVNHA_OK;
}

void ovnha_resident_forget_rest(struct resident *resident)
{
    (void)resident;
}

/*
 * The tests.
 */

/* a's server is a backup that follows nobody; b is there, and does not serve. */
static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    story[0] = '\0';
    quorate = OVNHA_YES;
    serves = false;
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, "a");
    r->facts.settings.n_dbs = 1;
    r->facts.settings.db[0].database = ovnha_database_find("nb");
    ovnha_text_copy(r->facts.settings.hold, sizeof r->facts.settings.hold, "unix:/held");
    r->facts.server[0].presence = OVNHA_PRESENCE_RUNNING;
    r->facts.server[0].answered = true;
    r->facts.server[0].sync.state = OVNHA_SYNC_BACKUP;
    r->n_peers = 1;
    ovnha_text_copy(r->peer[0].state.node, sizeof r->peer[0].state.node, "b");
    r->peer[0].state.present = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static void assert_accepted(void)
{
    ovnha_resident_object_to_loss(r, NULL);
    assert_string_equal(story, "");
    ovnha_resident_accept_loss(r, NULL);
    assert_string_equal(story,
                        "make-writable nb; write-rows nb; mark; follow nb unix:/held; "
                        "record a; " CHOSEN);
}

/* Who asks is told the same as who does it; and nothing is done. */
static void assert_refused(const char *why)
{
    char expected[256];

    ovnha_resident_object_to_loss(r, NULL);
    assert_string_equal(story, why);
    story[0] = '\0';
    ovnha_resident_accept_loss(r, NULL);
    snprintf(expected, sizeof expected, "refused: %s", why);
    assert_string_equal(story, expected);
}

static void a_copy_is_chosen(void **state)
{
    (void)state;
    assert_accepted();
}

static void not_while_another_serves(void **state)
{
    (void)state;
    r->peer[0].beat.serves = true;
    assert_refused("b serves: there is no loss to accept");
}

static void one_that_has_gone_does_not_serve_any_more(void **state)
{
    (void)state;
    r->peer[0].beat.serves = true;
    r->peer[0].state.present = false;
    assert_accepted();
}

static void nor_one_that_replicates(void **state)
{
    (void)state;
    ovnha_text_copy(r->attachment, sizeof r->attachment, "t1");
    assert_refused(
        "this node replicates from an active copy: there is no loss to accept");
}

static void nor_one_that_serves(void **state)
{
    (void)state;
    serves = true;
    r->facts.server[0].sync.state = OVNHA_SYNC_ACTIVE;
    assert_refused("this node serves: there is no loss to accept");
}

static void nor_one_that_is_no_backup(void **state)
{
    (void)state;
    r->facts.server[0].sync.state = OVNHA_SYNC_ACTIVE;
    assert_refused("the servers of this node are not running as backups");
}

static void nor_without_quorum(void **state)
{
    (void)state;
    quorate = OVNHA_UNKNOWN;
    assert_refused("this partition has no quorum");
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_copy_is_chosen),
        TEST(not_while_another_serves),
        TEST(one_that_has_gone_does_not_serve_any_more),
        TEST(nor_one_that_replicates),
        TEST(nor_one_that_serves),
        TEST(nor_one_that_is_no_backup),
        TEST(nor_without_quorum),
    };

    return cmocka_run_group_tests_name("resident_accept", tests, NULL, NULL);
}
