/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <crm/cib.h>
#include <crm/common/results.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <ovnha/spawn.h>

#include "agent/cib_record.h"

/* A CIB without a cluster: libcib's part of it is here.  Of its nodes, a runs and b was
 * never seen; %s stands for the cluster's properties. */
static const char nodes[] =
    "<cib><configuration><crm_config><cluster_property_set id='p'>%s"
    "</cluster_property_set></crm_config></configuration>"
    "<status><node_state id='1' uname='a' in_ccm='true' crmd='online'/></status></cib>";

static char text[1024];
static struct ovnha_cib *cib;
static cib_t connection;
static cib_api_operations_t operations;
static int refusal; /* what each call fails with; pcmk_ok: none does */

/*
 * libcib, and who goes ahead.
 */

static int sign_on(cib_t *signed_on, const char *name, enum cib_conn_type type)
{
    (void)name;
    (void)type;
    signed_on->state = cib_connected_query;
    return pcmk_ok;
}

static int sign_off(cib_t *signed_off)
{
    signed_off->state = cib_disconnected;
    return pcmk_ok;
}

/* A document of its own, as libcib has it: one element, or what they are all in. */
static xmlNode *copy(const xmlNodeSet *set)
{
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root = set->nodeNr == 1
                        ? xmlDocCopyNode(set->nodeTab[0], doc, 1)
                        : xmlNewDocNode(doc, NULL, (const xmlChar *)"xpath-query", NULL);

    xmlDocSetRootElement(doc, root);
    return root;
}

static int query(cib_t *asked, const char *path, xmlNode **found, int options)
{
    if (refusal != pcmk_ok) {
        return refusal;
    }
    xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), "cib", NULL, 0);
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *result = xmlXPathEvalExpression((const xmlChar *)path, context);

    assert_ptr_equal(asked, &connection);
    assert_true(options & cib_xpath);
    assert_non_null(result);
    const bool is_there = result->nodesetval && result->nodesetval->nodeNr > 0;

    *found = is_there ? copy(result->nodesetval) : NULL;
    xmlXPathFreeObject(result);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    return is_there ? pcmk_ok : -ENXIO;
}

static int modify(cib_t *asked, const char *path, xmlNode *data, int options)
{
    (void)asked;
    (void)path;
    (void)data;
    (void)options;
    return refusal;
}

cib_t *cib_new(void)
{
    operations = (cib_api_operations_t){
        .signon = sign_on,
        .signoff = sign_off,
        .query = query,
        .modify = modify,
    };
    connection = (cib_t){.cmds = &operations};
    return &connection;
}

void cib_delete(cib_t *deleted)
{
    assert_ptr_equal(deleted, &connection);
}

enum ovnha_result ovnha_spawn_run(const struct ovnha_spawn *spawn,
                                  struct ovnha_spawn_result *result, ovnha_msec deadline,
                                  struct ovnha_err *err)
{
    (void)result;
    (void)deadline;
    (void)err;
    assert_string_equal(spawn->argv[1], "probe-cib");
    return OVNHA_OK;
}

static int set_up(void **state)
{
    (void)state;
    refusal = pcmk_ok;
    cib = ovnha_cib_new("ovndb");
    return cib ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ovnha_cib_free(cib);
    return 0;
}

/*
 * Tests.
 */

#define PROPERTY(NAME, VALUE) "<nvpair id='" NAME "' name='" NAME "' value='" VALUE "'/>"

static bool is_off(const char *node, const char *properties)
{
    struct ovnha_err err = {""};
    bool off, went;

    snprintf(text, sizeof text, nodes, properties);
    if (ovnha_cib_node_is_off(cib, node, &off, &went, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    assert_false(went);
    return off;
}

static void test_without_fencing_who_is_not_seen_is_off(void **state)
{
    static const char *const properties[] = {
        PROPERTY("stonith-enabled", "false"),
        PROPERTY("fencing-enabled", "false"),
        PROPERTY("stonith-enabled", "true") PROPERTY("fencing-enabled", "off"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        assert_true(is_off("b", properties[i]));
        assert_false(is_off("a", properties[i]));
    }
}

static void test_with_fencing_it_is_not_known(void **state)
{
    static const char *const properties[] = {
        "",
        PROPERTY("stonith-enabled", "true"),
        PROPERTY("fencing-enabled", "true"),
        PROPERTY("stonith-enabled", "false") PROPERTY("fencing-enabled", "true"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        assert_false(is_off("b", properties[i]));
    }
}

static void assert_says(enum ovnha_result result, const struct ovnha_err *err,
                        const char *what)
{
    assert_int_equal(result, OVNHA_ERR_REFUSED);
    if (strncmp(err->text, what, strlen(what)) != 0) {
        fail_msg("'%s', not '%s...'", err->text, what);
    }
}

static void test_a_failure_says_what_was_asked(void **state)
{
    struct ovnha_record record;
    struct ovnha_err err;
    char policy[32];
    bool managed, off, went;

    (void)state;
    refusal = -EACCES;
    assert_says(ovnha_cib_read(cib, &record, &err), &err,
                "cannot read the record in the CIB: ");
    assert_says(ovnha_cib_swap(cib, &record, &record, &err), &err,
                "cannot change the record in the CIB: ");
    assert_says(ovnha_cib_property(cib, "no-quorum-policy", policy, sizeof policy, &err),
                &err, "cannot read no-quorum-policy in the CIB: ");
    assert_says(ovnha_cib_is_managed(cib, "a", &managed, &err), &err,
                "cannot read whether the resource is managed in the CIB: ");
    assert_says(ovnha_cib_node_is_off(cib, "b", &off, &went, &err), &err,
                "cannot read fencing-enabled in the CIB: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_fencing_who_is_not_seen_is_off,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_with_fencing_it_is_not_known, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_failure_says_what_was_asked, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("cib_record", tests, NULL, NULL);
}
