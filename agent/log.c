/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

/* libqb's own (QB_LOG_MAX_LEN): what is longer is cut. */
#define LINE_SIZE 512

static ovnha_log_writer *write_line;
static int least;

void ovnha_log_begin(const struct ovnha_invocation *invocation, ovnha_log_writer *writer)
{
    least = ovnha_log_priority(invocation);
    write_line = writer;
}

void ovnha_log_line(int priority, const char *function, const char *file, unsigned line,
                    const char *format, ...)
{
    char text[LINE_SIZE];
    va_list args;

    if (!write_line || priority > least) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    write_line(priority, function, file, line, text);
}
