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

#include "agent/resident_beat.h"
#include "agent/resident_exit.h"
#include "agent/resident_group.h"
#include "agent/resident_look.h"
#include "agent/resident_peer.h"
#include "agent/resident_quorum.h"
#include "agent/resident_state.h"

#include "say.h"

/* What happened, in order; the neighbours write it. */
static char story[256];
static bool found;
static struct ovnha_request *const request = (struct ovnha_request *)&story;
static struct resident *r;

static void tell(const char *what)
{
    const size_t used = strlen(story);

    snprintf(story + used, sizeof story - used, "%s%s", used ? "; " : "", what);
}

/*
 * The neighbours.
 */

bool ovnha_control_server_is_found(const struct ovnha_control_server *server)
{
    assert_ptr_equal(server, r->server);
    return found;
}

bool ovnha_publisher_runs(const struct ovnha_publisher *publisher)
{
    (void)publisher;
    return false;
}

enum ovnha_tristate ovnha_resident_quorum(const struct resident *resident)
{
    return resident->quorate;
}

struct resident_peer *ovnha_resident_peer(const struct resident *resident,
                                          const char *node)
{
    assert_string_equal(node, resident->record.active);
    return &r->peer[0];
}

void ovnha_resident_look(struct resident *resident)
{
    (void)resident;
}

void ovnha_resident_beat(struct resident *resident)
{
    (void)resident;
}

void ovnha_resident_tell(struct resident *resident)
{
    assert_true(resident->stopped);
    tell("goodbye");
}

void ovnha_request_reply(struct ovnha_request *answered, const char *text)
{
    assert_ptr_equal(answered, request);
    assert_string_equal(text, "");
    tell("answer");
}

void ovnha_request_refuse(struct ovnha_request *refused, const char *text)
{
    (void)refused;
    tell(text);
}

void qb_loop_stop(qb_loop_t *loop)
{
    assert_ptr_equal(loop, r->loop);
    tell("end");
}

/*
 * Fixtures.
 */

/* A replica in sync, of an active that is there; it has been stopped. */
static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    story[0] = '\0';
    found = true;
    r->quorate = OVNHA_YES;
    facts_text_init(&r->facts);
    ovnha_text_copy(r->record.active, sizeof r->record.active, "active");
    ovnha_record_join(&r->record, r->facts.self, "session");
    r->n_peers = 1;
    ovnha_text_copy(r->peer[0].state.node, sizeof r->peer[0].state.node, "active");
    r->peer[0].state.present = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(r);
    return 0;
}

static void who_is_not_asked_stays(void **state)
{
    (void)state;
    ovnha_resident_check_exit(r);
    assert_string_equal(story, "");
}

static void who_is_asked_stays_until_it_is_struck_out(void **state)
{
    (void)state;
    ovnha_resident_begin_exit(r, request);
    assert_string_equal(story, "");
    ovnha_record_leave(&r->record, r->facts.self);
    ovnha_record_settle(&r->record);
    ovnha_resident_check_exit(r);
    assert_string_equal(story, "goodbye; answer; end");
}

/* Another one may run by now. */
static void whom_nobody_can_ask_ends(void **state)
{
    (void)state;
    found = false;
    ovnha_resident_check_exit(r);
    assert_string_equal(story, "end");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_not_asked_stays),
        TEST(who_is_asked_stays_until_it_is_struck_out),
        TEST(whom_nobody_can_ask_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
