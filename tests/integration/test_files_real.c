/* SPDX-License-Identifier: Apache-2.0 */
#include "real_server.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <ovnha/marks.h>
#include <ovnha/tail.h>

#include "agent/compactor.h"
#include "agent/database_file.h"
#include "agent/file_notes.h"
#include "agent/file_sync.h"

/* The files of real servers: what is read of them, and the children that keep them. */

#define MEGABYTE (1024 * 1024)

/* What the child that syncs does, in memory that we see, too. */
struct seen {
    _Atomic unsigned n;
    _Atomic ino_t last;
    _Atomic bool slow;   /* a sync takes until this is false */
    _Atomic bool broken; /* it fails */
};

static struct seen *seen;
static char notes[96];

static int sync_and_tell(int fd)
{
    struct stat file = {.st_ino = 0};

    while (atomic_load(&seen->slow)) {
        poll(NULL, 0, 5);
    }
    if (atomic_load(&seen->broken)) {
        errno = EIO;
        return -1;
    }
    (void)fstat(fd, &file);
    atomic_store(&seen->last, file.st_ino);
    atomic_fetch_add(&seen->n, 1);
    return fdatasync(fd);
}

static int setup_files(void **state)
{
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    assert_ptr_not_equal(seen, MAP_FAILED);
    if (setup(state) != 0) {
        return -1;
    }
    snprintf(notes, sizeof notes, "%s/files.json", ((struct place *)*state)->dir);
    return 0;
}

static int teardown_files(void **state)
{
    munmap(seen, sizeof *seen);
    return teardown(state);
}

static struct stat look_at_file(const struct server *server)
{
    struct stat file;

    assert_int_equal(stat(server->database, &file), 0);
    return file;
}

static uint64_t size_of(const struct server *server)
{
    return (uint64_t)look_at_file(server).st_size;
}

static void transact(const struct server *server, json_t *operations)
{
    struct ovnha_ovsdb *db;
    json_t *results;

    assert_int_equal(ovnha_ovsdb_open(server->method, generous(), &db, NULL), OVNHA_OK);
    assert_int_equal(ovnha_ovsdb_transact(db, "OVN_Northbound", operations, &results,
                                          generous(), NULL),
                     OVNHA_OK);
    json_decref(results);
    json_decref(operations);
    ovnha_ovsdb_close(db);
}

static void insert_named(const struct server *server, const char *text)
{
    transact(server, json_pack("[{s:s,s:s,s:{s:s}}]", "op", "insert", "table",
                               "Logical_Switch", "row", "name", text));
}

/* One row of `size` bytes. */
static void insert(const struct server *server, size_t size)
{
    char *text = malloc(size + 1);

    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    insert_named(server, text);
    free(text);
}

static void control(const struct server *server, const char *method, const char *argument)
{
    const struct ovnha_unixctl_command command = {method, {argument}};
    struct ovnha_unixctl *ctl;
    char *reply = NULL;
    struct ovnha_err err = {""};

    assert_int_equal(ovnha_unixctl_open(server->control, generous(), &ctl, NULL),
                     OVNHA_OK);
    if (ovnha_unixctl_run(ctl, &command, 1, &reply, generous(), &err) != OVNHA_OK) {
        fail_msg("%s: %s", method, err.text);
    }
    free(reply);
    ovnha_unixctl_close(ctl);
}

#define UNTIL(condition)                                                                 \
    do {                                                                                 \
        const ovnha_msec limit = generous();                                             \
        while (!(condition)) {                                                           \
            assert_false(ovnha_deadline_passed(limit, ovnha_now()));                     \
            poll(NULL, 0, 5);                                                            \
        }                                                                                \
    } while (0)

static struct ovnha_file_sync *start_syncing(const struct server *server)
{
    const struct ovnha_files place = {1, {"nb"}, {server->database}, notes};
    struct ovnha_file_sync *files;

    assert_int_equal(ovnha_file_sync_start(&place, sync_and_tell, &files, NULL),
                     OVNHA_OK);
    return files;
}

/*
 * Tails: what a planned move reads of them.
 */

#define BARRIER "6a0d2ab2-7a3e-4c1f-9a5f-0d4b2d1f7c11"

static void raise_barrier(const struct server *server)
{
    transact(server, ovnha_marks_set_barrier(&ovnha_databases[0], "ovndb", BARRIER));
}

/* Of the column that has the barrier, by somebody else. */
static void change_the_column(const struct server *server, const char *value)
{
    transact(server, json_pack("[{s:s,s:s,s:[],s:[[s,s,[s,[[s,s]]]]]}]", "op", "mutate",
                               "table", "NB_Global", "where", "mutations", "external_ids",
                               "insert", "map", value, value));
}

/* How many rows were touched after the barrier, in the file from `from` on; -1: that
 * cannot be told. */
static int count_tail(const struct server *server, uint64_t from)
{
    const uint64_t size = size_of(server) - from;
    const int fd = open(server->database, O_RDONLY | O_CLOEXEC);
    char *bytes = malloc(size);
    json_t *rows, *list;
    const char *table;
    int n = 0;

    assert_non_null(bytes);
    assert_int_equal(pread(fd, bytes, size, (off_t)from), size);
    close(fd);
    const enum ovnha_result result = ovnha_tail_read(bytes, size, BARRIER, &rows, NULL);

    free(bytes);
    json_object_foreach(rows, table, list)
    {
        n += (int)json_array_size(list);
    }
    json_decref(rows);
    return result == OVNHA_OK ? n : -1;
}

/* With whole columns in the file, as of each change, and with what has changed only. */
static void check_tails(struct server *server, const char *option)
{
    start_server_with(server, (const char *const[]){option, NULL});
    transact(server,
             json_pack("[{s:s,s:s,s:{}}]", "op", "insert", "table", "NB_Global", "row"));
    insert(server, 100);
    const uint64_t before = size_of(server);

    raise_barrier(server);
    assert_int_equal(count_tail(server, before), 0);
    change_the_column(server, "a");
    insert(server, 100);
    assert_int_equal(count_tail(server, before), 2);
    assert_int_equal(count_tail(server, 0), 2);
    control(server, "ovsdb-server/compact", "OVN_Northbound");
    const uint64_t compacted = size_of(server);

    assert_int_equal(count_tail(server, 0), -1);
    change_the_column(server, "b");
    insert(server, 100);
    assert_int_equal(count_tail(server, 0), -1);
    assert_int_equal(count_tail(server, compacted), -1);
}

static void test_tails(void **state)
{
    struct place *place = *state;

    SKIP_WITHOUT_SERVERS();
    check_tails(&place->servers[0], NULL);
    check_tails(&place->servers[1], "--disable-file-column-diff");
}

static bool is_synced(const struct ovnha_file_sync *files, const struct server *server)
{
    return ovnha_file_sync_look(files, 0).length == size_of(server);
}

static void test_what_is_written_is_synced(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    files = start_syncing(server);
    UNTIL(is_synced(files, server));
    insert(server, 100);
    UNTIL(is_synced(files, server));
    assert_int_equal(atomic_load(&seen->n), ovnha_file_sync_look(files, 0).times);
    ovnha_file_sync_stop(files);
}

/* It looked meanwhile: another file that has grown is synced. */
static void test_what_is_not_new_is_not_synced(void **state)
{
    struct place *place = *state;
    struct server *calm = &place->servers[0], *busy = &place->servers[1];
    const struct ovnha_files place_of_both = {
        2, {"calm", "busy"}, {calm->database, busy->database}, notes};
    struct ovnha_file_sync *files;

    SKIP_WITHOUT_SERVERS();
    start_server(calm);
    start_server(busy);
    assert_int_equal(ovnha_file_sync_start(&place_of_both, sync_and_tell, &files, NULL),
                     OVNHA_OK);
    for (int i = 0; i < 3; i++) {
        insert(busy, 100);
        UNTIL(ovnha_file_sync_look(files, 1).length == size_of(busy));
    }
    assert_int_equal(ovnha_file_sync_look(files, 0).times, 1);
    ovnha_file_sync_stop(files);
}

static void test_a_compacted_file_is_another_one(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;
    ino_t before;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    files = start_syncing(server);
    UNTIL(is_synced(files, server));
    before = look_at_file(server).st_ino;
    control(server, "ovsdb-server/compact", "OVN_Northbound");
    assert_true(look_at_file(server).st_ino != before);
    insert(server, 100);
    UNTIL(is_synced(files, server) &&
          atomic_load(&seen->last) == look_at_file(server).st_ino);
    ovnha_file_sync_stop(files);
}

/* A disk that takes its time keeps nobody but the child waiting. */
static void test_a_slow_disk(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    atomic_store(&seen->slow, true);
    files = start_syncing(server);
    insert(server, 100);
    assert_int_equal(ovnha_file_sync_look(files, 0).length, 0);
    atomic_store(&seen->slow, false);
    UNTIL(is_synced(files, server));
    atomic_store(&seen->slow, true);
    insert(server, 100);
    ovnha_file_sync_stop(files); /* returns */
    atomic_store(&seen->slow, false);
}

static void test_a_broken_disk(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    atomic_store(&seen->broken, true);
    files = start_syncing(server);
    UNTIL(ovnha_file_sync_look(files, 0).errnum == EIO);
    assert_int_equal(ovnha_file_sync_look(files, 0).length, 0);
    atomic_store(&seen->broken, false);
    UNTIL(is_synced(files, server));
    assert_int_equal(ovnha_file_sync_look(files, 0).errnum, 0);
    ovnha_file_sync_stop(files);
}

/* Whoever ends it syncs for the last time what was not synced yet. */
static void test_a_last_time(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;
    unsigned before;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    files = start_syncing(server);
    UNTIL(is_synced(files, server));
    before = atomic_load(&seen->n);
    insert(server, 100);
    ovnha_file_sync_stop(files);
    UNTIL(atomic_load(&seen->n) > before);
}

/*
 * What is noted of them.
 */

static struct ovnha_file_note read_note(void)
{
    static const char *const name = "nb";
    struct ovnha_file_note note;

    assert_int_equal(ovnha_file_notes_read(notes, &name, &note, 1, NULL), OVNHA_OK);
    return note;
}

static struct ovnha_database_file look_for(const char *path, const char *wanted)
{
    struct ovnha_database_file file;

    assert_int_equal(ovnha_database_file_read_named(path, wanted, &file, NULL), OVNHA_OK);
    return file;
}

static bool is_noted(const struct server *server)
{
    const struct ovnha_database_file file = look_for(server->database, "");
    const struct ovnha_file_note note = read_note();

    return strcmp(note.last, file.last) == 0 && strcmp(note.first, file.first) == 0 &&
           note.date == file.date;
}

static void copy(const char *from, const char *to)
{
    run_program((const char *const[]){"cp", "--", from, to, NULL});
}

static void name_copy(const struct server *server, char path[128])
{
    snprintf(path, 128, "%s.old", server->database);
}

static void test_what_is_synced_is_noted(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;

    SKIP_WITHOUT_SERVERS();
    start_server(server);
    files = start_syncing(server);
    for (int i = 0; i < 3; i++) {
        insert(server, 100);
        UNTIL(is_noted(server));
        assert_true(read_note().date > 0);
    }
    control(server, "ovsdb-server/compact", "OVN_Northbound");
    UNTIL(is_noted(server));
    run_program((const char *const[]){"ovsdb-client", "convert", server->method,
                                      NB_SCHEMA, NULL});
    UNTIL(is_noted(server));
    insert(server, 100);
    UNTIL(is_noted(server) && is_synced(files, server));
    assert_false(ovnha_file_sync_look(files, 0).replaced);
    assert_false(ovnha_file_sync_look(files, 0).unnoted);
    ovnha_file_sync_stop(files);
}

/* One by one what a server and its tools do to a file, and what a person may. */
static void test_what_goes_on_from_a_note(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_database_file file;
    struct ovnha_file_note note;
    char old[128];

    SKIP_WITHOUT_SERVERS();
    name_copy(server, old);
    start_server(server);
    insert(server, 100);
    copy(server->database, old);
    insert(server, 100);
#define NOTE()                                                                           \
    do {                                                                                 \
        file = look_for(server->database, "");                                           \
        note = ovnha_database_file_note(&file);                                          \
    } while (0)
#define EXPECT(path, wanted)                                                             \
    do {                                                                                 \
        file = look_for(path, note.last);                                                \
        assert_int_equal(ovnha_continuity(&note, &file.look), wanted);                   \
    } while (0)
    NOTE();
    EXPECT(old, OVNHA_FILE_REPLACED);
    insert(server, 100);
    EXPECT(server->database, OVNHA_FILE_CONTINUES);
    control(server, "ovsdb-server/compact", "OVN_Northbound");
    EXPECT(server->database, OVNHA_FILE_REWRITTEN);
    EXPECT(old, OVNHA_FILE_REPLACED);
    NOTE();
    run_program((const char *const[]){"ovsdb-client", "convert", server->method,
                                      NB_SCHEMA, NULL});
    EXPECT(server->database, OVNHA_FILE_REWRITTEN);
    insert(server, 100);
    NOTE();
    EXPECT(old, OVNHA_FILE_REPLACED);
    run_program((const char *const[]){"ovsdb-tool", "compact", old, NULL});
    EXPECT(old, OVNHA_FILE_REPLACED);
    run_program((const char *const[]){"ovsdb-tool", "convert", old, NB_SCHEMA, NULL});
    EXPECT(old, OVNHA_FILE_REPLACED);
    assert_int_equal(unlink(old), 0);
}

/* While the server runs, and writes to a file that has no name any more. */
static void test_an_old_file_is_put_in_its_place(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;
    struct ovnha_file_note note;
    char old[128];

    SKIP_WITHOUT_SERVERS();
    name_copy(server, old);
    start_server(server);
    insert(server, 100);
    copy(server->database, old);
    files = start_syncing(server);
    insert(server, 100);
    UNTIL(is_noted(server));
    note = read_note();
    assert_int_equal(rename(old, server->database), 0);
    UNTIL(ovnha_file_sync_look(files, 0).replaced);
    assert_memory_equal(note.last, read_note().last, sizeof note.last);
    ovnha_file_sync_stop(files);
}

/* What the server writes to it now, and how it compacts it, changes nothing. */
static void test_an_old_file_is_not_noted(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    static const char *const name = "nb";
    const struct ovnha_file_note before = {"1111", "2222", OVNHA_CONTINUITY_NEVER};
    struct ovnha_file_sync *files;

    SKIP_WITHOUT_SERVERS();
    assert_int_equal(ovnha_file_notes_write(notes, &name, &before, 1, NULL), OVNHA_OK);
    start_server(server);
    insert(server, 100);
    files = start_syncing(server);
    UNTIL(ovnha_file_sync_look(files, 0).replaced);
    insert(server, 100);
    UNTIL(is_synced(files, server));
    control(server, "ovsdb-server/compact", "OVN_Northbound");
    UNTIL(is_synced(files, server) &&
          atomic_load(&seen->last) == look_at_file(server).st_ino);
    assert_string_equal(read_note().last, before.last);
    ovnha_file_sync_stop(files);
}

/* No room, say: files are synced all the same, and noted later. */
static void test_notes_that_cannot_be_written(void **state)
{
    struct place *place = *state;
    struct server *server = &place->servers[0];
    struct ovnha_file_sync *files;
    char fresh[128];

    SKIP_WITHOUT_SERVERS();
    snprintf(fresh, sizeof fresh, "%s.new", notes);
    assert_int_equal(mkdir(fresh, 0755), 0);
    start_server(server);
    files = start_syncing(server);
    UNTIL(ovnha_file_sync_look(files, 0).unnoted);
    insert(server, 100);
    UNTIL(is_synced(files, server));
    assert_int_equal(rmdir(fresh), 0);
    UNTIL(is_noted(server) && !ovnha_file_sync_look(files, 0).unnoted);
    ovnha_file_sync_stop(files);
}

/*
 * Compaction.
 */

static bool replicates(const struct server *server, const char *source)
{
    const struct ovnha_unixctl_command command = {"ovsdb-server/sync-status", {NULL}};
    struct ovnha_unixctl *ctl;
    char *reply = NULL;
    bool yes;

    assert_int_equal(ovnha_unixctl_open(server->control, generous(), &ctl, NULL),
                     OVNHA_OK);
    assert_int_equal(ovnha_unixctl_run(ctl, &command, 1, &reply, generous(), NULL),
                     OVNHA_OK);
    yes = strstr(reply, "replicating: ") && strstr(reply, source);
    free(reply);
    ovnha_unixctl_close(ctl);
    return yes;
}

static void resync(const struct server *replica, const struct server *source)
{
    control(replica, "ovsdb-server/disconnect-active-ovsdb-server", NULL);
    control(replica, "ovsdb-server/set-active-ovsdb-server", source->method);
    control(replica, "ovsdb-server/connect-active-ovsdb-server", NULL);
    UNTIL(replicates(replica, source->method));
}

static enum ovnha_result compact(const char *path, struct ovnha_err *err)
{
    struct ovnha_compactor compactor;
    enum ovnha_result result;

    assert_int_equal(ovnha_compactor_start(&compactor, 1, path, "OVN_Northbound", NULL),
                     OVNHA_OK);
    assert_true(ovnha_compactor_runs(&compactor));
    assert_int_equal(compactor.db, 1);
    UNTIL(ovnha_compactor_take(&compactor, &result, err));
    assert_false(ovnha_compactor_runs(&compactor));
    assert_false(ovnha_compactor_take(&compactor, &result, err));
    return result;
}

static void test_resyncs_do_not_fill_the_disk(void **state)
{
    struct place *place = *state;
    struct server *source = &place->servers[0], *replica = &place->servers[1];
    struct ovnha_err err;

    SKIP_WITHOUT_SERVERS();
    start_server(source);
    start_server(replica);
    insert(source, 5 * MEGABYTE);
    for (int i = 0; i < 3; i++) {
        resync(replica, source);
    }
    assert_true(size_of(replica) > 15 * MEGABYTE); /* or there is nothing to show */
    for (int i = 0; i < 3; i++) {
        resync(replica, source);
        assert_int_equal(compact(replica->control, &err), OVNHA_OK);
        assert_true(size_of(replica) < 6 * MEGABYTE);
    }
}

static void test_a_compaction_that_fails(void **state)
{
    struct place *place = *state;
    struct ovnha_err err;

    assert_int_equal(compact(place->servers[0].control, &err), OVNHA_ERR_UNAVAILABLE);
    assert_non_null(strstr(err.text, place->servers[0].control));
}

#define AT_PLACE(test) cmocka_unit_test_setup_teardown(test, setup_files, teardown_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_PLACE(test_tails),
        AT_PLACE(test_what_is_written_is_synced),
        AT_PLACE(test_what_is_not_new_is_not_synced),
        AT_PLACE(test_a_compacted_file_is_another_one),
        AT_PLACE(test_a_slow_disk),
        AT_PLACE(test_a_broken_disk),
        AT_PLACE(test_a_last_time),
        AT_PLACE(test_what_is_synced_is_noted),
        AT_PLACE(test_what_goes_on_from_a_note),
        AT_PLACE(test_an_old_file_is_put_in_its_place),
        AT_PLACE(test_an_old_file_is_not_noted),
        AT_PLACE(test_notes_that_cannot_be_written),
        AT_PLACE(test_resyncs_do_not_fill_the_disk),
        AT_PLACE(test_a_compaction_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
