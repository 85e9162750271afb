/* SPDX-License-Identifier: Apache-2.0 */
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/candidacy.h>
#include <ovnha/deadline.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "agent/env.h"

#define TIMEOUT_MS 10000
#define TEXT_LIMIT (16L * 1024 * 1024)

bool ovnha_cli_takes_root(const char *path)
{
    return access(path, R_OK | W_OK) != 0 && errno == EACCES;
}

const char *ovnha_cli_state_dir(void)
{
    return ovnha_env_state_dir(ovnha_env_variable, NULL);
}

const char *ovnha_cli_durable_dir(void)
{
    return ovnha_env_durable_dir(ovnha_env_variable, NULL);
}

size_t ovnha_cli_find_resources(const char *directory, const char *file,
                                char name[OVNHA_NODE_SIZE])
{
    DIR *dir = opendir(directory);
    size_t n = 0;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char path[PATH_MAX];

        snprintf(path, sizeof path, "%s/%s/%s", directory, entry->d_name, file);
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

char *ovnha_cli_read_text(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *text = file ? malloc(TEXT_LIMIT + 1) : NULL;

    if (text) {
        text[fread(text, 1, TEXT_LIMIT, file)] = '\0';
    }
    if (file && file != stdin) {
        fclose(file);
    }
    return text;
}

bool ovnha_cli_no_operands(const struct ovnha_cli *cli, const char *command)
{
    if (cli->n_operands > 0) {
        fprintf(stderr, "ovnha: %s takes no '%s': it is about this node (ovnha --help)\n",
                command, cli->operand[0]);
    }
    return cli->n_operands == 0;
}

enum ovnha_result ovnha_cli_find_resource(char name[OVNHA_NODE_SIZE],
                                          struct ovnha_err *err)
{
    const size_t n = ovnha_cli_find_resources(ovnha_cli_state_dir(), "helper.ctl", name);

    if (n == 0 && ovnha_cli_takes_root(ovnha_cli_state_dir())) {
        return ovnha_fail(err, OVNHA_ERR_MISSING,
                          "this takes root: others do not see what runs on this node");
    }
    if (n == 0) {
        return ovnha_fail(err, OVNHA_ERR_MISSING,
                          "no resource has a resident helper on this node; is one "
                          "started here? (crm_mon -1)");
    }
    return n == 1 ? OVNHA_OK
                  : ovnha_fail(err, OVNHA_ERR_MISSING,
                               "%zu resources run here: name one with --resource", n);
}

bool ovnha_cli_choose_resource(const struct ovnha_cli *cli, char name[OVNHA_NODE_SIZE])
{
    if (cli->resource) {
        const bool fits = ovnha_text_copy(name, OVNHA_NODE_SIZE, cli->resource);

        if (!fits) {
            fprintf(stderr, "ovnha: '%s' is too long for a resource's name\n",
                    cli->resource);
        }
        return fits;
    }
    struct ovnha_err err;
    const bool found = ovnha_cli_find_resource(name, &err) == OVNHA_OK;

    if (!found) {
        fprintf(stderr, "ovnha: %s\n", err.text);
    }
    return found;
}

enum ovnha_result ovnha_cli_ask(const char *resource, const char *method, char **reply,
                                struct ovnha_err *err)
{
    const struct ovnha_unixctl_command command = {.method = method};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), TIMEOUT_MS);
    char path[600];
    struct ovnha_unixctl *ctl;

    snprintf(path, sizeof path, "%s/%s/helper.ctl", ovnha_cli_state_dir(), resource);
    enum ovnha_result result = ovnha_unixctl_open(path, deadline, &ctl, err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, &command, 1, reply, deadline, err);
        ovnha_unixctl_close(ctl);
    } else if (ovnha_cli_takes_root(path)) {
        ovnha_err_wrap(err,
                       "this takes root: the resident helper answers to nobody else");
    }
    return result;
}

static bool read_servers(json_t *list, struct ovnha_cli_site *site)
{
    json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        const char *name, *socket;

        if (i == OVNHA_DB_MAX ||
            json_unpack(one, "{s:s,s:s}", "name", &name, "socket", &socket) != 0) {
            return false;
        }
        struct ovnha_cli_server *server = &site->server[site->n_servers++];

        server->database = ovnha_database_find(name);
        if (!server->database ||
            !ovnha_text_copy(server->socket, sizeof server->socket, socket)) {
            return false;
        }
    }
    return site->n_servers > 0;
}

/* Beside the record, whose directory is there and is root's. */
static bool place_backups(const char *record_file, struct ovnha_cli_site *site)
{
    const char *slash = strrchr(record_file, '/');

    return slash &&
           snprintf(site->backups, sizeof site->backups, "%.*s/backups",
                    (int)(slash - record_file), record_file) < (int)sizeof site->backups;
}

static bool read_site(json_t *status, struct ovnha_cli_site *site)
{
    const char *record, *candidacy, *reason, *node, *record_file;
    json_t *databases;
    int serving;

    if (json_unpack(status, "{s:s,s:s,s:s,s:s,s:b,s:o,s:s}", "record", &record,
                    "candidacy", &candidacy, "reason", &reason, "node", &node, "serving",
                    &serving, "databases", &databases, "record-file",
                    &record_file) != 0) {
        return false;
    }
    site->serving = serving;
    site->in_sync = strcmp(candidacy, ovnha_candidacy_to_str(OVNHA_MAY)) == 0;
    ovnha_text_copy(site->node, sizeof site->node, node);
    ovnha_text_copy(site->reason, sizeof site->reason, reason);
    return ovnha_record_parse(record, &site->record, NULL) == OVNHA_OK &&
           read_servers(databases, site) && place_backups(record_file, site);
}

bool ovnha_cli_look(const struct ovnha_cli *cli, struct ovnha_cli_site *site)
{
    struct ovnha_err err;
    char *reply = NULL;

    memset(site, 0, sizeof *site);
    if (!ovnha_cli_choose_resource(cli, site->resource)) {
        return false;
    }
    if (ovnha_cli_ask(site->resource, "ovnha/judge", &reply, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        return false;
    }
    json_t *status = json_loads(reply, 0, NULL);
    const bool ok = read_site(status, site);

    if (!ok) {
        fprintf(stderr, "ovnha: cannot understand what the helper says; is it of this "
                        "version?\n");
    }
    json_decref(status);
    free(reply);
    return ok;
}
