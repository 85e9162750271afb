/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/http.h"

static const struct {
    const char *request;
    enum ovnha_http_asks asks;
} requests[] = {
    {"", OVNHA_HTTP_MORE},
    {"GET /metrics HTTP/1.1\r\n", OVNHA_HTTP_MORE},
    {"GET /metrics HTTP/1.1\r\n\r\n", OVNHA_HTTP_PAGE},
    {"GET /metrics HTTP/1.0\r\nHost: a\r\nAccept: */*\r\n\r\n", OVNHA_HTTP_PAGE},
    {"GET /metrics?name[]=x HTTP/1.1\r\n\r\n", OVNHA_HTTP_PAGE},
    {"GET / HTTP/1.1\r\n\r\n", OVNHA_HTTP_NOT_FOUND},
    {"GET /metric HTTP/1.1\r\n\r\n", OVNHA_HTTP_NOT_FOUND},
    {"GET /metricsx HTTP/1.1\r\n\r\n", OVNHA_HTTP_NOT_FOUND},
    {"GET /../metrics HTTP/1.1\r\n\r\n", OVNHA_HTTP_NOT_FOUND},
    {"POST /metrics HTTP/1.1\r\n\r\n", OVNHA_HTTP_NOT_ALLOWED},
    {"GETX /metrics HTTP/1.1\r\n\r\n", OVNHA_HTTP_NOT_ALLOWED},
    {"GET metrics HTTP/1.1\r\n\r\n", OVNHA_HTTP_NONSENSE},
    {"GET /metrics\r\n\r\n", OVNHA_HTTP_NONSENSE},
    {"GET /metrics HTTP/2\r\n\r\n", OVNHA_HTTP_NONSENSE},
    {"GET\r\nHost: /metrics HTTP/1.1\r\n\r\n", OVNHA_HTTP_NONSENSE},
    {"\r\n\r\n", OVNHA_HTTP_NONSENSE},
    {"\x16\x03\x01\r\n\r\n", OVNHA_HTTP_NONSENSE},
};

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (ovnha_http_asks(requests[i].request, "/metrics") != requests[i].asks) {
            fail_msg("case %zu: %s", i, requests[i].request);
        }
    }
}

/* NULL: refused, whatever is wanted. */
static const struct {
    const char *text, *address;
    int port;
    bool only_if_wanted;
} addresses[] = {
    {"9176", "127.0.0.1", 9176, false},
    {"0", "127.0.0.1", 0, false},
    {"127.0.0.1:1", "127.0.0.1", 1, false},
    {"127.1.2.3:65535", "127.1.2.3", 65535, false},
    {"[::1]:9176", "::1", 9176, false},
    {"0.0.0.0:9176", "0.0.0.0", 9176, true},
    {"[::]:9176", "::", 9176, true},
    {"192.0.2.1:9176", "192.0.2.1", 9176, true},
    {"[fd00::1]:9176", "fd00::1", 9176, true},
    {"", NULL, 0, false},
    {":9176", NULL, 0, false},
    {"localhost:9176", NULL, 0, false},
    {"127.0.0.1", NULL, 0, false},
    {"127.0.0.1:", NULL, 0, false},
    {"65536", NULL, 0, false},
    {"-1", NULL, 0, false},
    {"9176x", NULL, 0, false},
    {"[::1:9176", NULL, 0, false},
};

static void test_addresses(void **state)
{
    char address[OVNHA_ADDR_SIZE];
    struct ovnha_err err;
    uint16_t port;

    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        const bool good = addresses[i].address != NULL;
        const enum ovnha_result unasked =
            ovnha_http_address(addresses[i].text, false, address, &port, &err);
        const enum ovnha_result wanted =
            ovnha_http_address(addresses[i].text, true, address, &port, &err);

        if ((unasked == OVNHA_OK) != (good && !addresses[i].only_if_wanted) ||
            (wanted == OVNHA_OK) != good) {
            fail_msg("%s", addresses[i].text);
        }
        if (good) {
            assert_string_equal(address, addresses[i].address);
            assert_int_equal(port, addresses[i].port);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
