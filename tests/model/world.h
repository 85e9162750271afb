/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TESTS_MODEL_WORLD_H
#define OVNHA_TESTS_MODEL_WORLD_H

#include "rule.h"

/* The world in which the rule has to hold: up to three hosts, each with a power
 * switch, a membership, a copy of the data (in memory and as far as it is on disk), a
 * record file and a helper's knowledge; the CIB; a network that may be cut.  One step
 * is one event, see `enum event`.
 *
 * One write is followed, made at any moment, acknowledged at once.  Others need not
 * be told apart from it: no decision looks at them.  It becomes *protected* at the
 * first moment at which it is held, on disk, by every member in force, where those in
 * force are the members of the active's record, and those that an older revision
 * names until a newer one counts.  A record counts when a majority of the hosts keeps
 * it in a file; of two hosts, when the other one does, or is not a member and off or
 * fenced.  So what is not protected is the window: not yet replicated to a member,
 * not yet on its disk, or acknowledged with a member gone and not yet out. */

enum role { BACKUP, JUDGED, ATTEMPTED, MARKED, OPENED, ACTIVE };

#define QUEUE_MAX 3

struct copy {
    uint8_t write, marker, parent;
    uint8_t token[HOSTS_MAX]; /* a key per replica */
};

struct host {
    record_id file;
    record_id base, seen; /* of a judgement: the newest record, and the CIB's */
    uint8_t heard;        /* then: the highest counter */
    uint8_t on, role;
    uint8_t met;                /* all hosts since it booted: wait_for_all */
    uint8_t lived;              /* lived_through, as the rule has it */
    uint8_t unbroken;           /* no power loss since its copy was confirmed */
    uint8_t dazed;              /* lost quorum and has not demoted itself yet */
    uint8_t unclean;            /* its peer is away, and nobody fenced it (two hosts) */
    uint8_t source;             /* 1 + the host it replicates from */
    uint8_t loaded;             /* 0 in mid-reset: what it had is gone */
    uint8_t attached;           /* the attachment id of its session */
    uint8_t said;               /* the token it told to have read back */
    uint8_t force;              /* as the active: who is in force */
    uint8_t session[HOSTS_MAX]; /* as the active: the attachments it knows */
    struct copy memory, disk;
    uint8_t queue[QUEUE_MAX]; /* committed by the source, not yet here */
};

struct world {
    struct host host[HOSTS_MAX];
    record_id cib[2];                  /* [1] on the cut-off side */
    uint8_t cut_off;                   /* 1 + host, 0: the network is whole */
    uint8_t written, protected_, kept; /* kept: by memory, not by disks */
    uint8_t tail[HOSTS_MAX];           /* the tokens that were written before it */
    uint8_t blanked, faults;
};

enum mutation {
    NO_MUTATION,
    NO_TOKEN_CHECK,
    NO_MARKER_CHECK,
    NO_WAITING,        /* rule 2 always holds */
    NO_LEAVING,        /* who leaves is struck out at once */
    OBEY_LOWER,        /* the CIB's record wins over a newer file */
    LISTEN_EARLY,      /* before enough nodes keep the opened record */
    JOIN_BY_STATUS,    /* without reading a token back */
    CIB_FIRST,         /* the CIB has a record before its maker's file does */
    JOIN_LATE,         /* a confirmation of an earlier attachment counts */
    NO_FILE,           /* the CIB alone holds the record */
    ABSENT_IS_OFF,     /* two hosts: a peer that cannot be seen counts as off */
    MARKER_NOT_SYNCED, /* open is recorded before the marker is on disk */
    NO_PARENT,         /* a broken-off attempt's marker does not say whose child it is */
    OPEN_UNPROMISED,   /* before enough nodes keep the attempt */
    TRUST_BLANK,       /* a new disk takes any record, and its host is heard */
    BREAK_PROMISE,     /* keep any newer record */
    POWER_IS_NO_RANK,  /* a copy that kept its power outranks nobody */
    N_MUTATIONS
};

struct config {
    const char *name;
    unsigned n;
    bool wait_for_all, cuts, blanks;
    bool blind_swap; /* the CIB takes any record, whatever it held */
    bool lost_cib;   /* the CIB may come back older, or empty */
    unsigned faults; /* at most; 0: any number */
    enum mutation mutation;
};

enum event {
    WRITE,
    REPLICATE,
    ATTACH,
    LOAD,
    TOKEN,
    SAY,
    JOIN,
    NOTICE,
    LEAVE,
    SETTLE,
    HEAR,
    REWRITE,
    SYNC,
    POWER_OFF,
    BLACKOUT,
    BOOT,
    CRASH,
    CUT,
    HEAL,
    BEGIN,
    ATTEMPT,
    MARK,
    OPEN,
    LISTEN,
    DEMOTE,
    BLANK,
    N_EVENTS
};

struct step {
    uint8_t event, a, b, c;
};

/* The steps worth trying, in a fixed order. */
size_t world_steps(const struct config *config, const struct step **steps);

/* Whether the step is possible; `next` is the world after it. */
bool world_step(const struct config *config, const struct world *world, struct step step,
                struct world *next);

/* What is wrong with this world, or with having come here by `step`; NULL: nothing. */
const char *world_violation(const struct config *config, const struct world *before,
                            struct step step, const struct world *after);

/* Whether somebody serves in a quorate cluster. */
bool world_is_served(const struct config *config, const struct world *world);

/* NULL when an active is there or one can be promoted once all hosts are up and
 * connected, or when only an operator can choose (counted in *refused): after a disk was
 * lost; and where a mutation makes two generations claim one place. */
const char *world_stuck(const struct config *config, const struct world *world,
                        size_t *refused);

void world_start_running(const struct config *config, struct world *world);
void world_start_empty(const struct config *config, struct world *world, bool populated);

/* "leave A B 1, ...": an event, its hosts, and what is special; up to the comma. */
bool world_read_step(const char **text, struct step *step);

void world_print_step(struct step step);
void world_print(const struct config *config, const struct world *world);

#endif
