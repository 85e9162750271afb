/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_peer.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <ovnha/unixctl.h>

static const struct ovnha_unixctl_command one[] = {{"version", {NULL}}};
static const struct ovnha_unixctl_command three[] = {
    {"first", {NULL}},
    {"second", {"a", NULL}},
    {"third", {"b", "c", "d", "e"}},
};

static struct ovnha_unixctl *open_ctl(struct peer *peer)
{
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;

    assert_int_equal(ovnha_unixctl_open(peer->path, generous(), &ctl, &err), OVNHA_OK);
    peer_accept(peer);
    return ctl;
}

static void assert_says(const struct ovnha_err *err, const char *words)
{
    if (!strstr(err->text, words)) {
        fail_msg("\"%s\" does not say \"%s\"", err->text, words);
    }
}

static void test_one_command(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err = {""};
    char *reply;

    peer_say(peer, "{\"id\":0,\"result\":\"1.2.3\\n\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), &err), OVNHA_OK);
    assert_string_equal(reply, "1.2.3\n");
    assert_string_equal(err.text, "");
    assert_string_equal(peer_heard(peer),
                        "{\"id\":0,\"method\":\"version\",\"params\":[]}");
    free(reply);
    ovnha_unixctl_close(ctl);
}

static void test_one_that_nobody_waits_for(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    char *reply;

    assert_int_equal(ovnha_unixctl_send(ctl, one, 1, generous(), NULL), OVNHA_OK);
    peer_say(peer, "{\"id\":0,\"result\":\"x\",\"error\":null}"
                   "{\"id\":1,\"result\":\"y\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), NULL), OVNHA_OK);
    assert_string_equal(reply, "y"); /* the next one's, not its own */
    free(reply);
    ovnha_unixctl_close(ctl);
}

static void test_several_in_one_buffer(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *replies[3];

    peer_say(peer, "{\"id\":0,\"result\":\"\",\"error\":null}"
                   "{\"id\":1,\"result\":null,\"error\":null}"
                   "{\"id\":2,\"result\":\"z\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, three, 3, replies, generous(), &err),
                     OVNHA_OK);
    assert_string_equal(peer_heard(peer),
                        "{\"id\":0,\"method\":\"first\",\"params\":[]}"
                        "{\"id\":1,\"method\":\"second\",\"params\":[\"a\"]}"
                        "{\"id\":2,\"method\":\"third\",\"params\":"
                        "[\"b\",\"c\",\"d\",\"e\"]}");
    assert_string_equal(replies[0], "");
    assert_string_equal(replies[1], "");
    assert_string_equal(replies[2], "z");
    for (int i = 0; i < 3; i++) {
        free(replies[i]);
    }
    ovnha_unixctl_close(ctl);
}

static void test_none_at_all(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    char *reply;

    assert_int_equal(ovnha_unixctl_run(ctl, one, 0, &reply, generous(), NULL), OVNHA_OK);
    assert_string_equal(peer_heard(peer), "");
    ovnha_unixctl_close(ctl);
}

static void test_runs_follow_one_another(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    char *reply;

    peer_say(peer, "{\"id\":0,\"result\":\"x\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), NULL), OVNHA_OK);
    free(reply);
    peer_say(peer, "{\"id\":1,\"result\":\"y\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), NULL), OVNHA_OK);
    assert_string_equal(reply, "y");
    free(reply);
    ovnha_unixctl_close(ctl);
}

static void test_replies_in_pieces(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *replies[2];
    pid_t pid =
        peer_later(peer, "{\"id\":0,\"result\":\"\\\"\xc3\xbc}\",\"error\":null}\n"
                         "{\"id\":1,\"result\":\"b\",\"error\":null}");

    assert_int_equal(ovnha_unixctl_run(ctl, three, 2, replies, generous(), &err),
                     OVNHA_OK);
    assert_string_equal(replies[0], "\"\xc3\xbc}");
    assert_string_equal(replies[1], "b");
    free(replies[0]);
    free(replies[1]);
    peer_reap(pid);
    ovnha_unixctl_close(ctl);
}

static void on_alarm(int signal)
{
    (void)signal;
}

/* An interval timer whose handler interrupts system calls. */
static void interrupt_often(bool often)
{
    const struct itimerval every = {{0, often ? 300 : 0}, {0, often ? 300 : 0}};
    struct sigaction action = {.sa_handler = on_alarm};

    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
}

static void test_signals_in_between(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    pid_t pid = peer_later(peer, "{\"id\":0,\"result\":\"abcdefghijklmnopqrstuvwxyz\"}");
    char *reply;

    interrupt_often(true);
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), NULL), OVNHA_OK);
    free(reply);
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, shortly(), NULL),
                     OVNHA_ERR_TIMEOUT);
    interrupt_often(false);
    peer_reap(pid);
    ovnha_unixctl_close(ctl);
}

static void test_an_error_has_no_result(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *reply;

    peer_say(peer, "{\"id\":0,\"error\":\"\\\"version\\\" is not a valid command\\n\"}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), &err),
                     OVNHA_ERR_REFUSED);
    assert_null(reply);
    assert_says(&err, "\"version\" is not a valid command");
    ovnha_unixctl_close(ctl);
}

static void test_the_first_refusal_is_told_after_all_replies(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *replies[3];

    peer_say(peer, "{\"id\":0,\"result\":\"done\",\"error\":null}"
                   "{\"id\":1,\"result\":null,\"error\":\"one reason\"}"
                   "{\"id\":2,\"error\":\"another\"}");
    assert_int_equal(ovnha_unixctl_run(ctl, three, 3, replies, generous(), &err),
                     OVNHA_ERR_REFUSED);
    assert_string_equal(replies[0], "done");
    assert_null(replies[1]);
    assert_null(replies[2]);
    assert_says(&err, "second");
    assert_says(&err, "one reason");
    free(replies[0]);
    /* nothing is left over for the next run */
    peer_say(peer, "{\"id\":3,\"result\":\"y\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, replies, generous(), &err), OVNHA_OK);
    assert_string_equal(replies[0], "y");
    free(replies[0]);
    ovnha_unixctl_close(ctl);
}

static void test_a_hang_up_midway(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *replies[2];

    peer_say(peer, "{\"id\":0,\"result\":\"x\",\"error\":null}{\"id\":1,\"resu");
    shutdown(peer->fd, SHUT_WR);
    assert_int_equal(ovnha_unixctl_run(ctl, three, 2, replies, generous(), &err),
                     OVNHA_ERR_LOST);
    assert_string_equal(replies[0], "x");
    assert_null(replies[1]);
    assert_says(&err, peer->path);
    free(replies[0]);
    ovnha_unixctl_close(ctl);
}

/* With SIGPIPE at its default: were it raised, the test would be gone. */
static void test_a_hang_up_before_the_request(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    void (*before)(int) = signal(SIGPIPE, SIG_DFL);
    struct ovnha_err err;
    char *reply;

    peer_hang_up(peer);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), &err),
                         OVNHA_ERR_LOST);
        assert_null(reply);
    }
    signal(SIGPIPE, before);
    ovnha_unixctl_close(ctl);
}

static void test_silence_is_a_timeout(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *replies[2];

    peer_say(peer, "{\"id\":0,\"result\":\"x\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, three, 2, replies, shortly(), &err),
                     OVNHA_ERR_TIMEOUT);
    assert_string_equal(replies[0], "x");
    assert_null(replies[1]);
    assert_says(&err, "in time");
    free(replies[0]);
    ovnha_unixctl_close(ctl);
}

static void test_a_late_reply_is_not_the_next_ones(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    char *reply;

    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, shortly(), NULL),
                     OVNHA_ERR_TIMEOUT);
    peer_say(peer, "{\"id\":0,\"result\":\"late\",\"error\":null}"
                   "{\"id\":1,\"result\":\"mine\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), NULL), OVNHA_OK);
    assert_string_equal(reply, "mine");
    free(reply);
    ovnha_unixctl_close(ctl);
}

/* What is there already is taken, even when there is no time to wait. */
static void test_a_past_deadline_takes_what_is_there(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    char *reply;

    peer_say(peer, "{\"id\":0,\"result\":\"x\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, ovnha_now() - 1, NULL),
                     OVNHA_OK);
    free(reply);
    ovnha_unixctl_close(ctl);
}

static void test_nonsense(void **state)
{
    static const char *const texts[] = {
        "hello\n",
        "{\"id\":0,\"result\":",
        "{\"id\":0}",
        "{\"id\":0,\"error\":null}",
        "{\"id\":0,\"result\":7,\"error\":null}",
        "{\"id\":0,\"result\":{},\"error\":null}",
        "{\"id\":\"0\",\"result\":\"x\",\"error\":null}",
        "{\"id\":null,\"result\":\"x\",\"error\":null}",
        "{\"id\":1,\"result\":\"x\",\"error\":null}",
        "{\"result\":\"x\",\"error\":null}",
        "{\"id\":0,\"method\":\"echo\",\"params\":[]}",
        "{\"id\":0,\"result\":\"\xff\",\"error\":null}",
    };
    struct peer *peer = *state;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ovnha_unixctl *ctl = open_ctl(peer);
        struct ovnha_err err = {""};
        int unfinished = i == 1;
        char *reply;

        print_message("# %s\n", texts[i]);
        peer_say(peer, texts[i]);
        peer_say(peer, unfinished ? "}" : "");
        assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), &err),
                         OVNHA_ERR_PROTOCOL);
        assert_null(reply);
        assert_says(&err, peer->path);
        peer_hang_up(peer);
        ovnha_unixctl_close(ctl);
    }
}

static void test_the_same_reply_twice(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    char *replies[2];

    peer_say(peer, "{\"id\":0,\"result\":\"x\",\"error\":null}"
                   "{\"id\":0,\"result\":\"x\",\"error\":null}");
    assert_int_equal(ovnha_unixctl_run(ctl, three, 2, replies, generous(), NULL),
                     OVNHA_ERR_PROTOCOL);
    free(replies[0]);
    ovnha_unixctl_close(ctl);
}

static void test_an_argument_that_is_not_utf8(void **state)
{
    static const struct ovnha_unixctl_command bad[] = {{"x", {"\xff"}}};
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    struct ovnha_err err;
    char *reply;

    assert_int_equal(ovnha_unixctl_run(ctl, bad, 1, &reply, generous(), &err),
                     OVNHA_ERR_INVALID);
    assert_null(reply);
    assert_string_equal(peer_heard(peer), "");
    ovnha_unixctl_close(ctl);
}

/* A peer that does not read fills the socket's buffer. */
static void test_a_peer_that_does_not_read(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);
    const size_t size = 8 * 1024 * 1024;
    char *filler = malloc(size + 1);
    struct ovnha_unixctl_command big[] = {{"x", {filler}}};
    struct ovnha_err err;
    char *reply;

    assert_non_null(filler);
    memset(filler, 'x', size);
    filler[size] = '\0';
    assert_int_equal(ovnha_unixctl_run(ctl, big, 1, &reply, shortly(), &err),
                     OVNHA_ERR_TIMEOUT);
    assert_says(&err, "did not take");
    /* half a request is out there: this connection cannot be used any more */
    assert_int_equal(ovnha_unixctl_run(ctl, one, 1, &reply, generous(), &err),
                     OVNHA_ERR_LOST);
    free(filler);
    ovnha_unixctl_close(ctl);
}

static void test_nobody_there(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;
    char path[128];

    close(peer->listener);
    peer->listener = -1;
    assert_int_equal(ovnha_unixctl_open(peer->path, generous(), &ctl, &err),
                     OVNHA_ERR_UNAVAILABLE);
    assert_null(ctl);
    assert_says(&err, peer->path);
    snprintf(path, sizeof path, "%s/absent", peer->dir);
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err),
                     OVNHA_ERR_UNAVAILABLE);
    snprintf(path, sizeof path, "%s/absent/x.ctl", peer->dir);
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err),
                     OVNHA_ERR_UNAVAILABLE);
    snprintf(path, sizeof path, "%s/x.ctl", peer->path);
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err),
                     OVNHA_ERR_UNAVAILABLE);
    assert_null(ctl);
}

static void test_the_peer_is_known(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl = open_ctl(peer);

    assert_int_equal(ovnha_unixctl_peer(ctl), getpid());
    ovnha_unixctl_close(ctl);
}

static void test_the_descriptor_is_not_inherited(void **state)
{
    struct peer *peer = *state;
    int before = dup(peer->listener); /* the lowest number that is free */
    struct ovnha_unixctl *ctl;

    close(before);
    ctl = open_ctl(peer);
    assert_int_equal(fcntl(before, F_GETFD), FD_CLOEXEC);
    ovnha_unixctl_close(ctl);
    assert_int_equal(fcntl(before, F_GETFD), -1);
}

static int fill_backlog(const char *path, int *fds, int most)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n;

    memcpy(address.sun_path, path, strlen(path));
    for (n = 0; n < most; n++) {
        fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(fds[n], (struct sockaddr *)&address, sizeof address) < 0) {
            assert_int_equal(errno, EAGAIN);
            return n + 1;
        }
    }
    fail_msg("the backlog takes %d clients", most);
    return n;
}

static void test_a_full_backlog(void **state)
{
    struct peer *peer = *state;
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;
    int fds[64];
    int n = fill_backlog(peer->path, fds, 64);
    pid_t pid;
    int status;

    assert_int_equal(ovnha_unixctl_open(peer->path, shortly(), &ctl, &err),
                     OVNHA_ERR_TIMEOUT);
    assert_null(ctl);
    assert_int_equal(ovnha_unixctl_open(peer->path, ovnha_now() - 1, &ctl, &err),
                     OVNHA_ERR_TIMEOUT);
    /* it is waited for, not given up at once */
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        poll(NULL, 0, SHORT_MS);
        _exit(accept(peer->listener, NULL, NULL) < 0);
    }
    assert_int_equal(ovnha_unixctl_open(peer->path, generous(), &ctl, &err), OVNHA_OK);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    ovnha_unixctl_close(ctl);
    while (n > 0) {
        close(fds[--n]);
    }
}

static void test_a_path_too_long_for_sun_path(void **state)
{
    struct peer *peer = *state;
    char folder[256];
    char path[300];
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;
    int listener;
    int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    snprintf(folder, sizeof folder, "%s/%0120d", peer->dir, 7);
    snprintf(path, sizeof path, "%s/x.ctl", folder);
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err),
                     OVNHA_ERR_UNAVAILABLE);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(chdir(folder), 0);
    listener = peer_listen("x.ctl", 8);
    assert_int_equal(fchdir(home), 0);
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err), OVNHA_OK);
    ovnha_unixctl_close(ctl);
    close(home);
    close(listener);
    unlink(path);
    rmdir(folder);
}

static void test_no_path_at_all(void **state)
{
    struct ovnha_unixctl *ctl;
    struct ovnha_err err;
    char path[6000] = "";

    (void)state;
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err),
                     OVNHA_ERR_UNAVAILABLE);
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err), OVNHA_ERR_SYSTEM);
    path[0] = '/';
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err), OVNHA_ERR_SYSTEM);
    path[5000] = '/';
    assert_int_equal(ovnha_unixctl_open(path, generous(), &ctl, &err), OVNHA_ERR_SYSTEM);
    assert_null(ctl);
    ovnha_unixctl_close(NULL);
}

#define WITH_PEER(test) cmocka_unit_test_setup_teardown(test, peer_setup, peer_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PEER(test_one_command),
        WITH_PEER(test_one_that_nobody_waits_for),
        WITH_PEER(test_several_in_one_buffer),
        WITH_PEER(test_none_at_all),
        WITH_PEER(test_runs_follow_one_another),
        WITH_PEER(test_replies_in_pieces),
        WITH_PEER(test_signals_in_between),
        WITH_PEER(test_an_error_has_no_result),
        WITH_PEER(test_the_first_refusal_is_told_after_all_replies),
        WITH_PEER(test_a_hang_up_midway),
        WITH_PEER(test_a_hang_up_before_the_request),
        WITH_PEER(test_silence_is_a_timeout),
        WITH_PEER(test_a_late_reply_is_not_the_next_ones),
        WITH_PEER(test_a_past_deadline_takes_what_is_there),
        WITH_PEER(test_nonsense),
        WITH_PEER(test_the_same_reply_twice),
        WITH_PEER(test_an_argument_that_is_not_utf8),
        WITH_PEER(test_a_peer_that_does_not_read),
        WITH_PEER(test_nobody_there),
        WITH_PEER(test_the_peer_is_known),
        WITH_PEER(test_the_descriptor_is_not_inherited),
        WITH_PEER(test_a_full_backlog),
        WITH_PEER(test_a_path_too_long_for_sun_path),
        WITH_PEER(test_no_path_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
