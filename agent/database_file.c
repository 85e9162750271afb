/* SPDX-License-Identifier: Apache-2.0 */
#include "database_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include <ovnha/text.h>

#define HEADER_SIZE 128

/* One header, if what it announces is all there. */
static bool read_header(FILE *stream, off_t size, char hash[OVNHA_SHA1_SIZE],
                        off_t *length)
{
    char line[HEADER_SIZE];
    uintmax_t announced;

    if (!fgets(line, sizeof line, stream) ||
        sscanf(line, "OVSDB JSON %" SCNuMAX " %40[0-9a-f]", &announced, hash) != 2 ||
        announced > (uintmax_t)(size - ftello(stream))) {
        return false;
    }
    *length = (off_t)announced;
    return true;
}

static bool read_schema(FILE *stream, char schema[OVNHA_SCHEMA_SIZE])
{
    json_t *json = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL);
    const char *version, *cksum = "";
    const bool ok =
        json_unpack(json, "{s:s,s?s}", "version", &version, "cksum", &cksum) == 0;

    if (ok) {
        snprintf(schema, OVNHA_SCHEMA_SIZE, "%s %s", version, cksum);
    }
    json_decref(json);
    return ok;
}

static bool read_record(FILE *stream, off_t size, const char *wanted,
                        struct ovnha_database_file *file)
{
    char hash[OVNHA_SHA1_SIZE];
    off_t length, begin;

    if (!read_header(stream, size, hash, &length)) {
        return false;
    }
    begin = ftello(stream);
    if (!file->schema[0] && !read_schema(stream, file->schema)) {
        return false;
    }
    ovnha_text_copy(file->last, sizeof file->last, hash);
    file->has = file->has || strcmp(hash, wanted) == 0;
    return fseeko(stream, begin + length, SEEK_SET) == 0;
}

enum ovnha_result ovnha_database_file_read(const char *path, const char *wanted,
                                           struct ovnha_database_file *file,
                                           struct ovnha_err *err)
{
    FILE *stream = fopen(path, "re");
    struct stat status;

    memset(file, 0, sizeof *file);
    if (!stream || fstat(fileno(stream), &status) != 0) {
        const int errnum = errno;

        if (stream) {
            fclose(stream);
        }
        return ovnha_fail_errno(err, errnum, "cannot read %s", path);
    }
    while (read_record(stream, status.st_size, wanted, file)) {
    }
    fclose(stream);
    return file->schema[0] ? OVNHA_OK
                           : ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                                        "%s does not begin with a schema", path);
}
