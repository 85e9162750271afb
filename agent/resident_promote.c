/* SPDX-License-Identifier: Apache-2.0 */
/* A promotion as the record has it: an attempt, and later that it is open.
 *
 * The attempt is a ballot.  It is made from the newest record that was heard, above every
 * counter that was, and answered only when it counts: by then a majority has promised to
 * keep no generation of an earlier attempt, and no earlier one can open any more.  It has
 * a name of its own each time, also when this node's last one broke off: the marker that
 * one may have left names its parent, and is good for this one, too. */

#include "resident_promote.h"

#include <stdlib.h>
#include <string.h>

#include <qb/qblog.h>
#include <uuid/uuid.h>

#include <ovnha/log_line.h>
#include <ovnha/text.h>

#include "resident_change.h"
#include "resident_facts.h"
#include "resident_look.h"
#include "resident_marks.h"
#include "resident_record.h"
#include "resident_state.h"

/* What was not seen to count is nothing to go on from. */
static void give_up(struct resident *r, const char *why)
{
    if (r->promoting) {
        ovnha_request_refuse(r->promoting, why);
        r->promoting = NULL;
    }
    memset(&r->promotion, 0, sizeof r->promotion);
}

static void reply(struct resident *r)
{
    json_t *json;
    char *text;

    if (r->record.attempt_node[0]) {
        json = json_pack("{s:s,s:s}", "generation", r->record.attempt.uuid, "parent",
                         r->record.generation.uuid);
    } else {
        json = json_pack("{s:s}", "generation", r->record.generation.uuid);
    }
    text = json_dumps(json, JSON_COMPACT);
    ovnha_request_reply(r->promoting, text);
    r->promoting = NULL;
    free(text);
    json_decref(json);
}

static bool counts(struct resident *r)
{
    struct ovnha_upkeep_facts *facts = malloc(sizeof *facts);
    bool yes = false;

    if (facts) {
        ovnha_resident_upkeep_facts(r, facts);
        yes = ovnha_upkeep_counts(facts);
    }
    free(facts);
    return yes;
}

void ovnha_resident_check_promotion(struct resident *r)
{
    if (!r->promoting) {
        return;
    }
    if (!ovnha_request_is_awaited(r->promoting)) {
        give_up(r, "nobody waits for this");
    } else if (!ovnha_record_same(&r->record, &r->promotion)) {
        give_up(r, "another record took its place");
    } else if (counts(r)) {
        reply(r);
    }
}

/* Until it counts, nothing is done that rests on it. */
static void record(struct resident *r, const struct ovnha_record *fresh,
                   struct ovnha_request *request)
{
    struct ovnha_err err;

    give_up(r, "another promotion came");
    if (ovnha_resident_replace_record(r, fresh, &err) != OVNHA_OK) {
        ovnha_request_refuse(request, err.text);
        return;
    }
    r->promotion = *fresh;
    r->promoting = request;
    ovnha_resident_look_for_other(r);
    ovnha_resident_check_promotion(r);
}

/* False: may not, and `why` says so. */
static bool make_attempt(struct resident *r, struct ovnha_record *fresh,
                         struct ovnha_err *why)
{
    struct ovnha_candidacy_facts *facts = malloc(sizeof *facts);
    struct ovnha_candidacy_verdict verdict = {.reason = "out of memory"};
    char text[OVNHA_UUID_SIZE];
    uuid_t uuid;

    if (facts) {
        ovnha_resident_candidacy_facts(r, facts);
        ovnha_candidacy(facts, &verdict);
    }
    if (verdict.candidacy == OVNHA_MAY && ovnha_candidacy_newest(facts, fresh)) {
        uuid_generate(uuid);
        uuid_unparse_lower(uuid, text);
        ovnha_record_attempt(fresh, r->facts.self, text);
        ovnha_record_attempt_above(fresh, ovnha_candidacy_counter(facts));
    }
    free(facts);
    ovnha_text_copy(why->text, sizeof why->text, verdict.reason);
    return verdict.candidacy == OVNHA_MAY;
}

void ovnha_resident_attempt(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_record fresh;
    struct ovnha_err err;

    ovnha_resident_look(r);
    if (ovnha_resident_read_shared(r, &err) != OVNHA_OK ||
        !make_attempt(r, &fresh, &err)) {
        qb_log(LOG_WARNING, OVNHA_LINE_MAY_NOT, err.text);
        ovnha_request_refuse(request, err.text);
        return;
    }
    qb_log(LOG_NOTICE, OVNHA_LINE_MAY, err.text);
    record(r, &fresh, request);
}

/* The CIB may have been set back to an older record, which counts for nothing. */
static bool something_else_is_shared(const struct resident *r)
{
    return !ovnha_record_same(&r->shared, &r->promotion) &&
           ovnha_record_compare(&r->promotion, &r->shared) <= 0;
}

/* From the very record that the attempt was: any later one may have been made without
 * what this copy holds. */
void ovnha_resident_open(struct resident *r, struct ovnha_request *request)
{
    struct ovnha_record fresh = r->promotion;
    struct ovnha_err err;

    if (!r->promotion.attempt_node[0] || r->promoting) {
        ovnha_request_refuse(request, "no attempt of this node counts");
        return;
    }
    if (!ovnha_record_same(&r->record, &r->promotion) || something_else_is_shared(r)) {
        ovnha_request_refuse(request, "another record took the attempt's place");
        return;
    }
    if (fresh.generation.uuid[0] &&
        strcmp(r->handover.completed_in, fresh.generation.uuid) == 0 &&
        ovnha_resident_write_complete(r, &err) != OVNHA_OK) {
        qb_log(LOG_WARNING, "that nothing is missing cannot be written: %s", err.text);
    }
    ovnha_resident_note_change(r);
    ovnha_record_open(&fresh);
    record(r, &fresh, request);
}
