/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/log_line.h>
#include <ovnha/record.h>
#include <ovnha/role.h>
#include <ovnha/text.h>

#include "agent/xml.h"

/* Nothing that is told here is longer, and to compare a line with formats takes a power
 * of its length. */
#define LINE_LIMIT 4096

/* Two reports are of the same operation when they begin within so long of each other. */
#define SAME_MS 1500

/* From the token that is missing to the membership without its node: corosync's timeouts
 * are longer in large clusters. */
#define MEMBERSHIP_MS 120000

void ovnha_events_init(struct ovnha_events *events, const char *resource)
{
    memset(events, 0, sizeof *events);
    ovnha_text_copy(events->resource, sizeof events->resource, resource);
}

void ovnha_events_clear(struct ovnha_events *events)
{
    free(events->event);
    memset(events, 0, sizeof *events);
}

const char *ovnha_event_kind_to_str(enum ovnha_event_kind kind)
{
    switch (kind) {
    case OVNHA_EVENT_SIGN:
        return "sign";
    case OVNHA_EVENT_DECISION:
        return "decision";
    case OVNHA_EVENT_RECORD:
        return "record";
    case OVNHA_EVENT_STEP:
        return "step";
    case OVNHA_EVENT_GRAPH:
        return "graph";
    case OVNHA_EVENT_OPERATION:
        return "operation";
    }
    return "?";
}

static struct ovnha_event *add(struct ovnha_events *events, enum ovnha_event_kind kind,
                               const char *host, int64_t at)
{
    if (events->n == events->size) {
        events->size = events->size ? 2 * events->size : 256;
        events->event = realloc(events->event, events->size * sizeof events->event[0]);
        if (!events->event) {
            abort();
        }
    }
    struct ovnha_event *event = &events->event[events->n++];

    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->from = event->to = at;
    ovnha_text_copy_utf8(event->host, sizeof event->host, host);
    return event;
}

static struct ovnha_event *add_text(struct ovnha_events *events,
                                    enum ovnha_event_kind kind,
                                    const struct ovnha_log_entry *entry)
{
    struct ovnha_event *event = add(events, kind, entry->host, entry->stamp.at);

    ovnha_text_copy_utf8(event->text, sizeof event->text, entry->text);
    return event;
}

/*
 * Operations.
 */

void ovnha_events_add_address(struct ovnha_events *events, const char *resource)
{
    if (events->n_addresses < sizeof events->address / sizeof events->address[0]) {
        ovnha_text_copy(events->address[events->n_addresses++], OVNHA_LOG_WORD, resource);
    }
}

static bool is_address(const struct ovnha_events *events, const char *resource)
{
    for (size_t i = 0; i < events->n_addresses; i++) {
        if (strcmp(events->address[i], resource) == 0) {
            return true;
        }
    }
    return false;
}

bool ovnha_event_is_address(const struct ovnha_events *events,
                            const struct ovnha_event *event)
{
    return event->kind == OVNHA_EVENT_OPERATION && is_address(events, event->resource);
}

bool ovnha_event_is(const struct ovnha_events *events, const struct ovnha_event *event,
                    const char *action)
{
    return event->kind == OVNHA_EVENT_OPERATION && !event->failed && !event->open &&
           strcmp(event->resource, events->resource) == 0 &&
           strcmp(event->action, action) == 0;
}

static bool is_ours(const struct ovnha_events *events, const char *resource)
{
    return strcmp(resource, events->resource) == 0 || is_address(events, resource);
}

static bool tells_something(const char *action)
{
    static const char *const actions[] = {"start", "stop", "promote", "demote", "notify"};

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i], action) == 0) {
            return true;
        }
    }
    return false;
}

static bool takes_away(const char *action)
{
    return strcmp(action, "demote") == 0 || strcmp(action, "stop") == 0;
}

static void describe(const struct ovnha_events *events, struct ovnha_event *event)
{
    snprintf(event->text, sizeof event->text, "%s %s%s", event->action, event->resource,
             event->failed ? " FAILED"
             : event->open ? " (its end is not known)"
                           : "");
    event->cause = takes_away(event->action);
    event->detail = strcmp(event->action, "notify") == 0 && !event->failed;
    event->ends_service = event->cause && is_address(events, event->resource);
}

static struct ovnha_event *add_operation(struct ovnha_events *events, const char *host,
                                         const char *resource, const char *action,
                                         int64_t from, int64_t to)
{
    struct ovnha_event *event = add(events, OVNHA_EVENT_OPERATION, host, from);

    event->to = to;
    ovnha_text_copy(event->resource, sizeof event->resource, resource);
    ovnha_text_copy(event->action, sizeof event->action, action);
    return event;
}

/* One that has begun on that host and has not ended yet. */
static struct ovnha_event *find_open(struct ovnha_events *events, const char *host,
                                     const char *resource, const char *action)
{
    for (size_t i = events->n; i > 0; i--) {
        struct ovnha_event *event = &events->event[i - 1];

        if (event->open && strcmp(event->host, host) == 0 &&
            strcmp(event->resource, resource) == 0 &&
            strcmp(event->action, action) == 0) {
            return event;
        }
    }
    return NULL;
}

static void begin_operation(struct ovnha_events *events,
                            const struct ovnha_log_entry *entry, const char *resource,
                            const char *action)
{
    if (!is_ours(events, resource) || !tells_something(action) ||
        find_open(events, entry->host, resource, action)) {
        return;
    }
    struct ovnha_event *event = add_operation(events, entry->host, resource, action,
                                              entry->stamp.at, entry->stamp.at);

    event->open = true;
    describe(events, event);
}

static void end_operation(struct ovnha_events *events,
                          const struct ovnha_log_entry *entry, const char *resource,
                          const char *action, bool failed)
{
    struct ovnha_event *event = find_open(events, entry->host, resource, action);

    if (event) {
        event->open = false;
        event->failed = failed;
        event->to = entry->stamp.at;
        describe(events, event);
    }
}

/* "ok", or what a monitor says of the active; behind that are doubts and remarks, as in
 * "promoted (failed) | call=12". */
static bool is_good(const char *result)
{
    static const char failed[] = " (failed";
    const char *rest = result + strcspn(result, " |");
    char word[OVNHA_LOG_WORD];

    snprintf(word, sizeof word, "%.*s", (int)(rest - result), result);
    return strncmp(rest, failed, strlen(failed)) != 0 &&
           (strcmp(word, "ok") == 0 || ovnha_role_parse(word) == OVNHA_ROLE_ACTIVE);
}

/* What a monitor finds wrong. */
static void note_result(struct ovnha_events *events, const struct ovnha_log_entry *entry,
                        const struct ovnha_line_values *is)
{
    const char *action = is->value[0], *resource = is->value[1], *result = is->value[3];
    const bool good = is_good(result);

    if (!is_ours(events, resource)) {
        return;
    }
    if (tells_something(action)) {
        end_operation(events, entry, resource, action, !good);
    } else if (!good && strcmp(action, "monitor") == 0 &&
               strncmp(result, "Cancelled", 9) != 0) {
        add_text(events, OVNHA_EVENT_SIGN, entry)->cause = true;
    }
}

/*
 * Nodes.
 */

static void add_node(struct ovnha_events *events, const char *id, const char *name)
{
    for (size_t i = 0; i < events->n_nodes; i++) {
        if (strcmp(events->node[i].id, id) == 0) {
            return;
        }
    }
    if (events->n_nodes < OVNHA_NODES_MAX) {
        const size_t n = events->n_nodes++;

        ovnha_text_copy(events->node[n].id, sizeof events->node[n].id, id);
        ovnha_text_copy(events->node[n].name, sizeof events->node[n].name, name);
    }
}

/* Pacemaker's detail log has both; the journal leaves out what is behind the bar. */
static void note_node(struct ovnha_events *events, const struct ovnha_log_entry *entry)
{
    struct ovnha_line_values values;

    if (ovnha_log_line_match("Node %s state is now %s | nodeid=%d %s", entry->text,
                             &values)) {
        add_node(events, values.value[2], values.value[0]);
    }
}

/* Among words with blanks between them. */
static bool has_word(const char *words, const char *word)
{
    while (*words) {
        const size_t length = strcspn(words, " ");

        if (length == strlen(word) && strncmp(words, word, length) == 0) {
            return true;
        }
        words += length + strspn(words + length, " ");
    }
    return false;
}

bool ovnha_event_is_loss_of(const struct ovnha_events *events,
                            const struct ovnha_event *event, const char *node)
{
    if (has_word(event->lost, node)) {
        return true;
    }
    for (size_t i = 0; i < events->n_nodes; i++) {
        if (strcmp(events->node[i].name, node) == 0 &&
            has_word(event->lost, events->node[i].id)) {
            return true;
        }
    }
    return false;
}

/*
 * Lines of Pacemaker and corosync.  Their words are not ours: what other versions say
 * differently is missed, not misread.
 */

enum foreign {
    TOKEN,
    LINK,
    LEFT,        /* the first value names the nodes ... */
    LEFT_SECOND, /* ... or the second */
    QUORUM,
    GRAPH,
    BEGUN,
    BEGUN_REMOTELY,
    ENDED,
    RESULT,
    SCORE,
};

static const struct {
    const char *program;
    const char *format;
    enum foreign what;
} foreign[] = {
    {"pacemaker-execd", "executing - rsc:%s action:%s call_id:%d", BEGUN},
    {"pacemaker-execd", "%s %s (call %d, PID %d) exited with status %d %s", ENDED},
    {"pacemaker-controld", "Requesting local execution of %s operation for %s on %s | %s",
     BEGUN_REMOTELY},
    {"pacemaker-controld", "Requesting local execution of %s operation for %s on %s",
     BEGUN_REMOTELY},
    {"pacemaker-controld", "Result of %s operation for %s on %s: %s", RESULT},
    {"pacemaker-controld", "Our peer on the DC (%s) is dead%s", LEFT},
    {"pacemaker-controld", "Node %s state is now lost%s", LEFT},
    {"pacemaker-fenced", "Operation '%s' targeting %s by %s", LEFT_SECOND},
    {"pacemaker-fenced", "Operation '%s' targeting %s using %s", LEFT_SECOND},
    {"pacemaker-controld", "Peer %s was terminated (%s) by %s", LEFT},
    {"pacemaker-controld", "Quorum lost%s", QUORUM},
    {"pacemaker-attrd", "Setting master-%s[%s]%s: %s -> %s", SCORE},
    {"pacemaker-schedulerd", "Calculated transition %d%s, saving inputs in %s", GRAPH},
    {"corosync", "A processor failed, forming new configuration%s", TOKEN},
    {"corosync", "Token has not been received in %d ms%s", TOKEN},
    {"corosync", "link: host: %d link: %d is down%s", LINK},
    {"corosync", "Sync left[%d]: %s", LEFT_SECOND},
    {"corosync", "A new membership (%s) was formed. Members left: %s", LEFT_SECOND},
};

static void note_score(struct ovnha_events *events, const struct ovnha_log_entry *entry,
                       const struct ovnha_line_values *values)
{
    if (strcmp(values->value[0], events->resource) == 0 &&
        strcmp(values->value[1], entry->host) == 0) {
        add_text(events, OVNHA_EVENT_SIGN, entry)->detail = true;
    }
}

static void add_loss(struct ovnha_events *events, const struct ovnha_log_entry *entry,
                     enum ovnha_event_loss loss, const char *nodes)
{
    struct ovnha_event *event = add_text(events, OVNHA_EVENT_SIGN, entry);

    event->cause = true;
    event->loss = loss;
    ovnha_text_copy(event->lost, sizeof event->lost, nodes);
}

static void add_foreign(struct ovnha_events *events, const struct ovnha_log_entry *entry,
                        enum foreign what, const struct ovnha_line_values *is)
{
    switch (what) {
    case TOKEN:
        add_loss(events, entry, OVNHA_LOSS_TOKEN, "");
        return;
    case LINK:
        add_loss(events, entry, OVNHA_LOSS_LINK, is->value[0]);
        return;
    case LEFT:
        add_loss(events, entry, OVNHA_LOSS_LEFT, is->value[0]);
        return;
    case LEFT_SECOND:
        add_loss(events, entry, OVNHA_LOSS_LEFT, is->value[1]);
        return;
    case QUORUM:
        add_loss(events, entry, OVNHA_LOSS_QUORUM, entry->host);
        return;
    case GRAPH:
        add_text(events, OVNHA_EVENT_GRAPH, entry);
        return;
    case BEGUN:
        begin_operation(events, entry, is->value[0], is->value[1]);
        return;
    case BEGUN_REMOTELY:
        begin_operation(events, entry, is->value[1], is->value[0]);
        return;
    case ENDED:
        end_operation(events, entry, is->value[0], is->value[1],
                      strcmp(is->value[4], "0") != 0);
        return;
    case RESULT:
        note_result(events, entry, is);
        return;
    case SCORE:
        note_score(events, entry, is);
        return;
    }
}

static void read_foreign(struct ovnha_events *events, const struct ovnha_log_entry *entry)
{
    struct ovnha_line_values values;

    note_node(events, entry);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        if (strcmp(foreign[i].program, entry->program) == 0 &&
            ovnha_log_line_match(foreign[i].format, entry->text, &values)) {
            add_foreign(events, entry, foreign[i].what, &values);
            return;
        }
    }
}

/*
 * Lines of the agent.
 */

static enum ovnha_event_kind kind_of(enum ovnha_line_kind kind)
{
    switch (kind) {
    case OVNHA_LINE_IS_SIGN:
        return OVNHA_EVENT_SIGN;
    case OVNHA_LINE_IS_DECISION:
        return OVNHA_EVENT_DECISION;
    case OVNHA_LINE_IS_RECORD:
        return OVNHA_EVENT_RECORD;
    case OVNHA_LINE_IS_STEP:
        return OVNHA_EVENT_STEP;
    }
    return OVNHA_EVENT_SIGN;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is(const struct ovnha_log_line *line, const char *format)
{
    return strcmp(line->format, format) == 0;
}

static void weigh(struct ovnha_event *event, const struct ovnha_log_line *line,
                  const struct ovnha_line_values *values)
{
    const bool step = is(line, OVNHA_LINE_STEP_DONE);

    event->serves = step && begins_with(values->value[0], "promote") &&
                    begins_with(values->value[1], "open-clients");
    event->restarted =
        is(line, OVNHA_LINE_RESTART_OVER) && begins_with(values->value[0], "is done");
    event->ends_service = is(line, OVNHA_LINE_PROCESS_ENDED) ||
                          is(line, OVNHA_LINE_READ_ONLY) ||
                          (step && begins_with(values->value[0], "demote") &&
                           (strstr(values->value[1], "follow ") ||
                            strstr(values->value[1], "close-clients ")));
    event->cause = event->ends_service || is(line, OVNHA_LINE_RECOVERY) ||
                   is(line, OVNHA_LINE_STALL) || is(line, OVNHA_LINE_COROSYNC_GONE) ||
                   (is(line, OVNHA_LINE_QUORUM) && begins_with(values->value[0], "no")) ||
                   (is(line, OVNHA_LINE_SCORE) && begins_with(values->value[0], "-"));
}

/* The record as people read it; a line that was cut stays as it is. */
static void shorten_record(struct ovnha_event *event, const struct ovnha_log_line *line,
                           const char *text)
{
    const char *json = strchr(text, '{');
    struct ovnha_record record;
    size_t used;

    if (!json || ovnha_record_parse(json, &record, NULL) != OVNHA_OK) {
        return;
    }
    used = (size_t)snprintf(event->text, sizeof event->text, "%.*s", (int)(json - text),
                            text);
    ovnha_text_copy(event->active, sizeof event->active, record.active);
    ovnha_text_copy(event->attempt, sizeof event->attempt, record.attempt_node);
    if (record.attempt_node[0]) {
        snprintf(event->text + used, sizeof event->text - used,
                 "%s attempts generation %.8s", record.attempt_node, record.attempt.uuid);
    } else {
        used += (size_t)snprintf(
            event->text + used, sizeof event->text - used,
            "generation %.8s of %s, in sync:", record.generation.uuid, record.active);
        for (size_t i = 0; i < record.in_sync.n && used < sizeof event->text; i++) {
            used += (size_t)snprintf(event->text + used, sizeof event->text - used, " %s",
                                     record.in_sync.member[i].node);
        }
    }
    event->detail = is(line, OVNHA_LINE_OBEYS);
}

static void read_own(struct ovnha_events *events, const struct ovnha_log_entry *entry)
{
    struct ovnha_line_values values;
    const struct ovnha_log_line *line = ovnha_log_line_find(entry->text, &values);

    if (line) {
        struct ovnha_event *event = add_text(events, kind_of(line->kind), entry);

        weigh(event, line, &values);
        if (is(line, OVNHA_LINE_ATTACHED) && values.value[1][0]) {
            ovnha_text_copy(event->active, sizeof event->active, values.value[0]);
        }
        if (line->kind == OVNHA_LINE_IS_RECORD) {
            shorten_record(event, line, entry->text);
        }
    }
}

void ovnha_events_add_line(struct ovnha_events *events, const char *line, time_t now)
{
    struct ovnha_log_entry entry;
    char own[2 * OVNHA_LOG_WORD];

    if (strnlen(line, LINE_LIMIT + 1) > LINE_LIMIT ||
        !ovnha_log_entry_parse(line, now, &entry)) {
        return;
    }
    snprintf(own, sizeof own, "ovndb-servers(%s)", events->resource);
    if (strcmp(entry.program, own) == 0) {
        read_own(events, &entry);
    } else {
        read_foreign(events, &entry);
    }
}

/*
 * The CIB.
 */

static void attribute(const xmlNode *node, const char *name, char to[OVNHA_LOG_WORD])
{
    xmlChar *text = xmlGetProp(node, BAD_CAST name);

    ovnha_text_copy(to, OVNHA_LOG_WORD, text ? (const char *)text : "");
    xmlFree(text);
}

/* last-rc-change is when it began, in seconds.  Within that second, what takes a service
 * away counts as early as it may have been, and what brings one up as late: so they keep
 * their order, and an outage is not longer than it seems. */
#define LAST_OF_SECOND 999

static void add_history(struct ovnha_events *events, const char *host,
                        const char *resource, const xmlNode *operation)
{
    char action[OVNHA_LOG_WORD], began[OVNHA_LOG_WORD], took[OVNHA_LOG_WORD];
    char code[OVNHA_LOG_WORD];

    attribute(operation, "operation", action);
    attribute(operation, "last-rc-change", began);
    attribute(operation, "exec-time", took);
    attribute(operation, "rc-code", code);
    if (!is_ours(events, resource) || !tells_something(action) || !began[0]) {
        return;
    }
    const int64_t from =
        strtoll(began, NULL, 10) * 1000 + (takes_away(action) ? 0 : LAST_OF_SECOND);
    struct ovnha_event *event = add_operation(events, host, resource, action, from,
                                              from + strtoll(took, NULL, 10));

    event->failed = strcmp(code, "0") != 0;
    event->of_cib = true;
    describe(events, event);
}

static void walk(struct ovnha_events *events, const xmlNode *from, const char *host,
                 const char *resource)
{
    for (const xmlNode *node = from; node; node = node->next) {
        char name[OVNHA_LOG_WORD];

        if (ovnha_xml_is(node, "node")) {
            add_node(events, ovnha_xml_get(node, "id"), ovnha_xml_get(node, "uname"));
        } else if (ovnha_xml_is(node, "node_state")) {
            attribute(node, "uname", name);
            walk(events, node->children, name, "");
        } else if (ovnha_xml_is(node, "lrm_resource")) {
            attribute(node, "id", name);
            walk(events, node->children, host, name);
        } else if (ovnha_xml_is(node, "lrm_rsc_op")) {
            add_history(events, host, resource, node);
        } else {
            walk(events, node->children, host, resource);
        }
    }
}

void ovnha_events_add_cib(struct ovnha_events *events, const xmlNode *cib)
{
    walk(events, cib, "", "");
}

/* The earliest that it may have begun: see LAST_OF_SECOND. */
int64_t ovnha_event_earliest(const struct ovnha_event *event)
{
    return event->of_cib && !takes_away(event->action) ? event->from - LAST_OF_SECOND
                                                       : event->from;
}

/*
 * Order.
 */

static int compare(const void *a, const void *b)
{
    const struct ovnha_event *x = a, *y = b;

    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return (x->to > y->to) - (x->to < y->to);
}

static bool is_same(const struct ovnha_event *a, const struct ovnha_event *b)
{
    return a->kind == b->kind && strcmp(a->host, b->host) == 0 &&
           strcmp(a->text, b->text) == 0 && strcmp(a->resource, b->resource) == 0 &&
           strcmp(a->action, b->action) == 0;
}

/* The same line of two logs, or an operation of which a log tells more. */
static bool is_told_by(const struct ovnha_event *event, const struct ovnha_event *other)
{
    const bool finer = event->of_cib && !other->of_cib;

    if (event->from == other->from && !event->of_cib) {
        return is_same(event, other);
    }
    return finer && other->kind == OVNHA_EVENT_OPERATION &&
           strcmp(other->host, event->host) == 0 &&
           strcmp(other->resource, event->resource) == 0 &&
           strcmp(other->action, event->action) == 0;
}

/* Events are in order already. */
static bool is_repeated(const struct ovnha_events *events, size_t index)
{
    const struct ovnha_event *event = &events->event[index];

    for (size_t i = index; i > 0 && event->from - events->event[i - 1].from < SAME_MS;
         i--) {
        if (is_told_by(event, &events->event[i - 1])) {
            return true;
        }
    }
    for (size_t i = index + 1;
         event->of_cib && i < events->n && events->event[i].from - event->from < SAME_MS;
         i++) {
        if (is_told_by(event, &events->event[i])) {
            return true;
        }
    }
    return false;
}

/* Whom the token was missing of, by the membership that the same host told of next.
 * Events are in order already. */
static void name_lost(struct ovnha_events *events, struct ovnha_event *token)
{
    const struct ovnha_event *end = events->event + events->n;

    for (const struct ovnha_event *next = token + 1;
         next < end && next->from - token->from <= MEMBERSHIP_MS; next++) {
        if (next->loss == OVNHA_LOSS_LEFT && strcmp(next->host, token->host) == 0) {
            ovnha_text_copy(token->lost, sizeof token->lost, next->lost);
            return;
        }
    }
}

void ovnha_events_settle(struct ovnha_events *events)
{
    size_t kept = 0;
    bool *repeated = calloc(events->n + 1, sizeof *repeated);

    if (!repeated) {
        abort();
    }
    if (events->n > 0) {
        qsort(events->event, events->n, sizeof events->event[0], compare);
    }
    for (size_t i = 0; i < events->n; i++) {
        repeated[i] = is_repeated(events, i);
    }
    for (size_t i = 0; i < events->n; i++) {
        if (!repeated[i]) {
            events->event[kept++] = events->event[i];
        }
    }
    events->n = kept;
    free(repeated);
    for (size_t i = 0; i < events->n; i++) {
        if (events->event[i].loss == OVNHA_LOSS_TOKEN) {
            name_lost(events, &events->event[i]);
        }
    }
}
