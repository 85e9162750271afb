/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_steps.h"

#include <ovnha/text.h>

#include "publish.h"

enum ovnha_result ovnha_step_publish_score(struct execution *x,
                                           const struct ovnha_step *step,
                                           struct ovnha_err *err)
{
    const enum ovnha_result result =
        ovnha_publish_score(x->context, step->number, x->context->deadline, err);

    if (result == OVNHA_OK) {
        x->memory.score_known = true;
        x->memory.score = step->number;
    }
    return result;
}

enum ovnha_result ovnha_step_remember(struct execution *x, const struct ovnha_step *step,
                                      struct ovnha_err *err)
{
    (void)err;
    x->memory.role = step->role;
    ovnha_text_copy(x->memory.promoted, sizeof x->memory.promoted, step->text);
    return OVNHA_OK;
}

enum ovnha_result ovnha_step_note_stall(struct execution *x,
                                        const struct ovnha_step *step,
                                        struct ovnha_err *err)
{
    (void)step;
    (void)err;
    for (size_t i = 0; i < x->facts->settings.n_dbs; i++) {
        x->memory.stall[i] = x->facts->server[i].stall;
    }
    return OVNHA_OK;
}
