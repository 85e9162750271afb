/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/spawn.h>

/* Children are shell one-liners.  What one leaves behind on purpose prints its
 * pid, and the test ends it. */

#define GENEROUS_MS 30000
#define SHORT_MS    1000
/* A process that does not get the processor for half a second neither says its last words
 * nor is seen to end, so that nothing is known of how it ended. */
#define TRIES 5

static ovnha_msec generous(void)
{
    return ovnha_deadline_after(ovnha_now(), GENEROUS_MS);
}

static ovnha_msec shortly(void)
{
    return ovnha_deadline_after(ovnha_now(), SHORT_MS);
}

static enum ovnha_result run_sh(const char *script, struct ovnha_spawn_result *result,
                                ovnha_msec deadline, struct ovnha_err *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};

    return ovnha_spawn_run(&spawn, result, deadline, err);
}

/* Past a deadline: the first that the script was ready for.  It says so, or else the
 * shell had not got that far, on a machine that is busy. */
static enum ovnha_result run_sh_too_long(const char *script,
                                         struct ovnha_spawn_result *result,
                                         struct ovnha_err *err)
{
    enum ovnha_result outcome = OVNHA_OK;

    for (int ms = SHORT_MS; ms <= GENEROUS_MS; ms *= 2) {
        outcome = run_sh(script, result, ovnha_deadline_after(ovnha_now(), ms), err);
        if (result->output[0] && result->status) {
            break;
        }
    }
    return outcome;
}

static enum ovnha_result capture_sh(const char *script, char **output, size_t limit,
                                    ovnha_msec deadline, struct ovnha_err *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct ovnha_spawn spawn = {.argv = argv};

    return ovnha_spawn_capture(&spawn, output, limit, deadline, err);
}

static int is_gone(pid_t pid)
{
    char path[64];
    char line[256] = "";
    char *name_end;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 1;
    }
    (void)!read(fd, line, sizeof line - 1);
    close(fd);
    name_end = strrchr(line, ')');
    /* a zombie waits for whoever reaps orphans here */
    return !name_end || name_end[2] == 'Z' || name_end[2] == 'X';
}

static void assert_goes(pid_t pid)
{
    ovnha_msec deadline = generous();

    assert_true(pid > 1);
    while (!is_gone(pid)) {
        assert_false(ovnha_deadline_passed(deadline, ovnha_now()));
        poll(NULL, 0, 5);
    }
}

static void assert_says(const struct ovnha_err *err, const char *words)
{
    if (!strstr(err->text, words)) {
        fail_msg("\"%s\" does not say \"%s\"", err->text, words);
    }
}

static void test_success(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err = {""};

    (void)state;
    assert_int_equal(
        run_sh("echo out; echo err >&2; echo out", &result, generous(), &err), OVNHA_OK);
    assert_string_equal(result.output, "out\nerr\nout\n");
    assert_true(WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0);
    assert_string_equal(err.text, "");
}

static void test_exit_codes(void **state)
{
    (void)state;
    for (int code = 1; code < 256; code += 127) {
        struct ovnha_spawn_result result;
        struct ovnha_err err;
        char script[64];

        snprintf(script, sizeof script, "echo one; echo two words; echo; exit %d", code);
        assert_int_equal(run_sh(script, &result, generous(), &err), OVNHA_ERR_REFUSED);
        assert_int_equal(WEXITSTATUS(result.status), code);
        snprintf(script, sizeof script, "exit code %d: two words", code);
        assert_says(&err, script);
    }
}

static void test_an_exit_code_without_words(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(run_sh("exit 3", &result, generous(), &err), OVNHA_ERR_REFUSED);
    assert_string_equal(err.text, "sh failed with exit code 3");
    assert_int_equal(run_sh("exit 3", &result, generous(), NULL), OVNHA_ERR_REFUSED);
}

static void test_a_signal(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(run_sh("kill -9 $$", &result, generous(), &err), OVNHA_ERR_REFUSED);
    assert_true(WIFSIGNALED(result.status) && WTERMSIG(result.status) == SIGKILL);
    assert_says(&err, "signal 9");
}

static void test_what_cannot_be_executed(void **state)
{
    static const char *const names[] = {"/nonexistent/program", "ovnha-no-such-program",
                                        "/etc/passwd", "/etc/passwd/x", "/tmp"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *const argv[] = {names[i], NULL};
        const struct ovnha_spawn spawn = {.argv = argv};
        struct ovnha_spawn_result result;
        struct ovnha_err err;
        char *output;

        print_message("# %s\n", names[i]);
        assert_int_equal(ovnha_spawn_run(&spawn, &result, generous(), &err),
                         OVNHA_ERR_MISSING);
        assert_says(&err, names[i]);
        assert_string_equal(result.output, "");
        assert_int_equal(ovnha_spawn_capture(&spawn, &output, 10, generous(), &err),
                         OVNHA_ERR_MISSING);
        assert_null(output);
    }
}

static void test_no_shell_in_between(void **state)
{
    const char *const argv[] = {"printf", "<%s>", "$HOME; a  b", "*", "", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    (void)state;
    assert_int_equal(ovnha_spawn_run(&spawn, &result, generous(), NULL), OVNHA_OK);
    assert_string_equal(result.output, "<$HOME; a  b><*><>");
}

static void test_standard_input_is_empty(void **state)
{
    struct ovnha_spawn_result result;

    (void)state;
    assert_int_equal(run_sh("cat; echo end", &result, generous(), NULL), OVNHA_OK);
    assert_string_equal(result.output, "end\n");
}

static void test_the_last_output_is_kept(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err;
    char *all = malloc(100000);
    size_t used = 0;

    (void)state;
    assert_non_null(all);
    for (int i = 0; i < 3000; i++) {
        used += (size_t)snprintf(all + used, 100000 - used, "line %d\n", i);
    }
    assert_int_equal(run_sh("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); "
                            "done; exit 1",
                            &result, generous(), &err),
                     OVNHA_ERR_REFUSED);
    assert_string_equal(result.output, all + used - (OVNHA_SPAWN_OUTPUT - 1));
    assert_says(&err, ": line 2999");
    free(all);
}

static void test_more_than_a_pipe_holds(void **state)
{
    struct ovnha_spawn_result result;

    (void)state;
    assert_int_equal(run_sh("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end",
                            &result, generous(), NULL),
                     OVNHA_OK);
    assert_string_equal(result.output + strlen(result.output) - 6, "x\nend\n");
}

static void test_environment(void **state)
{
    static const char *const before[] = {"A_ONE", "A_TWO", "B_ONE", "B_O", "B_ONE_MORE"};
    const char *const argv[] = {"env", NULL};
    const char *const add[] = {"A_TWO=added", "B_ONE=replaced", "EMPTY=", NULL};
    const char *const drop[] = {"A_", NULL};
    const struct ovnha_spawn spawn = {.argv = argv, .env_add = add, .env_drop = drop};
    char *output;

    (void)state;
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        setenv(before[i], "before", 1);
    }
    assert_int_equal(ovnha_spawn_capture(&spawn, &output, 1000000, generous(), NULL),
                     OVNHA_OK);
    assert_null(strstr(output, "A_ONE="));
    assert_null(strstr(output, "A_TWO=before\n"));
    assert_non_null(strstr(output, "A_TWO=added\n"));
    assert_null(strstr(output, "B_ONE=before\n"));
    assert_non_null(strstr(output, "B_ONE=replaced\n"));
    assert_non_null(strstr(output, "B_O=before\n"));
    assert_non_null(strstr(output, "B_ONE_MORE=before\n"));
    assert_non_null(strstr(output, "EMPTY=\n"));
    assert_non_null(strstr(output, "PATH="));
    free(output);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        unsetenv(before[i]);
    }
}

/* Its end is the end, whoever still holds its pipes. */
static void test_a_daemon_keeps_the_pipes(void **state)
{
    struct ovnha_spawn_result result;
    char *output;
    pid_t pid;

    (void)state;
    assert_int_equal(run_sh("sleep 1000 & echo $!", &result, generous(), NULL), OVNHA_OK);
    pid = (pid_t)strtol(result.output, NULL, 10);
    assert_false(is_gone(pid));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(capture_sh("sleep 1000 & echo $!", &output, 100, generous(), NULL),
                     OVNHA_OK);
    pid = (pid_t)strtol(output, NULL, 10);
    assert_false(is_gone(pid));
    assert_int_equal(kill(pid, SIGKILL), 0);
    free(output);
}

/* One that writes without end must not hold us after the program's end. */
static void test_a_daemon_that_goes_on_writing(void **state)
{
    struct ovnha_spawn_result result;
    const char *said;

    (void)state;
    assert_int_equal(run_sh("yes & echo pid $! >&2; exit 0", &result, generous(), NULL),
                     OVNHA_OK);
    said = strstr(result.output, "pid "); /* unless more was written since */
    if (said) {
        assert_goes((pid_t)strtol(said + 4, NULL, 10)); /* SIGPIPE: nobody reads */
    }
}

static void test_streams_closed_early(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(
        run_sh("echo x; exec >&- 2>&-; sleep 0.05; exit 4", &result, generous(), &err),
        OVNHA_ERR_REFUSED);
    assert_int_equal(WEXITSTATUS(result.status), 4);
    assert_string_equal(result.output, "x\n");
}

static void test_deadline(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err;
    pid_t pid;

    (void)state;
    assert_int_equal(run_sh_too_long("echo $$; exec sleep 1000", &result, &err),
                     OVNHA_ERR_TIMEOUT);
    pid = (pid_t)strtol(result.output, NULL, 10);
    assert_true(WIFSIGNALED(result.status) && WTERMSIG(result.status) == SIGTERM);
    assert_int_equal(kill(pid, 0), -1); /* reaped */
    assert_says(&err, "in time");
}

static void test_deadline_with_a_child_that_ignores_term(void **state)
{
    struct ovnha_spawn_result result;
    pid_t pid;

    (void)state;
    assert_int_equal(run_sh_too_long("trap '' TERM; echo $$; while :; do sleep 0.1; done",
                                     &result, NULL),
                     OVNHA_ERR_TIMEOUT);
    pid = (pid_t)strtol(result.output, NULL, 10);
    assert_true(WIFSIGNALED(result.status) && WTERMSIG(result.status) == SIGKILL);
    assert_int_equal(kill(pid, 0), -1);
}

/* Also when the program itself obeys TERM: the other one is in its group. */
static void test_deadline_ends_the_whole_group(void **state)
{
    struct ovnha_spawn_result result;
    pid_t pid;

    (void)state;
    assert_int_equal(
        run_sh_too_long("(trap '' TERM; while :; do sleep 0.1; done) & echo $!; "
                        "exec sleep 1000",
                        &result, NULL),
        OVNHA_ERR_TIMEOUT);
    pid = (pid_t)strtol(result.output, NULL, 10);
    assert_goes(pid);
}

/* Nobody waits for a deadline then. */
static void test_somebody_stops_it(void **state)
{
    const char *const endless[] = {"sleep", "1000", NULL};
    const char *const quick[] = {"true", NULL};
    struct ovnha_spawn spawn = {.argv = quick};
    struct ovnha_spawn_result result;
    struct ovnha_err err;
    int stop[2];

    (void)state;
    assert_int_equal(pipe(stop), 0);
    spawn.stop_fd = stop[0];
    assert_int_equal(ovnha_spawn_run(&spawn, &result, generous(), &err), OVNHA_OK);
    assert_int_equal(write(stop[1], "!", 1), 1);
    spawn.argv = endless;
    for (int i = 0; i < TRIES && (i == 0 || !result.status); i++) {
        assert_int_equal(ovnha_spawn_run(&spawn, &result, generous(), &err),
                         OVNHA_ERR_TIMEOUT);
    }
    assert_says(&err, "sleep was interrupted");
    assert_true(WIFSIGNALED(result.status) && WTERMSIG(result.status) == SIGTERM);
    close(stop[0]);
    close(stop[1]);
}

static void test_last_words_on_term(void **state)
{
    struct ovnha_spawn_result result;
    struct ovnha_err err;

    (void)state;
    for (int i = 0; i < TRIES && (i == 0 || WIFSIGNALED(result.status)); i++) {
        assert_int_equal(
            run_sh_too_long("trap 'echo was told to; exit 3' TERM; echo ready; "
                            "sleep 1000 & wait",
                            &result, &err),
            OVNHA_ERR_TIMEOUT);
    }
    assert_string_equal(result.output, "ready\nwas told to\n");
    assert_says(&err, "in time: was told to");
}

static void test_endless_output_meets_the_deadline(void **state)
{
    struct ovnha_spawn_result result;

    (void)state;
    assert_int_equal(run_sh("exec yes", &result, shortly(), NULL), OVNHA_ERR_TIMEOUT);
}

/* Dispositions and masks survive exec; children must not get ours.  That is signals
 * 1 to 31: glibc ignores the two after them, its own, in all that it spawns. */
static void test_signals_are_as_new(void **state)
{
    const char *const argv[] = {"grep", "-cE",
                                "^Sig(Blk|Ign):\\s*[0-9a-f]{8}[08]0000000$",
                                "/proc/self/status", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    void (*before)(int) = signal(SIGTERM, SIG_IGN);
    struct ovnha_spawn_result result;
    sigset_t set;
    sigset_t old;

    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    assert_int_equal(ovnha_spawn_run(&spawn, &result, generous(), NULL), OVNHA_OK);
    assert_string_equal(result.output, "2\n");
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGTERM, before);
}

/* Then the kernel reaps by itself and the exit code is gone: never a success. */
static void test_children_that_are_ignored(void **state)
{
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    struct ovnha_spawn_result result;
    struct ovnha_err err[2];
    enum ovnha_result results[2] = {run_sh(":", &result, generous(), &err[0]),
                                    run_sh("sleep 2", &result, generous(), &err[1])};

    (void)state;
    signal(SIGCHLD, before);
    assert_int_equal(results[0], OVNHA_ERR_SYSTEM); /* perhaps gone already */
    assert_int_equal(results[1], OVNHA_ERR_SYSTEM);
    assert_says(&err[1], "cannot learn how sh ended");
}

static void test_no_descriptor_is_left(void **state)
{
    struct ovnha_spawn_result result;
    int before = dup(0);
    int after;
    char *output;

    (void)state;
    close(before);
    assert_int_equal(run_sh("ls /proc/self/fd | wc -l", &result, generous(), NULL),
                     OVNHA_OK);
    assert_string_equal(result.output, "4\n"); /* three, and the one ls reads */
    assert_int_equal(capture_sh("exit 1", &output, 10, generous(), NULL),
                     OVNHA_ERR_REFUSED);
    assert_int_equal(run_sh("sleep 9", &result, shortly(), NULL), OVNHA_ERR_TIMEOUT);
    after = dup(0);
    assert_int_equal(after, before);
    close(after);
}

/* Not even one that somebody else forgot to mark. */
static void test_no_descriptor_is_passed_on(void **state)
{
    int forgotten = dup(0);
    const char *const argv[] = {"ls", "/proc/self/fd", NULL};
    const struct ovnha_spawn spawn = {.argv = argv};
    struct ovnha_spawn_result result;

    (void)state;
    assert_true(forgotten >= 0);
    assert_int_equal(ovnha_spawn_run(&spawn, &result, generous(), NULL), OVNHA_OK);
    assert_string_equal(result.output, "0\n1\n2\n3\n"); /* 3 is what ls reads */
    close(forgotten);
}

/* Whatever numbers the pipes get then. */
static void test_standard_descriptors_may_be_closed(void **state)
{
    (void)state;
    for (int closed = 0; closed < 8; closed++) {
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            struct ovnha_spawn_result result;
            char *output;

            for (int fd = 0; fd < 3; fd++) {
                if (closed & (1 << fd)) {
                    close(fd);
                }
            }
            _exit(run_sh("cat; echo x; echo y >&2", &result, generous(), NULL) !=
                      OVNHA_OK ||
                  strcmp(result.output, "x\ny\n") != 0 ||
                  capture_sh("cat; echo x; echo y >&2", &output, 10, generous(), NULL) !=
                      OVNHA_OK ||
                  strcmp(output, "x\n") != 0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

static void test_capture(void **state)
{
    struct ovnha_err err = {""};
    char *output;

    (void)state;
    assert_int_equal(
        capture_sh("echo '<x/>'; echo noise >&2", &output, 100, generous(), &err),
        OVNHA_OK);
    assert_string_equal(output, "<x/>\n");
    assert_string_equal(err.text, "");
    free(output);
    assert_int_equal(capture_sh(":", &output, 100, generous(), &err), OVNHA_OK);
    assert_string_equal(output, "");
    free(output);
}

static void test_capture_of_much(void **state)
{
    char *output;

    (void)state;
    assert_int_equal(capture_sh("head -c 300000 /dev/zero | tr '\\0' x", &output, 300000,
                                generous(), NULL),
                     OVNHA_OK);
    assert_int_equal(strlen(output), 300000);
    assert_int_equal(strspn(output, "x"), 300000);
    free(output);
}

static void test_capture_over_the_limit(void **state)
{
    struct ovnha_err err;
    char *output;

    (void)state;
    assert_int_equal(capture_sh("head -c 300000 /dev/zero | tr '\\0' x", &output, 299999,
                                generous(), &err),
                     OVNHA_ERR_PROTOCOL);
    assert_null(output);
    assert_says(&err, "more than 299999 bytes");
}

static void test_capture_of_a_failure(void **state)
{
    struct ovnha_err err;
    char *output;

    (void)state;
    assert_int_equal(
        capture_sh("echo half; echo why >&2; exit 6", &output, 100, generous(), &err),
        OVNHA_ERR_REFUSED);
    assert_null(output);
    assert_says(&err, "exit code 6: why");
    assert_int_equal(capture_sh("echo half; sleep 1000", &output, 100, shortly(), &err),
                     OVNHA_ERR_TIMEOUT);
    assert_null(output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_an_exit_code_without_words),
        cmocka_unit_test(test_a_signal),
        cmocka_unit_test(test_what_cannot_be_executed),
        cmocka_unit_test(test_no_shell_in_between),
        cmocka_unit_test(test_standard_input_is_empty),
        cmocka_unit_test(test_the_last_output_is_kept),
        cmocka_unit_test(test_more_than_a_pipe_holds),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_a_daemon_keeps_the_pipes),
        cmocka_unit_test(test_a_daemon_that_goes_on_writing),
        cmocka_unit_test(test_streams_closed_early),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_deadline_with_a_child_that_ignores_term),
        cmocka_unit_test(test_deadline_ends_the_whole_group),
        cmocka_unit_test(test_somebody_stops_it),
        cmocka_unit_test(test_last_words_on_term),
        cmocka_unit_test(test_endless_output_meets_the_deadline),
        cmocka_unit_test(test_signals_are_as_new),
        cmocka_unit_test(test_children_that_are_ignored),
        cmocka_unit_test(test_no_descriptor_is_left),
        cmocka_unit_test(test_no_descriptor_is_passed_on),
        cmocka_unit_test(test_standard_descriptors_may_be_closed),
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_capture_of_much),
        cmocka_unit_test(test_capture_over_the_limit),
        cmocka_unit_test(test_capture_of_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
