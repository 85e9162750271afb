/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_FACTS_H
#define OVNHA_FACTS_H

#include <stdbool.h>

#include <ovnha/daemon.h>
#include <ovnha/database.h>
#include <ovnha/endpoint.h>
#include <ovnha/stall.h>
#include <ovnha/sync_status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Everything that a decision may look at, gathered once, read-only.
 *
 * Unknown is a value of its own everywhere: what could not be learnt is never
 * taken for its most convenient answer. */

#define OVNHA_NODE_SIZE 256 /* a node's name; DNS names end at 253 */
#define OVNHA_NODES_MAX 32

enum ovnha_tristate { OVNHA_UNKNOWN, OVNHA_NO, OVNHA_YES };

enum ovnha_role {
    OVNHA_ROLE_UNKNOWN,
    OVNHA_ROLE_STOPPED,
    OVNHA_ROLE_BACKUP,
    OVNHA_ROLE_ACTIVE
};

enum ovnha_action {
    OVNHA_START,
    OVNHA_STOP,
    OVNHA_MONITOR,
    OVNHA_PROMOTE,
    OVNHA_DEMOTE,
    OVNHA_POST_PROMOTE, /* the notification that someone has been promoted */
    OVNHA_RELOAD,
    OVNHA_KEEP_NORTHD, /* the resident helper's: northd alone, where it has ended or hangs
                        */
    OVNHA_RESTART,     /* of the active's dead servers, in place: nobody called for it */
};

/* How ovn-northd waits on a node that is not the active. */
enum ovnha_northd_standby {
    OVNHA_STANDBY_AUTO, /* hot, unless it was found to cost too much here */
    OVNHA_STANDBY_HOT,  /* it runs, paused, and follows the local databases */
    OVNHA_STANDBY_COLD, /* it does not run */
};

/* What is done when a server of the active has died (recovery.h). */
enum ovnha_on_crash {
    OVNHA_ON_CRASH_AUTO,
    OVNHA_ON_CRASH_MOVE,
    OVNHA_ON_CRASH_RESTART,
};

/* What the user configured, as far as decisions go. */
struct ovnha_db_settings {
    const struct ovnha_database *database;
    enum ovnha_protocol protocol;
    uint16_t port;             /* clients reach the promoted node at master_ip:port */
    uint16_t replication_port; /* replicas reach it at its own address */
};

struct ovnha_settings {
    char resource[OVNHA_NODE_SIZE]; /* without an instance number; owns our rows */
    size_t n_dbs;
    struct ovnha_db_settings db[OVNHA_DB_MAX];
    char master_ip[OVNHA_ADDR_SIZE]; /* canonical, or "" */
    bool listen_on_master_ip_only;
    bool manage_northd;
    enum ovnha_northd_standby northd_standby;
    bool guard; /* promotions follow the record; the resident helper keeps it */
    enum ovnha_on_crash on_crash;
    int client_probe_ms;  /* of our listener row; 0 is off */
    int replica_probe_ms; /* replica's probe of its source, and our replication row's */
    char hold[OVNHA_METHOD_SIZE]; /* the source that never answers */
};

struct ovnha_server_facts {
    enum ovnha_presence presence;
    pid_t pid; /* 0: not known */
    bool stale_pidfile;
    bool restarting; /* it is dead, and `pid` (--monitor) may start it again */
    bool answered;   /* the control socket replied; `sync` and the remotes are known */
    bool hung_up;    /* ... or it let go of that just now: it may be about to die */
    enum ovnha_stall_verdict stalled; /* of one that runs and did not answer */
    struct ovnha_stall stall;         /* ... and what that is known by */
    struct ovnha_sync_status sync;
    bool clients_open;                     /* the `db:` remote is there */
    char replicas_open[OVNHA_METHOD_SIZE]; /* the replication remote, or "" */
    enum ovnha_tristate rows_in_place; /* our rows; looked at on an active server only */
    /* Why its schema keeps it from replicating from where it should and does not yet; ""
     * when it does not, or nobody looked. */
    char unfit[256];
    bool replaced; /* its file is not the one that this node held; looked at for a restart
                    */
    char trouble[OVNHA_ERR_SIZE]; /* why something above is unknown, or "" */
};

/* Whether this copy may be promoted, by the record (candidacy.h). */
enum ovnha_candidacy {
    OVNHA_MAY_NOT,   /* it is not good enough; another has to do */
    OVNHA_MUST_WAIT, /* for nodes, or for quorum */
    OVNHA_MAY,
};

struct ovnha_lineage_facts {
    bool known; /* the helper was asked, and answered */
    enum ovnha_candidacy candidacy;
    bool preferred; /* was the active of the newest record */
    bool first;     /* nobody has a record: this would be the first generation */
    char reason[256];
};

enum ovnha_northd_status {
    OVNHA_NORTHD_UNKNOWN,
    OVNHA_NORTHD_ABSENT,
    OVNHA_NORTHD_SILENT, /* runs and does not answer */
    OVNHA_NORTHD_ACTIVE,
    OVNHA_NORTHD_STANDBY,
    OVNHA_NORTHD_PAUSED,
};

/* What this node last did on purpose; gone with a reboot, as is what it did. */
struct ovnha_memory {
    enum ovnha_role role;
    char promoted[OVNHA_NODE_SIZE]; /* who was promoted when we last heard, or "" */
    bool score_known;
    int score; /* last published */
    /* As a backup: the source it was told to follow.  As the active: where it
     * was told to listen for replicas.  "" when it was told neither. */
    char remote[OVNHA_DB_MAX][OVNHA_METHOD_SIZE];
    int probe_ms;                /* replica_probe_ms then; -1 unknown */
    bool northd;                 /* it has started ovn-northd, and not stopped it since */
    bool northd_paused;          /* ... and has it paused */
    enum ovnha_tristate guarded; /* NO: there is no corosync here to guard with */
    /* Databases (a bit each, by index) that were not told to follow: there was no room to
     * set their copies aside. */
    unsigned aside_full;
    struct ovnha_stall stall[OVNHA_DB_MAX]; /* of servers that did not answer a monitor */
};

struct ovnha_node {
    char name[OVNHA_NODE_SIZE];
    char addr[OVNHA_ADDR_SIZE]; /* canonical; "" when unknown */
};

struct ovnha_cluster_facts {
    bool asked; /* false: the two below are UNKNOWN because nobody asked */
    enum ovnha_tristate managed; /* NO: unmanaged or in maintenance */
    enum ovnha_tristate promoted_known;
    char promoted[OVNHA_NODE_SIZE]; /* "" with promoted_known YES: nobody is */
};

struct ovnha_facts {
    enum ovnha_action action;
    /* The resident helper has been let deal with what has died, in this operation ... */
    bool recovery_awaited;
    /* ... or by itself, and has not done so yet: nothing below was looked at. */
    bool restart_under_way;
    bool unnotified;          /* nobody tells us who was promoted */
    bool probe;               /* a monitor that only looks what is there */
    enum ovnha_role expected; /* the role the operation is for, if it says so */
    char self[OVNHA_NODE_SIZE];
    char promoting[OVNHA_NODE_SIZE]; /* who is being or was just promoted, or "" */

    struct ovnha_settings settings;
    struct ovnha_server_facts server[OVNHA_DB_MAX];
    enum ovnha_northd_status northd;
    bool northd_costly; /* this version of it costs too much here while it is paused */
    struct ovnha_memory memory;

    bool nodes_known; /* corosync's node list, or node_addresses, was read */
    /* Why it could not be read, though there is one; "" also where there is no corosync
     * (a bundle, Pacemaker Remote). */
    char nodes_trouble[OVNHA_ERR_SIZE];
    size_t n_nodes;
    struct ovnha_node node[OVNHA_NODES_MAX];

    struct ovnha_cluster_facts cluster;
    enum ovnha_tristate helper_runs;
    char recorded_active[OVNHA_NODE_SIZE]; /* the active by the record; "": not known */
    struct ovnha_lineage_facts lineage;
    bool aside_pending; /* it is not settled what becomes of copies that were overwritten
                         */
};

/* Whether promotions of this copy follow the record. */
bool ovnha_facts_guarded(const struct ovnha_facts *facts);

/* Whether some server has a remote that only an active one may have. */
bool ovnha_facts_listens(const struct ovnha_facts *facts);

/* Whether northd is to wait hot while this node is a backup. */
bool ovnha_facts_northd_waits_hot(const struct ovnha_facts *facts);

/* Servers that do not answer may not have answered before, either: they have been silent
 * since then. */
void ovnha_facts_resume_stalls(struct ovnha_facts *facts,
                               const struct ovnha_stall *before, ovnha_msec now);

/* What else the decision needs, given what is known so far: with the nodes known, it may
 * be more. */
enum ovnha_want { OVNHA_WANT_NODES = 1, OVNHA_WANT_CLUSTER = 2, OVNHA_WANT_LINEAGE = 4 };
unsigned ovnha_facts_wanted(const struct ovnha_facts *facts);

/* Whether the schemas of database `i` here and at `method`, its source to be, are to be
 * compared before a decision. */
bool ovnha_facts_wants_schema(const struct ovnha_facts *facts, size_t i,
                              char method[OVNHA_METHOD_SIZE]);

/* Whether to look for copies that were overwritten: the resident helper's business, and
 * where there is none, a monitor's. */
bool ovnha_facts_wants_aside(const struct ovnha_facts *facts);

const char *ovnha_role_to_str(enum ovnha_role role);
const char *ovnha_action_to_str(enum ovnha_action action);
const char *ovnha_northd_status_to_str(enum ovnha_northd_status status);
const char *ovnha_northd_standby_to_str(enum ovnha_northd_standby standby);
const char *ovnha_on_crash_to_str(enum ovnha_on_crash on_crash);
const char *ovnha_tristate_to_str(enum ovnha_tristate value);

#ifdef __cplusplus
}
#endif

#endif
