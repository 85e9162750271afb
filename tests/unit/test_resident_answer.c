/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <ovnha/text.h>

#include "agent/resident_answer.h"
#include "agent/resident_files.h"
#include "agent/resident_restart.h"
#include "agent/resident_serving.h"
#include "agent/resident_state.h"
#include "agent/run_northd.h"
#include "cli/doctor_report.h"
#include "cli/overview.h"
#include "tests/unit/fake_peer.h"

/* What a helper says of its node is what `ovnha status` reads: both ends at once. */
static struct resident *r;
static struct ovnha_overview *o;
static char directory[] = "/tmp/test_resident_answer.XXXXXX";
static bool serves;

/*
 * The neighbours.
 */

bool ovnha_resident_is_serving(const struct resident *resident)
{
    (void)resident;
    return serves;
}

bool ovnha_resident_is_restarting(const struct resident *resident)
{
    (void)resident;
    return true;
}

static char northd_control[OVNHA_PATH_SIZE] = "/nowhere";

void ovnha_run_northd_control(const struct ovnha_context *context, pid_t pid,
                              char path[OVNHA_PATH_SIZE])
{
    (void)context;
    (void)pid;
    ovnha_text_copy(path, OVNHA_PATH_SIZE, northd_control);
}

json_t *ovnha_resident_files_to_json(const struct resident *resident)
{
    (void)resident;
    return json_pack("{s:{s:i,s:i,s:i,s:s}}", "nb", "synced", 4, "syncs", 1,
                     "compactions", 2, "trouble", "No space left on device");
}

static void add_db(size_t i, const char *name)
{
    struct ovnha_server_facts *server = &r->facts.server[i];
    FILE *file;

    r->facts.settings.db[i].database = ovnha_database_find(name);
    r->facts.settings.db[i].port = (uint16_t)(6641 + i);
    r->facts.settings.n_dbs = i + 1;
    server->presence = OVNHA_PRESENCE_RUNNING;
    server->pid = 42;
    server->answered = true;
    server->sync.state = OVNHA_SYNC_ACTIVE;
    server->clients_open = true;
    ovnha_text_copy(server->replicas_open, sizeof server->replicas_open,
                    "ptcp:6643:192.0.2.1");
    snprintf(r->context.paths.file[i], OVNHA_PATH_SIZE, "%s/%s", directory, name);
    file = fopen(r->context.paths.file[i], "w");
    assert_non_null(file);
    fputs("12345", file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    r = calloc(1, sizeof *r);
    o = calloc(1, sizeof *o);
    strcpy(directory + sizeof directory - 7, "XXXXXX");
    if (!r || !o || !mkdtemp(directory)) {
        return -1;
    }
    ovnha_text_copy(r->facts.self, sizeof r->facts.self, "node1");
    ovnha_text_copy(r->facts.settings.master_ip, sizeof r->facts.settings.master_ip,
                    "192.0.2.100");
    r->facts.settings.listen_on_master_ip_only = true;
    r->facts.settings.manage_northd = true;
    r->facts.memory.role = OVNHA_ROLE_ACTIVE;
    r->northd.pid = 43;
    r->northd.status = OVNHA_NORTHD_ACTIVE;
    add_db(0, "nb");
    add_db(1, "sb");
    serves = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(r->context.paths.file[0]);
    unlink(r->context.paths.file[1]);
    rmdir(directory);
    json_decref(r->change);
    free(r);
    free(o);
    return 0;
}

static const struct ovnha_overview_node *node_as_read(void)
{
    struct ovnha_record none = {.revision = 0};
    struct ovnha_err err = {""};
    char *record = ovnha_record_format(&none);
    json_t *report =
        json_pack("{s:{s:s,s:s},s:{s:o}}", "judged", "record", record, "node", "node1",
                  "nodes", "node1", ovnha_resident_answer_to_json(r));
    char *text = json_dumps(report, 0);

    if (ovnha_overview_take_report(o, text, &err) != OVNHA_OK) {
        fail_msg("%s", err.text);
    }
    free(text);
    free(record);
    json_decref(report);
    return ovnha_overview_node(o, "node1");
}

static void test_what_is_said_is_read(void **state)
{
    const struct ovnha_overview_node *node = node_as_read();
    const struct ovnha_overview_db *nb = &node->db[0];

    (void)state;
    assert_int_equal(node->heard, OVNHA_HEARD_ALL);
    assert_string_equal(node->version, PACKAGE_VERSION);
    assert_string_equal(node->copy, "active");
    assert_true(node->serving && node->restarting && node->manages_northd);
    assert_string_equal(node->northd, "active");
    assert_int_equal(node->set_aside, 0);
    assert_int_equal(node->n_dbs, 2);
    assert_string_equal(nb->name, "nb");
    assert_string_equal(nb->presence, "running");
    assert_string_equal(nb->state, "active");
    assert_string_equal(nb->clients, "ptcp:6641:192.0.2.100");
    assert_string_equal(nb->replicas, "ptcp:6643:192.0.2.1");
    assert_string_equal(nb->file_trouble, "No space left on device");
    assert_int_equal(nb->pid, 42);
    assert_int_equal(nb->bytes, 5);
    assert_int_equal(nb->synced_bytes, 4);
    assert_int_equal(nb->compactions, 2);
    assert_string_equal(node->db[1].name, "sb");
    assert_int_equal(node->db[1].synced_bytes, -1); /* nothing is known of its file */
}

/* There is no server to ask for its sessions, and none of a replica. */
static void test_what_is_not_known_is_not_made_up(void **state)
{
    const struct ovnha_overview_node *node = node_as_read();

    (void)state;
    assert_int_equal(node->db[0].sessions, -1);
    assert_int_equal(node->db[0].lag_bytes, -1);
    assert_string_equal(node->candidacy, "");
    assert_string_equal(o->changed_to, "");
}

static void test_a_backup_that_hangs(void **state)
{
    const struct ovnha_overview_node *node;

    (void)state;
    serves = false;
    r->facts.server[0].answered = false;
    r->facts.server[0].stalled = OVNHA_HUNG;
    r->facts.server[0].clients_open = false;
    r->facts.server[1].sync.state = OVNHA_SYNC_BACKUP;
    r->facts.server[1].sync.link = OVNHA_LINK_REPLICATING;
    ovnha_text_copy(r->facts.server[1].sync.source, OVNHA_METHOD_SIZE,
                    "tcp:192.0.2.2:6644");
    r->northd.pid = 0;
    node = node_as_read();
    assert_string_equal(node->copy, "silent");
    assert_non_null(strstr(node->trouble, "nb"));
    assert_false(node->serving || node->db[0].answered);
    assert_string_equal(node->db[0].stalled, "hung");
    assert_string_equal(node->db[0].clients, "");
    assert_string_equal(node->db[1].link, "replicating");
    assert_string_equal(node->db[1].source, "tcp:192.0.2.2:6644");
    assert_string_equal(node->northd, "absent");
}

static void test_the_last_change(void **state)
{
    (void)state;
    r->change = json_pack("{s:i,s:s}", "at", 7, "why", "node2 was lost");
    node_as_read();
    assert_string_equal(o->changed_to, "node1");
    assert_int_equal(o->changed_at, 7);
    assert_string_equal(o->changed_why, "node2 was lost");
}

/*
 * What the doctor compares.
 */

#define SERVER "ovsdb-server (Open vSwitch) 3.1.0"
#define NORTHD "ovn-northd 23.03.1\\nOpen vSwitch Library 3.1.0"

/* A server and ovn-northd at once: who asks for sessions means the server. */
static _Noreturn void serve_versions(struct peer *peer)
{
    static const char server[] =
        "{\"id\":0,\"result\":\"cells:1 sessions:3\",\"error\":null}"
        "{\"id\":1,\"result\":\"" SERVER "\",\"error\":null}";
    static const char northd[] = "{\"id\":0,\"result\":\"" NORTHD "\",\"error\":null}";

    for (;;) {
        const int fd = accept(peer->listener, NULL, NULL);
        const ssize_t n = recv(fd, peer->heard, sizeof peer->heard - 1, 0);

        peer->heard[n > 0 ? n : 0] = '\0';
        const char *answer = strstr(peer->heard, "memory/show") ? server : northd;

        (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
        close(fd);
    }
}

static void as_the_doctor_reads_it(struct ovnha_doctor_report *read)
{
    json_t *report =
        json_pack("{s:{s:o}}", "nodes", "node1", ovnha_resident_answer_to_json(r));
    char *text = json_dumps(report, 0);

    ovnha_doctor_take_report(text, read);
    free(text);
    json_decref(report);
    assert_int_equal(read->n, 1);
}

/* time(2) is late by up to a tick. */
static int64_t wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_versions_and_the_clock(void **state)
{
    const int64_t before = wall_clock();
    static struct ovnha_doctor_report known;
    const struct ovnha_doctor_node *node = known.node;
    const ovnha_msec limit = generous();
    void *peer = NULL;

    (void)state;
    as_the_doctor_reads_it(&known);
    assert_string_equal(node->name, "node1");
    assert_string_equal(node->helper, PACKAGE_VERSION);
    assert_string_equal(node->server, "");
    assert_true(node->time_ms >= before && node->time_ms <= wall_clock());
    peer_setup(&peer);
    ovnha_text_copy(r->context.paths.control[0], OVNHA_PATH_SIZE,
                    ((struct peer *)peer)->path);
    ovnha_text_copy(northd_control, sizeof northd_control, ((struct peer *)peer)->path);
    const pid_t pid = fork();

    if (pid == 0) {
        serve_versions(peer);
    }
    while (!(node->server[0] && node->northd[0]) &&
           !ovnha_deadline_passed(limit, ovnha_now())) {
        as_the_doctor_reads_it(&known);
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    peer_teardown(&peer);
    assert_string_equal(node->server, "3.1.0");
    assert_string_equal(node->northd, "23.03.1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_said_is_read),   TEST(test_what_is_not_known_is_not_made_up),
        TEST(test_a_backup_that_hangs),    TEST(test_the_last_change),
        TEST(test_versions_and_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
