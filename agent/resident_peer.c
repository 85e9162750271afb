/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_peer.h"

#include <string.h>

#include "resident_state.h"

struct resident_peer *ovnha_resident_peer(const struct resident *r, const char *node)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (strcmp(r->peer[i].state.node, node) == 0) {
            return (struct resident_peer *)&r->peer[i];
        }
    }
    return NULL;
}

const struct resident_peer *ovnha_resident_serving_peer(const struct resident *r)
{
    for (size_t i = 0; i < r->n_peers; i++) {
        if (r->peer[i].state.present && r->peer[i].beat.serves) {
            return &r->peer[i];
        }
    }
    return NULL;
}
