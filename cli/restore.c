/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha restore: replace what the databases hold by a backup.
 *
 * One transaction a database, on the active, with everybody connected; the replicas get
 * it as they get everything.  Then the helper starts a new generation.  Broken off
 * anywhere, each database has its old content or its new one, on every copy in sync, and
 * doing it again comes to the same end. */

#include "common.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <ovnha/deadline.h>
#include <ovnha/ovsdb.h>
#include <ovnha/replace.h>
#include <ovnha/text.h>

#include "program.h"
#include "saved.h"
#include "stamp.h"

/* Others write meanwhile: what they changed between the look and the transaction is met
 * by another look. */
#define ROUNDS_MAX    5
#define RENEWALS_MAX  5
#define RENEW_WAIT_MS 1000

struct part {
    const struct ovnha_cli_server *server;
    char file[OVNHA_CLI_PATH_SIZE];
    json_t *schema;
    json_t *saved; /* all rows */
};

struct job {
    struct ovnha_cli_site site;
    const char *source;
    json_t *manifest; /* NULL: a single file */
    char before[OVNHA_CLI_PATH_SIZE];
    size_t n_parts;
    struct part part[OVNHA_DB_MAX];
};

/*
 * What is restored, and whether it can be.
 */

static enum ovnha_result ask_tool(const char *program, const char *question,
                                  const char *operand, const char *schema, char **answer,
                                  struct ovnha_err *err)
{
    const char *const argv[] = {program, question, operand, schema, NULL};

    return ovnha_cli_capture(argv, answer, err);
}

/* The database that the file is of, among those of the resource. */
static enum ovnha_result find_server(struct job *job, struct part *part,
                                     struct ovnha_err *err)
{
    char *name = NULL;
    const enum ovnha_result result =
        ask_tool("ovsdb-tool", "db-name", part->file, NULL, &name, err);

    for (size_t i = 0; result == OVNHA_OK && i < job->site.n_servers; i++) {
        if (strcmp(job->site.server[i].database->schema, name) == 0) {
            part->server = &job->site.server[i];
        }
    }
    if (result == OVNHA_OK && !part->server) {
        (void)ovnha_fail(err, OVNHA_ERR_INVALID,
                         "%s is of the database %s, which resource %s does not have",
                         part->file, name, job->site.resource);
    }
    free(name);
    return result == OVNHA_OK && !part->server ? OVNHA_ERR_INVALID : result;
}

/* A column that one schema lacks would be lost, or made up: whoever wants that converts
 * a copy of the file, and sees what it does. */
static enum ovnha_result check_schema(const struct part *part, struct ovnha_err *err)
{
    const char *schema = part->server->database->schema, *socket = part->server->socket;
    char *saved = NULL, *present = NULL;
    enum ovnha_result result =
        ask_tool("ovsdb-tool", "db-cksum", part->file, NULL, &saved, err);

    if (result == OVNHA_OK) {
        result =
            ask_tool("ovsdb-client", "get-schema-cksum", socket, schema, &present, err);
    }
    if (result == OVNHA_OK && strcmp(saved, present) != 0) {
        result = ovnha_fail(
            err, OVNHA_ERR_REFUSED,
            "%s needs conversion: its schema has cksum '%s', that of the server '%s'; "
            "convert a copy of it, and restore that: ovsdb-client get-schema %s %s "
            ">now.ovsschema && ovsdb-tool convert %s now.ovsschema converted.db",
            part->file, saved, present, socket, schema, part->file);
    }
    free(saved);
    free(present);
    return result;
}

static enum ovnha_result add_part(struct job *job, const char *directory,
                                  const char *file, struct ovnha_err *err)
{
    if (job->n_parts == OVNHA_DB_MAX) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "%s: too many databases", job->source);
    }
    struct part *part = &job->part[job->n_parts++];
    const int n = snprintf(part->file, sizeof part->file, "%s%s%s", directory,
                           directory[0] ? "/" : "", file);
    enum ovnha_result result =
        n < (int)sizeof part->file
            ? OVNHA_OK
            : ovnha_fail(err, OVNHA_ERR_INVALID, "too long a path: %s", file);

    if (result == OVNHA_OK) {
        result = find_server(job, part, err);
    }
    if (result == OVNHA_OK) {
        result = check_schema(part, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_cli_read_schema(part->server, &part->schema, err);
    }
    return result == OVNHA_OK
               ? ovnha_cli_read_file(part->file, part->schema, &part->saved, err)
               : result;
}

static enum ovnha_result load(struct job *job, struct ovnha_err *err)
{
    struct stat st;
    json_t *entry;
    size_t i;

    if (stat(job->source, &st) != 0) {
        return ovnha_fail_errno(err, errno, "cannot look at %s", job->source);
    }
    if (!S_ISDIR(st.st_mode)) {
        return add_part(job, "", job->source, err);
    }
    enum ovnha_result result = ovnha_cli_saved_read(job->source, &job->manifest, err);

    json_array_foreach(json_object_get(job->manifest, "databases"), i, entry)
    {
        if (result == OVNHA_OK) {
            result = add_part(job, job->source,
                              json_string_value(json_object_get(entry, "file")), err);
        }
    }
    return result;
}

static void unload(struct job *job)
{
    for (size_t i = 0; i < job->n_parts; i++) {
        json_decref(job->part[i].schema);
        json_decref(job->part[i].saved);
    }
    json_decref(job->manifest);
}

/*
 * What it will change.
 */

static void show_age(const struct job *job)
{
    if (job->manifest) {
        const time_t taken =
            (time_t)json_integer_value(json_object_get(job->manifest, "taken"));
        const double hours = difftime(time(NULL), taken) / 3600;
        char when[OVNHA_STAMP_SIZE];

        ovnha_stamp_utc((int64_t)taken * 1000, when);
        printf("backup       %s of resource %s: %s, %.1f hours ago, generation number "
               "%lld\n",
               job->source, json_string_value(json_object_get(job->manifest, "resource")),
               when, hours,
               (long long)json_integer_value(json_object_get(job->manifest, "counter")));
    } else {
        printf("file         %s, without a manifest: nobody says how old it is\n",
               job->source);
    }
    printf("now          generation number %llu\n",
           (unsigned long long)job->site.record.generation.counter);
}

/* The counts of now stand in the manifest of what was just saved. */
static json_t *rows_before(json_t *before, const char *name)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(before, "databases"), i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "name")), name) == 0) {
            return json_object_get(entry, "rows");
        }
    }
    return NULL;
}

static void show_rows(const struct part *part, json_t *now)
{
    json_t *then = ovnha_replace_count(part->schema, part->saved), *count;
    const char *table;

    printf("%s, rows now -> then, of tables whose number of rows changes:\n",
           part->server->database->schema);
    json_object_foreach(then, table, count)
    {
        const long long n = json_integer_value(json_object_get(now, table));

        if (n != json_integer_value(count)) {
            printf("    %-32s %lld -> %lld\n", table, n,
                   (long long)json_integer_value(count));
        }
    }
    json_decref(then);
}

static enum ovnha_result save_present(struct job *job, struct ovnha_err *err)
{
    json_t *manifest = NULL;
    enum ovnha_result result =
        ovnha_cli_saved_place(&job->site, "before-restore-", job->before, err);

    if (result == OVNHA_OK) {
        result = ovnha_cli_save(&job->site, job->before, err);
    }
    if (result == OVNHA_OK) {
        result = ovnha_cli_saved_read(job->before, &manifest, err);
    }
    if (result == OVNHA_OK) {
        show_age(job);
        for (size_t i = 0; i < job->n_parts; i++) {
            show_rows(&job->part[i],
                      rows_before(manifest, job->part[i].server->database->name));
        }
        printf("saved        what is there now: %s\n", job->before);
    }
    json_decref(manifest);
    return result;
}

/*
 * Replacing.
 */

/* A row that was to be updated and is gone was deleted by someone meanwhile. */
static bool all_were_there(json_t *operations, json_t *results)
{
    json_t *operation;
    size_t i;

    json_array_foreach(operations, i, operation)
    {
        const char *op = json_string_value(json_object_get(operation, "op"));
        json_t *count = json_object_get(json_array_get(results, i), "count");

        if (strcmp(op, "update") == 0 && json_integer_value(count) != 1) {
            return false;
        }
    }
    return true;
}

static enum ovnha_result transact(const struct part *part, json_t *operations, bool *done,
                                  struct ovnha_err *err)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), OVNHA_CLI_PROGRAM_MS);
    struct ovnha_ovsdb *db = NULL;
    json_t *results = NULL;
    enum ovnha_result result = ovnha_ovsdb_open(part->server->socket, deadline, &db, err);

    if (result == OVNHA_OK) {
        result = ovnha_ovsdb_transact(db, part->server->database->schema, operations,
                                      &results, deadline, err);
        *done = result == OVNHA_OK && all_were_there(operations, results);
    }
    json_decref(results);
    ovnha_ovsdb_close(db);
    return result;
}

/* A file, since a server's answer may be more than one message holds. */
static enum ovnha_result read_present(const struct part *part, json_t **present,
                                      struct ovnha_err *err)
{
    const char *const argv[] = {"ovsdb-client",
                                "--timeout=900",
                                "backup",
                                part->server->socket,
                                part->server->database->schema,
                                NULL};
    char path[] = "/var/tmp/ovnha-restore-XXXXXX", without_name[64];
    const int fd = mkstemp(path);

    if (fd < 0) {
        return ovnha_fail_errno(err, errno, "cannot make a file like %s", path);
    }
    /* A copy of all that is there: none is left, however this ends. */
    unlink(path);
    snprintf(without_name, sizeof without_name, "/proc/%ld/fd/%d", (long)getpid(), fd);
    enum ovnha_result result = ovnha_cli_run(argv, fd, part->server->database->name, err);

    if (result == OVNHA_OK) {
        result = ovnha_cli_read_file(without_name, part->schema, present, err);
    }
    close(fd);
    return result;
}

static enum ovnha_result replace_once(const struct job *job, const struct part *part,
                                      bool *done, struct ovnha_err *err)
{
    json_t *present = NULL, *operations = NULL;
    enum ovnha_result result = read_present(part, &present, err);

    *done = false;
    if (result == OVNHA_OK) {
        result = ovnha_replace_operations(part->server->database, job->site.resource,
                                          part->schema, part->saved, present, &operations,
                                          err);
    }
    if (result == OVNHA_OK) {
        result = transact(part, operations, done, err);
    }
    if (*done) {
        printf("%s: done, %zu rows differed\n", part->server->database->schema,
               json_array_size(operations));
    }
    json_decref(operations);
    json_decref(present);
    return result;
}

static enum ovnha_result replace(const struct job *job, const struct part *part,
                                 struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;
    bool done = false;

    for (int round = 0; round < ROUNDS_MAX && !done; round++) {
        result = replace_once(job, part, &done, err);
        if (result != OVNHA_OK && result != OVNHA_ERR_REFUSED) {
            return result;
        }
    }
    if (!done && result == OVNHA_OK) {
        return ovnha_fail(err, OVNHA_ERR_CONFLICT,
                          "%s: others change the rows that are to be restored; stop what "
                          "writes there",
                          part->server->database->schema);
    }
    return done ? OVNHA_OK : result;
}

/*
 * The new generation.
 */

static enum ovnha_result renew_once(const struct job *job, struct ovnha_err *err)
{
    char *reply = NULL;
    enum ovnha_result result =
        ovnha_cli_ask(job->site.resource, "ovnha/renew", &reply, err);

    free(reply);
    reply = NULL;
    if (result == OVNHA_OK) {
        result = ovnha_cli_ask(job->site.resource, "ovnha/renew-open", &reply, err);
    }
    free(reply);
    return result;
}

/* A replica that joins or leaves between the two makes the record another one. */
static enum ovnha_result renew(const struct job *job, struct ovnha_err *err)
{
    enum ovnha_result result = renew_once(job, err);

    for (int i = 1; i < RENEWALS_MAX && result != OVNHA_OK; i++) {
        poll(NULL, 0, RENEW_WAIT_MS);
        result = renew_once(job, err);
    }
    return result;
}

static enum ovnha_result carry_out(struct job *job, struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;

    for (size_t i = 0; i < job->n_parts && result == OVNHA_OK; i++) {
        result = replace(job, &job->part[i], err);
    }
    return result == OVNHA_OK ? renew(job, err) : result;
}

/*
 * The command.
 */

static int confirm_and_carry_out(const struct ovnha_cli *cli, struct job *job)
{
    struct ovnha_err err;

    if (!cli->yes) {
        printf("\nThis replaces what the databases hold, on all nodes.  What was written "
               "since the\nbackup is then only in what was saved.  Stop what writes "
               "there first.  To go on:\n    ovnha restore --yes %s\n",
               job->source);
        return EXIT_WARNING;
    }
    if (carry_out(job, &err) != OVNHA_OK) {
        fprintf(stderr,
                "ovnha: not finished: %s\nEach database has its old content or the new "
                "one: say it again, or go back with\n    ovnha restore --yes %s\n",
                err.text, job->before);
        return EXIT_CRITICAL;
    }
    printf("restored; a new generation began.  To go back:\n    ovnha restore %s\n\n",
           job->before);
    (void)ovnha_cli_status(cli);
    return EXIT_OK;
}

int ovnha_cli_restore(const struct ovnha_cli *cli)
{
    struct job *job = calloc(1, sizeof *job);
    struct ovnha_err err;
    int code = EXIT_UNKNOWN;

    if (!job || cli->n_operands != 1) {
        fprintf(stderr, "ovnha: restore takes one operand: the directory of a backup, or "
                        "a database's file\n");
    } else if (ovnha_cli_look(cli, &job->site)) {
        code = EXIT_CRITICAL;
        job->source = cli->operand[0];
        umask(077);
        if (!job->site.serving) {
            fprintf(stderr, "ovnha: not done: %s does not serve; run it on %s\n",
                    job->site.node,
                    job->site.record.active[0] ? job->site.record.active : "the active");
        } else if (load(job, &err) != OVNHA_OK || save_present(job, &err) != OVNHA_OK) {
            fprintf(stderr, "ovnha: not done: %s\n", err.text);
        } else {
            code = confirm_and_carry_out(cli, job);
        }
        unload(job);
    }
    free(job);
    return code;
}
