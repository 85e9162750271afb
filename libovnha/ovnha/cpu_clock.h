/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_CPU_CLOCK_H
#define OVNHA_CPU_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The processor time that a process has used, all its threads together.  One whose clock
 * goes on is busy; one that says nothing while it stands still hangs. */
struct ovnha_cpu_clock {
    uint64_t started; /* in ticks since boot; with the pid, it names the process */
    uint64_t used_ms;
};

/* False when there is no such process, or it cannot be read. */
bool ovnha_cpu_clock_read(pid_t pid, struct ovnha_cpu_clock *clock);

/* Only what it has used, which costs a tenth: of a process that is known to be the same.
 */
bool ovnha_cpu_clock_used(pid_t pid, uint64_t *used_ms);

#ifdef __cplusplus
}
#endif

#endif
