#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The alert agent: events in, one line or none out, to whom it is meant for.

# shellcheck disable=SC2317 # commands are called by ok and refused

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

work=$(mktemp -d)
on_exit rm -rf "$work"

# What it sends with: each says who it is, and all that it was given.
for tool in logger sendmail command; do
	cat >"$work/$tool" <<-'TOOL'
		#!/bin/sh
		{ echo "${0##*/} $*"; [ "${0##*/}" != sendmail ] || cat; } >>"${0%/*}/said"
	TOOL
	chmod +x "$work/$tool"
done

alert() { # NAME=VALUE...
	: >"$work/said"
	env -i PATH="$work:/usr/bin:/bin" "$@" "$OVNHA_SRCDIR/alert/ovnha-alert"
}

says() { # DESCRIPTION LEVEL LINE NAME=VALUE...: to syslog
	local description=$1 level=$2 line=$3
	shift 3
	alert "$@"
	is "$description" "$(cat "$work/said")" "${level:+logger -t ovnha-alert -p daemon.$level -- $line}"
}

silent() { # DESCRIPTION NAME=VALUE...
	says "$1" "" "" "${@:2}"
}

operation() { # TASK RC TARGET-RC: prints words for env
	printf '%s\n' CRM_alert_kind=resource CRM_alert_rsc=ovndb:1 CRM_alert_node=node2 \
		"CRM_alert_task=$1" "CRM_alert_rc=$2" "CRM_alert_target_rc=$3" CRM_alert_desc=error
}

attribute() { # WHAT VALUE
	printf '%s\n' CRM_alert_kind=attribute CRM_alert_node=node2 \
		"CRM_alert_attribute_name=ovnha-ovndb-$1" "CRM_alert_attribute_value=$2"
}

words() { # COMMAND...: its lines, into the array event
	mapfile -t event < <("$@")
}

silent "nothing is said of nothing"
words operation promote 0 0
says "a promotion" notice "ovndb: node2 is the active now" "${event[@]}"
says "of a resource of another name" notice "north: node2 is the active now" "${event[@]}" \
	resource=north CRM_alert_rsc=north
silent "nothing of resources that are not ours" "${event[@]}" CRM_alert_rsc=ovndb-vip
silent "nothing of one that is cancelled" "${event[@]}" CRM_alert_desc=Cancelled
words operation promote 1 0
says "a promotion that failed" err \
	"ovndb: node2 was not promoted: error; crm_mon -1rf says why" "${event[@]}"
words operation demote 0 0
says "a demotion" notice "ovndb: node2 is not the active any more" "${event[@]}"
words operation start 0 0
silent "a start that succeeds" "${event[@]}"
words operation stop 1 0
says "a stop that fails" err "ovndb: stop failed on node2: error; crm_mon -1rf says why" "${event[@]}"
words operation monitor 0 0
silent "a replica that is well" "${event[@]}"
words operation monitor 8 8
silent "an active that is well" "${event[@]}"
words operation monitor 7 7
silent "a probe that finds nothing" "${event[@]}"
words operation monitor 7 8
says "a monitor that finds nothing" err "ovndb: node2 does not run it any more" "${event[@]}"
words operation monitor 190 0
says "a degraded replica" warning \
	"ovndb: the replica of node2 is degraded; crm_mon -1rf says why" "${event[@]}"
words operation monitor 191 8
says "a degraded active" warning \
	"ovndb: the active, node2, is degraded; crm_mon -1rf says why" "${event[@]}"
words operation monitor 9 8
says "an active that failed" err \
	"ovndb: monitor failed on node2: error; crm_mon -1rf says why" "${event[@]}"

words attribute in-sync "node1 node2 node3"
says "who is in sync" notice "ovndb: in sync are node1 node2 node3" "${event[@]}"
words attribute in-sync node2
says "a set shrunk to one member" warning "ovndb: only node2 is in sync: when it is lost, nobody \
can take over; 'ovnha status' there says whom it misses" "${event[@]}"
words attribute awaits node3
says "a host that is awaited" err "ovndb: node2 waits for node3, which may hold newer data, and \
nobody is promoted meanwhile: start it, or, if it will not come back, see 'ovnha accept-loss'" "${event[@]}"
words attribute set-aside 2
says "rows that are set aside" warning "ovndb: copies with rows that were overwritten are set aside \
on node2: 2; 'ovnha salvage' there lists them" "${event[@]}"
for what in in-sync awaits; do
	words attribute "$what" none
	silent "nobody: $what" "${event[@]}"
	silent "nobody any more: $what" "${event[@]}" CRM_alert_attribute_value=
done
words attribute set-aside 0
silent "nothing is set aside" "${event[@]}"
silent "attributes that are not ours" "${event[@]}" CRM_alert_attribute_name=ovnha-other-set-aside \
	CRM_alert_attribute_value=1
silent "nodes and fencing" CRM_alert_kind=node CRM_alert_node=node2 CRM_alert_desc=lost

words operation promote 0 0
alert "${event[@]}" CRM_alert_recipient=syslog
is "to syslog" "$(cat "$work/said")" \
	"logger -t ovnha-alert -p daemon.notice -- ovndb: node2 is the active now"
alert "${event[@]}" CRM_alert_recipient="$work/command"
is "to a command" "$(cat "$work/said")" "command notice ovndb: node2 is the active now"
alert "${event[@]}" CRM_alert_recipient=ops@example.org CRM_alert_timestamp=12:00
is "by mail" "$(sed -n '1,3p;/^$/,/^$/p' "$work/said" | head -n 5)" "sendmail -i -t
To: ops@example.org
Subject: ovndb: node2 is the active now

ovndb: node2 is the active now"
alert "${event[@]}" CRM_alert_recipient=ops@example.org "mail_command=$work/command --now"
is "by a mail command of one's own" "$(cat "$work/said")" "command --now"
refused "a recipient that is neither" alert "${event[@]}" CRM_alert_recipient=ops
is "... and that is logged" "$(cat "$work/said")" "logger -t ovnha-alert -p daemon.err -- recipient \
'ops' is neither syslog, nor a mail address, nor the path of a command: see ovnha-alert(7)"

finish
