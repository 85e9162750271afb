/* SPDX-License-Identifier: Apache-2.0 */

/* cut_unsynced - what a power cut does to files that were not synced.
 *
 *   cut_unsynced [-k] DIRECTORY...
 *
 * Every file below is cut back to the length that sync_marks noted when it was last
 * synced: to nothing if it never was.  Each that loses something is a line
 * "BYTES-LOST PATH".  Lengths are all that is modelled: what was overwritten in place
 * stays, and that a file was made, renamed or removed is never forgotten.
 *
 * With -k nothing is cut; instead all is noted to be synced as it is, as it is when a
 * host boots, whoever put it there. */

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sync_marks.h"

static long long synced_length(const char *path)
{
    char text[32] = "";
    const ssize_t n = getxattr(path, SYNCED_LENGTH, text, sizeof text - 1);

    return n > 0 ? strtoll(text, NULL, 10) : 0;
}

static int keep(const char *path, const struct stat *st, int type, struct FTW *where)
{
    char text[32];
    const int n = snprintf(text, sizeof text, "%lld", (long long)st->st_size);

    (void)where;
    if (type == FTW_F && S_ISREG(st->st_mode) &&
        setxattr(path, SYNCED_LENGTH, text, (size_t)n, 0) != 0) {
        perror(path);
        return -1;
    }
    return 0;
}

static int cut(const char *path, const struct stat *st, int type, struct FTW *where)
{
    const long long length = synced_length(path);

    (void)where;
    if (type != FTW_F || !S_ISREG(st->st_mode) || st->st_size <= length) {
        return 0;
    }
    if (truncate(path, length) != 0) {
        perror(path);
        return -1;
    }
    printf("%lld %s\n", (long long)st->st_size - length, path);
    return 0;
}

int main(int argc, char *argv[])
{
    const bool keeps = argc > 1 && strcmp(argv[1], "-k") == 0;

    if (argc < 2 + keeps) {
        fputs("usage: cut_unsynced [-k] DIRECTORY...\n", stderr);
        return 2;
    }
    for (int i = 1 + keeps; i < argc; i++) {
        if (nftw(argv[i], keeps ? keep : cut, 16, FTW_PHYS) != 0) {
            perror(argv[i]);
            return 1;
        }
    }
    return 0;
}
