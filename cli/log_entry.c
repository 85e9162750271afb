/* SPDX-License-Identifier: Apache-2.0 */
#include "log_entry.h"

#include <stdio.h>
#include <string.h>

static const char *blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static const char *word(const char *text, const char *ends, char to[OVNHA_LOG_WORD])
{
    const size_t length = strcspn(text, ends);

    snprintf(to, OVNHA_LOG_WORD, "%.*s", (int)length, text);
    return text + length;
}

/* "[123]", "(function)", if there is one. */
static const char *skip_enclosed(const char *text, char open, char close)
{
    const char *end = *text == open ? strchr(text, close) : NULL;

    return end ? blanks(end + 1) : text;
}

/* "notice: " of Pacemaker, "notice  [TOTEM ] " of corosync. */
static const char *skip_priority(const char *text)
{
    static const char *const names[] = {"trace", "debug", "info",  "notice", "warning",
                                        "error", "crit",  "emerg", "alert"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t length = strlen(names[i]);

        if (strncmp(text, names[i], length) == 0) {
            if (text[length] == ':') {
                return blanks(text + length + 1);
            }
            if (blanks(text + length)[0] == '[') {
                return skip_enclosed(blanks(text + length), '[', ']');
            }
        }
    }
    return skip_enclosed(text, '[', ']');
}

bool ovnha_log_entry_parse(const char *line, time_t now, struct ovnha_log_entry *entry)
{
    const char *rest;

    memset(entry, 0, sizeof *entry);
    rest = ovnha_stamp_read(line, now, &entry->stamp);
    if (!rest || (*rest != ' ' && *rest != '\t')) {
        return false;
    }
    rest = skip_enclosed(blanks(rest), '[', ']'); /* corosync's pid comes first */
    rest = blanks(word(rest, " \t", entry->host));
    rest = blanks(word(rest, " \t[:", entry->program));
    rest = skip_enclosed(rest, '[', ']');
    rest = blanks(*rest == ':' ? rest + 1 : rest);
    if (strcmp(entry->program, "corosync") != 0) {
        rest = skip_enclosed(rest, '(', ')');
    }
    entry->text = skip_priority(rest);
    return entry->host[0] && entry->program[0];
}
