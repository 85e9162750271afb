/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_HTTP_H
#define OVNHA_CLI_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ovnha/endpoint.h>
#include <ovnha/err.h>

/* As much of HTTP/1.0 as a scrape takes: GET of one page, an answer, the end. */

/* What is asked for. */
enum ovnha_http_asks {
    OVNHA_HTTP_MORE, /* the request is not complete yet */
    OVNHA_HTTP_PAGE,
    OVNHA_HTTP_NOT_FOUND,
    OVNHA_HTTP_NOT_ALLOWED, /* by another method than GET */
    OVNHA_HTTP_NONSENSE,
};

/* Pure.  `path`: of the page. */
enum ovnha_http_asks ovnha_http_asks(const char *request, const char *path);

/* "[ADDRESS:]PORT"; without an address it is 127.0.0.1.  OVNHA_ERR_INVALID when it is
 * none, and when others than this host reach it, which must be `wanted`. */
enum ovnha_result ovnha_http_address(const char *text, bool wanted,
                                     char address[OVNHA_ADDR_SIZE], uint16_t *port,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* Serve until a signal ends it.  `make` gives the page's text, for free(): for all who
 * ask within a second, one.  It runs in a child, and may take its time.  Port 0 is any;
 * the address is printed on stderr. */
enum ovnha_result ovnha_http_serve(const char *address, uint16_t port, const char *path,
                                   const char *type, char *(*make)(void *aux), void *aux,
                                   struct ovnha_err *err) OVNHA_MUST_USE;

#endif
