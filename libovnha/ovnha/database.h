/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_DATABASE_H
#define OVNHA_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The databases this project can run: one row each, nothing about a particular
 * database is written anywhere else.  A resource uses the rows it names (NB and
 * SB today); another standalone OVSDB schema is one more row. */

#define OVNHA_DB_MAX 4

struct ovnha_database {
    const char *name;          /* short name in texts and parameters: "nb" */
    const char *schema;        /* "OVN_Northbound" */
    const char *root_table;    /* the table with exactly one row: "NB_Global" */
    const char *marker_column; /* map column of the root table that is ours to add
                                * keys to, replicated in commit order */
    const char *connections;   /* column of the root table that names the rows of
                                * table Connection */
    /* Tables whose rows clients make, ended by NULL; none where all is derived.  They
     * tell an empty copy from one that somebody would miss. */
    const char *content[8];
    /* Tables that people fill, ended by NULL; none where that is all of them. */
    const char *client_tables[4];
    const char *derived_columns[16]; /* "TABLE.COLUMN" that daemons fill all the same */
    const char *client_tool;         /* "ovn-nbctl" */
    const char *basename;            /* of its files: "ovnnb_db" (.sock .pid .ctl .db) */
    const char *start_verb;          /* ovn-ctl: "start_nb_ovsdb" */
    const char *stop_verb;
    const char *option;        /* infix of ovn-ctl's options: "nb" */
    uint16_t client_port;      /* 6641; IANA, ovn-nb(5) */
    uint16_t replication_port; /* 6643; what OVN's firewall rules open between
                                * central nodes (ovn-ctl(8), clustered NB) */
};

/* The table, and the row for a short name or NULL. */
extern const struct ovnha_database ovnha_databases[];
extern const size_t ovnha_n_databases;
const struct ovnha_database *ovnha_database_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
