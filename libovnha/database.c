/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/database.h>

#include <string.h>

const struct ovnha_database ovnha_databases[] = {
    {
        .name = "nb",
        .schema = "OVN_Northbound",
        .root_table = "NB_Global",
        .marker_column = "external_ids",
        .connections = "connections",
        .content = {"Logical_Switch", "Logical_Router", "Load_Balancer", "Address_Set",
                    "Port_Group", "DHCP_Options"},
        .derived_columns = {"NB_Global.nb_cfg", "NB_Global.nb_cfg_timestamp",
                            "NB_Global.sb_cfg", "NB_Global.sb_cfg_timestamp",
                            "NB_Global.hv_cfg", "NB_Global.hv_cfg_timestamp",
                            "Logical_Switch_Port.up",
                            "Logical_Switch_Port.dynamic_addresses",
                            "Logical_Router_Port.status", "BFD.status",
                            "Connection.is_connected", "Connection.status"},
        .client_tool = "ovn-nbctl",
        .basename = "ovnnb_db",
        .start_verb = "start_nb_ovsdb",
        .stop_verb = "stop_nb_ovsdb",
        .option = "nb",
        .client_port = 6641,
        .replication_port = 6643,
    },
    {
        .name = "sb",
        .schema = "OVN_Southbound",
        .root_table = "SB_Global",
        .marker_column = "external_ids",
        .connections = "connections",
        .client_tables = {"Connection", "SSL"},
        .derived_columns = {"Connection.is_connected", "Connection.status"},
        .client_tool = "ovn-sbctl",
        .basename = "ovnsb_db",
        .start_verb = "start_sb_ovsdb",
        .stop_verb = "stop_sb_ovsdb",
        .option = "sb",
        .client_port = 6642,
        .replication_port = 6644,
    },
    {
        .name = "ic-nb",
        .schema = "OVN_IC_Northbound",
        .root_table = "IC_NB_Global",
        .marker_column = "external_ids",
        .connections = "connections",
        .content = {"Transit_Switch"},
        .derived_columns = {"IC_NB_Global.nb_ic_cfg", "IC_NB_Global.sb_ic_cfg",
                            "Connection.is_connected", "Connection.status"},
        .client_tool = "ovn-ic-nbctl",
        .basename = "ovn_ic_nb_db",
        .start_verb = "start_ic_nb_ovsdb",
        .stop_verb = "stop_ic_nb_ovsdb",
        .option = "ic-nb",
        .client_port = 6645,
        .replication_port = 6647,
    },
    {
        .name = "ic-sb",
        .schema = "OVN_IC_Southbound",
        .root_table = "IC_SB_Global",
        .marker_column = "external_ids",
        .connections = "connections",
        .client_tables = {"Connection", "SSL"},
        .derived_columns = {"Connection.is_connected", "Connection.status"},
        .client_tool = "ovn-ic-sbctl",
        .basename = "ovn_ic_sb_db",
        .start_verb = "start_ic_sb_ovsdb",
        .stop_verb = "stop_ic_sb_ovsdb",
        .option = "ic-sb",
        .client_port = 6646,
        .replication_port = 6648,
    },
};

const size_t ovnha_n_databases = sizeof ovnha_databases / sizeof ovnha_databases[0];

_Static_assert(sizeof ovnha_databases / sizeof ovnha_databases[0] <= OVNHA_DB_MAX,
               "OVNHA_DB_MAX is the number of rows that callers leave room for");

const struct ovnha_database *ovnha_database_find(const char *name)
{
    for (size_t i = 0; i < ovnha_n_databases; i++) {
        if (strcmp(ovnha_databases[i].name, name) == 0) {
            return &ovnha_databases[i];
        }
    }
    return NULL;
}
