/* SPDX-License-Identifier: Apache-2.0 */

/* sync_marks - what a sandbox host has synced to disk, for power cuts that lose the rest.
 *
 * Loaded into every process of a host (/etc/ld.so.preload).  After a successful
 * fsync() or fdatasync() the file's length of before the call is noted in the file
 * itself, as the extended attribute SYNCED_LENGTH; cut_unsynced reads it.  Whoever
 * syncs a file syncs what others wrote to it: the note belongs to the file, goes with
 * it through a rename, and a new file has none.
 *
 * sync_file_range() notes nothing, since it promises nothing: it syncs no length. */

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sync_marks.h"

typedef int sync_function(int fd);

static sync_function *find(const char *name)
{
    union {
        void *object;
        sync_function *function;
    } symbol = {.object = dlsym(RTLD_NEXT, name)};

    return symbol.function;
}

/* A file system without such attributes, or a file of someone else: not noted, so not
 * taken for synced. */
static void note(int fd, off_t length)
{
    const int errnum = errno;
    char text[32];
    const int n = snprintf(text, sizeof text, "%lld", (long long)length);

    (void)fsetxattr(fd, SYNCED_LENGTH, text, (size_t)n, 0);
    errno = errnum;
}

static int sync_and_note(const char *name, int fd)
{
    sync_function *real = find(name);
    struct stat before;
    int rc;

    if (!real) {
        errno = ENOSYS;
        return -1;
    }
    if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode)) {
        return real(fd);
    }
    rc = real(fd);
    if (rc == 0) {
        note(fd, before.st_size);
    }
    return rc;
}

int fsync(int fd)
{
    return sync_and_note("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_and_note("fdatasync", fd);
}
