/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/sync_status.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where lines stand differs by version, what they say does not: so every line
 * is looked at by itself and counted.  `database:` and `exclude:` lines, and
 * whatever a later version adds, say nothing about the role and are passed over.
 *
 * A backup without a `replicating:` line counts as connecting.  That covers
 * `not connected to ADDR` and `Replication to (ADDR) failed`, too, which
 * ovsdb/replication.c has words for. */

struct tally {
    unsigned int active;
    unsigned int backup;
    unsigned int replicating;
    bool sources_differ;
};

struct line {
    const char *text;
    size_t length;
};

static bool next_line(const char **rest, struct line *line)
{
    if (**rest == '\0') {
        return false;
    }
    line->text = *rest;
    line->length = strcspn(*rest, "\n");
    *rest += line->length;
    *rest += **rest == '\n';
    return true;
}

/* What follows `key` in the line, or NULL. */
static const char *value_of(const struct line *line, const char *key, size_t *length)
{
    size_t skip = strlen(key);

    if (line->length < skip || strncmp(line->text, key, skip) != 0) {
        return NULL;
    }
    while (skip < line->length && line->text[skip] == ' ') {
        skip++;
    }
    *length = line->length - skip;
    return line->text + skip;
}

static bool is_word(const char *value, size_t length, const char *word)
{
    return length == strlen(word) && strncmp(value, word, length) == 0;
}

static enum ovnha_result take_state(const struct line *line, struct tally *tally,
                                    struct ovnha_err *err)
{
    size_t length;
    const char *value = value_of(line, "state:", &length);

    if (!value) {
        return OVNHA_OK;
    }
    if (is_word(value, length, "active")) {
        tally->active++;
    } else if (is_word(value, length, "backup")) {
        tally->backup++;
    } else {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "sync-status names a state that is not known here: \"%.*s\"",
                          (int)(length > 64 ? 64 : length), value);
    }
    return OVNHA_OK;
}

static enum ovnha_result take_source(const struct line *line, struct tally *tally,
                                     char *source, struct ovnha_err *err)
{
    static const char *const keys[] = {
        "replicating:", "connecting:", "not connected to "};
    const char *value = NULL;
    size_t length = 0;

    for (size_t i = 0; !value && i < sizeof keys / sizeof keys[0]; i++) {
        value = value_of(line, keys[i], &length);
        tally->replicating += value && i == 0;
    }
    if (!value) {
        return OVNHA_OK;
    }
    if (length >= OVNHA_METHOD_SIZE) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "sync-status names a source of %zu bytes", length);
    }
    if (source[0] == '\0') {
        snprintf(source, OVNHA_METHOD_SIZE, "%.*s", (int)length, value);
    } else if (!is_word(value, length, source)) {
        tally->sources_differ = true;
    }
    return OVNHA_OK;
}

static void conclude(const struct tally *tally, struct ovnha_sync_status *status)
{
    status->state = tally->backup == 0   ? OVNHA_SYNC_ACTIVE
                    : tally->active == 0 ? OVNHA_SYNC_BACKUP
                                         : OVNHA_SYNC_MIXED;
    status->link = tally->backup == 0                    ? OVNHA_LINK_NONE
                   : tally->replicating == tally->backup ? OVNHA_LINK_REPLICATING
                                                         : OVNHA_LINK_CONNECTING;
    /* Two sources have no common name; either would look like the right one. */
    if (tally->sources_differ || tally->backup == 0) {
        status->source[0] = '\0';
    }
}

enum ovnha_result ovnha_sync_status_parse(const char *text,
                                          struct ovnha_sync_status *status,
                                          struct ovnha_err *err)
{
    struct tally tally = {0};
    struct ovnha_sync_status found = {0};
    struct line line;

    memset(status, 0, sizeof *status);
    for (const char *rest = text; next_line(&rest, &line);) {
        enum ovnha_result result = take_state(&line, &tally, err);

        if (!result) {
            result = take_source(&line, &tally, found.source, err);
        }
        if (result) {
            return result;
        }
    }
    if (tally.active + tally.backup == 0) {
        return ovnha_fail(err, OVNHA_ERR_PROTOCOL,
                          "sync-status names no state: \"%.64s\"", text);
    }
    conclude(&tally, &found);
    *status = found;
    return OVNHA_OK;
}

const char *ovnha_sync_state_to_str(enum ovnha_sync_state state)
{
    switch (state) {
    case OVNHA_SYNC_UNKNOWN:
        return "unknown";
    case OVNHA_SYNC_ACTIVE:
        return "active";
    case OVNHA_SYNC_BACKUP:
        return "backup";
    case OVNHA_SYNC_MIXED:
        return "mixed";
    }
    return "?";
}

const char *ovnha_sync_link_to_str(enum ovnha_sync_link link)
{
    switch (link) {
    case OVNHA_LINK_NONE:
        return "none";
    case OVNHA_LINK_CONNECTING:
        return "connecting";
    case OVNHA_LINK_REPLICATING:
        return "replicating";
    }
    return "?";
}
