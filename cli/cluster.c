/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <ovnha/role.h>
#include <ovnha/spawn.h>

#include "cluster_parts.h"
#include "stamp.h"

#define OUTPUT_LIMIT ((size_t)64 * 1024 * 1024)

struct ovnha_cli_documents {
    xmlDoc *mon, *cib;
};

void *ovnha_cli_grow(void *list, size_t n, size_t size)
{
    char *longer = realloc(list, (n + 1) * size);

    if (!longer) {
        abort(); /* a few bytes: nothing else would go on either */
    }
    memset(longer + n * size, 0, size);
    return longer;
}

/*
 * Words and numbers.
 */

const char *ovnha_cli_role_to_str(enum ovnha_cli_role role)
{
    switch (role) {
    case OVNHA_CLI_NOTHING:
        return "";
    case OVNHA_CLI_STOPPED:
        return OVNHA_WORD_STOPPED;
    case OVNHA_CLI_STARTED:
        return OVNHA_WORD_STARTED;
    case OVNHA_CLI_UNPROMOTED:
        return OVNHA_WORD_UNPROMOTED;
    case OVNHA_CLI_PROMOTED:
        return OVNHA_WORD_PROMOTED;
    }
    return "?";
}

bool ovnha_cli_is_true(const char *text)
{
    static const char *const words[] = {"true", "on", "yes", "y", "1"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A number that is not negative, and where it ends; -1 for none, and for one that is too
 * large. */
static long long read_number(const char *text, char **end)
{
    errno = 0;
    const long long n = strtoll(text, end, 10);

    return *end == text || n < 0 || errno == ERANGE ? -1 : n;
}

/* n * factor; -1 when that is too large, or n is no number. */
static long long times(long long n, long long factor)
{
    long long product;

    return n < 0 || __builtin_mul_overflow(n, factor, &product) ? -1 : product;
}

/* "PT1H2M3S"; days, too.  Months have no length. */
static long long iso_msec(const char *text)
{
    bool time = false;
    long long sum = 0;

    for (const char *c = text + 1; *c;) {
        char *end;

        if (*c == 'T' && !time) {
            time = true;
            c++;
            continue;
        }
        const long long n = read_number(c, &end);
        const long long unit = *end == 'D' && !time  ? 86400
                               : *end == 'H' && time ? 3600
                               : *end == 'M' && time ? 60
                               : *end == 'S' && time ? 1
                                                     : 0;
        const long long part = times(n, unit * 1000);

        if (unit == 0 || part < 0 || __builtin_add_overflow(sum, part, &sum)) {
            return -1;
        }
        c = end + 1;
    }
    return text[1] ? sum : -1;
}

long long ovnha_cli_msec(const char *text)
{
    static const struct {
        const char *name;
        long long ms; /* 0: a thousandth of one */
    } units[] = {{"", 1000},     {"s", 1000},    {"sec", 1000},  {"ms", 1},
                 {"msec", 1},    {"us", 0},      {"usec", 0},    {"m", 60000},
                 {"min", 60000}, {"h", 3600000}, {"hr", 3600000}};
    char *end;

    if (*text == 'P') {
        return iso_msec(text);
    }
    const long long n = read_number(text, &end);

    if (n < 0) {
        return -1;
    }
    while (isspace((unsigned char)*end)) {
        end++;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcasecmp(end, units[i].name) == 0) {
            return units[i].ms > 0 ? times(n, units[i].ms) : n / 1000;
        }
    }
    return -1;
}

/*
 * Look-ups.
 */

const struct ovnha_cli_node *
ovnha_cli_cluster_node(const struct ovnha_cli_cluster *cluster, const char *name)
{
    for (size_t i = 0; i < cluster->n_nodes; i++) {
        if (strcmp(cluster->node[i].name, name) == 0) {
            return &cluster->node[i];
        }
    }
    return NULL;
}

const char *ovnha_cli_pairs_get(const struct ovnha_cli_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->n; i++) {
        if (strcmp(pairs->pair[i].name, name) == 0) {
            return pairs->pair[i].value;
        }
    }
    return NULL;
}

const char *ovnha_cli_cluster_property(const struct ovnha_cli_cluster *cluster,
                                       const char *name, const char *otherwise)
{
    const char *value = ovnha_cli_pairs_get(&cluster->properties, name);

    return value ? value : otherwise;
}

const char *ovnha_cli_name_in_force(const struct ovnha_cli_cluster *cluster,
                                    const char *name, const char *older)
{
    return ovnha_cli_pairs_get(&cluster->properties, name) ? name : older;
}

static bool has_fencing_device(const struct ovnha_cli_cluster *cluster)
{
    const char *watchdog_timeout = ovnha_cli_pairs_get(
        &cluster->properties, ovnha_cli_name_in_force(cluster, "fencing-watchdog-timeout",
                                                      "stonith-watchdog-timeout"));

    for (size_t i = 0; i < cluster->n_resources; i++) {
        const char *class = cluster->resource[i].class;

        if (class && strcmp(class, "stonith") == 0) {
            return true;
        }
    }
    return watchdog_timeout && strcmp(watchdog_timeout, "0") != 0;
}

enum ovnha_cli_fencing ovnha_cli_cluster_fencing(const struct ovnha_cli_cluster *cluster)
{
    const char *name =
        ovnha_cli_name_in_force(cluster, "fencing-enabled", "stonith-enabled");

    if (!ovnha_cli_is_true(ovnha_cli_cluster_property(cluster, name, "true"))) {
        return OVNHA_CLI_FENCING_OFF;
    }
    return has_fencing_device(cluster) ? OVNHA_CLI_FENCED : OVNHA_CLI_WITHOUT_DEVICE;
}

void ovnha_cli_advise_on_unclean(enum ovnha_cli_fencing fencing, const char *name,
                                 char *text, size_t size)
{
    if (fencing == OVNHA_CLI_FENCED) {
        snprintf(text, size,
                 "wait; see pcs stonith history. Only if that has failed, and you have "
                 "seen that %s is off: pcs stonith confirm %s",
                 name, name);
    } else {
        snprintf(
            text, size,
            "no device will do it: see that %s is off, then: pcs stonith confirm %s; "
            "ovnha doctor says how to have it done",
            name, name);
    }
}

bool ovnha_cli_has_expired(const struct ovnha_cli_location *location, int64_t now)
{
    struct ovnha_stamp end;
    const char *rest = ovnha_stamp_read(location->expires, (time_t)(now / 1000), &end);

    return rest && !*rest && end.at <= now;
}

long ovnha_cli_score(const char *text)
{
    if (strcmp(text, "INFINITY") == 0 || strcmp(text, "+INFINITY") == 0) {
        return OVNHA_CLI_INFINITE;
    }
    return strcmp(text, "-INFINITY") == 0 ? -OVNHA_CLI_INFINITE : strtol(text, NULL, 10);
}

const struct ovnha_cli_node *
ovnha_cli_cluster_promoted(const struct ovnha_cli_cluster *cluster)
{
    const struct ovnha_cli_node *promoted = NULL;

    for (size_t i = 0; i < cluster->n_nodes; i++) {
        if (cluster->node[i].role == OVNHA_CLI_PROMOTED) {
            if (promoted) {
                return NULL;
            }
            promoted = &cluster->node[i];
        }
    }
    return promoted;
}

/*
 * Which resource, and what follows its promoted role.
 */

static bool is_ours(const struct ovnha_cli_resource *resource)
{
    return strcmp(resource->class, "ocf") == 0 &&
           strcmp(resource->provider, "ovnha") == 0 &&
           strcmp(resource->type, "ovndb-servers") == 0;
}

static bool is_wanted(const struct ovnha_cli_resource *resource, const char *name)
{
    return is_ours(resource) &&
           (!name || strcmp(resource->id, name) == 0 || strcmp(resource->top, name) == 0);
}

static enum ovnha_result choose(struct ovnha_cli_cluster *cluster, const char *name,
                                struct ovnha_err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < cluster->n_resources; i++) {
        if (is_wanted(&cluster->resource[i], name)) {
            cluster->db = &cluster->resource[i];
            n++;
        }
    }
    if (n == 1) {
        return OVNHA_OK;
    }
    cluster->db = NULL;
    if (n > 1) {
        return ovnha_fail(
            err, OVNHA_ERR_MISSING,
            "the cluster has %zu resources of ocf:ovnha:ovndb-servers: name "
            "one with --resource",
            n);
    }
    return name
               ? ovnha_fail(err, OVNHA_ERR_MISSING,
                            "the cluster has no resource '%s' of ocf:ovnha:ovndb-servers "
                            "(see: crm_mon -1)",
                            name)
               : ovnha_fail(err, OVNHA_ERR_MISSING,
                            "the cluster has no resource of ocf:ovnha:ovndb-servers "
                            "(see: crm_mon -1)");
}

static bool is_named(const struct ovnha_cli_resource *resource, const char *name)
{
    return name[0] &&
           (strcmp(resource->id, name) == 0 || strcmp(resource->top, name) == 0 ||
            strcmp(resource->group, name) == 0);
}

static void mark_followers(struct ovnha_cli_cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_colocations; i++) {
        const struct ovnha_cli_colocation *c = &cluster->colocation[i];

        for (size_t r = 0; r < cluster->n_resources; r++) {
            struct ovnha_cli_resource *resource = &cluster->resource[r];

            if (resource != cluster->db && is_named(resource, c->resource) &&
                is_named(cluster->db, c->with) &&
                strcmp(c->with_role, OVNHA_WORD_PROMOTED) == 0 && c->score[0] != '-') {
                resource->with_promoted = true;
            }
        }
    }
}

/*
 * All of it.
 */

enum ovnha_result ovnha_cli_cluster_parse(const char *mon, const char *cib,
                                          const char *resource,
                                          struct ovnha_cli_cluster *cluster,
                                          struct ovnha_err *err)
{
    struct ovnha_cli_documents *documents = ovnha_cli_grow(NULL, 0, sizeof *documents);

    *cluster = (struct ovnha_cli_cluster){.documents = documents};
    documents->mon = ovnha_xml_parse(mon);
    documents->cib = ovnha_xml_parse(cib);
    if (!documents->mon || !documents->cib) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s is no XML",
                          documents->mon ? "the CIB" : "what crm_mon prints");
    }
    ovnha_cli_read_cib(xmlDocGetRootElement(documents->cib), cluster);
    const enum ovnha_result result = choose(cluster, resource, err);

    if (result == OVNHA_OK) {
        ovnha_cli_read_mon(xmlDocGetRootElement(documents->mon), cluster);
        mark_followers(cluster);
    }
    return result;
}

static enum ovnha_result ask(const char *const *argv, struct ovnha_cli_limit limit,
                             char **text, struct ovnha_err *err)
{
    const struct ovnha_spawn spawn = {.argv = argv, .stop_fd = limit.stop_fd};
    const enum ovnha_result result =
        ovnha_spawn_capture(&spawn, text, OUTPUT_LIMIT, limit.deadline, err);

    if (result == OVNHA_ERR_REFUSED) {
        ovnha_err_wrap(err, geteuid() == 0
                                ? "Pacemaker does not answer; does it run on this node?"
                                : "Pacemaker does not answer; this takes root or a "
                                  "member of the group haclient");
    }
    return result;
}

enum ovnha_result ovnha_cli_cluster_read(const char *resource,
                                         struct ovnha_cli_limit limit,
                                         struct ovnha_cli_cluster *cluster,
                                         struct ovnha_err *err)
{
    static const char *const mon_argv[] = {"crm_mon", "--one-shot", "--inactive",
                                           "--output-as=xml", NULL};
    static const char *const cib_argv[] = {"cibadmin", "--query", NULL};
    char *mon = NULL, *cib = NULL;

    *cluster = (struct ovnha_cli_cluster){0};
    enum ovnha_result result = ask(mon_argv, limit, &mon, err);

    if (result == OVNHA_OK) {
        result = ask(cib_argv, limit, &cib, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_cli_cluster_parse(mon, cib, resource, cluster, err);
    }
    free(mon);
    free(cib);
    return result;
}

enum ovnha_result ovnha_cli_cluster_state(const char *dc, struct ovnha_cli_limit limit,
                                          char **state, struct ovnha_err *err)
{
    const char *const argv[] = {"crmadmin", "--output-as=xml", "-S", dc, NULL};
    char *text = NULL;
    enum ovnha_result result = ask(argv, limit, &text, err);

    *state = NULL;
    if (result == OVNHA_OK) {
        xmlDoc *doc = ovnha_xml_parse(text);
        const xmlNode *found =
            doc ? ovnha_xml_find(xmlDocGetRootElement(doc), "crmd") : NULL;

        *state = found ? strdup(ovnha_xml_get(found, "state")) : NULL;
        result = *state ? OVNHA_OK
                        : ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                                     "crmadmin does not say what %s is at", dc);
        xmlFreeDoc(doc);
    }
    free(text);
    return result;
}

void ovnha_cli_cluster_free(struct ovnha_cli_cluster *cluster)
{
    for (size_t i = 0; i < cluster->n_resources; i++) {
        free(cluster->resource[i].params.pair);
        free(cluster->resource[i].meta.pair);
        free(cluster->resource[i].top_meta.pair);
        free(cluster->resource[i].op);
        free(cluster->resource[i].on);
    }
    for (size_t i = 0; i < cluster->n_nodes; i++) {
        free(cluster->node[i].attributes.pair);
    }
    free(cluster->properties.pair);
    free(cluster->rsc_defaults.pair);
    free(cluster->op_defaults.pair);
    free(cluster->node);
    free(cluster->resource);
    free(cluster->failure);
    free(cluster->location);
    free(cluster->colocation);
    free(cluster->order);
    free(cluster->ban);
    if (cluster->documents) {
        xmlFreeDoc(cluster->documents->mon);
        xmlFreeDoc(cluster->documents->cib);
        free(cluster->documents);
    }
    *cluster = (struct ovnha_cli_cluster){0};
}
