/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_ENV_H
#define OVNHA_AGENT_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/deadline.h>
#include <ovnha/facts.h>

/* How this agent was called: the only place that reads the environment, and it
 * does so once. */

/* What to use when Pacemaker did not say (ocf-tester, a call by hand). */
#define OVNHA_TIMEOUT_DEFAULT_MS 20000

/* A list of whole node names; nobody ever searches a name in a longer text. */
struct ovnha_names {
    size_t n;
    char **name;
};

bool ovnha_names_contain(const struct ovnha_names *names, const char *name);

enum ovnha_notify_type { OVNHA_NOTIFY_NONE, OVNHA_NOTIFY_PRE, OVNHA_NOTIFY_POST };

struct ovnha_notification {
    enum ovnha_notify_type type;
    const char *operation; /* "start", "stop", "promote", "demote", or "" */

    /* Nodes as of before the operation ... */
    struct ovnha_names promoted;
    struct ovnha_names unpromoted;
    struct ovnha_names active;
    struct ovnha_names inactive;
    /* ... and those that it is about. */
    struct ovnha_names promote;
    struct ovnha_names demote;
    struct ovnha_names start;
    struct ovnha_names stop;
};

/* The texts point into the environment; "" where nothing was said. */
struct ovnha_invocation {
    const char *action;             /* argv[1], or "" */
    char resource[OVNHA_NODE_SIZE]; /* without the ":N" of an anonymous clone */
    ovnha_msec timeout_ms;
    ovnha_msec interval_ms;   /* -1: not said */
    enum ovnha_role expected; /* the role the operation is for */
    bool unnotified;  /* the clone's notify is off: nobody tells us of promotions */
    bool is_probe;    /* monitor that only looks what is there: without an interval */
    int check_level;  /* 0, 10 or 20 */
    const char *node; /* this node; the host's name when not said */
    const char *attribute_node; /* whose attributes and score to set: the host of
                                 * a bundle when the resource asks for it */
    const char *exit_reason_prefix;
    const char *log_facility;
    const char *log_file;    /* Pacemaker's detail log */
    const char *helper;      /* the program ovnha-helper */
    const char *module;      /* ovnha_cluster.so (cluster_module.h) */
    const char *durable_dir; /* where the record is kept; must survive a reboot */
    const char *state_dir;   /* where memory is kept; a reboot must empty it */
    bool debug;              /* PCMK_debug, or HA_debug, or traced */
    bool traced;             /* OCF_TRACE_RA, or the parameter trace_ra */
    const char *trace_file;  /* where to, or "": a file of its own in ... */
    const char *trace_dir;
    struct ovnha_notification notify;
};

/* The value of an environment variable, or NULL. */
typedef const char *ovnha_env_get(const char *name, void *aux);

/* Never fails: what makes no sense counts as not said, and an action that must
 * succeed (stop, notify) can.  ovnha_invocation_clear() frees the lists. */
void ovnha_invocation_read(int argc, char *argv[], ovnha_env_get *get, void *aux,
                           struct ovnha_invocation *invocation);
void ovnha_invocation_clear(struct ovnha_invocation *invocation);

/* The real environment: a variable by its name, and a parameter of the resource
 * by its own (an ovnha_params_get). */
const char *ovnha_env_variable(const char *name, void *aux);
const char *ovnha_env_parameter(const char *name, void *aux);

/* The directories, for whoever is called otherwise than as an agent, too: where the
 * record is kept and must survive a reboot, and where memory is and must not. */
const char *ovnha_env_durable_dir(ovnha_env_get *get, void *aux);
const char *ovnha_env_state_dir(ovnha_env_get *get, void *aux);

/* "20000", "20s", "2min" in milliseconds; -1 for anything else.  A bare number
 * is milliseconds, as Pacemaker passes it. */
ovnha_msec ovnha_interval_parse(const char *text);

#endif
