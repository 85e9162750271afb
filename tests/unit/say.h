/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TESTS_SAY_H
#define OVNHA_TESTS_SAY_H

#include "tests/policy/facts_text.h"

/* For tests of what only looks at facts: say them in the words of the policy
 * cases (tests/policy/README.md).  After the headers that cmocka.h needs. */

static inline void say(struct ovnha_facts *facts, const char *line)
{
    char copy[512], complaint[OVNHA_ERR_SIZE];

    snprintf(copy, sizeof copy, "%s", line);
    if (!facts_text_take(facts, copy, complaint)) {
        fail_msg("%s: %s", line, complaint);
    }
}

#endif
