/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/control_server.h"

static char dir[64], path[96];
static qb_loop_t *loop;
static int client;
static struct ovnha_request *unanswered;

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/ovnha-control-XXXXXX");
    if (!mkdtemp(dir)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/helper.ctl", dir);
    loop = qb_loop_create();
    client = -1;
    return loop ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    if (client >= 0) {
        close(client);
    }
    qb_loop_destroy(loop);
    return rmdir(dir); /* the server took its socket with it */
}

static int connect_to_it(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* "say" is answered at once, "wait" not; that and "bye" end the loop. */
static void command(struct ovnha_request *request, const char *method,
                    const char *argument, void *aux)
{
    (void)aux;
    if (strcmp(method, "say") == 0) {
        ovnha_request_reply(request, argument);
    } else if (strcmp(method, "wait") == 0) {
        unanswered = request;
        qb_loop_stop(loop);
    } else {
        ovnha_request_refuse(request, "no");
        qb_loop_stop(loop);
    }
}

static struct ovnha_control_server *open_server(void)
{
    struct ovnha_control_server *server;
    struct ovnha_err err = {""};

    if (ovnha_control_server_open(path, loop, command, NULL, &server, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    return server;
}

static void say(const char *text)
{
    assert_int_equal(send(client, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void assert_hears(const char *text)
{
    char heard[512];
    const ssize_t n = recv(client, heard, sizeof heard - 1, MSG_DONTWAIT);

    assert_true(n >= 0);
    heard[n] = '\0';
    assert_string_equal(heard, text);
}

static void test_requests_are_answered(void **state)
{
    struct ovnha_control_server *server = open_server();

    (void)state;
    client = connect_to_it();
    say("{\"id\":7,\"method\":\"say\",\"params\":[\"hello\"]}"
        "{\"id\":8,\"method\":\"bye\",\"params\":[]}");
    qb_loop_run(loop);
    assert_hears("{\"id\":7,\"result\":\"hello\",\"error\":null}"
                 "{\"id\":8,\"result\":null,\"error\":\"no\"}");
    ovnha_control_server_close(server);
}

/* It only wanted to say so. */
static void test_a_request_of_one_that_has_hung_up(void **state)
{
    struct ovnha_control_server *server = open_server();

    (void)state;
    client = connect_to_it();
    say("{\"id\":1,\"method\":\"wait\",\"params\":[]}");
    close(client);
    qb_loop_run(loop);
    assert_non_null(unanswered);
    client = connect_to_it();
    say("{\"id\":2,\"method\":\"bye\",\"params\":[]}");
    qb_loop_run(loop);
    assert_false(ovnha_request_is_awaited(unanswered));
    ovnha_request_reply(unanswered, "");
    assert_hears("{\"id\":2,\"result\":null,\"error\":\"no\"}");
    ovnha_control_server_close(server);
}

/* Whoever asked is gone when the answer comes; another asks meanwhile. */
static void test_an_answer_that_nobody_awaits(void **state)
{
    struct ovnha_control_server *server = open_server();

    (void)state;
    client = connect_to_it();
    say("{\"id\":1,\"method\":\"wait\",\"params\":[]}");
    qb_loop_run(loop);
    assert_non_null(unanswered);
    assert_true(ovnha_request_is_awaited(unanswered));
    close(client);
    client = connect_to_it();
    say("{\"id\":2,\"method\":\"bye\",\"params\":[]}");
    qb_loop_run(loop);
    assert_false(ovnha_request_is_awaited(unanswered));
    ovnha_request_reply(unanswered, "late");
    assert_hears("{\"id\":2,\"result\":null,\"error\":\"no\"}");
    ovnha_control_server_close(server);
}

static void test_only_its_owner_may_connect(void **state)
{
    struct ovnha_control_server *server = open_server();
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    ovnha_control_server_close(server);
    assert_int_equal(connect_to_it(), -1);
}

/* One that is on its way out when its successor listens already. */
static void test_it_leaves_the_socket_of_its_successor(void **state)
{
    struct ovnha_control_server *old = open_server();
    struct ovnha_control_server *successor = open_server();

    (void)state;
    ovnha_control_server_close(old);
    client = connect_to_it();
    assert_true(client >= 0);
    ovnha_control_server_close(successor);
}

static void test_one_whose_socket_is_gone_is_not_found(void **state)
{
    struct ovnha_control_server *old = open_server(), *successor;

    (void)state;
    assert_true(ovnha_control_server_is_found(old));
    assert_int_equal(unlink(path), 0);
    assert_false(ovnha_control_server_is_found(old));
    successor = open_server();
    assert_false(ovnha_control_server_is_found(old));
    assert_true(ovnha_control_server_is_found(successor));
    ovnha_control_server_close(old);
    ovnha_control_server_close(successor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_requests_are_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_request_of_one_that_has_hung_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_that_nobody_awaits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_only_its_owner_may_connect, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_it_leaves_the_socket_of_its_successor,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_whose_socket_is_gone_is_not_found,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
