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

#include "agent/resident_facts.h"
#include "agent/resident_marks.h"
#include "agent/resident_read_only.h"
#include "agent/resident_record.h"
#include "agent/resident_restart.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"
#include "agent/resident_upkeep.h"

#define HOUR 3600000

/* What happened, in order; the neighbours write it. */
static char story[512];
static enum ovnha_tristate quorate;
static bool restarting;
static struct resident *r;

static void tell(const char *what)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s", used ? "; " : "", what);
}

/*
 * The neighbours.
 */

/* The active among three nodes; b is in sync, and has gone. */
void ovnha_resident_upkeep_facts(const struct resident *resident,
                                 struct ovnha_upkeep_facts *facts)
{
    (void)resident;
    memset(facts, 0, sizeof *facts);
    ovnha_text_copy(facts->self, sizeof facts->self, "a");
    facts->serving = facts->may_write = true;
    facts->quorate = quorate;
    facts->n_configured = 3;
    ovnha_record_attempt(&facts->record, "a", "g1");
    ovnha_record_open(&facts->record);
    ovnha_record_join(&facts->record, "b", "t1");
}

enum ovnha_result ovnha_resident_stop_serving(struct resident *resident, const char *why,
                                              struct ovnha_err *err)
{
    (void)resident;
    (void)err;
    tell(why);
    return OVNHA_OK;
}

void ovnha_resident_turn_read_only(struct resident *resident, const char *why)
{
    (void)resident;
    tell(why);
}

enum ovnha_result ovnha_resident_change_record(struct resident *resident,
                                               const struct ovnha_record *fresh,
                                               struct ovnha_err *err)
{
    (void)resident;
    (void)fresh;
    (void)err;
    tell("record");
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_write_token(struct resident *resident, const char *node,
                                             const char *uuid, struct ovnha_err *err)
{
    (void)resident;
    (void)node;
    (void)uuid;
    (void)err;
    tell("token");
    return OVNHA_OK;
}

enum ovnha_result ovnha_resident_write_marker(struct resident *resident, const char *uuid,
                                              const char *parent, struct ovnha_err *err)
{
    (void)resident;
    (void)uuid;
    (void)parent;
    (void)err;
    tell("marker");
    return OVNHA_OK;
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return true;
}

bool ovnha_resident_is_restarting(const struct resident *resident)
{
    (void)resident;
    return restarting;
}

/*
 * The tests.
 */

static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    story[0] = '\0';
    quorate = OVNHA_YES;
    restarting = false;
    return r ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static void kept_up(const char *expected)
{
    (void)ovnha_resident_keep_up(r);
    assert_string_equal(story, expected);
}

/* A member has joined, and the others may not have spoken yet. */
static void somebody_joins(void)
{
    r->settled_at = ovnha_deadline_after(ovnha_now(), HOUR);
}

static void who_has_gone_is_struck_out(void **state)
{
    (void)state;
    kept_up("record");
}

static void but_not_before_all_had_time_to_speak(void **state)
{
    (void)state;
    somebody_joins();
    kept_up("");
}

static void nor_while_a_restart_records(void **state)
{
    (void)state;
    restarting = true;
    kept_up("");
}

/* Others may be promoted meanwhile: nobody's word is waited for. */
static void the_loss_of_quorum_waits_for_nothing(void **state)
{
    (void)state;
    quorate = OVNHA_NO;
    somebody_joins();
    restarting = true;
    kept_up("quorum is lost");
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_has_gone_is_struck_out),
        TEST(but_not_before_all_had_time_to_speak),
        TEST(nor_while_a_restart_records),
        TEST(the_loss_of_quorum_waits_for_nothing),
    };

    return cmocka_run_group_tests_name("resident_upkeep", tests, NULL, NULL);
}
