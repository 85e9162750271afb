/* SPDX-License-Identifier: Apache-2.0 */

/* Makes the agent's manual page while everything is built: copies standard input to
 * standard output, and puts what the agent's own tables say in the place of the lines
 * @PARAMETERS@ and
 * @OPERATIONS@. */

#include <stdio.h>
#include <string.h>

#include "metadata.h"
#include "params.h"

#define LINE_SIZE 1024

/* As roff takes it literally. */
static void print_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\\') {
            fputs("\\e", stdout);
        } else if (*text == '-') {
            fputs("\\-", stdout);
        } else {
            putchar(*text);
        }
    }
}

static void print_marks(const struct ovnha_param *param)
{
    if (param->required) {
        fputs(", required", stdout);
    }
    if (*param->fallback) {
        fputs(", default ", stdout);
        print_text(param->fallback);
    }
    if (param->reloadable) {
        fputs(" (reloadable)", stdout);
    }
}

static void print_param(const struct ovnha_param *param)
{
    fputs(".TP\n.B ", stdout);
    print_text(param->name);
    fputs("\n\\fI", stdout);
    print_text(ovnha_param_type_expects(param->type));
    print_marks(param);
    fputs("\\fR\n.br\n", stdout);
    print_text(param->longdesc);
    putchar('\n');
}

static void print_action(const struct ovnha_ocf_action *action)
{
    fputs(".TP\n.B ", stdout);
    print_text(action->name);
    printf("\ntimeout %s", action->timeout);
    if (action->interval) {
        printf(", interval %s", action->interval);
    }
    if (action->role) {
        printf(", role %s", action->role);
    }
    putchar('\n');
}

static void print_line(const char *line)
{
    if (strcmp(line, "@PARAMETERS@\n") == 0) {
        for (size_t i = 0; i < ovnha_n_params; i++) {
            print_param(&ovnha_params_table[i]);
        }
    } else if (strcmp(line, "@OPERATIONS@\n") == 0) {
        for (size_t i = 0; i < ovnha_n_ocf_actions; i++) {
            print_action(&ovnha_ocf_actions[i]);
        }
    } else {
        fputs(line, stdout);
    }
}

int main(void)
{
    char line[LINE_SIZE];

    while (fgets(line, sizeof line, stdin)) {
        print_line(line);
    }
    return ferror(stdin) || fflush(stdout) != 0;
}
