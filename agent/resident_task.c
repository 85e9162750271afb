/* SPDX-License-Identifier: Apache-2.0 */
/* What is done once, by a process of its own, while the helper's loop goes on. */

#include "resident_task.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qb/qblog.h>

#include "resident_state.h"

static void become_task(const char *program, const char *task, int ms, int niceness)
{
    char milliseconds[16];

    snprintf(milliseconds, sizeof milliseconds, "%d", ms);
    (void)signal(SIGPIPE, SIG_DFL); /* what is ignored stays so */
    errno = 0;                      /* -1 is a niceness, too */
    if (nice(niceness) != -1 || errno == 0) {
        execl(program, program, task, milliseconds, (char *)NULL);
    }
    _exit(EXIT_FAILURE);
}

pid_t ovnha_resident_start_task(const struct resident *r, const char *task, int ms,
                                int niceness)
{
    const char *program = r->context.invocation->helper;
    const pid_t pid = fork();

    if (pid == 0) {
        become_task(program, task, ms, niceness);
    }
    if (pid < 0) {
        qb_log(LOG_ERR, "cannot start %s %s: %s", program, task, strerror(errno));
    }
    return pid > 0 ? pid : 0;
}
