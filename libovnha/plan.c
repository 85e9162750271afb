/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/plan.h>

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ovnha/eligibility.h>

void ovnha_plan_init(struct ovnha_plan *plan)
{
    memset(plan, 0, sizeof *plan);
}

static struct ovnha_step *add(struct ovnha_step *steps, size_t *n, size_t max,
                              enum ovnha_step_kind kind, size_t db)
{
    assert(*n < max);
    struct ovnha_step *step = &steps[(*n)++];

    memset(step, 0, sizeof *step);
    step->kind = kind;
    step->db = db;
    return step;
}

struct ovnha_step *ovnha_plan_add(struct ovnha_plan *plan, enum ovnha_step_kind kind,
                                  size_t db)
{
    return add(plan->step, &plan->n_steps, OVNHA_PLAN_STEPS_MAX, kind, db);
}

struct ovnha_step *ovnha_plan_add_failure(struct ovnha_plan *plan,
                                          enum ovnha_step_kind kind, size_t db)
{
    return add(plan->failure_step, &plan->n_failure_steps,
               sizeof plan->failure_step / sizeof plan->failure_step[0], kind, db);
}

void ovnha_plan_end(struct ovnha_plan *plan, enum ovnha_outcome outcome,
                    const char *reason, ...)
{
    va_list args;

    plan->outcome = outcome;
    va_start(args, reason);
    vsnprintf(plan->reason, sizeof plan->reason, reason, args);
    va_end(args);
}

const char *ovnha_outcome_to_str(enum ovnha_outcome outcome)
{
    switch (outcome) {
    case OVNHA_OUTCOME_SUCCESS:
        return "success";
    case OVNHA_OUTCOME_PROMOTED:
        return "promoted";
    case OVNHA_OUTCOME_STOPPED:
        return "stopped";
    case OVNHA_OUTCOME_FAILED:
        return "failed";
    case OVNHA_OUTCOME_FAILED_PROMOTED:
        return "failed-promoted";
    case OVNHA_OUTCOME_DEGRADED:
        return "degraded";
    case OVNHA_OUTCOME_DEGRADED_PROMOTED:
        return "degraded-promoted";
    case OVNHA_OUTCOME_DECIDE_AGAIN:
        return "decide-again";
    }
    return "?";
}

/* How a step's arguments print, after its name. */
enum shape { PLAIN, DB, DB_TEXT, DB_NUMBER, SCORE, MEMORY };

static const struct {
    const char *name;
    enum shape shape;
} steps[] = {
    [OVNHA_STEP_NOTE_DOUBT] = {"note-doubt", DB},
    [OVNHA_STEP_START_SERVER] = {"start-server", DB},
    [OVNHA_STEP_STOP_SERVER] = {"stop-server", DB},
    [OVNHA_STEP_START_NORTHD] = {"start-northd", PLAIN},
    [OVNHA_STEP_STOP_NORTHD] = {"stop-northd", PLAIN},
    [OVNHA_STEP_START_NORTHD_PAUSED] = {"start-northd-paused", PLAIN},
    [OVNHA_STEP_PAUSE_NORTHD] = {"pause-northd", PLAIN},
    [OVNHA_STEP_RESUME_NORTHD] = {"resume-northd", PLAIN},
    [OVNHA_STEP_AWAIT_NORTHD] = {"await-northd", PLAIN},
    [OVNHA_STEP_MAKE_WRITABLE] = {"make-writable", DB},
    [OVNHA_STEP_FOLLOW] = {"follow", DB_TEXT},
    [OVNHA_STEP_FOLLOW_OR_HOLD] = {"follow-or-hold", DB_TEXT},
    [OVNHA_STEP_SET_PROBE] = {"set-probe", DB_NUMBER},
    [OVNHA_STEP_WRITE_ROWS] = {"write-rows", DB_TEXT},
    [OVNHA_STEP_OPEN_REPLICAS] = {"open-replicas", DB_TEXT},
    [OVNHA_STEP_CLOSE_REPLICAS] = {"close-replicas", DB},
    [OVNHA_STEP_OPEN_CLIENTS] = {"open-clients", DB},
    [OVNHA_STEP_CLOSE_CLIENTS] = {"close-clients", DB},
    [OVNHA_STEP_START_HELPER] = {"start-helper", PLAIN},
    [OVNHA_STEP_STOP_HELPER] = {"stop-helper", PLAIN},
    [OVNHA_STEP_TELL_HELPER] = {"tell-helper", PLAIN},
    [OVNHA_STEP_AWAIT_RECOVERY] = {"await-recovery", PLAIN},
    [OVNHA_STEP_RECORD_ATTEMPT] = {"record-attempt", PLAIN},
    [OVNHA_STEP_WRITE_MARKER] = {"write-marker", DB},
    [OVNHA_STEP_AWAIT_BARRIER] = {"await-barrier", PLAIN},
    [OVNHA_STEP_RECORD_HANDOVER] = {"record-handover", PLAIN},
    [OVNHA_STEP_RECORD_OPEN] = {"record-open", PLAIN},
    [OVNHA_STEP_ADOPT] = {"adopt", PLAIN},
    [OVNHA_STEP_SETTLE_COPIES] = {"settle-copies", PLAIN},
    [OVNHA_STEP_PUBLISH_SCORE] = {"publish-score", SCORE},
    [OVNHA_STEP_FORGET_COST] = {"forget-northd-cost", PLAIN},
    [OVNHA_STEP_NOTE_STALL] = {"note-stall", PLAIN},
    [OVNHA_STEP_REMEMBER] = {"remember", MEMORY},
};

bool ovnha_step_runs_at_once(enum ovnha_step_kind kind)
{
    return kind == OVNHA_STEP_START_SERVER || kind == OVNHA_STEP_STOP_SERVER ||
           kind == OVNHA_STEP_FOLLOW || kind == OVNHA_STEP_FOLLOW_OR_HOLD;
}

void ovnha_step_format(const struct ovnha_step *step,
                       const struct ovnha_settings *settings,
                       char text[OVNHA_STEP_TEXT_SIZE])
{
    const char *name = steps[step->kind].name;
    const char *try = step->tolerated ? "try " : "";
    const char *db =
        step->db < settings->n_dbs ? settings->db[step->db].database->name : "?";
    const char *gap = step->text[0] ? " " : "";
    char score[16];

    switch (steps[step->kind].shape) {
    case PLAIN:
        snprintf(text, OVNHA_STEP_TEXT_SIZE, "%s%s", try, name);
        return;
    case DB:
        snprintf(text, OVNHA_STEP_TEXT_SIZE, "%s%s %s", try, name, db);
        return;
    case DB_TEXT:
        snprintf(text, OVNHA_STEP_TEXT_SIZE, "%s%s %s%s%s", try, name, db, gap,
                 step->text);
        return;
    case DB_NUMBER:
        snprintf(text, OVNHA_STEP_TEXT_SIZE, "%s%s %s %d", try, name, db, step->number);
        return;
    case SCORE:
        ovnha_score_format(step->number, score);
        snprintf(text, OVNHA_STEP_TEXT_SIZE, "%s%s %s", try, name, score);
        return;
    case MEMORY:
        snprintf(text, OVNHA_STEP_TEXT_SIZE, "%s%s %s%s%s", try, name,
                 ovnha_role_to_str(step->role), gap, step->text);
        return;
    }
}
