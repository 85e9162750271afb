/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_COMMON_H
#define OVNHA_CLI_COMMON_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/database.h>
#include <ovnha/err.h>
#include <ovnha/record.h>

/* What the commands of `ovnha` share.  Each has a file of its own, and a line in the
 * table of ovnha.c; each returns an exit code and has said on stderr what is wrong. */

/* What monitoring plugins understand. */
enum { EXIT_OK, EXIT_WARNING, EXIT_CRITICAL, EXIT_UNKNOWN };

#define OVNHA_CLI_LOGS_MAX 32

/* The command line, the command's own name left out. */
struct ovnha_cli {
    const char *resource; /* NULL: the only one of this node */
    bool yes;
    bool json;
    bool all;          /* what daemons fill, too */
    bool done;         /* somebody has seen to these copies */
    const char *to;    /* where a backup goes; NULL: its usual place */
    const char *since; /* how far back; NULL: the last one */
    const char *svg;   /* the file for a picture, or NULL */
    const char *cib;   /* a file in the place of the live CIB, or NULL */
    bool list;         /* say what there is, and do nothing */
    size_t n_logs;     /* logs of other nodes */
    const char *log[OVNHA_CLI_LOGS_MAX];
    bool watch;         /* again and again */
    const char *listen; /* "[ADDRESS:]PORT", or NULL */
    bool is_public;     /* ... where others reach it, too */
    bool dry_run;       /* only say what would be done */
    bool force;         /* in spite of what is refused */
    long timeout_ms;    /* how long to wait; 0: the command's own */
    char **operand;
    size_t n_operands;
};

int ovnha_cli_status(const struct ovnha_cli *cli);
int ovnha_cli_metrics(const struct ovnha_cli *cli);
int ovnha_cli_accept_loss(const struct ovnha_cli *cli);
int ovnha_cli_salvage(const struct ovnha_cli *cli);

/* How many copies of a resource are set aside that nobody has salvaged. */
size_t ovnha_cli_set_aside(const char *resource);
int ovnha_cli_backup(const struct ovnha_cli *cli);
int ovnha_cli_restore(const struct ovnha_cli *cli);
int ovnha_cli_timeline(const struct ovnha_cli *cli);
int ovnha_cli_doctor(const struct ovnha_cli *cli);
int ovnha_cli_switchover(const struct ovnha_cli *cli);
int ovnha_cli_maintenance(const struct ovnha_cli *cli);
int ovnha_cli_promote(const struct ovnha_cli *cli);
int ovnha_cli_demote(const struct ovnha_cli *cli);

/* Whether the command was given no words that it does not know. */
bool ovnha_cli_no_operands(const struct ovnha_cli *cli, const char *command);

/* The agent's directories, as it honours them: what a reboot empties, and what it does
 * not.
 */
const char *ovnha_cli_state_dir(void);
const char *ovnha_cli_durable_dir(void);

/* How many resources have `file` in their own part of `directory`; `name`: one of them.
 */
size_t ovnha_cli_find_resources(const char *directory, const char *file,
                                char name[OVNHA_NODE_SIZE]);

/* A file as text, "-" for standard input; NULL, with errno, when it cannot be read;
 * free().
 */
char *ovnha_cli_read_text(const char *path);

/* The only one that has a helper on this node. */
enum ovnha_result ovnha_cli_find_resource(char name[OVNHA_NODE_SIZE],
                                          struct ovnha_err *err) OVNHA_MUST_USE;

/* The resource that was named, or the only one that has a helper on this node. */
bool ovnha_cli_choose_resource(const struct ovnha_cli *cli, char name[OVNHA_NODE_SIZE]);

/* Whether the path is there, and closed to whoever runs this.  With Pacemaker a member of
 * haclient may do the same as root; what is on this node alone is root's. */
bool ovnha_cli_takes_root(const char *path);

/* What this node's helper answers; free(*reply). */
enum ovnha_result ovnha_cli_ask(const char *resource, const char *method, char **reply,
                                struct ovnha_err *err) OVNHA_MUST_USE;

#define OVNHA_CLI_PATH_SIZE 4096

struct ovnha_cli_server {
    const struct ovnha_database *database;
    char socket[OVNHA_CLI_PATH_SIZE]; /* "unix:PATH" */
};

/* What this node's helper says about itself. */
struct ovnha_cli_site {
    char resource[OVNHA_NODE_SIZE];
    char node[OVNHA_NODE_SIZE];
    struct ovnha_record record;
    bool serving;                      /* this node is the active */
    bool in_sync;                      /* its copy may be promoted, so it is whole ... */
    char reason[256];                  /* ... or why not */
    char backups[OVNHA_CLI_PATH_SIZE]; /* the directory in which backups are kept */
    size_t n_servers;
    struct ovnha_cli_server server[OVNHA_DB_MAX];
};

/* False, and said why, when that is not known. */
bool ovnha_cli_look(const struct ovnha_cli *cli, struct ovnha_cli_site *site);

#endif
