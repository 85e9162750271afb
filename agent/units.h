/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_AGENT_UNITS_H
#define OVNHA_AGENT_UNITS_H

#include <ovnha/deadline.h>

#include "ocf.h"

/* The distribution's own units, which start OVN's servers without a cluster: at the next
 * boot they would have the database files before Pacemaker comes. */

/* Ask systemd.  A host that is not run by it, or that does not say, has none.
 * OVNHA_OCF_ERR_INSTALLED names the units and what to do. */
enum ovnha_ocf ovnha_units_check(ovnha_msec deadline,
                                 struct ovnha_err *err) OVNHA_MUST_USE;

/* The same from what `systemctl show` says of them. */
enum ovnha_ocf ovnha_units_judge(const char *text, struct ovnha_err *err) OVNHA_MUST_USE;

#endif
