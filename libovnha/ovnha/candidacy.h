/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CANDIDACY_H
#define OVNHA_CANDIDACY_H

#include <ovnha/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who may be promoted, by the record: the whole rule, pure.
 *
 * A node may be promoted when (1) the cluster is quorate, (2) the newest record
 * that can exist is among those it has heard, (3) it is in that record's in-sync
 * set, and (4) its copy carries the record's marker in every database.  The marker of a
 * promotion that broke off names the record's generation as its parent, and is as good.
 * A file that somebody put in the place of this node's own may carry any marker.
 *
 * (2) is what a cold start is about.  Every revision was kept by the node that made
 * it, and that node was in sync with the revision before.  So the newest record is
 * heard when everyone has reported who is in sync or leaving in the newest one
 * heard; or when a majority of the configured nodes has, since a record's leaving
 * members are struck out only after a majority keeps it; or when this node has
 * lived through it: it was confirmed in the current revision's set and has not
 * lost quorum since.  A node that reports no record where others have one has lost
 * its disk, and with it what it knew: it counts as not heard.  So does one whose record
 * cannot be read, also where nobody has one: it may be the only one there is. */

#define OVNHA_CONTENT_SIZE    48
#define OVNHA_UNREADABLE_SIZE 128

/* What one node that is present says of itself. */
struct ovnha_report {
    char node[OVNHA_NODE_SIZE];
    struct ovnha_record record;             /* of its own file; none when it has none */
    char unreadable[OVNHA_UNREADABLE_SIZE]; /* that file, when it is there and cannot be
                                             * understood; else "" */
    bool populated; /* its databases hold rows of their own; looked at while there is
                     * no record */
    char content[OVNHA_CONTENT_SIZE]; /* which: the same text for the same rows */
    /* Its host has not lost power since its copy was confirmed, or opened: nothing
     * that the copy held can be missing.  Syncs to disk come once a second. */
    bool unbroken;
    bool candidate; /* it says that it may be promoted itself, and nothing bars it */
};

struct ovnha_copy_marks {
    char generation[OVNHA_UUID_SIZE]; /* "": no marker */
    char parent[OVNHA_UUID_SIZE];     /* of that generation, from the same marker */
    char attachment[OVNHA_UUID_SIZE]; /* this node's confirmation token, or "" */
    char barrier[OVNHA_UUID_SIZE];    /* the last barrier it holds, or "" */
};

struct ovnha_candidacy_facts {
    char self[OVNHA_NODE_SIZE];
    enum ovnha_tristate quorate;
    size_t n_configured; /* nodes that may run the resource */
    char configured[OVNHA_NODES_MAX][OVNHA_NODE_SIZE];
    size_t n_reports; /* this node's own is one of them */
    struct ovnha_report report[OVNHA_NODES_MAX];
    struct ovnha_record shared; /* the CIB's; none when there is none */
    /* Before there is a record: who was the active under the agent that comes with OVN,
     * by its note in the CIB (OVN_REPL_INFO), or "". */
    char former_active[OVNHA_NODE_SIZE];
    bool lived_through;
    char withdrawn[OVNHA_UUID_SIZE]; /* the attachment by which this copy must not be
                                      * promoted any more (withdrawal.h), or "" */
    bool marks_known;                /* the own databases could be read */
    bool replaced; /* ... but are not what this node held: a restored file */
    size_t n_dbs;
    struct ovnha_copy_marks marks[OVNHA_DB_MAX];
};

struct ovnha_candidacy_verdict {
    enum ovnha_candidacy candidacy;
    bool preferred; /* nobody who has reported is a better choice */
    bool first;     /* no history: this would be the first generation */
    size_t n_awaited;
    char awaited[OVNHA_NODES_MAX][OVNHA_NODE_SIZE];
    char reason[256];
};

/* The newest record among the reports and the shared one.  Several of one generation that
 * claim the same place are merged (ovnha_record_merge()); false when two of different
 * ones do: history split.  A record that does not exist is older than any. */
bool ovnha_candidacy_newest(const struct ovnha_candidacy_facts *facts,
                            struct ovnha_record *newest);

/* The highest counter among them: what the next attempt has to be above. */
uint64_t ovnha_candidacy_counter(const struct ovnha_candidacy_facts *facts);

/* Of several that may be promoted, an unbroken copy comes before one that may have lost
 * the tail of its file: as long as such a one is a candidate, the other is none, whatever
 * a cluster's constraints prefer.  Then the active's comes, which had everything first;
 * that is only a preference. */
void ovnha_candidacy(const struct ovnha_candidacy_facts *facts,
                     struct ovnha_candidacy_verdict *verdict);

const char *ovnha_candidacy_to_str(enum ovnha_candidacy candidacy);

#ifdef __cplusplus
}
#endif

#endif
