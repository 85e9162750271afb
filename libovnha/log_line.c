/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/log_line.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The first that fits counts: what is more general comes later. */
const struct ovnha_log_line ovnha_log_lines[] = {
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_PROCESS_ENDED},
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_QUORUM},
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_STALL},
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_PEER_READS},
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_COROSYNC_GONE},
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_DETACHED},
    {OVNHA_LINE_IS_SIGN, OVNHA_LINE_NORTHD},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_SCORE},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_RECOVERY},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_RESTART_OVER},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_READ_ONLY},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_WITHDRAWS},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_MAY},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_MAY_NOT},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_LEFT_OUT},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_ACCEPTED},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_RENEWED},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_ADOPTED},
    {OVNHA_LINE_IS_DECISION, OVNHA_LINE_UPKEEP},
    {OVNHA_LINE_IS_RECORD, OVNHA_LINE_RECORDS},
    {OVNHA_LINE_IS_RECORD, OVNHA_LINE_RECORDS_ALONE},
    {OVNHA_LINE_IS_RECORD, OVNHA_LINE_OBEYS},
    {OVNHA_LINE_IS_RECORD, OVNHA_LINE_ATTACHED},
    {OVNHA_LINE_IS_STEP, OVNHA_LINE_STEP_FAILED},
    {OVNHA_LINE_IS_STEP, OVNHA_LINE_STEP_DONE},
    {OVNHA_LINE_IS_STEP, OVNHA_LINE_RESULT},
};

const size_t ovnha_n_log_lines = sizeof ovnha_log_lines / sizeof ovnha_log_lines[0];

const char *ovnha_line_kind_to_str(enum ovnha_line_kind kind)
{
    switch (kind) {
    case OVNHA_LINE_IS_SIGN:
        return "sign";
    case OVNHA_LINE_IS_DECISION:
        return "decision";
    case OVNHA_LINE_IS_RECORD:
        return "record";
    case OVNHA_LINE_IS_STEP:
        return "step";
    }
    return "?";
}

/* Behind the conversion that begins at `format`; *is_number: it takes digits. */
static const char *skip_conversion(const char *format, bool *is_number)
{
    const char *end = format + 1 + strspn(format + 1, "-+ #0123456789.lhz");

    *is_number = *end && strchr("diu", *end);
    return *end ? end + 1 : end;
}

static void keep(struct ovnha_line_values *values, size_t index, const char *from,
                 size_t length)
{
    if (index < OVNHA_LINE_VALUES) {
        snprintf(values->value[index], OVNHA_LINE_VALUE_SIZE, "%.*s", (int)length, from);
    }
}

static bool is_number(const char *from, size_t length)
{
    const size_t sign = length > 0 && *from == '-';

    for (size_t i = sign; i < length; i++) {
        if (!isdigit((unsigned char)from[i])) {
            return false;
        }
    }
    return length > sign;
}

static bool match_from(const char *format, const char *text, size_t index,
                       struct ovnha_line_values *values)
{
    bool number;

    for (; *format && *format != '%'; format++, text++) {
        if (*format != *text) {
            return false;
        }
    }
    if (!*format) {
        values->n = index;
        return !*text;
    }
    const char *rest = skip_conversion(format, &number);
    const size_t left = strlen(text);

    for (size_t length = 0; length <= left; length++) {
        if ((!number || is_number(text, length)) &&
            match_from(rest, text + length, index + 1, values)) {
            keep(values, index, text, length);
            return true;
        }
    }
    return false;
}

bool ovnha_log_line_match(const char *format, const char *text,
                          struct ovnha_line_values *values)
{
    values->n = 0;
    return match_from(format, text, 0, values);
}

const struct ovnha_log_line *ovnha_log_line_find(const char *text,
                                                 struct ovnha_line_values *values)
{
    for (size_t i = 0; i < ovnha_n_log_lines; i++) {
        if (ovnha_log_line_match(ovnha_log_lines[i].format, text, values)) {
            return &ovnha_log_lines[i];
        }
    }
    return NULL;
}
