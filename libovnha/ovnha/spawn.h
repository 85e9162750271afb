/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_SPAWN_H
#define OVNHA_SPAWN_H

#include <stddef.h>

#include <ovnha/deadline.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Run a program to its end, without a shell.
 *
 * The end is the program's own exit, not the end of its output: daemons that it
 * starts keep the pipes open.  Its standard input is /dev/null.  A program that
 * outlives the deadline gets TERM, then KILL after a moment, with its whole
 * process group.
 *
 * The caller must not ignore SIGCHLD: the exit code would be lost, and every run
 * end with OVNHA_ERR_SYSTEM. */

#define OVNHA_SPAWN_OUTPUT 4096 /* the last bytes of stdout and stderr kept */

struct ovnha_spawn {
    const char *const *argv;     /* argv[0] is a path, or a name found in PATH */
    const char *const *env_add;  /* "NAME=value" to add or replace, or NULL */
    const char *const *env_drop; /* prefixes to remove ("OCF_"), or NULL */
    int stop_fd; /* when this can be read, it is ended as at the deadline; 0: none */
};

struct ovnha_spawn_result {
    int status;                      /* as of waitpid(2) */
    char output[OVNHA_SPAWN_OUTPUT]; /* both streams, in order of arrival */
};

/* OVNHA_OK when it exited with 0; OVNHA_ERR_REFUSED for another exit code or a
 * signal (the text has the last line of its output); OVNHA_ERR_MISSING when it
 * cannot be executed; OVNHA_ERR_TIMEOUT, also when stop_fd has ended it. */
enum ovnha_result ovnha_spawn_run(const struct ovnha_spawn *spawn,
                                  struct ovnha_spawn_result *result, ovnha_msec deadline,
                                  struct ovnha_err *err) OVNHA_MUST_USE;

/* The same with all of stdout (NUL-terminated, malloc'ed) in *output, up to
 * `limit` bytes, and OVNHA_ERR_PROTOCOL for more; for programs that print a document
 * (crm_mon's XML), of which a part is no use.  *output is NULL on failure. */
enum ovnha_result ovnha_spawn_capture(const struct ovnha_spawn *spawn, char **output,
                                      size_t limit, ovnha_msec deadline,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
