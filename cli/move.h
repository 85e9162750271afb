/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_MOVE_H
#define OVNHA_CLI_MOVE_H

#include <stdbool.h>

#include "cluster.h"

/* A role that moves, seen from outside: pure.  Pacemaker is told by one location
 * constraint of our own where the role is to be, and does the rest; this says what its
 * view, read again and again, means. */

/* The constraint.  Its id is from the databases' clone, so that there is one at a time;
 * its rule's id is the move's own, from `who`, so that nobody removes another's. */
#define OVNHA_CLI_MOVE_ID_SIZE    300
#define OVNHA_CLI_MOVE_RULE_SIZE  600
#define OVNHA_CLI_MOVE_XML_SIZE   3000
#define OVNHA_CLI_MOVE_XPATH_SIZE 1000

struct ovnha_cli_move_ids {
    char constraint[OVNHA_CLI_MOVE_ID_SIZE];
    char rule[OVNHA_CLI_MOVE_RULE_SIZE];
};

/* False when a name cannot be one of Pacemaker's. */
bool ovnha_cli_move_ids(const struct ovnha_cli_cluster *cluster, const char *who,
                        struct ovnha_cli_move_ids *ids);

/* Its text for `cibadmin`.  The rule ends by itself at `until` ("2026-11-21 16:58:40Z"),
 * should nobody be left to remove it. */
bool ovnha_cli_move_xml(const struct ovnha_cli_cluster *cluster,
                        const struct ovnha_cli_move_ids *ids, const char *node,
                        const char *until, char xml[OVNHA_CLI_MOVE_XML_SIZE]);

/* What finds it, and no other, in the CIB. */
void ovnha_cli_move_xpath(const char *constraint, const char *rule,
                          char xpath[OVNHA_CLI_MOVE_XPATH_SIZE]);

/* A move's constraint that is there; NULL.  It may have expired. */
const struct ovnha_cli_location *
ovnha_cli_move_of(const struct ovnha_cli_cluster *cluster);

enum ovnha_cli_move_state {
    OVNHA_CLI_MOVING,
    OVNHA_CLI_MOVED,   /* role and followers are there, all servers that were up are, and
                        * nothing but scores holds the role there */
    OVNHA_CLI_STRAYED, /* it will not come to that by itself */
};

/* What `now` says of a move to `to` that began with `before`.  `why`: what is waited for,
 * or what has gone wrong. */
enum ovnha_cli_move_state ovnha_cli_move_judge(const struct ovnha_cli_cluster *before,
                                               const struct ovnha_cli_cluster *now,
                                               const char *to, char why[300]);

/* What has happened from one view to the next, a line each. */
void ovnha_cli_move_events(const struct ovnha_cli_cluster *earlier,
                           const struct ovnha_cli_cluster *now,
                           void (*say)(void *cookie, const char *line), void *cookie);

#endif
