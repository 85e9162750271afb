/* SPDX-License-Identifier: Apache-2.0 */
#include "units.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ovnha/spawn.h>
#include <ovnha/text.h>

#include "log.h"

/* It is there when systemd runs the host (sd_booted(3)). */
#define SYSTEMD_RUNS "/run/systemd/system"

#define ANSWER_MAX 16384
#define ASK_MS     5000

/* Debian's and Ubuntu's; Fedora's and RHEL's ovn-northd starts the databases, too. */
static const char *const ask[] = {"systemctl",
                                  "show",
                                  "--no-pager",
                                  "--property=Id,UnitFileState,ActiveState",
                                  "ovn-central.service",
                                  "ovn-ovsdb-server-nb.service",
                                  "ovn-ovsdb-server-sb.service",
                                  "ovn-northd.service",
                                  NULL};

struct unit {
    char id[64];
    bool enabled, active;
};

struct findings {
    char names[256];     /* "a.service, b.service" */
    char arguments[256]; /* "a.service b.service" */
    bool enabled;        /* one of them */
    size_t n;
};

static void add(char *text, size_t size, const char *gap, const char *word)
{
    const size_t used = strlen(text);

    snprintf(text + used, size - used, "%s%s", used ? gap : "", word);
}

static void judge_unit(const struct unit *unit, struct findings *findings)
{
    if (unit->enabled || unit->active) {
        add(findings->names, sizeof findings->names, ", ", unit->id);
        add(findings->arguments, sizeof findings->arguments, " ", unit->id);
        findings->enabled = findings->enabled || unit->enabled;
        findings->n++;
    }
}

static bool starts_with(const char *line, const char *prefix)
{
    return strncmp(line, prefix, strlen(prefix)) == 0;
}

/* "UnitFileState=enabled-runtime" is enabled, too; a masked one is not. */
static void take_property(struct unit *unit, const char *line)
{
    const char *value = strchr(line, '=');

    if (!value) {
        return;
    }
    value++;
    if (starts_with(line, "Id=")) {
        ovnha_text_copy(unit->id, sizeof unit->id, value);
    } else if (starts_with(line, "UnitFileState=")) {
        unit->enabled = starts_with(value, "enabled") || strcmp(value, "generated") == 0;
    } else if (starts_with(line, "ActiveState=")) {
        unit->active = strcmp(value, "active") == 0 || strcmp(value, "activating") == 0 ||
                       strcmp(value, "reloading") == 0;
    }
}

enum ovnha_ocf ovnha_units_judge(const char *text, struct ovnha_err *err)
{
    char *copy = strdup(text), *rest = copy;
    struct findings findings = {.n = 0};
    struct unit unit = {.enabled = false};

    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (line[0]) {
            take_property(&unit, line);
        } else {
            judge_unit(&unit, &findings);
            memset(&unit, 0, sizeof unit);
        }
    }
    judge_unit(&unit, &findings);
    free(copy);
    if (findings.n == 0) {
        return OVNHA_OCF_SUCCESS;
    }
    (void)ovnha_fail(err, OVNHA_ERR_MISSING,
                     "%s %s %s OVN's databases outside of the cluster: systemctl mask "
                     "--now %s",
                     findings.names, findings.n == 1 ? "is" : "are",
                     findings.enabled ? "enabled and would start at boot"
                                      : "active and started",
                     findings.arguments);
    return OVNHA_OCF_ERR_INSTALLED;
}

enum ovnha_ocf ovnha_units_check(ovnha_msec deadline, struct ovnha_err *err)
{
    const struct ovnha_spawn spawn = {.argv = ask};
    const ovnha_msec limit = ovnha_deadline_after(ovnha_now(), ASK_MS);
    enum ovnha_ocf code = OVNHA_OCF_SUCCESS;
    struct ovnha_err not_said;
    char *text = NULL;

    if (access(SYSTEMD_RUNS, F_OK) != 0) {
        return OVNHA_OCF_SUCCESS;
    }
    if (ovnha_spawn_capture(&spawn, &text, ANSWER_MAX,
                            limit < deadline ? limit : deadline, &not_said) == OVNHA_OK) {
        code = ovnha_units_judge(text, err);
    } else {
        ovnha_log(LOG_INFO, "systemd does not say what it starts: %s", not_said.text);
    }
    free(text);
    return code;
}
