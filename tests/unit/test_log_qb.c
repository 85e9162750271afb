/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "agent/cluster_module.h"
#include "agent/log_qb.h"

/* What would get to syslog: these take the place of libc's, also for libqb. */
static int lines;
static char path[] = "/tmp/ovnha-log-XXXXXX";

#define TAKES_THE_PLACE_OF(name)                                                         \
    __asm__(name) __attribute__((visibility("default"), used))

void count_line(int priority, const char *format, ...) TAKES_THE_PLACE_OF("syslog");
void count_checked_line(int priority, int flag, const char *format, ...)
    TAKES_THE_PLACE_OF("__syslog_chk");

void count_line(int priority, const char *format, ...)
{
    (void)priority;
    (void)format;
    lines++;
}

void count_checked_line(int priority, int flag, const char *format, ...)
{
    (void)priority;
    (void)flag;
    (void)format;
    lines++;
}

static int set_up(void **state)
{
    const int fd = mkstemp(path);

    (void)state;
    lines = 0;
    return fd >= 0 && close(fd) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    strcpy(strrchr(path, '-') + 1, "XXXXXX");
    return 0;
}

static struct ovnha_invocation logging_to(const char *facility)
{
    return (struct ovnha_invocation){.resource = "ovndb",
                                     .action = "monitor",
                                     .log_facility = facility,
                                     .log_file = path,
                                     .module = "/nonexistent.so"};
}

static void write_one(const char *facility)
{
    const struct ovnha_invocation invocation = logging_to(facility);

    ovnha_log_qb_init(&invocation);
    ovnha_log_qb_write(LOG_NOTICE, __func__, __FILE__, __LINE__, "a line");
    ovnha_log_qb_fini();
}

static bool is_in_file(const char *text)
{
    char all[512] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    (void)!fread(all, 1, sizeof all - 1, file);
    fclose(file);
    return strstr(all, text) != NULL;
}

static void a_line_goes_to_syslog_and_to_the_detail_log(void **state)
{
    (void)state;
    write_one("daemon");
    assert_int_equal(lines, 1);
    assert_true(is_in_file("a line"));
}

/* As Pacemaker itself does with PCMK_logfacility=none. */
static void with_facility_none_nothing_goes_to_syslog(void **state)
{
    (void)state;
    write_one("none");
    assert_int_equal(lines, 0);
    assert_true(is_in_file("a line"));
}

/* Where libqb cannot be loaded, the agent writes them itself. */
static void nor_without_the_module(void **state)
{
    struct ovnha_invocation invocation = logging_to("none");

    (void)state;
    ovnha_cluster_module_use(&invocation);
    ovnha_log(LOG_NOTICE, "a line");
    assert_int_equal(lines, 0);
    invocation.log_facility = "daemon";
    ovnha_log(LOG_NOTICE, "a line");
    assert_int_equal(lines, 1);
    ovnha_cluster_module_end();
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_goes_to_syslog_and_to_the_detail_log),
        TEST(with_facility_none_nothing_goes_to_syslog),
        TEST(nor_without_the_module),
    };

    return cmocka_run_group_tests_name("log_qb", tests, NULL, NULL);
}
