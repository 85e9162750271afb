/* SPDX-License-Identifier: Apache-2.0 */

/* ovnha: what the person on call types.
 *
 *   ovnha status                 how all nodes are, what is wrong, and what to do
 *   ovnha metrics                the same for Prometheus
 *   ovnha accept-loss --yes      choose this node's copy where no rule can
 *   ovnha salvage                what was overwritten, and is set aside
 *   ovnha backup [--to DIR]      copy the databases, of this node's copy
 *   ovnha restore DIR|FILE       replace what the databases hold by a backup
 *   ovnha doctor                 the configuration, looked at for known mistakes
 *   ovnha timeline [LOG...]      the last failover: who, when, why, for how long
 *   ovnha switchover [NODE]      move the role, planned
 *   ovnha maintenance on|off NODE
 *   ovnha promote|demote [NODE]  by hand
 *
 * It asks the resident helper of this node, which knows what the record says; but for
 * what is set aside, which lies in files. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "common.h"

static const struct {
    const char *name;
    int (*run)(const struct ovnha_cli *cli);
    const char *help;
} commands[] = {
    {"status", ovnha_cli_status,
     "[--watch]: how all nodes are, what is wrong, and what to do"},
    {"metrics", ovnha_cli_metrics, "[--listen [ADDRESS:]PORT]: the same for Prometheus"},
    {"accept-loss", ovnha_cli_accept_loss, "choose this node's copy where no rule can"},
    {"salvage", ovnha_cli_salvage, "[--all] [--done] [NAME...]: what was overwritten"},
    {"backup", ovnha_cli_backup, "copy the databases, of this node's copy"},
    {"restore", ovnha_cli_restore, "replace what the databases hold by a backup"},
    {"doctor", ovnha_cli_doctor, "[--list]: known mistakes in the configuration"},
    {"timeline", ovnha_cli_timeline, "the last failover: who, when, why, for how long"},
    {"switchover", ovnha_cli_switchover, "[NODE]: move the role, planned"},
    {"maintenance", ovnha_cli_maintenance, "on|off NODE: drain a node, and back"},
    {"promote", ovnha_cli_promote, "[NODE]: let it be promoted (again)"},
    {"demote", ovnha_cli_demote, "[NODE]: take the role away, and keep it away"},
};

/* Not an exit code. */
enum { GO_ON = -1 };

static int usage(FILE *out)
{
    fprintf(out, "usage: ovnha [OPTIONS] COMMAND [OPERAND]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].help);
    }
    fprintf(out,
            "\n"
            "  --resource NAME  which one; needed where several run on this node\n"
            "  --json           for programs\n"
            "  --yes            do what the command explains without it\n"
            "  --dry-run        of switchover, maintenance: only look whether it can be\n"
            "  --timeout S      how long to wait, in seconds\n"
            "  --force          of maintenance, demote: even if nobody can serve then\n"
            "  --to DIR         of backup: where it goes, and is not yet\n"
            "  --list           of doctor: its checks, one a line\n"
            "  --since TIME     of timeline: all since then ('2026-01-31 09:30', 2h)\n"
            "  --log FILE       of timeline: another node's log, too (repeatable)\n"
            "  --svg FILE       of timeline: the last one as a picture\n"
            "  --cib FILE       of doctor, timeline: this CIB, and nothing of this node\n"
            "  --watch          of status: again and again, in place; q ends it\n"
            "  --listen WHERE   of metrics: answer GET /metrics there, on 127.0.0.1\n"
            "  --public         of metrics: also where other hosts reach it\n"
            "  --help, --version\n\n"
            "Exit codes: 0 all is well, 1 look at it, 2 not done, or not served, "
            "3 not known.\n");
    return out == stdout ? EXIT_OK : EXIT_UNKNOWN;
}

/* More than that is a slip of the hand. */
#define TIMEOUT_MAX_MS (24 * 60 * 60 * 1000L)

/* Seconds, or what Pacemaker takes for a time: "2min". */
static bool read_timeout(const char *text, long *msec)
{
    const long long given = ovnha_cli_msec(text);

    if (given > 0 && given <= TIMEOUT_MAX_MS) {
        *msec = (long)given;
        return true;
    }
    fprintf(stderr,
            "ovnha: --timeout takes seconds, a day at most; that is none of it: '%s'\n",
            text);
    return false;
}

static const struct option longs[] = {
    {"resource", required_argument, NULL, 'r'},
    {"yes", no_argument, NULL, 'y'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {"all", no_argument, NULL, 'a'},
    {"done", no_argument, NULL, 'd'},
    {"to", required_argument, NULL, 't'},
    {"since", required_argument, NULL, 's'},
    {"log", required_argument, NULL, 'L'},
    {"list", no_argument, NULL, 'l'},
    {"svg", required_argument, NULL, 'g'},
    {"cib", required_argument, NULL, 'c'},
    {"watch", no_argument, NULL, 'w'},
    {"listen", required_argument, NULL, 'N'},
    {"public", no_argument, NULL, 'p'},
    {"dry-run", no_argument, NULL, 'n'},
    {"force", no_argument, NULL, 'f'},
    {"timeout", required_argument, NULL, 'T'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

#define SHORTS "r:yjadt:nfT:wphV"

static int add_log(struct ovnha_cli *cli, const char *path)
{
    if (cli->n_logs == OVNHA_CLI_LOGS_MAX) {
        fprintf(stderr, "ovnha: more than %d logs are too many\n", OVNHA_CLI_LOGS_MAX);
        return EXIT_UNKNOWN;
    }
    cli->log[cli->n_logs++] = path;
    return GO_ON;
}

static bool take_switch(struct ovnha_cli *cli, int c)
{
    switch (c) {
    case 'y':
        return cli->yes = true;
    case 'j':
        return cli->json = true;
    case 'a':
        return cli->all = true;
    case 'd':
        return cli->done = true;
    case 'l':
        return cli->list = true;
    case 'w':
        return cli->watch = true;
    case 'p':
        return cli->is_public = true;
    case 'n':
        return cli->dry_run = true;
    case 'f':
        return cli->force = true;
    default:
        return false;
    }
}

/* The code to exit with, or GO_ON. */
static int take_option(struct ovnha_cli *cli, int c)
{
    switch (c) {
    case 'r':
        cli->resource = optarg;
        break;
    case 't':
        cli->to = optarg;
        break;
    case 's':
        cli->since = optarg;
        break;
    case 'L':
        return add_log(cli, optarg);
    case 'g':
        cli->svg = optarg;
        break;
    case 'c':
        cli->cib = optarg;
        break;
    case 'N':
        cli->listen = optarg;
        break;
    case 'T':
        if (!read_timeout(optarg, &cli->timeout_ms)) {
            return EXIT_UNKNOWN;
        }
        break;
    case 'h':
        return usage(stdout);
    case 'V':
        printf("ovnha %s\n", PACKAGE_VERSION);
        return EXIT_OK;
    default:
        return take_switch(cli, c) ? GO_ON : usage(stderr);
    }
    return GO_ON;
}

/* Others would do it. */
static bool takes_dry_run(const char *command)
{
    return strcmp(command, "switchover") == 0 || strcmp(command, "maintenance") == 0;
}

int main(int argc, char *argv[])
{
    struct ovnha_cli cli = {0};

    for (int c = getopt_long(argc, argv, SHORTS, longs, NULL); c != -1;
         c = getopt_long(argc, argv, SHORTS, longs, NULL)) {
        const int code = take_option(&cli, c);

        if (code != GO_ON) {
            return code;
        }
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && optind < argc; i++) {
        if (strcmp(argv[optind], commands[i].name) == 0) {
            cli.operand = argv + optind + 1;
            cli.n_operands = (size_t)(argc - optind - 1);
            if (cli.dry_run && !takes_dry_run(commands[i].name)) {
                fprintf(stderr, "ovnha: %s takes no --dry-run\n", commands[i].name);
                return EXIT_UNKNOWN;
            }
            return commands[i].run(&cli);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "ovnha: there is no command '%s'\n\n", argv[optind]);
    }
    return usage(stderr);
}
