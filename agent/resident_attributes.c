/* SPDX-License-Identifier: Apache-2.0 */
/* Node attributes for people: what crm_mon and alerts show of the record,
 * ovnha-RESOURCE-*.
 *
 * Each is written by a child, one at a time, and only when it has stood for a while in
 * which nothing else moved (announcement.h); nothing is decided by it. */

#include "resident_attributes.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <qb/qblog.h>

#include <ovnha/text.h>

#include "publish.h"
#include "resident_peer.h"
#include "resident_restart.h"
#include "resident_serving.h"
#include "resident_state.h"
#include "set_aside.h"

#define WRITE_MS 5000
/* How often the directory of what is set aside is read. */
#define COUNT_EVERY_MS 10000

#define NOBODY "none"

static const char *const names[RESIDENT_N_ATTRIBUTES] = {
    [RESIDENT_IN_SYNC] = "in-sync",
    [RESIDENT_AWAITS] = "awaits",
    [RESIDENT_SET_ASIDE] = "set-aside",
};

/*
 * The values.
 */

static void add_name(char text[OVNHA_ANNOUNCEMENT_SIZE], const char *name)
{
    const size_t length = strlen(text);

    snprintf(text + length, OVNHA_ANNOUNCEMENT_SIZE - length, "%s%s", length ? " " : "",
             name);
}

/* The active's to say; a former active's would be out of date. */
static void list_in_sync(const struct resident *r, char text[OVNHA_ANNOUNCEMENT_SIZE])
{
    const struct ovnha_members *members = &r->record.in_sync;

    for (size_t i = 0; i < members->n && ovnha_resident_is_serving(r); i++) {
        add_name(text, members->member[i].node);
    }
}

static bool anybody_serves(const struct resident *r)
{
    return ovnha_resident_serving_peer(r) || ovnha_resident_is_serving(r);
}

/* Who waits while another copy serves waits for nobody's return. */
static void list_awaited(const struct resident *r, char text[OVNHA_ANNOUNCEMENT_SIZE])
{
    for (size_t i = 0; i < r->attributes.n_awaited && !anybody_serves(r); i++) {
        add_name(text, r->attributes.awaited[i]);
    }
}

static void count_set_aside(struct resident *r, char text[OVNHA_ANNOUNCEMENT_SIZE])
{
    if (ovnha_deadline_passed(r->attributes.count_at, ovnha_now())) {
        r->attributes.set_aside = ovnha_set_aside_waiting(&r->context);
        r->attributes.count_at = ovnha_deadline_after(ovnha_now(), COUNT_EVERY_MS);
    }
    snprintf(text, OVNHA_ANNOUNCEMENT_SIZE, "%zu", r->attributes.set_aside);
}

static void form_value(struct resident *r, enum resident_attribute which,
                       char text[OVNHA_ANNOUNCEMENT_SIZE])
{
    *text = '\0';
    switch (which) {
    case RESIDENT_IN_SYNC:
        list_in_sync(r, text);
        break;
    case RESIDENT_AWAITS:
        list_awaited(r, text);
        break;
    case RESIDENT_SET_ASIDE:
        count_set_aside(r, text);
        break;
    case RESIDENT_N_ATTRIBUTES:
        break;
    }
    if (!*text) {
        ovnha_text_copy(text, OVNHA_ANNOUNCEMENT_SIZE, NOBODY);
    }
}

/*
 * Writing them.
 */

struct order {
    const struct ovnha_context *context;
    const char *name;
    const char *value;
};

static void write_attribute(int fd, void *aux)
{
    const struct order *order = aux;
    struct ovnha_err err;
    const enum ovnha_result result =
        ovnha_publish_attribute(order->context, order->name, order->value,
                                ovnha_deadline_after(ovnha_now(), WRITE_MS), &err);

    (void)!write(fd, &result, sizeof result);
}

static void start_writing(struct resident *r, enum resident_attribute which)
{
    struct order order = {&r->context, names[which], r->attributes.value[which].wanted};
    struct ovnha_err err;

    ovnha_announcement_begin(&r->attributes.value[which]);
    if (ovnha_child_start(&r->attributes.child, "ovnha-attribute", write_attribute,
                          &order, &err) != OVNHA_OK) {
        ovnha_announcement_end(&r->attributes.value[which], false, ovnha_now());
        qb_log(LOG_WARNING, "%s", err.text);
        return;
    }
    r->attributes.writing = which;
}

/* False while one is being written. */
static bool take_written(struct resident *r)
{
    enum ovnha_result result = OVNHA_ERR_LOST;

    if (r->attributes.child.fd < 0) {
        return true;
    }
    if (ovnha_child_runs(&r->attributes.child)) {
        return false;
    }
    (void)!recv(r->attributes.child.fd, &result, sizeof result, MSG_DONTWAIT);
    ovnha_child_release(&r->attributes.child);
    ovnha_announcement_end(&r->attributes.value[r->attributes.writing],
                           result == OVNHA_OK, ovnha_now());
    return true;
}

/* No role, record or score is being changed, here or anywhere. */
static bool is_calm(const struct resident *r)
{
    return !r->promoting && !r->exit.request && !r->handover.barrier[0] &&
           !r->record.attempt_node[0] &&
           strcmp(r->score.generation, r->record.generation.uuid) == 0 &&
           ovnha_deadline_passed(r->score.moved_at + OVNHA_ANNOUNCEMENT_STEADY_MS,
                                 ovnha_now()) &&
           !ovnha_resident_is_restarting(r) && !ovnha_publisher_runs(&r->score.publisher);
}

void ovnha_resident_write_attributes(struct resident *r)
{
    char value[OVNHA_ANNOUNCEMENT_SIZE];
    bool free_to_write = take_written(r);

    for (int i = 0; i < RESIDENT_N_ATTRIBUTES; i++) {
        form_value(r, (enum resident_attribute)i, value);
        if (ovnha_announcement_is_due(&r->attributes.value[i], value,
                                      is_calm(r) && free_to_write, ovnha_now())) {
            start_writing(r, (enum resident_attribute)i);
            free_to_write = false;
        }
    }
}

void ovnha_resident_note_awaited(struct resident *r,
                                 const struct ovnha_candidacy_verdict *verdict)
{
    r->attributes.n_awaited =
        verdict->candidacy == OVNHA_MUST_WAIT ? verdict->n_awaited : 0;
    memcpy(r->attributes.awaited, verdict->awaited, sizeof r->attributes.awaited);
}

void ovnha_resident_forget_attributes(struct resident *r)
{
    for (int i = 0; i < RESIDENT_N_ATTRIBUTES; i++) {
        r->attributes.value[i].known = false;
    }
}

void ovnha_resident_release_attributes(struct resident *r)
{
    ovnha_child_release(&r->attributes.child);
}
