/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/aside.h>
#include <ovnha/marks.h>
#include <ovnha/text.h>

#define G1 "11111111-1111-4111-8111-111111111111"
#define G2 "22222222-2222-4222-8222-222222222222"
#define G3 "33333333-3333-4333-8333-333333333333"

/* A guarded copy of G1 with rows, a replica's. */
static struct ovnha_aside_facts replica(void)
{
    return (struct ovnha_aside_facts){
        .guarded = true, .populated = OVNHA_YES, .generation = G1};
}

static void is_marked_as(const struct ovnha_aside_facts *facts,
                         enum ovnha_aside_kind wanted)
{
    enum ovnha_aside_kind kind;

    assert_true(ovnha_aside_is_needed(facts, &kind));
    assert_int_equal(kind, wanted);
}

static void nothing_to_lose_is_not_marked(void **state)
{
    struct ovnha_aside_facts empty = {.guarded = true, .populated = OVNHA_NO};
    enum ovnha_aside_kind kind;

    (void)state;
    assert_false(ovnha_aside_is_needed(&empty, &kind));
    empty.populated = OVNHA_UNKNOWN;
    is_marked_as(&empty, OVNHA_ASIDE_DOUBTED);
    /* All rows of a generation deleted: that is what somebody did. */
    empty.populated = OVNHA_NO;
    ovnha_text_copy(empty.generation, sizeof empty.generation, G1);
    is_marked_as(&empty, OVNHA_ASIDE_REPLICA);
}

static void origin_is_part_of_a_mark(void **state)
{
    struct ovnha_aside_facts facts = replica();

    (void)state;
    is_marked_as(&facts, OVNHA_ASIDE_REPLICA);
    facts.opened_here = true;
    is_marked_as(&facts, OVNHA_ASIDE_ACTIVE);
    facts.doubted = true;
    is_marked_as(&facts, OVNHA_ASIDE_DOUBTED);
    facts = replica();
    facts.generation[0] = '\0'; /* a first start: whatever it is, it is not ours */
    is_marked_as(&facts, OVNHA_ASIDE_DOUBTED);
}

/* A record's generation means nothing once nobody keeps a record. */
static void without_a_guard_all_is_doubted(void **state)
{
    struct ovnha_aside_facts facts = replica();
    enum ovnha_aside_kind kind;

    (void)state;
    facts.guarded = false;
    is_marked_as(&facts, OVNHA_ASIDE_DOUBTED);
    facts.same_source = true;
    assert_false(ovnha_aside_is_needed(&facts, &kind));
    facts.doubted = true;
    is_marked_as(&facts, OVNHA_ASIDE_DOUBTED);
    facts = replica();
    facts.same_source = true; /* its active may be another generation's by now */
    is_marked_as(&facts, OVNHA_ASIDE_REPLICA);
}

static bool contained(enum ovnha_aside_kind kind, const char *generation,
                      const char *complete)
{
    const struct ovnha_aside_mark mark = {.db = "nb", .generation = G1, .kind = kind};

    return ovnha_aside_is_contained(&mark, generation, complete);
}

static void what_surely_has_all_contains_it(void **state)
{
    (void)state;
    assert_true(contained(OVNHA_ASIDE_REPLICA, G1, ""));
    assert_true(contained(OVNHA_ASIDE_REPLICA, G3, G2 " " G1));
    assert_true(contained(OVNHA_ASIDE_ACTIVE, G2, G1));
    assert_false(contained(OVNHA_ASIDE_REPLICA, G2, ""));
    assert_false(contained(OVNHA_ASIDE_REPLICA, G3, G2));
    assert_false(contained(OVNHA_ASIDE_ACTIVE, G1, ""));
    assert_false(contained(OVNHA_ASIDE_DOUBTED, G1, G1));
}

static void no_generation_is_contained_in_none(void **state)
{
    const struct ovnha_aside_mark mark = {.db = "nb", .kind = OVNHA_ASIDE_REPLICA};

    (void)state;
    assert_false(ovnha_aside_is_contained(&mark, "", ""));
}

static void the_list_of_complete_generations_forgets_the_oldest(void **state)
{
    char complete[OVNHA_COMPLETE_SIZE] = "";
    char uuid[OVNHA_UUID_SIZE] = G1;

    (void)state;
    ovnha_marks_complete_add(complete, "");
    assert_string_equal(complete, "");
    ovnha_marks_complete_add(complete, G1);
    ovnha_marks_complete_add(complete, G1);
    assert_string_equal(complete, G1);
    for (int i = 0; i < 40; i++) {
        uuid[0] = (char)('a' + i % 26);
        uuid[1] = (char)('a' + i / 26);
        ovnha_marks_complete_add(complete, uuid);
        assert_true(ovnha_marks_complete_has(complete, uuid));
        assert_true(strlen(complete) < sizeof complete);
        assert_int_equal((strlen(complete) + 1) % OVNHA_UUID_SIZE, 0);
    }
    assert_false(ovnha_marks_complete_has(complete, G1));
    assert_false(ovnha_marks_complete_has(complete, ""));
    uuid[35] = '\0'; /* the beginning of one is none */
    assert_false(ovnha_marks_complete_has(complete, uuid));
}

static void names_say_everything(void **state)
{
    const struct ovnha_aside_mark mark = {.db = "ic-nb",
                                          .generation = G1,
                                          .time = "20260131T235959Z",
                                          .size = 123456789012,
                                          .kind = OVNHA_ASIDE_ACTIVE};
    struct ovnha_aside_mark read;
    char name[OVNHA_ASIDE_NAME_SIZE];

    (void)state;
    ovnha_aside_mark_format(&mark, name);
    assert_string_equal(name,
                        "ovnha-aside.ic-nb." G1 ".20260131T235959Z.123456789012.active");
    assert_true(ovnha_aside_mark_parse(name, &read));
    assert_string_equal(read.db, mark.db);
    assert_string_equal(read.generation, mark.generation);
    assert_string_equal(read.time, mark.time);
    assert_int_equal(read.size, mark.size);
    assert_int_equal(read.kind, mark.kind);
    ovnha_aside_copy_name(&mark, name);
    assert_string_equal(name, "ic-nb-11111111-20260131T235959Z");
}

static void a_copy_without_a_generation_says_so(void **state)
{
    const struct ovnha_aside_mark mark = {
        .db = "nb", .time = "20260131T235959Z", .size = 7, .kind = OVNHA_ASIDE_DOUBTED};
    struct ovnha_aside_mark read;
    char name[OVNHA_ASIDE_NAME_SIZE];

    (void)state;
    ovnha_aside_mark_format(&mark, name);
    assert_string_equal(name, "ovnha-aside.nb.none.20260131T235959Z.7.doubted");
    assert_true(ovnha_aside_mark_parse(name, &read));
    assert_string_equal(read.generation, "");
    ovnha_aside_copy_name(&mark, name);
    assert_string_equal(name, "nb-none-20260131T235959Z");
}

static void other_files_are_no_marks(void **state)
{
    static const char *const names[] = {
        "ovnnb_db.db",
        "ovnha-aside.nb.new",
        "ovnha-aside.nb.none.20260131T235959Z.12.active.bak",
        "ovnha-aside.nb.none.20260131T235959Z.12.something",
        "ovnha-aside.nb.none.20260131T235959Z.x.active",
    };
    struct ovnha_aside_mark mark;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_false(ovnha_aside_mark_parse(names[i], &mark));
    }
    assert_true(
        ovnha_aside_mark_parse("ovnha-aside.nb.none.20260131T235959Z.12.doubted", &mark));
    assert_string_equal(mark.generation, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_lose_is_not_marked),
        cmocka_unit_test(origin_is_part_of_a_mark),
        cmocka_unit_test(without_a_guard_all_is_doubted),
        cmocka_unit_test(what_surely_has_all_contains_it),
        cmocka_unit_test(no_generation_is_contained_in_none),
        cmocka_unit_test(the_list_of_complete_generations_forgets_the_oldest),
        cmocka_unit_test(names_say_everything),
        cmocka_unit_test(a_copy_without_a_generation_says_so),
        cmocka_unit_test(other_files_are_no_marks),
    };

    return cmocka_run_group_tests_name("aside", tests, NULL, NULL);
}
