/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_WATCH_H
#define OVNHA_CLI_WATCH_H

#include <stdbool.h>
#include <stdio.h>

/* Show a page on the terminal again and again, in place, until a person presses q or ends
 * it with a signal; then the terminal is as it was.  Lines that are too long are cut.
 *
 * `print` prints the page and returns an exit code; the last one is returned.  -1, and
 * said why, when there is no terminal. */
int ovnha_cli_watch(int (*print)(FILE *out, void *aux), void *aux);

#endif
