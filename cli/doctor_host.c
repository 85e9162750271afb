/* SPDX-License-Identifier: Apache-2.0 */
/* What only this node knows: looked at, never changed, and never waited for long. */

#include "common.h"
#include "agent/corosync.h"
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <dirent.h>
#include <netdb.h>
#include <unistd.h>

#include <ovnha/spawn.h>
#include <ovnha/text.h>
#include <ovnha/unixctl.h>

#include "agent/params.h"
#include "agent/units.h"
#include "vip.h"

#define PROGRAM_MS 3000
#define CONNECT_MS 1000

static const char *const databases[] = {"ovnnb_db", "ovnsb_db"};

static ovnha_msec within(int ms)
{
    return ovnha_deadline_after(ovnha_now(), ms);
}

/* What a program prints; "" when it fails. */
static void ask(const char *const *argv, char *text, size_t size)
{
    const struct ovnha_spawn spawn = {.argv = argv};
    char *output = NULL;

    text[0] = '\0';
    if (ovnha_spawn_capture(&spawn, &output, 256 * 1024, within(PROGRAM_MS), NULL) ==
        OVNHA_OK) {
        ovnha_text_copy(text, size, output);
        free(output);
    }
}

static const char *get_parameter(const char *name, void *aux)
{
    const struct ovnha_cli_resource *resource = aux;

    return ovnha_cli_pairs_get(&resource->params, name);
}

/*
 * Files and units.
 */

static void look_at_files(const struct ovnha_cli_cluster *cluster,
                          struct ovnha_doctor_host *host)
{
    struct ovnha_cli_resource db = *cluster->db;
    struct ovnha_params params;
    struct ovnha_err err;

    ovnha_params_parse_leniently(get_parameter, &db, &params);
    if (host->as_root && ovnha_params_check_host(&params, &err) != OVNHA_OCF_SUCCESS) {
        ovnha_text_copy(host->host_trouble, sizeof host->host_trouble, err.text);
    }
    if (ovnha_units_check(within(PROGRAM_MS), &err) != OVNHA_OCF_SUCCESS) {
        ovnha_text_copy(host->unit_trouble, sizeof host->unit_trouble, err.text);
    }
}

static long long free_on(const char *path)
{
    struct statvfs disk;

    return statvfs(path, &disk) == 0 ? (long long)disk.f_bavail * (long long)disk.f_frsize
                                     : -1;
}

static long long bytes_in(const char *path)
{
    DIR *dir = opendir(path);
    long long bytes = 0;

    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        struct stat file;

        if (fstatat(dirfd(dir), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(file.st_mode)) {
            bytes += file.st_size;
        }
    }
    if (dir) {
        closedir(dir);
    }
    return bytes;
}

static void look_at_disks(const struct ovnha_cli_cluster *cluster,
                          struct ovnha_doctor_host *host)
{
    const char *dbdir = ovnha_doctor_parameter(cluster->db, "ovn_dbdir");
    char path[600];

    host->free_bytes = free_on(dbdir);
    host->aside_free_bytes = free_on(ovnha_cli_durable_dir());
    snprintf(path, sizeof path, "%s/%s/aside", ovnha_cli_durable_dir(), cluster->db->id);
    host->aside_bytes = bytes_in(path);
    host->aside_copies = ovnha_cli_set_aside(cluster->db->id);
    for (size_t i = 0; i < sizeof databases / sizeof databases[0]; i++) {
        struct stat file;

        snprintf(path, sizeof path, "%s/%s.db", dbdir, databases[i]);
        if (stat(path, &file) == 0) {
            host->database_bytes += file.st_size;
        }
    }
    snprintf(path, sizeof path, "%s/%s/northd-costly", ovnha_cli_state_dir(),
             cluster->db->id);
    host->northd_costly = access(path, F_OK) == 0;
}

/*
 * Versions.
 */

/* "ovsdb-server (Open vSwitch) 3.1.0": its last word. */
static void read_version(const char *text, char version[64])
{
    char line[256];

    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    const char *word = strrchr(line, ' ');

    ovnha_text_copy(version, 64, word ? word + 1 : "");
}

static void look_at_versions(const struct ovnha_cli_cluster *cluster,
                             struct ovnha_doctor_host *host)
{
    static const char *const argv[] = {"ovsdb-server", "--version", NULL};
    const struct ovnha_unixctl_command command = {.method = "version"};
    const char *rundir = ovnha_doctor_parameter(cluster->db, "ovn_rundir");
    struct ovnha_unixctl *ctl;
    char text[1024], path[600], *reply = NULL;

    ask(argv, text, sizeof text);
    read_version(text, host->installed);
    snprintf(path, sizeof path, "%s/ovnnb_db.ctl", rundir);
    if (ovnha_unixctl_open(path, within(PROGRAM_MS), &ctl, NULL) == OVNHA_OK) {
        if (ovnha_unixctl_run(ctl, &command, 1, &reply, within(PROGRAM_MS), NULL) ==
            OVNHA_OK) {
            read_version(reply, host->running);
            free(reply);
        }
        ovnha_unixctl_close(ctl);
    }
}

/*
 * corosync and the clock.
 */

/* "KEY (u32) = 3000" in what corosync-cmapctl prints; -1: it is not there. */
static long long number_of(const char *map, const char *key)
{
    const size_t length = strlen(key);

    for (const char *line = map; *line;
         line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') {
            const char *value = strchr(line, '=');

            return value ? strtoll(value + 1, NULL, 10) : -1;
        }
    }
    return -1;
}

static enum ovnha_tristate flag_of(const char *map, const char *key)
{
    const long long number = number_of(map, key);

    return number > 0 ? OVNHA_YES : OVNHA_NO;
}

static void look_at_corosync(struct ovnha_doctor_host *host)
{
    static const char *const argv[] = {"corosync-cmapctl", NULL};
    static char map[256 * 1024];

    ask(argv, map, sizeof map);
    host->token_ms = number_of(map, "runtime.config.totem.token");
    host->ping_timeout_ms =
        number_of(map, "runtime.config.totem.interface.0.knet_ping_timeout");
    if (!map[0]) {
        return;
    }
    host->two_node = flag_of(map, "runtime.votequorum.two_node");
    host->wait_for_all = flag_of(map, "runtime.votequorum.wait_for_all_status");
    if (host->wait_for_all == OVNHA_NO) {
        host->wait_for_all = flag_of(map, "quorum.wait_for_all");
    }
    if (number_of(map, "quorum.wait_for_all") < 0 && host->two_node == OVNHA_YES) {
        host->wait_for_all = OVNHA_YES; /* two_node switches it on */
    }
    host->qdevice = strstr(map, "quorum.device.model") ? OVNHA_YES : OVNHA_NO;
}

static void look_at_clock(struct ovnha_doctor_host *host)
{
    struct timex clock = {.modes = 0};

    if (adjtimex(&clock) >= 0) {
        host->clock_synced = clock.status & STA_UNSYNC ? OVNHA_NO : OVNHA_YES;
    }
}

/*
 * Ports.
 */

static bool finish_connect(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;

    if (poll(&wait, 1, CONNECT_MS) == 1) {
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    errno = error;
    return error == 0;
}

static bool can_connect(const char *address, const char *service, char why[160])
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *info;
    bool ok = false;

    if (getaddrinfo(address, service, &hints, &info) != 0) {
        snprintf(why, 160, "no numeric address");
        return false;
    }
    const int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        ok = connect(fd, info->ai_addr, info->ai_addrlen) == 0 ||
             (errno == EINPROGRESS && finish_connect(fd));
        snprintf(why, 160, "%s", ok ? "" : strerror(errno));
        close(fd);
    }
    freeaddrinfo(info);
    return ok;
}

static void try_port(const struct ovnha_cli_cluster *cluster, const char *address,
                     const char *parameter, bool replicas, struct ovnha_doctor_host *host)
{
    struct ovnha_doctor_port *port = &host->port[host->n_ports];
    const char *service = ovnha_doctor_parameter(cluster->db, parameter);
    const bool bare = strchr(address, ':') && address[0] != '[';
    char plain[64];

    if (!address[0] || host->n_ports == OVNHA_DOCTOR_PORTS) {
        return;
    }
    host->n_ports++;
    snprintf(plain, sizeof plain, "%.*s",
             (int)strcspn(address + (address[0] == '['), "]"),
             address + (address[0] == '['));
    snprintf(port->url, sizeof port->url, bare ? "tcp:[%s]:%s" : "tcp:%s:%s", address,
             service);
    port->replicas = replicas;
    port->reached = can_connect(plain, service, port->why);
}

/* Where replicas find a node: what node_addresses says, else corosync. */
static void address_of(const struct ovnha_cli_cluster *cluster, const char *node,
                       struct ovnha_doctor_host *host, char address[64])
{
    struct ovnha_cli_resource db = *cluster->db;
    struct ovnha_params params;
    struct ovnha_node nodes[OVNHA_NODES_MAX];
    struct ovnha_node_list *given = &params.node_addresses;
    size_t n = 0;

    address[0] = '\0';
    ovnha_params_parse_leniently(get_parameter, &db, &params);
    if (ovnha_corosync_nodes(nodes, &n, NULL) == OVNHA_OK) {
        host->n_nodes = (int)n;
    }
    for (size_t i = 0; i < (given->n ? given->n : n); i++) {
        const struct ovnha_node *one = given->n ? &given->node[i] : &nodes[i];

        if (strcmp(one->name, node) == 0) {
            ovnha_text_copy(address, 64, one->addr);
        }
    }
}

/* Those of the active, if there is one. */
static void look_at_ports(const struct ovnha_cli_cluster *cluster,
                          struct ovnha_doctor_host *host)
{
    const struct ovnha_cli_node *active = ovnha_cli_cluster_promoted(cluster);
    const char *clients = ovnha_cli_vip_address(cluster);
    char address[64];

    address_of(cluster, active ? active->name : "", host, address);
    if (active) {
        try_port(cluster, address, "nb_replication_port", true, host);
        try_port(cluster, address, "sb_replication_port", true, host);
        try_port(cluster, clients, "nb_master_port", false, host);
        try_port(cluster, clients, "sb_master_port", false, host);
    }
}

/*
 * What the helpers say.
 */

static void look_at_nodes(const struct ovnha_cli_cluster *cluster,
                          struct ovnha_doctor_host *host)
{
    char *report = NULL;

    if (ovnha_cli_ask(cluster->db->id, "ovnha/status", &report, NULL) == OVNHA_OK) {
        ovnha_doctor_take_report(report, &host->report);
    }
    free(report);
}

void ovnha_doctor_look(const struct ovnha_cli_cluster *cluster,
                       struct ovnha_doctor_host *host)
{
    static const char *const argv[] = {"crm_node", "-n", NULL};

    memset(host, 0, sizeof *host);
    host->looked = true;
    host->as_root = geteuid() == 0;
    ask(argv, host->node, sizeof host->node);
    host->node[strcspn(host->node, "\n")] = '\0';
    look_at_files(cluster, host);
    look_at_disks(cluster, host);
    look_at_versions(cluster, host);
    look_at_corosync(host);
    look_at_clock(host);
    look_at_nodes(cluster, host);
    look_at_ports(cluster, host);
}
