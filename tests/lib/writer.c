/* SPDX-License-Identifier: Apache-2.0 */
/* writer - a client that never stops writing, for tests of failovers.
 *
 *   writer [-n NAME] [-r RATE] [-b ROWS] [-d SECONDS] [-c COUNT] ADDRESSES PORT FILE
 *
 * It inserts rows NAME-1, NAME-2, ... into the Northbound table Address_Set, ROWS of
 * them (1, the default) in each transaction, RATE of them a second (0, the default: as
 * fast as they are acknowledged).  Every acknowledgement is a line "MONOTONIC-NS NAME"
 * in FILE, there before the next row is sent.  A row without an acknowledgement may be
 * there or not: its name is never used again.  After a failure it connects again at
 * once; no attempt to connect or to write gets more than 0.3 s.
 *
 * ADDRESSES may be several, with commas between them, as of a clustered database: after
 * each failure it goes on with the next one, and stays with it until that fails.
 *
 * The first line of FILE, "# clock MONOTONIC-NS REALTIME-NS", relates its times to
 * those of logs.  It ends on SIGTERM or SIGINT, with COUNT acknowledgements or after
 * SECONDS: 0 if anything was acknowledged, 1 if nothing was, 2 for wrong usage. */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <ovnha/deadline.h>
#include <ovnha/ovsdb.h>

#define ATTEMPT_MS 300
/* After a failure that cost no time, such as "connection refused". */
#define PAUSE_NS 5000000

/* What the server or this machine held up for so long is made up for, and no more: after
 * an outage it goes on at its rate. */
#define MADE_UP_NS 200000000

#define NS_PER_S 1000000000LL

#define ROWS_MAX    1000
#define MAX_REMOTES 8

struct writer {
    const char *name;
    long rate, rows, count;
    ovnha_msec end;
    /* Of these remotes it uses one, until that fails. */
    char methods[MAX_REMOTES][128];
    size_t remotes, remote;
    FILE *acks;
    struct ovnha_ovsdb *db;
    long tried, acknowledged;
};

static volatile sig_atomic_t stopped;

static void stop(int signum)
{
    (void)signum;
    stopped = 1;
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void sleep_until(int64_t time)
{
    const struct timespec when = {.tv_sec = time / NS_PER_S, .tv_nsec = time % NS_PER_S};

    if (!stopped) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
    }
}

static bool goes_on(const struct writer *writer)
{
    return !stopped && (!writer->count || writer->acknowledged < writer->count) &&
           !ovnha_deadline_passed(writer->end, ovnha_now());
}

/* One transaction; what it inserts is named after the rows that were tried before. */
static enum ovnha_result insert(struct writer *writer, ovnha_msec deadline,
                                struct ovnha_err *err)
{
    json_t *operations = json_array();
    json_t *results = NULL;
    enum ovnha_result result;

    for (long i = 1; i <= writer->rows; i++) {
        json_array_append_new(
            operations,
            json_pack("{ss, ss, s{so}}", "op", "insert", "table", "Address_Set", "row",
                      "name", json_sprintf("%s-%ld", writer->name, writer->tried + i)));
    }
    result = ovnha_ovsdb_transact(writer->db, "OVN_Northbound", operations, &results,
                                  deadline, err);
    json_decref(operations);
    json_decref(results);
    return result;
}

static void keep_acknowledgements(struct writer *writer)
{
    const long long now = read_clock(CLOCK_MONOTONIC);

    for (long i = 1; i <= writer->rows; i++) {
        fprintf(writer->acks, "%lld %s-%ld\n", now, writer->name, writer->tried + i);
    }
    fflush(writer->acks);
    writer->acknowledged += writer->rows;
}

static void next_remote(struct writer *writer)
{
    writer->remote = (writer->remote + 1) % writer->remotes;
}

static bool write_rows(struct writer *writer)
{
    const ovnha_msec deadline = ovnha_deadline_after(ovnha_now(), ATTEMPT_MS);
    struct ovnha_err err;
    bool done;

    if (!writer->db && ovnha_ovsdb_open(writer->methods[writer->remote], deadline,
                                        &writer->db, &err) != OVNHA_OK) {
        next_remote(writer);
        return false;
    }
    done = insert(writer, deadline, &err) == OVNHA_OK;
    if (done) {
        keep_acknowledgements(writer);
    } else {
        ovnha_ovsdb_close(writer->db);
        writer->db = NULL;
        next_remote(writer);
    }
    writer->tried += writer->rows;
    return done;
}

static void write_on(struct writer *writer)
{
    int64_t next = read_clock(CLOCK_MONOTONIC);

    while (goes_on(writer)) {
        const bool done = write_rows(writer);
        const int64_t now = read_clock(CLOCK_MONOTONIC);

        if (!done) {
            next = now + PAUSE_NS;
        } else if (writer->rate) {
            next += NS_PER_S * writer->rows / writer->rate;
            next = next < now - MADE_UP_NS ? now : next;
        } else {
            continue;
        }
        sleep_until(next);
    }
}

static int usage(void)
{
    fputs("usage: writer [-n NAME] [-r RATE] [-b ROWS] [-d SECONDS] [-c COUNT] "
          "ADDRESS[,ADDRESS...] PORT FILE\n",
          stderr);
    return 2;
}

static bool read_number(const char *text, long *number)
{
    char *end;

    *number = strtol(text, &end, 10);
    return *text && !*end && *number >= 0 && *number <= 1000000;
}

static bool read_options(int argc, char *argv[], struct writer *writer)
{
    long seconds = 0;
    int option;

    while ((option = getopt(argc, argv, "n:r:b:d:c:")) != -1) {
        bool right = true;

        switch (option) {
        case 'n':
            writer->name = optarg;
            break;
        case 'r':
            right = read_number(optarg, &writer->rate);
            break;
        case 'b':
            right = read_number(optarg, &writer->rows) && writer->rows > 0 &&
                    writer->rows <= ROWS_MAX;
            break;
        case 'd':
            right = read_number(optarg, &seconds);
            break;
        case 'c':
            right = read_number(optarg, &writer->count);
            break;
        default:
            right = false;
        }
        if (!right) {
            return false;
        }
    }
    writer->end = seconds ? ovnha_deadline_after(ovnha_now(), seconds * 1000) : INT64_MAX;
    return argc - optind == 3;
}

static bool read_remotes(char *addresses, const char *port, struct writer *writer)
{
    char *rest = NULL;

    for (char *address = strtok_r(addresses, ",", &rest); address;
         address = strtok_r(NULL, ",", &rest)) {
        if (writer->remotes == MAX_REMOTES) {
            return false;
        }
        snprintf(writer->methods[writer->remotes++], sizeof writer->methods[0],
                 strchr(address, ':') ? "tcp:[%s]:%s" : "tcp:%s:%s", address, port);
    }
    return writer->remotes > 0;
}

int main(int argc, char *argv[])
{
    struct writer writer = {.name = "row", .rows = 1};
    const struct sigaction action = {.sa_handler = stop};

    if (!read_options(argc, argv, &writer) ||
        !read_remotes(argv[optind], argv[optind + 1], &writer)) {
        return usage();
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    writer.acks = fopen(argv[optind + 2], "w");
    if (!writer.acks) {
        perror(argv[optind + 2]);
        return 2;
    }
    fprintf(writer.acks, "# clock %lld %lld\n", (long long)read_clock(CLOCK_MONOTONIC),
            (long long)read_clock(CLOCK_REALTIME));
    fflush(writer.acks);
    write_on(&writer);
    ovnha_ovsdb_close(writer.db);
    fclose(writer.acks);
    return writer.acknowledged ? 0 : 1;
}
