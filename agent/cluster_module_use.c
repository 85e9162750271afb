/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster_module.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct ovnha_invocation *invocation;
static const struct ovnha_cluster_module *module; /* NULL: not loaded */
static struct ovnha_err trouble;                  /* ... and why not */

/* Unless nothing is to go there, as for Pacemaker itself. */
static void to_syslog(int priority, const char *text)
{
    if (strcmp(invocation->log_facility, "none") != 0) {
        syslog(LOG_DAEMON | priority, "ovndb-servers(%s): %s", invocation->resource,
               text);
    }
}

/* Once, whether that works or not.  It stays loaded: the process is about to end. */
static const struct ovnha_cluster_module *load(void)
{
    static bool tried;
    void *handle;

    if (tried) {
        return module;
    }
    tried = true;
    handle = dlopen(invocation->module, RTLD_NOW | RTLD_LOCAL);
    const struct ovnha_cluster_module *found =
        handle ? dlsym(handle, "ovnha_cluster_module") : NULL;

    /* Another one may have been installed since this program began. */
    if (found && strcmp(found->version, PACKAGE_VERSION) == 0) {
        module = found;
        module->log_init(invocation);
        return module;
    }
    (void)ovnha_fail(&trouble, OVNHA_ERR_SYSTEM, "cannot load %s: %s", invocation->module,
                     found ? "it is of another version than the agent" : dlerror());
    to_syslog(LOG_ERR, trouble.text);
    return NULL;
}

static void write_line(int priority, const char *function, const char *file,
                       unsigned line, const char *text)
{
    if (load()) {
        module->log_write(priority, function, file, line, text);
    } else {
        to_syslog(priority, text);
    }
}

/* A part of the program that is missing is not the same as no corosync (UNAVAILABLE). */
static enum ovnha_result read_nodes(struct ovnha_node node[OVNHA_NODES_MAX], size_t *n,
                                    struct ovnha_err *err)
{
    return load() ? module->nodes(node, n, err)
                  : ovnha_fail(err, OVNHA_ERR_SYSTEM, "%s", trouble.text);
}

void ovnha_cluster_module_use(const struct ovnha_invocation *of)
{
    invocation = of;
    ovnha_log_begin(of, write_line);
    ovnha_nodes_from(read_nodes);
    if (of->traced) {
        (void)load(); /* a trace is there even when nothing was said */
    }
}

void ovnha_cluster_module_end(void)
{
    ovnha_log_begin(invocation, NULL);
    if (module) {
        module->log_fini();
    }
}
