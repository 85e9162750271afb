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
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "database_file.h"
#include "file_notes.h"

#define INTERVAL_MS 1000

/* What the child tells us, in memory that both see: a reader never waits for it. */
struct told {
    _Atomic uint64_t length;
    _Atomic unsigned times;
    _Atomic int errnum;
    _Atomic bool unnoted;
    _Atomic bool replaced;
};

/* What the child knows of a file. */
struct kept {
    struct stat synced; /* the file as it was synced */
    bool followed;      /* `file` goes on from what was noted */
    bool replaced;
    struct ovnha_database_file file;
};

struct ovnha_file_sync {
    struct ovnha_child child;
    struct told *told;
    int (*sync)(int fd);
    size_t n;
    char *name[OVNHA_DB_MAX];
    char *path[OVNHA_DB_MAX];
    char *notes;

    /* The child's. */
    struct kept kept[OVNHA_DB_MAX];
    struct ovnha_file_note note[OVNHA_DB_MAX];
    bool to_note;
};

static bool is_new(const struct stat *now, const struct stat *synced)
{
    return now->st_dev != synced->st_dev || now->st_ino != synced->st_ino ||
           now->st_size != synced->st_size ||
           now->st_mtim.tv_sec != synced->st_mtim.tv_sec ||
           now->st_mtim.tv_nsec != synced->st_mtim.tv_nsec;
}

/*
 * What is noted.
 */

static int64_t wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What is put in the place of a file that was followed until now is new. */
static enum ovnha_continuity compare(const struct ovnha_file_sync *files, size_t i,
                                     struct ovnha_database_file *file)
{
    file->look.watched_at = files->kept[i].followed ? wall_clock() : 0;
    return ovnha_continuity(&files->note[i], &file->look);
}

/* One that was replaced stays so: what is appended to it now says nothing about it.  One
 * that has no records is just being made. */
static void follow(struct ovnha_file_sync *files, size_t i, int fd, off_t size)
{
    struct kept *kept = &files->kept[i];
    struct ovnha_database_file file = kept->file;

    if (kept->replaced) {
        return;
    }
    if (!kept->followed || !ovnha_database_file_read_on(fd, size, &file)) {
        if (ovnha_database_file_read(fd, size, files->note[i].last, &file, NULL) !=
            OVNHA_OK) {
            return;
        }
        kept->replaced = compare(files, i, &file) == OVNHA_FILE_REPLACED;
        atomic_store(&files->told[i].replaced, kept->replaced);
    }
    if (!kept->replaced) {
        kept->file = file;
        kept->followed = true;
        files->note[i] = ovnha_database_file_note(&file);
        files->to_note = true;
    }
}

/* A note that cannot be read is not written over, and none of these is theirs. */
static void read_notes(struct ovnha_file_sync *files)
{
    const bool ok = ovnha_file_notes_read(files->notes, (const char *const *)files->name,
                                          files->note, files->n, NULL) == OVNHA_OK;

    for (size_t i = 0; i < files->n; i++) {
        files->kept[i].replaced = !ok;
        atomic_store(&files->told[i].replaced, !ok);
    }
}

static void write_notes(struct ovnha_file_sync *files)
{
    struct ovnha_file_note fresh[OVNHA_DB_MAX] = {{.date = 0}};

    if (!files->to_note) {
        return;
    }
    for (size_t i = 0; i < files->n; i++) {
        if (files->kept[i].followed && !files->kept[i].replaced) {
            fresh[i] = files->note[i];
        }
    }
    files->to_note =
        ovnha_file_notes_write(files->notes, (const char *const *)files->name, fresh,
                               files->n, NULL) != OVNHA_OK;
    for (size_t i = 0; i < files->n; i++) {
        atomic_store(&files->told[i].unnoted, files->to_note);
    }
}

/*
 * What is synced.
 */

/* What is on disk afterwards is at least what was there before the call. */
static void sync_if_new(struct ovnha_file_sync *files, size_t i)
{
    const int fd = open(files->path[i], O_RDONLY | O_CLOEXEC);
    struct kept *kept = &files->kept[i];
    struct stat now;

    if (fd < 0) {
        return;
    }
    if (fstat(fd, &now) == 0 && is_new(&now, &kept->synced)) {
        const int errnum = files->sync(fd) == 0 ? 0 : errno;

        atomic_store(&files->told[i].errnum, errnum);
        if (errnum == 0) {
            kept->synced = now;
            atomic_fetch_add(&files->told[i].times, 1);
            follow(files, i, fd, now.st_size);
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

    read_notes(files);
    while (!last) {
        last = poll(&parent, 1, INTERVAL_MS) > 0;
        for (size_t i = 0; i < files->n; i++) {
            sync_if_new(files, i);
        }
        write_notes(files);
        for (size_t i = 0; i < files->n; i++) {
            atomic_store(&files->told[i].length, (uint64_t)files->kept[i].synced.st_size);
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

static struct ovnha_file_sync *allocate(const struct ovnha_files *places,
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
    files->notes = strdup(places->notes);
    bool ok = files->told != MAP_FAILED && files->notes;

    for (size_t i = 0; i < places->n; i++) {
        files->n++;
        files->name[i] = strdup(places->name[i]);
        files->path[i] = strdup(places->path[i]);
        ok = ok && files->name[i] && files->path[i];
    }
    if (!ok) {
        ovnha_file_sync_stop(files);
        return NULL;
    }
    return files;
}

enum ovnha_result ovnha_file_sync_start(const struct ovnha_files *files,
                                        int (*sync)(int fd),
                                        struct ovnha_file_sync **started,
                                        struct ovnha_err *err)
{
    *started = allocate(files, sync);
    if (!*started) {
        return ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");
    }
    const enum ovnha_result result = ovnha_file_sync_revive(*started, err);

    if (result != OVNHA_OK) {
        ovnha_file_sync_stop(*started);
        *started = NULL;
    }
    return result;
}

struct ovnha_file_synced ovnha_file_sync_look(const struct ovnha_file_sync *files,
                                              size_t i)
{
    const struct told *told = &files->told[i];

    return (struct ovnha_file_synced){.length = atomic_load(&told->length),
                                      .times = atomic_load(&told->times),
                                      .errnum = atomic_load(&told->errnum),
                                      .unnoted = atomic_load(&told->unnoted),
                                      .replaced = atomic_load(&told->replaced)};
}

void ovnha_file_sync_stop(struct ovnha_file_sync *files)
{
    if (!files) {
        return;
    }
    ovnha_child_release(&files->child);
    for (size_t i = 0; i < files->n; i++) {
        free(files->name[i]);
        free(files->path[i]);
    }
    free(files->notes);
    if (files->told != MAP_FAILED) {
        munmap(files->told, OVNHA_DB_MAX * sizeof *files->told);
    }
    free(files);
}
