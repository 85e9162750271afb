/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/endpoint.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void test_addresses(void **state)
{
    static const struct {
        const char *text;
        const char *addr; /* NULL: no address */
        enum ovnha_family family;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", OVNHA_IPV4},
        {"0.0.0.0", "0.0.0.0", OVNHA_IPV4},
        {"2001:DB8:0:0::1", "2001:db8::1", OVNHA_IPV6},
        {"[2001:db8::1]", "2001:db8::1", OVNHA_IPV6},
        {"::", "::", OVNHA_IPV6},
        {"[::]", "::", OVNHA_IPV6},
        {"fe80::1%eth0", "fe80::1%eth0", OVNHA_IPV6},
        {"[FE80::0001%2]", "fe80::1%2", OVNHA_IPV6},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1", OVNHA_IPV6},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%abcdefghijklmno",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%abcdefghijklmno", OVNHA_IPV6},
        {"", NULL, OVNHA_IPV4},
        {"[]", NULL, OVNHA_IPV4},
        {"[", NULL, OVNHA_IPV4},
        {"[192.0.2.1]", NULL, OVNHA_IPV4},
        {"192.0.2", NULL, OVNHA_IPV4},
        {"192.0.2.256", NULL, OVNHA_IPV4},
        {"192.0.2.010", NULL, OVNHA_IPV4},
        {" 192.0.2.1", NULL, OVNHA_IPV4},
        {"192.0.2.1 ", NULL, OVNHA_IPV4},
        {"192.0.2.1:6641", NULL, OVNHA_IPV4},
        {"[2001:db8::1", NULL, OVNHA_IPV4},
        {"2001:db8::1]", NULL, OVNHA_IPV4},
        {"[2001:db8::1]:6641", NULL, OVNHA_IPV4},
        {"2001:db8:::1", NULL, OVNHA_IPV4},
        {"fe80::1%", NULL, OVNHA_IPV4},
        {"fe80::1%a b", NULL, OVNHA_IPV4},
        {"fe80::1%a/b", NULL, OVNHA_IPV4},
        {"fe80::1%abcdefghijklmnop", NULL, OVNHA_IPV4},
        {"192.0.2.1%eth0", NULL, OVNHA_IPV4},
        {"node1", NULL, OVNHA_IPV4},
        {"1111111111111111111111111111111111111111111111111111111111111111111", NULL,
         OVNHA_IPV4},
    };

    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        char addr[OVNHA_ADDR_SIZE] = "left over";
        struct ovnha_err err = {""};
        enum ovnha_family family = OVNHA_IPV4;
        enum ovnha_result result = ovnha_addr_parse(cases[i].text, addr, &family, &err);

        print_message("# \"%s\"\n", cases[i].text);
        assert_int_equal(result, cases[i].addr ? OVNHA_OK : OVNHA_ERR_INVALID);
        assert_string_equal(addr, cases[i].addr ? cases[i].addr : "");
        assert_int_equal(err.text[0] != '\0', result != OVNHA_OK);
        assert_int_equal(family, cases[i].family);
    }
}

static void test_resolving(void **state)
{
    char addr[OVNHA_ADDR_SIZE];
    enum ovnha_family family;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_addr_resolve("[2001:DB8::1]", addr, &family, &err), OVNHA_OK);
    assert_string_equal(addr, "2001:db8::1");
    assert_int_equal(ovnha_addr_resolve("localhost", addr, &family, &err), OVNHA_OK);
    assert_string_equal(addr, family == OVNHA_IPV4 ? "127.0.0.1" : "::1");
    assert_int_equal(ovnha_addr_resolve("", addr, &family, &err), OVNHA_ERR_INVALID);
    assert_int_not_equal(ovnha_addr_resolve("a..b", addr, &family, &err), OVNHA_OK);
    assert_non_null(strstr(err.text, "\"a..b\""));
}

static void test_protocols(void **state)
{
    enum ovnha_protocol protocol;
    struct ovnha_err err;

    (void)state;
    assert_int_equal(ovnha_protocol_parse("tcp", &protocol, &err), OVNHA_OK);
    assert_int_equal(protocol, OVNHA_TCP);
    assert_int_equal(ovnha_protocol_parse("ssl", &protocol, &err), OVNHA_OK);
    assert_int_equal(protocol, OVNHA_SSL);
    assert_string_equal(ovnha_protocol_to_str(OVNHA_TCP), "tcp");
    assert_string_equal(ovnha_protocol_to_str(OVNHA_SSL), "ssl");
    assert_int_equal(ovnha_protocol_parse("TCP", &protocol, &err), OVNHA_ERR_INVALID);
    assert_int_equal(ovnha_protocol_parse("tcp:", &protocol, &err), OVNHA_ERR_INVALID);
    assert_int_equal(ovnha_protocol_parse("", &protocol, &err), OVNHA_ERR_INVALID);
    assert_int_equal(ovnha_protocol_parse("tls", &protocol, &err), OVNHA_ERR_INVALID);
    assert_non_null(strstr(err.text, "\"tls\""));
}

static void test_methods(void **state)
{
    char method[OVNHA_METHOD_SIZE];

    (void)state;
    ovnha_method_active(method, OVNHA_TCP, "192.0.2.1", 6641);
    assert_string_equal(method, "tcp:192.0.2.1:6641");
    ovnha_method_active(method, OVNHA_SSL, "2001:db8::1", 65535);
    assert_string_equal(method, "ssl:[2001:db8::1]:65535");
    ovnha_method_passive(method, OVNHA_TCP, "0.0.0.0", 6641);
    assert_string_equal(method, "ptcp:6641:0.0.0.0");
    ovnha_method_passive(method, OVNHA_SSL, "fe80::1%eth0", 1);
    assert_string_equal(method, "pssl:1:[fe80::1%eth0]");
}

static void test_what_covers_what(void **state)
{
    static const struct {
        const char *have;
        const char *want;
        bool covers;
        bool covers_back;
    } cases[] = {
        {"ptcp:6641:192.0.2.1", "ptcp:6641:192.0.2.1", true, true},
        {"ptcp:6641:192.0.2.1", "ptcp:6641:192.0.2.2", false, false},
        {"ptcp:6641:192.0.2.1", "ptcp:6642:192.0.2.1", false, false},
        {"ptcp:6641:192.0.2.1", "pssl:6641:192.0.2.1", false, false},
        {"ptcp:6641:0.0.0.0", "ptcp:6641:192.0.2.1", true, false},
        {"ptcp:6641", "ptcp:6641:192.0.2.1", true, false},
        {"ptcp:6641", "ptcp:6641:0.0.0.0", true, true},
        {"ptcp:6641", "ptcp:6641:[2001:db8::1]", false, false},
        {"ptcp:6641:[::]", "ptcp:6641:[2001:db8::1]", true, false},
        {"ptcp:6641:[::]", "ptcp:6641:192.0.2.1", true, false},
        {"ptcp:6641:[::]", "ptcp:6641", true, false},
        {"ptcp:6641:[2001:db8::1]", "ptcp:6641:[2001:DB8:0::1]", true, true},
        {"ptcp:", "ptcp:6640", true, true},
        {"pssl::192.0.2.1", "pssl:6640:192.0.2.1", true, true},
        {"punix:/a", "punix:/a", true, true},
        {"punix:/a", "punix:/b", false, false},
        {"punix:/a", "ptcp:6641", false, false},
        {"ptcp:66410", "ptcp:66411", false, false},
        {"ptcp:72177", "ptcp:6641", false, false}, /* 65536 more */
        {"ptcp:6641:node1", "ptcp:6641:0.0.0.0", false, false},
        {"ptcp:6641x", "ptcp:6641", false, false},
        {"ptcp:006641", "ptcp:6641", false, false},
        {"tcp:192.0.2.1:6641", "ptcp:6641:192.0.2.1", false, false},
        {"", "ptcp:6641", false, false},
    };

    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        print_message("# %s, %s\n", cases[i].have, cases[i].want);
        assert_int_equal(ovnha_method_covers(cases[i].have, cases[i].want),
                         cases[i].covers);
        assert_int_equal(ovnha_method_covers(cases[i].want, cases[i].have),
                         cases[i].covers_back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),        cmocka_unit_test(test_resolving),
        cmocka_unit_test(test_protocols),        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_what_covers_what),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
