/* SPDX-License-Identifier: Apache-2.0 */
#include "stamp.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY (24 * 60 * 60)

/*
 * Of logs and rules.
 */

/* ".123456" in milliseconds, and where it ends. */
static const char *read_fraction(const char *text, struct ovnha_stamp *stamp)
{
    int scale = 100;

    stamp->coarse = *text != '.';
    if (stamp->coarse) {
        return text;
    }
    for (text++; isdigit((unsigned char)*text); text++, scale /= 10) {
        stamp->at += (*text - '0') * scale;
    }
    return text;
}

/* "Z", "+01:00", "+0100", or nothing; crm_resource puts a blank before it. */
static const char *read_zone(const char *text, struct tm *broken, time_t *at)
{
    const char *zone = text + (text[0] == ' ' && text[1] && strchr("+-", text[1]));
    int hours, minutes, used = 0;
    char sign;

    if (*zone == 'Z') {
        *at = timegm(broken);
        return zone + 1;
    }
    if (sscanf(zone, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) < 3 || used == 0) {
        used = 0;
        if (sscanf(zone, "%c%2d%2d%n", &sign, &hours, &minutes, &used) < 3) {
            used = 0;
        }
    }
    if (used == 0 || !strchr("+-", sign)) {
        broken->tm_isdst = -1;
        *at = mktime(broken);
        return text;
    }
    *at = timegm(broken) - (sign == '-' ? -1 : 1) * (hours * 60 + minutes) * 60;
    return zone + used;
}

static const char *read_iso(const char *text, struct ovnha_stamp *stamp)
{
    struct tm broken = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &broken);
    time_t at;

    if (!end) {
        end = strptime(text, "%Y-%m-%d %H:%M:%S", &broken);
    }
    if (!end) {
        return NULL;
    }
    end = read_fraction(end, stamp);
    end = read_zone(end, &broken, &at);
    stamp->at += (int64_t)at * 1000;
    return end;
}

static const char *read_classic(const char *text, time_t now, struct ovnha_stamp *stamp)
{
    struct tm broken = {0}, today;
    const char *end;

    localtime_r(&now, &today);
    end = strptime(text, "%b %d %H:%M:%S", &broken);
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
    end = read_fraction(end, stamp);
    stamp->at += (int64_t)at * 1000;
    return end;
}

const char *ovnha_stamp_read(const char *text, time_t now, struct ovnha_stamp *stamp)
{
    memset(stamp, 0, sizeof *stamp);
    return isdigit((unsigned char)*text) ? read_iso(text, stamp)
                                         : read_classic(text, now, stamp);
}

/*
 * Of people.
 */

/* "90s", "10min", "2h", "7d": so long ago. */
static bool read_ago(const char *text, time_t now, int64_t *at)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"s", 1}, {"min", 60}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    const long long number = strtoll(text, &end, 10);

    for (size_t i = 0; isdigit((unsigned char)*text) && i < 5; i++) {
        if (strcmp(end, units[i].unit) == 0 && number <= INT_MAX) {
            *at = ((int64_t)now - number * units[i].seconds) * 1000;
            return true;
        }
    }
    return false;
}

bool ovnha_stamp_read_since(const char *text, time_t now, int64_t *at)
{
    static const char *const formats[] = {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
                                          "%Y-%m-%d %H:%M",    "%Y-%m-%d",
                                          "%H:%M:%S",          "%H:%M"};

    if (read_ago(text, now, at)) {
        return true;
    }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm broken;

        localtime_r(&now, &broken);
        broken.tm_sec = broken.tm_min = 0;
        broken.tm_hour = formats[i][1] == 'Y' ? 0 : broken.tm_hour;
        broken.tm_isdst = -1;
        const char *end = strptime(text, formats[i], &broken);
        if (end && !*end) {
            *at = (int64_t)mktime(&broken) * 1000;
            return true;
        }
    }
    return false;
}

/*
 * Ours.
 */

void ovnha_stamp_utc(int64_t at, char text[OVNHA_STAMP_SIZE])
{
    const time_t seconds = (time_t)(at / 1000);
    struct tm broken;

    gmtime_r(&seconds, &broken);
    strftime(text, OVNHA_STAMP_SIZE, "%Y-%m-%d %H:%M:%SZ", &broken);
}

void ovnha_stamp_local(int64_t at, char text[OVNHA_STAMP_SIZE])
{
    const time_t seconds = (time_t)(at / 1000);
    struct tm broken;

    localtime_r(&seconds, &broken);
    strftime(text, OVNHA_STAMP_SIZE, "%Y-%m-%d %H:%M:%S", &broken);
}
