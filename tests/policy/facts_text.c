/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/text.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* A word of a line, "key" or "key=value"; `index` is the server it is about. */
struct word {
    const char *key;
    const char *value; /* NULL without "=" */
    size_t index;
};

typedef bool take_word(struct ovnha_facts *facts, const struct word *word);

/*
 * Values.
 */

static bool take_text(const struct word *word, char *to, size_t size)
{
    return word->value && ovnha_text_copy(to, size, word->value);
}

static bool take_number(const struct word *word, int *to)
{
    char *end;
    long number;

    if (!word->value || !word->value[0]) {
        return false;
    }
    errno = 0;
    number = strtol(word->value, &end, 10);
    *to = (int)number;
    return errno == 0 && *end == '\0' && number == *to;
}

static bool take_bool(const struct word *word, bool *to)
{
    if (!word->value) {
        return false;
    }
    *to = strcmp(word->value, "yes") == 0;
    return *to || strcmp(word->value, "no") == 0;
}

static bool take_standby(const struct word *word, enum ovnha_northd_standby *to)
{
    static const enum ovnha_northd_standby all[] = {OVNHA_STANDBY_AUTO, OVNHA_STANDBY_HOT,
                                                    OVNHA_STANDBY_COLD};

    for (size_t i = 0; word->value && i < N(all); i++) {
        if (strcmp(word->value, ovnha_northd_standby_to_str(all[i])) == 0) {
            *to = all[i];
            return true;
        }
    }
    return false;
}

/* The position of `word` among names that end with NULL, or -1. */
static int position(const char *const *names, const char *word)
{
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

/*
 * server nb|sb|all: ...
 */

static const char *const presences[] = {"unknown", "absent", "running", "foreign", NULL};
static const char *const states[] = {"active", "backup", "mixed", NULL};

static bool take_presence(struct ovnha_server_facts *server, const char *key)
{
    static const enum ovnha_presence values[] = {
        OVNHA_PRESENCE_UNKNOWN, OVNHA_PRESENCE_ABSENT, OVNHA_PRESENCE_RUNNING,
        OVNHA_PRESENCE_FOREIGN};
    const int i = position(presences, key);

    if (i >= 0) {
        server->presence = values[i];
    }
    return i >= 0;
}

static bool take_state(struct ovnha_server_facts *server, const char *key)
{
    static const enum ovnha_sync_state values[] = {OVNHA_SYNC_ACTIVE, OVNHA_SYNC_BACKUP,
                                                   OVNHA_SYNC_MIXED};
    const int i = position(states, key);

    if (i >= 0) {
        server->presence = OVNHA_PRESENCE_RUNNING;
        server->answered = true;
        server->sync.state = values[i];
    }
    return i >= 0;
}

static bool take_link(const struct ovnha_settings *settings, const struct word *word,
                      struct ovnha_sync_status *sync)
{
    static const char *const links[] = {"held", "connecting", "following", NULL};
    const int i = position(links, word->key);

    if (i == 0) {
        sync->link = OVNHA_LINK_CONNECTING;
        return ovnha_text_copy(sync->source, sizeof sync->source, settings->hold);
    }
    sync->link = i == 2 ? OVNHA_LINK_REPLICATING : OVNHA_LINK_CONNECTING;
    return i > 0 && take_text(word, sync->source, sizeof sync->source);
}

static bool take_server_word(struct ovnha_facts *facts, const struct word *word)
{
    struct ovnha_server_facts *server = &facts->server[word->index];

    if (take_presence(server, word->key) || take_state(server, word->key) ||
        take_link(&facts->settings, word, &server->sync)) {
        return true;
    }
    if (strcmp(word->key, "stale-pidfile") == 0) {
        server->stale_pidfile = true;
    } else if (strcmp(word->key, "silent") == 0) {
        server->presence = OVNHA_PRESENCE_RUNNING;
    } else if (strcmp(word->key, "busy") == 0 || strcmp(word->key, "hung") == 0) {
        server->presence = OVNHA_PRESENCE_RUNNING;
        server->stalled = word->key[0] == 'b' ? OVNHA_BUSY : OVNHA_HUNG;
        server->stall.pid = 1;
    } else if (strcmp(word->key, "clients-open") == 0) {
        server->clients_open = true;
    } else if (strcmp(word->key, "unfit") == 0) {
        ovnha_text_copy(server->unfit, sizeof server->unfit, word->key);
    } else if (strcmp(word->key, "replaced") == 0) {
        server->replaced = true;
    } else if (strcmp(word->key, "rows-in-place") == 0) {
        server->rows_in_place = OVNHA_YES;
    } else if (strcmp(word->key, "rows-missing") == 0) {
        server->rows_in_place = OVNHA_NO;
    } else if (strcmp(word->key, "replicas-open") == 0) {
        return take_text(word, server->replicas_open, sizeof server->replicas_open);
    } else {
        return false;
    }
    return true;
}

/*
 * The other lines.
 */

static bool take_node_word(struct ovnha_facts *facts, const struct word *word)
{
    return !word->value && ovnha_text_copy(facts->self, sizeof facts->self, word->key);
}

static bool take_protocol(struct ovnha_settings *settings, const struct word *word)
{
    enum ovnha_protocol protocol;

    if (!word->value || ovnha_protocol_parse(word->value, &protocol, NULL) != OVNHA_OK) {
        return false;
    }
    for (size_t i = 0; i < settings->n_dbs; i++) {
        settings->db[i].protocol = protocol;
    }
    return true;
}

static bool take_settings_word(struct ovnha_facts *facts, const struct word *word)
{
    struct ovnha_settings *settings = &facts->settings;

    if (strcmp(word->key, "manage_northd") == 0) {
        return take_bool(word, &settings->manage_northd);
    }
    if (strcmp(word->key, "northd_standby") == 0) {
        return take_standby(word, &settings->northd_standby);
    }
    if (strcmp(word->key, "guard") == 0) {
        return take_bool(word, &settings->guard);
    }
    if (strcmp(word->key, "listen_on_master_ip_only") == 0) {
        return take_bool(word, &settings->listen_on_master_ip_only);
    }
    if (strcmp(word->key, "master_ip") == 0) {
        return take_text(word, settings->master_ip, sizeof settings->master_ip);
    }
    if (strcmp(word->key, "protocol") == 0) {
        return take_protocol(settings, word);
    }
    if (strcmp(word->key, "inactive_probe_interval") == 0) {
        return take_number(word, &settings->client_probe_ms);
    }
    return strcmp(word->key, "inactive_probe_interval_to_master") == 0 &&
           take_number(word, &settings->replica_probe_ms);
}

static bool take_northd_word(struct ovnha_facts *facts, const struct word *word)
{
    static const enum ovnha_northd_status all[] = {
        OVNHA_NORTHD_UNKNOWN, OVNHA_NORTHD_ABSENT,  OVNHA_NORTHD_SILENT,
        OVNHA_NORTHD_ACTIVE,  OVNHA_NORTHD_STANDBY, OVNHA_NORTHD_PAUSED};

    facts->northd_costly = strcmp(word->key, "costly") == 0;
    for (size_t i = 0; i < N(all); i++) {
        if (strcmp(word->key, ovnha_northd_status_to_str(all[i])) == 0) {
            facts->northd = all[i];
            return true;
        }
    }
    return facts->northd_costly;
}

static bool take_role(enum ovnha_role *role, const char *key)
{
    static const enum ovnha_role all[] = {OVNHA_ROLE_UNKNOWN, OVNHA_ROLE_STOPPED,
                                          OVNHA_ROLE_BACKUP, OVNHA_ROLE_ACTIVE};

    for (size_t i = 0; i < N(all); i++) {
        if (strcmp(key, ovnha_role_to_str(all[i])) == 0) {
            *role = all[i];
            return true;
        }
    }
    return false;
}

static bool take_remote(struct ovnha_facts *facts, const struct word *word)
{
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (strcmp(word->key, facts->settings.db[i].database->name) == 0) {
            return take_text(word, facts->memory.remote[i], OVNHA_METHOD_SIZE);
        }
    }
    return false;
}

static bool take_score(struct ovnha_memory *memory, const struct word *word)
{
    memory->score_known = true;
    if (word->value && strcmp(word->value, "-INFINITY") == 0) {
        memory->score = -1000000;
        return true;
    }
    return take_number(word, &memory->score);
}

static bool take_memory_word(struct ovnha_facts *facts, const struct word *word)
{
    struct ovnha_memory *memory = &facts->memory;

    if (strcmp(word->key, "none") == 0) {
        return true;
    }
    if (strcmp(word->key, "promoted") == 0) {
        return take_text(word, memory->promoted, sizeof memory->promoted);
    }
    if (strcmp(word->key, "score") == 0) {
        return take_score(memory, word);
    }
    if (strcmp(word->key, "probe") == 0) {
        return take_number(word, &memory->probe_ms);
    }
    if (strcmp(word->key, "aside-full") == 0) {
        memory->aside_full = 1;
        return true;
    }
    if (strcmp(word->key, "northd") == 0) {
        memory->northd = true;
        return true;
    }
    if (strcmp(word->key, "northd-paused") == 0) {
        memory->northd = true;
        memory->northd_paused = true;
        return true;
    }
    if (strcmp(word->key, "guarded") == 0 || strcmp(word->key, "unguarded") == 0) {
        memory->guarded = word->key[0] == 'g' ? OVNHA_YES : OVNHA_NO;
        return true;
    }
    return take_role(&memory->role, word->key) || take_remote(facts, word);
}

static bool take_record_word(struct ovnha_facts *facts, const struct word *word)
{
    return strcmp(word->key, "active") == 0 &&
           take_text(word, facts->recorded_active, sizeof facts->recorded_active);
}

/* Whatever comes after the judgement is its reason. */
static bool take_judgement_word(struct ovnha_facts *facts, const struct word *word)
{
    static const char *const words[] = {"may-not", "waits",
                                        "may"}; /* as the enum has it */
    struct ovnha_lineage_facts *lineage = &facts->lineage;
    const size_t used = strlen(lineage->reason);

    if (!lineage->known && strcmp(word->key, "first") == 0) {
        lineage->first = true;
        return true;
    }
    for (size_t i = 0; i < N(words) && !lineage->known; i++) {
        if (strcmp(word->key, words[i]) == 0) {
            lineage->known = true;
            lineage->candidacy = (enum ovnha_candidacy)i;
            return true;
        }
    }
    snprintf(lineage->reason + used, sizeof lineage->reason - used, "%s%s",
             used ? " " : "", word->key);
    return lineage->known;
}

static bool take_nodes_word(struct ovnha_facts *facts, const struct word *word)
{
    struct ovnha_node *node = &facts->node[facts->n_nodes];

    if (strcmp(word->key, "unknown") == 0) {
        return true;
    }
    if (strcmp(word->key, "unreadable") == 0) {
        return ovnha_text_copy(facts->nodes_trouble, sizeof facts->nodes_trouble,
                               "cannot read corosync's node list");
    }
    facts->nodes_known = true;
    facts->n_nodes++;
    return facts->n_nodes < OVNHA_NODES_MAX &&
           ovnha_text_copy(node->name, sizeof node->name, word->key) &&
           take_text(word, node->addr, sizeof node->addr);
}

static bool take_helper_word(struct ovnha_facts *facts, const struct word *word)
{
    if (strcmp(word->key, "runs") == 0) {
        facts->helper_runs = OVNHA_YES;
    } else if (strcmp(word->key, "gone") == 0) {
        facts->helper_runs = OVNHA_NO;
    } else {
        return false;
    }
    return !word->value;
}

static bool take_recovery_word(struct ovnha_facts *facts, const struct word *word)
{
    facts->recovery_awaited = strcmp(word->key, "awaited") == 0;
    facts->restart_under_way = strcmp(word->key, "under-way") == 0;
    return facts->recovery_awaited || facts->restart_under_way ||
           strcmp(word->key, "untried") == 0;
}

static bool take_aside_word(struct ovnha_facts *facts, const struct word *word)
{
    facts->aside_pending = strcmp(word->key, "pending") == 0;
    return facts->aside_pending || strcmp(word->key, "settled") == 0;
}

static bool take_cluster_word(struct ovnha_facts *facts, const struct word *word)
{
    struct ovnha_cluster_facts *cluster = &facts->cluster;

    if (strcmp(word->key, "silent") == 0) {
        return true;
    }
    if (strcmp(word->key, "managed") == 0) {
        cluster->managed = OVNHA_YES;
    } else if (strcmp(word->key, "unmanaged") == 0) {
        cluster->managed = OVNHA_NO;
    } else if (strcmp(word->key, "promoted") == 0) {
        cluster->promoted_known = OVNHA_YES;
        return take_text(word, cluster->promoted, sizeof cluster->promoted);
    } else {
        return false;
    }
    return true;
}

/*
 * What a line is before its words are taken: a new line on the same matter
 * replaces the old one, but settings add up.
 */

static void forget_nodes(struct ovnha_facts *facts)
{
    memset(facts->node, 0, sizeof facts->node);
    facts->n_nodes = 0;
    facts->nodes_known = false;
    facts->nodes_trouble[0] = '\0';
}

static void forget_cluster(struct ovnha_facts *facts)
{
    memset(&facts->cluster, 0, sizeof facts->cluster);
    facts->cluster.asked = true;
}

static void forget_helper(struct ovnha_facts *facts)
{
    facts->helper_runs = OVNHA_UNKNOWN;
}

static void forget_recovery(struct ovnha_facts *facts)
{
    facts->recovery_awaited = facts->restart_under_way = false;
}

static void forget_aside(struct ovnha_facts *facts)
{
    facts->aside_pending = false;
}

static void forget_judgement(struct ovnha_facts *facts)
{
    memset(&facts->lineage, 0, sizeof facts->lineage);
}

static void forget_memory(struct ovnha_facts *facts)
{
    memset(&facts->memory, 0, sizeof facts->memory);
    facts->memory.probe_ms = facts->settings.replica_probe_ms;
}

static void forget_nothing(struct ovnha_facts *facts)
{
    (void)facts;
}

static const struct kind {
    const char *name;
    take_word *take;
    void (*forget)(struct ovnha_facts *facts);
} kinds[] = {
    {"node:", take_node_word, forget_nothing},
    {"settings:", take_settings_word, forget_nothing},
    {"server ", take_server_word, forget_nothing},
    {"northd:", take_northd_word, forget_nothing},
    {"memory:", take_memory_word, forget_memory},
    {"record:", take_record_word, forget_nothing},
    {"judgement:", take_judgement_word, forget_judgement},
    {"helper:", take_helper_word, forget_helper},
    {"recovery:", take_recovery_word, forget_recovery},
    {"aside:", take_aside_word, forget_aside},
    {"nodes:", take_nodes_word, forget_nodes},
    {"cluster:", take_cluster_word, forget_cluster},
};

static const struct kind *kind_of(const char *line)
{
    for (size_t i = 0; i < N(kinds); i++) {
        if (strncmp(line, kinds[i].name, strlen(kinds[i].name)) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool facts_text_is(const char *line)
{
    return kind_of(line) != NULL;
}

static bool complain(char complaint[OVNHA_ERR_SIZE], const char *what, const char *word)
{
    snprintf(complaint, OVNHA_ERR_SIZE, "%s '%s'", what, word);
    return false;
}

static bool take_words(struct ovnha_facts *facts, take_word *take, size_t index,
                       char *words, char complaint[OVNHA_ERR_SIZE])
{
    char *rest, whole[OVNHA_NODE_SIZE];

    for (char *text = strtok_r(words, " ", &rest); text;
         text = strtok_r(NULL, " ", &rest)) {
        struct word word = {.key = text, .index = index};
        char *equals = strchr(text, '=');

        ovnha_text_copy(whole, sizeof whole, text);
        if (equals) {
            *equals = '\0';
            word.value = equals + 1;
        }
        if (!take(facts, &word)) {
            return complain(complaint, "cannot understand", whole);
        }
    }
    return true;
}

/* "nb: active because its disk is full" -> the words, the rest as its trouble. */
static void take_trouble(struct ovnha_server_facts *server, char *words)
{
    static const char because[] = " because ";
    char *text = strstr(words, because);

    if (text) {
        *text = '\0';
        ovnha_text_copy(server->trouble, sizeof server->trouble, text + strlen(because));
    }
}

/* "nb: backup unfit held because its schema is older": in place of a trouble. */
static void take_unfitness(struct ovnha_server_facts *server)
{
    if (server->unfit[0]) {
        ovnha_text_copy(server->unfit, sizeof server->unfit, server->trouble);
        server->trouble[0] = '\0';
    }
}

static bool take_server(struct ovnha_facts *facts, char *text,
                        char complaint[OVNHA_ERR_SIZE])
{
    char words[512], *colon = strchr(text, ':');
    bool known = false;

    if (!colon) {
        return complain(complaint, "no ':' in", text);
    }
    *colon = '\0';
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (strcmp(text, "all") != 0 &&
            strcmp(text, facts->settings.db[i].database->name) != 0) {
            continue;
        }
        known = true;
        memset(&facts->server[i], 0, sizeof facts->server[i]);
        ovnha_text_copy(words, sizeof words, colon + 1);
        take_trouble(&facts->server[i], words);
        if (!take_words(facts, take_server_word, i, words, complaint)) {
            return false;
        }
        take_unfitness(&facts->server[i]);
    }
    return known || complain(complaint, "no such server", text);
}

bool facts_text_take(struct ovnha_facts *facts, char *line,
                     char complaint[OVNHA_ERR_SIZE])
{
    const struct kind *kind = kind_of(line);

    if (!kind) {
        return complain(complaint, "no such fact", line);
    }
    kind->forget(facts);
    if (kind->take == take_server_word) {
        return take_server(facts, line + strlen(kind->name), complaint);
    }
    return take_words(facts, kind->take, 0, line + strlen(kind->name), complaint);
}

/*
 * The action.
 */

static bool take_action_name(struct ovnha_facts *facts, const char *key)
{
    static const enum ovnha_action all[] = {
        OVNHA_START,        OVNHA_STOP,   OVNHA_MONITOR,     OVNHA_PROMOTE, OVNHA_DEMOTE,
        OVNHA_POST_PROMOTE, OVNHA_RELOAD, OVNHA_KEEP_NORTHD, OVNHA_RESTART};

    for (size_t i = 0; i < N(all); i++) {
        if (strcmp(key, ovnha_action_to_str(all[i])) == 0) {
            facts->action = all[i];
            return true;
        }
    }
    return false;
}

static bool take_action_word(struct ovnha_facts *facts, const struct word *word)
{
    if (strcmp(word->key, "probe") == 0) {
        facts->probe = true;
    } else if (strcmp(word->key, "as-promoted") == 0) {
        facts->expected = OVNHA_ROLE_ACTIVE;
    } else if (strcmp(word->key, "as-unpromoted") == 0) {
        facts->expected = OVNHA_ROLE_BACKUP;
    } else if (strcmp(word->key, "of") == 0 || strcmp(word->key, "told") == 0) {
        return take_text(word, facts->promoting, sizeof facts->promoting);
    } else {
        return take_action_name(facts, word->key);
    }
    return true;
}

bool facts_text_take_action(struct ovnha_facts *facts, char *words,
                            char complaint[OVNHA_ERR_SIZE])
{
    facts->probe = false;
    facts->expected = OVNHA_ROLE_UNKNOWN;
    facts->promoting[0] = '\0';
    return take_words(facts, take_action_word, 0, words, complaint);
}

/*
 * The start.
 */

static void init_settings(struct ovnha_settings *settings)
{
    *settings = (struct ovnha_settings){
        .resource = "ovndb",
        .n_dbs = 2,
        .master_ip = "10.77.0.100",
        .listen_on_master_ip_only = true,
        .client_probe_ms = 5000,
        .replica_probe_ms = 60000,
        .hold = "unix:/held",
    };
    for (size_t i = 0; i < settings->n_dbs; i++) {
        settings->db[i] = (struct ovnha_db_settings){
            .database = &ovnha_databases[i],
            .port = ovnha_databases[i].client_port,
            .replication_port = ovnha_databases[i].replication_port,
        };
    }
}

void facts_text_init(struct ovnha_facts *facts)
{
    char nodes[] = "nodes: node1=10.77.0.1 node2=10.77.0.2 node3=10.77.0.3";
    char servers[] = "server all: absent";
    char complaint[OVNHA_ERR_SIZE];

    memset(facts, 0, sizeof *facts);
    init_settings(&facts->settings);
    ovnha_text_copy(facts->self, sizeof facts->self, "node1");
    forget_memory(facts);
    forget_cluster(facts);
    facts->northd = OVNHA_NORTHD_ABSENT;
    if (!facts_text_take(facts, nodes, complaint) ||
        !facts_text_take(facts, servers, complaint)) {
        abort();
    }
}
