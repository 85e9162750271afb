/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/role.h>

#include <strings.h>

static const struct role {
    const char *word, *newer;
    enum ovnha_role role;
} roles[] = {
    {OVNHA_WORD_PROMOTED, OVNHA_WORD_PROMOTED, OVNHA_ROLE_ACTIVE},
    {OVNHA_WORD_MASTER, OVNHA_WORD_PROMOTED, OVNHA_ROLE_ACTIVE},
    {OVNHA_WORD_UNPROMOTED, OVNHA_WORD_UNPROMOTED, OVNHA_ROLE_BACKUP},
    {"Slave", OVNHA_WORD_UNPROMOTED, OVNHA_ROLE_BACKUP},
    {OVNHA_WORD_STARTED, OVNHA_WORD_STARTED, OVNHA_ROLE_BACKUP},
    {OVNHA_WORD_STOPPED, OVNHA_WORD_STOPPED, OVNHA_ROLE_STOPPED},
};

static const struct role *find(const char *word)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcasecmp(word, roles[i].word) == 0) {
            return &roles[i];
        }
    }
    return NULL;
}

const char *ovnha_role_word(const char *word)
{
    const struct role *found = find(word);

    return found ? found->newer : word;
}

enum ovnha_role ovnha_role_parse(const char *word)
{
    const struct role *found = find(word);

    return found ? found->role : OVNHA_ROLE_UNKNOWN;
}
