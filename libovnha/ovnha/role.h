/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ROLE_H
#define OVNHA_ROLE_H

#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pacemaker's words for roles.  Until 2.1 it had Master and Slave; since then it has
 * Promoted and Unpromoted, and understands the older ones.  A CIB, crm_mon, and what an
 * operation is told may have either. */

#define OVNHA_WORD_PROMOTED   "Promoted"
#define OVNHA_WORD_UNPROMOTED "Unpromoted"
#define OVNHA_WORD_STARTED    "Started"
#define OVNHA_WORD_STOPPED    "Stopped"
#define OVNHA_WORD_MASTER     "Master" /* of schemas before 3.7, for Promoted */

/* What the newer vocabulary has for the word, which may be of either and of any case; any
 * other word as it is. */
const char *ovnha_role_word(const char *word);

/* What that means for a copy; UNKNOWN for any other word. */
enum ovnha_role ovnha_role_parse(const char *word);

#ifdef __cplusplus
}
#endif

#endif
