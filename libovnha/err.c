/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text becomes an exit reason: one line of readable UTF-8.  Servers answer
 * with texts of several lines, and a cut may fall into a character; both are
 * put right here, in the one place where every text is born. */

const char *ovnha_result_to_str(enum ovnha_result result)
{
    switch (result) {
    case OVNHA_OK:
        return "ok";
    case OVNHA_ERR_TIMEOUT:
        return "timeout";
    case OVNHA_ERR_UNAVAILABLE:
        return "unavailable";
    case OVNHA_ERR_LOST:
        return "lost";
    case OVNHA_ERR_REFUSED:
        return "refused";
    case OVNHA_ERR_PROTOCOL:
        return "protocol";
    case OVNHA_ERR_INVALID:
        return "invalid";
    case OVNHA_ERR_MISSING:
        return "missing";
    case OVNHA_ERR_SYSTEM:
        return "system";
    case OVNHA_ERR_CONFLICT:
        return "conflict";
    }
    return "?";
}

/* The length of `text` without a UTF-8 sequence that its end cuts in two. */
static size_t whole_characters(const char *text, size_t length)
{
    size_t start = length;
    size_t need;

    while (start > 0 && length - start < 3 && (text[start - 1] & 0xc0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return length;
    }
    unsigned char lead = (unsigned char)text[start - 1];
    need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return length - start + 1 < need ? start - 1 : length;
}

static void make_one_line(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && (unsigned char)text[length - 1] <= ' ') {
        length--;
    }
    text[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            text[i] = ' ';
        }
    }
}

static void settle(char *text, int wanted)
{
    if (wanted < 0) {
        text[0] = '\0';
    } else if (wanted >= OVNHA_ERR_SIZE) {
        text[whole_characters(text, OVNHA_ERR_SIZE - 1)] = '\0';
    }
    make_one_line(text);
}

/* "FIRST: SECOND" into `err`; either may point into it. */
static void set_pair(struct ovnha_err *err, const char *first, const char *second)
{
    char text[OVNHA_ERR_SIZE];

    settle(text, snprintf(text, sizeof text, "%s: %s", first, second));
    memcpy(err->text, text, sizeof text);
}

enum ovnha_result ovnha_fail(struct ovnha_err *err, enum ovnha_result result,
                             const char *format, ...)
{
    char text[OVNHA_ERR_SIZE]; /* an argument may be err->text itself */
    va_list args;

    if (!err) {
        return result;
    }
    va_start(args, format);
    settle(text, vsnprintf(text, sizeof text, format, args));
    va_end(args);
    memcpy(err->text, text, sizeof text);
    return result;
}

enum ovnha_result ovnha_fail_errno(struct ovnha_err *err, int errnum, const char *format,
                                   ...)
{
    char text[OVNHA_ERR_SIZE];
    char reason[128];
    va_list args;

    if (!err) {
        return OVNHA_ERR_SYSTEM;
    }
    va_start(args, format);
    settle(text, vsnprintf(text, sizeof text, format, args));
    va_end(args);
    set_pair(err, text, strerror_r(errnum, reason, sizeof reason));
    return OVNHA_ERR_SYSTEM;
}

void ovnha_err_wrap(struct ovnha_err *err, const char *format, ...)
{
    char context[OVNHA_ERR_SIZE];
    va_list args;

    if (!err) {
        return;
    }
    va_start(args, format);
    settle(context, vsnprintf(context, sizeof context, format, args));
    va_end(args);
    set_pair(err, context, err->text);
}
