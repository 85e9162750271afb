/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CONDITION_H
#define OVNHA_CONDITION_H

#include <ovnha/facts.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the copy on this node is, taking all its servers together.  The order is
 * that of doubt: the first that fits is the answer. */
enum ovnha_condition {
    OVNHA_COPY_UNKNOWN,       /* could not look at a server */
    OVNHA_COPY_FOREIGN,       /* a database file is held by a server that is not ours */
    OVNHA_COPY_STOPPED,       /* no server runs, for sure */
    OVNHA_COPY_SILENT,        /* a server runs and does not answer */
    OVNHA_COPY_PARTIAL,       /* some run and some do not */
    OVNHA_COPY_MIXED,         /* all run, some active and some backup */
    OVNHA_COPY_SELF_PROMOTED, /* active, but nobody here made it so */
    OVNHA_COPY_ACTIVE,
    OVNHA_COPY_BACKUP,
};

enum ovnha_condition ovnha_condition(const struct ovnha_facts *facts);
const char *ovnha_condition_to_str(enum ovnha_condition condition);

/* One sentence that names the servers and what is wrong with each; "" for
 * ACTIVE and BACKUP. */
void ovnha_condition_explain(const struct ovnha_facts *facts, char text[OVNHA_ERR_SIZE]);

/* One sentence on the databases that cannot be replicated from where they should be,
 * because of their schemas; "" when there are none. */
void ovnha_condition_unfit(const struct ovnha_facts *facts, char text[OVNHA_ERR_SIZE]);

/* Whether all that is wrong is that a server is busy: it does not answer, but will; or
 * that this cannot be told yet. */
bool ovnha_condition_is_busy(const struct ovnha_facts *facts);
bool ovnha_condition_may_be_busy(const struct ovnha_facts *facts);

/* Whether some server hangs. */
bool ovnha_condition_hangs(const struct ovnha_facts *facts);

/* Whether any server might accept writes: it is active, or will not say. */
bool ovnha_condition_may_write(const struct ovnha_facts *facts);
/* The same of a copy that was promoted: it may acknowledge what it takes. */
bool ovnha_condition_active_may_write(const struct ovnha_facts *facts);

#ifdef __cplusplus
}
#endif

#endif
