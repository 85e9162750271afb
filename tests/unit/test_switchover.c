/* SPDX-License-Identifier: Apache-2.0 */
/* Preflight and the judgement of a move, by the cases in switchover.cases:
 *
 *   = TITLE
 *   a cluster in words (cluster_words.h)
 *   --                    and what it is later
 *   ? move [NODE] | leave NODE | judge NODE | events
 *   > what comes out, line by line: of a preflight, what is not fine
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/move.h"
#include "cli/preflight.h"
#include "tests/unit/cluster_words.h"

#define NOW 1795280320000 /* 2026-11-21 16:58:40 UTC */

struct text {
    char bytes[8192];
};

static void add(void *cookie, const char *line)
{
    struct text *text = cookie;
    const size_t length = strlen(text->bytes);

    snprintf(text->bytes + length, sizeof text->bytes - length, "> %s\n", line);
}

static void add_findings(struct text *out, const struct ovnha_cli_findings *findings)
{
    char line[900];

    for (size_t i = 0; i < findings->n; i++) {
        const struct ovnha_cli_finding *one = &findings->finding[i];

        snprintf(line, sizeof line, "%s: %s%s%s", ovnha_cli_level_to_str(one->level),
                 one->text, one->next[0] ? " | " : "", one->next);
        if (one->level != OVNHA_CLI_FINE) {
            add(out, line);
        }
    }
}

static void ask(const struct world *first, const struct world *later, char *question,
                struct text *out)
{
    const struct ovnha_cli_situation situation = {&first->cluster, &first->record,
                                                  first->state, NOW};
    char *rest = NULL, why[300], line[400];
    const char *what = strtok_r(question + 1, " \n", &rest);
    const char *node = strtok_r(NULL, " \n", &rest);
    static const char *const states[] = {"moving", "moved", "strayed"};

    if (strcmp(what, "move") == 0) {
        struct ovnha_cli_preflight preflight;

        ovnha_cli_preflight(&situation, node, &preflight);
        snprintf(line, sizeof line, "%s to %s",
                 preflight.from[0] ? preflight.from : "nobody",
                 preflight.to[0] ? preflight.to : "nobody");
        add(out, line);
        add_findings(out, &preflight.findings);
    } else if (strcmp(what, "leave") == 0) {
        struct ovnha_cli_findings findings;

        ovnha_cli_preflight_leave(&situation, node, &findings);
        add_findings(out, &findings);
    } else if (strcmp(what, "judge") == 0) {
        const enum ovnha_cli_move_state state =
            ovnha_cli_move_judge(&first->cluster, &later->cluster, node, why);

        snprintf(line, sizeof line, "%s%s%s", states[state], why[0] ? ": " : "", why);
        add(out, line);
    } else {
        assert_string_equal(what, "events");
        ovnha_cli_move_events(&first->cluster, &later->cluster, add, out);
    }
}

struct reader {
    struct world world[2];
    size_t at; /* in which of them lines are said now */
    struct text expected, got;
    char title[200];
    size_t n_cases, n_wrong;
};

static void end_case(struct reader *r)
{
    if (r->title[0]) {
        r->n_cases++;
        print_message("# %s\n", r->title);
    }
    if (strcmp(r->expected.bytes, r->got.bytes) != 0) {
        print_error("%s\nexpected:\n%sgot:\n%s", r->title, r->expected.bytes,
                    r->got.bytes);
        r->n_wrong++;
    }
    r->expected.bytes[0] = r->got.bytes[0] = '\0';
    r->at = 0;
    world_begin(&r->world[0]);
    world_begin(&r->world[1]);
}

/* The line has to stay: worlds point into it. */
static void read_line(struct reader *r, char *line)
{
    if (line[0] == '=') {
        end_case(r);
        snprintf(r->title, sizeof r->title, "%s", line + 2);
    } else if (line[0] == '>') {
        snprintf(r->expected.bytes + strlen(r->expected.bytes),
                 sizeof r->expected.bytes - strlen(r->expected.bytes), "%s\n", line);
    } else if (line[0] == '?') {
        ask(&r->world[0], &r->world[1], line, &r->got);
    } else if (strcmp(line, "--") == 0) {
        r->at = 1;
    } else if (line[0] && line[0] != '#' && !world_line(&r->world[r->at], line)) {
        fail_msg("not understood: %s", line);
    }
}

static void test_cases(void **state)
{
    static struct reader r;
    static char text[65536];
    const char *srcdir = getenv("OVNHA_SRCDIR");
    char path[4096], *rest = NULL;

    (void)state;
    snprintf(path, sizeof path, "%s/tests/unit/switchover.cases", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    end_case(&r);
    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        read_line(&r, line);
    }
    end_case(&r);
    assert_true(r.n_cases > 40);
    assert_int_equal(r.n_wrong, 0);
}

static void test_the_constraint(void **state)
{
    struct world w;
    struct ovnha_cli_move_ids ids;
    char xml[OVNHA_CLI_MOVE_XML_SIZE], xpath[OVNHA_CLI_MOVE_XPATH_SIZE];

    (void)state;
    world_begin(&w);
    assert_true(ovnha_cli_move_ids(&w.cluster, "node2-4711", &ids));
    assert_string_equal(ids.constraint, "ovnha-move-ovndb-clone");
    assert_true(
        ovnha_cli_move_xml(&w.cluster, &ids, "node1", "2026-11-21 16:58:40Z", xml));
    assert_string_equal(
        xml,
        "<rsc_location id=\"ovnha-move-ovndb-clone\" rsc=\"ovndb-clone\" "
        "role=\"Promoted\"><rule id=\"ovnha-move-ovndb-clone-by-node2-4711\" "
        "score=\"INFINITY\" boolean-op=\"and\"><expression id=\"ovnha-move-ovndb-clone-node\" "
        "attribute=\"#uname\" operation=\"eq\" value=\"node1\" type=\"string\"/>"
        "<date_expression id=\"ovnha-move-ovndb-clone-until\" operation=\"lt\" "
        "end=\"2026-11-21 16:58:40Z\"/></rule></rsc_location>");
    ovnha_cli_move_xpath(ids.constraint, ids.rule, xpath);
    assert_string_equal(xpath, "//rsc_location[@id='ovnha-move-ovndb-clone' and "
                               "rule/@id='ovnha-move-ovndb-clone-by-node2-4711']");
    w.cluster.schema = "pacemaker-3.2";
    assert_true(ovnha_cli_move_xml(&w.cluster, &ids, "node1", "x", xml));
    assert_non_null(strstr(xml, "role=\"Master\""));
    w.cluster.schema = "pacemaker-4.0";
    assert_true(ovnha_cli_move_xml(&w.cluster, &ids, "node1", "x", xml));
    assert_non_null(strstr(xml, "role=\"Promoted\""));
    assert_false(ovnha_cli_move_xml(&w.cluster, &ids, "node'1", "x", xml));
    assert_false(ovnha_cli_move_ids(&w.cluster, "node'1", &ids));
    w.resource[0].top = "";
    assert_true(ovnha_cli_move_ids(&w.cluster, "node2-4711", &ids));
    assert_string_equal(ids.constraint, "ovnha-move-ovndb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_the_constraint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
