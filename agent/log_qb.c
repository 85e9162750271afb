/* SPDX-License-Identifier: Apache-2.0 */
#include "log_qb.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <qb/qblog.h>

static char ident[OVNHA_NODE_SIZE + 32];

/* Beside Pacemaker's own lines, in their form, so that one file tells the story. */
static void log_to_file(const char *path, int priority)
{
    const int target = path[0] == '/' ? qb_log_file_open(path) : -1;

    if (target >= 0) {
        qb_log_filter_ctl(target, QB_LOG_FILTER_ADD, QB_LOG_FILTER_FILE, "*", priority);
        qb_log_format_set(target, "%T %H %-20N[%P] (%n) \t%p: %b");
        qb_log_ctl(target, QB_LOG_CONF_ENABLED, QB_TRUE);
    }
}

/* What cannot be made is found out when the file is opened. */
static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
}

/* Where shell agents put theirs: TRACE_DIR/TYPE/RESOURCE.ACTION.TIME. */
static const char *trace_path(const struct ovnha_invocation *invocation, char path[512])
{
    char stamp[32] = "";
    const time_t now = time(NULL);
    struct tm broken;

    if (invocation->trace_file[0] == '/') {
        return invocation->trace_file;
    }
    strftime(stamp, sizeof stamp, "%F.%T", localtime_r(&now, &broken));
    snprintf(path, 512, "%s/ovndb-servers/%s.%s.%s", invocation->trace_dir,
             invocation->resource, invocation->action, stamp);
    make_parents(path);
    return path;
}

void ovnha_log_qb_init(const struct ovnha_invocation *invocation)
{
    const int priority = ovnha_log_priority(invocation);
    const int facility = qb_log_facility2int(invocation->log_facility);

    snprintf(ident, sizeof ident, "ovndb-servers(%s)", invocation->resource);
    qb_log_init(ident, facility < 0 ? LOG_DAEMON : facility, priority);
    qb_log_format_set(QB_LOG_SYSLOG, "%b");
    if (strcmp(invocation->log_facility, "none") == 0) {
        qb_log_ctl(QB_LOG_SYSLOG, QB_LOG_CONF_ENABLED, QB_FALSE);
    }
    if (invocation->log_file[0] == '/') {
        log_to_file(invocation->log_file, priority);
    }
    if (invocation->traced) {
        char path[512];

        log_to_file(trace_path(invocation, path), LOG_DEBUG);
    }
}

void ovnha_log_qb_write(int priority, const char *function, const char *file,
                        unsigned line, const char *text)
{
    qb_log_from_external_source(function, file, "%s", (uint8_t)priority, line, 0, text);
}

void ovnha_log_qb_fini(void)
{
    qb_log_fini();
}
