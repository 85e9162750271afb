/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TESTS_FAKE_ENV_H
#define OVNHA_TESTS_FAKE_ENV_H

#include <stddef.h>
#include <string.h>

/* An environment, or a set of parameters, for getters: up to the first entry
 * without a name. */
struct fake_variable {
    const char *name;
    const char *value;
};

static inline const char *fake_get(const char *name, void *aux)
{
    for (const struct fake_variable *v = aux; v->name; v++) {
        if (!strcmp(v->name, name)) {
            return v->value;
        }
    }
    return NULL;
}

#endif
