/* SPDX-License-Identifier: Apache-2.0 */
#include "cib_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <crm/cib.h>
#include <crm/common/results.h>
#include <crm/common/xml.h>
#include <libxml/tree.h>

#include <ovnha/deadline.h>
#include <ovnha/spawn.h>

#include "bans.h"
#include "hands_off.h"

/* libcib would wait two minutes for an answer; the helper's loop stands still meanwhile,
 * and a write that takes so long has met a cluster without a controller. */
#define CALL_TIMEOUT_S 2

/* To sign on has no time limit at all: a child goes first, and whoever does not come back
 * has met a CIB that is silent.  It is left alone for a while then. */
#define PROBE_MS  2000
#define SILENT_MS 5000

#define NAME_SIZE (OVNHA_NODE_SIZE + 32)

struct ovnha_cib {
    char resource[OVNHA_NODE_SIZE];
    cib_t *connection; /* NULL: not signed on */
    bool doubtful;     /* a call over it has failed, or was not answered in time */
    ovnha_msec silent_until;
};

struct ovnha_cib *ovnha_cib_new(const char *resource)
{
    struct ovnha_cib *cib = calloc(1, sizeof *cib);

    if (cib) {
        snprintf(cib->resource, sizeof cib->resource, "%s", resource);
    }
    return cib;
}

static void sign_off(struct ovnha_cib *cib)
{
    if (cib->connection) {
        cib->connection->cmds->signoff(cib->connection);
        cib_delete(cib->connection);
        cib->connection = NULL;
    }
}

void ovnha_cib_free(struct ovnha_cib *cib)
{
    if (cib) {
        sign_off(cib);
        free(cib);
    }
}

enum ovnha_result ovnha_cib_probe(struct ovnha_err *err)
{
    cib_t *connection = cib_new();
    const int rc =
        connection ? connection->cmds->signon(connection, "ovnha", cib_command) : -ENOMEM;

    if (connection) {
        connection->cmds->signoff(connection);
        cib_delete(connection);
    }
    return rc == pcmk_ok ? OVNHA_OK
                         : ovnha_fail(err, OVNHA_ERR_UNAVAILABLE,
                                      "cannot reach the CIB: %s", pcmk_strerror(rc));
}

static enum ovnha_result send_ahead(struct ovnha_cib *cib, struct ovnha_err *err)
{
    static const char *const argv[] = {"/proc/self/exe", "probe-cib", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result output;
    const ovnha_msec now = ovnha_now();

    if (!ovnha_deadline_passed(cib->silent_until, now)) {
        return ovnha_fail(err, OVNHA_ERR_UNAVAILABLE,
                          "the CIB did not answer and is asked again in %d s",
                          (ovnha_deadline_left(cib->silent_until, now) + 999) / 1000);
    }
    const enum ovnha_result result =
        ovnha_spawn_run(&spawn, &output, ovnha_deadline_after(now, PROBE_MS), err);

    if (result == OVNHA_ERR_TIMEOUT) {
        cib->silent_until = ovnha_deadline_after(ovnha_now(), SILENT_MS);
        return ovnha_fail(err, OVNHA_ERR_UNAVAILABLE,
                          "the CIB does not answer; is pacemaker-based alive?");
    }
    return result == OVNHA_OK
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_UNAVAILABLE, "cannot reach the CIB");
}

/* Whatever fails here has surely not been carried out. */
static enum ovnha_result sign_on(struct ovnha_cib *cib, struct ovnha_err *err)
{
    enum ovnha_result result;

    if (cib->connection && !cib->doubtful) {
        return OVNHA_OK;
    }
    result = send_ahead(cib, err);
    if (result != OVNHA_OK) {
        return result;
    }
    sign_off(cib);
    cib->doubtful = false;
    cib->connection = cib_new();
    if (!cib->connection) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    const int rc = cib->connection->cmds->signon(cib->connection, "ovnha", cib_command);

    if (rc != pcmk_ok) {
        sign_off(cib);
        return ovnha_fail(err, OVNHA_ERR_UNAVAILABLE, "cannot reach the CIB: %s",
                          pcmk_strerror(rc));
    }
    cib->connection->call_timeout = CALL_TIMEOUT_S; /* signon has set it */
    return OVNHA_OK;
}

/* Worth a fresh connection.  libcib says -ECOMM for a call that was not answered in time,
 * too. */
static bool is_lost(const struct ovnha_cib *cib, int rc)
{
    return rc == -ENOTCONN || rc == -ECOMM || rc == -ENOMSG ||
           cib->connection->state == cib_disconnected;
}

static enum ovnha_result result_of(const struct ovnha_cib *cib, int rc)
{
    if (rc == -ENXIO || rc == -EEXIST) {
        return OVNHA_ERR_CONFLICT;
    }
    if (is_lost(cib, rc)) {
        return OVNHA_ERR_LOST;
    }
    return rc == -ETIME ? OVNHA_ERR_TIMEOUT : OVNHA_ERR_REFUSED;
}

/* The next call signs on anew when the connection is not to be trusted any more. */
static enum ovnha_result answer(struct ovnha_cib *cib, int rc, const char *doing,
                                const char *what, struct ovnha_err *err)
{
    enum ovnha_result result;

    if (rc == pcmk_ok) {
        return OVNHA_OK;
    }
    result = result_of(cib, rc);
    cib->doubtful = is_lost(cib, rc);
    return ovnha_fail(err, result, "cannot %s %s in the CIB: %s", doing, what,
                      pcmk_strerror(rc));
}

static void nvpair_path(const struct ovnha_cib *cib, char *path, size_t size)
{
    snprintf(path, size, "//nvpair[@id='ovnha-%s-record']", cib->resource);
}

/* `what` is the path's meaning, for people. */
static enum ovnha_result query(struct ovnha_cib *cib, const char *what, const char *path,
                               xmlNode **found, struct ovnha_err *err)
{
    enum ovnha_result result = sign_on(cib, err);
    int rc;

    if (result != OVNHA_OK) {
        return result;
    }
    rc = cib->connection->cmds->query(cib->connection, path, found,
                                      cib_sync_call | cib_scope_local | cib_xpath);
    if (rc == -ENXIO) {
        *found = NULL;
        return OVNHA_OK;
    }
    return answer(cib, rc, "read", what, err);
}

enum ovnha_result ovnha_cib_read(struct ovnha_cib *cib, struct ovnha_record *record,
                                 struct ovnha_err *err)
{
    char path[NAME_SIZE];
    xmlNode *found = NULL;
    enum ovnha_result result;

    memset(record, 0, sizeof *record);
    nvpair_path(cib, path, sizeof path);
    result = query(cib, "the record", path, &found, err);
    if (result == OVNHA_OK && found) {
        xmlChar *value = xmlGetProp(found, BAD_CAST "value");

        result = ovnha_record_parse(value ? (const char *)value : "", record, err);
        xmlFree(value);
    }
    free_xml(found); /* and the document that libcib made for it */
    if (result != OVNHA_OK) {
        memset(record, 0, sizeof *record);
    }
    return result;
}

enum ovnha_result ovnha_cib_property(struct ovnha_cib *cib, const char *name, char *value,
                                     size_t size, struct ovnha_err *err)
{
    char path[NAME_SIZE];
    xmlNode *found = NULL;

    snprintf(path, sizeof path, "//crm_config//nvpair[@name='%s']", name);
    const enum ovnha_result result = query(cib, name, path, &found, err);
    xmlChar *text = found ? xmlGetProp(found, BAD_CAST "value") : NULL;

    snprintf(value, size, "%s", text ? (const char *)text : "");
    xmlFree(text);
    free_xml(found);
    return result;
}

enum ovnha_result ovnha_cib_is_managed(struct ovnha_cib *cib, const char *node,
                                       bool *managed, struct ovnha_err *err)
{
    enum ovnha_result result;
    xmlNode *found = NULL;
    char *path = ovnha_hands_off_path(cib->resource, node);

    if (!path) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    result = query(cib, "whether the resource is managed", path, &found, err);
    if (result == OVNHA_OK) {
        *managed = !found;
    }
    free_xml(found);
    free(path);
    return result;
}

json_t *ovnha_cib_bans(struct ovnha_cib *cib)
{
    char *path = ovnha_bans_path(cib->resource);
    struct ovnha_err err;
    xmlNode *found = NULL;
    json_t *bans;

    if (!path || query(cib, "the constraints", path, &found, &err) != OVNHA_OK) {
        found = NULL;
    }
    bans = ovnha_bans_read(found);
    free_xml(found);
    free(path);
    return bans;
}

/* Since feature set 3.18 since when, and 0 for not at all; before, a word. */
static bool says_no(xmlNode *state, const char *name)
{
    xmlChar *text = xmlGetProp(state, BAD_CAST name);
    const char *value = text ? (const char *)text : "";
    const bool no = !value[0] || strcmp(value, "0") == 0 || strcmp(value, "false") == 0 ||
                    strcmp(value, "offline") == 0;

    xmlFree(text);
    return no;
}

/* "down" is written when a node has been fenced, or said that it goes. */
static bool is_expected_down(xmlNode *state)
{
    xmlChar *text = xmlGetProp(state, BAD_CAST "expected");
    const bool down = text && strcmp((const char *)text, "down") == 0;

    xmlFree(text);
    return down;
}

/* Pacemaker's words for false; what is not set is true. */
static bool is_switched_off(const char *value)
{
    static const char *const words[] = {"false", "off", "no", "n", "0"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(value, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* As Pacemaker calls it now; the older name is an alias, heard where that is not set. */
static enum ovnha_result read_fencing(struct ovnha_cib *cib, char *value, size_t size,
                                      struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_cib_property(cib, "fencing-enabled", value, size, err);

    return result == OVNHA_OK && !value[0]
               ? ovnha_cib_property(cib, "stonith-enabled", value, size, err)
               : result;
}

enum ovnha_result ovnha_cib_node_is_off(struct ovnha_cib *cib, const char *node,
                                        bool *off, bool *went, struct ovnha_err *err)
{
    char path[NAME_SIZE], fencing[8];
    xmlNode *state = NULL;
    enum ovnha_result result = read_fencing(cib, fencing, sizeof fencing, err);

    *off = *went = false;
    snprintf(path, sizeof path, "//node_state[@uname='%s']", node);
    result =
        result == OVNHA_OK ? query(cib, "the node's state", path, &state, err) : result;
    if (result != OVNHA_OK) {
        return result;
    }
    const bool unseen = !state || (says_no(state, "in_ccm") && says_no(state, "crmd"));

    *went = unseen && state && is_expected_down(state);
    *off = *went || (unseen && is_switched_off(fencing));
    free_xml(state);
    return OVNHA_OK;
}

static xmlNode *new_nvpair(const struct ovnha_cib *cib, const char *value)
{
    xmlNode *nvpair = xmlNewNode(NULL, BAD_CAST "nvpair");
    char id[NAME_SIZE];

    snprintf(id, sizeof id, "ovnha-%s-record", cib->resource);
    xmlSetProp(nvpair, BAD_CAST "id", BAD_CAST id);
    xmlSetProp(nvpair, BAD_CAST "name", BAD_CAST id);
    xmlSetProp(nvpair, BAD_CAST "value", BAD_CAST value);
    return nvpair;
}

static xmlNode *new_set(const struct ovnha_cib *cib, const char *set_id,
                        const char *value)
{
    xmlNode *set = xmlNewNode(NULL, BAD_CAST "cluster_property_set");

    xmlSetProp(set, BAD_CAST "id", BAD_CAST set_id);
    xmlAddChild(set, new_nvpair(cib, value));
    return set;
}

/* Created, not modified: the second of two that create one fails. */
static int create_set(struct ovnha_cib *cib, const char *set_id, const char *value)
{
    xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
    xmlNode *set = new_set(cib, set_id, value);
    int rc;

    xmlDocSetRootElement(doc, set);
    rc = cib->connection->cmds->create(cib->connection, "crm_config", set, cib_sync_call);
    xmlFreeDoc(doc);
    return rc;
}

/* Whoever deletes the property (crm_attribute -D) leaves its set behind, and what is
 * modified gets what it lacks.  -ENXIO: there is no set, or there is a record in it. */
static int create_in_set(struct ovnha_cib *cib, const char *set_id, const char *value)
{
    xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
    xmlNode *set = new_set(cib, set_id, value);
    char *path = NULL;
    int rc = -ENOMEM;

    xmlDocSetRootElement(doc, set);
    if (asprintf(&path,
                 "//cluster_property_set[@id='%s' and not(nvpair[@id='%s-record'])]",
                 set_id, set_id) >= 0) {
        rc = cib->connection->cmds->modify(cib->connection, path, set,
                                           cib_sync_call | cib_xpath);
        free(path);
    }
    xmlFreeDoc(doc);
    return rc;
}

static int create(struct ovnha_cib *cib, const char *value)
{
    char set_id[NAME_SIZE];
    int rc;

    snprintf(set_id, sizeof set_id, "ovnha-%s", cib->resource);
    rc = create_in_set(cib, set_id, value);
    return rc == -ENXIO ? create_set(cib, set_id, value) : rc;
}

static int replace(struct ovnha_cib *cib, const char *old, const char *value)
{
    xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
    xmlNode *nvpair = new_nvpair(cib, value);
    char *path = NULL;
    int rc = -ENOMEM;

    xmlDocSetRootElement(doc, nvpair);
    if (asprintf(&path, "//nvpair[@id='ovnha-%s-record' and @value='%s']", cib->resource,
                 old) >= 0) {
        rc = cib->connection->cmds->modify(cib->connection, path, nvpair,
                                           cib_sync_call | cib_xpath);
        free(path);
    }
    xmlFreeDoc(doc);
    return rc;
}

enum ovnha_result ovnha_cib_swap(struct ovnha_cib *cib, const struct ovnha_record *old,
                                 const struct ovnha_record *fresh, struct ovnha_err *err)
{
    enum ovnha_result result = sign_on(cib, err);
    char *old_text = ovnha_record_format(old);
    char *text = ovnha_record_format(fresh);

    if (result == OVNHA_OK) {
        result = answer(cib,
                        ovnha_record_exists(old) ? replace(cib, old_text, text)
                                                 : create(cib, text),
                        "change", "the record", err);
    }
    free(old_text);
    free(text);
    return result;
}
