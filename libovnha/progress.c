/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/progress.h>

#include <string.h>

void ovnha_progress_begin(struct ovnha_progress *progress, ovnha_msec now)
{
    memset(progress, 0, sizeof *progress);
    progress->looked_at = now;
}

/* A source that does not know the stream any more sends nothing, whatever the replica
 * still waits for.  What a silent one holds back nobody has been acknowledged. */
static bool keeps_up(const struct ovnha_progress *progress,
                     const struct ovnha_progress_look *look)
{
    return look->found && (!look->backlogged || look->silent) &&
           look->read >= progress->mark;
}

void ovnha_progress_step(struct ovnha_progress *progress,
                         const struct ovnha_progress_look *look, ovnha_msec now)
{
    const ovnha_msec passed = now - progress->looked_at;

    progress->looked_at = now;
    if (!look->found && (!progress->tracked || look->silent)) {
        return;
    }
    progress->tracked = true;
    if (keeps_up(progress, look)) {
        progress->mark = look->sent;
        progress->late = 0;
    } else {
        progress->late +=
            passed < OVNHA_PROGRESS_PAUSE_MS ? passed : OVNHA_PROGRESS_PAUSE_MS;
    }
}

bool ovnha_progress_is_late(const struct ovnha_progress *progress)
{
    return progress->late >= OVNHA_PROGRESS_LIMIT_MS;
}
