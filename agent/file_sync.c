/* SPDX-License-Identifier: Apache-2.0 */
#include "file_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovnha/database.h>

#include "child.h"

#define INTERVAL_MS 1000

/* What the child tells us, in memory that both see: a reader never waits for it. */
struct told {
    _Atomic uint64_t length;
    _Atomic unsigned times;
    _Atomic int errnum;
};

struct ovnha_file_sync {
    struct ovnha_child child;
    struct told *told;
    int (*sync)(int fd);
    size_t n;
    char *path[OVNHA_DB_MAX];
    struct stat synced[OVNHA_DB_MAX]; /* the child's: the file as it was synced */
};

static bool is_new(const struct stat *now, const struct stat *synced)
{
    return now->st_dev != synced->st_dev || now->st_ino != synced->st_ino ||
           now->st_size != synced->st_size ||
           now->st_mtim.tv_sec != synced->st_mtim.tv_sec ||
           now->st_mtim.tv_nsec != synced->st_mtim.tv_nsec;
}

/* What is on disk afterwards is at least what was there before the call. */
static void sync_if_new(struct ovnha_file_sync *files, size_t i)
{
    const int fd = open(files->path[i], O_RDONLY | O_CLOEXEC);
    struct told *told = &files->told[i];
    struct stat now;

    if (fd < 0) {
        return;
    }
    if (fstat(fd, &now) == 0 && is_new(&now, &files->synced[i])) {
        const int errnum = files->sync(fd) == 0 ? 0 : errno;

        atomic_store(&told->errnum, errnum);
        if (errnum == 0) {
            files->synced[i] = now;
            atomic_store(&told->length, (uint64_t)now.st_size);
            atomic_fetch_add(&told->times, 1);
        }
    }
    close(fd);
}

/* Until nobody holds the other end any more, and then once more. */
static void sync_for_ever(int fd, void *aux)
{
    struct pollfd parent = {.fd = fd, .events = POLLIN};
    struct ovnha_file_sync *files = aux;
    bool last = false;

    while (!last) {
        last = poll(&parent, 1, INTERVAL_MS) > 0;
        for (size_t i = 0; i < files->n; i++) {
            sync_if_new(files, i);
        }
    }
}

enum ovnha_result ovnha_file_sync_revive(struct ovnha_file_sync *files,
                                         struct ovnha_err *err)
{
    if (ovnha_child_runs(&files->child)) {
        return OVNHA_OK;
    }
    ovnha_child_release(&files->child);
    return ovnha_child_start(&files->child, "ovnha-sync", sync_for_ever, files, err);
}

static struct ovnha_file_sync *allocate(const char *const *paths, size_t n,
                                        int (*sync)(int fd))
{
    struct ovnha_file_sync *files = calloc(1, sizeof *files);

    if (!files) {
        return NULL;
    }
    files->child.fd = -1;
    files->sync = sync;
    files->told = mmap(NULL, OVNHA_DB_MAX * sizeof *files->told, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool ok = files->told != MAP_FAILED;

    for (size_t i = 0; i < n; i++) {
        files->path[files->n++] = strdup(paths[i]);
        ok = ok && files->path[i];
    }
    if (!ok) {
        ovnha_file_sync_stop(files);
        return NULL;
    }
    return files;
}

enum ovnha_result ovnha_file_sync_start(const char *const *paths, size_t n,
                                        int (*sync)(int fd),
                                        struct ovnha_file_sync **files,
                                        struct ovnha_err *err)
{
    *files = allocate(paths, n, sync);
    if (!*files) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    const enum ovnha_result result = ovnha_file_sync_revive(*files, err);

    if (result != OVNHA_OK) {
        ovnha_file_sync_stop(*files);
        *files = NULL;
    }
    return result;
}

struct ovnha_file_synced ovnha_file_sync_look(const struct ovnha_file_sync *files,
                                              size_t i)
{
    const struct told *told = &files->told[i];

    return (struct ovnha_file_synced){.length = atomic_load(&told->length),
                                      .times = atomic_load(&told->times),
                                      .errnum = atomic_load(&told->errnum)};
}

void ovnha_file_sync_stop(struct ovnha_file_sync *files)
{
    if (!files) {
        return;
    }
    ovnha_child_release(&files->child);
    for (size_t i = 0; i < files->n; i++) {
        free(files->path[i]);
    }
    if (files->told != MAP_FAILED) {
        munmap(files->told, OVNHA_DB_MAX * sizeof *files->told);
    }
    free(files);
}
