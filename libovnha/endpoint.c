/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/endpoint.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define OVSDB_DEFAULT_PORT 6640 /* IANA; what OVSDB takes when none is written */

/* Copy `text` without the brackets around it; -1 when it does not fit or only
 * one bracket is there. */
static int without_brackets(const char *text, char *plain, size_t size, bool *bracketed)
{
    size_t length = strlen(text);

    *bracketed = text[0] == '[';
    if (*bracketed) {
        if (length < 2 || text[length - 1] != ']') {
            return -1;
        }
        text++;
        length -= 2;
    }
    if (length >= size) {
        return -1;
    }
    memcpy(plain, text, length);
    plain[length] = '\0';
    return 0;
}

/* A scope id is an interface's name or number ("fe80::1%eth0"). */
static bool scope_is_sane(const char *scope)
{
    return scope[0] != '\0' && strlen(scope) < 16 && !strpbrk(scope, "[]%/ \t\n");
}

static bool parse_ipv6(char *plain, char addr[OVNHA_ADDR_SIZE])
{
    struct in6_addr in6;
    char text[INET6_ADDRSTRLEN];
    char *scope = strchr(plain, '%');

    if (scope) {
        *scope++ = '\0';
        if (!scope_is_sane(scope)) {
            return false;
        }
    }
    if (inet_pton(AF_INET6, plain, &in6) != 1 ||
        !inet_ntop(AF_INET6, &in6, text, sizeof text)) {
        return false;
    }
    snprintf(addr, OVNHA_ADDR_SIZE, "%s%s%.15s", text, scope ? "%" : "",
             scope ? scope : "");
    return true;
}

static bool parse_ipv4(const char *plain, char addr[OVNHA_ADDR_SIZE])
{
    struct in_addr in4;

    return inet_pton(AF_INET, plain, &in4) == 1 &&
           inet_ntop(AF_INET, &in4, addr, OVNHA_ADDR_SIZE);
}

enum ovnha_result ovnha_addr_parse(const char *text, char addr[OVNHA_ADDR_SIZE],
                                   enum ovnha_family *family, struct ovnha_err *err)
{
    char plain[OVNHA_ADDR_SIZE];
    bool bracketed;

    addr[0] = '\0';
    if (without_brackets(text, plain, sizeof plain, &bracketed) == 0) {
        if (!bracketed && parse_ipv4(plain, addr)) {
            *family = OVNHA_IPV4;
            return OVNHA_OK;
        }
        if (parse_ipv6(plain, addr)) {
            *family = OVNHA_IPV6;
            return OVNHA_OK;
        }
    }
    addr[0] = '\0';
    return ovnha_fail(err, OVNHA_ERR_INVALID, "\"%.64s\" is not a numeric IP address",
                      text);
}

static enum ovnha_result resolver_failure(const char *name, int code,
                                          struct ovnha_err *err)
{
    bool no_such_name = code == EAI_NONAME;

    if (code == EAI_SYSTEM) {
        return ovnha_fail_errno(err, errno, "cannot resolve host name \"%.64s\"", name);
    }
#ifdef EAI_NODATA
    no_such_name = no_such_name || code == EAI_NODATA;
#endif
    return ovnha_fail(err, no_such_name ? OVNHA_ERR_INVALID : OVNHA_ERR_SYSTEM,
                      "cannot resolve host name \"%.64s\": %s", name, gai_strerror(code));
}

enum ovnha_result ovnha_addr_resolve(const char *text, char addr[OVNHA_ADDR_SIZE],
                                     enum ovnha_family *family, struct ovnha_err *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char number[OVNHA_ADDR_SIZE] = "";
    int code;

    if (ovnha_addr_parse(text, addr, family, NULL) == OVNHA_OK) {
        return OVNHA_OK;
    }
    if (text[0] == '\0') {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "an empty text is no address");
    }
    code = getaddrinfo(text, NULL, &hints, &found);
    if (code == 0) {
        code = getnameinfo(found->ai_addr, found->ai_addrlen, number, sizeof number, NULL,
                           0, NI_NUMERICHOST);
        freeaddrinfo(found);
    }
    if (code != 0) {
        return resolver_failure(text, code, err);
    }
    return ovnha_addr_parse(number, addr, family, err);
}

enum ovnha_result ovnha_protocol_parse(const char *text, enum ovnha_protocol *protocol,
                                       struct ovnha_err *err)
{
    if (strcmp(text, "tcp") == 0) {
        *protocol = OVNHA_TCP;
    } else if (strcmp(text, "ssl") == 0) {
        *protocol = OVNHA_SSL;
    } else {
        return ovnha_fail(err, OVNHA_ERR_INVALID,
                          "protocol must be \"tcp\" or \"ssl\", not \"%.32s\"", text);
    }
    return OVNHA_OK;
}

const char *ovnha_protocol_to_str(enum ovnha_protocol protocol)
{
    switch (protocol) {
    case OVNHA_TCP:
        return "tcp";
    case OVNHA_SSL:
        return "ssl";
    }
    return "?";
}

static bool needs_brackets(const char *addr)
{
    return strchr(addr, ':') != NULL;
}

void ovnha_method_active(char method[OVNHA_METHOD_SIZE], enum ovnha_protocol protocol,
                         const char *addr, uint16_t port)
{
    bool brackets = needs_brackets(addr);

    snprintf(method, OVNHA_METHOD_SIZE, "%s:%s%s%s:%u", ovnha_protocol_to_str(protocol),
             brackets ? "[" : "", addr, brackets ? "]" : "", port);
}

void ovnha_method_passive(char method[OVNHA_METHOD_SIZE], enum ovnha_protocol protocol,
                          const char *addr, uint16_t port)
{
    bool brackets = needs_brackets(addr);

    snprintf(method, OVNHA_METHOD_SIZE, "p%s:%u:%s%s%s", ovnha_protocol_to_str(protocol),
             port, brackets ? "[" : "", addr, brackets ? "]" : "");
}

struct passive {
    enum ovnha_protocol protocol;
    uint16_t port;
    enum ovnha_family family;
    char addr[OVNHA_ADDR_SIZE];
};

/* The port in front of ':' or the end, and where it ends; NULL for anything but
 * up to five digits that make a port. */
static const char *parse_port(const char *text, uint16_t *port)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long value = 0;

    if (digits > 5 || (text[digits] != '\0' && text[digits] != ':')) {
        return NULL;
    }
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (unsigned long)(text[i] - '0');
    }
    if (value > UINT16_MAX) {
        return NULL;
    }
    *port = digits == 0 ? OVSDB_DEFAULT_PORT : (uint16_t)value;
    return text + digits;
}

static bool parse_passive(const char *method, struct passive *passive)
{
    const char *rest;

    if (strncmp(method, "ptcp:", 5) == 0) {
        passive->protocol = OVNHA_TCP;
    } else if (strncmp(method, "pssl:", 5) == 0) {
        passive->protocol = OVNHA_SSL;
    } else {
        return false;
    }
    rest = parse_port(method + 5, &passive->port);
    if (!rest) {
        return false;
    }
    return ovnha_addr_parse(*rest == ':' ? rest + 1 : "0.0.0.0", passive->addr,
                            &passive->family, NULL) == OVNHA_OK;
}

/* The IPv6 wildcard is dual-stack: OVS leaves IPV6_V6ONLY alone, so its socket
 * takes IPv4 clients as well. */
static bool addr_covers(const struct passive *have, const struct passive *want)
{
    if (strcmp(have->addr, "::") == 0) {
        return true;
    }
    if (strcmp(have->addr, "0.0.0.0") == 0) {
        return want->family == OVNHA_IPV4;
    }
    return strcmp(have->addr, want->addr) == 0;
}

bool ovnha_method_covers(const char *have, const char *want)
{
    struct passive h;
    struct passive w;

    if (!parse_passive(have, &h) || !parse_passive(want, &w)) {
        return strcmp(have, want) == 0;
    }
    return h.protocol == w.protocol && h.port == w.port && addr_covers(&h, &w);
}
