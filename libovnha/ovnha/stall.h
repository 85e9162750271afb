/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_STALL_H
#define OVNHA_STALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ovnha/deadline.h>
#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Busy and hung are two things.
 *
 * ovsdb-server has one thread for all that it does: while it loads a large database,
 * commits a large transaction, or sends all of it to a replica, it answers nobody for
 * seconds; its processor time goes on meanwhile.  One that answers nobody and whose
 * processor time stands still does nothing: it was stopped, waits for a disk that is
 * gone, or for itself.  Whether it is dead is another question (daemon.h). */

/* Standing still for so long is to be hung: longer than a disk takes that is slow, or a
 * host that is overloaded. */
#define OVNHA_HUNG_MS 10000

/* Nor is it waited for longer than this, whatever it does: 1 GB loads in less. */
#define OVNHA_BUSY_MAX_MS 120000

enum ovnha_stall_verdict {
    OVNHA_NOT_STALLED, /* it answers, or is not there */
    OVNHA_STILL,       /* it has done nothing since it does not answer; not for long */
    OVNHA_BUSY,        /* its time goes on, or did a while ago */
    OVNHA_HUNG,
};

const char *ovnha_stall_verdict_to_str(enum ovnha_stall_verdict verdict);

/* What is known of one server from look to look; zeroed: nothing. */
struct ovnha_stall {
    pid_t pid; /* 0: it is not silent */
    uint64_t cpu;
    ovnha_msec silent_since, moved_at;
};

/* The processor time that a process has used, in ticks, of its first thread.  Ticks, and
 * nothing finer: one that merely wakes up now and then does nothing. */
enum ovnha_result ovnha_stall_cpu_time(pid_t pid, uint64_t *ticks,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* `pid` does not answer (0: it answers, or does not run), and has used `cpu`. */
enum ovnha_stall_verdict ovnha_stall_step(struct ovnha_stall *stall, pid_t pid,
                                          uint64_t cpu, ovnha_msec now);

/* The same silence goes on that began in `before`, if that is of the same process. */
enum ovnha_stall_verdict ovnha_stall_resume(struct ovnha_stall *stall,
                                            const struct ovnha_stall *before,
                                            ovnha_msec now);

#ifdef __cplusplus
}
#endif

#endif
