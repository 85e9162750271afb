/* SPDX-License-Identifier: Apache-2.0 */

/* ovnha: what the person on call types.
 *
 *   ovnha status                 who may be promoted, and what is waited for
 *   ovnha accept-loss --yes      choose this node's copy where no rule can
 *
 * It asks the resident helper of this node, which knows what the record says. */

#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/deadline.h>
#include <ovnha/record.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#define STATE_DIR  "/run/ovnha"
#define TIMEOUT_MS 10000

/* What monitoring plugins understand. */
enum { EXIT_OK, EXIT_WARNING, EXIT_CRITICAL, EXIT_UNKNOWN };

struct options {
    const char *resource; /* NULL: the only one of this node */
    bool yes;
    bool json;
};

static const char *state_dir(void)
{
    const char *dir = getenv("OVNHA_STATE_DIR");

    return dir && *dir ? dir : STATE_DIR;
}

/* The one resource that has a helper here, into `name`; how many there are. */
static size_t find_resources(char name[OVNHA_NODE_SIZE])
{
    DIR *dir = opendir(state_dir());
    size_t n = 0;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char path[600];

        snprintf(path, sizeof path, "%s/%s/helper.ctl", state_dir(), entry->d_name);
        if (entry->d_name[0] != '.' && access(path, F_OK) == 0) {
            ovnha_text_copy(name, OVNHA_NODE_SIZE, entry->d_name);
            n++;
        }
    }
    if (dir) {
        closedir(dir);
    }
    return n;
}

static bool choose_resource(const struct options *options, char name[OVNHA_NODE_SIZE])
{
    if (options->resource) {
        return ovnha_text_copy(name, OVNHA_NODE_SIZE, options->resource);
    }
    const size_t n = find_resources(name);

    if (n == 0) {
        fprintf(stderr, "ovnha: no resource has a resident helper on this node; is one "
                        "started here? (crm_mon -1)\n");
    } else if (n > 1) {
        fprintf(stderr, "ovnha: %zu resources run here: name one with --resource\n", n);
    }
    return n == 1;
}

static enum ovnha_result ask(const char *resource, const char *method, char **reply,
                             struct ovnha_err *err)
{
    const struct ovnha_unixctl_command command = {.method = method};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), TIMEOUT_MS);
    char path[600];
    struct ovnha_unixctl *ctl;

    snprintf(path, sizeof path, "%s/%s/helper.ctl", state_dir(), resource);
    enum ovnha_result result = ovnha_unixctl_open(path, deadline, &ctl, err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, &command, 1, reply, deadline, err);
        ovnha_unixctl_close(ctl);
    }
    return result;
}

/*
 * status
 */

static void print_members(const char *title, const struct ovnha_members *members)
{
    if (members->n > 0) {
        printf("%-12s", title);
        for (size_t i = 0; i < members->n; i++) {
            printf(" %s", members->member[i].node);
        }
        printf("\n");
    }
}

static void print_record(const struct ovnha_record *record)
{
    if (!record->generation.uuid[0]) {
        printf("generation   none yet\n");
        return;
    }
    printf("generation   %.8s, number %llu, opened by %s\n", record->generation.uuid,
           (unsigned long long)record->generation.counter, record->active);
    print_members("in sync", &record->in_sync);
    print_members("leaving", &record->leaving);
    if (record->attempt_node[0]) {
        printf("attempt      %s is being promoted\n", record->attempt_node);
    }
}

static void print_nodes(json_t *nodes)
{
    const char *node;
    json_t *present;

    printf("%-12s", "heard");
    json_object_foreach(nodes, node, present)
    {
        printf(" %s%s", node, json_is_true(present) ? "" : " (absent)");
    }
    printf("\n");
}

static int print_status(const char *resource, json_t *status)
{
    const char *text, *reason;
    json_t *nodes;
    int serving;
    struct ovnha_record record;
    struct ovnha_err err;

    if (json_unpack(status, "{s:s,s:s,s:b,s:o}", "record", &text, "reason", &reason,
                    "serving", &serving, "nodes", &nodes) != 0 ||
        ovnha_record_parse(text, &record, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: cannot understand what the helper says; is it of this "
                        "version?\n");
        return EXIT_UNKNOWN;
    }
    printf("resource     %s\n", resource);
    print_record(&record);
    print_nodes(nodes);
    printf("this node    %s%s\n", serving ? "serves and " : "", reason);
    return record.in_sync.n > 1 ? EXIT_OK : EXIT_WARNING;
}

static int status(const struct options *options)
{
    char resource[OVNHA_NODE_SIZE];
    struct ovnha_err err;
    char *reply = NULL;
    json_t *json;
    int code;

    if (!choose_resource(options, resource)) {
        return EXIT_UNKNOWN;
    }
    if (ask(resource, "ovnha/judge", &reply, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        return EXIT_UNKNOWN;
    }
    if (options->json) {
        puts(reply);
    }
    json = json_loads(reply, 0, NULL);
    code = options->json ? EXIT_OK : print_status(resource, json);
    json_decref(json);
    free(reply);
    return code;
}

/*
 * accept-loss
 */

static int accept_loss(const struct options *options)
{
    char resource[OVNHA_NODE_SIZE];
    struct ovnha_err err;
    char *reply = NULL;

    if (!choose_resource(options, resource)) {
        return EXIT_UNKNOWN;
    }
    if (!options->yes) {
        const int code = status(options);

        printf(
            "\nThis chooses the copy of THIS node.  Whatever only other copies hold is "
            "lost to the\ncluster: wait for the nodes named above if they can come "
            "back.  To go on:\n    ovnha accept-loss --yes\n");
        return code == EXIT_UNKNOWN ? code : EXIT_WARNING;
    }
    if (ask(resource, "ovnha/accept-loss", &reply, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: not done: %s\n", err.text);
        return EXIT_CRITICAL;
    }
    printf("%s\n", reply);
    free(reply);
    return EXIT_OK;
}

/*
 * Words.
 */

static const struct {
    const char *name;
    int (*run)(const struct options *options);
    const char *help;
} commands[] = {
    {"status", status, "who may be promoted here, and what is waited for"},
    {"accept-loss", accept_loss, "choose this node's copy where no rule can"},
};

static int usage(FILE *out)
{
    fprintf(out, "usage: ovnha [--resource NAME] [--json] COMMAND\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].help);
    }
    return out == stdout ? EXIT_OK : EXIT_UNKNOWN;
}

int main(int argc, char *argv[])
{
    static const struct option longs[] = {
        {"resource", required_argument, NULL, 'r'}, {"yes", no_argument, NULL, 'y'},
        {"json", no_argument, NULL, 'j'},           {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},        {NULL, 0, NULL, 0}};
    struct options options = {0};

    for (int c = getopt_long(argc, argv, "r:yjhV", longs, NULL); c != -1;
         c = getopt_long(argc, argv, "r:yjhV", longs, NULL)) {
        switch (c) {
        case 'r':
            options.resource = optarg;
            break;
        case 'y':
            options.yes = true;
            break;
        case 'j':
            options.json = true;
            break;
        case 'h':
            return usage(stdout);
        case 'V':
            printf("ovnha %s\n", PACKAGE_VERSION);
            return EXIT_OK;
        default:
            return usage(stderr);
        }
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && optind < argc; i++) {
        if (strcmp(argv[optind], commands[i].name) == 0) {
            return commands[i].run(&options);
        }
    }
    return usage(stderr);
}
