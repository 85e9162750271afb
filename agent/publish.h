/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_PUBLISH_H
#define OVNHA_AGENT_PUBLISH_H

#include "context.h"

/* Set the promotion score.  attrd has no public API for updates, so this runs
 * attrd_updater; the attribute's name is Pacemaker's (pcmk_promotion_score_name). */
enum ovnha_result ovnha_publish_score(const struct ovnha_context *context, int score,
                                      ovnha_msec deadline,
                                      struct ovnha_err *err) OVNHA_MUST_USE;

/* Set one of this resource's own node attributes: ovnha-RESOURCE-WHAT. */
enum ovnha_result ovnha_publish_attribute(const struct ovnha_context *context,
                                          const char *what, const char *value,
                                          ovnha_msec deadline,
                                          struct ovnha_err *err) OVNHA_MUST_USE;

#endif
