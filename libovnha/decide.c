/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/decide.h>

#include <stdio.h>
#include <string.h>

#include <ovnha/aside.h>
#include <ovnha/condition.h>
#include <ovnha/convert.h>
#include <ovnha/eligibility.h>
#include <ovnha/northd.h>
#include <ovnha/recovery.h>
#include <ovnha/source.h>
#include <ovnha/text.h>

static void publish(struct ovnha_plan *plan, int score)
{
    struct ovnha_step *step = ovnha_plan_add(plan, OVNHA_STEP_PUBLISH_SCORE, 0);

    step->number = score;
    step->tolerated = true;
}

static void remember(struct ovnha_plan *plan, enum ovnha_role role, const char *promoted)
{
    struct ovnha_step *step = ovnha_plan_add(plan, OVNHA_STEP_REMEMBER, 0);

    step->role = role;
    ovnha_text_copy(step->text, sizeof step->text, promoted);
    step->tolerated = true;
}

static void helper(struct ovnha_plan *plan, enum ovnha_step_kind kind, bool tolerated)
{
    ovnha_plan_add(plan, kind, 0)->tolerated = tolerated;
}

/* What has changed is for the helper to see now, not at its next look. */
static void tell_helper(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (ovnha_facts_guarded(facts)) {
        helper(plan, OVNHA_STEP_TELL_HELPER, true);
    }
}

static void refuse(const struct ovnha_facts *facts, struct ovnha_plan *plan,
                   enum ovnha_outcome outcome)
{
    char text[OVNHA_ERR_SIZE];

    ovnha_condition_explain(facts, text);
    publish(plan, OVNHA_SCORE_NEVER);
    ovnha_plan_end(plan, outcome, "%s", text);
}

/* What could not be read is in the reason; what to do about it, too. */
static void refuse_in_doubt(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    publish(plan, OVNHA_SCORE_NEVER);
    ovnha_plan_end(plan, OVNHA_OUTCOME_FAILED,
                   "%s; without addresses nobody could replicate: mend that, or set "
                   "node_addresses",
                   facts->nodes_trouble);
}

static void start_absent(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (facts->server[i].presence == OVNHA_PRESENCE_ABSENT) {
            ovnha_plan_add(plan, OVNHA_STEP_START_SERVER, i);
        }
    }
}

/* First of all, and nothing waits for it: whatever else is done, what a copy holds now
 * may be overwritten later. */
static void note_doubts(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (ovnha_aside_is_doubtful(facts, i)) {
            ovnha_plan_add(plan, OVNHA_STEP_NOTE_DOUBT, i)->tolerated = true;
        }
    }
}

/* start ends Unpromoted whatever was found, and never guesses about a server
 * that does not answer: stop can end that one, start must not. */
static void decide_start(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_SILENT:
        refuse(facts, plan, OVNHA_OUTCOME_FAILED);
        return;
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_MIXED:
    case OVNHA_COPY_SELF_PROMOTED:
    case OVNHA_COPY_ACTIVE:
    case OVNHA_COPY_BACKUP:
        break;
    }
    if (ovnha_source_is_doubtful(facts)) {
        refuse_in_doubt(facts, plan);
        return;
    }
    ovnha_convert_to_backup(facts, plan);
    start_absent(facts, plan);
    const bool follows = ovnha_convert_to_follower(facts, plan);
    if (follows && ovnha_facts_northd_waits_hot(facts)) {
        helper(plan, OVNHA_STEP_START_NORTHD_PAUSED, true); /* none is left by now */
    }
    publish(plan, facts->settings.guard ? OVNHA_SCORE_NEVER : OVNHA_SCORE_HELD);
    remember(plan, OVNHA_ROLE_BACKUP, follows ? ovnha_source_node(facts) : "");
    if (facts->settings.guard) {
        helper(plan, OVNHA_STEP_START_HELPER, false);
    }
}

static void decide_stop(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    ovnha_convert_to_stopped(facts, plan);
    if (facts->settings.guard) {
        helper(plan, OVNHA_STEP_STOP_HELPER, true);
    }
    publish(plan, OVNHA_SCORE_NEVER);
    if (facts->northd_costly) {
        ovnha_plan_add(plan, OVNHA_STEP_FORGET_COST, 0)->tolerated = true;
    }
    remember(plan, OVNHA_ROLE_STOPPED, "");
}

/* The helper of a guarded copy publishes, and the promotion does not wait for that. */
static void promoted(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (!ovnha_facts_guarded(facts)) {
        publish(plan, OVNHA_SCORE_ACTIVE);
    }
    remember(plan, OVNHA_ROLE_ACTIVE, facts->self);
    tell_helper(facts, plan);
}

static void promote_backup(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const struct ovnha_eligibility eligibility = ovnha_eligibility(facts);

    if (ovnha_facts_guarded(facts) && eligibility.score == OVNHA_SCORE_NEVER) {
        publish(plan, OVNHA_SCORE_NEVER);
        ovnha_plan_end(plan, OVNHA_OUTCOME_FAILED, "%s", eligibility.reason);
        return;
    }
    if (ovnha_source_listener_is_doubtful(facts)) {
        refuse_in_doubt(facts, plan);
        return;
    }
    ovnha_convert_to_active(facts, plan);
    promoted(facts, plan);
}

static void promote_active(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const size_t before = plan->n_steps;

    if (ovnha_source_listener_is_doubtful(facts)) {
        refuse_in_doubt(facts, plan);
        return;
    }
    ovnha_convert_complete_active(facts, plan);
    if (plan->n_steps > before) {
        ovnha_convert_close_on_failure(facts, plan);
    }
    promoted(facts, plan);
}

static void decide_promote(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_BACKUP:
        promote_backup(facts, plan);
        return;
    case OVNHA_COPY_ACTIVE:
        promote_active(facts, plan);
        return;
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_MIXED:
    case OVNHA_COPY_SELF_PROMOTED:
        refuse(facts, plan, OVNHA_OUTCOME_FAILED);
        return;
    }
}

/* A dead server accepts no writes: demoting it succeeds, and the next monitor
 * says what is wrong.  One that does not answer may accept them: its steps fail,
 * and Pacemaker goes on to stop it. */
static void decide_demote(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const enum ovnha_condition condition = ovnha_condition(facts);
    const bool whole = condition != OVNHA_COPY_STOPPED && condition != OVNHA_COPY_PARTIAL;

    if (condition == OVNHA_COPY_FOREIGN) {
        refuse(facts, plan, OVNHA_OUTCOME_FAILED);
        return;
    }
    ovnha_convert_to_backup(facts, plan);
    if (!whole || !ovnha_facts_guarded(facts)) {
        publish(plan, whole ? OVNHA_SCORE_HELD : OVNHA_SCORE_NEVER);
    }
    remember(plan, OVNHA_ROLE_BACKUP, "");
    tell_helper(facts, plan);
}

static void decide_post_promote(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (ovnha_condition(facts) == OVNHA_COPY_BACKUP &&
        ovnha_convert_to_follower(facts, plan)) {
        remember(plan, OVNHA_ROLE_BACKUP, ovnha_source_node(facts));
        tell_helper(facts, plan);
        ovnha_northd_stand_by(facts, plan);
    }
}

/* The helper publishes for a guarded copy; it is only revived here, also when it runs
 * and does not answer. */
static void keep_helper(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (ovnha_facts_guarded(facts) && facts->helper_runs != OVNHA_YES && !facts->probe) {
        helper(plan, OVNHA_STEP_START_HELPER, true);
    }
}

/* For a guarded backup the helper does it, who alone knows the record; and for an active,
 * if it is there. */
static bool helper_publishes(const struct ovnha_facts *facts)
{
    const enum ovnha_condition condition = ovnha_condition(facts);

    return ovnha_facts_guarded(facts) &&
           (condition == OVNHA_COPY_BACKUP ||
            (condition == OVNHA_COPY_ACTIVE && facts->helper_runs == OVNHA_YES));
}

/* A probe runs where Pacemaker has come back without what was published: the helper,
 * which has outlived it, cannot know. */
static void publish_if_changed(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const int score = ovnha_eligibility(facts).score;

    if (helper_publishes(facts)) {
        if (facts->probe && facts->helper_runs == OVNHA_YES) {
            tell_helper(facts, plan);
        }
        return;
    }
    if (!facts->memory.score_known || facts->memory.score != score || facts->probe) {
        publish(plan, score);
    }
}

/* A failure that may leave a server writable is one of the promoted role, so that
 * Pacemaker demotes before it stops. */
static void monitor_broken(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const bool promoted = facts->expected == OVNHA_ROLE_ACTIVE ||
                          facts->memory.role == OVNHA_ROLE_ACTIVE ||
                          (facts->probe && ovnha_condition_may_write(facts));
    char text[OVNHA_ERR_SIZE];

    ovnha_condition_explain(facts, text);
    publish_if_changed(facts, plan);
    ovnha_plan_end(plan, promoted ? OVNHA_OUTCOME_FAILED_PROMOTED : OVNHA_OUTCOME_FAILED,
                   "%s", text);
}

/* It is not disturbed: what it is busy with would begin anew elsewhere. */
static void monitor_busy(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const bool active = facts->memory.role == OVNHA_ROLE_ACTIVE;
    char text[OVNHA_ERR_SIZE];

    ovnha_condition_explain(facts, text);
    keep_helper(facts, plan);
    ovnha_plan_end(plan, active ? OVNHA_OUTCOME_PROMOTED : OVNHA_OUTCOME_SUCCESS, "%s",
                   text);
}

static void monitor_stopped(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    char text[OVNHA_ERR_SIZE];

    if (!facts->probe) {
        publish_if_changed(facts, plan);
        ovnha_condition_explain(facts, text);
    }
    ovnha_plan_end(plan, OVNHA_OUTCOME_STOPPED, "%s", facts->probe ? "" : text);
}

static void tolerate_all(struct ovnha_plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        plan->step[i].tolerated = true;
    }
}

/* What is open to clients is the one that the cluster has promoted, and no other. */
static bool is_to_serve(const struct ovnha_facts *facts)
{
    return facts->cluster.managed == OVNHA_YES && facts->expected != OVNHA_ROLE_BACKUP &&
           facts->cluster.promoted_known == OVNHA_YES &&
           strcmp(facts->cluster.promoted, facts->self) == 0;
}

/* Servers that another agent left running, or a person started, and that Pacemaker found
 * promoted: no generation, and so no replica in sync, until one is recorded.  Where there
 * is a record, it says nothing of a copy that somebody else made writable since. */
static void adopt(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (ovnha_facts_guarded(facts) && facts->helper_runs == OVNHA_YES &&
        !facts->recorded_active[0] && facts->lineage.known && facts->lineage.first &&
        facts->lineage.candidacy == OVNHA_MAY) {
        remember(plan, OVNHA_ROLE_ACTIVE, facts->self);
        helper(plan, OVNHA_STEP_ADOPT, true);
    }
}

/* And no repair can tell where it should be. */
static bool has_no_listener(const struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (!facts->server[i].replicas_open[0]) {
            return ovnha_source_listener_is_doubtful(facts);
        }
    }
    return false;
}

/* /run was cleared, or somebody started a server on another file: the helper takes this
 * copy for nobody's, and records nothing of who lacks what it acknowledges. */
static bool is_forgotten(const struct ovnha_facts *facts)
{
    return ovnha_facts_guarded(facts) && !facts->probe &&
           facts->memory.role == OVNHA_ROLE_UNKNOWN &&
           strcmp(facts->recorded_active, facts->self) == 0;
}

static void monitor_active(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const bool northd =
        !facts->settings.manage_northd || facts->northd == OVNHA_NORTHD_ACTIVE;

    if (is_forgotten(facts)) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_FAILED_PROMOTED,
                       "is active, and the record names this node, but what it remembers "
                       "of its promotion is gone: nobody records what replicas lack");
        return;
    }
    if (is_to_serve(facts)) {
        ovnha_convert_complete_active(facts, plan);
        tolerate_all(plan);
        adopt(facts, plan);
    }
    publish_if_changed(facts, plan);
    keep_helper(facts, plan);
    if (!northd && !facts->probe) {
        ovnha_plan_end(
            plan, OVNHA_OUTCOME_DEGRADED_PROMOTED,
            "ovn-northd is %s: the databases serve, but the Southbound one does "
            "not follow the Northbound one; see ovn-northd's log",
            ovnha_northd_status_to_str(facts->northd));
    } else if (has_no_listener(facts) && !facts->probe) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_DEGRADED_PROMOTED,
                       "serves, and no replica can follow: %s; mend that, or set "
                       "node_addresses",
                       facts->nodes_trouble);
    } else {
        ovnha_plan_end(plan, OVNHA_OUTCOME_PROMOTED, "%s", "");
    }
}

/* A copy that cannot replicate stays as it is, held: to connect would make it active. */
static void monitor_unfit(const struct ovnha_facts *facts, const char *why,
                          struct ovnha_plan *plan)
{
    publish_if_changed(facts, plan);
    keep_helper(facts, plan);
    ovnha_plan_end(plan, OVNHA_OUTCOME_DEGRADED,
                   "%s; replicas are upgraded first, the "
                   "active last",
                   why);
}

/* While addresses are in doubt, it may go on with whom it follows. */
static bool follow(const struct ovnha_facts *facts, const char *node,
                   struct ovnha_plan *plan)
{
    return ovnha_convert_to_follower(facts, plan) ||
           (ovnha_source_is_doubtful(facts) && ovnha_source_is_followed(facts) &&
            strcmp(facts->memory.promoted, node) == 0);
}

static void monitor_astray(const struct ovnha_facts *facts, const char *node,
                           struct ovnha_plan *plan)
{
    if (ovnha_source_is_doubtful(facts)) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_DEGRADED,
                       "cannot follow %s: %s; mend that, or set node_addresses", node,
                       facts->nodes_trouble);
    } else {
        ovnha_plan_end(plan, OVNHA_OUTCOME_DEGRADED,
                       "cannot follow %s: its address is not known; set node_addresses "
                       "or master_ip",
                       node);
    }
}

static void monitor_backup(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const char *node = ovnha_source_node(facts);
    char unfit[OVNHA_ERR_SIZE];
    bool follows = true;

    if (facts->expected == OVNHA_ROLE_ACTIVE) {
        publish(plan, OVNHA_SCORE_NEVER);
        ovnha_plan_end(
            plan, OVNHA_OUTCOME_FAILED_PROMOTED,
            "is a backup though promoted: it turned read-only without quorum, or "
            "somebody did it; the helper's lines in this node's log say which");
        return;
    }
    /* Left open by a demote that broke off, or opened by someone. */
    if (facts->cluster.managed == OVNHA_YES) {
        ovnha_convert_close(facts, plan);
        tolerate_all(plan);
    }
    ovnha_condition_unfit(facts, unfit);
    if (unfit[0]) {
        monitor_unfit(facts, unfit, plan);
        return;
    }
    if (facts->cluster.managed == OVNHA_YES && node[0]) {
        follows = follow(facts, node, plan);
        if (follows) {
            remember(plan, OVNHA_ROLE_BACKUP, node);
            ovnha_northd_stand_by(facts, plan);
        }
        tolerate_all(plan);
    }
    publish_if_changed(facts, plan);
    keep_helper(facts, plan);
    if (facts->memory.aside_full && !facts->probe) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_DEGRADED,
                       "cannot follow %s: this copy would have to be set aside, and too "
                       "many are that nobody salvaged; see 'ovnha salvage' on this node",
                       node[0] ? node : "anybody");
    } else if (!follows && !facts->probe && strcmp(node, facts->self) != 0) {
        monitor_astray(facts, node, plan);
    } else if (ovnha_northd_fails_to_stand_by(facts) && !facts->probe) {
        ovnha_plan_end(
            plan, OVNHA_OUTCOME_DEGRADED,
            "ovn-northd is %s: a promotion of this node would have to start it; "
            "see ovn-northd's log",
            ovnha_northd_status_to_str(facts->northd));
    }
}

/* For how long, the next monitor has to know. */
static void note_stall(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    bool changed = false;

    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        const struct ovnha_stall *then = &facts->memory.stall[i];

        changed = changed || then->pid || facts->server[i].stall.pid;
    }
    if (changed && !facts->probe) {
        ovnha_plan_add(plan, OVNHA_STEP_NOTE_STALL, 0)->tolerated = true;
    }
}

static void monitor_copy(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    note_stall(facts, plan);
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_STOPPED:
        monitor_stopped(facts, plan);
        return;
    case OVNHA_COPY_ACTIVE:
        monitor_active(facts, plan);
        return;
    case OVNHA_COPY_BACKUP:
        monitor_backup(facts, plan);
        return;
    case OVNHA_COPY_SILENT:
        if (ovnha_condition_is_busy(facts) && !facts->probe) {
            monitor_busy(facts, plan);
        } else {
            monitor_broken(facts, plan);
        }
        return;
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_MIXED:
    case OVNHA_COPY_SELF_PROMOTED:
        monitor_broken(facts, plan);
        return;
    }
}

static void decide_monitor(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    monitor_copy(facts, plan);
    if (facts->aside_pending) {
        ovnha_plan_add(plan, OVNHA_STEP_SETTLE_COPIES, 0)->tolerated = true;
    }
}

/* New parameters of a running copy.  What does not fit any more is repaired by
 * the next monitor, too: Pacemaker does not always run reload-agent. */
static void reload_helper(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (ovnha_facts_guarded(facts)) {
        helper(plan, OVNHA_STEP_START_HELPER, true); /* one with other parameters goes */
    }
}

static void decide_reload(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    switch (ovnha_condition(facts)) {
    case OVNHA_COPY_ACTIVE:
        ovnha_convert_complete_active(facts, plan);
        reload_helper(facts, plan);
        return;
    case OVNHA_COPY_BACKUP:
        if (ovnha_convert_to_follower(facts, plan)) {
            remember(plan, OVNHA_ROLE_BACKUP, ovnha_source_node(facts));
        }
        ovnha_northd_stand_by(facts, plan);
        reload_helper(facts, plan);
        return;
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_MIXED:
    case OVNHA_COPY_SELF_PROMOTED:
        refuse(facts, plan, OVNHA_OUTCOME_FAILED);
        return;
    }
}

/* Whoever serves goes on, whoever died comes back; anything else is for Pacemaker to put
 * right. */
static bool others_serve(const struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        const struct ovnha_server_facts *server = &facts->server[i];

        if (server->presence != OVNHA_PRESENCE_ABSENT &&
            server->sync.state != OVNHA_SYNC_ACTIVE) {
            return false;
        }
    }
    return true;
}

/* A file that somebody put there has the marker of a generation that lasts for months. */
static const char *find_replaced(const struct ovnha_facts *facts)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (facts->server[i].replaced) {
            return facts->settings.db[i].database->name;
        }
    }
    return NULL;
}

static void decide_restart(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    const enum ovnha_condition condition = ovnha_condition(facts);
    const bool died = condition == OVNHA_COPY_STOPPED || condition == OVNHA_COPY_PARTIAL;

    if (!died || !others_serve(facts) || !ovnha_facts_guarded(facts) ||
        facts->memory.role != OVNHA_ROLE_ACTIVE) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_FAILED,
                       "no active copy with a dead server: %s",
                       ovnha_condition_to_str(condition));
        return;
    }
    if (find_replaced(facts)) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_FAILED,
                       "%s: its file is not the one that this node held",
                       find_replaced(facts));
        return;
    }
    ovnha_convert_to_restarted(facts, plan);
}

/* A monitor that finds a server of the active dead, or a demote, lets the resident helper
 * deal with it first: what was acknowledged is in the dead one's file, and can be handed
 * over once it runs again.  An operation does so once. */
static bool recovery_comes_first(const struct ovnha_facts *facts)
{
    const bool asks = facts->action == OVNHA_MONITOR || facts->action == OVNHA_DEMOTE;

    return asks && !facts->recovery_awaited && ovnha_facts_guarded(facts) &&
           ovnha_recovery_is_due(facts);
}

/* Whether that is all there is to decide for now. */
static bool leave_it_to_recovery(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    if (facts->restart_under_way) {
        ovnha_plan_end(plan, OVNHA_OUTCOME_DEGRADED_PROMOTED,
                       "a server that has died is being started again in place");
        return true;
    }
    if (!recovery_comes_first(facts)) {
        return false;
    }
    helper(plan, OVNHA_STEP_AWAIT_RECOVERY, true);
    ovnha_plan_end(plan, OVNHA_OUTCOME_DECIDE_AGAIN, "%s", "");
    return true;
}

void ovnha_decide(const struct ovnha_facts *facts, struct ovnha_plan *plan)
{
    ovnha_plan_init(plan);
    if (leave_it_to_recovery(facts, plan)) {
        return;
    }
    note_doubts(facts, plan);
    switch (facts->action) {
    case OVNHA_START:
        decide_start(facts, plan);
        return;
    case OVNHA_STOP:
        decide_stop(facts, plan);
        return;
    case OVNHA_MONITOR:
        decide_monitor(facts, plan);
        return;
    case OVNHA_PROMOTE:
        decide_promote(facts, plan);
        return;
    case OVNHA_DEMOTE:
        decide_demote(facts, plan);
        return;
    case OVNHA_POST_PROMOTE:
        decide_post_promote(facts, plan);
        return;
    case OVNHA_RELOAD:
        decide_reload(facts, plan);
        return;
    case OVNHA_KEEP_NORTHD:
        ovnha_northd_keep(facts, plan);
        return;
    case OVNHA_RESTART:
        decide_restart(facts, plan);
        return;
    }
}
