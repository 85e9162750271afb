/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/stream.h"

/* Two connections of this process to a port of its own. */
struct connection {
    int listener, client, server;
    char name[OVNHA_STREAM_SIZE];
};

static struct connection one, other;

static void make(struct connection *c)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct ovnha_err err;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    c->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(c->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(c->listener, 1), 0);
    assert_int_equal(getsockname(c->listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(c->client, (struct sockaddr *)&address, sizeof address), 0);
    c->server = accept(c->listener, NULL, NULL);
    assert_true(c->server >= 0);
    assert_int_equal(ovnha_stream_find(getpid(), ntohs(address.sin_port), c->name, &err),
                     OVNHA_OK);
    assert_true(c->name[0] != '\0');
}

static void end(struct connection *c)
{
    close(c->client);
    close(c->server);
    close(c->listener);
}

static int set_up(void **state)
{
    (void)state;
    make(&one);
    make(&other);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    end(&one);
    end(&other);
    return 0;
}

static struct ovnha_stream_position look(const struct connection *c, bool other_end)
{
    struct ovnha_stream_position position;
    struct ovnha_err err;

    assert_int_equal(ovnha_stream_look(c->name, other_end, &position, &err), OVNHA_OK);
    return position;
}

static void carry(const struct connection *c, size_t n)
{
    char bytes[100] = "";

    assert_int_equal(send(c->server, bytes, n, 0), (ssize_t)n);
    assert_int_equal(recv(c->client, bytes, n, MSG_WAITALL), (ssize_t)n);
}

static void what_was_written_is_sent_and_what_was_taken_is_read(void **state)
{
    const uint64_t sent = look(&one, true).sent, read = look(&one, false).read;
    char bytes[10] = "";

    (void)state;
    assert_int_equal(send(one.server, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    assert_true(look(&one, true).sent == sent + sizeof bytes);
    assert_true(look(&one, false).read == read);
    assert_int_equal(recv(one.client, bytes, sizeof bytes, MSG_WAITALL),
                     (ssize_t)sizeof bytes);
    assert_true(look(&one, false).read == read + sizeof bytes);
}

/* However many are asked for, and whatever becomes of one: each answer is that to the
 * question. */
static void each_has_a_position_of_its_own(void **state)
{
    const uint64_t first = look(&one, false).read, second = look(&other, false).read;
    struct connection gone;

    (void)state;
    make(&gone);
    assert_true(look(&gone, false).found);
    end(&gone);
    for (uint64_t i = 1; i <= 20; i++) {
        carry(&one, 10);
        carry(&other, 7);
        assert_true(look(&one, false).read == first + 10 * i);
        assert_false(look(&gone, true).found);
        assert_true(look(&other, false).read == second + 7 * i);
    }
}

static void no_descriptor_is_left_over(void **state)
{
    int before, after;

    (void)state;
    (void)look(&one, false);
    before = dup(one.client);
    close(before);
    (void)look(&one, false);
    (void)look(&other, true);
    after = dup(one.client);
    close(after);
    assert_int_equal(after, before);
}

static void what_names_no_connection_is_refused(void **state)
{
    struct ovnha_stream_position position;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_stream_look("10.0.0.1 6643", false, &position, &err),
                     OVNHA_ERR_INVALID);
    assert_true(look(&one, false).found);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_sent_and_what_was_taken_is_read),
        TEST(each_has_a_position_of_its_own),
        TEST(no_descriptor_is_left_over),
        TEST(what_names_no_connection_is_refused),
    };

    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
