/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/condition.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct count {
    size_t unknown, foreign, absent, silent, active, backup, mixed;
};

static void count_server(const struct ovnha_server_facts *server, struct count *count)
{
    switch (server->presence) {
    case OVNHA_PRESENCE_UNKNOWN:
        count->unknown++;
        return;
    case OVNHA_PRESENCE_FOREIGN:
        count->foreign++;
        return;
    case OVNHA_PRESENCE_ABSENT:
        count->absent++;
        return;
    case OVNHA_PRESENCE_RUNNING:
        break;
    }
    if (!server->answered) {
        count->silent++;
        return;
    }
    switch (server->sync.state) {
    case OVNHA_SYNC_ACTIVE:
        count->active++;
        return;
    case OVNHA_SYNC_BACKUP:
        count->backup++;
        return;
    case OVNHA_SYNC_UNKNOWN:
        count->silent++;
        return;
    case OVNHA_SYNC_MIXED:
        count->mixed++;
        return;
    }
}

static struct count count_servers(const struct ovnha_facts *facts)
{
    struct count count = {0};

    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        count_server(&facts->server[i], &count);
    }
    return count;
}

enum ovnha_condition ovnha_condition(const struct ovnha_facts *facts)
{
    const struct count count = count_servers(facts);
    const size_t all = facts->settings.n_dbs;

    if (count.unknown) {
        return OVNHA_COPY_UNKNOWN;
    }
    if (count.foreign) {
        return OVNHA_COPY_FOREIGN;
    }
    if (count.absent == all) {
        return OVNHA_COPY_STOPPED;
    }
    if (count.silent) {
        return OVNHA_COPY_SILENT;
    }
    if (count.absent) {
        return OVNHA_COPY_PARTIAL;
    }
    if (count.backup == all) {
        return OVNHA_COPY_BACKUP;
    }
    if (count.active == all) {
        return facts->memory.role == OVNHA_ROLE_BACKUP ? OVNHA_COPY_SELF_PROMOTED
                                                       : OVNHA_COPY_ACTIVE;
    }
    return OVNHA_COPY_MIXED;
}

const char *ovnha_condition_to_str(enum ovnha_condition condition)
{
    switch (condition) {
    case OVNHA_COPY_UNKNOWN:
        return "unknown";
    case OVNHA_COPY_FOREIGN:
        return "foreign";
    case OVNHA_COPY_STOPPED:
        return "stopped";
    case OVNHA_COPY_SILENT:
        return "silent";
    case OVNHA_COPY_PARTIAL:
        return "partial";
    case OVNHA_COPY_MIXED:
        return "mixed";
    case OVNHA_COPY_SELF_PROMOTED:
        return "self-promoted";
    case OVNHA_COPY_ACTIVE:
        return "active";
    case OVNHA_COPY_BACKUP:
        return "backup";
    }
    return "?";
}

static const char *server_in_words(const struct ovnha_server_facts *server)
{
    switch (server->presence) {
    case OVNHA_PRESENCE_UNKNOWN:
        return "cannot be looked at";
    case OVNHA_PRESENCE_FOREIGN:
        return "has its database file held by a server this resource did not start";
    case OVNHA_PRESENCE_ABSENT:
        return server->stale_pidfile ? "is dead (its pidfile was left behind)"
                                     : "is not running";
    case OVNHA_PRESENCE_RUNNING:
        break;
    }
    if (server->answered) {
        return ovnha_sync_state_to_str(server->sync.state);
    }
    switch (server->stalled) {
    case OVNHA_NOT_STALLED:
    case OVNHA_STILL:
        return "runs but does not answer";
    case OVNHA_BUSY:
        return "is busy and does not answer yet";
    case OVNHA_HUNG:
        return "hangs: it runs but does not answer";
    }
    return "?";
}

static void append(char text[OVNHA_ERR_SIZE], const char *format, ...) OVNHA_PRINTF(2, 3);

static void append(char text[OVNHA_ERR_SIZE], const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + used, OVNHA_ERR_SIZE - used, format, args);
    va_end(args);
}

/* What is wrong with all of them together, where the servers' own states do not say it.
 */
static const char *whole_in_words(enum ovnha_condition condition)
{
    switch (condition) {
    case OVNHA_COPY_SELF_PROMOTED:
        return "made itself active without being promoted: ";
    case OVNHA_COPY_MIXED:
        return "is neither wholly active nor wholly a backup: ";
    case OVNHA_COPY_UNKNOWN:
    case OVNHA_COPY_FOREIGN:
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_PARTIAL:
    case OVNHA_COPY_ACTIVE:
    case OVNHA_COPY_BACKUP:
        return "";
    }
    return "";
}

/* What is done about it, or by whom. */
static const char *next_step(enum ovnha_condition condition)
{
    switch (condition) {
    case OVNHA_COPY_FOREIGN:
        return "; end that server, then clean up this failure";
    case OVNHA_COPY_UNKNOWN:
        return "; nothing is done to it until it can be";
    case OVNHA_COPY_STOPPED:
    case OVNHA_COPY_PARTIAL:
        return "; ovsdb-server's log says why";
    case OVNHA_COPY_SELF_PROMOTED:
        return "; what it wrote is set aside when it follows again";
    case OVNHA_COPY_SILENT:
    case OVNHA_COPY_MIXED:
    case OVNHA_COPY_ACTIVE:
    case OVNHA_COPY_BACKUP:
        return "";
    }
    return "";
}

void ovnha_condition_explain(const struct ovnha_facts *facts, char text[OVNHA_ERR_SIZE])
{
    const enum ovnha_condition condition = ovnha_condition(facts);

    text[0] = '\0';
    if (condition == OVNHA_COPY_ACTIVE || condition == OVNHA_COPY_BACKUP) {
        return;
    }
    append(text, "%s", whole_in_words(condition));
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        const struct ovnha_server_facts *server = &facts->server[i];

        append(text, "%s%s %s", i ? ", " : "", facts->settings.db[i].database->name,
               server_in_words(server));
        if (server->trouble[0]) {
            append(text, " (%s)", server->trouble);
        }
    }
    append(text, "%s", next_step(condition));
}

void ovnha_condition_unfit(const struct ovnha_facts *facts, char text[OVNHA_ERR_SIZE])
{
    text[0] = '\0';
    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        if (facts->server[i].unfit[0]) {
            append(text, "%s%s cannot replicate: %s", text[0] ? ", " : "",
                   facts->settings.db[i].database->name, facts->server[i].unfit);
        }
    }
}

static size_t count_stalled(const struct ovnha_facts *facts,
                            enum ovnha_stall_verdict verdict)
{
    size_t n = 0;

    for (size_t i = 0; i < facts->settings.n_dbs; i++) {
        n += facts->server[i].presence == OVNHA_PRESENCE_RUNNING &&
             !facts->server[i].answered && facts->server[i].stalled == verdict;
    }
    return n;
}

/* Whether all servers but `n_stalled` are in the role that the copy was given. */
static bool others_are_right(const struct ovnha_facts *facts, size_t n_stalled)
{
    const struct count count = count_servers(facts);

    switch (facts->memory.role) {
    case OVNHA_ROLE_ACTIVE:
        return count.active + n_stalled == facts->settings.n_dbs;
    case OVNHA_ROLE_BACKUP:
        return count.backup + n_stalled == facts->settings.n_dbs;
    case OVNHA_ROLE_UNKNOWN:
    case OVNHA_ROLE_STOPPED:
        return false;
    }
    return false;
}

bool ovnha_condition_is_busy(const struct ovnha_facts *facts)
{
    const size_t busy = count_stalled(facts, OVNHA_BUSY);

    return busy > 0 && others_are_right(facts, busy);
}

bool ovnha_condition_may_be_busy(const struct ovnha_facts *facts)
{
    const size_t stalled =
        count_stalled(facts, OVNHA_BUSY) + count_stalled(facts, OVNHA_STILL);

    return stalled > 0 && others_are_right(facts, stalled);
}

bool ovnha_condition_hangs(const struct ovnha_facts *facts)
{
    return count_stalled(facts, OVNHA_HUNG) > 0;
}

bool ovnha_condition_may_write(const struct ovnha_facts *facts)
{
    const struct count count = count_servers(facts);

    return count.active || count.mixed || count.silent || count.unknown;
}

bool ovnha_condition_active_may_write(const struct ovnha_facts *facts)
{
    return facts->memory.role == OVNHA_ROLE_ACTIVE && ovnha_condition_may_write(facts);
}
