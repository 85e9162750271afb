/* SPDX-License-Identifier: Apache-2.0 */
#include "helper_lock.h"

#include <unistd.h>

#include "lock_file.h"

#define NAME "helper.lock"
#define LIFE 0 /* the byte */

enum ovnha_result ovnha_helper_lock_take(const struct ovnha_context *context, int *fd,
                                         struct ovnha_err *err)
{
    const enum ovnha_result result = ovnha_lock_file_open(context, NAME, true, fd, err);

    if (result == OVNHA_OK && !ovnha_lock_file_take(*fd, LIFE)) {
        close(*fd);
        *fd = -1;
        return ovnha_fail(err, OVNHA_ERR_CONFLICT, "another resident helper runs");
    }
    return result;
}

bool ovnha_helper_lock_is_held(const struct ovnha_context *context)
{
    int fd;

    if (ovnha_lock_file_open(context, NAME, false, &fd, NULL) != OVNHA_OK) {
        return false;
    }
    const bool is_held = ovnha_lock_file_holder(fd, LIFE) != 0;

    close(fd);
    return is_held;
}

int ovnha_helper_lock_pin(const struct ovnha_context *context, pid_t *pid)
{
    int fd;

    if (ovnha_lock_file_open(context, NAME, false, &fd, NULL) != OVNHA_OK) {
        return -1;
    }
    const int pidfd = ovnha_lock_file_pin(fd, LIFE, pid);

    close(fd);
    return pidfd;
}
