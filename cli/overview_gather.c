/* SPDX-License-Identifier: Apache-2.0 */
#include "overview_gather.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ovnha/text.h>

#include "common.h"

#define CLUSTER_MS 15000

static void ask_cluster(struct ovnha_overview *overview, const char *resource)
{
    const struct ovnha_cli_limit limit = {
        .deadline = ovnha_deadline_after(ovnha_now(), CLUSTER_MS)};
    struct ovnha_cli_cluster cluster;
    struct ovnha_err err = {""};

    if (ovnha_cli_cluster_read(resource, limit, &cluster, &err) == OVNHA_OK) {
        ovnha_overview_take_cluster(overview, &cluster);
    } else {
        ovnha_text_copy(overview->cluster_trouble, sizeof overview->cluster_trouble,
                        err.text);
    }
    ovnha_cli_cluster_free(&cluster);
}

/* A helper of an older version judges, and knows nothing of the others. */
static enum ovnha_result ask(struct ovnha_overview *overview, struct ovnha_err *err)
{
    char *reply = NULL;
    enum ovnha_result result =
        ovnha_cli_ask(overview->resource, "ovnha/status", &reply, err);

    if (result == OVNHA_ERR_REFUSED) {
        result = ovnha_cli_ask(overview->resource, "ovnha/judge", &reply, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_overview_take_report(overview, reply, err);
    }
    free(reply);
    return result;
}

static void ask_helper(struct ovnha_overview *overview, const char *resource)
{
    struct ovnha_err err = {""};

    overview->may_ask = geteuid() == 0;
    if (resource && strlen(resource) >= sizeof overview->resource) {
        (void)ovnha_fail(&err, OVNHA_ERR_INVALID,
                         "'%s' is too long for a resource's name", resource);
    } else if (!overview->resource[0] &&
               ovnha_cli_find_resource(overview->resource, &err) != OVNHA_OK) {
        /* the text says it */
    } else if (ask(overview, &err) == OVNHA_OK) {
        return;
    }
    ovnha_text_copy(overview->helper_trouble, sizeof overview->helper_trouble, err.text);
    if (!overview->may_ask && overview->cluster_known) {
        ovnha_text_copy(overview->helper_trouble, sizeof overview->helper_trouble,
                        "the resident helper answers to root only");
    }
}

/* Without the helper's word: Pacemaker mostly calls a node what its host is called. */
static void find_self(struct ovnha_overview *overview)
{
    char name[OVNHA_NODE_SIZE] = "";

    if (!overview->self[0] && gethostname(name, sizeof name - 1) == 0 &&
        ovnha_overview_node(overview, name)) {
        ovnha_text_copy(overview->self, sizeof overview->self, name);
    }
}

/* They lie in files, helper or not. */
static void count_set_aside(struct ovnha_overview *overview)
{
    struct ovnha_overview_node *self = ovnha_overview_node(overview, overview->self);

    if (self && self->set_aside < 0 && overview->may_ask) {
        self->set_aside = (int64_t)ovnha_cli_set_aside(overview->resource);
    }
}

/* Of several that the cluster has; or NULL. */
static const char *only_one_here(char name[OVNHA_NODE_SIZE])
{
    return ovnha_cli_find_resource(name, NULL) == OVNHA_OK ? name : NULL;
}

struct ovnha_overview *ovnha_overview_gather(const char *resource)
{
    char here[OVNHA_NODE_SIZE];
    struct ovnha_overview *overview = calloc(1, sizeof *overview);

    if (!overview) {
        abort(); /* without a page there is nothing to put on it */
    }
    overview->changed_at = overview->wanted = -1;
    ask_cluster(overview, resource ? resource : only_one_here(here));
    if (!overview->resource[0] && resource) {
        ovnha_text_copy(overview->resource, sizeof overview->resource, resource);
    }
    ask_helper(overview, resource);
    find_self(overview);
    count_set_aside(overview);
    ovnha_overview_complete(overview);
    return overview;
}
