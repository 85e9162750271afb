/* SPDX-License-Identifier: Apache-2.0 */
#include "saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <ovnha/replace.h>
#include <ovnha/text.h>

#include "program.h"

#define FORMAT     1
#define CLIENT_SEC "--timeout=900"
#define YEAR_10000 253402300800 /* seconds since the epoch */

/* One that does not fit is no path to work with. */
static enum ovnha_result join(char path[OVNHA_CLI_PATH_SIZE], struct ovnha_err *err,
                              const char *format, ...) OVNHA_PRINTF(3, 4);

static enum ovnha_result join(char path[OVNHA_CLI_PATH_SIZE], struct ovnha_err *err,
                              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(path, OVNHA_CLI_PATH_SIZE, format, args);
    va_end(args);
    return n < OVNHA_CLI_PATH_SIZE
               ? OVNHA_OK
               : ovnha_fail(err, OVNHA_ERR_INVALID, "too long a path: %.200s...", path);
}

static enum ovnha_result sync_path(const char *path, struct ovnha_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const int rc = fd >= 0 ? fsync(fd) : -1, error = errno;

    if (fd >= 0) {
        close(fd);
    }
    return rc == 0 ? OVNHA_OK
                   : ovnha_fail_errno(err, error, "cannot write %s to disk", path);
}

/*
 * Reading.
 */

enum ovnha_result ovnha_cli_read_schema(const struct ovnha_cli_server *server,
                                        json_t **schema, struct ovnha_err *err)
{
    const char *const argv[] = {
        "ovsdb-client",           CLIENT_SEC, "get-schema", server->socket,
        server->database->schema, NULL};

    return ovnha_cli_capture_json(argv, schema, err);
}

enum ovnha_result ovnha_cli_read_file(const char *path, json_t *schema, json_t **results,
                                      struct ovnha_err *err)
{
    json_t *query = ovnha_replace_query(schema);

    json_array_insert(query, 0, json_object_get(schema, "name"));
    char *text = json_dumps(query, JSON_COMPACT);
    const char *const argv[] = {"ovsdb-tool", "query", path, text, NULL};
    const enum ovnha_result result = ovnha_cli_capture_json(argv, results, err);

    free(text);
    json_decref(query);
    return result;
}

/*
 * Describing.
 */

static json_t *first_line(const char *program, const char *option, const char *operand)
{
    const char *const argv[] = {program, option, operand, NULL};
    char *text = NULL;
    json_t *json = NULL;

    if (ovnha_cli_capture(argv, &text, NULL) == OVNHA_OK) {
        text[strcspn(text, "\n")] = '\0';
        json = json_string(text);
    }
    free(text);
    return json ? json : json_string("");
}

/* "ovsdb-client (Open vSwitch) 3.1.0" */
static json_t *version_of(const char *program)
{
    json_t *line = first_line(program, "--version", NULL);
    const char *last = strrchr(json_string_value(line), ' ');
    json_t *version = json_string(last ? last + 1 : "");

    json_decref(line);
    return version;
}

static json_t *sha256_of(const char *path)
{
    json_t *line = first_line("sha256sum", "--binary", path);
    json_t *sum =
        json_stringn(json_string_value(line), strcspn(json_string_value(line), " "));

    json_decref(line);
    return sum;
}

static enum ovnha_result count_rows(const struct ovnha_cli_server *server,
                                    const char *path, json_t **counts,
                                    struct ovnha_err *err)
{
    json_t *schema = NULL, *results = NULL;
    enum ovnha_result result = ovnha_cli_read_schema(server, &schema, err);

    if (result == OVNHA_OK) {
        result = ovnha_cli_read_file(path, schema, &results, err);
    }
    *counts = result == OVNHA_OK ? ovnha_replace_count(schema, results) : NULL;
    json_decref(results);
    json_decref(schema);
    return result;
}

static enum ovnha_result describe(const struct ovnha_cli_server *server, const char *path,
                                  json_t **entry, struct ovnha_err *err)
{
    struct stat st;
    json_t *counts;
    enum ovnha_result result = count_rows(server, path, &counts, err);

    *entry = NULL;
    if (result == OVNHA_OK && stat(path, &st) != 0) {
        result = ovnha_fail_errno(err, errno, "cannot look at %s", path);
    }
    if (result == OVNHA_OK) {
        *entry = json_pack(
            "{s:s,s:s,s:s,s:o,s:o,s:I,s:o,s:o}", "name", server->database->name, "schema",
            server->database->schema, "file", strrchr(path, '/') + 1, "version",
            first_line("ovsdb-tool", "db-version", path), "cksum",
            first_line("ovsdb-tool", "db-cksum", path), "size", (json_int_t)st.st_size,
            "sha256", sha256_of(path), "rows", json_incref(counts));
    }
    json_decref(counts);
    return result;
}

/*
 * Taking.
 */

static enum ovnha_result copy(const struct ovnha_cli_server *server, const char *path,
                              struct ovnha_err *err)
{
    const char *const argv[] = {
        "ovsdb-client",           CLIENT_SEC, "backup", server->socket,
        server->database->schema, NULL};
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        return ovnha_fail_errno(err, errno, "cannot write %s", path);
    }
    enum ovnha_result result = ovnha_cli_run(argv, fd, server->database->name, err);

    if (close(fd) != 0 && result == OVNHA_OK) {
        result = ovnha_fail_errno(err, errno, "cannot write %s", path);
    }
    return result == OVNHA_OK ? sync_path(path, err) : result;
}

static enum ovnha_result copy_all(const struct ovnha_cli_site *site,
                                  const char *directory, json_t *entries,
                                  struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;

    for (size_t i = 0; i < site->n_servers && result == OVNHA_OK; i++) {
        char path[OVNHA_CLI_PATH_SIZE];
        json_t *entry = NULL;

        result =
            join(path, err, "%s/%s.db", directory, site->server[i].database->basename);
        if (result == OVNHA_OK) {
            result = copy(&site->server[i], path, err);
        }
        if (result == OVNHA_OK) {
            result = describe(&site->server[i], path, &entry, err);
            json_array_append_new(entries, entry);
        }
    }
    return result;
}

static json_t *manifest_of(const struct ovnha_cli_site *site, json_t *entries)
{
    return json_pack("{s:i,s:s,s:s,s:s,s:I,s:I,s:o,s:o,s:O}", "format", FORMAT,
                     "resource", site->resource, "node", site->node, "generation",
                     site->record.generation.uuid, "counter",
                     (json_int_t)site->record.generation.counter, "taken",
                     (json_int_t)time(NULL), "ovs", version_of("ovsdb-client"), "ovn",
                     version_of("ovn-nbctl"), "databases", entries);
}

static enum ovnha_result write_manifest(const struct ovnha_cli_site *site,
                                        const char *directory, json_t *entries,
                                        struct ovnha_err *err)
{
    char path[OVNHA_CLI_PATH_SIZE];
    enum ovnha_result result = join(path, err, "%s/" OVNHA_CLI_MANIFEST, directory);

    if (result != OVNHA_OK) {
        return result;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    json_t *manifest = manifest_of(site, entries);

    if (fd < 0 || json_dumpfd(manifest, fd, JSON_INDENT(2)) != 0) {
        result = ovnha_fail_errno(err, errno, "cannot write %s", path);
    }
    json_decref(manifest);
    if (fd >= 0 && close(fd) != 0 && result == OVNHA_OK) {
        result = ovnha_fail_errno(err, errno, "cannot write %s", path);
    }
    return result == OVNHA_OK ? sync_path(path, err) : result;
}

/* What a save that failed has left. */
static void remove_partial(const struct ovnha_cli_site *site, const char *directory)
{
    char path[OVNHA_CLI_PATH_SIZE];

    for (size_t i = 0; i < site->n_servers; i++) {
        if (join(path, NULL, "%s/%s.db", directory, site->server[i].database->basename) ==
            OVNHA_OK) {
            unlink(path);
        }
    }
    if (join(path, NULL, "%s/" OVNHA_CLI_MANIFEST, directory) == OVNHA_OK) {
        unlink(path);
    }
    rmdir(directory);
}

static enum ovnha_result fill(const struct ovnha_cli_site *site, const char *directory,
                              struct ovnha_err *err)
{
    json_t *entries = json_array();
    enum ovnha_result result = copy_all(site, directory, entries, err);

    if (result == OVNHA_OK) {
        result = write_manifest(site, directory, entries, err);
    }
    json_decref(entries);
    return result == OVNHA_OK ? sync_path(directory, err) : result;
}

static enum ovnha_result parent_of(const char *path, char parent[OVNHA_CLI_PATH_SIZE],
                                   struct ovnha_err *err)
{
    const char *slash = strrchr(path, '/');

    return join(parent, err, "%.*s", slash ? (int)(slash - path) + 1 : 1,
                slash ? path : ".");
}

/* Under its final name it is whole: rename(2) does not replace a directory that has
 * something in it. */
static enum ovnha_result publish(const char *partial, const char *directory,
                                 struct ovnha_err *err)
{
    char parent[OVNHA_CLI_PATH_SIZE];
    const enum ovnha_result result = parent_of(directory, parent, err);

    if (result == OVNHA_OK && rename(partial, directory) != 0) {
        return ovnha_fail_errno(err, errno, "cannot name it %s", directory);
    }
    return result == OVNHA_OK ? sync_path(parent, err) : result;
}

enum ovnha_result ovnha_cli_save(const struct ovnha_cli_site *site, const char *directory,
                                 struct ovnha_err *err)
{
    char partial[OVNHA_CLI_PATH_SIZE];
    enum ovnha_result result =
        join(partial, err, "%s.partial.%ld", directory, (long)getpid());

    if (result != OVNHA_OK) {
        return result;
    }
    if (access(directory, F_OK) == 0) {
        return ovnha_fail(err, OVNHA_ERR_INVALID,
                          "%s is there already: name a directory that is not", directory);
    }
    if (mkdir(partial, 0700) != 0) {
        return ovnha_fail_errno(err, errno, "cannot make the directory %s", partial);
    }
    result = fill(site, partial, err);
    if (result == OVNHA_OK) {
        result = publish(partial, directory, err);
    }
    if (result != OVNHA_OK) {
        remove_partial(site, partial);
    }
    return result;
}

enum ovnha_result ovnha_cli_saved_place(const struct ovnha_cli_site *site,
                                        const char *prefix,
                                        char path[OVNHA_CLI_PATH_SIZE],
                                        struct ovnha_err *err)
{
    const time_t now = time(NULL);
    enum ovnha_result result;
    char when[32];
    struct tm tm;

    if (mkdir(site->backups, 0700) != 0 && errno != EEXIST) {
        return ovnha_fail_errno(err, errno, "cannot make the directory %s",
                                site->backups);
    }
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    result = join(path, err, "%s/%s%s-generation-%llu", site->backups, prefix, when,
                  (unsigned long long)site->record.generation.counter);
    for (int n = 2; result == OVNHA_OK && access(path, F_OK) == 0; n++) {
        result = join(path, err, "%s/%s%s-generation-%llu-%d", site->backups, prefix,
                      when, (unsigned long long)site->record.generation.counter, n);
    }
    return result;
}

/*
 * Checking.
 */

static enum ovnha_result check_file(const char *directory, json_t *entry,
                                    struct ovnha_err *err)
{
    const char *file, *sha256;
    char path[OVNHA_CLI_PATH_SIZE];

    if (json_unpack(entry, "{s:s,s:s}", "file", &file, "sha256", &sha256) != 0 ||
        strchr(file, '/')) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "%s/" OVNHA_CLI_MANIFEST " names no file and its sha256",
                          directory);
    }
    enum ovnha_result result = join(path, err, "%s/%s", directory, file);

    if (result == OVNHA_OK) {
        json_t *sum = sha256_of(path);

        if (strcmp(json_string_value(sum), sha256) != 0) {
            result = ovnha_fail(err, OVNHA_ERR_REFUSED,
                                "%s is not what was backed up: its sha256 is '%s', the "
                                "manifest says '%s'; take another backup",
                                path, json_string_value(sum), sha256);
        }
        json_decref(sum);
    }
    return result;
}

/* People go by this.  A year of five digits is nothing to reckon with, or to print. */
static bool tells_origin(json_t *manifest)
{
    json_t *taken = json_object_get(manifest, "taken");
    const json_int_t at = json_integer_value(taken);

    return json_is_string(json_object_get(manifest, "resource")) &&
           json_is_integer(taken) && at >= 0 && at < YEAR_10000;
}

static enum ovnha_result check_manifest(const char *directory, json_t *manifest,
                                        struct ovnha_err *err)
{
    json_t *databases = json_object_get(manifest, "databases"), *entry;
    enum ovnha_result result = OVNHA_OK;
    size_t i;

    if (json_integer_value(json_object_get(manifest, "format")) != FORMAT ||
        json_array_size(databases) == 0) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "%s/" OVNHA_CLI_MANIFEST
                          " is no manifest that this version understands (format %d)",
                          directory, FORMAT);
    }
    if (!tells_origin(manifest)) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "%s/" OVNHA_CLI_MANIFEST
                          " does not say of which resource it is, and when it was taken",
                          directory);
    }
    json_array_foreach(databases, i, entry)
    {
        if (result == OVNHA_OK) {
            result = check_file(directory, entry, err);
        }
    }
    return result;
}

enum ovnha_result ovnha_cli_saved_read(const char *directory, json_t **manifest,
                                       struct ovnha_err *err)
{
    char path[OVNHA_CLI_PATH_SIZE];
    json_error_t error;
    enum ovnha_result result = join(path, err, "%s/" OVNHA_CLI_MANIFEST, directory);

    *manifest = NULL;
    if (result != OVNHA_OK) {
        return result;
    }
    *manifest = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!*manifest) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "%s: %s", path, error.text);
    }
    result = check_manifest(directory, *manifest, err);
    if (result != OVNHA_OK) {
        json_decref(*manifest);
        *manifest = NULL;
    }
    return result;
}
