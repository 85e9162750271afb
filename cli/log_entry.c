/* SPDX-License-Identifier: Apache-2.0 */
#include "log_entry.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY (24 * 60 * 60)

/*
 * Stamps.
 */

/* ".123456" in milliseconds, and where it ends. */
static const char *read_fraction(const char *text, struct ovnha_log_entry *entry)
{
    int scale = 100;

    entry->coarse = *text != '.';
    if (entry->coarse) {
        return text;
    }
    for (text++; isdigit((unsigned char)*text); text++, scale /= 10) {
        entry->at += (*text - '0') * scale;
    }
    return text;
}

/* "Z", "+01:00", "+0100", or nothing. */
static const char *read_zone(const char *text, struct tm *broken, time_t *at)
{
    int hours, minutes, used = 0;
    char sign;

    if (*text == 'Z') {
        *at = timegm(broken);
        return text + 1;
    }
    if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) < 3 || used == 0) {
        used = 0;
        if (sscanf(text, "%c%2d%2d%n", &sign, &hours, &minutes, &used) < 3) {
            used = 0;
        }
    }
    if (used == 0 || !strchr("+-", sign)) {
        broken->tm_isdst = -1;
        *at = mktime(broken);
        return text;
    }
    *at = timegm(broken) - (sign == '-' ? -1 : 1) * (hours * 60 + minutes) * 60;
    return text + used;
}

static const char *read_iso(const char *line, struct ovnha_log_entry *entry)
{
    struct tm broken = {0};
    const char *end = strptime(line, "%Y-%m-%dT%H:%M:%S", &broken);
    time_t at;

    if (!end) {
        return NULL;
    }
    end = read_fraction(end, entry);
    end = read_zone(end, &broken, &at);
    entry->at += (int64_t)at * 1000;
    return end;
}

static const char *read_classic(const char *line, time_t now,
                                struct ovnha_log_entry *entry)
{
    struct tm broken = {0}, today;
    const char *end;

    localtime_r(&now, &today);
    end = strptime(line, "%b %d %H:%M:%S", &broken);
    if (!end) {
        return NULL;
    }
    broken.tm_year = today.tm_year;
    broken.tm_isdst = -1;
    time_t at = mktime(&broken);
    if (at > now + DAY) {
        broken.tm_year--;
        broken.tm_isdst = -1;
        at = mktime(&broken);
    }
    end = read_fraction(end, entry);
    entry->at += (int64_t)at * 1000;
    return end;
}

/*
 * The rest.
 */

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
    rest = isdigit((unsigned char)*line) ? read_iso(line, entry)
                                         : read_classic(line, now, entry);
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
