/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha backup: copy the databases, of this node's copy. */

#include "common.h"

#include <stdio.h>
#include <sys/stat.h>

#include <ovnha/text.h>

#include "saved.h"

static bool may_copy(const struct ovnha_cli_site *site)
{
    if (site->in_sync) {
        return true;
    }
    fprintf(stderr, "ovnha: not done: the copy of %s is not in sync: %s\n", site->node,
            site->reason);
    for (size_t i = 0; i < site->record.in_sync.n; i++) {
        fprintf(stderr, "ovnha: in sync is %s: run it there\n",
                site->record.in_sync.member[i].node);
    }
    return false;
}

static enum ovnha_result choose_place(const struct ovnha_cli *cli,
                                      const struct ovnha_cli_site *site,
                                      char path[OVNHA_CLI_PATH_SIZE],
                                      struct ovnha_err *err)
{
    if (!cli->to) {
        return ovnha_cli_saved_place(site, "", path, err);
    }
    return ovnha_text_copy(path, OVNHA_CLI_PATH_SIZE, cli->to)
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_INVALID, "too long a path: %s", cli->to);
}

int ovnha_cli_backup(const struct ovnha_cli *cli)
{
    struct ovnha_cli_site site;
    char path[OVNHA_CLI_PATH_SIZE];
    struct ovnha_err err;

    if (cli->n_operands > 0) {
        fprintf(stderr, "ovnha: backup takes no operand '%s': --to names a directory\n",
                cli->operand[0]);
        return EXIT_UNKNOWN;
    }
    if (!ovnha_cli_look(cli, &site)) {
        return EXIT_UNKNOWN;
    }
    if (!may_copy(&site)) {
        return EXIT_CRITICAL;
    }
    umask(077);
    if (choose_place(cli, &site, path, &err) != OVNHA_OK ||
        ovnha_cli_save(&site, path, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: no backup was made: %s\n", err.text);
        return EXIT_CRITICAL;
    }
    printf("%s\nEach database is of one moment, and the databases of about the same one."
           "\nKeep a copy elsewhere.  To go back to it, on the active node:\n"
           "    ovnha restore %s\n",
           path, path);
    return EXIT_OK;
}
