/* SPDX-License-Identifier: Apache-2.0 */
#include "params.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The table.
 */

#define AT(FIELD) offsetof(struct ovnha_params, FIELD)

/* Two resources of this kind clash when they share a runtime or a database
 * directory, and when they listen on the same address and ports: hence three
 * groups, each of which must differ (OCF 1.1 on "unique-group"). */
#define GROUP_LISTENER "listener"
#define GROUP_RUNDIR   "rundir"
#define GROUP_DBDIR    "dbdir"

/* The databases that a resource of this kind runs; DATABASE_PARAMS has their
 * parameters under the same index. */
static const char *const databases[] = {"nb", "sb"};

#define N_DATABASES (sizeof databases / sizeof databases[0])

/* clang-format off */
/* One file of a database's TLS; the defaults are ovn-ctl's. */
#define TLS_FILE(ROW, NAME, LONG, FIELD, DEFAULT, WHAT)                                  \
    {                                                                                    \
        .name = "ovn_" NAME "_db_" #FIELD,                                               \
        .type = OVNHA_PARAM_PATH,                                                        \
        .fallback = "/etc/openvswitch/" DEFAULT,                                         \
        .stock = true,                                                                   \
        .offset = AT(tls[ROW].FIELD),                                                    \
        .shortdesc = LONG " " WHAT " file",                                              \
        .longdesc = "Absolute path of the " WHAT " of the " LONG " database server. "    \
                    "Used with " NAME "_master_protocol=ssl only.",                      \
    }

/* The parameters of one database: its index, the prefix of its parameters, its
 * name for people, its default ports, and who its clients are. */
#define DATABASE_PARAMS(ROW, NAME, LONG, PORT, REPLICATION_PORT, CLIENTS)                \
    {                                                                                    \
        .name = NAME "_master_port",                                                     \
        .type = OVNHA_PARAM_PORT,                                                        \
        .fallback = PORT,                                                                \
        .unique_group = GROUP_LISTENER,                                                  \
        .stock = true,                                                                   \
        .offset = AT(settings.db[ROW].port),                                             \
        .shortdesc = "Port of the " LONG " database",                                    \
        .longdesc = "The port on which the promoted node serves the " LONG " database "  \
                    "to its clients (" CLIENTS ").",                                     \
    },                                                                                   \
    {                                                                                    \
        .name = NAME "_master_protocol",                                                 \
        .type = OVNHA_PARAM_PROTOCOL,                                                    \
        .fallback = "tcp",                                                               \
        .stock = true,                                                                   \
        .offset = AT(settings.db[ROW].protocol),                                         \
        .shortdesc = "Protocol of the " LONG " database",                                \
        .longdesc = "How the " LONG " database is served: tcp, or ssl with the files "   \
                    "of ovn_" NAME "_db_privkey, ovn_" NAME "_db_cert and ovn_" NAME     \
                    "_db_cacert.",                                                       \
    },                                                                                   \
    TLS_FILE(ROW, NAME, LONG, privkey, "ovn" NAME "-privkey.pem", "private key"),        \
    TLS_FILE(ROW, NAME, LONG, cert, "ovn" NAME "-cert.pem", "certificate"),              \
    TLS_FILE(ROW, NAME, LONG, cacert, "cacert.pem", "CA certificate"),                   \
    {                                                                                    \
        .name = NAME "_replication_port",                                                \
        .type = OVNHA_PARAM_PORT,                                                        \
        .fallback = REPLICATION_PORT,                                                    \
        .offset = AT(settings.db[ROW].replication_port),                                 \
        .shortdesc = "Replication port of the " LONG " database",                        \
        .longdesc = "The port on which the promoted node serves the " LONG " database "  \
                    "to the other nodes, at its own address. It is apart from the "      \
                    "clients' port, so that replicas keep their connection while the "   \
                    "virtual IP moves and while clients are cut off before a planned "   \
                    "move. Open it between the database nodes.",                         \
    }
/* clang-format on */

const struct ovnha_param ovnha_params_table[] = {
    {
        .name = "ovn_ctl",
        .type = OVNHA_PARAM_PATH,
        .fallback = "/usr/share/ovn/scripts/ovn-ctl",
        .reloadable = true,
        .stock = true,
        .offset = AT(ovn_ctl),
        .shortdesc = "ovn-ctl script",
        .longdesc =
            "Absolute path of OVN's start and stop script, or of a wrapper around "
            "it.",
    },
    {
        .name = "master_ip",
        .type = OVNHA_PARAM_ADDRESS,
        .fallback = "",
        .unique_group = GROUP_LISTENER,
        .stock = true,
        .offset = AT(settings.master_ip),
        .shortdesc = "Address of the promoted node",
        .longdesc =
            "The IPv4 or IPv6 address at which clients reach the promoted node: the "
            "address of the IPaddr2 resource that follows it, or that of a load "
            "balancer. Needed unless listen_on_master_ip_only is no.",
    },
    DATABASE_PARAMS(0, "nb", "Northbound", "6641", "6643",
                    "ovn-northd and the cloud management system"),
    DATABASE_PARAMS(1, "sb", "Southbound", "6642", "6644",
                    "ovn-northd and every ovn-controller"),
    {
        .name = "manage_northd",
        .type = OVNHA_PARAM_BOOLEAN,
        .fallback = "no",
        .reloadable = true,
        .stock = true,
        .offset = AT(settings.manage_northd),
        .shortdesc = "Manage ovn-northd",
        .longdesc =
            "Whether to run ovn-northd: on the promoted node, and on the others as "
            "northd_standby says.",
    },
    {
        .name = "northd_standby",
        .type = OVNHA_PARAM_STANDBY,
        .fallback = "auto",
        .reloadable = true,
        .offset = AT(settings.northd_standby),
        .shortdesc = "How ovn-northd waits on the other nodes",
        .longdesc =
            "With manage_northd=yes: hot, it runs on the other nodes, too, paused and "
            "with its data current, and only has to be resumed when a node is promoted. "
            "cold: it is started then. auto: hot, unless the resident helper finds that "
            "a paused ovn-northd takes more than 2 % of a processor on a node (25.03.0 "
            "takes a whole one), and cold there until the package changes or the "
            "resource is restarted; cold where there is no helper.",
    },
    {
        .name = "guard",
        .type = OVNHA_PARAM_BOOLEAN,
        .fallback = "yes",
        .offset = AT(settings.guard),
        .shortdesc = "Never let an older copy replace a newer one",
        .longdesc =
            "Whether promotions follow a record of which nodes hold all acknowledged "
            "data, which a resident helper keeps on every node. Without it, and where "
            "there is no corosync (Pacemaker Remote, bundles), a node may be promoted "
            "that lacks acknowledged writes.",
    },
    {
        .name = "on_crash",
        .type = OVNHA_PARAM_ON_CRASH,
        .fallback = "auto",
        .reloadable = true,
        .offset = AT(settings.on_crash),
        .shortdesc = "What to do when a server of the active has died",
        .longdesc =
            "move: another node that has everything is promoted. restart: the server is "
            "started again in place, which loses nothing, not even what no other node "
            "has yet, and is quick while the database is small; at most three times a "
            "minute and six times an hour, then the role moves. auto: whichever is "
            "quicker by the size of the database; in place, too, when no other node "
            "may be promoted. Without guard, always move.",
    },
    {
        .name = "inactive_probe_interval",
        .type = OVNHA_PARAM_PROBE,
        .fallback = "5000",
        .reloadable = true,
        .stock = true,
        .offset = AT(settings.client_probe_ms),
        .shortdesc = "Probe interval towards clients, in ms",
        .longdesc =
            "After so many milliseconds of silence the promoted node's servers probe "
            "a client, and drop it after as many more. 0 turns probes off; busy "
            "clients need well over the default.",
    },
    {
        .name = "inactive_probe_interval_to_master",
        .type = OVNHA_PARAM_PROBE,
        .fallback = "60000",
        .reloadable = true,
        .stock = true,
        .offset = AT(settings.replica_probe_ms),
        .shortdesc = "Probe interval towards the promoted node, in ms",
        .longdesc = "The same between a replica and the promoted node. It must outlast a "
                    "full transfer of the database.",
    },
    {
        .name = "listen_on_master_ip_only",
        .type = OVNHA_PARAM_BOOLEAN,
        .fallback = "yes",
        .stock = true,
        .offset = AT(settings.listen_on_master_ip_only),
        .shortdesc = "Listen on master_ip only",
        .longdesc =
            "yes: the promoted node serves clients at master_ip, which is a virtual "
            "IP managed by the cluster. no: at all of its addresses, for a load "
            "balancer in front.",
    },
    {
        .name = "node_addresses",
        .type = OVNHA_PARAM_NODES,
        .fallback = "",
        .reloadable = true,
        .offset = AT(node_addresses),
        .shortdesc = "Addresses for replication",
        .longdesc =
            "Where the nodes reach each other for replication, when that is not the "
            "address that corosync uses, or when there is no corosync (Pacemaker "
            "Remote): NODE:ADDRESS, separated by semicolons or blanks, for example "
            "node1:192.0.2.1;node2:[2001:db8::2].",
    },
    {
        .name = "ovn_rundir",
        .type = OVNHA_PARAM_PATH,
        .fallback = "/var/run/ovn",
        .unique_group = GROUP_RUNDIR,
        .offset = AT(ovn_rundir),
        .shortdesc = "Runtime directory",
        .longdesc = "Where the servers keep sockets and pid files.",
    },
    {
        .name = "ovn_dbdir",
        .type = OVNHA_PARAM_PATH,
        .fallback = "/var/lib/ovn",
        .unique_group = GROUP_DBDIR,
        .offset = AT(ovn_dbdir),
        .shortdesc = "Database directory",
        .longdesc = "Where the servers keep the database files.",
    },
    {
        .name = "ovn_logdir",
        .type = OVNHA_PARAM_PATH,
        .fallback = "",
        .offset = AT(ovn_logdir),
        .shortdesc = "Log directory",
        .longdesc =
            "Where the servers keep their logs; by default where ovn-ctl puts them.",
    },
};

const size_t ovnha_n_params = sizeof ovnha_params_table / sizeof ovnha_params_table[0];

/* What a parameter of choice can be: the one list for parsing and for the metadata. */
static const enum ovnha_protocol protocols[] = {OVNHA_TCP, OVNHA_SSL};
static const enum ovnha_northd_standby standbys[] = {
    OVNHA_STANDBY_AUTO, OVNHA_STANDBY_HOT, OVNHA_STANDBY_COLD};
static const enum ovnha_on_crash answers[] = {OVNHA_ON_CRASH_AUTO, OVNHA_ON_CRASH_MOVE,
                                              OVNHA_ON_CRASH_RESTART};

#define N(ARRAY) ((int)(sizeof(ARRAY) / sizeof(ARRAY)[0]))

const char *ovnha_param_option(enum ovnha_param_type type, int i)
{
    switch (type) {
    case OVNHA_PARAM_PROTOCOL:
        return i < N(protocols) ? ovnha_protocol_to_str(protocols[i]) : NULL;
    case OVNHA_PARAM_STANDBY:
        return i < N(standbys) ? ovnha_northd_standby_to_str(standbys[i]) : NULL;
    case OVNHA_PARAM_ON_CRASH:
        return i < N(answers) ? ovnha_on_crash_to_str(answers[i]) : NULL;
    case OVNHA_PARAM_PATH:
    case OVNHA_PARAM_ADDRESS:
    case OVNHA_PARAM_PORT:
    case OVNHA_PARAM_BOOLEAN:
    case OVNHA_PARAM_PROBE:
    case OVNHA_PARAM_NODES:
        return NULL;
    }
    return NULL;
}

const char *ovnha_param_type_expects(enum ovnha_param_type type)
{
    switch (type) {
    case OVNHA_PARAM_PATH:
        return "an absolute path";
    case OVNHA_PARAM_ADDRESS:
        return "a numeric IPv4 or IPv6 address of one host";
    case OVNHA_PARAM_PORT:
        return "a whole number from 1 to 65535";
    case OVNHA_PARAM_PROTOCOL:
        return "tcp or ssl";
    case OVNHA_PARAM_BOOLEAN:
        return "yes or no";
    case OVNHA_PARAM_PROBE:
        return "milliseconds: 0 for no probes, or a whole number from 1000 to 2147483647";
    case OVNHA_PARAM_STANDBY:
        return "auto, hot or cold";
    case OVNHA_PARAM_NODES:
        return "NODE:ADDRESS with numeric addresses, separated by ';' or blanks";
    case OVNHA_PARAM_ON_CRASH:
        return "auto, move or restart";
    }
    return "something else";
}

/*
 * One parser per type.  Each writes through `value`, whose type goes with the
 * parameter's, and returns what is wrong, or NULL.
 */

/* The whole of `text` as a decimal number from `min` to `max`: no sign, no
 * blanks, no octal. */
static bool parse_number(const char *text, long min, long max, long *number)
{
    char *end;

    if (!*text || text[strspn(text, "0123456789")]) {
        return false;
    }
    errno = 0;
    *number = strtol(text, &end, 10);
    return !errno && !*end && *number >= min && *number <= max;
}

#define IN_WORDS(NUMBER)  IN_WORDS_(NUMBER)
#define IN_WORDS_(NUMBER) #NUMBER

static const char *parse_path(const char *text, const char **path)
{
    if (*text && *text != '/') {
        return "is not an absolute path";
    }
    if (strlen(text) > OVNHA_PARAM_PATH_MAX) {
        return "is longer than " IN_WORDS(OVNHA_PARAM_PATH_MAX) " bytes";
    }
    *path = text;
    return NULL;
}

static const char *parse_address(const char *text, char addr[OVNHA_ADDR_SIZE])
{
    enum ovnha_family family;

    if (!*text) {
        *addr = '\0';
        return NULL;
    }
    if (ovnha_addr_parse(text, addr, &family, NULL) != OVNHA_OK) {
        return "is not an address";
    }
    if (!strcmp(addr, "0.0.0.0") || !strcmp(addr, "::")) {
        return "stands for every address";
    }
    return NULL;
}

static const char *parse_port(const char *text, uint16_t *port)
{
    long number;

    if (!parse_number(text, 1, UINT16_MAX, &number)) {
        return "is not a port";
    }
    *port = (uint16_t)number;
    return NULL;
}

/* The index of the word among the parameter's options, or -1. */
static int find_option(enum ovnha_param_type type, const char *text)
{
    for (int i = 0; ovnha_param_option(type, i); i++) {
        if (strcmp(text, ovnha_param_option(type, i)) == 0) {
            return i;
        }
    }
    return -1;
}

static const char *parse_protocol(const char *text, enum ovnha_protocol *protocol)
{
    const int i = find_option(OVNHA_PARAM_PROTOCOL, text);

    if (i < 0) {
        return "is not a protocol";
    }
    *protocol = protocols[i];
    return NULL;
}

static const char *parse_standby(const char *text, enum ovnha_northd_standby *standby)
{
    const int i = find_option(OVNHA_PARAM_STANDBY, text);

    if (i < 0) {
        return "is none of the three";
    }
    *standby = standbys[i];
    return NULL;
}

static const char *parse_on_crash(const char *text, enum ovnha_on_crash *on_crash)
{
    const int i = find_option(OVNHA_PARAM_ON_CRASH, text);

    if (i < 0) {
        return "is none of the three";
    }
    *on_crash = answers[i];
    return NULL;
}

/* The words of Pacemaker's own booleans (crm_str_to_boolean()). */
static const char *parse_boolean(const char *text, bool *value)
{
    static const char *const words[][2] = {
        {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"n", "y"}, {"0", "1"},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (int j = 0; j < 2; j++) {
            if (!strcasecmp(text, words[i][j])) {
                *value = j;
                return NULL;
            }
        }
    }
    return "is neither yes nor no";
}

/* OVSDB raises 1..999 to 1000 without a word (MIN_PROBE in reconnect.c); who
 * writes so small a number most likely thought of seconds. */
static const char *parse_probe(const char *text, int *probe_ms)
{
    long number;

    if (!parse_number(text, 0, INT_MAX, &number) || (number > 0 && number < 1000)) {
        return "is not a probe interval";
    }
    *probe_ms = (int)number;
    return NULL;
}

static const char *check_new_node(const struct ovnha_node_list *list,
                                  const struct ovnha_node *node)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!strcmp(list->node[i].name, node->name)) {
            return "names a node twice";
        }
        if (!strcmp(list->node[i].addr, node->addr)) {
            return "names an address twice";
        }
    }
    return NULL;
}

/* One NODE:ADDRESS of `length` bytes.  Node names hold no colon, IPv6 addresses
 * do: the first one separates. */
static const char *parse_node(const char *text, size_t length,
                              const struct ovnha_node_list *list, struct ovnha_node *node)
{
    const char *colon = memchr(text, ':', length);
    char addr[OVNHA_ADDR_SIZE + 2]; /* brackets */
    size_t name_length, addr_length;

    if (!colon) {
        return "has a node without an address";
    }
    name_length = (size_t)(colon - text);
    addr_length = length - name_length - 1;
    if (!name_length || name_length >= sizeof node->name) {
        return "has an address without a node";
    }
    if (!addr_length || addr_length >= sizeof addr) {
        return "has a node without an address";
    }
    memcpy(node->name, text, name_length);
    node->name[name_length] = '\0';
    memcpy(addr, colon + 1, addr_length);
    addr[addr_length] = '\0';
    if (parse_address(addr, node->addr)) {
        return "has a wrong address";
    }
    return check_new_node(list, node);
}

static const char *parse_nodes(const char *text, struct ovnha_node_list *list)
{
    static const char separators[] = "; \t\n";
    const char *wrong = NULL;

    list->n = 0;
    for (text += strspn(text, separators); *text && !wrong;
         text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);

        if (list->n == OVNHA_NODES_MAX) {
            return "names too many nodes";
        }
        wrong = parse_node(text, length, list, &list->node[list->n]);
        list->n++;
        text += length;
    }
    return wrong;
}

static const char *parse_value(enum ovnha_param_type type, const char *text, void *value)
{
    switch (type) {
    case OVNHA_PARAM_PATH:
        return parse_path(text, value);
    case OVNHA_PARAM_ADDRESS:
        return parse_address(text, value);
    case OVNHA_PARAM_PORT:
        return parse_port(text, value);
    case OVNHA_PARAM_PROTOCOL:
        return parse_protocol(text, value);
    case OVNHA_PARAM_BOOLEAN:
        return parse_boolean(text, value);
    case OVNHA_PARAM_PROBE:
        return parse_probe(text, value);
    case OVNHA_PARAM_STANDBY:
        return parse_standby(text, value);
    case OVNHA_PARAM_NODES:
        return parse_nodes(text, value);
    case OVNHA_PARAM_ON_CRASH:
        return parse_on_crash(text, value);
    }
    return "has an unknown type";
}

static enum ovnha_result parse_param(const struct ovnha_param *param, const char *text,
                                     struct ovnha_params *params, struct ovnha_err *err)
{
    const char *wrong;

    if (!text || !*text) {
        text = param->fallback;
    }
    if (param->required && !*text) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "%s is needed: expected %s",
                          param->name, ovnha_param_type_expects(param->type));
    }
    wrong = parse_value(param->type, text, (char *)params + param->offset);
    if (wrong) {
        return ovnha_fail(err, OVNHA_ERR_INVALID, "%s: '%s' %s: expected %s", param->name,
                          text, wrong, ovnha_param_type_expects(param->type));
    }
    return OVNHA_OK;
}

/*
 * What several parameters say together.
 */

static enum ovnha_result check_master_ip(const struct ovnha_settings *settings,
                                         struct ovnha_err *err)
{
    if (settings->listen_on_master_ip_only && !*settings->master_ip) {
        return ovnha_fail(err, OVNHA_ERR_INVALID,
                          "master_ip is needed: expected %s, or "
                          "listen_on_master_ip_only=no",
                          ovnha_param_type_expects(OVNHA_PARAM_ADDRESS));
    }
    return OVNHA_OK;
}

static uint16_t port_of(const struct ovnha_params *params,
                        const struct ovnha_param *param)
{
    uint16_t port = 0;

    if (param->type == OVNHA_PARAM_PORT) {
        memcpy(&port, (const char *)params + param->offset, sizeof port);
    }
    return port;
}

/* All listen on one host: no two may be the same. */
static enum ovnha_result check_ports(const struct ovnha_params *params,
                                     struct ovnha_err *err)
{
    for (size_t i = 0; i < ovnha_n_params; i++) {
        uint16_t port = port_of(params, &ovnha_params_table[i]);

        for (size_t j = 0; j < i && port; j++) {
            if (port_of(params, &ovnha_params_table[j]) == port) {
                return ovnha_fail(err, OVNHA_ERR_INVALID,
                                  "%s: '%d' is the port of %s, too: expected a port of "
                                  "its own",
                                  ovnha_params_table[i].name, port,
                                  ovnha_params_table[j].name);
            }
        }
    }
    return OVNHA_OK;
}

static void init_databases(struct ovnha_params *params)
{
    memset(params, 0, sizeof *params);
    params->settings.n_dbs = N_DATABASES;
    for (size_t i = 0; i < N_DATABASES; i++) {
        params->settings.db[i].database = ovnha_database_find(databases[i]);
    }
}

enum ovnha_result ovnha_params_parse(ovnha_params_get *get, void *aux,
                                     struct ovnha_params *params, struct ovnha_err *err)
{
    enum ovnha_result result = OVNHA_OK;

    init_databases(params);
    for (size_t i = 0; i < ovnha_n_params && result == OVNHA_OK; i++) {
        const struct ovnha_param *param = &ovnha_params_table[i];

        result = parse_param(param, get(param->name, aux), params, err);
    }
    if (result == OVNHA_OK) {
        result = check_master_ip(&params->settings, err);
    }
    if (result == OVNHA_OK) {
        result = check_ports(params, err);
    }
    return result;
}

const char *ovnha_params_fallback(const char *name)
{
    for (size_t i = 0; i < ovnha_n_params; i++) {
        if (!strcmp(ovnha_params_table[i].name, name)) {
            return ovnha_params_table[i].fallback;
        }
    }
    return "";
}

void ovnha_params_parse_leniently(ovnha_params_get *get, void *aux,
                                  struct ovnha_params *params)
{
    init_databases(params);
    for (size_t i = 0; i < ovnha_n_params; i++) {
        const struct ovnha_param *param = &ovnha_params_table[i];
        struct ovnha_err ignored;

        if (parse_param(param, get(param->name, aux), params, &ignored) != OVNHA_OK) {
            parse_value(param->type, param->fallback, (char *)params + param->offset);
        }
    }
}

void ovnha_params_format(ovnha_params_get *get, void *aux,
                         char text[OVNHA_PARAMS_TEXT_SIZE])
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < ovnha_n_params && length < OVNHA_PARAMS_TEXT_SIZE; i++) {
        const struct ovnha_param *param = &ovnha_params_table[i];
        const char *value = get(param->name, aux);

        if (value && value[0] && strcmp(value, param->fallback) != 0) {
            length += (size_t)snprintf(text + length, OVNHA_PARAMS_TEXT_SIZE - length,
                                       "%s=%s\n", param->name, value);
        }
    }
}

/*
 * This host.
 */

static enum ovnha_ocf code_of_errno(int errnum, enum ovnha_ocf absent)
{
    switch (errnum) {
    case EACCES:
    case EPERM:
        return OVNHA_OCF_ERR_PERM;
    case ENOENT:
    case ENOTDIR:
        return absent;
    default:
        return OVNHA_OCF_ERR_GENERIC;
    }
}

static enum ovnha_ocf check_ovn_ctl(const char *path, struct ovnha_err *err)
{
    struct stat st;
    int errnum = 0;

    if (stat(path, &st) || access(path, X_OK)) {
        errnum = errno;
    } else if (!S_ISREG(st.st_mode)) {
        errnum = EISDIR;
    }
    if (errnum) {
        ovnha_fail_errno(
            err, errnum,
            "ovn_ctl: '%s' cannot be executed: expected OVN's ovn-ctl script "
            "(package ovn-common)",
            path);
        return errnum == EISDIR ? OVNHA_OCF_ERR_INSTALLED
                                : code_of_errno(errnum, OVNHA_OCF_ERR_INSTALLED);
    }
    return OVNHA_OCF_SUCCESS;
}

static enum ovnha_ocf check_file(const struct ovnha_param *param, const char *path,
                                 struct ovnha_err *err)
{
    if (access(path, R_OK)) {
        int errnum = errno;

        ovnha_fail_errno(err, errnum, "%s: '%s' cannot be read: expected a PEM file",
                         param->name, path);
        return code_of_errno(errnum, OVNHA_OCF_ERR_ARGS);
    }
    return OVNHA_OCF_SUCCESS;
}

/* The database whose TLS file the parameter names, or n_dbs. */
static size_t tls_database(const struct ovnha_param *param, size_t n_dbs)
{
    size_t i = 0;

    while (i < n_dbs && (param->offset < AT(tls[i]) || param->offset >= AT(tls[i + 1]))) {
        i++;
    }
    return i;
}

enum ovnha_ocf ovnha_params_check_host(const struct ovnha_params *params,
                                       struct ovnha_err *err)
{
    const struct ovnha_settings *settings = &params->settings;
    enum ovnha_ocf code = check_ovn_ctl(params->ovn_ctl, err);

    for (size_t i = 0; i < ovnha_n_params && code == OVNHA_OCF_SUCCESS; i++) {
        const struct ovnha_param *param = &ovnha_params_table[i];
        size_t db = tls_database(param, settings->n_dbs);
        const char *path;

        if (db < settings->n_dbs && settings->db[db].protocol == OVNHA_SSL) {
            memcpy(&path, (const char *)params + param->offset, sizeof path);
            code = check_file(param, path, err);
        }
    }
    return code;
}
