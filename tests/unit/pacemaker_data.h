/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_PACEMAKER_DATA_H
#define TESTS_UNIT_PACEMAKER_DATA_H

/* What Pacemaker said once: tests/data/pacemaker. */

#include <stdio.h>
#include <stdlib.h>

#include "cli/cluster.h"

static char *pacemaker_text(const char *state, const char *kind)
{
    const char *srcdir = getenv("OVNHA_SRCDIR");
    char path[4096], *text = calloc(1, 65536);

    snprintf(path, sizeof path, "%s/tests/data/pacemaker/%s.%s.xml",
             srcdir ? srcdir : ".", state, kind);
    FILE *file = fopen(path, "r");

    if (!text || !file || fread(text, 1, 65535, file) == 0) {
        fprintf(stderr, "cannot read %s\n", path);
        abort();
    }
    fclose(file);
    return text;
}

/* Of states of those names; ovnha_cli_cluster_free(). */
__attribute__((unused)) static enum ovnha_result
pacemaker_data(const char *mon, const char *cib, const char *resource,
               struct ovnha_cli_cluster *cluster, struct ovnha_err *err)
{
    char *said = pacemaker_text(mon, "crm_mon"), *configured = pacemaker_text(cib, "cib");
    const enum ovnha_result result =
        ovnha_cli_cluster_parse(said, configured, resource, cluster, err);

    free(said);
    free(configured);
    return result;
}

#endif
