/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_RESIDENT_TASK_H
#define OVNHA_AGENT_RESIDENT_TASK_H

#include <sys/types.h>

struct resident;

/* `ovnha-helper TASK MS` (helper_main.c) as a child, for what takes longer than this loop
 * may stand still; `niceness` as of nice(2).  Its pid, which the caller waits for, or 0:
 * it cannot be started, which was logged. */
pid_t ovnha_resident_start_task(const struct resident *r, const char *task, int ms,
                                int niceness);

#endif
