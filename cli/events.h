/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_EVENTS_H
#define OVNHA_CLI_EVENTS_H

#include <libxml/tree.h>

#include <ovnha/facts.h>

#include "log_entry.h"

/* What happened, from the lines of logs and from the history of operations in the CIB.
 *
 * An operation is an event with a beginning and an end; everything else is a moment. What
 * a log says of an operation is finer than what the CIB says (whole seconds, the last of
 * each kind only); ovnha_events_settle() leaves one event of it. */

enum ovnha_event_kind {
    OVNHA_EVENT_SIGN,      /* something was noticed */
    OVNHA_EVENT_DECISION,  /* something was decided, and the text says why */
    OVNHA_EVENT_RECORD,    /* the record of generations, or who follows whom */
    OVNHA_EVENT_STEP,      /* of an action of the agent */
    OVNHA_EVENT_GRAPH,     /* Pacemaker has computed what to do */
    OVNHA_EVENT_OPERATION, /* start, stop, promote, demote, notify */
};

/* That a node is lost, as other nodes notice it. */
enum ovnha_event_loss {
    OVNHA_LOSS_NONE,
    OVNHA_LOSS_TOKEN,  /* somebody is: the membership that follows says who */
    OVNHA_LOSS_LINK,   /* it is not heard on a link */
    OVNHA_LOSS_LEFT,   /* it has left */
    OVNHA_LOSS_QUORUM, /* it says so of itself: its partition has no quorum */
};

#define OVNHA_EVENT_TEXT 400
#define OVNHA_EVENT_LOST 256

struct ovnha_event {
    enum ovnha_event_kind kind;
    int64_t from; /* milliseconds since the epoch */
    int64_t to;
    bool cause;        /* may be what a role change came from */
    bool detail;       /* of interest to few */
    bool ends_service; /* clients are not served from then on, if they were */
    bool serves;       /* clients are let in */
    bool restarted;    /* a restart in place is over */
    char host[OVNHA_LOG_WORD];
    char text[OVNHA_EVENT_TEXT];
    enum ovnha_event_loss loss;
    char lost[OVNHA_EVENT_LOST]; /* of which nodes: names, or corosync's ids */
    /* By the record, or by who follows it: */
    char active[OVNHA_LOG_WORD];  /* "": nobody, or it does not say */
    char attempt[OVNHA_LOG_WORD]; /* who attempts to take its place; "": nobody */
    /* Of an operation: */
    char resource[OVNHA_LOG_WORD];
    char action[OVNHA_LOG_WORD];
    bool failed;
    bool of_cib; /* from the CIB: whole seconds */
    bool open;   /* its end is not known */
};

struct ovnha_events {
    char resource[OVNHA_LOG_WORD]; /* whose story it is */
    size_t n_addresses;            /* virtual addresses */
    char address[8][OVNHA_LOG_WORD];
    size_t n_nodes; /* of the cluster, as the CIB or a log names them */
    struct {
        char id[OVNHA_LOG_WORD]; /* corosync's */
        char name[OVNHA_LOG_WORD];
    } node[OVNHA_NODES_MAX];
    size_t n;
    size_t size;
    struct ovnha_event *event;
};

void ovnha_events_init(struct ovnha_events *events, const char *resource);
void ovnha_events_clear(struct ovnha_events *events);

/* A line may be about anything; what has nothing to do with this is passed over, and so
 * is a line of more than 4096 bytes. */
void ovnha_events_add_line(struct ovnha_events *events, const char *line, time_t now);

/* First of all: the name of a resource that brings up a virtual address. */
void ovnha_events_add_address(struct ovnha_events *events, const char *resource);

/* The history of operations in the CIB. */
void ovnha_events_add_cib(struct ovnha_events *events, const xmlNode *cib);

/* In order of time, each once; to be called when everything was added. */
void ovnha_events_settle(struct ovnha_events *events);

/* Whether it is an operation of that kind of our resource that has succeeded. */
bool ovnha_event_is(const struct ovnha_events *events, const struct ovnha_event *event,
                    const char *action);
bool ovnha_event_is_address(const struct ovnha_events *events,
                            const struct ovnha_event *event);

/* Whether it is a sign that this node is lost. */
bool ovnha_event_is_loss_of(const struct ovnha_events *events,
                            const struct ovnha_event *event, const char *node);

/* The CIB has whole seconds: when it may have begun. */
int64_t ovnha_event_earliest(const struct ovnha_event *event);

const char *ovnha_event_kind_to_str(enum ovnha_event_kind kind);

#endif
