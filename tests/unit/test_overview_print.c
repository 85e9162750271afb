/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/overview_text.h"

static struct ovnha_overview *overview;
static struct ovnha_overview_findings *findings;
static char *printed;

static int set_up(void **state)
{
    (void)state;
    overview = calloc(1, sizeof *overview);
    findings = calloc(1, sizeof *findings);
    setenv("TZ", "UTC", 1);
    return overview && findings ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(overview);
    free(findings);
    free(printed);
    printed = NULL;
    return 0;
}

static void look(const char *changes)
{
    all_is_well(overview);
    change(overview, changes);
    ovnha_overview_judge(overview, findings);
}

static const char *print(bool colour)
{
    size_t size;

    free(printed);
    FILE *out = open_memstream(&printed, &size);

    ovnha_overview_print(out, overview, findings, colour);
    fclose(out);
    return printed;
}

static const char *print_metrics(void)
{
    size_t size;

    free(printed);
    FILE *out = open_memstream(&printed, &size);

    ovnha_overview_print_metrics(out, overview, findings);
    fclose(out);
    return printed;
}

/*
 * Text.
 */

static void test_all_is_well(void **state)
{
    (void)state;
    look("");
    assert_string_equal(
        print(false),
        "resource     ovndb\n"
        "quorum       yes, 3 of 3 nodes online, coordinator node1\n"
        "generation   6a0d2ab2, number 1, opened by node1\n"
        "in sync      node1 node2 node3\n"
        "vip          10.77.0.100 on node1 (vip)\n"
        "last change  2026-11-21 16:48:34: node1 was promoted: a planned move: node2 "
        "handed over\n"
        "this node    serves and is in sync with generation 6a0d2ab2\n"
        "\n"
        "node1        Promoted, score 100, northd active\n"
        "  nb         active, 1.2 MB, 3 sessions, clients ptcp:6641:10.77.0.100, "
        "replicas ptcp:6643:10.77.0.1\n"
        "  sb         active, 1.2 MB, 3 sessions, clients ptcp:6642:10.77.0.100, "
        "replicas ptcp:6644:10.77.0.1\n"
        "node2        Unpromoted, score 50, northd paused\n"
        "  nb         backup of tcp:10.77.0.1:6643, replicating, 2.0 kB behind, 1.2 MB, "
        "3 sessions\n"
        "  sb         backup of tcp:10.77.0.1:6644, replicating, 2.0 kB behind, 1.2 MB, "
        "3 sessions\n"
        "node3        Unpromoted, score 50, northd paused\n"
        "  nb         backup of tcp:10.77.0.1:6643, replicating, 2.0 kB behind, 1.2 MB, "
        "3 sessions\n"
        "  sb         backup of tcp:10.77.0.1:6644, replicating, 2.0 kB behind, 1.2 MB, "
        "3 sessions\n");
}

static void test_a_bad_night(void **state)
{
    (void)state;
    look("in-sync node2; node1 unclean; node2 promoted; node2/nb backup; node2/sb hung; "
         "node3 silent; vip nowhere; node2 failed");
    overview->changed_to[0] = '\0';
    assert_string_equal(
        print(false),
        "resource     ovndb\n"
        "quorum       yes, 2 of 3 nodes online, coordinator node1\n"
        "generation   6a0d2ab2, number 1, opened by node1\n"
        "in sync      node2\n"
        "vip          10.77.0.100 is nowhere (vip)\n"
        "this node    serves and is in sync with generation 6a0d2ab2\n"
        "\n"
        "node1        offline, and to be fenced, not in sync\n"
        "node2        Promoted, has failed, score 50, northd paused\n"
        "  nb         backup of tcp:10.77.0.1:6643, replicating, 2.0 kB behind, 1.2 MB, "
        "3 sessions\n"
        "  sb         does not answer, 1.2 MB, 3 sessions\n"
        "node3        Unpromoted, not in sync, score 50, northd paused, does not answer\n"
        "\n"
        "CRITICAL     the virtual address 10.77.0.100 is nowhere\n"
        "next step    see why resource vip does not run: crm_mon -1 -rf\n"
        "CRITICAL     node2 is promoted, and its nb server is backup\n"
        "CRITICAL     the sb server on node2 hangs\n"
        "CRITICAL     ovn-northd is paused on node2, which is promoted: no change takes "
        "effect\n"
        "next step    it is started again within seconds; if not, see its log on node2\n"
        "WARNING      only node2 has all of the data: if it is lost, nobody may take "
        "over\n"
        "next step    see below what keeps the others from following\n"
        "WARNING      node1 is lost, and is being fenced\n"
        "next step    wait; see pcs stonith history. Only if that has failed, and you "
        "have seen that node1 is off: pcs stonith confirm node1\n"
        "WARNING      ovndb has failed 2 times on node2\n"
        "next step    when the cause is gone: pcs resource cleanup ovndb\n"
        "WARNING      the helper on node3 does not answer\n"
        "next step    look again: while a node is being lost, nobody can; if it stays "
        "so, see whether node3 is overloaded, or its disk hangs\n"
        "WARNING      node3 has not all of the data: it is in sync with generation "
        "6a0d2ab2\n");
}

static void test_what_Pacemaker_alone_knows(void **state)
{
    (void)state;
    look("no-helper; as-member");
    overview->changed_to[0] = '\0';
    COPY(overview->helper_trouble, "the resident helper answers to root only");
    ovnha_overview_judge(overview, findings);
    assert_string_equal(print(false),
                        "resource     ovndb\n"
                        "quorum       yes, 3 of 3 nodes online, coordinator node1\n"
                        "generation   6a0d2ab2, number 1, opened by node1\n"
                        "in sync      node1 node2 node3\n"
                        "vip          10.77.0.100 on node1 (vip)\n"
                        "\n"
                        "node1        Promoted, score 100\n"
                        "node2        Unpromoted, score 50\n"
                        "node3        Unpromoted, score 50\n"
                        "\n"
                        "note         only what Pacemaker knows is shown: the resident "
                        "helper answers to root only\n");
}

static void test_one_that_is_joining(void **state)
{
    (void)state;
    look("in-sync node1 node2; node3 joining");
    const char *text = print(false);

    assert_non_null(strstr(text, "\nnode3        joining, not in sync\n"));
    assert_non_null(strstr(text, "WARNING      node3 is joining the cluster\n"
                                 "next step    wait; if it stays so: crm_mon -1\n"));
}

/* Nothing else changes, and every colour ends on its line. */
static void test_colour_changes_no_word(void **state)
{
    char *plain, *coloured;
    size_t n = 0;

    (void)state;
    look("in-sync node1 node2; node3 offline; vip nowhere");
    plain = strdup(print(false));
    coloured = strdup(print(true));
    assert_non_null(strstr(coloured, "\033[31mCRITICAL     \033[0m"));
    for (const char *c = coloured; *c; c++) {
        if (*c == '\033') {
            c += strcspn(c, "m");
        } else {
            coloured[n++] = *c;
        }
    }
    coloured[n] = '\0';
    assert_string_equal(coloured, plain);
    assert_null(strchr(plain, '\033'));
    free(plain);
    free(coloured);
}

/*
 * JSON, and its description.
 */

#define KEYS_MAX 256

struct keys {
    size_t n;
    char *key[KEYS_MAX];
};

static bool has(const struct keys *keys, const char *key)
{
    for (size_t i = 0; i < keys->n; i++) {
        if (strcmp(keys->key[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static void add(struct keys *keys, const char *key)
{
    if (!has(keys, key)) {
        assert_true(keys->n < KEYS_MAX);
        keys->key[keys->n++] = strdup(key);
    }
}

static void clear(struct keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        free(keys->key[i]);
    }
}

/* "nodes[].databases[].name" */
static void collect(struct keys *keys, const char *path, json_t *json)
{
    const char *key;
    char longer[256];
    json_t *value;
    size_t i;

    json_object_foreach(json, key, value)
    {
        snprintf(longer, sizeof longer, "%s%s%s", path, *path ? "." : "", key);
        add(keys, longer);
        collect(keys, longer, value);
    }
    json_array_foreach(json, i, value)
    {
        snprintf(longer, sizeof longer, "%s[]", path);
        collect(keys, longer, value);
    }
}

/* What stands first in the rows of its tables, from `from` on to `to`. */
static void read_document(struct keys *keys, const char *from, const char *to)
{
    const char *srcdir = getenv("OVNHA_SRCDIR");
    char path[4096], line[4096], key[256];
    bool on = false;

    snprintf(path, sizeof path, "%s/doc/status-json.md", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "## ", 3) == 0) {
            on = strncmp(line + 3, from, strlen(from)) == 0 ||
                 (on && strncmp(line + 3, to, strlen(to)) != 0);
        } else if (on && sscanf(line, "| `%255[^`]`", key) == 1) {
            add(keys, key);
        }
    }
    fclose(file);
}

static void test_the_document_describes_the_output(void **state)
{
    struct keys said = {0}, described = {0};
    json_t *json;

    (void)state;
    look("failure node2; node1 banned");
    json = ovnha_overview_to_json(overview, findings);
    assert_non_null(json);
    collect(&said, "", json);
    json_decref(json);
    read_document(&described, "The document", "Findings");
    for (size_t i = 0; i < said.n; i++) {
        if (!has(&described, said.key[i])) {
            fail_msg("doc/status-json.md lacks %s", said.key[i]);
        }
    }
    for (size_t i = 0; i < described.n; i++) {
        if (!has(&said, described.key[i])) {
            fail_msg("doc/status-json.md has %s, which is not there", described.key[i]);
        }
    }
    clear(&said);
    clear(&described);
}

static void test_what_is_not_known_is_null(void **state)
{
    json_t *json, *node;

    (void)state;
    look("no-cluster; no-helper");
    overview->record_known = false;
    overview->node[1].in_cluster = false;
    json = ovnha_overview_to_json(overview, findings);
    assert_int_equal(json_integer_value(json_object_get(json, "code")), 3);
    assert_true(json_is_null(json_object_get(json, "cluster")));
    assert_true(json_is_null(json_object_get(json, "record")));
    node = json_array_get(json_object_get(json, "nodes"), 1);
    assert_true(json_is_null(json_object_get(node, "online")));
    assert_true(json_is_null(json_object_get(node, "in_sync")));
    assert_true(json_is_null(json_object_get(node, "version")));
    json_decref(json);
}

/*
 * Metrics.
 */

static bool has_sample(const char *text, const char *sample)
{
    const char *found = strstr(text, sample);

    return found && (found == text || found[-1] == '\n');
}

static void assert_sample(const char *sample)
{
    if (!has_sample(printed, sample)) {
        fail_msg("no '%s' in:\n%s", sample, printed);
    }
}

static void test_metrics(void **state)
{
    (void)state;
    look("in-sync node1 node2; node3 offline");
    print_metrics();
    assert_sample("ovnha_status{resource=\"ovndb\"} 1\n");
    assert_sample("ovnha_in_sync_nodes{resource=\"ovndb\"} 2\n");
    assert_sample("ovnha_last_promotion_timestamp_seconds{resource=\"ovndb\"} "
                  "1795279714\n");
    assert_sample("ovnha_findings{resource=\"ovndb\",severity=\"WARNING\"} 1\n");
    assert_sample("ovnha_node_promoted{resource=\"ovndb\",node=\"node1\"} 1\n");
    assert_sample("ovnha_node_promoted{resource=\"ovndb\",node=\"node2\"} 0\n");
    assert_sample("ovnha_node_in_sync{resource=\"ovndb\",node=\"node3\"} 0\n");
    assert_sample("ovnha_node_info{resource=\"ovndb\",node=\"node2\",version=\"0.1.0\"} "
                  "1\n");
    assert_sample("ovnha_database_file_bytes{resource=\"ovndb\",node=\"node1\",database="
                  "\"nb\"} 1234567\n");
    assert_sample("ovnha_database_lag_seconds{resource=\"ovndb\",node=\"node2\",database="
                  "\"sb\"} 0\n");
    assert_sample("ovnha_database_compactions_total{resource=\"ovndb\",node=\"node2\","
                  "database=\"sb\"} 1\n");
    assert_string_equal(printed + strlen(printed) - 6, "# EOF\n");
}

/* Not as zero. */
static void test_what_is_not_known_has_no_sample(void **state)
{
    (void)state;
    look("node3 offline; node1/nb hung");
    print_metrics();
    assert_null(strstr(printed, "nan"));
    assert_null(strstr(printed, "-1\n"));
    assert_false(
        has_sample(printed, "ovnha_database_up{resource=\"ovndb\",node=\"node3"));
    assert_false(has_sample(printed, "ovnha_database_lag_bytes{resource=\"ovndb\",node="
                                     "\"node1"));
    assert_false(has_sample(printed, "ovnha_database_active{resource=\"ovndb\",node="
                                     "\"node1\",database=\"nb"));
    assert_sample("ovnha_database_up{resource=\"ovndb\",node=\"node1\",database=\"nb\"} "
                  "0\n");
    look("no-cluster");
    print_metrics();
    assert_false(has_sample(printed, "ovnha_quorate{"));
    assert_sample("ovnha_pacemaker_up{resource=\"ovndb\"} 0\n");
}

static void test_labels_are_escaped(void **state)
{
    (void)state;
    look("");
    COPY(overview->resource, "a\"b\\c");
    print_metrics();
    assert_sample("ovnha_status{resource=\"a\\\"b\\\\c\"} 0\n");
}

/*
 * What is written about metrics: all names there are, and no other.
 */

static char *read_text(const char *name)
{
    const char *srcdir = getenv("OVNHA_SRCDIR");
    char path[4096], *text = calloc(1, 65536);

    snprintf(path, sizeof path, "%s/doc/%s", srcdir ? srcdir : ".", name);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

/* Words that begin as our metrics do. */
static void collect_names(struct keys *keys, const char *text)
{
    for (const char *at = strstr(text, "ovnha_"); at; at = strstr(at + 1, "ovnha_")) {
        char name[128];

        if (at == text || strchr(" (`\"\n", at[-1])) {
            snprintf(name, sizeof name, "%.*s",
                     (int)strspn(at, "abcdefghijklmnopqrstuvwxyz_"), at);
            add(keys, name);
        }
    }
}

static void collect_samples(struct keys *keys, const char *text)
{
    for (const char *line = text; line && *line; line = strchr(line, '\n') + 1) {
        char name[128];

        if (sscanf(line, "%127[a-z_]{", name) == 1) {
            add(keys, name);
        }
    }
}

static void assert_all_in(const struct keys *names, const struct keys *there,
                          const char *what)
{
    for (size_t i = 0; i < names->n; i++) {
        if (!has(there, names->key[i])) {
            fail_msg("%s: %s", what, names->key[i]);
        }
    }
}

static void test_what_is_written_about_metrics(void **state)
{
    struct keys there = {0}, described = {0}, queried = {0};
    char *document = read_text("metrics.md"),
         *board = read_text("metrics-dashboard.json");
    json_t *json = json_loads(board, 0, NULL);

    (void)state;
    look("");
    collect_samples(&there, print_metrics());
    assert_true(there.n > 25);
    collect_names(&described, document);
    collect_names(&queried, board);
    assert_all_in(&there, &described, "doc/metrics.md lacks");
    assert_all_in(&described, &there, "doc/metrics.md has what is not there");
    assert_true(queried.n > 10);
    assert_all_in(&queried, &there, "the dashboard asks for what is not there");
    assert_non_null(json_object_get(json, "panels"));
    json_decref(json);
    clear(&there);
    clear(&described);
    clear(&queried);
    free(document);
    free(board);
}

/* In the order that OpenMetrics wants: a family's samples after its type, together. */
static void test_families_are_whole(void **state)
{
    struct keys families = {0};
    char family[128] = "", name[128];

    (void)state;
    look("node3 offline");
    for (const char *line = print_metrics(); *line; line = strchr(line, '\n') + 1) {
        if (sscanf(line, "# TYPE %127s", name) == 1) {
            assert_false(has(&families, name));
            add(&families, name);
            snprintf(family, sizeof family, "%s", name);
        } else if (sscanf(line, "# HELP %127s", name) == 1) {
            assert_string_equal(name, family);
        } else if (strncmp(line, "# EOF\n", 6) != 0) {
            assert_int_equal(strncmp(line, family, strlen(family)), 0);
        }
    }
    clear(&families);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_is_well),
        TEST(test_a_bad_night),
        TEST(test_what_Pacemaker_alone_knows),
        TEST(test_one_that_is_joining),
        TEST(test_colour_changes_no_word),
        TEST(test_the_document_describes_the_output),
        TEST(test_what_is_not_known_is_null),
        TEST(test_metrics),
        TEST(test_what_is_not_known_has_no_sample),
        TEST(test_labels_are_escaped),
        TEST(test_what_is_written_about_metrics),
        TEST(test_families_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
