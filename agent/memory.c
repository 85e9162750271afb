/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/text.h>

/* Raised when the meaning of a field changes; another version's file is no memory. */
#define MEMORY_FORMAT 1

static void forget(struct ovnha_memory *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->probe_ms = -1;
}

static enum ovnha_role role_of(const char *text)
{
    static const enum ovnha_role roles[] = {OVNHA_ROLE_STOPPED, OVNHA_ROLE_BACKUP,
                                            OVNHA_ROLE_ACTIVE};

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(text, ovnha_role_to_str(roles[i])) == 0) {
            return roles[i];
        }
    }
    return OVNHA_ROLE_UNKNOWN;
}

static enum ovnha_tristate tristate_of(const char *text)
{
    if (strcmp(text, ovnha_tristate_to_str(OVNHA_YES)) == 0) {
        return OVNHA_YES;
    }
    return strcmp(text, ovnha_tristate_to_str(OVNHA_NO)) == 0 ? OVNHA_NO : OVNHA_UNKNOWN;
}

static void read_remotes(const struct ovnha_settings *settings, json_t *remotes,
                         struct ovnha_memory *memory)
{
    for (size_t i = 0; i < settings->n_dbs; i++) {
        json_t *remote = json_object_get(remotes, settings->db[i].database->name);

        if (json_is_string(remote)) {
            ovnha_text_copy(memory->remote[i], OVNHA_METHOD_SIZE,
                            json_string_value(remote));
        }
    }
}

/* As of clocks that begin with the host; so does this file. */
static void read_stalls(const struct ovnha_settings *settings, const json_t *stalls,
                        struct ovnha_memory *memory)
{
    for (size_t i = 0; i < settings->n_dbs; i++) {
        json_t *one = json_object_get(stalls, settings->db[i].database->name);
        json_int_t cpu, silent_since, moved_at;
        int pid;

        if (json_unpack(one, "[i,I,I,I]", &pid, &cpu, &silent_since, &moved_at) == 0) {
            memory->stall[i] = (struct ovnha_stall){.pid = pid,
                                                    .cpu = (uint64_t)cpu,
                                                    .silent_since = silent_since,
                                                    .moved_at = moved_at};
        }
    }
}

static void read_memory(const struct ovnha_settings *settings, json_t *json,
                        struct ovnha_memory *memory)
{
    const char *role, *promoted, *guarded = "";
    int format, aside_full = 0, northd = 0, northd_paused = 0;
    json_t *remotes, *score = NULL;

    if (json_unpack(json, "{s:i,s:s,s?s,s:s,s:i,s?b,s:o,s?o,s?i,s?b}", "format", &format,
                    "role", &role, "guarded", &guarded, "promoted", &promoted, "probe_ms",
                    &memory->probe_ms, "northd", &northd, "remotes", &remotes, "score",
                    &score, "aside_full", &aside_full, "northd_paused",
                    &northd_paused) != 0 ||
        format != MEMORY_FORMAT) {
        forget(memory);
        return;
    }
    memory->guarded = tristate_of(guarded);
    memory->aside_full = (unsigned)aside_full;
    memory->role = role_of(role);
    memory->northd = northd;
    memory->northd_paused = northd_paused;
    ovnha_text_copy(memory->promoted, OVNHA_NODE_SIZE, promoted);
    memory->score_known = json_is_integer(score);
    memory->score = (int)json_integer_value(score);
    read_remotes(settings, remotes, memory);
    read_stalls(settings, json_object_get(json, "stalls"), memory);
}

void ovnha_memory_load(const struct ovnha_context *context, struct ovnha_memory *memory)
{
    json_t *json = json_load_file(context->paths.memory, 0, NULL);

    forget(memory);
    if (json) {
        read_memory(&context->params.settings, json, memory);
        json_decref(json);
    }
}

static json_t *stalls_to_json(const struct ovnha_settings *settings,
                              const struct ovnha_memory *memory)
{
    json_t *stalls = json_object();

    for (size_t i = 0; i < settings->n_dbs; i++) {
        const struct ovnha_stall *stall = &memory->stall[i];

        if (stall->pid) {
            json_object_set_new(
                stalls, settings->db[i].database->name,
                json_pack("[i,I,I,I]", (int)stall->pid, (json_int_t)stall->cpu,
                          (json_int_t)stall->silent_since, (json_int_t)stall->moved_at));
        }
    }
    return stalls;
}

static json_t *memory_to_json(const struct ovnha_settings *settings,
                              const struct ovnha_memory *memory)
{
    json_t *remotes = json_object();
    json_t *json;

    for (size_t i = 0; i < settings->n_dbs; i++) {
        json_object_set_new(remotes, settings->db[i].database->name,
                            json_string(memory->remote[i]));
    }
    json = json_pack("{s:i,s:s,s:s,s:s,s:i,s:b,s:b,s:o}", "format", MEMORY_FORMAT, "role",
                     ovnha_role_to_str(memory->role), "guarded",
                     ovnha_tristate_to_str(memory->guarded), "promoted", memory->promoted,
                     "probe_ms", memory->probe_ms, "northd", memory->northd,
                     "northd_paused", memory->northd_paused, "remotes", remotes);
    if (memory->aside_full) {
        json_object_set_new(json, "aside_full", json_integer(memory->aside_full));
    }
    json_object_set_new(json, "stalls", stalls_to_json(settings, memory));
    if (memory->score_known) {
        json_object_set_new(json, "score", json_integer(memory->score));
    }
    return json;
}

static enum ovnha_result make_directory(const char *path, struct ovnha_err *err)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return ovnha_fail_errno(err, errno, "cannot make directory %s", path);
    }
    return OVNHA_OK;
}

/* Under a name of its own: the agent and the resident helper may write at the same
 * time. */
static int replace_file(const char *path, const json_t *json)
{
    char fresh[OVNHA_PATH_SIZE + 8];
    int fd, errnum;
    bool ok;

    snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);
    fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    ok = json_dumpfd(json, fd, JSON_INDENT(1)) == 0 && fchmod(fd, 0644) == 0;
    ok = close(fd) == 0 && ok && rename(fresh, path) == 0;
    errnum = errno;
    if (!ok) {
        unlink(fresh);
    }
    return ok ? 0 : errnum;
}

enum ovnha_result ovnha_memory_save(const struct ovnha_context *context,
                                    const struct ovnha_memory *memory,
                                    struct ovnha_err *err)
{
    enum ovnha_result result = make_directory(context->invocation->state_dir, err);

    if (result == OVNHA_OK) {
        result = make_directory(context->paths.state_dir, err);
    }
    if (result == OVNHA_OK) {
        json_t *json = memory_to_json(&context->params.settings, memory);
        const int errnum = replace_file(context->paths.memory, json);

        json_decref(json);
        if (errnum != 0) {
            result =
                ovnha_fail_errno(err, errnum, "cannot write %s", context->paths.memory);
        }
    }
    return result;
}
