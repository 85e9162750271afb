/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qb/qbloop.h>

#include <ovnha/deadline.h>
#include <ovnha/eligibility.h>

#include "agent/resident_facts.h"
#include "agent/resident_loop.h"
#include "agent/resident_peer.h"
#include "agent/resident_restart.h"
#include "agent/resident_score.h"
#include "agent/resident_state.h"
#include "agent/resident_unbroken.h"

/* How often the score went to attrd; the neighbours count. */
static int published;
static bool dying;
static struct resident *r;

enum ovnha_result ovnha_publisher_start(struct ovnha_publisher *publisher,
                                        const struct ovnha_context *context, int score,
                                        struct ovnha_err *err)
{
    (void)context;
    (void)err;
    publisher->score = score;
    published++;
    return OVNHA_OK;
}

/* It is done at once. */
enum ovnha_result ovnha_publisher_take(struct ovnha_publisher *publisher,
                                       struct ovnha_err *err)
{
    (void)err;
    r->score.known = true;
    r->score.published = publisher->score;
    return OVNHA_OK;
}

bool ovnha_publisher_runs(const struct ovnha_publisher *publisher)
{
    (void)publisher;
    return false;
}

void ovnha_resident_candidacy_facts(struct resident *resident,
                                    struct ovnha_candidacy_facts *facts)
{
    (void)resident;
    memset(facts, 0, sizeof *facts);
}

void ovnha_resident_note_awaited(struct resident *resident,
                                 const struct ovnha_candidacy_verdict *verdict)
{
    (void)resident;
    (void)verdict;
}

void ovnha_resident_stand(struct resident *resident)
{
    (void)resident;
}

bool ovnha_resident_is_restarting(const struct resident *resident)
{
    (void)resident;
    return false;
}

bool ovnha_resident_is_dying(const struct resident *resident)
{
    (void)resident;
    return dying;
}

struct resident_peer *ovnha_resident_peer(const struct resident *resident,
                                          const char *node)
{
    (void)resident;
    (void)node;
    return NULL;
}

void ovnha_resident_wake(struct resident *resident)
{
    (void)resident;
}

static int set_up(void **state)
{
    (void)state;
    published = 0;
    dying = false;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    r->loop = qb_loop_create();
    r->score.publisher.child.fd = -1; /* not to be waited for: it is taken at once */
    return r->loop ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    qb_loop_destroy(r->loop);
    free(r);
    return 0;
}

static void a_score_is_published_when_it_changes(void **state)
{
    (void)state;
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 1);
    assert_int_equal(r->score.published, OVNHA_SCORE_NEVER);
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 1);
}

/* While partitions merge, attrd may lose what is written; nobody else says it again. */
static void and_once_more_some_time_after_members_joined(void **state)
{
    (void)state;
    ovnha_resident_publish_if_changed(r);
    ovnha_resident_repeat_score(r);
    assert_false(ovnha_deadline_passed(r->score.again_at, ovnha_now()));
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 1);
    r->score.again_at = ovnha_now();
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 2);
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 2);
}

/* Nor anything of one that is started again in place the next moment. */
static void nothing_is_said_of_what_dies_just_now(void **state)
{
    (void)state;
    dying = true;
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 0);
    dying = false;
    ovnha_resident_publish_if_changed(r);
    assert_int_equal(published, 1);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_score_is_published_when_it_changes),
        TEST(and_once_more_some_time_after_members_joined),
        TEST(nothing_is_said_of_what_dies_just_now),
    };

    return cmocka_run_group_tests_name("resident_score", tests, NULL, NULL);
}
