/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/continuity.h>

#include <string.h>

/* Of a file that is watched neither what an earlier clock said counts, nor how a server
 * that we do not know words it. */
static bool appeared_just_now(const struct ovnha_file_look *look)
{
    const int64_t age = look->watched_at - look->first_date;

    return look->watched_at && age <= OVNHA_CONTINUITY_FRESH_MS &&
           age >= -OVNHA_CONTINUITY_FRESH_MS;
}

enum ovnha_continuity ovnha_continuity(const struct ovnha_file_note *note,
                                       const struct ovnha_file_look *look)
{
    if (!note->last[0]) {
        return OVNHA_FILE_UNKNOWN;
    }
    if (look->has_last) {
        return OVNHA_FILE_CONTINUES;
    }
    /* Not compacted since: it is the same file, of an earlier time. */
    if (!look->first[0] || strcmp(look->first, note->first) == 0) {
        return OVNHA_FILE_REPLACED;
    }
    if (appeared_just_now(look) ||
        (look->first_is_servers && look->first_date >= note->date)) {
        return OVNHA_FILE_REWRITTEN;
    }
    return OVNHA_FILE_REPLACED;
}
