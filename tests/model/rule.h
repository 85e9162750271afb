/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TESTS_MODEL_RULE_H
#define OVNHA_TESTS_MODEL_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ovnha/candidacy.h>

/* The shipping record and rule, made small enough for millions of calls: a record is
 * a number, and what a function answered once is remembered.  Every answer comes from
 * ovnha_record_*() and ovnha_candidacy*(); nothing is decided here. */

#define HOSTS_MAX 3

typedef uint16_t record_id; /* 0: no record */

/* Generations and attachments are small numbers, 0 is none; each stands for a UUID. */
struct small_record {
    uint8_t generation, counter, revision, active; /* hosts are 1 + index */
    uint8_t in_sync, leaving;                      /* bit per host */
    uint8_t in_sync_attachment[HOSTS_MAX], leaving_attachment[HOSTS_MAX];
    uint8_t attempt, attempt_counter, attempt_host;
};

/* Forget all records, so that the numbers do not run out. */
void rule_reset(void);

const struct small_record *rule_record(record_id id);

record_id rule_attempt(record_id id, unsigned host, unsigned generation, unsigned heard);
record_id rule_open(record_id id);
record_id rule_join(record_id id, unsigned host, unsigned attachment);
record_id rule_leave(record_id id, unsigned host);
record_id rule_settle(record_id id);

int rule_compare(record_id a, record_id b);
bool rule_supersedes(record_id told, record_id own, bool served);

/* The facts of one host's judgement. */
struct rule_question {
    record_id file[HOSTS_MAX], shared;
    uint8_t n, self, quorate;
    uint8_t heard, populated, unbroken, candidates; /* bit per host */
    uint8_t lived, marker, parent, token;
};

struct rule_answer {
    record_id newest;
    uint8_t candidacy, preferred, split, counter;
};

struct rule_answer rule_judge(const struct rule_question *question);
/* One line: "g2(3).1 in sync A B:t1 leaving C"; generation, counter, revision. */
const char *rule_print(record_id id);

#endif
