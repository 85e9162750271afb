/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/overview_text.h"

/* What is changed of three nodes on which all is well; what is found then, worst first;
 * and the exit code. */
static const struct {
    const char *title, *changes, *found;
    int code;
} cases[] = {
    {"all is well", "", "", 0},
    {"of two, one is in sync", "in-sync node1 node2", "WARNING not-in-sync node3\n", 1},
    {"only one is in sync", "in-sync node1",
     "WARNING one-in-sync\nWARNING not-in-sync node2\nWARNING not-in-sync node3\n", 1},
    {"... and the others are off", "in-sync node1; node2 offline; node3 offline",
     "WARNING one-in-sync\nWARNING offline node2\nWARNING offline node3\n", 1},
    {"a replica loses power", "in-sync node1 node2; node3 offline",
     "WARNING offline node3\n", 1},
    {"... and is to be fenced", "in-sync node1 node2; node3 unclean",
     "WARNING unclean node3\n", 1},
    {"... which takes a moment", "in-sync node1 node2; node3 lost",
     "WARNING unclean node3\n", 1},
    {"the active is to be fenced", "in-sync node1 node2 node3; node1 lost",
     "CRITICAL unclean node1\n", 2},
    {"... and nobody fences it", "in-sync node1 node2 node3; node1 lost; no-device",
     "CRITICAL unclean node1\nOK no-fencing\n", 2},
    {"fencing is switched off", "no-fencing", "OK no-fencing\n", 0},
    {"quorum is lost", "node2 offline; node3 offline; no-quorum; node1 unpromoted",
     "CRITICAL no-quorum\nCRITICAL nobody-promoted\nWARNING not-backup node1\n"
     "WARNING not-backup node1\nWARNING offline node2\nWARNING offline node3\n",
     2},
    {"nobody is promoted, and one is awaited",
     "node1 offline; awaits node1; in-sync node1",
     "CRITICAL nobody-promoted\nWARNING one-in-sync\nWARNING offline node1\n"
     "WARNING not-in-sync node2\nWARNING not-in-sync node3\n",
     2},
    {"one is being promoted", "node1 offline; node2 promoting",
     "CRITICAL role-moves\nWARNING offline node1\n", 2},
    {"two are promoted", "node2 promoted",
     "CRITICAL several-promoted\nCRITICAL not-active node2\nCRITICAL not-active node2\n"
     "CRITICAL northd node2\n",
     2},
    {"the first start", "no-record; node1 unpromoted; node1/nb backup; node1/sb backup",
     "CRITICAL nobody-promoted\nWARNING no-generation\n", 2},
    {"the address is nowhere", "vip nowhere", "CRITICAL vip-down\n", 2},
    {"the address is elsewhere", "vip node3", "CRITICAL vip-elsewhere node3\n", 2},
    {"there is no address", "no-vip", "", 0},
    {"a server of the active is dead", "node1/nb absent",
     "CRITICAL server-absent node1\n", 2},
    {"a server of the active hangs", "node1/sb hung", "CRITICAL server-silent node1\n",
     2},
    {"a server of the active is busy", "node1/sb busy", "WARNING server-busy node1\n", 1},
    {"the active does not listen", "node1/sb closed", "CRITICAL not-listening node1\n",
     2},
    {"the active is read-only", "node1/nb backup", "CRITICAL not-active node1\n", 2},
    {"a server of a replica is dead", "node2/nb absent", "WARNING server-absent node2\n",
     1},
    {"a server of a replica hangs", "node2/nb hung", "WARNING server-silent node2\n", 1},
    {"a replica is writable", "node2/nb active", "WARNING not-backup node2\n", 1},
    {"a replica has no session", "node2/nb connecting", "WARNING not-replicating node2\n",
     1},
    {"a replica stands still", "node2/nb late", "WARNING lag node2\n", 1},
    {"a disk is full", "node2/nb full", "WARNING file node2\n", 1},
    {"northd is dead", "node1 northd absent", "CRITICAL northd node1\n", 2},
    {"northd computes", "node1 northd unknown", "", 0},
    {"northd does not wait hot", "node2 northd absent", "", 0},
    {"something is set aside", "node3 aside", "WARNING set-aside node3\n", 1},
    {"all are banned", "node1 banned; node2 banned; node3 banned",
     "WARNING all-banned\nOK banned node1\nOK banned node2\nOK banned node3\n", 1},
    {"... and nobody is promoted",
     "node1 banned; node2 banned; node3 banned; node1 unpromoted; node1/nb backup; "
     "node1/sb backup",
     "CRITICAL all-banned\nOK banned node1\nOK banned node2\nOK banned node3\n", 2},
    {"... for which two reasons there are",
     "in-sync node1; node1 banned; node1 offline; awaits node1",
     "CRITICAL all-banned\nCRITICAL nobody-promoted\nWARNING one-in-sync\n"
     "WARNING offline node1\nWARNING not-in-sync node2\nWARNING not-in-sync node3\n"
     "OK banned node1\n",
     2},
    {"one is banned", "node1 banned", "OK banned node1\n", 0},
    {"a node is in standby", "in-sync node1 node2; node3 standby",
     "WARNING standby node3\n", 1},
    {"a node is booting", "in-sync node1 node2; node3 joining", "WARNING joining node3\n",
     1},
    {"a node is in maintenance", "node3 maintenance", "WARNING maintenance node3\n", 1},
    {"the resource is unmanaged", "node3 unmanaged", "WARNING unmanaged node3\n", 1},
    {"the cluster is in maintenance",
     "maintenance-mode; node1 unmanaged; node2 unmanaged; node3 unmanaged",
     "WARNING maintenance-mode\n", 1},
    {"a stop has failed", "node3 blocked", "CRITICAL blocked node3\n", 2},
    {"a monitor has failed", "node3 failed; failure node3",
     "WARNING failcount node3\nWARNING failed-action node3\n", 1},
    {"no start is tried again", "in-sync node1 node2; node3 given-up; failure node3",
     "WARNING failcount node3\nWARNING failed-action node3\n", 1},
    {"it does not run where it should", "in-sync node1 node2; node3 stopped",
     "WARNING stopped node3\n", 1},
    {"... where it should not", "in-sync node1 node2; node3 excluded", "", 0},
    {"... and enough others do", "in-sync node1 node2; node3 stopped; wanted 2", "", 0},
    {"a helper does not answer", "node2 silent", "WARNING silent-helper node2\n", 1},
    {"a helper is gone", "node2 without-helper", "WARNING no-helper node2\n", 1},
    {"a rolling upgrade", "node2 older", "OK older-helper node2\n", 0},
    {"there is no coordinator", "no-dc", "WARNING no-dc\n", 1},
    {"a member of haclient asks", "no-helper; as-member", "OK not-asked\n", 0},
    {"one that is no member of the resource asks", "no-helper; elsewhere",
     "OK not-asked\n", 0},
    {"it is in standby",
     "no-helper; in-sync node2 node3; node1 standby; node2 promoted; vip node2",
     "WARNING standby node1\nOK not-asked\n", 1},
    {"the helper here is dead", "no-helper", "WARNING not-asked node1\n", 1},
    {"the helper here is dead, and one in sync", "no-helper; as-member; in-sync node1",
     "WARNING one-in-sync\nWARNING not-in-sync node2\nWARNING not-in-sync node3\n"
     "OK not-asked\n",
     1},
    {"there are no helpers", "unguarded", "OK not-guarded\n", 0},
    {"Pacemaker does not answer", "no-cluster", "UNKNOWN no-cluster\n", 3},
    {"Pacemaker does not answer, and one in sync",
     "no-cluster; in-sync node1; node2 offline; node3 offline",
     "WARNING one-in-sync\nWARNING offline node2\nWARNING offline node3\n"
     "UNKNOWN no-cluster\n",
     1},
    {"nobody answers", "no-cluster; no-helper", "UNKNOWN no-cluster\nUNKNOWN not-asked\n",
     3},
};

static void found_in(const struct ovnha_overview *o,
                     struct ovnha_overview_findings *findings, char *text, size_t size)
{
    size_t length = 0;

    ovnha_overview_judge(o, findings);
    text[0] = '\0';
    for (size_t i = 0; i < findings->n && length < size; i++) {
        const struct ovnha_overview_finding *one = &findings->finding[i];

        length += (size_t)snprintf(text + length, size - length, "%s %s%s%s\n",
                                   ovnha_severity_to_str(one->severity), one->code,
                                   one->node[0] ? " " : "", one->node);
    }
}

static void test_cases(void **state)
{
    struct ovnha_overview *o = calloc(1, sizeof *o);
    struct ovnha_overview_findings *findings = calloc(1, sizeof *findings);
    char text[2048];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        all_is_well(o);
        change(o, cases[i].changes);
        found_in(o, findings, text, sizeof text);
        if (strcmp(text, cases[i].found) != 0 ||
            ovnha_severity_code(findings->worst) != cases[i].code) {
            fail_msg("%s: it finds, for %d instead of %d:\n%s", cases[i].title,
                     ovnha_severity_code(findings->worst), cases[i].code, text);
        }
    }
    free(findings);
    free(o);
}

/* Whoever is called at night reads this. */
static void test_every_finding_reads_well(void **state)
{
    struct ovnha_overview *o = calloc(1, sizeof *o);
    struct ovnha_overview_findings *findings = calloc(1, sizeof *findings);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        all_is_well(o);
        change(o, cases[i].changes);
        ovnha_overview_judge(o, findings);
        for (size_t f = 0; f < findings->n; f++) {
            const char *text = findings->finding[f].text;

            assert_true(strlen(text) > 10);
            assert_null(strstr(text, "  "));
            assert_int_not_equal(text[strlen(text) - 1], ' ');
            assert_int_not_equal(text[strlen(text) - 1], '.');
        }
    }
    free(findings);
    free(o);
}

static void test_who_is_awaited_is_the_next_step(void **state)
{
    struct ovnha_overview *o = calloc(1, sizeof *o);
    struct ovnha_overview_findings *findings = calloc(1, sizeof *findings);

    (void)state;
    all_is_well(o);
    change(o, "node3 offline; node1 unpromoted; awaits node3");
    ovnha_overview_judge(o, findings);
    assert_string_equal(findings->finding[0].text,
                        "nobody is promoted: node1 waits for node3");
    assert_string_equal(findings->finding[0].next,
                        "start node3; if it is lost for good, see: ovnha accept-loss");
    free(findings);
    free(o);
}

static void found_at(bool last, const char *changes, const char *text, const char *next)
{
    struct ovnha_overview *o = calloc(1, sizeof *o);
    struct ovnha_overview_findings *findings = calloc(1, sizeof *findings);

    all_is_well(o);
    change(o, changes);
    ovnha_overview_judge(o, findings);
    const struct ovnha_overview_finding *one =
        &findings->finding[last ? findings->n - 1 : 0];

    assert_string_equal(one->text, text);
    assert_string_equal(one->next, next);
    free(findings);
    free(o);
}

static void found_first(const char *changes, const char *text, const char *next)
{
    found_at(false, changes, text, next);
}

static void found_last(const char *changes, const char *text, const char *next)
{
    found_at(true, changes, text, next);
}

static void test_the_cause_comes_first(void **state)
{
    static const char barred[] =
        "nobody in sync may be promoted: constraints bar all of them";

    (void)state;
    found_first("node1 unpromoted; node1 moved-away; node2 moved-away; node3 banned",
                barred, "pcs resource clear ovndb-clone");
    found_first("node1 unpromoted; node1 banned; node2 banned; node3 banned", barred,
                "remove a constraint, as: pcs constraint delete ban-1");
    found_first("no-reason; failed-start node3; node1 given-up; node2 given-up; node3 "
                "given-up",
                "nobody is promoted: start failed on node3: nb is dead",
                "mend what has failed; then: pcs resource cleanup ovndb");
    found_first("no-reason; failure node3; node1 unpromoted", "nobody is promoted",
                "see: crm_mon -1 -Arf");
    found_first("node3 given-up",
                "ovndb may not run on node3 until it is cleaned up: it has failed there",
                "when the cause is gone: pcs resource cleanup ovndb");
}

static void test_northd_is_started_where_it_is_managed(void **state)
{
    static const char absent[] =
        "ovn-northd is absent on node1, which is promoted: no change takes effect";

    (void)state;
    found_first("node1 northd absent", absent,
                "it is started again within seconds; if not, see its log on node1");
    found_first("node1 northd absent; node1 unmanaged", absent,
                "nothing is started while ovndb is not managed on node1");
}

static void test_where_more_is_known(void **state)
{
    static const char here[] =
        "ovndb does not run on this node, so only what Pacemaker knows is shown";

    (void)state;
    found_first("no-helper; elsewhere", here, "ask on node1, the active: ovnha status");
    found_last("no-helper; elsewhere; node1 lost", here, "ask on node2: ovnha status");
    found_last("no-helper; elsewhere; node1 lost; node2 lost; node3 stopped", here, "");
}

/* What a person does before a fencing has failed may cost data. */
static void test_who_is_fenced_is_waited_for(void **state)
{
    struct ovnha_overview *o = calloc(1, sizeof *o);
    struct ovnha_overview_findings *findings = calloc(1, sizeof *findings);

    (void)state;
    all_is_well(o);
    change(o, "in-sync node1 node2; node3 lost");
    ovnha_overview_judge(o, findings);
    assert_string_equal(findings->finding[0].text, "node3 is lost, and is being fenced");
    assert_string_equal(findings->finding[0].next,
                        "wait; see pcs stonith history. Only if that has failed, and "
                        "you have seen that node3 is off: pcs stonith confirm node3");
    change(o, "no-quorum");
    ovnha_overview_judge(o, findings);
    assert_string_equal(findings->finding[1].text,
                        "node3 is lost, and is not fenced: that takes quorum");
    assert_string_equal(findings->finding[1].next, "");
    free(findings);
    free(o);
}

/* Thirty nodes in trouble are too many findings, and no overflow. */
static void test_too_many_findings_are_cut(void **state)
{
    struct ovnha_overview *o = calloc(1, sizeof *o);
    struct ovnha_overview_findings *findings = calloc(1, sizeof *findings);

    (void)state;
    all_is_well(o);
    for (size_t i = 3; i < OVNHA_NODES_MAX; i++) {
        char name[16];

        snprintf(name, sizeof name, "node%zu", i + 1);
        say_node(&o->node[i], name, false);
        o->node[i].blocked = true;
        change_db(&o->node[i].db[0], "absent");
        change_db(&o->node[i].db[1], "full");
    }
    o->n_nodes = OVNHA_NODES_MAX;
    ovnha_overview_judge(o, findings);
    assert_int_equal(findings->n, OVNHA_OVERVIEW_FINDINGS_MAX);
    assert_int_equal(findings->worst, OVNHA_CRITICAL);
    free(findings);
    free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_finding_reads_well),
        cmocka_unit_test(test_who_is_awaited_is_the_next_step),
        cmocka_unit_test(test_the_cause_comes_first),
        cmocka_unit_test(test_northd_is_started_where_it_is_managed),
        cmocka_unit_test(test_where_more_is_known),
        cmocka_unit_test(test_who_is_fenced_is_waited_for),
        cmocka_unit_test(test_too_many_findings_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
