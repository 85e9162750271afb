/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/announcement.h>

#include <string.h>

#include <ovnha/text.h>

bool ovnha_announcement_is_due(struct ovnha_announcement *announcement, const char *value,
                               bool calm, ovnha_msec now)
{
    if (!calm || strcmp(announcement->wanted, value) != 0) {
        ovnha_text_copy(announcement->wanted, sizeof announcement->wanted, value);
        announcement->since = now;
    }
    return (!announcement->known || strcmp(announcement->published, value) != 0) &&
           ovnha_deadline_passed(announcement->since + OVNHA_ANNOUNCEMENT_STEADY_MS, now);
}

void ovnha_announcement_begin(struct ovnha_announcement *announcement)
{
    announcement->known = false;
    ovnha_text_copy(announcement->published, sizeof announcement->published,
                    announcement->wanted);
}

void ovnha_announcement_end(struct ovnha_announcement *announcement, bool known,
                            ovnha_msec now)
{
    announcement->known = known;
    announcement->since = now;
}
