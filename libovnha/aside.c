/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/aside.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ovnha/marks.h>
#include <ovnha/text.h>

static const char *const kinds[] = {
    [OVNHA_ASIDE_REPLICA] = "replica",
    [OVNHA_ASIDE_ACTIVE] = "active",
    [OVNHA_ASIDE_DOUBTED] = "doubted",
};

bool ovnha_aside_is_doubtful(const struct ovnha_facts *facts, size_t i)
{
    const struct ovnha_server_facts *server = &facts->server[i];

    return server->presence == OVNHA_PRESENCE_FOREIGN ||
           (server->answered && server->sync.state != OVNHA_SYNC_BACKUP &&
            facts->memory.role != OVNHA_ROLE_ACTIVE);
}

/* A server that lost its session attaches again by itself, and nobody could set its copy
 * aside then: without a record, telling it to do so is no different. */
bool ovnha_aside_is_needed(const struct ovnha_aside_facts *facts,
                           enum ovnha_aside_kind *kind)
{
    const bool marked = facts->guarded && facts->generation[0];

    *kind = OVNHA_ASIDE_DOUBTED;
    if (facts->populated == OVNHA_NO && !facts->generation[0]) {
        return false;
    }
    if (!facts->guarded && !facts->doubted && facts->same_source) {
        return false;
    }
    if (marked && !facts->doubted) {
        *kind = facts->opened_here ? OVNHA_ASIDE_ACTIVE : OVNHA_ASIDE_REPLICA;
    }
    return true;
}

/* A replica holds a part of what its generation's active wrote, from the beginning on.
 * That same active, still serving, has all of it. */
bool ovnha_aside_is_contained(const struct ovnha_aside_mark *mark, const char *generation,
                              const char *complete)
{
    switch (mark->kind) {
    case OVNHA_ASIDE_DOUBTED:
        return false;
    case OVNHA_ASIDE_ACTIVE:
        return ovnha_marks_complete_has(complete, mark->generation);
    case OVNHA_ASIDE_REPLICA:
        return (mark->generation[0] && strcmp(mark->generation, generation) == 0) ||
               ovnha_marks_complete_has(complete, mark->generation);
    }
    return false;
}

/*
 * Names.
 */

void ovnha_aside_mark_format(const struct ovnha_aside_mark *mark,
                             char name[OVNHA_ASIDE_NAME_SIZE])
{
    snprintf(name, OVNHA_ASIDE_NAME_SIZE, "ovnha-aside.%s.%s.%s.%" PRIu64 ".%s", mark->db,
             mark->generation[0] ? mark->generation : "none", mark->time, mark->size,
             kinds[mark->kind]);
}

static bool kind_of(const char *text, enum ovnha_aside_kind *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(text, kinds[i]) == 0) {
            *kind = (enum ovnha_aside_kind)i;
            return true;
        }
    }
    return false;
}

bool ovnha_aside_mark_parse(const char *name, struct ovnha_aside_mark *mark)
{
    char kind[16];
    int end = 0;

    memset(mark, 0, sizeof *mark);
    if (sscanf(name, "ovnha-aside.%15[^.].%36[^.].%16[^.].%" SCNu64 ".%15[a-z]%n",
               mark->db, mark->generation, mark->time, &mark->size, kind, &end) != 5 ||
        name[end] || !kind_of(kind, &mark->kind)) {
        return false;
    }
    if (strcmp(mark->generation, "none") == 0) {
        mark->generation[0] = '\0';
    }
    return true;
}

void ovnha_aside_copy_name(const struct ovnha_aside_mark *mark,
                           char name[OVNHA_ASIDE_NAME_SIZE])
{
    snprintf(name, OVNHA_ASIDE_NAME_SIZE, "%s-%.8s-%s", mark->db,
             mark->generation[0] ? mark->generation : "none", mark->time);
}
