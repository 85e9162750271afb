/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_PARAMS_H
#define OVNHA_AGENT_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include <ovnha/err.h>
#include <ovnha/facts.h>

#include "ocf.h"

/* The resource's parameters: one table, from which come the parsed values and the
 * metadata.  Names and defaults of the sixteen that are `stock` are those of
 * ocf:ovn:ovndb-servers, so that a deployer changes one word. */

/* Longer ones would not fit with a file's name behind them (OVNHA_PATH_SIZE). */
#define OVNHA_PARAM_PATH_MAX 200

enum ovnha_param_type {
    OVNHA_PARAM_PATH,     /* absolute, up to OVNHA_PARAM_PATH_MAX bytes */
    OVNHA_PARAM_ADDRESS,  /* numeric IPv4 or IPv6, brackets optional */
    OVNHA_PARAM_PORT,     /* 1 to 65535 */
    OVNHA_PARAM_PROTOCOL, /* tcp or ssl */
    OVNHA_PARAM_BOOLEAN,  /* yes or no, and Pacemaker's other words for them */
    OVNHA_PARAM_PROBE,    /* milliseconds: 0, or at least 1000 */
    OVNHA_PARAM_STANDBY,  /* auto, hot or cold */
    OVNHA_PARAM_NODES,    /* NODE:ADDRESS, separated by ';' or blanks */
    OVNHA_PARAM_ON_CRASH, /* auto, move or restart */
};

struct ovnha_param {
    const char *name;
    enum ovnha_param_type type;
    const char *fallback;     /* the default; "" for none */
    const char *unique_group; /* NULL for none */
    bool required;
    bool reloadable; /* takes effect without a restart */
    bool stock;      /* known to ocf:ovn:ovndb-servers, too */
    size_t offset;   /* of its value in struct ovnha_params */
    const char *shortdesc;
    const char *longdesc;
};

extern const struct ovnha_param ovnha_params_table[];
extern const size_t ovnha_n_params;

struct ovnha_tls_files {
    const char *privkey;
    const char *cert;
    const char *cacert;
};

struct ovnha_node_list {
    size_t n;
    struct ovnha_node node[OVNHA_NODES_MAX];
};

/* The values.  Paths point into the texts that the getter returned, or into the
 * table. */
struct ovnha_params {
    struct ovnha_settings settings;           /* what decisions look at; all but `hold` */
    struct ovnha_tls_files tls[OVNHA_DB_MAX]; /* in the order of settings.db */
    struct ovnha_node_list node_addresses;    /* n == 0: ask corosync */
    const char *ovn_ctl;
    const char *ovn_rundir;
    const char *ovn_dbdir;
    const char *ovn_logdir; /* "": ovn-ctl's own */
};

/* The raw text of parameter `name`, or NULL.  An empty one counts as absent, as
 * it did in the stock agent. */
typedef const char *ovnha_params_get(const char *name, void *aux);

/* Parse and check everything that can be known without a look at the host.
 * OVNHA_ERR_INVALID names the parameter, its value and what is expected. */
enum ovnha_result ovnha_params_parse(ovnha_params_get *get, void *aux,
                                     struct ovnha_params *params,
                                     struct ovnha_err *err) OVNHA_MUST_USE;

/* For what looks or takes down, which must run whatever was configured: a wrong value
 * counts as absent. */
void ovnha_params_parse_leniently(ovnha_params_get *get, void *aux,
                                  struct ovnha_params *params);

/* What differs from the defaults, as it was given: a line "NAME=TEXT" each.  What does
 * not fit is cut.  Whoever keeps running compares it with what others were given since.
 */
#define OVNHA_PARAMS_TEXT_SIZE 4096

void ovnha_params_format(ovnha_params_get *get, void *aux,
                         char text[OVNHA_PARAMS_TEXT_SIZE]);

/* The default of a parameter; "" for one that has none. */
const char *ovnha_params_fallback(const char *name);

/* Look at this host: ovn-ctl must be executable, and the TLS files readable
 * where the protocol is ssl.  Read-only. */
enum ovnha_ocf ovnha_params_check_host(const struct ovnha_params *params,
                                       struct ovnha_err *err) OVNHA_MUST_USE;

/* The words of a parameter of choice, from 0 on; NULL after the last, and for the other
 * types. */
const char *ovnha_param_option(enum ovnha_param_type type, int i);

/* What the type expects, as texts for people say it ("a port from 1 to ..."). */
const char *ovnha_param_type_expects(enum ovnha_param_type type);

#endif
