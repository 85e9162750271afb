/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_POLICY_FACTS_TEXT_H
#define TESTS_POLICY_FACTS_TEXT_H

#include <ovnha/facts.h>

/* Facts as an operator would say them, one line each; tests/policy/README.md is
 * the language.  Lines add up: a later one changes only what it names. */

/* Where every case starts: three nodes, both databases stopped, nothing
 * remembered, a cluster that does not answer. */
void facts_text_init(struct ovnha_facts *facts);

/* Whether `line` starts with the name of a fact ("server nb:"). */
bool facts_text_is(const char *line);

/* Take one line, which is cut to pieces.  False, and why in `complaint`. */
bool facts_text_take(struct ovnha_facts *facts, char *line,
                     char complaint[OVNHA_ERR_SIZE]);

/* The words after "action:". */
bool facts_text_take_action(struct ovnha_facts *facts, char *words,
                            char complaint[OVNHA_ERR_SIZE]);

#endif
