/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_MARKS_H
#define SYNC_MARKS_H

/* How much of a file was synced when it last was: bytes, as decimal text. */
#define SYNCED_LENGTH "user.ovnha-synced"

#endif
