/* SPDX-License-Identifier: Apache-2.0 */

/*   ovnha salvage                what is set aside on this node
 *   ovnha salvage NAME...        what only these copies have, as commands or as JSON
 *   ovnha salvage --done NAME... somebody has seen to them
 *
 * It needs no helper: what was set aside lies in files. */

#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/aside_store.h>
#include <ovnha/salvage.h>
#include <ovnha/saved_copy.h>
#include <ovnha/sync_status.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "json_answer.h"

/* A large copy is read by a program that is not fast. */
#define COMPARE_MS 300000
#define ASK_MS     10000

static void store_of(const char *resource, char path[OVNHA_ASIDE_DIR_SIZE])
{
    snprintf(path, OVNHA_ASIDE_DIR_SIZE, "%s/%s/aside", ovnha_cli_durable_dir(),
             resource);
}

static enum ovnha_result load(const char *resource, struct ovnha_aside_store *store,
                              struct ovnha_aside_list *list, struct ovnha_err *err)
{
    char path[OVNHA_ASIDE_DIR_SIZE];
    enum ovnha_result result;

    store_of(resource, path);
    if (ovnha_cli_takes_root(resource[0] ? path : ovnha_cli_durable_dir())) {
        return ovnha_fail(err, OVNHA_ERR_REFUSED,
                          "this takes root: %.300s is closed to others",
                          resource[0] ? path : ovnha_cli_durable_dir());
    }
    result = ovnha_aside_store_load(path, store, err);
    return result == OVNHA_OK ? ovnha_aside_list(store, list, err) : result;
}

size_t ovnha_cli_set_aside(const char *resource)
{
    char path[OVNHA_ASIDE_DIR_SIZE];

    store_of(resource, path);
    return ovnha_aside_unsalvaged(path);
}

/*
 * The list.
 */

static const char *state_of(const struct ovnha_aside_entry *entry)
{
    if (!entry->copied) {
        return "not copied yet";
    }
    return entry->salvaged ? "salvaged" : "";
}

static void print_entry(const struct ovnha_aside_entry *entry)
{
    char rows[24] = "?";

    if (entry->rows >= 0) {
        snprintf(rows, sizeof rows, "%ld", entry->rows);
    }
    printf("%-34s %12llu %8s  %s\n", entry->name, (unsigned long long)entry->mark.size,
           rows, state_of(entry));
}

static json_t *entry_to_json(const struct ovnha_aside_entry *entry)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:b,s:b,s:o}", "name", entry->name, "db",
                     entry->mark.db, "generation", entry->mark.generation, "time",
                     entry->mark.time, "size", (json_int_t)entry->mark.size, "path",
                     entry->path, "copied", entry->copied, "salvaged", entry->salvaged,
                     "rows", entry->rows >= 0 ? json_integer(entry->rows) : json_null());
}

static json_t *begin_json(const char *resource)
{
    json_t *json = ovnha_cli_json_begin(OVNHA_SCHEMA_SALVAGE);

    json_object_set_new(json, "resource", json_string(resource));
    return json;
}

static int print_json_list(const char *resource, const struct ovnha_aside_list *list)
{
    json_t *json = begin_json(resource), *copies = json_array();

    for (size_t i = 0; i < list->n; i++) {
        json_array_append_new(copies, entry_to_json(&list->entry[i]));
    }
    json_object_set_new(json, "copies", copies);
    ovnha_cli_json_print(stdout, json);
    return EXIT_OK;
}

static int print_list(const struct ovnha_aside_list *list)
{
    if (list->n == 0) {
        printf("nothing is set aside on this node\n");
        return EXIT_OK;
    }
    printf("%-34s %12s %8s\n", "NAME", "BYTES", "ROWS");
    for (size_t i = 0; i < list->n; i++) {
        print_entry(&list->entry[i]);
    }
    printf("\nROWS is how many only that copy had.  'ovnha salvage NAME' shows them; "
           "when they are\nseen to, 'ovnha salvage --done NAME'.\n");
    return EXIT_OK;
}

/*
 * One copy.
 */

/* What a held server has is what was saved, and tells nothing of what is missing. */
static bool has_present_content(const struct ovnha_aside_place *place,
                                struct ovnha_err *err)
{
    const struct ovnha_unixctl_command command = {.method = "ovsdb-server/sync-status"};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), ASK_MS);
    struct ovnha_sync_status status;
    struct ovnha_unixctl *ctl;
    char *reply = NULL;
    enum ovnha_result result = ovnha_unixctl_open(place->control, deadline, &ctl, err);

    if (result == OVNHA_OK) {
        result = ovnha_unixctl_run(ctl, &command, 1, &reply, deadline, err);
        ovnha_unixctl_close(ctl);
    }
    if (result == OVNHA_OK) {
        result = ovnha_sync_status_parse(reply, &status, err);
    }
    free(reply);
    if (result == OVNHA_OK && status.state != OVNHA_SYNC_ACTIVE &&
        status.link != OVNHA_LINK_REPLICATING) {
        result = ovnha_fail(err, OVNHA_ERR_REFUSED,
                            "the server of this node is neither active nor does it "
                            "follow one: there is nothing to compare with");
    }
    return result == OVNHA_OK;
}

static json_t *difference_of(const struct ovnha_aside_store *store,
                             const struct ovnha_aside_entry *entry, bool all,
                             struct ovnha_err *err)
{
    const struct ovnha_aside_place *place =
        ovnha_aside_store_place(store, entry->mark.db);
    const struct ovnha_database *database = ovnha_database_find(entry->mark.db);
    json_t *difference = NULL;

    if (!place || !database) {
        (void)ovnha_fail(err, OVNHA_ERR_MISSING,
                         "its database '%s' is none of this node's", entry->mark.db);
    } else if (!entry->copied) {
        (void)ovnha_fail(err, OVNHA_ERR_REFUSED,
                         "it is not copied yet: the resident helper or a monitor does "
                         "that once this node follows an active one");
    } else if (has_present_content(place, err) &&
               ovnha_saved_copy_compare(database, entry->path, place->socket, all,
                                        ovnha_deadline_after(ovnha_now(), COMPARE_MS),
                                        &difference, err) != OVNHA_OK) {
        difference = NULL;
    }
    return difference;
}

static void print_commands(const struct ovnha_aside_entry *entry, json_t *difference,
                           bool all)
{
    const struct ovnha_database *database = ovnha_database_find(entry->mark.db);
    char *text = ovnha_salvage_commands(database, difference);

    printf("# %s: rows that only this copy has: %zu\n", entry->name,
           json_array_size(json_object_get(difference, "rows")));
    if (database->client_tables[0] && !all) {
        printf("# Without the tables that daemons fill; these with --all.\n");
    }
    printf("# Review them: some may have been deleted, or changed, on purpose since.\n");
    fputs(text ? text : "", stdout);
    free(text);
}

static void print_json_copy(const char *resource, const struct ovnha_aside_entry *entry,
                            json_t *difference)
{
    json_t *json = begin_json(resource);

    json_object_set_new(json, "name", json_string(entry->name));
    json_object_update(json, difference);
    ovnha_cli_json_print(stdout, json);
}

static int show(const struct ovnha_cli *cli, const char *resource,
                const struct ovnha_aside_store *store,
                const struct ovnha_aside_entry *entry)
{
    struct ovnha_err err;
    json_t *difference = difference_of(store, entry, cli->all, &err);

    if (!difference) {
        fprintf(stderr, "ovnha: %s: %s\n", entry->name, err.text);
        return EXIT_CRITICAL;
    }
    if (cli->json) {
        print_json_copy(resource, entry, difference);
    } else {
        print_commands(entry, difference, cli->all);
    }
    json_decref(difference);
    return EXIT_OK;
}

static int done(const struct ovnha_aside_store *store, struct ovnha_aside_entry *entry)
{
    struct ovnha_err err;

    if (!entry->copied) {
        fprintf(stderr, "ovnha: %s: not copied yet, nobody can have seen to it\n",
                entry->name);
        return EXIT_CRITICAL;
    }
    entry->salvaged = true;
    if (ovnha_aside_note(store, entry, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        return EXIT_CRITICAL;
    }
    return EXIT_OK;
}

static struct ovnha_aside_entry *find(struct ovnha_aside_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->entry[i].name, name) == 0) {
            return &list->entry[i];
        }
    }
    return NULL;
}

static int for_names(const struct ovnha_cli *cli, const char *resource,
                     const struct ovnha_aside_store *store, struct ovnha_aside_list *list)
{
    int code = EXIT_OK;

    for (size_t i = 0; i < cli->n_operands && code == EXIT_OK; i++) {
        struct ovnha_aside_entry *entry = find(list, cli->operand[i]);

        if (!entry) {
            fprintf(stderr,
                    "ovnha: nothing called '%s' is set aside on this node; "
                    "'ovnha salvage' lists what is\n",
                    cli->operand[i]);
            return EXIT_UNKNOWN;
        }
        code = cli->done ? done(store, entry) : show(cli, resource, store, entry);
    }
    return code;
}

int ovnha_cli_salvage(const struct ovnha_cli *cli)
{
    struct ovnha_aside_list *list = calloc(1, sizeof *list);
    struct ovnha_aside_store store;
    struct ovnha_err err;
    char resource[OVNHA_NODE_SIZE] = "";
    int code;

    if (cli->resource) {
        ovnha_text_copy(resource, sizeof resource, cli->resource);
    } else if (ovnha_cli_find_resources(ovnha_cli_durable_dir(), "aside", resource) > 1) {
        fprintf(stderr, "ovnha: there are several resources: name one with --resource\n");
        free(list);
        return EXIT_UNKNOWN;
    }
    if (!list || load(resource, &store, list, &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", list ? err.text : "out of memory");
        code = EXIT_UNKNOWN;
    } else if (cli->done && cli->n_operands == 0) {
        fprintf(stderr, "ovnha: --done wants names, of those that 'ovnha salvage' "
                        "lists\n");
        code = EXIT_UNKNOWN;
    } else {
        code = cli->n_operands > 0 ? for_names(cli, resource, &store, list)
               : cli->json         ? print_json_list(resource, list)
                                   : print_list(list);
    }
    free(list);
    return code;
}
