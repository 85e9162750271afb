/* SPDX-License-Identifier: Apache-2.0 */

/* The policy corpus: every *.case beside this file is one test.
 *
 *   test_policy                  run all, as TAP
 *   test_policy FILE...          run these
 *   test_policy --answer FILE    print FILE with the answers that the code gives
 *
 * A case describes the world; the runner hands over of it what the agent would
 * have asked for (ovnha_facts_wanted), so a decision that forgets to ask for
 * something does not see it here either. */

#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ovnha/condition.h>
#include <ovnha/decide.h>
#include <ovnha/eligibility.h>
#include <ovnha/text.h>

#include "facts_text.h"

#define LINE_SIZE  768
#define LINES_MAX  96
#define ACTION     "action:"
#define STEP_SPACE "  "

struct lines {
    size_t n;
    char text[LINES_MAX][LINE_SIZE];
};

/* One reading of one file. */
struct reading {
    const char *name;
    int line;
    struct ovnha_facts facts;
    bool asking;   /* an action was read, its answer may follow */
    int asked_at;  /* its line */
    int questions; /* how many were there */
    bool failed;
    struct lines expected;
    FILE *report;  /* where differences go */
    FILE *answers; /* where --answer goes, or NULL */
};

static void add_line(struct lines *lines, const char *format, ...) OVNHA_PRINTF(2, 3);

static void add_line(struct lines *lines, const char *format, ...)
{
    va_list args;

    if (lines->n == LINES_MAX) {
        abort();
    }
    va_start(args, format);
    vsnprintf(lines->text[lines->n++], LINE_SIZE, format, args);
    va_end(args);
}

static void complain(struct reading *reading, int line, const char *text)
{
    fprintf(reading->report, "%s:%d: %s\n", reading->name, line, text);
    reading->failed = true;
}

/*
 * What the code says, in the words of a case.
 */

static bool mentions(const struct lines *lines, const char *key)
{
    for (size_t i = 0; i < lines->n; i++) {
        if (strncmp(lines->text[i], key, strlen(key)) == 0) {
            return true;
        }
    }
    return false;
}

/* As the agent does: what was not wanted is not known. */
static unsigned keep_wanted(struct ovnha_facts *facts)
{
    struct ovnha_facts local = *facts;

    memset(&local.cluster, 0, sizeof local.cluster);
    local.nodes_known = false;
    local.n_nodes = 0;
    local.nodes_trouble[0] = '\0';
    unsigned wanted = ovnha_facts_wanted(&local);

    if (wanted & OVNHA_WANT_NODES) {
        local.nodes_known = facts->nodes_known;
        local.n_nodes = facts->n_nodes;
        memcpy(local.nodes_trouble, facts->nodes_trouble, sizeof local.nodes_trouble);
        wanted |= ovnha_facts_wanted(&local);
    }
    if (wanted & OVNHA_WANT_CLUSTER) {
        local.cluster = facts->cluster;
    }
    local.aside_pending = local.aside_pending && ovnha_facts_wants_aside(&local);
    for (size_t i = 0; i < local.settings.n_dbs; i++) {
        char method[OVNHA_METHOD_SIZE];

        if (!ovnha_facts_wants_schema(&local, i, method)) {
            local.server[i].unfit[0] = '\0';
        }
    }
    *facts = local;
    return wanted;
}

static void say_wants(struct lines *lines, unsigned wanted)
{
    add_line(lines, "wants:%s%s%s", wanted & OVNHA_WANT_NODES ? " nodes" : "",
             wanted & OVNHA_WANT_CLUSTER ? " cluster" : "", wanted ? "" : " nothing");
}

static void say_score(struct lines *lines, const struct ovnha_facts *facts)
{
    const struct ovnha_eligibility eligibility = ovnha_eligibility(facts);
    char score[16];

    ovnha_score_format(eligibility.score, score);
    add_line(lines, "score: %s, %s", score, eligibility.reason);
}

static void say_steps(struct lines *lines, const char *title,
                      const struct ovnha_step *steps, size_t n,
                      const struct ovnha_settings *settings)
{
    char text[OVNHA_STEP_TEXT_SIZE];

    add_line(lines, "%s%s", title, n ? "" : " nothing");
    for (size_t i = 0; i < n; i++) {
        ovnha_step_format(&steps[i], settings, text);
        add_line(lines, STEP_SPACE "%s", text);
    }
}

static void say_plan(struct lines *lines, const struct ovnha_plan *plan,
                     const struct ovnha_settings *settings)
{
    say_steps(lines, plan->run_all ? "expect all:" : "expect:", plan->step, plan->n_steps,
              settings);
    if (plan->n_failure_steps) {
        say_steps(lines, "failure:", plan->failure_step, plan->n_failure_steps, settings);
    }
    add_line(lines, "outcome: %s", ovnha_outcome_to_str(plan->outcome));
    if (plan->reason[0]) {
        add_line(lines, "reason: %s", plan->reason);
    }
}

static void answer(const struct reading *reading, struct lines *lines)
{
    const struct lines *expected = &reading->expected;
    struct ovnha_facts facts = reading->facts;
    const unsigned wanted = keep_wanted(&facts);
    struct ovnha_plan plan;

    lines->n = 0;
    ovnha_decide(&facts, &plan);
    if (mentions(expected, "condition:")) {
        add_line(lines, "condition: %s", ovnha_condition_to_str(ovnha_condition(&facts)));
    }
    if (mentions(expected, "wants:")) {
        say_wants(lines, wanted);
    }
    if (mentions(expected, "score:")) {
        say_score(lines, &facts);
    }
    say_plan(lines, &plan, &facts.settings);
}

/*
 * The difference, as diff(1) would print it.
 */

struct diff {
    const struct lines *a, *b;
    unsigned char same[LINES_MAX + 1][LINES_MAX + 1]; /* of a[i..] and b[j..] */
};

static bool equal(const struct diff *diff, size_t i, size_t j)
{
    return strcmp(diff->a->text[i], diff->b->text[j]) == 0;
}

static void count_same(struct diff *diff)
{
    for (size_t i = diff->a->n; i-- > 0;) {
        for (size_t j = diff->b->n; j-- > 0;) {
            const unsigned char down = diff->same[i + 1][j];
            const unsigned char right = diff->same[i][j + 1];

            diff->same[i][j] = equal(diff, i, j) ? diff->same[i + 1][j + 1] + 1
                               : down > right    ? down
                                                 : right;
        }
    }
}

static void print_diff(const struct lines *a, const struct lines *b, FILE *to)
{
    struct diff diff = {.a = a, .b = b};
    size_t i = 0, j = 0;

    count_same(&diff);
    while (i < a->n || j < b->n) {
        if (i < a->n && j < b->n && equal(&diff, i, j)) {
            fprintf(to, "  %s\n", a->text[i]);
            i++, j++;
        } else if (j == b->n ||
                   (i < a->n && diff.same[i + 1][j] >= diff.same[i][j + 1])) {
            fprintf(to, "- %s\n", a->text[i++]);
        } else {
            fprintf(to, "+ %s\n", b->text[j++]);
        }
    }
}

static bool same_lines(const struct lines *a, const struct lines *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        if (strcmp(a->text[i], b->text[i]) != 0) {
            return false;
        }
    }
    return a->n == b->n;
}

/*
 * Reading.
 */

static void print_answer(struct reading *reading, const struct lines *actual)
{
    for (size_t i = 0; i < actual->n; i++) {
        fprintf(reading->answers, "%s\n", actual->text[i]);
    }
}

static void finish_question(struct reading *reading)
{
    static struct lines actual;
    const char *action = ovnha_action_to_str(reading->facts.action);
    char text[LINE_SIZE];

    if (!reading->asking) {
        return;
    }
    reading->asking = false;
    answer(reading, &actual);
    if (reading->answers) {
        print_answer(reading, &actual);
    } else if (!same_lines(&reading->expected, &actual)) {
        snprintf(text, sizeof text, "%s: expected (-), but the code says (+):", action);
        complain(reading, reading->asked_at, text);
        print_diff(&reading->expected, &actual, reading->report);
    }
}

static void begin_question(struct reading *reading, char *words)
{
    char complaint[OVNHA_ERR_SIZE];

    finish_question(reading);
    reading->expected.n = 0;
    reading->asked_at = reading->line;
    reading->questions++;
    reading->asking = facts_text_take_action(&reading->facts, words, complaint);
    if (!reading->asking) {
        complain(reading, reading->line, complaint);
    }
}

static bool is_answer(const char *line)
{
    static const char *const keys[] = {
        "condition:", "wants:",   "score:",  "expect:", "expect all:",
        "failure:",   "outcome:", "reason:", STEP_SPACE};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strncmp(line, keys[i], strlen(keys[i])) == 0) {
            return true;
        }
    }
    return false;
}

static void take_fact(struct reading *reading, char *line)
{
    char complaint[OVNHA_ERR_SIZE];

    finish_question(reading);
    if (!facts_text_take(&reading->facts, line, complaint)) {
        complain(reading, reading->line, complaint);
    }
}

static void take_answer(struct reading *reading, const char *line)
{
    if (!reading->asking) {
        complain(reading, reading->line, "an answer without an action");
    } else if (reading->expected.n == LINES_MAX) {
        complain(reading, reading->line, "too long an answer");
    } else {
        add_line(&reading->expected, "%s", line);
    }
}

static void take_line(struct reading *reading, char *line)
{
    const bool empty = !line[0] || line[0] == '#';

    if (!empty && is_answer(line)) {
        take_answer(reading, line);
        return;
    }
    /* An answer ends where something else follows; so it is printed there. */
    if (reading->answers) {
        finish_question(reading);
        fprintf(reading->answers, "%s\n", line);
    }
    if (empty) {
        return;
    }
    if (strncmp(line, ACTION, strlen(ACTION)) == 0) {
        begin_question(reading, line + strlen(ACTION));
    } else {
        take_fact(reading, line);
    }
}

static bool run_case(const char *name, FILE *from, FILE *report, FILE *answers)
{
    static struct reading reading;
    char line[LINE_SIZE];

    memset(&reading, 0, sizeof reading);
    reading.name = name;
    reading.report = report;
    reading.answers = answers;
    facts_text_init(&reading.facts);
    while (fgets(line, sizeof line, from)) {
        reading.line++;
        line[strcspn(line, "\n")] = '\0';
        take_line(&reading, line);
    }
    finish_question(&reading);
    if (!reading.questions) {
        complain(&reading, reading.line, "no action in this file");
    }
    return !reading.failed;
}

/*
 * TAP.
 */

static int test_number, failures;

static void print_commented(const char *text)
{
    char *copy = strdup(text), *rest = copy;

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (line[0]) {
            printf("# %s\n", line);
        }
    }
    free(copy);
}

static void tap(bool ok, const char *name, const char *report)
{
    if (!ok) {
        failures++;
        print_commented(report);
    }
    printf("%sok %d - %s\n", ok ? "" : "not ", ++test_number, name);
}

static void run_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    FILE *from = fopen(path, "r");
    char *text = NULL;
    size_t size;
    FILE *report = open_memstream(&text, &size);
    bool ok = false;

    if (from) {
        ok = run_case(name, from, report, NULL);
        fclose(from);
    } else {
        fprintf(report, "cannot open %s\n", path);
    }
    fclose(report);
    tap(ok, name, text);
    free(text);
}

/* The runner itself: what it says of cases that are wrong. */
static const struct {
    const char *title, *text, *report;
} wrong[] = {
    {"a case without an action", "server nb: active\n",
     "x.case:1: no action in this file\n"},
    {"an unknown fact",
     "\n# a comment\nservr nb: active\naction: stop\nexpect all:\n"
     "  try publish-score -INFINITY\n  try remember stopped\n"
     "outcome: success\n",
     "x.case:3: no such fact 'servr nb: active'\n"},
    {"an unknown word",
     "server nb: backup clients-opened\naction: stop\nexpect all:\n"
     "  stop-server nb\n  try publish-score -INFINITY\n  try remember stopped\n"
     "outcome: success\n",
     "x.case:1: cannot understand 'clients-opened'\n"},
    {"an unknown server",
     "server north: active\naction: stop\nexpect all:\n"
     "  try publish-score -INFINITY\n  try remember stopped\noutcome: success\n",
     "x.case:1: no such server 'north'\n"},
    {"a wrong number",
     "settings: inactive_probe_interval=5s\naction: monitor\n"
     "expect:\n  try publish-score -INFINITY\noutcome: stopped\n"
     "reason: nb is not running, sb is not running; ovsdb-server's log says why\n",
     "x.case:1: cannot understand 'inactive_probe_interval=5s'\n"},
    {"an unknown action", "action: migrate\n", "x.case:1: cannot understand 'migrate'\n"},
    {"an answer without an action",
     "outcome: success\naction: monitor probe\n"
     "expect: nothing\noutcome: stopped\n",
     "x.case:1: an answer without an action\n"},
    {"a wrong expectation",
     "server all: active\nmemory: active\naction: monitor probe\nexpect:\n"
     "  try publish-score 5\n"
     "outcome: promoted\n",
     "x.case:3: monitor: expected (-), but the code says (+):\n"
     "  expect:\n-   try publish-score 5\n+   try publish-score 100\n"
     "  outcome: promoted\n"},
    {"a reason that was not expected",
     "server nb: unknown\nmemory: none score=-INFINITY\naction: monitor\n"
     "expect: nothing\noutcome: failed\n",
     "x.case:3: monitor: expected (-), but the code says (+):\n"
     "  expect: nothing\n  outcome: failed\n"
     "+ reason: nb cannot be looked at, sb is not running; nothing is done to it until it can be\n"},
};

static void test_wrong_cases(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        FILE *from = fmemopen((void *)wrong[i].text, strlen(wrong[i].text), "r");
        char *text = NULL;
        size_t size;
        FILE *report = open_memstream(&text, &size);
        const bool passed = run_case("x.case", from, report, NULL);

        fclose(from);
        fclose(report);
        tap(!passed && strcmp(text, wrong[i].report) == 0, wrong[i].title, text);
        free(text);
    }
}

static int run_corpus(void)
{
    const char *srcdir = getenv("OVNHA_SRCDIR");
    char pattern[4096];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/tests/policy/*.case", srcdir ? srcdir : ".");
    if (glob(pattern, 0, NULL, &found) != 0) {
        printf("Bail out! no cases: %s\n", pattern);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        run_file(found.gl_pathv[i]);
    }
    globfree(&found);
    test_wrong_cases();
    printf("1..%d\n", test_number);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_answers(const char *path)
{
    FILE *from = fopen(path, "r");

    if (!from) {
        perror(path);
        return EXIT_FAILURE;
    }
    const bool ok = run_case(path, from, stderr, stdout);
    fclose(from);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    if (argc == 3 && strcmp(argv[1], "--answer") == 0) {
        return print_answers(argv[2]);
    }
    if (argc == 1) {
        return run_corpus();
    }
    for (int i = 1; i < argc; i++) {
        run_file(argv[i]);
    }
    printf("1..%d\n", test_number);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
