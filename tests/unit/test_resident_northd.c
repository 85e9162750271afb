/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <qb/qblog.h>

#include <ovnha/cpu_clock.h>
#include <ovnha/unix_connect.h>

#include "agent/resident_northd.h"
#include "agent/resident_policy.h"
#include "agent/resident_state.h"
#include "agent/resident_task.h"
#include "agent/resident_watch.h"

#include "say.h"

/* Generous: what is waited for comes at once. */
#define SOON 20000

/* A process that has the pidfile and the control socket of an ovn-northd, and says what
 * the test has it say; nothing, while that is "". */
static pid_t northd;
struct shared {
    char words[64];
    _Atomic bool in_pieces; /* the answer's second half is kept back */
};
static struct shared *shared;
static char *words; /* its own */
static char base[] = "/tmp/ovnha-northd-XXXXXX";
static char pidfile[64], costly[64];

/* Where its control socket is: base, or a directory of 120 bytes. */
static char deep[121];
static const char *rundir;

/* What the neighbours say and note. */
static struct ovnha_invocation invocation;
static struct resident *r;
static bool managed;
static int asked_whether_managed, tasks, task_ms;
static pid_t task, pinned;
static int costly_lines; /* of the log */
static int question = -1;
static qb_loop_poll_dispatch_fn answered;
static bool loop_is_full;

/*
 * The neighbours.
 */

bool ovnha_resident_is_managed(struct resident *resident)
{
    (void)resident;
    asked_whether_managed++;
    return managed;
}

bool ovnha_resident_has_ended(const struct resident *resident, pid_t pid)
{
    (void)resident;
    return pinned != pid || pid <= 0;
}

void ovnha_resident_watch_northd(struct resident *resident, pid_t pid)
{
    (void)resident;
    pinned = pid;
}

/* One that has done nothing when it ends. */
pid_t ovnha_resident_start_task(const struct resident *resident, const char *name, int ms,
                                int niceness)
{
    (void)resident;
    assert_string_equal(name, "keep-northd");
    assert_int_equal(niceness, 0);
    tasks++;
    task_ms = ms;
    task = fork();
    if (task == 0) {
        for (;;) {
            pause();
        }
    }
    return task;
}

int32_t qb_loop_poll_add(qb_loop_t *loop, enum qb_loop_priority priority, int32_t fd,
                         int32_t events, void *data, qb_loop_poll_dispatch_fn dispatch)
{
    (void)loop;
    (void)priority;
    (void)events;
    assert_ptr_equal(data, r);
    assert_int_equal(question, -1);
    if (loop_is_full) {
        return -ENOMEM;
    }
    question = fd;
    answered = dispatch;
    return 0;
}

int32_t qb_loop_poll_del(qb_loop_t *loop, int32_t fd)
{
    (void)loop;
    assert_int_equal(fd, question);
    question = -1;
    return 0;
}

static void count_line(int32_t target, struct qb_log_callsite *callsite,
                       struct timespec *at, const char *line)
{
    (void)target;
    (void)callsite;
    (void)at;
    costly_lines += strstr(line, "of a processor while it is paused") != NULL;
}

/* libqb gives its lines to this test only. */
static bool hear_the_log(void)
{
    qb_log_init("test", LOG_DAEMON, LOG_INFO);
    const int target = qb_log_custom_open(count_line, NULL, NULL, NULL);

    return target >= 0 && qb_log_ctl(QB_LOG_SYSLOG, QB_LOG_CONF_ENABLED, QB_FALSE) == 0 &&
           qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*",
                             LOG_INFO) == 0 &&
           qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE) == 0;
}

/*
 * The northd.
 */

/* By its name only: a deep directory does not fit. */
static int listen_at(pid_t pid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "ovn-northd.%d.ctl", (int)pid);
    return chdir(rundir) == 0 &&
                   bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                   listen(fd, 8) == 0
               ? fd
               : -1;
}

static bool take_pidfile(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const int fd = open(pidfile, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    return fd >= 0 && ftruncate(fd, 0) == 0 && dprintf(fd, "%d\n", (int)getpid()) > 0 &&
           fcntl(fd, F_SETLK, &lock) == 0;
}

static void answer_one(int client)
{
    char text[256];

    if (words[0] && recv(client, text, sizeof text, 0) > 0) {
        snprintf(text, sizeof text,
                 "{\"id\":0,\"result\":\"Status: %s\\n\",\"error\":null}", words);
        const size_t first = atomic_load(&shared->in_pieces) ? 25 : strlen(text);

        (void)!send(client, text, first, MSG_NOSIGNAL);
        while (atomic_load(&shared->in_pieces)) {
            poll(NULL, 0, 1);
        }
        (void)!send(client, text + first, strlen(text) - first, MSG_NOSIGNAL);
    }
    if (words[0]) {
        close(client);
    }
}

static void be_northd(int ready)
{
    const int listener = listen_at(getpid());

    while (clock() < CLOCKS_PER_SEC / 20) { /* it loads something first */
    }
    if (listener < 0 || !take_pidfile() || write(ready, "", 1) != 1) {
        _exit(EXIT_FAILURE);
    }
    for (;;) {
        answer_one(accept(listener, NULL, NULL));
    }
}

static void begin(const char *status)
{
    int fds[2];
    char byte;

    snprintf(words, 64, "%s", status);
    assert_int_equal(pipe(fds), 0);
    northd = fork();
    if (northd == 0) {
        be_northd(fds[1]);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    close(fds[0]);
}

static void control_of_it(char *path, size_t size)
{
    snprintf(path, size, "%s/ovn-northd.%d.ctl", rundir, (int)northd);
}

/* It uses no processor time any more, whatever has arrived. */
static void stands_still(void)
{
    kill(northd, SIGSTOP);
    assert_int_equal(waitpid(northd, NULL, WUNTRACED), northd);
}

static void dies(void)
{
    char path[160];

    kill(northd, SIGKILL);
    waitpid(northd, NULL, 0);
    control_of_it(path, sizeof path);
    (void)unlink(path);
    pinned = 0; /* the kernel says so */
    northd = 0;
}

/*
 * Fixtures.
 */

static int make_place(void **state)
{
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || !hear_the_log() || !mkdtemp(base)) {
        return -1;
    }
    words = shared->words;
    snprintf(pidfile, sizeof pidfile, "%s/ovn-northd.pid", base);
    snprintf(costly, sizeof costly, "%s/northd-costly", base);
    memset(deep, 'd', sizeof deep - 1);
    memcpy(deep, base, strlen(base));
    deep[strlen(base)] = '/';
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    qb_log_fini();
    (void)unlink(pidfile);
    return rmdir(base);
}

/* The active, where a promote has left ovn-northd. */
static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    if (!r) {
        return -1;
    }
    facts_text_init(&r->facts);
    say(&r->facts, "settings: manage_northd=yes guard=yes northd_standby=auto");
    say(&r->facts, "server all: active");
    say(&r->facts, "memory: active guarded northd");
    r->context.invocation = &invocation;
    rundir = r->context.params.ovn_rundir = base;
    snprintf(r->context.paths.northd_pidfile, OVNHA_PATH_SIZE, "%s", pidfile);
    snprintf(r->context.paths.state_dir, OVNHA_PATH_SIZE, "%s", base);
    managed = true;
    asked_whether_managed = tasks = 0;
    task = pinned = 0;
    loop_is_full = false;
    costly_lines = 0;
    atomic_store(&shared->in_pieces, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ovnha_resident_release_northd(r);
    if (northd > 0) {
        dies();
    }
    if (task > 0) {
        kill(task, SIGKILL);
        waitpid(task, NULL, 0);
    }
    (void)unlink(costly);
    (void)rmdir(deep);
    free(r);
    return 0;
}

/* The copy is a backup, where ovn-northd waits paused. */
static void is_a_backup(void)
{
    say(&r->facts, "server all: backup");
    say(&r->facts, "memory: backup guarded northd-paused");
}

/* What there is of an answer. */
static void hear(void)
{
    struct pollfd fd = {.fd = question, .events = POLLIN};

    assert_int_equal(poll(&fd, 1, SOON), 1);
    (void)answered(question, POLLIN, r);
}

/* One turn of the helper, a second after the last, and the answer to its question. */
static void look(void)
{
    r->northd.ask_at = 0;
    ovnha_resident_keep_northd(r);
    if (question >= 0 && words[0]) {
        hear();
    }
}

static void task_ends(void)
{
    siginfo_t info;

    kill(task, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)task, &info, WEXITED | WNOWAIT), 0);
    task = 0;
}

/*
 * Tests.
 */

static void one_that_is_right_is_left_alone(void **state)
{
    (void)state;
    begin("active");
    look();
    look();
    assert_int_equal(r->northd.pid, northd);
    assert_int_equal(pinned, northd);
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
    assert_int_equal(tasks, 0);
}

static void its_answer_may_arrive_in_pieces(void **state)
{
    (void)state;
    begin("active");
    atomic_store(&shared->in_pieces, true);
    look();
    assert_true(r->northd.asking);
    assert_int_equal(r->northd.status, OVNHA_NORTHD_UNKNOWN);
    assert_true(r->northd.unanswered);
    atomic_store(&shared->in_pieces, false);
    hear();
    assert_false(r->northd.asking);
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
    assert_false(r->northd.unanswered);
}

static void one_that_has_died_is_put_right(void **state)
{
    (void)state;
    begin("active");
    look();
    dies();
    look();
    assert_int_equal(tasks, 1);
    assert_int_equal(task_ms, 5000);
    assert_int_equal(r->northd.keeping, task);
}

static void one_task_at_a_time(void **state)
{
    (void)state;
    look();
    look();
    assert_int_equal(tasks, 1);
    task_ends();
    look();
    assert_int_equal(tasks, 2);
}

static void what_a_task_has_left_is_looked_at_afresh(void **state)
{
    (void)state;
    look();
    begin("active");
    task_ends();
    look();
    look();
    assert_int_equal(tasks, 1);
    assert_int_equal(r->northd.pid, northd);
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
}

static void one_that_no_operation_has_left_here_is_not_missed(void **state)
{
    (void)state;
    say(&r->facts, "memory: active guarded");
    look();
    assert_int_equal(tasks, 0);
}

static void one_that_somebody_started_is_shown_and_not_kept(void **state)
{
    (void)state;
    say(&r->facts, "memory: active guarded");
    begin("active");
    look();
    assert_int_equal(r->northd.pid, northd);
    assert_int_equal(pinned, northd);
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
    look();
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
    dies();
    look();
    assert_int_equal(r->northd.pid, 0);
    assert_int_equal(tasks, 0);
}

static void one_that_is_taken_over_is_judged_from_then_on(void **state)
{
    (void)state;
    say(&r->facts, "memory: active guarded");
    begin("standby");
    look();
    r->northd.right_at -= 2000;
    look();
    say(&r->facts, "memory: active guarded northd");
    look();
    assert_int_equal(tasks, 0);
    r->northd.right_at -= 2000;
    look();
    assert_int_equal(tasks, 1);
}

static void nor_one_that_is_not_managed_any_more(void **state)
{
    (void)state;
    say(&r->facts, "settings: manage_northd=no");
    look();
    assert_int_equal(tasks, 0);
}

/* An operation that is under way has noted the one and not yet the other. */
static void in_the_midst_of_a_role_change_nothing_is_done(void **state)
{
    (void)state;
    say(&r->facts, "server all: backup");
    look();
    say(&r->facts, "memory: backup guarded northd");
    look();
    say(&r->facts, "server all: active");
    say(&r->facts, "memory: active guarded northd-paused");
    look();
    say(&r->facts, "memory: stopped guarded northd");
    look();
    say(&r->facts, "server all: backup");
    say(&r->facts, "memory: active guarded northd-paused");
    look();
    assert_int_equal(tasks, 0);
}

static void one_of_a_copy_with_a_dead_server_has_to_wait(void **state)
{
    (void)state;
    say(&r->facts, "server nb: absent");
    look();
    is_a_backup();
    say(&r->facts, "server nb: absent");
    look();
    assert_int_equal(tasks, 0);
}

static void in_maintenance_nothing_is_done(void **state)
{
    (void)state;
    managed = false;
    look();
    look();
    assert_int_equal(tasks, 0);
    assert_int_equal(asked_whether_managed, 1); /* for a while */
    managed = true;
    r->northd.hands_off_until = ovnha_now();
    look();
    assert_int_equal(tasks, 1);
}

static void five_times_a_minute_are_enough(void **state)
{
    (void)state;
    for (int i = 1; i <= OVNHA_NORTHD_TRIES; i++) {
        look();
        assert_int_equal(tasks, i);
        task_ends();
    }
    look();
    assert_int_equal(tasks, OVNHA_NORTHD_TRIES);
}

/* However long this process had to wait for its turn meanwhile. */
static void nothing_was_wrong_until_now(void)
{
    r->northd.right_at = ovnha_now();
}

/* For longer than it takes to become what it is to be. */
static void one_that_stays_standby_is_put_right(void **state)
{
    (void)state;
    begin("standby");
    look();
    nothing_was_wrong_until_now();
    look();
    assert_int_equal(tasks, 0);
    r->northd.right_at -= 2000;
    look();
    assert_int_equal(tasks, 1);
}

static void one_that_says_nothing_yet_is_not_wrong(void **state)
{
    (void)state;
    begin("");
    look();
    r->northd.right_at -= 2000;
    look();
    assert_int_equal(tasks, 0);
}

/* It may be the same process, resumed. */
static void one_that_was_put_right_is_not_so_again(void **state)
{
    (void)state;
    begin("standby");
    look();
    r->northd.right_at -= 2000;
    look();
    assert_int_equal(tasks, 1);
    snprintf(words, 64, "active");
    task_ends();
    look();
    look();
    assert_int_equal(tasks, 1);
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
}

static void one_that_is_to_wait_and_works_is_put_right(void **state)
{
    (void)state;
    is_a_backup();
    begin("active");
    look();
    r->northd.right_at -= 2000;
    look();
    assert_int_equal(tasks, 1);
}

static void one_that_is_to_wait_and_does_is_left_alone(void **state)
{
    (void)state;
    is_a_backup();
    begin("paused");
    look();
    r->northd.right_at -= 2000;
    look();
    assert_int_equal(tasks, 0);
}

static void where_it_is_cold_it_is_not_missed(void **state)
{
    (void)state;
    is_a_backup();
    say(&r->facts, "settings: northd_standby=cold");
    look();
    assert_int_equal(tasks, 0);
}

/* Nobody waits for its answer; the next question comes a second later. */
static void it_is_asked_once_a_second(void **state)
{
    (void)state;
    begin("");
    const ovnha_msec before = ovnha_now();

    look();
    assert_true(r->northd.asking);
    assert_true(r->northd.ask_at >= before + 1000);
    r->northd.ask_at = before + SOON;
    const int first = question;

    ovnha_resident_keep_northd(r);
    assert_int_equal(r->northd.ask_at, before + SOON);
    assert_int_equal(question, first);
    assert_int_equal(tasks, 0);
}

static void one_that_neither_answers_nor_works_is_put_right(void **state)
{
    (void)state;
    begin("");
    stands_still();
    look();
    look();
    assert_int_equal(tasks, 0);
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    look();
    assert_int_equal(tasks, 1);
}

/* Others have come before us, and it takes none of them. */
static void fill_backlog(int *client, size_t n)
{
    char path[160];

    control_of_it(path, sizeof path);
    for (size_t i = 0; i < n; i++) {
        client[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (ovnha_unix_connect(client[i], path) != 0) {
            assert_int_equal(errno, EAGAIN);
            return;
        }
    }
    fail_msg("it listens to more than %zu", n);
}

static void one_that_takes_no_question_is_put_right(void **state)
{
    int client[32];

    (void)state;
    memset(client, -1, sizeof client);
    begin("");
    stands_still();
    fill_backlog(client, sizeof client / sizeof client[0]);
    look();
    look();
    assert_int_equal(tasks, 0);
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    look();
    assert_int_equal(tasks, 1);
    for (size_t i = 0; i < sizeof client / sizeof client[0]; i++) {
        close(client[i]);
    }
}

/* It was asked, and then we could not: what it would have said is not known. */
static void what_we_cannot_ask_is_not_its_silence(void **state)
{
    (void)state;
    begin("");
    look();
    look();
    loop_is_full = true;
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    look();
    assert_false(r->northd.asking);
    assert_int_equal(tasks, 0);
}

static void nor_is_a_want_of_descriptors(void **state)
{
    struct rlimit limit, none;

    (void)state;
    begin("");
    look();
    look();
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    look();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(tasks, 0);
    r->northd.ask_at = ovnha_now() + SOON;
    ovnha_resident_keep_northd(r);
    assert_int_equal(tasks, 0);
}

static void its_socket_may_be_deep(void **state)
{
    (void)state;
    assert_int_equal(mkdir(deep, 0700), 0);
    rundir = r->context.params.ovn_rundir = deep;
    begin("active");
    look();
    assert_int_equal(r->northd.status, OVNHA_NORTHD_ACTIVE);
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    r->northd.ask_at = ovnha_now() + SOON;
    ovnha_resident_keep_northd(r);
    assert_int_equal(tasks, 0);
}

static void one_that_answers_and_has_nothing_to_do_is_left_alone(void **state)
{
    (void)state;
    begin("active");
    look();
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    r->northd.ask_at = ovnha_now() + SOON;
    ovnha_resident_keep_northd(r);
    assert_int_equal(tasks, 0);
}

/* Each look asks anew, and what that asks cannot be answered yet. */
static void also_where_each_look_has_a_question(void **state)
{
    (void)state;
    begin("active");
    look();
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    look();
    assert_int_equal(tasks, 0);
}

static void one_that_works_and_does_not_answer_is_left_alone(void **state)
{
    (void)state;
    begin("");
    look();
    r->northd.pulse.since -= OVNHA_NORTHD_HANGS_MS;
    r->northd.pulse.used_ms = 0; /* it has used some since */
    look();
    assert_int_equal(tasks, 0);
}

/* Two windows were costly, and this one has been by now. */
static void is_costly(void)
{
    struct ovnha_cpu_clock clock;

    look();
    assert_true(ovnha_cpu_clock_read(northd, &clock));
    look();
    r->northd.cost =
        (struct ovnha_northd_cost){.began = ovnha_now() - OVNHA_NORTHD_WINDOW_MS,
                                   .used_ms = clock.used_ms - OVNHA_NORTHD_WINDOW_MS / 10,
                                   .costly = OVNHA_NORTHD_WINDOWS - 1};
    look();
}

static void one_that_waits_at_too_high_a_cost_is_given_up(void **state)
{
    (void)state;
    is_a_backup();
    begin("paused");
    is_costly();
    assert_int_equal(tasks, 1);
    assert_int_equal(access(costly, R_OK), 0); /* the next start knows */
}

/* In maintenance it stays, and is as costly at every look.  The next look at the node has
 * the note of it. */
static void which_is_said_once(void **state)
{
    (void)state;
    managed = false;
    is_a_backup();
    begin("paused");
    is_costly();
    assert_int_equal(costly_lines, 1);
    r->facts.northd_costly = true;
    for (int i = 0; i < 3; i++) {
        is_costly();
    }
    assert_int_equal(costly_lines, 1);
    assert_int_equal(tasks, 0);
    managed = true; /* and then it is given up */
    r->northd.hands_off_until = ovnha_now();
    look();
    assert_int_equal(costly_lines, 1);
    assert_int_equal(tasks, 1);
}

static void but_not_where_it_is_hot_by_choice(void **state)
{
    (void)state;
    is_a_backup();
    say(&r->facts, "settings: northd_standby=hot");
    begin("paused");
    is_costly();
    assert_int_equal(tasks, 0);
    assert_int_equal(access(costly, R_OK), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_that_is_right_is_left_alone),
        TEST(its_answer_may_arrive_in_pieces),
        TEST(one_that_has_died_is_put_right),
        TEST(one_task_at_a_time),
        TEST(what_a_task_has_left_is_looked_at_afresh),
        TEST(one_that_no_operation_has_left_here_is_not_missed),
        TEST(one_that_somebody_started_is_shown_and_not_kept),
        TEST(one_that_is_taken_over_is_judged_from_then_on),
        TEST(nor_one_that_is_not_managed_any_more),
        TEST(in_the_midst_of_a_role_change_nothing_is_done),
        TEST(one_of_a_copy_with_a_dead_server_has_to_wait),
        TEST(in_maintenance_nothing_is_done),
        TEST(five_times_a_minute_are_enough),
        TEST(one_that_stays_standby_is_put_right),
        TEST(one_that_says_nothing_yet_is_not_wrong),
        TEST(one_that_was_put_right_is_not_so_again),
        TEST(one_that_is_to_wait_and_works_is_put_right),
        TEST(one_that_is_to_wait_and_does_is_left_alone),
        TEST(where_it_is_cold_it_is_not_missed),
        TEST(it_is_asked_once_a_second),
        TEST(one_that_neither_answers_nor_works_is_put_right),
        TEST(one_that_takes_no_question_is_put_right),
        TEST(what_we_cannot_ask_is_not_its_silence),
        TEST(nor_is_a_want_of_descriptors),
        TEST(its_socket_may_be_deep),
        TEST(one_that_answers_and_has_nothing_to_do_is_left_alone),
        TEST(also_where_each_look_has_a_question),
        TEST(one_that_works_and_does_not_answer_is_left_alone),
        TEST(one_that_waits_at_too_high_a_cost_is_given_up),
        TEST(which_is_said_once),
        TEST(but_not_where_it_is_hot_by_choice),
    };

    return cmocka_run_group_tests_name("resident_northd", tests, make_place,
                                       remove_place);
}
