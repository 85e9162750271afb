/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_PROGRAM_H
#define OVNHA_CLI_PROGRAM_H

#include <jansson.h>
#include <ovnha/err.h>

/* The distribution's programs, which know their own formats. */

/* Longer than the largest databases take; ovsdb-client gets it as its own limit. */
#define OVNHA_CLI_PROGRAM_MS (15 * 60 * 1000)

/* Run a program to its end, its standard output into `fd`; a terminal sees how long it
 * takes, under the name `what`. */
enum ovnha_result ovnha_cli_run(const char *const *argv, int fd, const char *what,
                                struct ovnha_err *err) OVNHA_MUST_USE;

/* What it prints, without the newline at its end; free(*text). */
enum ovnha_result ovnha_cli_capture(const char *const *argv, char **text,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

/* The same, of one that prints JSON; new reference. */
enum ovnha_result ovnha_cli_capture_json(const char *const *argv, json_t **json,
                                         struct ovnha_err *err) OVNHA_MUST_USE;

#endif
