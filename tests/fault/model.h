/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_MODEL_H
#define TESTS_FAULT_MODEL_H

#include <ovnha/plan_run.h>

/* The servers of one node in memory: as much of them as plans change, and no
 * more.  A step does here what agent/execute.c does to the real ones. */

enum process { GONE, UP, HUNG, FOREIGN };

struct model_server {
    enum process process;
    bool stale_pidfile;
    bool active;
    bool linked; /* a backup's session with its source */
    bool rows;
    bool clients;
    char source[OVNHA_METHOD_SIZE];
    char replicas[OVNHA_METHOD_SIZE];
};

/* Without padding that counts: two worlds are compared as bytes. */
struct world {
    struct model_server server[2];
    enum ovnha_northd_status northd;
    int score;            /* as the cluster has it */
    const char *promoted; /* the same, throughout */
    struct ovnha_memory memory;
};

/* How the step that is to fail does so. */
enum fault {
    FAULT_WITHOUT_EFFECT,
    FAULT_AFTER_EFFECT,
    FAULT_HANG, /* the server it is about answers nothing from now on */
    FAULT_DIE,
    FAULTS_N,
};

#define RUN_STEPS_MAX 96

/* One run of a plan: which of its steps fails, and what came of all of them. */
struct run {
    struct world *world;
    const struct ovnha_facts *facts;
    int fail_at;   /* from 0; -1: none */
    int fail_also; /* a later one, which never has an effect; -1: none */
    enum fault fault;
    bool handed_over;
    int n; /* steps so far, failure steps included */
    struct ovnha_step step[RUN_STEPS_MAX];
    enum ovnha_result result[RUN_STEPS_MAX];
};

/* What the agent would gather; settings, self, action and who asks are in
 * `facts` already.  Nodes and cluster only as far as they are wanted; nodes not where it
 * is `blind`. */
void model_gather(const struct world *world, enum ovnha_tristate managed, bool blind,
                  struct ovnha_facts *facts);

/* For ovnha_plan_run(); `aux` is the run. */
ovnha_steps_run model_steps;
ovnha_step_done model_step_done;

/* The end of every fault: what hung answers again. */
void model_clear(struct world *world);

#endif
