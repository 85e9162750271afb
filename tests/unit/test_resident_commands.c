/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/resident_accept.h"
#include "agent/resident_commands.h"
#include "agent/resident_exit.h"
#include "agent/resident_handover.h"
#include "agent/resident_look.h"
#include "agent/resident_loop.h"
#include "agent/resident_policy.h"
#include "agent/resident_promote.h"
#include "agent/resident_record.h"
#include "agent/resident_renew.h"
#include "agent/resident_restart.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"
#include "agent/resident_status.h"

/* What happened, in order; the neighbours write it. */
static char story[512];
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
    tell("reply ", text);
}

void ovnha_request_refuse(struct ovnha_request *request, const char *text)
{
    (void)request;
    tell("refused: ", text);
}

void ovnha_resident_turn(struct resident *resident)
{
    (void)resident;
    tell("", "turn");
}

void ovnha_resident_wake(struct resident *resident)
{
    (void)resident;
    tell("", "wake");
}

void ovnha_resident_look(struct resident *resident)
{
    (void)resident;
    tell("", "look");
}

enum ovnha_result ovnha_resident_read_shared(struct resident *resident,
                                             struct ovnha_err *err)
{
    (void)resident;
    (void)err;
    tell("", "read the CIB");
    return OVNHA_OK;
}

void ovnha_resident_read_former_active(struct resident *resident)
{
    (void)resident;
    tell("", "who was the active");
}

void ovnha_resident_live_through(struct resident *resident)
{
    (void)resident;
}

json_t *ovnha_resident_judgement_to_json(struct resident *resident)
{
    (void)resident;
    return json_pack("{s:s}", "candidacy", "may be promoted");
}

void ovnha_resident_inquire(struct resident *resident, struct ovnha_request *request,
                            json_t *judged)
{
    (void)resident;
    (void)request;
    json_decref(judged);
    tell("", "inquire");
}

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return false;
}

bool ovnha_resident_is_restarting(const struct resident *resident)
{
    (void)resident;
    return false;
}

/* Each says its name. */
#define COMMAND(NAME)                                                                    \
    void ovnha_resident_##NAME(struct resident *resident, struct ovnha_request *request) \
    {                                                                                    \
        (void)resident;                                                                  \
        (void)request;                                                                   \
        tell("", #NAME);                                                                 \
    }
COMMAND(attempt)
COMMAND(open)
COMMAND(raise_barrier)
COMMAND(hand_over)
COMMAND(object_to_loss)
COMMAND(accept_loss)
COMMAND(renew)
COMMAND(renew_open)
COMMAND(await_restart)
COMMAND(begin_exit)

/*
 * The tests.
 */

static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    story[0] = '\0';
    return r ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static void asked(const char *method, const char *expected)
{
    story[0] = '\0';
    ovnha_resident_command(NULL, method, "", r);
    assert_string_equal(story, expected);
}

static void each_command_is_somebodys(void **state)
{
    (void)state;
    asked("ovnha/attempt", "attempt");
    asked("ovnha/open", "open");
    asked("ovnha/barrier", "raise_barrier");
    asked("ovnha/handover", "hand_over");
    asked("ovnha/object-to-loss", "object_to_loss");
    asked("ovnha/accept-loss", "accept_loss");
    asked("ovnha/renew", "renew");
    asked("ovnha/renew-open", "renew_open");
    asked("ovnha/recover", "turn; await_restart");
    asked("ovnha/exit", "begin_exit; wake");
    asked("ovnha/none", "refused: unknown command");
}

/* It listens, or it would be taken for one that hangs, and be killed. */
static void who_has_lost_corosync_says_that_it_lives_and_no_more(void **state)
{
    const char *const refused = "refused: corosync is gone, and this helper ends";

    (void)state;
    r->without_corosync = true;
    asked("ovnha/attempt", refused);
    asked("ovnha/barrier", refused);
    asked("ovnha/status", refused);
    asked("ovnha/recover", refused);
    asked("ovnha/look", "reply ; turn");
    asked("ovnha/exit", "begin_exit; wake");
}

/* Also what a person may have noted since this helper was started. */
static void what_it_judges_is_looked_at_before(void **state)
{
    (void)state;
    asked("ovnha/judge", "look; read the CIB; who was the active; "
                         "reply {\"candidacy\":\"may be promoted\"}");
    asked("ovnha/status", "look; read the CIB; who was the active; inquire");
}

/* Whoever asks may be the first operation of a Pacemaker that has lost them. */
static void at_a_look_all_that_was_published_is_forgotten(void **state)
{
    (void)state;
    r->score.known = true;
    for (int i = 0; i < RESIDENT_N_ATTRIBUTES; i++) {
        r->attributes.value[i].known = true;
    }
    asked("ovnha/look", "reply ; turn");
    assert_false(r->score.known);
    for (int i = 0; i < RESIDENT_N_ATTRIBUTES; i++) {
        assert_false(r->attributes.value[i].known);
    }
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_command_is_somebodys),
        TEST(who_has_lost_corosync_says_that_it_lives_and_no_more),
        TEST(what_it_judges_is_looked_at_before),
        TEST(at_a_look_all_that_was_published_is_forgotten),
    };

    return cmocka_run_group_tests_name("resident_commands", tests, NULL, NULL);
}
