/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CLI_DOCTOR_REPORT_H
#define OVNHA_CLI_DOCTOR_REPORT_H

#include <stddef.h>

#include <ovnha/facts.h>

/* What the resident helper reports of all nodes, as far as the doctor compares it: pure.
 */

/* A node, as its helper answers to this one's; "" and -1 where it does not say. */
struct ovnha_doctor_node {
    char name[OVNHA_NODE_SIZE];
    char helper[32], server[32], northd[32]; /* versions of what runs there */
    long long time_ms;                       /* its clock's, when all were asked */
};

/* Between the first of their answers and the last. */
#define OVNHA_DOCTOR_ANSWERS_MS 1200

struct ovnha_doctor_report {
    size_t n;
    struct ovnha_doctor_node node[OVNHA_NODES_MAX]; /* this one, too */
};

/* `text`: what the helper answers to `ovnha/status`; of nobody when it makes no sense. */
void ovnha_doctor_take_report(const char *text, struct ovnha_doctor_report *report);

#endif
