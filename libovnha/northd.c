/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/northd.h>

#include <ovnha/condition.h>

static void try_step(struct ovnha_plan *plan, enum ovnha_step_kind kind)
{
    ovnha_plan_add(plan, kind, 0)->tolerated = true;
}

/* It is not managed any more, or does not wait here any more. */
static void give_up(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (facts->memory.northd) {
        try_step(plan, OVNHA_STEP_STOP_NORTHD);
    }
}

static void restart(struct ovnha_plan *plan)
{
    try_step(plan, OVNHA_STEP_STOP_NORTHD);
    try_step(plan, OVNHA_STEP_START_NORTHD);
}

static void begin_to_work(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    switch (facts->northd) {
    case OVNHA_NORTHD_ACTIVE:
        return;
    case OVNHA_NORTHD_ABSENT:
        try_step(plan, OVNHA_STEP_START_NORTHD);
        return;
    case OVNHA_NORTHD_PAUSED:
        try_step(plan, OVNHA_STEP_RESUME_NORTHD);
        return;
    case OVNHA_NORTHD_SILENT:
        if (facts->action == OVNHA_PROMOTE && facts->memory.northd_paused) {
            try_step(plan, OVNHA_STEP_RESUME_NORTHD); /* it reads what was replicated */
        } else {
            restart(plan);
        }
        return;
    case OVNHA_NORTHD_UNKNOWN:
    case OVNHA_NORTHD_STANDBY: /* it does not become active by itself */
        restart(plan);
        return;
    }
}

void ovnha_northd_activate(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (!facts->settings.manage_northd) {
        give_up(facts, plan);
    } else if (facts->northd != OVNHA_NORTHD_ACTIVE) {
        begin_to_work(facts, plan);
        try_step(plan, OVNHA_STEP_AWAIT_NORTHD);
    } else if (facts->action == OVNHA_MONITOR && !facts->memory.northd) {
        /* Somebody else started it, before there was this resource.  It does as it is
         * to already, and is remembered for ours: the helper keeps it from now on. */
        try_step(plan, OVNHA_STEP_RESUME_NORTHD);
    }
}

void ovnha_northd_stop(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (facts->memory.northd ||
        (facts->settings.manage_northd && facts->northd != OVNHA_NORTHD_ABSENT)) {
        ovnha_plan_add(plan, OVNHA_STEP_STOP_NORTHD, 0);
    }
}

void ovnha_northd_retire(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const enum ovnha_condition condition = ovnha_condition(facts);
    const bool stays =
        facts->action == OVNHA_DEMOTE && ovnha_facts_northd_waits_hot(facts);

    if (stays && condition == OVNHA_COPY_ACTIVE && facts->northd == OVNHA_NORTHD_ACTIVE) {
        try_step(plan, OVNHA_STEP_PAUSE_NORTHD);
    } else if (stays && facts->northd == OVNHA_NORTHD_PAUSED &&
               (condition == OVNHA_COPY_ACTIVE || condition == OVNHA_COPY_BACKUP)) {
        return;
    } else {
        ovnha_northd_stop(facts, plan);
    }
}

/* One that this agent did not start, and that is not paused, is somebody's. */
static bool waits_hot_or_is_foreign(const struct ovnha_facts *facts)
{
    switch (facts->northd) {
    case OVNHA_NORTHD_PAUSED:
        return true;
    case OVNHA_NORTHD_ABSENT:
        return false;
    case OVNHA_NORTHD_UNKNOWN:
    case OVNHA_NORTHD_SILENT:
    case OVNHA_NORTHD_STANDBY:
    case OVNHA_NORTHD_ACTIVE:
        return !facts->memory.northd;
    }
    return false;
}

bool ovnha_northd_stands_by(const struct ovnha_facts *facts)
{
    return ovnha_facts_northd_waits_hot(facts) ? waits_hot_or_is_foreign(facts)
                                               : !facts->memory.northd;
}

static void stand_by_hot(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (facts->northd != OVNHA_NORTHD_ABSENT) {
        try_step(plan, OVNHA_STEP_STOP_NORTHD);
    }
    try_step(plan, OVNHA_STEP_START_NORTHD_PAUSED);
}

void ovnha_northd_stand_by(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (ovnha_northd_stands_by(facts)) {
        return;
    }
    if (ovnha_facts_northd_waits_hot(facts)) {
        stand_by_hot(facts, plan);
    } else {
        give_up(facts, plan);
    }
}

/* An operation that is under way has noted what it has done with northd, and not yet what
 * this node is: then the two do not go together. */
void ovnha_northd_keep(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const struct ovnha_memory *memory = &facts->memory;
    const enum ovnha_condition condition = ovnha_condition(facts);

    if (!facts->settings.manage_northd || !memory->northd) {
        return;
    }
    if (condition == OVNHA_COPY_ACTIVE && memory->role == OVNHA_ROLE_ACTIVE &&
        !memory->northd_paused) {
        begin_to_work(facts, plan);
    } else if (condition == OVNHA_COPY_BACKUP && memory->role == OVNHA_ROLE_BACKUP &&
               memory->northd_paused) {
        ovnha_northd_stand_by(facts, plan);
    }
}

bool ovnha_northd_fails_to_stand_by(const struct ovnha_facts *facts)
{
    return ovnha_facts_northd_waits_hot(facts) && facts->memory.northd &&
           facts->memory.northd_paused && facts->northd != OVNHA_NORTHD_PAUSED;
}
