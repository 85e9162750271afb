/* SPDX-License-Identifier: Apache-2.0 */
#include "record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovnha/text.h>

#define RECORD_TEXT_MAX 65536

enum ovnha_result ovnha_record_file_read(const char *path, struct ovnha_record *record,
                                         struct ovnha_err *err)
{
    char text[RECORD_TEXT_MAX];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size;

    memset(record, 0, sizeof *record);
    if (fd < 0) {
        return errno == ENOENT ? OVNHA_OK
                               : ovnha_fail_errno(err, errno, "cannot read %s", path);
    }
    size = read(fd, text, sizeof text - 1);
    const int errnum = errno;
    close(fd);
    if (size < 0) {
        return ovnha_fail_errno(err, errnum, "cannot read %s", path);
    }
    text[size] = '\0';
    const enum ovnha_result result = ovnha_record_parse(text, record, err);

    if (result != OVNHA_OK) {
        memset(record, 0, sizeof *record);
        ovnha_err_wrap(err, "%s", path);
    }
    return result;
}

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        const ssize_t n = write(fd, text, left);

        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n > 0) {
            text += n;
            left -= (size_t)n;
        }
    }
    return true;
}

static bool write_synced(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok;

    if (fd < 0) {
        return false;
    }
    ok = write_all(fd, text) && fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

static bool make_directories(char *path)
{
    for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST) {
            return false;
        }
        *p = '/';
    }
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

/* The directory of an absolute path, made if it is missing; -1 with errno. */
static int open_directory(const char *path)
{
    char directory[PATH_MAX];

    ovnha_text_copy(directory, sizeof directory, path);
    *strrchr(directory, '/') = '\0';
    return make_directories(directory)
               ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
               : -1;
}

enum ovnha_result ovnha_text_file_read(const char *path, char *text, size_t size,
                                       struct ovnha_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    const int errnum = errno;

    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return n >= 0 || errnum == ENOENT
               ? OVNHA_OK
               : ovnha_fail_errno(err, errnum, "cannot read %s", path);
}

enum ovnha_result ovnha_durable_write(const char *path, const char *text,
                                      struct ovnha_err *err)
{
    char fresh[PATH_MAX];
    const int directory = open_directory(path);
    bool ok = directory >= 0;

    snprintf(fresh, sizeof fresh, "%s.new", path);
    ok = ok && write_synced(fresh, text) && rename(fresh, path) == 0 &&
         fsync(directory) == 0;
    const int errnum = errno;

    if (!ok) {
        unlink(fresh); /* what is half written takes room on a full disk */
    }
    if (directory >= 0) {
        close(directory);
    }
    return ok ? OVNHA_OK : ovnha_fail_errno(err, errnum, "cannot write %s", path);
}

enum ovnha_result ovnha_record_file_write(const char *path,
                                          const struct ovnha_record *record,
                                          struct ovnha_err *err)
{
    char *text = ovnha_record_format(record);
    const enum ovnha_result result =
        text ? ovnha_durable_write(path, text, err)
             : ovnha_fail(err, OVNHA_ERR_SYSTEM, "out of memory");

    free(text);
    return result;
}
