/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ovnha/deadline.h>
#include <ovnha/spawn.h>

#define LOOK_MS      100
#define OUTPUT_LIMIT ((size_t)2 * 1024 * 1024 * 1024)

extern char **environ;

/*
 * Into a file.
 */

static enum ovnha_result start(const char *const *argv, int fd, pid_t *pid,
                               struct ovnha_err *err)
{
    posix_spawn_file_actions_t actions;
    int rc = posix_spawn_file_actions_init(&actions);

    if (rc == 0) {
        rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    }
    if (rc == 0) {
        rc = posix_spawn_file_actions_adddup2(&actions, fd, 1);
    }
    if (rc == 0) {
        rc = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    return rc == 0 ? OVNHA_OK : ovnha_fail_errno(err, rc, "cannot run %s", argv[0]);
}

static void show_progress(const char *what, int fd, ovnha_msec began)
{
    struct stat st = {0};

    if (isatty(STDERR_FILENO) && fstat(fd, &st) == 0) {
        fprintf(stderr, "\r%s: %lld s, %lld KiB ", what,
                (long long)((ovnha_now() - began) / 1000),
                (long long)(st.st_size / 1024));
    }
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r\033[K");
    }
}

/* As of a program that failed: nobody could say how this one ended. */
#define NOT_KNOWN W_EXITCODE(1, 0)

/* Its status; one that outlives the deadline is killed. */
static int await_end(pid_t pid, const char *what, int fd)
{
    const ovnha_msec began = ovnha_now();
    const ovnha_msec deadline = ovnha_deadline_after(began, OVNHA_CLI_PROGRAM_MS);
    int status = NOT_KNOWN;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        show_progress(what, fd, began);
        poll(NULL, 0, LOOK_MS);
        if (ovnha_deadline_passed(deadline, ovnha_now())) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            break;
        }
    }
    end_progress();
    return status;
}

enum ovnha_result ovnha_cli_run(const char *const *argv, int fd, const char *what,
                                struct ovnha_err *err)
{
    pid_t pid;
    const enum ovnha_result result = start(argv, fd, &pid, err);

    if (result != OVNHA_OK) {
        return result;
    }
    const int status = await_end(pid, what, fd);

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return OVNHA_OK;
    }
    return ovnha_fail(err, OVNHA_ERR_REFUSED, "%s: %s %s %d", what, argv[0],
                      WIFSIGNALED(status) ? "was ended by signal" : "failed with code",
                      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/*
 * Into memory.
 */

enum ovnha_result ovnha_cli_capture(const char *const *argv, char **text,
                                    struct ovnha_err *err)
{
    const struct ovnha_spawn spawn = {.argv = argv};
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), OVNHA_CLI_PROGRAM_MS);
    const enum ovnha_result result =
        ovnha_spawn_capture(&spawn, text, OUTPUT_LIMIT, deadline, err);

    if (result == OVNHA_OK && **text && (*text)[strlen(*text) - 1] == '\n') {
        (*text)[strlen(*text) - 1] = '\0';
    }
    return result;
}

enum ovnha_result ovnha_cli_capture_json(const char *const *argv, json_t **json,
                                         struct ovnha_err *err)
{
    char *text;
    json_error_t error;
    const enum ovnha_result result = ovnha_cli_capture(argv, &text, err);

    *json = NULL;
    if (result != OVNHA_OK) {
        return result;
    }
    *json = json_loads(text, 0, &error);
    free(text);
    return *json ? OVNHA_OK
                 : ovnha_fail(err, OVNHA_ERR_PROTOCOL, "%s %s prints no JSON: %s",
                              argv[0], argv[1], error.text);
}
