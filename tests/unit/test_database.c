/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ovnha/database.h>

static void test_rows_are_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(ovnha_n_databases, 4);
    for (size_t i = 0; i < ovnha_n_databases; i++) {
        assert_ptr_equal(ovnha_database_find(ovnha_databases[i].name),
                         &ovnha_databases[i]);
    }
    assert_null(ovnha_database_find(""));
    assert_null(ovnha_database_find("n"));
    assert_null(ovnha_database_find("nbx"));
    assert_null(ovnha_database_find("NB"));
}

static void test_rows_are_complete_and_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < ovnha_n_databases; i++) {
        const struct ovnha_database *one = &ovnha_databases[i];

        assert_non_null(one->root_table);
        assert_string_equal(one->marker_column, "external_ids");
        assert_string_equal(one->connections, "connections");
        for (size_t j = 0; j < i; j++) {
            const struct ovnha_database *other = &ovnha_databases[j];

            assert_string_not_equal(one->schema, other->schema);
            assert_string_not_equal(one->basename, other->basename);
            assert_string_not_equal(one->start_verb, other->start_verb);
            assert_string_not_equal(one->stop_verb, other->stop_verb);
            assert_string_not_equal(one->option, other->option);
            assert_int_not_equal(one->client_port, other->client_port);
            assert_int_not_equal(one->client_port, other->replication_port);
            assert_int_not_equal(one->replication_port, other->client_port);
            assert_int_not_equal(one->replication_port, other->replication_port);
        }
    }
}

static void test_northbound(void **state)
{
    const struct ovnha_database *nb = ovnha_database_find("nb");

    (void)state;
    assert_string_equal(nb->schema, "OVN_Northbound");
    assert_string_equal(nb->root_table, "NB_Global");
    assert_string_equal(nb->basename, "ovnnb_db");
    assert_string_equal(nb->start_verb, "start_nb_ovsdb");
    assert_string_equal(nb->stop_verb, "stop_nb_ovsdb");
    assert_string_equal(nb->option, "nb");
    assert_int_equal(nb->client_port, 6641);
    assert_int_equal(nb->replication_port, 6643);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_found_by_name),
        cmocka_unit_test(test_rows_are_complete_and_apart),
        cmocka_unit_test(test_northbound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
