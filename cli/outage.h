/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_OUTAGE_H
#define OVNHA_CLI_OUTAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include <ovnha/database.h>

#include "cluster.h"

/* How long a client could not write: measured by one that tries to, all the time.
 *
 * It runs a transaction against a database at the address for clients, over and over: an
 * update of the root table where the row's UUID is one that no row has.  A server that is
 * read-only refuses that, as any update; one that serves does it, and changes nothing.
 * Each attempt has 0.3 s; after a failure it connects anew.
 *
 * The outage is the longest time from one success to the next.  It has the way there and
 * back in it, and a client's wait before it tries again: a client with more patience than
 * this sees more.  Over TLS each attempt is a run of ovsdb-client. */

struct ovnha_cli_outage {
    const struct ovnha_database *database;
    char method[300]; /* where it tries: "tcp:192.0.2.10:6641" */
    int to, from;     /* its end of two pipes; private */
    pid_t pid;
};

/* What it has seen. */
struct ovnha_cli_outage_result {
    long successes;
    long longest_ms; /* -1: never twice a success */
    bool at_last;    /* the last attempt succeeded */
    bool stopped;    /* nobody has waited for it */
};

/* Begins; false when that cannot be.  To be ended, which also waits for a last success,
 * at most `patience_ms`, and until `stop_fd` can be read (0: there is none). */
bool ovnha_cli_outage_begin(const struct ovnha_cli_cluster *cluster,
                            const struct ovnha_database *database,
                            struct ovnha_cli_outage *outage);
void ovnha_cli_outage_end(struct ovnha_cli_outage *outage, int patience_ms, int stop_fd,
                          struct ovnha_cli_outage_result *result);

/* Where clients find the database, at the virtual address. */
bool ovnha_cli_client_method(const struct ovnha_cli_cluster *cluster,
                             const struct ovnha_database *database, char method[300]);

#endif
