/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/unix_connect.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What is too deep for sun_path is reached through /proc/self/fd/N/NAME, N being its open
 * directory: *dir, for the caller to close, or -1. */
static int make_address(const char *path, struct sockaddr_un *address, int *dir)
{
    const char *slash = strrchr(path, '/');
    char folder[4096];
    int wanted;

    *dir = -1;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (path[0] == '\0') {
        errno = ENOENT; /* the kernel would take it for an abstract name */
        return -1;
    }
    if (strlen(path) < sizeof address->sun_path) {
        memcpy(address->sun_path, path, strlen(path) + 1);
        return 0;
    }
    wanted =
        slash ? snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path) : -1;
    if (wanted < 0 || (size_t)wanted >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    *dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir < 0) {
        return -1;
    }
    wanted = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s",
                      *dir, slash + 1);
    if (wanted < 0 || (size_t)wanted >= sizeof address->sun_path) {
        close(*dir);
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

int ovnha_unix_connect(int fd, const char *path)
{
    struct sockaddr_un address;
    int dir;

    if (make_address(path, &address, &dir) < 0) {
        return -1;
    }
    const int rc = connect(fd, (const struct sockaddr *)&address, sizeof address);
    const int errnum = errno;

    if (dir >= 0) {
        close(dir);
    }
    errno = errnum;
    return rc;
}
