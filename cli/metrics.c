/* SPDX-License-Identifier: Apache-2.0 */
/* ovnha metrics: what `ovnha status` shows, for Prometheus. */

#include "common.h"

#include <stdio.h>
#include <stdlib.h>

#include "http.h"
#include "overview_gather.h"

#define CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

static void print(FILE *out, const char *resource)
{
    struct ovnha_overview *overview = ovnha_overview_gather(resource);
    struct ovnha_overview_findings findings;

    ovnha_overview_judge(overview, &findings);
    ovnha_overview_print_metrics(out, overview, &findings);
    free(overview);
}

static char *make_page(void *aux)
{
    const struct ovnha_cli *cli = aux;
    char *page = NULL;
    size_t size;
    FILE *out = open_memstream(&page, &size);

    if (out) {
        print(out, cli->resource);
        fclose(out);
    }
    return page;
}

static int serve(const struct ovnha_cli *cli)
{
    char address[OVNHA_ADDR_SIZE];
    struct ovnha_err err;
    uint16_t port;

    if (ovnha_http_address(cli->listen, cli->is_public, address, &port, &err) !=
            OVNHA_OK ||
        ovnha_http_serve(address, port, "/metrics", CONTENT_TYPE, make_page, (void *)cli,
                         &err) != OVNHA_OK) {
        fprintf(stderr, "ovnha: %s\n", err.text);
        return EXIT_UNKNOWN;
    }
    return EXIT_OK;
}

int ovnha_cli_metrics(const struct ovnha_cli *cli)
{
    if (!ovnha_cli_no_operands(cli, "metrics")) {
        return EXIT_UNKNOWN;
    }
    if (cli->listen) {
        return serve(cli);
    }
    print(stdout, cli->resource);
    return EXIT_OK;
}
