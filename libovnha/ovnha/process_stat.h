/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_PROCESS_STAT_H
#define OVNHA_PROCESS_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ovnha/err.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the kernel says of a process: proc_pid_stat(5). */
struct ovnha_process_stat {
    char state; /* 'R', 'S', 'Z' (a zombie), ... */
    pid_t parent;
    uint64_t ticks;   /* of the processor, in user and in system mode */
    uint64_t started; /* in ticks since boot; with the pid, it names the process */
};

/* Pure: of the file's text.  The name in it is in parentheses, and may have some, and
 * blanks, of its own. */
bool ovnha_process_stat_parse(const char *text, struct ovnha_process_stat *stat);

/* Of all its threads together, or of the main one alone. */
enum ovnha_result ovnha_process_stat_read(pid_t pid, struct ovnha_process_stat *stat,
                                          struct ovnha_err *err) OVNHA_MUST_USE;
enum ovnha_result
ovnha_process_stat_read_main_thread(pid_t pid, struct ovnha_process_stat *stat,
                                    struct ovnha_err *err) OVNHA_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
