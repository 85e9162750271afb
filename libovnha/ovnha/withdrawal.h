/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_WITHDRAWAL_H
#define OVNHA_WITHDRAWAL_H

#include <ovnha/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When a replica withdraws by itself: pure, once a beat.
 *
 * The record names a replica by its attachment.  When that has ended, the active records
 * that it left, at once.  If it does not, though its node is there and it was serving
 * when it last said anything, its helper stands still while clients write on, and the
 * replica must not be promoted by the attachment that has ended: it withdraws.
 *
 * An active that is lost is another matter: that is what the replica is for.  Beats are
 * what tells the two apart.  A beat of our own that came back through the group shows
 * that the cluster's membership stands; while a member's loss is being found out, and
 * after it, none comes back that still counts the lost one in. */

/* So many beats, one a second. */
#define OVNHA_WITHDRAWAL_BEATS 5

struct ovnha_withdrawal_facts {
    char self[OVNHA_NODE_SIZE];
    struct ovnha_record record;
    char attachment[OVNHA_UUID_SIZE]; /* the one that lasts now, or "" */
    bool active_is_member;            /* its node, not its helper */
    bool active_serves;               /* by the last that its helper said */
};

struct ovnha_withdrawal {
    char attachment[OVNHA_UUID_SIZE]; /* which has ended unrecorded; "" none */
    unsigned beats;
};

/* A beat of our own came back.  True when it is time to withdraw the attachment that the
 * record names. */
bool ovnha_withdrawal_beat(struct ovnha_withdrawal *withdrawal,
                           const struct ovnha_withdrawal_facts *facts);

#ifdef __cplusplus
}
#endif

#endif
